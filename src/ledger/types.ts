import type { ErrorCode } from '../protocol/index.ts'

/** Where decided records go: a partition of an internal topic, or the raft log. One object per leadership: it is bound to its epoch. */
export interface LedgerLog<R> {
  /** Offset that the next appended record gets. Whoever appends here besides the ledger calls `ledger.flush()` first. */
  readonly endOffset: number
  /** Everything below is committed; passed on later through `ledger.onCommitted`. */
  readonly committedOffset: number
  /** Largest batch that is taken, in the measure of `bytesOf`. */
  readonly batchBytesMax: number
  bytesOf(record: R): number
  /**
   * Kafka's error that an append would meet now, NONE when it would be taken. Asked before each decision, so that a log which takes nothing
   * (too few in-sync replicas, an offline directory) costs no reload.
   */
  refusal(): ErrorCode
  /**
   * Fixes the order of the records now and takes them as one batch, all or none. NONE, or why not: then the ledger drops its state.
   * May call `ledger.onCommitted` before it returns.
   */
  append(records: readonly R[], batch: BatchOrigin): ErrorCode
}

export interface BatchOrigin {
  /** Wall clock milliseconds. */
  readonly timestamp: number
  /** Set when the records belong to a client's transaction (KIP-447). */
  readonly producer: TransactionalProducer | undefined
}
export interface TransactionalProducer {
  readonly producerId: number
  readonly producerEpoch: number
}
export const NO_PRODUCER_ID = -1

/** What a ledger keeps in memory. `replay` is the only mutator of whatever must survive a failover. */
export interface LedgerState<R> {
  /** `producerId` is −1 outside of transactions. Never refuses: what the log holds is so. */
  replay(record: R, offset: number, producerId: number): void
  /** The transaction of `producerId` ended. */
  replayMarker?(producerId: number, committed: boolean): void
}

/**
 * What a decider says. Records are replayed at once, appended together, and the answer goes out when they (and all uncommitted records
 * that the decision could see) are committed.
 */
export interface Decision<R, A, E = never> {
  readonly records: readonly R[]
  readonly answer: A
  readonly timers?: readonly TimerChange<E>[]
  readonly producer?: TransactionalProducer
  /** True: the records may be spread over several batches, so that a failover can find some of them only. */
  readonly divisible?: boolean
  /** Decides again when the records are too large for one batch; without it the answer is that error. Its own records must fit. */
  readonly otherwise?: (error: ErrorCode) => Decision<R, A, E>
}

/** A timer has a key; setting it again moves it. `cancel` of a key that is not set is harmless. */
export type TimerChange<E> =
  | { readonly key: string; readonly delayMs: number; readonly event: E }
  | { readonly key: string; readonly cancel: true }

export type Decide<S, R, A, E = never> = (state: S, now: number) => Decision<R, A, E>

/**
 * Called once. `error` NONE: the answer is committed. Otherwise it must not be told; it is there when something was decided (so that a
 * decider that answers several requests at once knows whom to disappoint), undefined when nothing was.
 */
export type Answered<A> = (error: ErrorCode, answer: A | undefined) => void
