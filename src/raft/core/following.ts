import { type ErrorCode, Errors } from '../../protocol/index.ts'
import type { Endpoint } from '../types.ts'
import { anyFetchTarget } from './fetch-target.ts'
import type { BeginEpoch, EndEpoch, FetchReply } from './messages.ts'
import { ownVoterRequest } from './own-voter.ts'
import type { Replica } from './replica.ts'
import { epochMax, fetchRequest, isMeantFor, voterRequestError } from './requests.ts'
import { becomeFollower, becomeUnattached } from './role-changes.ts'
import { leaderOf, successionBackoffMs } from './roles.ts'

/** False: it contradicts what is known of this epoch; a leader is named once (R1). */
export const learnLeader = (
  replica: Replica,
  leaderId: number | undefined,
  endpoints: readonly Endpoint[] | undefined,
  epoch: number,
  now: number,
): boolean => {
  const { role, self } = replica
  const known = leaderOf(role, self.id)
  if (epoch < replica.epoch) return true
  if (epoch > epochMax) return false
  if (epoch === replica.epoch) {
    if (leaderId === undefined || leaderId === known) {
      const isUnreached = role.name === 'unattached' || (role.name === 'prospective' && role.leaderEndpoints === undefined)
      if (leaderId !== undefined && isUnreached && canFollow(replica, leaderId, endpoints))
        becomeFollower(replica, epoch, leaderId, endpoints, now)
      return true
    }
    if (known !== undefined) return false
  }
  if (leaderId !== undefined && canFollow(replica, leaderId, endpoints)) becomeFollower(replica, epoch, leaderId, endpoints, now)
  else if (epoch > replica.epoch) becomeUnattached(replica, epoch, leaderId, now)
  return true
}

/** A leader that no voter record names is followed when it is known where it listens. */
export const canFollow = ({ self, voters }: Replica, leaderId: number, endpoints: readonly Endpoint[] | undefined): boolean =>
  leaderId !== self.id && (endpoints !== undefined || voters.has(leaderId))

export const onBeginEpoch = (replica: Replica, request: BeginEpoch, now: number): ErrorCode => {
  const error = followLeader(replica, request, now)
  if (error !== Errors.NONE) return error
  return isMeantFor(request.voter, replica.self) ? Errors.NONE : Errors.INVALID_VOTER_KEY
}

export const onEndEpoch = (replica: Replica, request: EndEpoch, now: number): ErrorCode => {
  const error = followLeader(replica, request, now)
  if (error !== Errors.NONE) return error
  const { role, self, options } = replica
  if (role.name === 'follower' && role.leaderId === request.leaderId && replica.isVoter) {
    role.fetchTimeoutAt = now + successionBackoffMs(request.successors, self, options.timing.electionBackoffMaxMs)
  }
  return Errors.NONE
}

const followLeader = (replica: Replica, { leaderId, epoch, leaderEndpoints }: BeginEpoch | EndEpoch, now: number): ErrorCode => {
  const error = voterRequestError(leaderId, epoch, replica.epoch)
  if (error !== Errors.NONE) return error
  return learnLeader(replica, leaderId, leaderEndpoints, epoch, now) ? Errors.NONE : Errors.INVALID_REQUEST
}

export const fetchFromLeader = (replica: Replica, now: number): void => {
  const { role, peers, options } = replica
  if (role.name !== 'follower' || role.wantedSnapshot !== undefined) return
  peers.giveUpOverdue(now)
  // The leader keeps silent: another voter may know of a newer one.
  if (peers.isBackingOff(role.leaderId, now)) return fetchFromAnyone(replica, now)
  if (!peers.anyInFlight) replica.send(role.leaderId, now, fetchRequest(replica, options.timing))
}

export const fetchFromAnyone = (replica: Replica, now: number): void => {
  const { options, voters, self, peers } = replica
  const target = anyFetchTarget([...options.bootstrapIds, ...voters.others(self.id)], peers, options.random, now)
  if (target !== undefined) replica.send(target, now, fetchRequest(replica, options.timing))
}

/** False: there is nothing to ask, or the leader is busy with another request of ours. */
export const askAboutSelf = (replica: Replica, now: number): boolean => {
  const { role, self, control, epoch, options, peers, deadlines } = replica
  if (role.name !== 'follower') return false
  const request = ownVoterRequest(role, self, control, epoch, options.autoJoin)
  if (request !== undefined && !peers.canSend(role.leaderId, now)) return false
  role.ownVoterAt = deadlines.ownVoter(now)
  return request !== undefined && replica.send(role.leaderId, now, request)
}

/** False: the answer cannot be followed. */
export const onFetched = (replica: Replica, from: number, reply: FetchReply, now: number): boolean => {
  const { role, ownLog, log, epoch, work, deadlines } = replica
  // Only the leader answers without an error; a bootstrap server may be the leader.
  if (role.name !== 'follower' || (role.leaderId !== from && from >= 0)) return true
  if (reply.diverging !== undefined) {
    if (!ownLog.truncateTo(log.truncationOffset(reply.diverging), replica.knownHighWatermark ?? 0)) return false
  } else if (reply.snapshotId !== undefined) {
    if (reply.snapshotId.offset < 0 || reply.snapshotId.epoch < 0 || reply.snapshotId.epoch > epoch) return false
    role.wantedSnapshot = reply.snapshotId
    work.wantedSnapshot = { id: reply.snapshotId, from: role.leaderId }
  } else {
    if (!ownLog.take(reply.entries ?? [], epoch)) return false
    if (reply.highWatermark >= 0) {
      replica.knownHighWatermark = Math.max(replica.knownHighWatermark ?? 0, Math.min(reply.highWatermark, log.endOffset))
    }
  }
  role.hasFetched = true
  role.fetchTimeoutAt = deadlines.fetchTimeout(now)
  return true
}
