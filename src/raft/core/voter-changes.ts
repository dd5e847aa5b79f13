import { type ErrorCode, Errors } from '../../protocol/index.ts'
import type { ControlHistory } from '../control-history.ts'
import type { OffsetAndEpoch, Voter } from '../types.ts'
import { kraftVersionMax, type VoterSet } from '../voter-set.ts'
import type { LeaderProgress } from './leader-progress.ts'
import type { AddVoter, QuorumChange, RemoveVoter, UpdateVoter, VersionsReply, VoterChangeReply } from './messages.ts'
import type { LogWriter } from './raft-core-options.ts'

/** What changes of voters ask of the leader. */
export interface VoterLeader {
  readonly self: Voter
  readonly control: ControlHistory
  readonly progress: LeaderProgress
  readonly writer: LogWriter
  readonly requestTimeoutMs: number
  /** Gives the offset of the last record. The change counts at once. */
  append(change: QuorumChange, now: number): number
  /** False: the replica cannot be asked now. */
  askVersions(voter: AddVoter['voter'], now: number): boolean
  answer(correlation: number, reply: VoterChangeReply): void
}

interface Pending {
  readonly type: VoterChangeReply['type']
  readonly deadline: number
  /** The replica to add, until it has said what it can run. */
  awaited: AddVoter | undefined
  /** Offset of the voters record; undefined: it is not written yet. */
  lastOffset: number | undefined
  /** Undefined: answered. */
  correlation: number | undefined
}

interface Refusal {
  readonly error: ErrorCode
  readonly message: string
}
const timedOut = (message: string): Refusal => ({ error: Errors.REQUEST_TIMED_OUT, message })

const leadershipEnded: Refusal = { error: Errors.NOT_LEADER_OR_FOLLOWER, message: 'The leader has changed.' }

/** A replica may vote once it fetched up to the end of the log in this leadership, and within this time. */
const caughtUpWithinMs = 3_600_000

/**
 * Changes of the voters during one leadership (KIP-853): one at a time, and only after an entry of the leader's own epoch is committed,
 * so that two majorities always share a voter.
 */
export class VoterChanges {
  readonly #leader: VoterLeader
  #pending: Pending | undefined
  #isClosed = false
  /** The leader is no voter any more, and that is committed. */
  isLeaderRemoved = false
  /** At kraft.version 0: the voters as they described themselves to this leader. They enter the log with the upgrade. */
  #described: VoterSet

  constructor(leader: VoterLeader) {
    this.#leader = leader
    this.#described = leader.control.voters.with(leader.self)
  }

  /** When the change under way has taken too long; Infinity: there is none. */
  get deadline(): number {
    return this.#pending?.deadline ?? Number.POSITIVE_INFINITY
  }

