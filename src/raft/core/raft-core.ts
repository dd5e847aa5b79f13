import { assert } from '../../base/index.ts'
import { type ErrorCode, Errors } from '../../protocol/index.ts'
import type { ControlHistory } from '../control-history.ts'
import type { Endpoint, LeaderAndEpoch, OffsetAndEpoch, ReplicaKey, Voter } from '../types.ts'
import type { VoterSet } from '../voter-set.ts'
import { Deadlines } from './deadlines.ts'
import { leaderRequestError } from './fetch-answer.ts'
import { FetchDesk } from './fetch-desk.ts'
import { anyFetchTarget } from './fetch-target.ts'
import { initialRole } from './initial-role.ts'
import { LeaderProgress } from './leader-progress.ts'
import { isUpToDate, type LogView } from './log-view.ts'
import type {
  BeginEpoch,
  EndEpoch,
  Entry,
  EpochReply,
  FetchReply,
  LeaderChange,
  QuorumChange,
  RaftReply,
  RaftRequest,
  UpdateVoter,
  Vote,
} from './messages.ts'
import { OwnLog } from './own-log.ts'
import { isSettled, isVoterChange, ownVoterRequest } from './own-voter.ts'
import { Peers } from './peers.ts'
import { PendingWork } from './pending-work.ts'
import type { LogWriter, RaftCoreOptions } from './raft-core-options.ts'
import type { Election, RaftTiming, Ready } from './ready.ts'
import { epochMax, fetchRequest, isLegalVote, isMeantFor, voterRequestError } from './requests.ts'
import { canGrantVote, followerOf, isLed, leaderOf, type Role, successionBackoffMs, votedKeyOf } from './roles.ts'
import { VoteTally } from './vote-tally.ts'
import { VoterChanges } from './voter-changes.ts'

const never = Number.POSITIVE_INFINITY

/**
 * The KRaft protocol of one replica as a pure state machine: `tick` and `step…` in, `ready` out. It reads no clock (`now` is
 * monotonic milliseconds), does no I/O, draws randomness only from `random`.
 *
 * Invariants: the epoch never falls; a vote or a leader is in `Ready.election` before the reply that tells of it; a follower
 * truncates never below its high watermark; only a voter leaves the roles unattached and follower.
 */
export class RaftCore {
  readonly self: Voter
  readonly log: LogView
  readonly control: ControlHistory
  readonly #ownLog: OwnLog
  readonly #bootstrapIds: readonly number[]
  readonly #autoJoin: boolean
  readonly #writer: LogWriter
  readonly #random: (below: number) => number
  readonly #timing: RaftTiming
  readonly #peers: Peers
  readonly #desk: FetchDesk
  readonly #deadlines: Deadlines
  #role: Role
  #epoch: number
  #highWatermark: number | undefined
  readonly #work: PendingWork

