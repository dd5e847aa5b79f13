import type { ReplicaKey } from '../types.ts'
import type { VoterSet } from '../voter-set.ts'
import type { Election } from './ready.ts'
import { followerOf, type Role } from './roles.ts'
import { VoteTally } from './vote-tally.ts'

export interface Deadlines {
  readonly electionAt: number
  /** Of a leader that stood down, voter or not. */
  readonly resignedUntil: number
  readonly fetchTimeoutAt: number
  readonly ownVoterAt: number
}

/** The role in which a replica starts again: the one it had, as far as that is safe (QuorumState.initialize). */
export const initialRole = (election: Election, lastLogEpoch: number, self: ReplicaKey, voters: VoterSet, deadlines: Deadlines): Role => {
  const { leaderId, votedKey } = election
  const { electionAt, resignedUntil } = deadlines
  // The log is ahead of a lost or restored quorum state: nothing is known about this epoch.
  if (election.epoch < lastLogEpoch) return { name: 'unattached', leaderId: undefined, votedKey: undefined, electionAt }
  // A leader that restarts may have lost what it had not flushed: it must not write under the same epoch again.
  if (leaderId === self.id) {
    return { name: 'resigned', electionAt: resignedUntil, successors: [], unacknowledged: new Set(voters.others(self.id)) }
  }
  const votedForSelf = votedKey?.id === self.id && (votedKey.directoryId === undefined || votedKey.directoryId === self.directoryId)
  if (leaderId === undefined && votedForSelf && voters.isVoter(self)) {
    return { name: 'candidate', electionAt, tally: new VoteTally(voters.ids, self.id) }
  }
  if (leaderId !== undefined && voters.has(leaderId)) {
    return followerOf({ id: leaderId, endpoints: voters.get(leaderId)?.endpoints }, votedKey, deadlines)
  }
  return { name: 'unattached', leaderId, votedKey, electionAt }
}
