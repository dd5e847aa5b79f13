import { assert } from '../../base/index.ts'
import { type ErrorCode, Errors } from '../../protocol/index.ts'
import type { LeaderAndEpoch, OffsetAndEpoch, ReplicaKey } from '../types.ts'
import type { VoterSet } from '../voter-set.ts'
import { answerFetch, type FetchAnswer, isLegalFetch, leaderRequestError, refuseFetch } from './fetch-answer.ts'
import { initialRole } from './initial-role.ts'
import { LeaderProgress } from './leader-progress.ts'
import { isUpToDate, type LogView } from './log-view.ts'
import type { BeginEpoch, EndEpoch, Entry, Fetch, FetchReply, RaftReply, RaftRequest, Vote } from './messages.ts'
import { ParkedFetches } from './parked-fetches.ts'
import { Peers } from './peers.ts'
import { PendingWork } from './pending-work.ts'
import type { RaftCoreOptions } from './raft-core-options.ts'
import type { Election, RaftTiming, Ready } from './ready.ts'
import { canGrantVote, followerOf, leaderOf, type Role, successionBackoffMs, votedKeyOf } from './roles.ts'
import { VoteTally } from './vote-tally.ts'

const never = Number.POSITIVE_INFINITY
/** Epochs are int32 and need room to grow: no honest quorum comes near. */
const epochMax = 0x7fff0000

/**
 * The KRaft protocol of one replica as a pure state machine: `tick` and `step…` in, `ready` out. It reads no clock (`now` is
 * monotonic milliseconds), does no I/O, draws randomness only from `random`.
 *
 * Invariants: the epoch never falls; a vote or a leader is in `Ready.election` before the reply that tells of it; a follower
 * truncates never below its high watermark; only a voter leaves the roles unattached and follower.
 */
export class RaftCore {
  readonly self: ReplicaKey
  readonly log: LogView
  #voters: VoterSet
  #votersUnwritten: boolean
  readonly #random: (below: number) => number
  readonly #timing: RaftTiming
  readonly #peers: Peers
  readonly #parked = new ParkedFetches()
  #role: Role
  #epoch: number
  #highWatermark: number | undefined
  readonly #work: PendingWork