  constructor(options: RaftCoreOptions, now: number) {
    this.self = options.self
    this.log = options.log
    this.control = options.control
    this.#bootstrapIds = options.bootstrapIds
    this.#autoJoin = options.autoJoin
    this.#writer = options.writer
    this.#random = options.random
    this.#timing = options.timing
    this.#peers = new Peers(options.timing.requestTimeoutMs, options.timing.retryBackoffMs)
    this.#work = new PendingWork(options.election)
    this.#ownLog = new OwnLog(this.log, this.control, this.#work)
    this.#deadlines = new Deadlines(options.timing, options.random, () => this.#canStand)
    this.#desk = new FetchDesk(
      this,
      (correlation, reply) => this.#reply(correlation, reply),
      (at) => this.#highWatermarkMoved(at),
    )
    const election = options.election ?? { epoch: 0, leaderId: undefined, votedKey: undefined }
    this.#epoch = Math.max(election.epoch, this.log.lastEpoch)
    const deadlines = {
      electionAt: this.#deadlines.election(now),
      resignedUntil: this.#deadlines.resignation(now),
      ...this.#deadlines.ofFollower(now),
    }
    this.#role = initialRole(election, this.log.lastEpoch, this.self, this.voters, deadlines)
    if (this.voters.isOnlyVoter(this.self) && this.#role.name !== 'candidate') this.#becomeProspective(now)
    else if (this.#role.name === 'candidate') this.#moveForward(now)
    else this.tick(now)
  }

  get role(): Role['name'] {
    return this.#role.name
  }
  get epoch(): number {
    return this.#epoch
  }
  get leader(): LeaderAndEpoch {
    return { leaderId: leaderOf(this.#role, this.self.id), epoch: this.#epoch }
  }
  get isLed(): boolean {
    return isLed(this.#role)
  }
  /** Exclusive end of what is committed, as far as this replica knows in this epoch. */
  get highWatermark(): number | undefined {
    return this.#role.name === 'leader' ? this.#role.progress.highWatermark : this.#highWatermark
  }
  /** Whom this replica voted for in this epoch. */
  get votedId(): number | undefined {
    return votedKeyOf(this.#role, this.self)?.id
  }
  get voters(): VoterSet {
    return this.control.voters
  }
  get isVoter(): boolean {
    return this.voters.isVoter(this.self)
  }
  /** It votes, or the record that takes its vote may still need it as a leader to be committed (Raft's thesis, 4.2.2). */
  get #canStand(): boolean {
    return this.isVoter || this.control.mayStillVote(this.self, this.#highWatermark)
  }
  /** Positions of all replicas; undefined: not the leader. */
  get progress(): LeaderProgress | undefined {
    return this.#role.name === 'leader' ? this.#role.progress : undefined
  }
  /** Where the replica listens, as far as the quorum knows; undefined: it is not known. */
  endpointsOf(id: number): readonly Endpoint[] | undefined {
    const role = this.#role
    const told = role.name === 'follower' && role.leaderId === id ? role.leaderEndpoints : undefined
    return told ?? this.voters.get(id)?.endpoints
  }

  /** Changes of the voters; undefined: not the leader. */
  get changes(): VoterChanges | undefined {
    return this.#role.name === 'leader' ? this.#role.changes : undefined
  }

  /** Timers. To be called at `nextTickAt`, and harmless at any other time. */
  tick(now: number): void {
    const role = this.#role
    switch (role.name) {
      case 'unattached':
        if (now >= role.electionAt) return this.#becomeProspective(now)
        return this.#fetchFromAnyone(now)
      case 'prospective':
        if (now >= role.electionAt) return this.#endProspective(now)
        return this.#requestVotes(role.tally, now)
      case 'candidate':
        if (now >= role.electionAt) return this.#becomeProspective(now)
        return this.#requestVotes(role.tally, now)
      case 'leader':
        return this.#tickLeader(role.progress, role.changes, now)
      case 'follower':
        if (now >= role.fetchTimeoutAt) return this.#becomeProspective(now)
        if (now >= role.ownVoterAt && this.#askAboutSelf(now)) return
        return this.#fetchFromLeader(now)
      case 'resigned':
        if (now >= role.electionAt) return this.#endResignation(now)
        for (const id of role.unacknowledged) this.#send(id, now, { type: 'endEpoch', ...this.#claim, successors: role.successors })
    }
  }

  /** When `tick` has something to do at the latest; Infinity: only when something arrives. */
  nextTickAt(now: number): number {
    const role = this.#role
    const peers = this.#peers.nextChangeAt(now)
    switch (role.name) {
      case 'leader':
        return Math.min(role.progress.quorumLostAt(), role.progress.beginEpochAt(), this.#desk.nextDeadline, role.changes.deadline)
      case 'follower':
        // One that is due waits for the request under way.
        return Math.min(role.fetchTimeoutAt, peers, role.ownVoterAt > now ? role.ownVoterAt : never)
      default:
        return Math.min(role.electionAt, peers)
    }
  }

  /** A request from another replica, in its turn answered by a reply of the same correlation in some Ready. */
  stepRequest(correlation: number, request: RaftRequest, now: number): void {
    switch (request.type) {
      case 'vote':
        this.#reply(correlation, this.#onVote(request, now))
        break
      case 'beginEpoch':
        this.#reply(correlation, { type: 'beginEpoch', ...this.#head(this.#onBeginEpoch(request, now)) })
        break
      case 'endEpoch':
        this.#reply(correlation, { type: 'endEpoch', ...this.#head(this.#onEndEpoch(request, now)) })
        break
      case 'fetch':
        this.#desk.take(correlation, request, now)
        break
      case 'updateVoter':
        this.#reply(correlation, { type: 'updateVoter', ...this.#head(this.#onUpdateVoter(request, now)) })
        break
      case 'addVoter':
      case 'removeVoter':
        if (this.changes !== undefined) this.changes.take(correlation, request, now)
        else this.#reply(correlation, { type: request.type, error: Errors.NOT_LEADER_OR_FOLLOWER, message: undefined })
        break
      case 'versions':
        assert(false, 'versions are asked for on the way out alone')
    }
    // A new role has something to ask of others.
    this.tick(now)
  }

  /** The answer to a request of ours; undefined: it could not be delivered, or came to nothing. */
  stepReply(from: number, correlation: number, reply: RaftReply | undefined, now: number): void {
    if (!this.#peers.answered(from, correlation)) return
    if (reply === undefined || reply.type === 'versions') this.changes?.versions(from, reply, now)
    if (reply === undefined || !this.#onReply(from, reply, now)) this.#peers.failed(from, now)
    this.tick(now)
  }

  /** Takes the leader's next batch. Offsets go on from `log.endOffset`. */
  append(entry: Entry, now: number): void {
    assert(this.#role.name === 'leader' && entry.epoch === this.#epoch, 'only the leader of the epoch appends')
    this.#ownLog.append(entry)
    this.#desk.answerParked(now)
  }

  /** All storage steps of the Readies so far are durable, and the log ended at `endOffset` after them. */
  synced(endOffset: number, now: number): void {
    if (this.#role.name !== 'leader' || endOffset <= this.#role.progress.epochStartOffset) return
    if (!this.#role.progress.localSynced(Math.min(endOffset, this.log.endOffset))) return
    this.#highWatermarkMoved(now)
    this.tick(now)
  }

  /** The leader steps down and proposes its successors. */
  resign(now: number): void {
    if (this.#role.name !== 'leader') return
    const successors = this.#role.progress.successors()
    const unacknowledged = new Set(this.voters.others(this.self.id))
    this.#enter({ name: 'resigned', electionAt: this.#deadlines.resignation(now), successors, unacknowledged }, now)
    this.tick(now)
  }

  /** A copy of the snapshot is still of use. */
  wantsSnapshot(id: OffsetAndEpoch): boolean {
    const wanted = this.#role.name === 'follower' ? this.#role.wantedSnapshot : undefined
    return wanted?.offset === id.offset && wanted.epoch === id.epoch
  }

  /** A piece of the snapshot came: the leader lives. */
  snapshotProgressed(id: OffsetAndEpoch, now: number): void {
    if (this.#role.name === 'follower' && this.wantsSnapshot(id)) this.#role.fetchTimeoutAt = this.#deadlines.fetchTimeout(now)
  }

  /** The snapshot is in place, and says this of the quorum. False: it is wanted no more. */
  snapshotCopied(id: OffsetAndEpoch, quorum: QuorumChange, now: number): boolean {
    if (this.#role.name !== 'follower' || !this.wantsSnapshot(id)) return false
    this.#role.wantedSnapshot = undefined
    this.#ownLog.restartBehind(id, quorum)
    this.#highWatermark = Math.max(this.#highWatermark ?? 0, id.offset)
    this.#role.fetchTimeoutAt = this.#deadlines.fetchTimeout(now)
    this.tick(now)
    return true
  }

  /** The snapshot could not be had: the leader is asked again where to go on, after a pause. */
  snapshotLost(id: OffsetAndEpoch, now: number): void {
    if (this.#role.name !== 'follower' || !this.wantsSnapshot(id)) return
    this.#role.wantedSnapshot = undefined
    this.#peers.failed(this.#role.leaderId, now)
    this.tick(now)
  }

  /** `ready` would give something. */
  get hasReady(): boolean {
    return !this.#work.isEmpty(this.#election)
  }

  /** Takes what is to be done; undefined: nothing. */
  ready(): Ready | undefined {
    return this.#work.take(this.#election)
  }

  // Roles

  #enter(role: Role, now: number): void {
    if (this.#role.name === 'leader') {
      this.#highWatermark = this.#role.progress.highWatermark ?? this.#highWatermark
      this.#role.changes.close()
    }
    this.#role = role
    this.#peers.forgetAll()
    this.#work.wantedSnapshot = undefined
    this.#desk.answerParked(now)
  }

  #becomeUnattached(epoch: number, leaderId: number | undefined, now: number): void {
    assert(epoch > this.#epoch || (epoch === this.#epoch && this.#role.name === 'prospective'), 'the epoch never falls')
    const electionAt = this.#deadlines.remainingElection(this.#role, now)
    const votedKey = epoch === this.#epoch ? votedKeyOf(this.#role, this.self) : undefined
    this.#epoch = epoch
    this.#enter({ name: 'unattached', leaderId, votedKey, electionAt }, now)
  }

  #becomeFollower(epoch: number, leaderId: number, endpoints: readonly Endpoint[] | undefined, now: number): void {
    assert(epoch >= this.#epoch && leaderId !== this.self.id, 'a follower follows another replica of this or a later epoch')
    const votedKey = epoch === this.#epoch ? votedKeyOf(this.#role, this.self) : undefined
    this.#epoch = epoch
    const leader = { id: leaderId, endpoints: endpoints ?? this.voters.get(leaderId)?.endpoints }
    this.#enter(followerOf(leader, votedKey, this.#deadlines.ofFollower(now)), now)
  }

  #becomeProspective(now: number): void {
    if (!this.#canStand) return
    // What is known of this epoch stays known, so that a former leader gives no vote in it.
    const leaderId = leaderOf(this.#role, this.self.id)
    const leaderEndpoints = this.#role.name === 'follower' ? this.#role.leaderEndpoints : undefined
    const known = { leaderId, leaderEndpoints, votedKey: votedKeyOf(this.#role, this.self) }
    this.#enter(
      { name: 'prospective', ...known, electionAt: this.#deadlines.election(now), tally: new VoteTally(this.voters.ids, this.self.id) },
      now,
    )
    this.#moveForward(now)
  }

  #becomeCandidate(now: number): void {
    this.#epoch++
    this.#enter({ name: 'candidate', electionAt: this.#deadlines.election(now), tally: new VoteTally(this.voters.ids, this.self.id) }, now)
    this.#moveForward(now)
  }

  #becomeLeader(grantingIds: readonly number[], now: number): void {
    const epochStart = this.log.endOffset
    const progress = new LeaderProgress(this.self, this.voters, epochStart, grantingIds, this.#timing.fetchTimeoutMs, now)
    this.#enter({ name: 'leader', progress, changes: this.#newVoterChanges(progress) }, now)
    const content = { leaderId: this.self.id, voterIds: this.voters.ids, grantingIds }
    this.#appendControl(progress, content, this.control.unwritten(this.self), now)
    this.tick(now)
  }

  #newVoterChanges(progress: LeaderProgress): VoterChanges {
    const { self, control } = this
    return new VoterChanges({
      ...{ self, control, progress, writer: this.#writer, requestTimeoutMs: this.#timing.requestTimeoutMs },
      append: (change, at) => this.#appendControl(progress, undefined, change, at),
      askVersions: ({ id, endpoints }, at) => this.#send(id, at, { type: 'versions', endpoints }),
      answer: (correlation, reply) => this.#reply(correlation, reply),
    })
  }

  /** The next step of an election, when the votes allow it; else asks for more. */
  #moveForward(now: number): void {
    const role = this.#role
    if (role.name !== 'prospective' && role.name !== 'candidate') return
    if (!role.tally.won) return this.#requestVotes(role.tally, now)
    if (role.name === 'prospective') this.#becomeCandidate(now)
    else this.#becomeLeader(role.tally.granting, now)
  }

  #endProspective(now: number): void {
    assert(this.#role.name === 'prospective', 'only a prospective gives up being one')
    const { leaderId, leaderEndpoints } = this.#role
    if (leaderId !== undefined && this.#canFollow(leaderId, leaderEndpoints)) {
      this.#becomeFollower(this.#epoch, leaderId, leaderEndpoints, now)
    } else this.#becomeUnattached(this.#epoch, leaderId, now)
    this.tick(now)
  }

  #endResignation(now: number): void {
    this.#becomeUnattached(this.#epoch + 1, undefined, now)
    this.tick(now)
  }

  #tickLeader(progress: LeaderProgress, changes: VoterChanges, now: number): void {
    if (now >= progress.quorumLostAt() || changes.isLeaderRemoved) return this.resign(now)
    changes.expire(now)
    if (now >= progress.beginEpochAt()) {
      for (const voter of progress.takeSilentVoters(now)) {
        this.#send(voter.id, now, { type: 'beginEpoch', ...this.#claim, voter })
      }
    }
    if (now >= this.#desk.nextDeadline) this.#desk.answerParked(now)
  }

  // Requests from others

  #onVote(vote: Vote, now: number): RaftReply {
    const refuse = (error: ErrorCode): RaftReply => ({ type: 'vote', ...this.#head(error), granted: false })
    if (!isLegalVote(vote)) return refuse(Errors.INVALID_REQUEST)
    const error = voterRequestError(vote.candidate.id, vote.epoch, this.#epoch)
    if (error !== Errors.NONE) return refuse(error)
    if (vote.epoch > this.#epoch) this.#becomeUnattached(vote.epoch, undefined, now)
    if (!isMeantFor(vote.voter, this.self)) return refuse(Errors.INVALID_VOTER_KEY)
    // A replica that asks itself is a misrouted request: its vote is its own already.
    const isOther = vote.candidate.id !== this.self.id
    const granted = isOther && canGrantVote(this.#role, vote.candidate, isUpToDate(vote.last, this.log.end), vote.preVote)
    if (granted && !vote.preVote) this.#giveVote(vote.candidate, now)
    return { type: 'vote', ...this.#head(Errors.NONE), granted }
  }

  #giveVote(candidate: ReplicaKey, now: number): void {
    const role = this.#role
    if ((role.name !== 'unattached' && role.name !== 'prospective') || role.votedKey !== undefined) return
    role.votedKey = candidate
    role.electionAt = this.#deadlines.election(now)
  }

  #onBeginEpoch(request: BeginEpoch, now: number): ErrorCode {
    const error = this.#followLeader(request, now)
    if (error !== Errors.NONE) return error
    return isMeantFor(request.voter, this.self) ? Errors.NONE : Errors.INVALID_VOTER_KEY
  }

  #onEndEpoch(request: EndEpoch, now: number): ErrorCode {
    const error = this.#followLeader(request, now)
    if (error !== Errors.NONE) return error
    if (this.#role.name === 'follower' && this.#role.leaderId === request.leaderId && this.isVoter) {
      this.#role.fetchTimeoutAt = now + successionBackoffMs(request.successors, this.self, this.#timing.electionBackoffMaxMs)
    }
    return Errors.NONE
  }

  #followLeader({ leaderId, epoch, leaderEndpoints }: BeginEpoch | EndEpoch, now: number): ErrorCode {
    const error = voterRequestError(leaderId, epoch, this.#epoch)
    if (error !== Errors.NONE) return error
    return this.#learnLeader(leaderId, leaderEndpoints, epoch, now) ? Errors.NONE : Errors.INVALID_REQUEST
  }

  #onUpdateVoter(request: UpdateVoter, now: number): ErrorCode {
    const { changes } = this
    const error = leaderRequestError(request.epoch, this.#epoch, changes !== undefined)
    return changes === undefined || error !== Errors.NONE ? error : changes.update(request, now)
  }

  #highWatermarkMoved(now: number): void {
    this.changes?.highWatermarkMoved()
    this.#desk.answerParked(now)
  }

  // Answers from others

  /** False: the peer could not help, ask it again a little later. */
  #onReply(from: number, reply: RaftReply, now: number): boolean {
    if (reply.type === 'versions') return true
    if (isVoterChange(reply)) return isSettled(reply)
    const { error, epoch, leaderId, leaderEndpoints } = reply
    if (reply.type === 'vote' && error === Errors.UNSUPPORTED_VERSION && this.#role.name === 'prospective') {
      // A voter that does not know pre-vote: go on without (KIP-996).
      this.#becomeCandidate(now)
      return true
    }
    if (error === Errors.BROKER_NOT_AVAILABLE) return false
    // A peer that knows less than we do, or nothing new, is asked again after a pause.
    if (epoch < this.#epoch || error === Errors.UNKNOWN_LEADER_EPOCH) return false
    if (epoch > this.#epoch || error === Errors.FENCED_LEADER_EPOCH || error === Errors.NOT_LEADER_OR_FOLLOWER) {
      const before = this.#role
      return this.#learnLeader(leaderId, leaderEndpoints, epoch, now) && this.#role !== before
    }
    const isNews = leaderId !== undefined && leaderOf(this.#role, this.self.id) === undefined
    if (isNews && !this.#learnLeader(leaderId, leaderEndpoints, epoch, now)) return false
    if (reply.type === 'updateVoter' && error === Errors.UNSUPPORTED_VERSION) return this.#onAcceptance(from, reply, now)
    if (error !== Errors.NONE) return error === Errors.INVALID_VOTER_KEY
    return this.#onAcceptance(from, reply, now)
  }

  #onAcceptance(from: number, reply: EpochReply, now: number): boolean {
    const role = this.#role
    switch (reply.type) {
      case 'vote':
        if (role.name !== 'prospective' && role.name !== 'candidate') return true
        if (!role.tally.record(from, reply.granted)) return true
        if (role.name === 'prospective' && role.tally.lost) this.#endProspective(now)
        else if (role.tally.won) this.#moveForward(now)
        return true
      case 'beginEpoch':
        if (role.name === 'leader') role.progress.acknowledged(from)
        return true
      case 'endEpoch':
        if (role.name === 'resigned') role.unacknowledged.delete(from)
        return true
      case 'fetch':
        // Only the leader answers without an error; a bootstrap server may be the leader.
        return role.name === 'follower' && (role.leaderId === from || from < 0) ? this.#onFetched(reply, now) : true
      case 'updateVoter':
        if (role.name !== 'follower' || role.leaderId !== from) return true
        role.hasToldLeader = true
        role.fetchTimeoutAt = this.#deadlines.fetchTimeout(now)
        return true
    }
  }

  #onFetched(reply: FetchReply, now: number): boolean {
    const role = this.#role
    assert(role.name === 'follower', 'records are for followers')
    if (reply.diverging !== undefined) {
      if (!this.#ownLog.truncateTo(this.log.truncationOffset(reply.diverging), this.#highWatermark ?? 0)) return false
    } else if (reply.snapshotId !== undefined) {
      if (reply.snapshotId.offset < 0 || reply.snapshotId.epoch < 0 || reply.snapshotId.epoch > this.#epoch) return false
      role.wantedSnapshot = reply.snapshotId
      this.#work.wantedSnapshot = { id: reply.snapshotId, from: role.leaderId }
    } else {
      if (!this.#ownLog.take(reply.entries ?? [], this.#epoch)) return false
      if (reply.highWatermark >= 0) {
        this.#highWatermark = Math.max(this.#highWatermark ?? 0, Math.min(reply.highWatermark, this.log.endOffset))
      }
    }
    role.hasFetched = true
    role.fetchTimeoutAt = this.#deadlines.fetchTimeout(now)
    return true
  }

  /** False: it contradicts what is known of this epoch; a leader is named once (R1). */
  #learnLeader(leaderId: number | undefined, endpoints: readonly Endpoint[] | undefined, epoch: number, now: number): boolean {
    const known = leaderOf(this.#role, this.self.id)
    if (epoch < this.#epoch) return true
    if (epoch > epochMax) return false
    if (epoch === this.#epoch) {
      if (leaderId === undefined || leaderId === known) {
        if (leaderId !== undefined && this.#role.name === 'unattached' && this.#canFollow(leaderId, endpoints))
          this.#becomeFollower(epoch, leaderId, endpoints, now)
        return true
      }
      if (known !== undefined) return false
    }
    if (leaderId !== undefined && this.#canFollow(leaderId, endpoints)) this.#becomeFollower(epoch, leaderId, endpoints, now)
    else if (epoch > this.#epoch) this.#becomeUnattached(epoch, leaderId, now)
    return true
  }

  /** A leader that no voter record names is followed when it is known where it listens. */
  #canFollow(leaderId: number, endpoints: readonly Endpoint[] | undefined): boolean {
    return leaderId !== this.self.id && (endpoints !== undefined || this.voters.has(leaderId))
  }

  // Sending

  #requestVotes(tally: VoteTally, now: number): void {
    if (tally.lost) return
    const preVote = this.#role.name === 'prospective'
    for (const id of tally.unanswered) {
      const voter = this.voters.get(id)!
      this.#send(id, now, { type: 'vote', epoch: this.#epoch, candidate: this.self, voter, last: this.log.end, preVote })
    }
  }

  #fetchFromLeader(now: number): void {
    if (this.#role.name !== 'follower' || this.#role.wantedSnapshot !== undefined) return
    const { leaderId } = this.#role
    this.#peers.giveUpOverdue(now)
    // The leader keeps silent: another voter may know of a newer one.
    if (this.#peers.isBackingOff(leaderId, now)) return this.#fetchFromAnyone(now)
    if (!this.#peers.anyInFlight) this.#send(leaderId, now, fetchRequest(this, this.#timing))
  }

  #fetchFromAnyone(now: number): void {
    const target = anyFetchTarget([...this.#bootstrapIds, ...this.voters.others(this.self.id)], this.#peers, this.#random, now)
    if (target !== undefined) this.#send(target, now, fetchRequest(this, this.#timing))
  }

  /** False: there is nothing to ask, or the leader is busy with another request of ours. */
  #askAboutSelf(now: number): boolean {
    assert(this.#role.name === 'follower', 'followers have a leader to ask')
    const request = ownVoterRequest(this.#role, this.self, this.control, this.#epoch, this.#autoJoin)
    if (request !== undefined && !this.#peers.canSend(this.#role.leaderId, now)) return false
    this.#role.ownVoterAt = this.#deadlines.ownVoter(now)
    return request !== undefined && this.#send(this.#role.leaderId, now, request)
  }

  /** False: the peer is busy with another request, or paused. */
  #send(to: number, now: number, request: RaftRequest): boolean {
    if (!this.#peers.canSend(to, now)) return false
    this.#work.send({ to, correlation: this.#peers.sent(to, now), request })
    return true
  }

  #reply(correlation: number, reply: RaftReply): void {
    this.#work.reply({ correlation, reply })
  }

  #head(error: ErrorCode): { error: ErrorCode; epoch: number; leaderId: number | undefined } {
    return { error, ...this.leader }
  }

  /** Gives the offset of the last record. */
  #appendControl(progress: LeaderProgress, content: LeaderChange | undefined, quorum: QuorumChange, now: number): number {
    const lastOffset = this.#ownLog.appendControl(this.#epoch, content, quorum)
    progress.setVoters(this.voters, now)
    return lastOffset
  }

  // Small answers

  /** How a leader presents itself. */
  get #claim() {
    return { epoch: this.#epoch, leaderId: this.self.id, leaderEndpoints: this.self.endpoints }
  }

  get #election(): Election {
    return { ...this.leader, votedKey: votedKeyOf(this.#role, this.self) }
  }
}
