import type { Host } from '../host/index.ts'
import type { ControlHistory } from './control-history.ts'
import type { RaftCore } from './core/raft-core.ts'
import type { LogWriter } from './core/raft-core-options.ts'
import type { RaftTiming } from './core/ready.ts'
import type { MetadataRetention } from './log-cleaning.ts'
import type { MetadataLog } from './metadata-log.ts'
import type { SnapshotLimits } from './snapshot-policy.ts'
import type { SnapshotStore } from './snapshot-store.ts'
import type { RaftTransport, RemoteReplica } from './transport.ts'
import type { Voter } from './types.ts'

export interface RaftSettings extends RaftTiming, SnapshotLimits, MetadataRetention {
  /** controller.quorum.append.linger.ms. At 0 appends that arrive during a flush leave with the next one: group commit by itself. */
  readonly appendLingerMs: number
  readonly cleaningIntervalMs: number
  /** controller.quorum.fetch.snapshot.max.bytes */
  readonly snapshotFetchMaxBytes: number
  /** Bytes appended and not yet committed; beyond it appends are refused. */
  readonly uncommittedBytesMax: number
}

/** Everything that `openRaft` has opened and read. */
export interface RaftParts {
  readonly host: Pick<Host, 'clock' | 'random' | 'disk' | 'journal'>
  readonly log: MetadataLog
  readonly snapshots: SnapshotStore
  readonly control: ControlHistory
  readonly self: Voter
  /** At which of their listeners others are asked. */
  readonly listenerName: string
  readonly bootstrap: readonly RemoteReplica[]
  readonly directory: string
  readonly settings: RaftSettings
  readonly transport: RaftTransport | undefined
  newCore(now: number, writer: LogWriter): RaftCore
}
