import { assert, DeadlineWheel } from '../base/index.ts'
import type { Clock, Timer } from '../host/index.ts'
import { type ErrorCode, Errors } from '../protocol/index.ts'
import { LedgerTimers } from './ledger-timers.ts'
import type { Answered, Decide, Decision, LedgerLog, LedgerState, TimerChange, TransactionalProducer } from './types.ts'
import { NO_PRODUCER_ID } from './types.ts'
import { WaitingAnswers } from './waiting-answers.ts'

/** What happens when a timer comes due: a decision like that of a request. */
export interface TimerDecider<S, R, E, T> {
  decide(state: S, event: E, now: number): Decision<R, T, E>
  answered: Answered<T>
  /** Timers that freshly loaded state needs: those of before died with the process that set them. */
  activated?(state: S, now: number): readonly TimerChange<E>[]
}

export interface LedgerOptions<S, R, E, T> {
  readonly clock: Clock
  /** Shared by many ledgers; one of its own when left out. */
  readonly wheel?: DeadlineWheel
  newState(): S
  readonly timer?: TimerDecider<S, R, E, T>
  /** What is answered while nobody leads here (NOT_COORDINATOR, NOT_CONTROLLER) and while state is loaded. */
  readonly inactiveError: ErrorCode
  readonly loadingError: ErrorCode
  /**
   * How long a batch may wait for more decisions: −1 until the decisions that are already waiting are made (Kafka's adaptive default of
   * group.coordinator.append.linger.ms), 0 not at all.
   */
  readonly lingerMs?: number
  /** After this an answer that is not committed is REQUEST_TIMED_OUT. */
  readonly answerTimeoutMs?: number
  readonly waitingAnswersMax?: number | undefined
  /** What is answered while so many wait; default: COORDINATOR_NOT_AVAILABLE. */
  readonly fullError?: ErrorCode
  /** An append failed: the ledger dropped its state and is inactive. The owner loads it again or resigns. */
  onFailed?(error: ErrorCode): void
}

export type LedgerStatus = 'inactive' | 'loading' | 'active'

const TIMER_RETRY_MS = 500
const WHEEL_TICK_MS = 250

/**
 * The runtime under every replicated decider.
 *
 *     write ─► decide ─► replay ─► batch ─┬─► append ─► log commits ─► answer
 *     read  ─► compute ───────────────────┴── nothing uncommitted ──► answer
 *
 * State is ahead of the log by what is not yet committed, so an answer waits until all that it could see is. When an append fails, or
 * leadership goes, the state that ran ahead is dropped as a whole and loaded from the log again: there is no undo.
 */
export class Ledger<S extends LedgerState<R>, R, E = never, T = void> {
  readonly options: LedgerOptions<S, R, E, T>
  readonly #clock: Clock
  readonly #timers: LedgerTimers<E>
  readonly #wheel: DeadlineWheel
  readonly #ownsWheel: boolean
  readonly #waiting: WaitingAnswers
  readonly #lingerMs: number
  readonly #answerTimeoutMs: number
  #status: LedgerStatus = 'inactive'
  #state: S
  #log: LedgerLog<R> | undefined
  /** Counts activations and losses, so that work begun in one is not finished in another. */
  #era = 0
  #lastFailure: ErrorCode = Errors.NONE
  #committedOffset = 0
  /** End of all that was replayed, the batch that is being filled included. */
  #replayedEnd = 0
  #batch: R[] = []
  #batchBytes = 0
  #batchProducer: TransactionalProducer | undefined
  #batchTimestamp = 0
  #linger: Timer | undefined
  /** The batch that a deferred call is going to flush. */
  #deferred: R[] | undefined
  #expiry: Timer | undefined

  constructor(options: LedgerOptions<S, R, E, T>) {
    this.options = options
    this.#clock = options.clock
    this.#ownsWheel = options.wheel === undefined
    this.#wheel = options.wheel ?? new DeadlineWheel(options.clock, WHEEL_TICK_MS)
    this.#timers = new LedgerTimers<E>(options.clock, this.#wheel, (key, event) => this.#onTimer(key, event))
    this.#waiting = new WaitingAnswers(options.waitingAnswersMax ?? 100_000)
    this.#lingerMs = options.lingerMs ?? -1
    this.#answerTimeoutMs = options.answerTimeoutMs ?? 5000
    this.#state = options.newState()
  }

