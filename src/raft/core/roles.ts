import type { Endpoint, ReplicaKey } from '../types.ts'
import type { LeaderProgress } from './leader-progress.ts'
import type { VoteTally } from './vote-tally.ts'
import type { VoterChanges } from './voter-changes.ts'

/**
 * The state chart of a replica (KIP-595, pre-vote of KIP-996):
 *
 *     unattached ──timeout──► prospective ──majority──► candidate ──majority──► leader
 *         ▲  ▲                  │     ▲                    │                      │
 *         │  └──lost, no leader─┘     └─────timeout────────┘                      │ asked to, or
 *         │                                                                       ▼ majority silent
 *         └──────────────────────────────── timeout, epoch + 1 ◄─────────────  resigned
 *     any ──a leader of this or a later epoch──► follower ──fetch timeout──► prospective
 *     any ──a later epoch without a leader──► unattached
 */
export interface Unattached {
  readonly name: 'unattached'
  readonly leaderId: number | undefined
  votedKey: ReplicaKey | undefined
  electionAt: number
}
export interface Prospective {
  readonly name: 'prospective'
  readonly leaderId: number | undefined
  readonly leaderEndpoints: readonly Endpoint[] | undefined
  votedKey: ReplicaKey | undefined
  electionAt: number
  tally: VoteTally
}
export interface Candidate {
  readonly name: 'candidate'
  readonly electionAt: number
  readonly tally: VoteTally
}
export interface Leader {
  readonly name: 'leader'
  readonly progress: LeaderProgress
  readonly changes: VoterChanges
}
export interface Follower {
  readonly name: 'follower'
  readonly leaderId: number
  /** As it was when this role began: the leader may be a voter no more. Undefined: not known. */
  readonly leaderEndpoints: readonly Endpoint[] | undefined
  readonly votedKey: ReplicaKey | undefined
  fetchTimeoutAt: number
  hasFetched: boolean
  /** When to look whether the leader is to be told about this replica. */
  ownVoterAt: number
  /** The leader knows where this voter listens and what it can run. */
  hasToldLeader: boolean
  /** The leader's log does not reach back to ours: fetching stops until this snapshot is in place. */
  wantedSnapshot: { readonly offset: number; readonly epoch: number } | undefined
}
export interface Resigned {
  readonly name: 'resigned'
  readonly electionAt: number
  readonly successors: readonly ReplicaKey[]
  readonly unacknowledged: Set<number>
}
export type Role = Unattached | Prospective | Candidate | Leader | Follower | Resigned

export const followerOf = (
  leader: { readonly id: number; readonly endpoints: readonly Endpoint[] | undefined },
  votedKey: ReplicaKey | undefined,
  { fetchTimeoutAt, ownVoterAt }: { readonly fetchTimeoutAt: number; readonly ownVoterAt: number },
): Follower => ({
  name: 'follower',
  leaderId: leader.id,
  leaderEndpoints: leader.endpoints,
  votedKey,
  fetchTimeoutAt,
  hasFetched: false,
  ownVoterAt,
  hasToldLeader: false,
  wantedSnapshot: undefined,
})

export const leaderOf = (role: Role, selfId: number): number | undefined => {
  switch (role.name) {
    case 'leader':
    case 'resigned':
      return selfId
    case 'follower':
    case 'unattached':
    case 'prospective':
      return role.leaderId
    case 'candidate':
      return undefined
  }
}

/** The replica leads, or the leader that it follows has answered it. `leaderOf` alone may name one that is gone. */
export const isLed = (role: Role): boolean => role.name === 'leader' || (role.name === 'follower' && role.hasFetched)

export const votedKeyOf = (role: Role, self: ReplicaKey): ReplicaKey | undefined => {
  switch (role.name) {
    case 'candidate':
      return self
    case 'leader':
    case 'resigned':
      return undefined
    default:
      return role.votedKey
  }
}

/** Whether this replica would give its vote of the current epoch to the candidate (EpochState.canGrantVote of each state). */
export const canGrantVote = (role: Role, candidate: ReplicaKey, isUpToDate: boolean, preVote: boolean): boolean => {
  switch (role.name) {
    case 'leader':
      return false
    case 'candidate':
    case 'resigned':
      return preVote && isUpToDate
    case 'follower':
      return preVote && isUpToDate && !role.hasFetched
    case 'unattached':
    case 'prospective':
      if (preVote) return isUpToDate
      if (role.votedKey !== undefined) {
        if (role.votedKey.id !== candidate.id) return false
        return role.votedKey.directoryId === undefined || role.votedKey.directoryId === candidate.directoryId
      }
      return role.leaderId === undefined && isUpToDate
  }
}

/** After the leader went: the first in line stands for election at once, the others later and later. */
export const successionBackoffMs = (successors: readonly ReplicaKey[], self: ReplicaKey, limitMs: number): number => {
  const position = successors.findIndex(
    ({ id, directoryId }) => id === self.id && (directoryId === undefined || directoryId === self.directoryId),
  )
  if (position === 0 || successors.length === 0) return 0
  if (position < 0) return limitMs
  return Math.min(limitMs, (limitMs / 2 ** (successors.length - 1)) * 2 ** (position - 1))
}
