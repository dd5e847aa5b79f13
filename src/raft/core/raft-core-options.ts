import type { ReplicaKey } from '../types.ts'
import type { VoterSet } from '../voter-set.ts'
import type { LogView } from './log-view.ts'
import type { Election, RaftTiming } from './ready.ts'

export interface RaftCoreOptions {
  readonly self: ReplicaKey
  readonly voters: VoterSet
  /** The voters are not in the log itself yet: the first leader writes them (KIP-853, kraft.version ≥ 1). */
  readonly votersUnwritten: boolean
  /** As persisted; undefined: this replica never took part. */
  readonly election: Election | undefined
  readonly log: LogView
  /** A whole number in [0, below). */
  readonly random: (below: number) => number
  readonly timing: RaftTiming
}