  /** A voter says where it listens and what it can run. Not to be written at kraft.version 0. */
  update({ voter }: UpdateVoter, now: number): ErrorCode {
    const { control, self, progress } = this.#leader
    const isLegal = voter.id >= 0 && voter.directoryId !== undefined && listensLike(voter, self) && isRange(voter)
    if (!isLegal) return Errors.INVALID_REQUEST
    this.expire(now)
    if (this.#pending !== undefined || progress.highWatermark === undefined) return Errors.REQUEST_TIMED_OUT
    const isDynamic = control.kraftVersion > 0
    if (isDynamic && this.#uncommitted !== undefined) return Errors.REQUEST_TIMED_OUT
    if (!canRun(voter, control.kraftVersion)) return Errors.INVALID_REQUEST
    if (isDynamic ? !control.voters.isVoter(voter) : !this.#described.has(voter.id)) return Errors.VOTER_NOT_FOUND
    if (isDynamic && this.#append({ voters: control.voters.with(voter) }, now) === undefined) return leadershipEnded.error
    if (!isDynamic) this.#described = this.#described.with(voter)
    progress.heard(voter, now)
    return Errors.NONE
  }

  take(correlation: number, request: AddVoter | RemoveVoter, now: number): void {
    if (request.type === 'addVoter') this.#add(correlation, request, now)
    else this.#remove(correlation, request, now)
  }

  /** First the new voter is asked what it can run; `versions` goes on from there. */
  #add(correlation: number, request: AddVoter, now: number): void {
    const { control, self, requestTimeoutMs } = this.#leader
    const { voter } = request
    const refuse = ({ error, message }: Refusal): void => this.#leader.answer(correlation, { type: 'addVoter', error, message })
    if (voter.id < 0 || voter.directoryId === undefined) {
      return refuse({ error: Errors.INVALID_REQUEST, message: 'A voter to add needs a node id and a directory id.' })
    }
    if (!listensLike(voter, self)) {
      const message = `Replica ${voter.id} names no endpoint of the listener ${self.endpoints[0]?.name}, on which controllers talk.`
      return refuse({ error: Errors.INVALID_REQUEST, message })
    }
    const refusal = this.#refusal(now)
    if (refusal !== undefined) return refuse(refusal)
    if (control.voters.has(voter.id)) {
      return refuse({ error: Errors.DUPLICATE_VOTER, message: `Node ${voter.id} is a voter already.` })
    }
    if (!this.#leader.askVersions(voter, now)) return refuse(timedOut(`Replica ${voter.id} cannot be asked for its versions now.`))
    this.#pending = { type: 'addVoter', deadline: now + requestTimeoutMs, awaited: request, lastOffset: undefined, correlation }
  }

  /** What the replica `from` can run; undefined: it did not answer. */
  versions(from: number, reply: VersionsReply | undefined, now: number): void {
    const awaited = this.#pending?.awaited
    if (this.#pending === undefined || awaited?.voter.id !== from) return
    const { voter, ackWhenCommitted } = awaited
    const { control, progress } = this.#leader
    if (reply === undefined || reply.error !== Errors.NONE) {
      return this.#end(timedOut(`Replica ${from} did not say which versions it supports.`))
    }
    const { min, max } = reply.kraftVersions ?? { min: 0, max: 0 }
    const whole: Voter = { ...voter, kraftVersionMin: min, kraftVersionMax: max }
    if (reply.kraftVersions === undefined || !canRun(whole, control.kraftVersion)) {
      const message = `Replica ${from} runs kraft.version ${min} to ${max}, the quorum is at ${control.kraftVersion}.`
      return this.#end({ error: Errors.INVALID_REQUEST, message })
    }
    if (!progress.isCaughtUp(voter, now, caughtUpWithinMs)) {
      return this.#end(timedOut(`Replica ${from} has not caught up with the metadata log.`))
    }
    this.#pending.awaited = undefined
    this.#pending.lastOffset = this.#append({ voters: control.voters.with(whole) }, now)
    if (!ackWhenCommitted) this.#answer()
  }

  #remove(correlation: number, { voter }: RemoveVoter, now: number): void {
    const { control, requestTimeoutMs } = this.#leader
    const refuse = ({ error, message }: Refusal): void => this.#leader.answer(correlation, { type: 'removeVoter', error, message })
    if (voter.id < 0 || voter.directoryId === undefined) {
      return refuse({ error: Errors.INVALID_REQUEST, message: 'A voter to remove needs a node id and a directory id.' })
    }
    const refusal = this.#refusal(now)
    if (refusal !== undefined) return refuse(refusal)
    const known = control.voters.get(voter.id)
    if (known?.directoryId !== voter.directoryId || control.voters.size === 1) {
      const message =
        known?.directoryId === voter.directoryId
          ? `Node ${voter.id} is the only voter.`
          : `Node ${voter.id} with directory ${voter.directoryId} is no voter.`
      return refuse({ error: Errors.VOTER_NOT_FOUND, message })
    }
    const lastOffset = this.#append({ voters: control.voters.without(voter.id) }, now)
    if (lastOffset === undefined) return refuse(leadershipEnded)
    this.#pending = { type: 'removeVoter', deadline: now + requestTimeoutMs, awaited: undefined, lastOffset, correlation }
  }

  /** Raises kraft.version at once, with the voters as they described themselves. Gives why not; undefined: done, or needless. */
  upgrade(level: number, validateOnly: boolean, now: number): string | undefined {
    const { control } = this.#leader
    const from = control.kraftVersion
    if (level === from) return undefined
    if (level < from) return `kraft.version cannot go down from ${from} to ${level}.`
    if (level > kraftVersionMax) return `kraft.version ${level} is not known.`
    const unable = this.#described.voters.filter((voter) => voter.directoryId === undefined || !canRun(voter, level)).map(({ id }) => id)
    if (unable.length > 0)
      return `kraft.version ${level} is not supported by all voters: not by ${unable.join(', ')}, or not known of them.`
    if (validateOnly || this.#append({ kraftVersion: level, voters: this.#described }, now) !== undefined) return undefined
    return leadershipEnded.message
  }

  highWatermarkMoved(): void {
    const { control, progress, self } = this.#leader
    const { highWatermark } = progress
    if (highWatermark === undefined) return
    if (this.#pending?.lastOffset !== undefined && highWatermark > this.#pending.lastOffset) this.#end()
    this.isLeaderRemoved = !control.voters.isVoter(self) && this.#uncommitted === undefined
  }

  expire(now: number): void {
    if (now >= this.deadline) this.#end(timedOut('The change of voters took too long; it may still come to pass.'))
  }

  /** The leadership is over. */
  close(): void {
    this.#isClosed = true
    this.#end(leadershipEnded)
  }

  /**
   * The state machine over the log gives offsets in advance: it must know of what comes between. What it has in hand is written first, and
   * where that fails it gives up the leadership: then nothing is appended, and there is no offset.
   */
  #append(change: QuorumChange, now: number): number | undefined {
    const { writer } = this.#leader
    writer.flush()
    if (this.#isClosed) return undefined
    const lastOffset = this.#leader.append(change, now)
    writer.skipTo(lastOffset + 1)
    return lastOffset
  }

  /** Why no change of voters can begin now; undefined: one can. */
  #refusal(now: number): Refusal | undefined {
    const { control, progress } = this.#leader
    this.expire(now)
    if (this.#pending !== undefined) return timedOut('Another change of voters is under way.')
    if (progress.highWatermark === undefined) return timedOut('The leader has not committed anything in its epoch yet.')
    if (control.kraftVersion === 0) {
      return { error: Errors.UNSUPPORTED_VERSION, message: 'Voters are static at kraft.version 0: upgrade it first.' }
    }
    const uncommitted = this.#uncommitted
    return uncommitted === undefined ? undefined : timedOut(`The voters at offset ${uncommitted.offset} are not committed yet.`)
  }

  get #uncommitted(): Pick<OffsetAndEpoch, 'offset'> | undefined {
    const { control, progress } = this.#leader
    const offset = control.votersOffset ?? Number.POSITIVE_INFINITY
    return offset >= (progress.highWatermark ?? 0) ? { offset } : undefined
  }

  #end(refusal?: Refusal): void {
    this.#answer(refusal)
    this.#pending = undefined
  }

  #answer(refusal?: Refusal): void {
    if (this.#pending?.correlation === undefined) return
    const { type, correlation } = this.#pending
    this.#pending.correlation = undefined
    this.#leader.answer(correlation, { type, error: refusal?.error ?? Errors.NONE, message: refusal?.message })
  }
}

/** Controllers reach each other on the listener that the leader names first. */
const listensLike = ({ endpoints }: Pick<Voter, 'endpoints'>, leader: Voter): boolean => {
  const [first] = leader.endpoints
  return first === undefined || endpoints.some(({ name }) => name === first.name)
}

const isRange = ({ kraftVersionMin, kraftVersionMax }: Voter): boolean => kraftVersionMin >= 0 && kraftVersionMax >= kraftVersionMin

const canRun = ({ kraftVersionMin, kraftVersionMax }: Voter, level: number): boolean => kraftVersionMin <= level && kraftVersionMax >= level
