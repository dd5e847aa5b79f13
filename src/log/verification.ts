import { readInt64 } from '../records/index.ts'
import { checksumHolds, scannedLastOffset, walkBatches } from './batch-scan.ts'
import type { Segment } from './segment.ts'

/*
 * A segment that was on disk before this process started is not trusted: bits rot, and a clean shutdown says nothing about
 * them. The first read of each stretch checks its batches' checksums and notes the stretch; later reads of it, and all reads of
 * what this process has written or recovered, pay nothing. Base offsets lie outside the checksum: they must rise. Costs one extra pass over cold bytes (CRC32C runs at memory speed).
 *
 * `Segment.verified` holds stretches as [from, until, from, until, …], rising and disjoint, each starting at a batch.
 */

/** Checked at least this far ahead of a read, so that a consumer going through a cold segment stops rarely. */
const AHEAD_BYTES = 1024 * 1024

export const isVerified = (segment: Segment, from: number, until: number): boolean => {
  const { verified } = segment
  if (verified === 'all') return true
  for (let n = 0; n < verified.length; n += 2) if (verified[n]! <= from && until <= verified[n + 1]!) return true
  return false
}

/** Checks the batches from `from` (the start of one) up to and past `until`. Gives the position up to which they are good. */
export const verify = async (segment: Segment, from: number, until: number): Promise<number> => {
  const end = segment.writtenBytes
  const wanted = Math.min(end, Math.max(until, from + AHEAD_BYTES))
  let passed = from
  let expected = segment.baseOffset
  await walkBatches(segment, from, end, (bytes, at, size, position) => {
    if (position >= wanted || readInt64(bytes, at) < expected || !checksumHolds(bytes, at, size)) return false
    passed = position + size
    expected = scannedLastOffset(bytes, at) + 1
    return true
  })
  if (passed > from) note(segment, from, passed)
  return passed
}

const note = (segment: Segment, from: number, until: number): void => {
  if (segment.verified === 'all') return
  const stretches: [number, number][] = [[from, until]]
  for (let n = 0; n < segment.verified.length; n += 2) stretches.push([segment.verified[n]!, segment.verified[n + 1]!])
  stretches.sort((a, b) => a[0] - b[0])
  const merged: number[] = []
  for (const [start, end] of stretches) {
    const last = merged.length - 1
    if (last > 0 && start <= merged[last]!) merged[last] = Math.max(merged[last]!, end)
    else merged.push(start, end)
  }
  segment.verified = merged.length === 2 && merged[0] === 0 && merged[1]! >= segment.writtenBytes ? 'all' : merged
}
