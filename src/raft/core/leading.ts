import { type ErrorCode, Errors } from '../../protocol/index.ts'
import { leaderRequestError } from './fetch-answer.ts'
import type { UpdateVoter } from './messages.ts'
import type { Replica } from './replica.ts'
import { becomeResigned, becomeUnattached } from './role-changes.ts'

export const tickLeader = (replica: Replica, now: number): void => {
  const { progress, changes, desk } = replica
  if (progress === undefined || changes === undefined) return
  if (now >= progress.quorumLostAt() || changes.isLeaderRemoved) return resign(replica, now)
  changes.expire(now)
  if (now >= progress.beginEpochAt()) {
    for (const voter of progress.takeSilentVoters(now)) {
      replica.send(voter.id, now, { type: 'beginEpoch', ...replica.claim, voter })
    }
  }
  if (now >= desk.nextDeadline) desk.answerParked(now)
}

/** The leader steps down and proposes its successors. */
export const resign = (replica: Replica, now: number): void => {
  const { progress } = replica
  if (progress === undefined) return
  becomeResigned(replica, progress, now)
  tickResigned(replica, now)
}

/** Others are told that the epoch is over until they know; then this replica waits for the next one. */
export const tickResigned = (replica: Replica, now: number): void => {
  const { role } = replica
  if (role.name !== 'resigned') return
  if (now >= role.electionAt) return becomeUnattached(replica, replica.epoch + 1, undefined, now)
  for (const id of role.unacknowledged) replica.send(id, now, { type: 'endEpoch', ...replica.claim, successors: role.successors })
}

export const onUpdateVoter = ({ changes, epoch }: Replica, request: UpdateVoter, now: number): ErrorCode => {
  const error = leaderRequestError(request.epoch, epoch, changes !== undefined)
  return changes === undefined || error !== Errors.NONE ? error : changes.update(request, now)
}
