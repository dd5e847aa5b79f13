import type { ControlHistory } from '../control-history.ts'
import type { Voter } from '../types.ts'
import type { LogView } from './log-view.ts'
import type { Election, RaftTiming } from './ready.ts'

export interface RaftCoreOptions {
  /** This replica as a voter, whether it is one or not. */
  readonly self: Voter
  /** What log and snapshots say of the quorum; the core keeps it in step with `log`. */
  readonly control: ControlHistory
  /** Negative ids of whom to ask who leads; none: the voters. */
  readonly bootstrapIds: readonly number[]
  /** controller.quorum.auto.join.enable: asks to be a voter by itself. */
  readonly autoJoin: boolean
  /** As persisted; undefined: this replica never took part. */
  readonly election: Election | undefined
  readonly log: LogView
  /** A whole number in [0, below). */
  readonly random: (below: number) => number
  readonly timing: RaftTiming
  /** Who appends to the log of the leader and knows its offsets in advance. */
  readonly writer: LogWriter
}

/** A state machine that decides ahead of the log (the controller). The leader's own records must not come between. */
export interface LogWriter {
  /** Appends what it has given offsets already. */
  flush(): void
  /** The leader appended records of its own: the next offset is this. */
  skipTo(endOffset: number): void
}
