import { lastOffset, magic, nextBatchBytes } from '../../records/index.ts'

/** What one replica gave of a partition. */
export interface ReplicaAnswer {
  readonly records: Buffer
  /** -1: it did not answer. */
  readonly highWatermark: number
}

export type ComparisonFinding =
  | {
      readonly kind: 'offset'
      readonly replica: number
      readonly offset: number
      readonly otherReplica: number
      readonly otherOffset: number
    }
  | {
      readonly kind: 'checksum'
      readonly offset: number
      readonly replica: number
      readonly checksum: number
      readonly otherReplica: number
      readonly otherChecksum: number
    }

/** Where the checksum of a batch lies; messages of magic 0 and 1 have theirs elsewhere. */
const checksumOf = (bytes: Buffer, at: number): number => bytes.readUInt32BE(at + (magic(bytes, at) < 2 ? 12 : 17))
const lastOffsetOf = (bytes: Buffer, at: number): number =>
  magic(bytes, at) < 2 ? Number(bytes.readBigInt64BE(at)) : lastOffset(bytes, at)

/**
 * Goes over the batches of all replicas side by side, as far as every one has them below its high watermark. Gives the offset behind what
 * all of them have, and what differs. An offset that differs ends it.
 */
export function compareReplicas(
  replicas: ReadonlyMap<number, ReplicaAnswer>,
  fromOffset: number,
): { readonly nextOffset: number; readonly findings: readonly ComparisonFinding[] } {
  const places = new Map([...replicas.keys()].map((id) => [id, 0]))
  const findings: ComparisonFinding[] = []
  let nextOffset = fromOffset
  for (let isInAll = true; isInAll; ) {
    let first: { readonly replica: number; readonly offset: number; readonly checksum: number } | undefined
    for (const [replica, { records, highWatermark }] of replicas) {
      const at = places.get(replica)!
      const size = nextBatchBytes(records, at, records.length)
      if (size <= 0) {
        isInAll = false
        continue
      }
      places.set(replica, at + size)
      const offset = lastOffsetOf(records, at)
      const checksum = checksumOf(records, at)
      if (offset >= highWatermark) isInAll = false
      else if (first === undefined) first = { replica, offset, checksum }
      else if (first.offset !== offset) {
        findings.push({ kind: 'offset', replica: first.replica, offset: first.offset, otherReplica: replica, otherOffset: offset })
        return { nextOffset, findings }
      } else if (first.checksum !== checksum)
        findings.push({
          kind: 'checksum',
          offset,
          replica: first.replica,
          checksum: first.checksum,
          otherReplica: replica,
          otherChecksum: checksum,
        })
    }
    if (isInAll && first !== undefined) nextOffset = first.offset + 1
    if (first === undefined) isInAll = false
  }
  return { nextOffset, findings }
}
