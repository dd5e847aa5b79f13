import { assert } from '../../base/index.ts'
import { Errors } from '../../protocol/index.ts'
import type { ControlHistory } from '../control-history.ts'
import type { Endpoint, LeaderAndEpoch, OffsetAndEpoch, Voter } from '../types.ts'
import type { VoterSet } from '../voter-set.ts'
import { giveUpStanding, moveForward, onVote, onVoteReply, requestVotes, standAsCandidate, standForElection } from './elections.ts'
import { askAboutSelf, fetchFromAnyone, fetchFromLeader, learnLeader, onBeginEpoch, onEndEpoch, onFetched } from './following.ts'
import type { LeaderProgress } from './leader-progress.ts'
import { onUpdateVoter, resign, tickLeader, tickResigned } from './leading.ts'
import type { LogView } from './log-view.ts'
import type { Entry, EpochReply, QuorumChange, RaftReply, RaftRequest } from './messages.ts'
import { isSettled, isVoterChange } from './own-voter.ts'
import type { RaftCoreOptions } from './raft-core-options.ts'
import type { Ready } from './ready.ts'
import { Replica } from './replica.ts'
import { isLed, leaderOf, type Role, votedKeyOf } from './roles.ts'
import type { VoterChanges } from './voter-changes.ts'

const never = Number.POSITIVE_INFINITY

/**
 * The KRaft protocol of one replica as a pure state machine: `tick` and `step…` in, `ready` out. It reads no clock (`now` is
 * monotonic milliseconds), does no I/O, draws randomness only from `random`. What it holds is a `Replica`; what it does in which role
 * is in `elections.ts`, `leading.ts` and `following.ts`, and how it comes from one role to another in `role-changes.ts`.
 *
 * Invariants: the epoch never falls; a vote or a leader is in `Ready.election` before the reply that tells of it; a follower
 * truncates never below its high watermark; only a voter leaves the roles unattached and follower.
 */
export class RaftCore {
  readonly #replica: Replica

  constructor(options: RaftCoreOptions, now: number) {
    const replica = new Replica(options, now)
    this.#replica = replica
    if (replica.voters.isOnlyVoter(replica.self) && replica.role.name !== 'candidate') standForElection(replica, now)
    else if (replica.role.name === 'candidate') moveForward(replica, now)
    else this.tick(now)
  }

