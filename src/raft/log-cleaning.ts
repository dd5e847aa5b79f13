import type { OffsetAndEpoch } from './types.ts'

export interface SnapshotSize extends OffsetAndEpoch {
  readonly bytes: number
  readonly lastContainedLogTimestamp: number
}
export interface MetadataRetention {
  /** metadata.max.retention.bytes: log and snapshots together; negative: no limit. */
  readonly retentionBytes: number
  /** metadata.max.retention.ms; negative: no limit. */
  readonly retentionMs: number
}

/**
 * Whether the oldest snapshot may go, and the log before the next one with it (KafkaRaftLog.maybeClean): there is a newer one, and a
 * limit is exceeded. Asked again after each removal.
 */
export const shouldDropOldestSnapshot = (
  snapshots: readonly SnapshotSize[],
  logBytes: number,
  retention: MetadataRetention,
  now: number,
): boolean => {
  const [oldest] = snapshots
  if (oldest === undefined || snapshots.length < 2) return false
  const snapshotBytes = snapshots.reduce((sum, { bytes }) => sum + bytes, 0)
  const tooLarge = retention.retentionBytes >= 0 && logBytes + snapshotBytes > retention.retentionBytes
  const tooOld = retention.retentionMs >= 0 && now - oldest.lastContainedLogTimestamp > retention.retentionMs
  return tooLarge || tooOld
}
