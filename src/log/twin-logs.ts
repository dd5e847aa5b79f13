import type { PartitionLog } from './partition-log.ts'

/** Epoch of the last record; an epoch that began without one tells nothing, unless all that there was has been deleted. */
const lastEpoch = ({ epochs, logEndOffset }: PartitionLog): number =>
  logEndOffset === 0 ? -1 : (epochs.epochAt(logEndOffset - 1) ?? epochs.latest?.epoch ?? -1)

/** Which of two logs of one partition was appended to for longer: above 0 the first, below 0 the second. */
export const compareProgress = (one: PartitionLog, other: PartitionLog): number =>
  lastEpoch(one) - lastEpoch(other) || one.logEndOffset - other.logEndOffset

/** Whether a log has nothing that the other has not, as far as epochs and offsets tell: where both begin, and wherever an epoch of either does. */
export const isWithin = (log: PartitionLog, other: PartitionLog): boolean => {
  if (log.logEndOffset > other.logEndOffset) return false
  const fromOffset = Math.max(log.logStartOffset, other.logStartOffset)
  const starts = [...log.epochs.entries, ...other.epochs.entries].map(({ startOffset }) => startOffset)
  return [fromOffset, ...starts].every(
    (offset) => offset < fromOffset || offset >= log.logEndOffset || log.epochs.epochAt(offset) === other.epochs.epochAt(offset),
  )
}
