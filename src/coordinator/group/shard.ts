import type { DeadlineWheel } from '../../base/index.ts'
import type { Clock, Journal } from '../../host/index.ts'
import { PartitionLedger } from '../../ledger/index.ts'
import { type ErrorCode, Errors } from '../../protocol/index.ts'
import { coordinatorError } from './answers.ts'
import type { GroupConfig } from './config.ts'
import { GroupState } from './group-state.ts'
import { type GroupRecord, groupRecordForm } from './records.ts'
import { onGroupTimer, timersAfterLoad } from './timers.ts'
import {
  type Delivery,
  type GroupCounts,
  type GroupTimer,
  type JoinAnswer,
  type Outcome,
  type SyncAnswer,
  type Ticket,
  Turn,
} from './turn.ts'

type Parked = (answer: JoinAnswer | SyncAnswer) => void

export interface ShardOptions {
  readonly clock: Clock
  readonly wheel: DeadlineWheel
  readonly journal: Journal
  readonly config: GroupConfig
  readonly counts: GroupCounts
}

/** One partition of __consumer_offsets that this broker leads: its ledger, and the requests that wait for a later decision. */
export class Shard {
  readonly binding: PartitionLedger<GroupState, GroupRecord, GroupTimer, Outcome<undefined>>
  readonly #options: ShardOptions
  readonly #parked = new Map<Ticket, Parked>()

  constructor(options: ShardOptions) {
    const { config } = options
    this.#options = options
    this.binding = new PartitionLedger({
      clock: options.clock,
      wheel: options.wheel,
      journal: options.journal,
      form: groupRecordForm,
      codec: config.compressionCodec,
      loadBytes: config.loadBytes,
      lingerMs: config.appendLingerMs,
      answerTimeoutMs: config.commitTimeoutMs,
      inactiveError: Errors.NOT_COORDINATOR,
      loadingError: Errors.COORDINATOR_LOAD_IN_PROGRESS,
      newState: () => new GroupState(),
      timer: {
        decide: (state, timer, now) => onGroupTimer(state, new Turn(config, now), timer),
        answered: (error, outcome) => this.#settle(error, outcome),
        activated: (state, now) => timersAfterLoad(state, config, now),
      },
      onDropped: (error) => this.#failParked(error),
    })
  }

  get state(): GroupState {
    return this.binding.ledger.state
  }
  get isActive(): boolean {
    return this.binding.ledger.status === 'active'
  }
  /** JoinGroup and SyncGroup requests that wait. */
  get parkedCount(): number {
    return this.#parked.size
  }

  /** A request that is answered with its own decision. */
  ask<A>(decide: (state: GroupState, turn: Turn) => A, refuse: (error: ErrorCode) => A): Promise<A> {
    return new Promise((resolve) => {
      this.binding.ledger.write(
        (state, now) => {
          const turn = new Turn(this.#options.config, now)
          return turn.decision(decide(state, turn))
        },
        (error, outcome: Outcome<A> | undefined) => {
          this.#settle(error, outcome)
          resolve(error === Errors.NONE ? outcome!.response : refuse(coordinatorError(error)))
        },
      )
    })
  }

  /** JoinGroup, SyncGroup: answered through the ticket, now or by a later decision. */
  park<A extends JoinAnswer | SyncAnswer>(ticket: Ticket, decide: (state: GroupState, turn: Turn) => void): Promise<A> {
    return new Promise((resolve) => {
      this.#parked.set(ticket, (answer) => resolve(answer as A))
      this.binding.ledger.write(
        (state, now) => {
          const turn = new Turn(this.#options.config, now)
          decide(state, turn)
          return turn.decision(undefined)
        },
        (error, outcome: Outcome<undefined> | undefined) => {
          this.#settle(error, outcome)
          if (outcome === undefined) this.#answer({ ticket, response: { errorCode: coordinatorError(error) } })
        },
      )
    })
  }

  read<A>(compute: (state: GroupState) => A, refuse: (error: ErrorCode) => A): Promise<A> {
    return new Promise((resolve) => {
      this.binding.ledger.read(compute, (error, answer) => resolve(error === Errors.NONE ? (answer as A) : refuse(coordinatorError(error))))
    })
  }

  #settle(error: ErrorCode, outcome: Outcome<unknown> | undefined): void {
    if (outcome === undefined) return
    if (error !== Errors.NONE) {
      const errorCode = coordinatorError(error)
      for (const { ticket } of outcome.deliveries) this.#answer({ ticket, response: { errorCode } })
      return
    }
    for (const delivery of outcome.deliveries) this.#answer(delivery)
    const { counts } = this.#options
    for (const name of Object.keys(counts) as (keyof GroupCounts)[]) counts[name] += outcome.counts[name]
  }

  #answer({ ticket, response }: Delivery): void {
    const parked = this.#parked.get(ticket)
    this.#parked.delete(ticket)
    parked?.(response)
  }

  #failParked(error: ErrorCode): void {
    const errorCode = coordinatorError(error)
    for (const ticket of [...this.#parked.keys()]) this.#answer({ ticket, response: { errorCode } })
  }
}
