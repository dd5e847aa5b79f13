import { lastOf } from './track.ts'

/**
 * How a group does on a partition, in Burrow's words.
 *
 * - `LOST`: records that it has not read are gone, its offset is before the log start
 * - `STALL`: has a member and does not move, though there are records
 * - `STOP`: has no member and does not move, though there are records
 * - `REWIND`: its offset went back lately
 * - `WARN`: moves, and is farther behind at each commit
 *
 * Burrow reads commits with their times from the log of offsets; here they are what differs from one sample to the next, so that STALL and
 * STOP are told apart by whether somebody has the partition.
 */
export type PartitionStatus = 'OK' | 'WARN' | 'REWIND' | 'STOP' | 'STALL' | 'LOST'

/** For so long a group may rest before it counts: three times the default of auto.commit.interval.ms. */
export const REST_MS_MAX = 15_000
const REWIND_SHOWN_MS = 30_000
/** As many commits, each farther behind than the one before, are a tendency. */
const COMMITS_OF_TENDENCY = 3

/** What is remembered of a group on a partition. */
export interface CommitTrack {
  readonly committed: number
  /** Since when it has not moved though there were records. */
  readonly restingSinceMs: number
  readonly hasMoved: boolean
  readonly rewoundMs: number | null
  /** Lag at the last commits seen. */
  readonly lagsAtCommits: readonly number[]
}

export interface Observation {
  readonly timeMs: number
  readonly committed: number
  /** Null: not known. */
  readonly lag: number | null
}

export function followCommits(before: CommitTrack | undefined, { timeMs, committed, lag }: Observation): CommitTrack {
  if (before === undefined) {
    return { committed, restingSinceMs: timeMs, hasMoved: false, rewoundMs: null, lagsAtCommits: [] }
  }
  const hasMoved = committed !== before.committed
  if (!hasMoved) return lag === 0 ? { ...before, restingSinceMs: timeMs } : before
  const isBack = committed < before.committed
  return {
    committed,
    restingSinceMs: timeMs,
    hasMoved: true,
    rewoundMs: isBack ? timeMs : before.rewoundMs,
    lagsAtCommits: isBack || lag === null ? [] : lastOf(before.lagsAtCommits, lag, COMMITS_OF_TENDENCY),
  }
}

/** Null: not known. */
export function judgePartition(
  track: CommitTrack,
  { timeMs, committed, lag }: Observation,
  startOffset: number | null,
  owner: 'member' | 'nobody' | 'unknown',
): PartitionStatus | null {
  if (startOffset !== null && committed < startOffset) return 'LOST'
  if (lag === null) return null
  if (track.rewoundMs !== null && timeMs - track.rewoundMs < REWIND_SHOWN_MS) return 'REWIND'
  if (lag === 0) return 'OK'
  if (timeMs - track.restingSinceMs >= REST_MS_MAX) return owner === 'nobody' ? 'STOP' : 'STALL'
  // Nobody is there to move it, and nothing was seen of those that commit without being members.
  if (owner === 'nobody' && !track.hasMoved) return 'STOP'
  const { lagsAtCommits: lags } = track
  const isLosing = lags.length === COMMITS_OF_TENDENCY && lags.every((each, index) => each > (lags[index - 1] ?? 0))
  return isLosing ? 'WARN' : 'OK'
}