  get status(): LedgerStatus {
    return this.#status
  }
  /** For metrics and for the owner's loading; decisions and reads get it passed. */
  get state(): S {
    return this.#state
  }
  get committedOffset(): number {
    return this.#committedOffset
  }
  get timerCount(): number {
    return this.#timers.count
  }
  get waitingCount(): number {
    return this.#waiting.count
  }

  // ── loading ────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Forgets all state; until `activate` requests are refused with the loading error. */
  startLoading(): void {
    this.#drop(this.options.inactiveError)
    this.#status = 'loading'
  }

  /** A record that the log already holds: while loading, and on a node that follows (raft). */
  replay(record: R, offset: number, producerId = NO_PRODUCER_ID): void {
    assert(this.#status !== 'active', 'an active ledger replays only what it decides')
    this.#state.replay(record, offset, producerId)
  }

  /** The end of a transaction: while loading, and when the owner of the log appended a marker. */
  replayMarker(producerId: number, committed: boolean): void {
    assert(this.#batch.length === 0, 'a marker comes after a flush')
    this.#state.replayMarker?.(producerId, committed)
  }

  /** The state is complete up to `log.endOffset`: decisions begin. */
  activate(log: LedgerLog<R>): void {
    assert(this.#status !== 'active', 'a ledger is activated once')
    this.#era++
    this.#status = 'active'
    this.#log = log
    this.#committedOffset = log.committedOffset
    this.#replayedEnd = log.endOffset
    const timers = this.options.timer?.activated?.(this.#state, this.#clock.now())
    if (timers !== undefined) this.#timers.apply(timers)
  }

  /** Leadership is gone, or the node closes: outstanding answers fail with `error`, timers and state are dropped. */
  deactivate(error: ErrorCode = this.options.inactiveError): void {
    this.#drop(error)
    this.#status = 'inactive'
  }

  /** The ledger of a node that stops for good. */
  close(error?: ErrorCode): void {
    this.deactivate(error)
    if (this.#ownsWheel) this.#wheel.close()
  }

  // ── deciding ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Decides now; `answered` is called once, possibly before this returns. */
  write<A>(decide: Decide<S, R, A, E>, answered: Answered<A>): void {
    const refusal = this.#refusal()
    if (refusal !== Errors.NONE) return answered(refusal, undefined)
    const era = this.#era
    this.#take(decide(this.#state, this.#clock.now()), answered, era)
  }

  /** An answer without records, of the state that decisions see. */
  read<A>(compute: (state: S, now: number) => A, answered: Answered<A>): void {
    if (this.#status !== 'active') return answered(this.#statusError(), undefined)
    if (this.#waiting.full) return answered(this.#fullError, undefined)
    this.#answerWhenCommitted(compute(this.#state, this.#clock.now()), answered)
  }

  /** The committed end of the log moved. */
  onCommitted(committedOffset: number): void {
    if (this.#status !== 'active' || committedOffset <= this.#committedOffset) return
    this.#committedOffset = committedOffset
    this.#waiting.commit(committedOffset)
  }

  /** Appends what waits for more. To be called before anyone else appends to the same log. */
  flush(): void {
    this.#linger?.cancel()
    this.#linger = undefined
    if (this.#batch.length === 0) return
    const log = this.#log
    assert(log !== undefined, 'a batch belongs to a log')
    const records = this.#batch
    const origin = { timestamp: this.#batchTimestamp, producer: this.#batchProducer }
    const expected = this.#replayedEnd - records.length
    this.#batch = []
    this.#batchBytes = 0
    this.#batchProducer = undefined
    // A log that moved under us gives the records offsets other than those they were replayed with.
    const error = log.endOffset === expected ? log.append(records, origin) : this.options.inactiveError
    if (error !== Errors.NONE) this.#fail(error)
  }

  /** After a flush somebody else appended to the log: what is decided next goes behind that. */
  skipTo(endOffset: number): void {
    if (this.#status !== 'active') return
    assert(this.#batch.length === 0 && endOffset >= this.#replayedEnd, 'a log is passed on between batches')
    this.#replayedEnd = endOffset
  }

  // ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

  #statusError(): ErrorCode {
    return this.#status === 'loading' ? this.options.loadingError : this.options.inactiveError
  }

  get #fullError(): ErrorCode {
    return this.options.fullError ?? Errors.COORDINATOR_NOT_AVAILABLE
  }

  #refusal(): ErrorCode {
    if (this.#status !== 'active') return this.#statusError()
    if (this.#waiting.full) return this.#fullError
    return this.#log!.refusal()
  }

  /** `era`: of the state that was decided from. A decision that makes its owner flush can end it. */
  #take<A>(decision: Decision<R, A, E>, answered: Answered<A>, era: number): void {
    if (era !== this.#era) return answered(this.#lastFailure, decision.answer)
    const bytes = this.#bytesOf(decision.records)
    if (bytes > this.#log!.batchBytesMax && decision.divisible !== true) {
      if (decision.otherwise === undefined) return answered(Errors.MESSAGE_TOO_LARGE, decision.answer)
      return this.#take(decision.otherwise(Errors.MESSAGE_TOO_LARGE), answered, era)
    }
    if (decision.records.length > 0) this.#append(decision, bytes)
    if (era !== this.#era) return answered(this.#lastFailure, decision.answer)
    if (decision.timers !== undefined) this.#timers.apply(decision.timers)
    this.#answerWhenCommitted(decision.answer, answered)
    if (this.#lingerMs === 0 || this.#batchProducer !== undefined || this.#batchBytes >= this.#log!.batchBytesMax) this.flush()
  }

  #append(decision: Decision<R, unknown, E>, bytes: number): void {
    const { producer } = decision
    const whole = decision.divisible !== true
    const era = this.#era
    if (producer !== undefined || (whole && !this.#hasRoom(bytes))) this.flush()
    for (const record of decision.records) {
      if (era === this.#era && !whole && !this.#hasRoom(this.#log!.bytesOf(record))) this.flush()
      // The batch before was not taken: what this one was decided from is gone.
      if (era !== this.#era) return
      this.#state.replay(record, this.#replayedEnd, producer?.producerId ?? NO_PRODUCER_ID)
      if (this.#batch.length === 0) this.#batchTimestamp = this.#clock.now()
      this.#batch.push(record)
      this.#batchBytes += this.#log!.bytesOf(record)
      this.#replayedEnd++
    }
    this.#batchProducer = producer
    if (this.#linger === undefined) this.#startLinger()
  }

  #startLinger(): void {
    if (this.#lingerMs > 0) this.#linger = this.#clock.after(this.#lingerMs, () => this.flush())
    else if (this.#lingerMs < 0) {
      const batch = this.#batch
      if (batch === this.#deferred) return
      this.#deferred = batch
      this.#clock.defer(() => {
        if (this.#batch === batch) this.flush()
      })
    }
  }

  #hasRoom(bytes: number): boolean {
    return this.#batch.length === 0 || this.#batchBytes + bytes <= this.#log!.batchBytesMax
  }

  #bytesOf(records: readonly R[]): number {
    let bytes = 0
    for (const record of records) bytes += this.#log!.bytesOf(record)
    return bytes
  }

  #answerWhenCommitted<A>(answer: A, answered: Answered<A>): void {
    if (this.#replayedEnd <= this.#committedOffset) return answered(Errors.NONE, answer)
    const deadlineMs = this.#clock.monotonic() + this.#answerTimeoutMs
    this.#waiting.add(this.#replayedEnd, deadlineMs, (error) => answered(error, answer))
    this.#watchDeadlines()
  }

  #watchDeadlines(): void {
    if (this.#expiry !== undefined || this.#waiting.nextDeadlineMs === Number.POSITIVE_INFINITY) return
    const delayMs = Math.max(1, this.#waiting.nextDeadlineMs - this.#clock.monotonic())
    this.#expiry = this.#clock.after(delayMs, () => {
      this.#expiry = undefined
      this.#waiting.expire(this.#clock.monotonic())
      this.#watchDeadlines()
    })
  }

  #onTimer(key: string, event: E): void {
    const { timer } = this.options
    if (this.#status !== 'active' || timer === undefined) return
    if (this.#refusal() !== Errors.NONE) return this.#timers.set(key, TIMER_RETRY_MS, event)
    const era = this.#era
    this.#take(timer.decide(this.#state, event, this.#clock.now()), timer.answered, era)
  }

  #fail(error: ErrorCode): void {
    this.#lastFailure = error
    this.#drop(error)
    this.#status = 'inactive'
    this.options.onFailed?.(error)
  }

  #drop(error: ErrorCode): void {
    this.#era++
    this.#status = 'inactive'
    this.#log = undefined
    this.#batch = []
    this.#batchBytes = 0
    this.#batchProducer = undefined
    this.#linger?.cancel()
    this.#linger = undefined
    this.#expiry?.cancel()
    this.#expiry = undefined
    this.#timers.clear()
    this.#committedOffset = 0
    this.#replayedEnd = 0
    this.#state = this.options.newState()
    this.#waiting.failAll(error)
  }
}
