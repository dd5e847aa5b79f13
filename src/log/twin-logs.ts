import type { PartitionLog } from './partition-log.ts'

const latestEpoch = (log: PartitionLog): number => log.epochs.latest?.epoch ?? -1

/** Which of two logs of one partition was appended to for longer: above 0 the first, below 0 the second. */
export const compareProgress = (one: PartitionLog, other: PartitionLog): number =>
  latestEpoch(one) - latestEpoch(other) || one.logEndOffset - other.logEndOffset

/** Whether a log has nothing that the other has not, as far as epochs and offsets tell. */
export const isWithin = (log: PartitionLog, other: PartitionLog): boolean =>
  log.logEndOffset <= other.logEndOffset &&
  log.epochs.entries.every(
    ({ epoch, startOffset }) =>
      startOffset < other.logStartOffset || startOffset >= log.logEndOffset || other.epochs.epochAt(startOffset) === epoch,
  )
