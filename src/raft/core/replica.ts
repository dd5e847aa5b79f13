import type { ErrorCode } from '../../protocol/index.ts'
import type { ControlHistory } from '../control-history.ts'
import type { Endpoint, LeaderAndEpoch, Voter } from '../types.ts'
import type { VoterSet } from '../voter-set.ts'
import { Deadlines } from './deadlines.ts'
import { FetchDesk } from './fetch-desk.ts'
import { initialRole } from './initial-role.ts'
import type { LeaderProgress } from './leader-progress.ts'
import type { LogView } from './log-view.ts'
import type { RaftReply, RaftRequest } from './messages.ts'
import { OwnLog } from './own-log.ts'
import { Peers } from './peers.ts'
import { PendingWork } from './pending-work.ts'
import type { RaftCoreOptions } from './raft-core-options.ts'
import type { Election } from './ready.ts'
import { leaderOf, type Role, votedKeyOf } from './roles.ts'
import type { VoterChanges } from './voter-changes.ts'

/** What a replica is and holds, whatever its role: its log, its epoch, its peers, and what it wants done. The roles act on it. */
export class Replica {
  readonly options: RaftCoreOptions
  readonly ownLog: OwnLog
  readonly peers: Peers
  readonly deadlines: Deadlines
  readonly desk: FetchDesk
  readonly work: PendingWork
  epoch: number
  /** What this replica heard as a follower, and knew when its last leadership ended. */
  knownHighWatermark: number | undefined
  #role: Role

  constructor(options: RaftCoreOptions, now: number) {
    const { log, control, timing } = options
    this.options = options
    this.peers = new Peers(timing.requestTimeoutMs, timing.retryBackoffMs)
    this.work = new PendingWork(options.election)
    this.ownLog = new OwnLog(log, control, this.work)
    this.deadlines = new Deadlines(timing, options.random, () => this.canStand)
    this.desk = new FetchDesk(
      this,
      (correlation, reply) => this.reply(correlation, reply),
      (at) => this.highWatermarkMoved(at),
    )
    const election = options.election ?? { epoch: 0, leaderId: undefined, votedKey: undefined }
    this.epoch = Math.max(election.epoch, log.lastEpoch)
    const deadlines = {
      electionAt: this.deadlines.election(now),
      resignedUntil: this.deadlines.resignation(now),
      ...this.deadlines.ofFollower(now),
    }
    this.#role = initialRole(election, log.lastEpoch, this.self, this.voters, deadlines)
  }

  get self(): Voter {
    return this.options.self
  }
  get log(): LogView {
    return this.options.log
  }
  get control(): ControlHistory {
    return this.options.control
  }
  get voters(): VoterSet {
    return this.control.voters
  }
  get isVoter(): boolean {
    return this.voters.isVoter(this.self)
  }
  /** It votes, or the record that takes its vote may still need it as a leader to be committed (Raft's thesis, 4.2.2). */
  get canStand(): boolean {
    return this.isVoter || this.control.mayStillVote(this.self, this.knownHighWatermark)
  }

  get role(): Role {
    return this.#role
  }
  get leader(): LeaderAndEpoch {
    return { leaderId: leaderOf(this.#role, this.self.id), epoch: this.epoch }
  }
  get election(): Election {
    return { ...this.leader, votedKey: votedKeyOf(this.#role, this.self) }
  }
  /** Positions of all replicas; undefined: not the leader. */
  get progress(): LeaderProgress | undefined {
    return this.#role.name === 'leader' ? this.#role.progress : undefined
  }
  /** Changes of the voters; undefined: not the leader. */
  get changes(): VoterChanges | undefined {
    return this.#role.name === 'leader' ? this.#role.changes : undefined
  }
  get highWatermark(): number | undefined {
    return this.#role.name === 'leader' ? this.#role.progress.highWatermark : this.knownHighWatermark
  }

  /** The only way into a role. What was asked in the last one is not waited for any more. */
  enter(role: Role, now: number): void {
    if (this.#role.name === 'leader') {
      this.knownHighWatermark = this.#role.progress.highWatermark ?? this.knownHighWatermark
      this.#role.changes.close()
    }
    this.#role = role
    this.peers.forgetAll()
    this.work.wantedSnapshot = undefined
    this.desk.answerParked(now)
  }

  highWatermarkMoved(now: number): void {
    this.changes?.highWatermarkMoved()
    this.desk.answerParked(now)
  }

  /** False: the peer is busy with another request, or paused. */
  send(to: number, now: number, request: RaftRequest): boolean {
    if (!this.peers.canSend(to, now)) return false
    this.work.send({ to, correlation: this.peers.sent(to, now), request })
    return true
  }

  reply(correlation: number, reply: RaftReply): void {
    this.work.reply({ correlation, reply })
  }

  /** What every reply says of the epoch. */
  head(error: ErrorCode): { error: ErrorCode; epoch: number; leaderId: number | undefined } {
    return { error, ...this.leader }
  }

  /** How a leader presents itself. */
  get claim(): { epoch: number; leaderId: number; leaderEndpoints: readonly Endpoint[] } {
    return { epoch: this.epoch, leaderId: this.self.id, leaderEndpoints: this.self.endpoints }
  }
}