  constructor(options: RaftCoreOptions, now: number) {
    this.self = options.self
    this.log = options.log
    this.#voters = options.voters
    this.#votersUnwritten = options.votersUnwritten
    this.#random = options.random
    this.#timing = options.timing
    this.#peers = new Peers(options.timing.requestTimeoutMs, options.timing.retryBackoffMs)
    this.#work = new PendingWork(options.election)
    const election = options.election ?? { epoch: 0, leaderId: undefined, votedKey: undefined }
    this.#epoch = Math.max(election.epoch, this.log.lastEpoch)
    const deadlines = { electionAt: this.#electionAt(now), fetchTimeoutAt: this.#fetchTimeoutAt(now) }
    this.#role = initialRole(election, this.log.lastEpoch, this.self, this.#voters, deadlines)
    if (this.#voters.isOnlyVoter(this.self) && this.#role.name !== 'candidate') this.#becomeProspective(now)
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
  /** Exclusive end of what is committed, as far as this replica knows in this epoch. */
  get highWatermark(): number | undefined {
    return this.#role.name === 'leader' ? this.#role.progress.highWatermark : this.#highWatermark
  }
  /** Whom this replica voted for in this epoch. */
  get votedId(): number | undefined {
    return votedKeyOf(this.#role, this.self)?.id
  }
  get voters(): VoterSet {
    return this.#voters
  }
  get isVoter(): boolean {
    return this.#voters.isVoter(this.self)
  }
  /** Positions of all replicas; undefined: not the leader. */
  get progress(): LeaderProgress | undefined {
    return this.#role.name === 'leader' ? this.#role.progress : undefined
  }

  /** Where this leader's epoch began: what lies before is complete once committed up to here. */
  get epochStartOffset(): number | undefined {
    return this.progress?.epochStartOffset
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
        return this.#tickLeader(role.progress, now)
      case 'follower':
        if (now >= role.fetchTimeoutAt) return this.#becomeProspective(now)
        return this.#fetchFromLeader(now)
      case 'resigned':
        if (now >= role.electionAt) return this.#becomeUnattached(this.#epoch + 1, undefined, now)
        for (const id of role.unacknowledged) {
          const { successors } = role
          this.#send(id, now, { type: 'endEpoch', epoch: this.#epoch, leaderId: this.self.id, successors })
        }
    }
  }

  /** When `tick` has something to do at the latest; Infinity: only when something arrives. */
  nextTickAt(now: number): number {
    const role = this.#role
    const peers = this.#peers.nextChangeAt(this.#voters.others(this.self.id), now)
    switch (role.name) {
      case 'leader':
        return Math.min(role.progress.quorumLostAt(), role.progress.beginEpochAt(), this.#parked.nextDeadline)
      case 'follower':
        return Math.min(role.fetchTimeoutAt, peers)
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
        this.#onFetch(correlation, request, now)
    }
    // A new role has something to ask of others.
    this.tick(now)
  }

  /** The answer to a request of ours; undefined: it could not be delivered, or came to nothing. */
  stepReply(from: number, correlation: number, reply: RaftReply | undefined, now: number): void {
    if (!this.#peers.answered(from, correlation)) return
    if (reply === undefined || !this.#onReply(from, reply, now)) this.#peers.failed(from, now)
    this.tick(now)
  }

  /** Takes the leader's next batch. Offsets go on from `log.endOffset`. */
  append(entry: Entry, now: number): void {
    assert(this.#role.name === 'leader' && entry.epoch === this.#epoch, 'only the leader of the epoch appends')
    this.#store(entry)
    this.#answerParked(now)
  }

  /** All storage steps of the Readies so far are durable, and the log ended at `endOffset` after them. */
  synced(endOffset: number, now: number): void {
    if (this.#role.name !== 'leader' || endOffset <= this.#role.progress.epochStartOffset) return
    if (this.#role.progress.localSynced(Math.min(endOffset, this.log.endOffset))) this.#answerParked(now)
  }

  /** The leader steps down and proposes its successors. */
  resign(now: number): void {
    if (this.#role.name !== 'leader') return
    const successors = this.#role.progress.successors()
    const unacknowledged = new Set(this.#voters.others(this.self.id))
    this.#enter({ name: 'resigned', electionAt: this.#electionAt(now), successors, unacknowledged }, now)
    this.tick(now)
  }

  /** A copy of the snapshot is still of use. */
  wantsSnapshot(id: OffsetAndEpoch): boolean {
    const wanted = this.#role.name === 'follower' ? this.#role.wantedSnapshot : undefined
    return wanted?.offset === id.offset && wanted.epoch === id.epoch
  }

  /** A piece of the snapshot came: the leader lives. */
  snapshotProgressed(id: OffsetAndEpoch, now: number): void {
    if (this.#role.name === 'follower' && this.wantsSnapshot(id)) this.#role.fetchTimeoutAt = this.#fetchTimeoutAt(now)
  }

  /** The snapshot is in place. False: it is wanted no more. */
  snapshotCopied(id: OffsetAndEpoch, now: number): boolean {
    if (this.#role.name !== 'follower' || !this.wantsSnapshot(id)) return false
    this.#role.wantedSnapshot = undefined
    this.log.restartAt(id)
    this.#work.store({ type: 'restart', behind: id })
    this.#highWatermark = Math.max(this.#highWatermark ?? 0, id.offset)
    this.#role.fetchTimeoutAt = this.#fetchTimeoutAt(now)
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

  /** The voters that the latest voters record, committed or not, names (KIP-853). */
  setVoters(voters: VoterSet, votersUnwritten: boolean): void {
    this.#voters = voters
    this.#votersUnwritten = votersUnwritten
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

  #followerOf(leaderId: number, votedKey: ReplicaKey | undefined, now: number): Role {
    return followerOf(leaderId, votedKey, this.#fetchTimeoutAt(now))
  }

  #enter(role: Role, now: number): void {
    if (this.#role.name === 'leader') this.#highWatermark = this.#role.progress.highWatermark ?? this.#highWatermark
    this.#role = role
    this.#peers.forgetAll()
    this.#work.wantedSnapshot = undefined
    this.#answerParked(now)
  }

  #becomeUnattached(epoch: number, leaderId: number | undefined, now: number): void {
    assert(epoch > this.#epoch || (epoch === this.#epoch && this.#role.name === 'prospective'), 'the epoch never falls')
    const electionAt = this.#remainingElection(now)
    const votedKey = epoch === this.#epoch ? votedKeyOf(this.#role, this.self) : undefined
    this.#epoch = epoch
    this.#enter({ name: 'unattached', leaderId, votedKey, electionAt }, now)
  }

  #becomeFollower(epoch: number, leaderId: number, now: number): void {
    assert(epoch >= this.#epoch && leaderId !== this.self.id, 'a follower follows another replica of this or a later epoch')
    const votedKey = epoch === this.#epoch ? votedKeyOf(this.#role, this.self) : undefined
    this.#epoch = epoch
    this.#enter(this.#followerOf(leaderId, votedKey, now), now)
  }

  #becomeProspective(now: number): void {
    if (!this.isVoter) return
    // What is known of this epoch stays known, so that a former leader gives no vote in it.
    const leaderId = leaderOf(this.#role, this.self.id)
    const votedKey = votedKeyOf(this.#role, this.self)
    this.#enter({ name: 'prospective', leaderId, votedKey, electionAt: this.#electionAt(now), tally: this.#newTally() }, now)
    this.#moveForward(now)
  }

  #becomeCandidate(now: number): void {
    this.#epoch++
    this.#enter({ name: 'candidate', electionAt: this.#electionAt(now), tally: this.#newTally() }, now)
    this.#moveForward(now)
  }

  #becomeLeader(grantingIds: readonly number[], now: number): void {
    const epochStart = this.log.endOffset
    const progress = new LeaderProgress(this.self, this.#voters, epochStart, grantingIds, this.#timing.fetchTimeoutMs, now)
    this.#enter({ name: 'leader', progress }, now)
    const withVoters = this.#votersUnwritten
    const voterIds = this.#voters.ids
    const content = { leaderId: this.self.id, voterIds, grantingIds, withVoters }
    this.#store({ baseOffset: epochStart, lastOffset: epochStart + (withVoters ? 2 : 0), epoch: this.#epoch, content })
    this.#votersUnwritten = false
    this.tick(now)
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
    const { leaderId } = this.#role
    if (leaderId !== undefined && this.#canFollow(leaderId)) this.#becomeFollower(this.#epoch, leaderId, now)
    else this.#becomeUnattached(this.#epoch, leaderId, now)
    this.tick(now)
  }

  #tickLeader(progress: LeaderProgress, now: number): void {
    if (now >= progress.quorumLostAt()) return this.resign(now)
    if (now >= progress.beginEpochAt()) {
      for (const voter of progress.takeSilentVoters(now)) {
        this.#send(voter.id, now, { type: 'beginEpoch', epoch: this.#epoch, leaderId: this.self.id, voter })
      }
    }
    if (now >= this.#parked.nextDeadline) this.#answerParked(now)
  }

  // Requests from others

  #onVote(vote: Vote, now: number): RaftReply {
    const refuse = (error: ErrorCode): RaftReply => ({ type: 'vote', ...this.#head(error), granted: false })
    const { last } = vote
    const illegalEpoch = vote.preVote ? last.epoch > vote.epoch : last.epoch >= vote.epoch
    if (last.offset < 0 || last.epoch < 0 || illegalEpoch) return refuse(Errors.INVALID_REQUEST)
    const error = this.#voterRequestError(vote.candidate.id, vote.epoch)
    if (error !== Errors.NONE) return refuse(error)
    if (vote.epoch > this.#epoch) this.#becomeUnattached(vote.epoch, undefined, now)
    if (!this.#isMe(vote.voter)) return refuse(Errors.INVALID_VOTER_KEY)
    // A replica that asks itself is a misrouted request: its vote is its own already.
    const isOther = vote.candidate.id !== this.self.id
    const granted = isOther && canGrantVote(this.#role, vote.candidate, isUpToDate(last, this.log.end), vote.preVote)
    if (granted && !vote.preVote) this.#giveVote(vote.candidate, now)
    return { type: 'vote', ...this.#head(Errors.NONE), granted }
  }

  #giveVote(candidate: ReplicaKey, now: number): void {
    const role = this.#role
    if ((role.name !== 'unattached' && role.name !== 'prospective') || role.votedKey !== undefined) return
    role.votedKey = candidate
    role.electionAt = this.#electionAt(now)
  }

  #onBeginEpoch(request: BeginEpoch, now: number): ErrorCode {
    const error = this.#followLeader(request.leaderId, request.epoch, now)
    if (error !== Errors.NONE) return error
    return this.#isMe(request.voter) ? Errors.NONE : Errors.INVALID_VOTER_KEY
  }

  #onEndEpoch(request: EndEpoch, now: number): ErrorCode {
    const error = this.#followLeader(request.leaderId, request.epoch, now)
    if (error !== Errors.NONE) return error
    if (this.#role.name === 'follower' && this.#role.leaderId === request.leaderId && this.isVoter) {
      this.#role.fetchTimeoutAt = now + successionBackoffMs(request.successors, this.self, this.#timing.electionBackoffMaxMs)
    }
    return Errors.NONE
  }

  #followLeader(leaderId: number, epoch: number, now: number): ErrorCode {
    const error = this.#voterRequestError(leaderId, epoch)
    if (error !== Errors.NONE) return error
    return this.#learnLeader(leaderId, epoch, now) ? Errors.NONE : Errors.INVALID_REQUEST
  }

  #onFetch(correlation: number, fetch: Fetch, now: number): void {
    if (!isLegalFetch(fetch)) return this.#reply(correlation, refuseFetch(this.#head(Errors.INVALID_REQUEST), this.log))
    const { reply, hasNews } = this.#answerFetch(fetch, now)
    if (hasNews || fetch.maxWaitMs === 0) return this.#reply(correlation, reply)
    const displaced = this.#parked.add({ correlation, fetch, deadline: now + fetch.maxWaitMs })
    if (displaced !== undefined) this.#reply(displaced.correlation, this.#answerFetch(displaced.fetch, now).reply)
  }

  #answerFetch(fetch: Fetch, now: number): FetchAnswer {
    const role = this.#role
    const error = leaderRequestError(fetch.leaderEpoch, this.#epoch, role.name === 'leader')
    if (error !== Errors.NONE || role.name !== 'leader') return { reply: refuseFetch(this.#head(error), this.log), hasNews: true }
    return answerFetch(fetch, this.#head(error), this.log, role.progress, () => {
      if (role.progress.fetched(fetch.replica, fetch.fetchOffset, this.log.endOffset, now)) this.#answerParked(now)
    })
  }

  #answerParked(now: number): void {
    for (const parked of this.#parked.takeAll()) {
      const { reply, hasNews } = this.#answerFetch(parked.fetch, now)
      if (hasNews || now >= parked.deadline) this.#reply(parked.correlation, reply)
      else this.#parked.add(parked)
    }
  }

  // Answers from others

  /** False: the peer could not help, ask it again a little later. */
  #onReply(from: number, reply: RaftReply, now: number): boolean {
    const { error, epoch, leaderId } = reply
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
      return this.#learnLeader(leaderId, epoch, now) && this.#role !== before
    }
    if (leaderId !== undefined && leaderOf(this.#role, this.self.id) === undefined && !this.#learnLeader(leaderId, epoch, now)) return false
    if (error !== Errors.NONE) return error === Errors.INVALID_VOTER_KEY
    return this.#onAcceptance(from, reply, now)
  }

  #onAcceptance(from: number, reply: RaftReply, now: number): boolean {
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
        return role.name === 'follower' && role.leaderId === from ? this.#onFetched(reply, now) : true
    }
  }

  #onFetched(reply: FetchReply, now: number): boolean {
    const role = this.#role
    assert(role.name === 'follower', 'records are for followers')
    if (reply.diverging !== undefined) {
      if (!this.#truncate(this.log.truncationOffset(reply.diverging))) return false
    } else if (reply.snapshotId !== undefined) {
      if (reply.snapshotId.offset < 0 || reply.snapshotId.epoch < 0 || reply.snapshotId.epoch > this.#epoch) return false
      role.wantedSnapshot = reply.snapshotId
      this.#work.wantedSnapshot = { id: reply.snapshotId, from: role.leaderId }
    } else {
      for (const entry of reply.entries ?? []) {
        const continues = entry.baseOffset === this.log.endOffset && entry.lastOffset >= entry.baseOffset
        if (!continues || entry.epoch < this.log.lastEpoch || entry.epoch > this.#epoch) return false
        this.#store(entry)
      }
      if (reply.highWatermark >= 0) {
        this.#highWatermark = Math.max(this.#highWatermark ?? 0, Math.min(reply.highWatermark, this.log.endOffset))
      }
    }
    role.hasFetched = true
    role.fetchTimeoutAt = this.#fetchTimeoutAt(now)
    return true
  }

  /** False: the leader asks for what would undo a commit (R7). */
  #truncate(offset: number): boolean {
    if (offset < (this.#highWatermark ?? 0) || offset < this.log.startOffset || offset > this.log.endOffset) return false
    if (offset < this.log.endOffset) {
      this.log.truncateTo(offset)
      this.#work.store({ type: 'truncate', offset })
    }
    return true
  }

  /** False: it contradicts what is known of this epoch; a leader is named once (R1). */
  #learnLeader(leaderId: number | undefined, epoch: number, now: number): boolean {
    const known = leaderOf(this.#role, this.self.id)
    if (epoch < this.#epoch) return true
    if (epoch > epochMax) return false
    if (epoch === this.#epoch) {
      if (leaderId === undefined || leaderId === known) {
        if (leaderId !== undefined && this.#role.name === 'unattached' && this.#canFollow(leaderId))
          this.#becomeFollower(epoch, leaderId, now)
        return true
      }
      if (known !== undefined) return false
    }
    if (leaderId !== undefined && this.#canFollow(leaderId)) this.#becomeFollower(epoch, leaderId, now)
    else if (epoch > this.#epoch) this.#becomeUnattached(epoch, leaderId, now)
    return true
  }

  #canFollow(leaderId: number): boolean {
    return leaderId !== this.self.id && this.#voters.has(leaderId)
  }

  // Sending

  #requestVotes(tally: VoteTally, now: number): void {
    if (tally.lost) return
    const preVote = this.#role.name === 'prospective'
    for (const id of tally.unanswered) {
      const voter = this.#voters.get(id)!
      this.#send(id, now, { type: 'vote', epoch: this.#epoch, candidate: this.self, voter, last: this.log.end, preVote })
    }
  }

  #fetchFromLeader(now: number): void {
    if (this.#role.name !== 'follower' || this.#role.wantedSnapshot !== undefined) return
    const { leaderId } = this.#role
    // The leader keeps silent: another voter may know of a newer one.
    if (this.#peers.isOverdue(leaderId, now) || this.#peers.isBackingOff(leaderId, now)) return this.#fetchFromAnyone(now)
    if (!this.#peers.anyInFlight) this.#send(leaderId, now, this.#fetch())
  }

  #fetchFromAnyone(now: number): void {
    if (this.#peers.anyInFlight && !this.#voters.others(this.self.id).some((id) => this.#peers.isOverdue(id, now))) return
    const candidates = this.#voters.others(this.self.id).filter((id) => this.#peers.canSend(id, now))
    if (candidates.length > 0) this.#send(candidates[this.#random(candidates.length)]!, now, this.#fetch())
  }

  #fetch(): Fetch {
    return {
      type: 'fetch',
      replica: this.self,
      leaderEpoch: this.#epoch,
      fetchOffset: this.log.endOffset,
      lastFetchedEpoch: this.log.lastEpoch,
      highWatermark: this.#highWatermark ?? -1,
      maxWaitMs: this.#timing.fetchMaxWaitMs,
      maxBytes: this.#timing.fetchMaxBytes,
    }
  }

  #send(to: number, now: number, request: RaftRequest): void {
    if (this.#peers.canSend(to, now)) this.#work.send({ to, correlation: this.#peers.sent(to, now), request })
  }

  #reply(correlation: number, reply: RaftReply): void {
    this.#work.reply({ correlation, reply })
  }

  #head(error: ErrorCode): { error: ErrorCode; epoch: number; leaderId: number | undefined } {
    return { error, ...this.leader }
  }

  #store(entry: Entry): void {
    this.log.append(entry.baseOffset, entry.lastOffset, entry.epoch)
    this.#work.store({ type: 'append', entry })
  }

  // Small answers

  #voterRequestError(id: number, epoch: number): ErrorCode {
    if (epoch < this.#epoch) return Errors.FENCED_LEADER_EPOCH
    return id < 0 || epoch > epochMax ? Errors.INVALID_REQUEST : Errors.NONE
  }

  get #election(): Election {
    return { ...this.leader, votedKey: votedKeyOf(this.#role, this.self) }
  }

  #isMe(key: ReplicaKey | undefined): boolean {
    return key === undefined || (key.id === this.self.id && this.#isDirectory(key.directoryId))
  }

  #isDirectory(directoryId: string | undefined): boolean {
    return directoryId === undefined || directoryId === this.self.directoryId
  }

  #newTally(): VoteTally {
    return new VoteTally(this.#voters.ids, this.self.id)
  }

  #electionAt(now: number): number {
    if (!this.isVoter) return never
    const { electionTimeoutMs } = this.#timing
    return now + electionTimeoutMs + (electionTimeoutMs > 0 ? this.#random(electionTimeoutMs) : 0)
  }

  #fetchTimeoutAt(now: number): number {
    return this.isVoter ? now + this.#timing.fetchTimeoutMs : never
  }

  #remainingElection(now: number): number {
    const role = this.#role
    if (!this.isVoter || role.name === 'leader' || role.name === 'follower') return this.#electionAt(now)
    if (role.name === 'prospective' && role.tally.lost) return this.#electionAt(now)
    return Math.max(role.electionAt, now + 1)
  }
}