  get self(): Voter {
    return this.#replica.self
  }
  get log(): LogView {
    return this.#replica.log
  }
  get control(): ControlHistory {
    return this.#replica.control
  }
  get role(): Role['name'] {
    return this.#replica.role.name
  }
  get epoch(): number {
    return this.#replica.epoch
  }
  get leader(): LeaderAndEpoch {
    return this.#replica.leader
  }
  get isLed(): boolean {
    return isLed(this.#replica.role)
  }
  /** Exclusive end of what is committed, as far as this replica knows in this epoch. */
  get highWatermark(): number | undefined {
    return this.#replica.highWatermark
  }
  /** Whom this replica voted for in this epoch. */
  get votedId(): number | undefined {
    return votedKeyOf(this.#replica.role, this.self)?.id
  }
  get voters(): VoterSet {
    return this.#replica.voters
  }
  get isVoter(): boolean {
    return this.#replica.isVoter
  }
  /** Positions of all replicas; undefined: not the leader. */
  get progress(): LeaderProgress | undefined {
    return this.#replica.progress
  }
  /** Changes of the voters; undefined: not the leader. */
  get changes(): VoterChanges | undefined {
    return this.#replica.changes
  }
  /** Where the replica listens, as far as the quorum knows; undefined: it is not known. */
  endpointsOf(id: number): readonly Endpoint[] | undefined {
    const { role, voters } = this.#replica
    const told = role.name === 'follower' && role.leaderId === id ? role.leaderEndpoints : undefined
    return told ?? voters.get(id)?.endpoints
  }

  /** Timers. To be called at `nextTickAt`, and harmless at any other time. */
  tick(now: number): void {
    const replica = this.#replica
    const { role } = replica
    switch (role.name) {
      case 'unattached':
        if (now >= role.electionAt) return standForElection(replica, now)
        return fetchFromAnyone(replica, now)
      case 'prospective':
        if (now < role.electionAt) return requestVotes(replica, now)
        giveUpStanding(replica, now)
        return this.tick(now)
      case 'candidate':
        if (now >= role.electionAt) return standForElection(replica, now)
        return requestVotes(replica, now)
      case 'leader':
        return tickLeader(replica, now)
      case 'follower':
        if (now >= role.fetchTimeoutAt) return standForElection(replica, now)
        if (now >= role.ownVoterAt && askAboutSelf(replica, now)) return
        return fetchFromLeader(replica, now)
      case 'resigned':
        tickResigned(replica, now)
        if (replica.role !== role) this.tick(now)
    }
  }

  /** When `tick` has something to do at the latest; Infinity: only when something arrives. */
  nextTickAt(now: number): number {
    const { role, peers, desk } = this.#replica
    const peersAt = peers.nextChangeAt(now)
    switch (role.name) {
      case 'leader':
        return Math.min(role.progress.quorumLostAt(), role.progress.beginEpochAt(), desk.nextDeadline, role.changes.deadline)
      case 'follower':
        // One that is due waits for the request under way.
        return Math.min(role.fetchTimeoutAt, peersAt, role.ownVoterAt > now ? role.ownVoterAt : never)
      default:
        return Math.min(role.electionAt, peersAt)
    }
  }

  /** A request from another replica, in its turn answered by a reply of the same correlation in some Ready. */
  stepRequest(correlation: number, request: RaftRequest, now: number): void {
    const replica = this.#replica
    switch (request.type) {
      case 'vote':
        replica.reply(correlation, onVote(replica, request, now))
        break
      case 'beginEpoch':
        replica.reply(correlation, { type: 'beginEpoch', ...replica.head(onBeginEpoch(replica, request, now)) })
        break
      case 'endEpoch':
        replica.reply(correlation, { type: 'endEpoch', ...replica.head(onEndEpoch(replica, request, now)) })
        break
      case 'fetch':
        replica.desk.take(correlation, request, now)
        break
      case 'updateVoter':
        replica.reply(correlation, { type: 'updateVoter', ...replica.head(onUpdateVoter(replica, request, now)) })
        break
      case 'addVoter':
      case 'removeVoter':
        if (replica.changes !== undefined) replica.changes.take(correlation, request, now)
        else replica.reply(correlation, { type: request.type, error: Errors.NOT_LEADER_OR_FOLLOWER, message: undefined })
        break
      case 'versions':
        assert(false, 'versions are asked for on the way out alone')
    }
    // A new role has something to ask of others.
    this.tick(now)
  }

  /** The answer to a request of ours; undefined: it could not be delivered, or came to nothing. */
  stepReply(from: number, correlation: number, reply: RaftReply | undefined, now: number): void {
    const { peers } = this.#replica
    if (!peers.answered(from, correlation)) return
    if (reply === undefined || reply.type === 'versions') this.changes?.versions(from, reply, now)
    if (reply === undefined || !this.#onReply(from, reply, now)) peers.failed(from, now)
    this.tick(now)
  }

  /** Takes the leader's next batch. Offsets go on from `log.endOffset`. */
  append(entry: Entry, now: number): void {
    const { role, epoch, ownLog, desk } = this.#replica
    assert(role.name === 'leader' && entry.epoch === epoch, 'only the leader of the epoch appends')
    ownLog.append(entry)
    desk.answerParked(now)
  }

  /** All storage steps of the Readies so far are durable, and the log ended at `endOffset` after them. */
  synced(endOffset: number, now: number): void {
    const { progress, log } = this.#replica
    if (progress === undefined || endOffset <= progress.epochStartOffset) return
    if (!progress.localSynced(Math.min(endOffset, log.endOffset))) return
    this.#replica.highWatermarkMoved(now)
    this.tick(now)
  }

  /** The leader steps down and proposes its successors. */
  resign(now: number): void {
    if (this.role !== 'leader') return
    resign(this.#replica, now)
    this.tick(now)
  }

  /** A copy of the snapshot is still of use. */
  wantsSnapshot(id: OffsetAndEpoch): boolean {
    const { role } = this.#replica
    const wanted = role.name === 'follower' ? role.wantedSnapshot : undefined
    return wanted?.offset === id.offset && wanted.epoch === id.epoch
  }

  /** A piece of the snapshot came: the leader lives. */
  snapshotProgressed(id: OffsetAndEpoch, now: number): void {
    const { role, deadlines } = this.#replica
    if (role.name === 'follower' && this.wantsSnapshot(id)) role.fetchTimeoutAt = deadlines.fetchTimeout(now)
  }

  /** The snapshot is in place, and says this of the quorum. False: it is wanted no more. */
  snapshotCopied(id: OffsetAndEpoch, quorum: QuorumChange, now: number): boolean {
    const replica = this.#replica
    const { role } = replica
    if (role.name !== 'follower' || !this.wantsSnapshot(id)) return false
    role.wantedSnapshot = undefined
    replica.ownLog.restartBehind(id, quorum)
    replica.knownHighWatermark = Math.max(replica.knownHighWatermark ?? 0, id.offset)
    role.fetchTimeoutAt = replica.deadlines.fetchTimeout(now)
    this.tick(now)
    return true
  }

  /** The snapshot could not be had: the leader is asked again where to go on, after a pause. */
  snapshotLost(id: OffsetAndEpoch, now: number): void {
    const { role, peers } = this.#replica
    if (role.name !== 'follower' || !this.wantsSnapshot(id)) return
    role.wantedSnapshot = undefined
    peers.failed(role.leaderId, now)
    this.tick(now)
  }

  /** `ready` would give something. */
  get hasReady(): boolean {
    return !this.#replica.work.isEmpty(this.#replica.election)
  }

  /** Takes what is to be done; undefined: nothing. */
  ready(): Ready | undefined {
    return this.#replica.work.take(this.#replica.election)
  }

  /** False: the peer could not help, ask it again a little later. */
  #onReply(from: number, reply: RaftReply, now: number): boolean {
    const replica = this.#replica
    if (reply.type === 'versions') return true
    if (isVoterChange(reply)) return isSettled(reply)
    const { error, epoch, leaderId, leaderEndpoints } = reply
    if (reply.type === 'vote' && error === Errors.UNSUPPORTED_VERSION && replica.role.name === 'prospective') {
      // A voter that does not know pre-vote: go on without (KIP-996).
      standAsCandidate(replica, now)
      return true
    }
    if (error === Errors.BROKER_NOT_AVAILABLE) return false
    // A peer that knows less than we do, or nothing new, is asked again after a pause.
    if (epoch < replica.epoch || error === Errors.UNKNOWN_LEADER_EPOCH) return false
    if (epoch > replica.epoch || error === Errors.FENCED_LEADER_EPOCH || error === Errors.NOT_LEADER_OR_FOLLOWER) {
      const before = replica.role
      return learnLeader(replica, leaderId, leaderEndpoints, epoch, now) && replica.role !== before
    }
    const isNews = leaderId !== undefined && leaderOf(replica.role, replica.self.id) === undefined
    if (isNews && !learnLeader(replica, leaderId, leaderEndpoints, epoch, now)) return false
    if (reply.type === 'updateVoter' && error === Errors.UNSUPPORTED_VERSION) return this.#onAcceptance(from, reply, now)
    if (error !== Errors.NONE) return error === Errors.INVALID_VOTER_KEY
    return this.#onAcceptance(from, reply, now)
  }

  #onAcceptance(from: number, reply: EpochReply, now: number): boolean {
    const { role, deadlines } = this.#replica
    switch (reply.type) {
      case 'vote':
        onVoteReply(this.#replica, from, reply, now)
        return true
      case 'beginEpoch':
        if (role.name === 'leader') role.progress.acknowledged(from)
        return true
      case 'endEpoch':
        if (role.name === 'resigned') role.unacknowledged.delete(from)
        return true
      case 'fetch':
        return onFetched(this.#replica, from, reply, now)
      case 'updateVoter':
        if (role.name !== 'follower' || role.leaderId !== from) return true
        role.hasToldLeader = true
        role.fetchTimeoutAt = deadlines.fetchTimeout(now)
        return true
    }
  }
}
