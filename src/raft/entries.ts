import { baseOffset, batchBytes, lastOffset, leaderEpoch } from '../records/index.ts'
import { quorumChangeOf } from './control-batches.ts'
import type { Entry } from './core/messages.ts'

/** Batches as entries of the core. */
export const entriesOf = (bytes: Buffer): Entry[] => {
  const entries: Entry[] = []
  for (let at = 0; at < bytes.length; at += batchBytes(bytes, at)) {
    const content = bytes.subarray(at, at + batchBytes(bytes, at))
    const quorum = quorumChangeOf(bytes, at)
    entries.push({ baseOffset: baseOffset(bytes, at), lastOffset: lastOffset(bytes, at), epoch: leaderEpoch(bytes, at), content, quorum })
  }
  return entries
}
