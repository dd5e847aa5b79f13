import type { ErrorName } from '../protocol/index.ts'
import {
  baseOffset,
  baseSequence,
  isControl,
  isTransactional,
  lastOffset,
  lastOffsetDelta,
  lastSequence,
  maxTimestamp,
  NO_PRODUCER_EPOCH,
  producerEpoch,
  producerId,
} from '../records/index.ts'
import { type EndMarker, readEndMarker } from './end-marker.ts'
import { follows, ProducerState, type RememberedBatch } from './producer-state.ts'

/**
 * Where an append comes from (AppendOrigin). Clients are held to sequences and verified transactions, coordinators to
 * epochs; what a leader or the log itself has accepted is taken as it is.
 */
export type AppendOrigin = 'client' | 'coordinator' | 'replication' | 'raft'

export interface OpenTransaction {
  readonly producerId: number
  readonly firstOffset: number
  /** Offset of its marker, once there is one. */
  lastOffset: number
}

export interface CompletedTransaction {
  readonly producerId: number
  readonly firstOffset: number
  readonly lastOffset: number
  readonly aborted: boolean
}

/** Ticket of a transaction verification that is under way (KIP-890): lives until its transaction begins or fails. */
export interface Verification {
  readonly startedMs: number
  lowestSequence: number
  epoch: number
  readonly supportsEpochBump: boolean
}

export interface ProducerRules {
  readonly transactionVerification: boolean
  readonly producerIdExpirationMs: number
}

export interface ProducerCheck {
  readonly origin: AppendOrigin
  /** Transaction version of an end marker; 0 and 1 let equal epochs pass, 2 asks for a bumped one (KIP-890). */
  readonly transactionVersion?: number | undefined
  readonly verification?: Verification | undefined
}

/** The producers of a partition and its open transactions: ProducerStateManager without its files. */
export class Producers {
  readonly states = new Map<number, ProducerState>()
  readonly rules: ProducerRules
  readonly #verifications = new Map<number, Verification>()
  /** By first offset, rising: transactions begin in offset order. */
  #open = new Map<number, OpenTransaction>()
  /** Completed, but their marker is not below the high watermark yet. */
  readonly #unreplicated = new Map<number, OpenTransaction>()
  /** The states cover all offsets below this one. */
  endOffset = 0

  constructor(rules: ProducerRules) {
    this.rules = rules
  }

  get hasUndecided(): boolean {
    return this.#open.size > 0 || this.#unreplicated.size > 0
  }

  get isEmpty(): boolean {
    return this.states.size === 0 && this.#unreplicated.size === 0
  }

  /** First offset of a transaction that is open, or decided above the high watermark; infinite when there is none. */
  get firstUnstableOffset(): number {
    let first = this.firstOpenOffset
    for (const offset of this.#unreplicated.keys()) if (offset < first) first = offset
    return first
  }

  get firstOpenOffset(): number {
    for (const offset of this.#open.keys()) return offset
    return Number.POSITIVE_INFINITY
  }

  hasOpenTransaction(id: number, epoch: number): boolean {
    const state = this.states.get(id)
    return state !== undefined && state.transactionFirstOffset >= 0 && state.epoch === epoch
  }

  /** Kafka's maybeStartTransactionVerification: undefined when the transaction is open here already. */
  startVerification(id: number, sequence: number, epoch: number, supportsEpochBump: boolean, nowMs: number): Verification | undefined {
    if (!this.rules.transactionVerification || this.hasOpenTransaction(id, epoch)) return undefined
    let found = this.#verifications.get(id)
    if (found === undefined) {
      found = { startedMs: nowMs, lowestSequence: sequence, epoch, supportsEpochBump }
      this.#verifications.set(id, found)
    } else if (epoch > found.epoch) {
      found.epoch = epoch
      found.lowestSequence = sequence
    } else if (epoch === found.epoch && sequence < found.lowestSequence) found.lowestSequence = sequence
    return found
  }

  duplicateOf(bytes: Buffer, at: number): RememberedBatch | undefined {
    return this.states.get(producerId(bytes, at))?.duplicateOf(producerEpoch(bytes, at), baseSequence(bytes, at), lastSequence(bytes, at))
  }

  /** Why a batch of a client or coordinator must not be appended after `state`; undefined when it may. */
  check(state: ProducerState | undefined, bytes: Buffer, at: number, rules: ProducerCheck): ErrorName | undefined {
    const epoch = producerEpoch(bytes, at)
    const id = producerId(bytes, at)
    if (isTransactional(bytes, at) && !(state !== undefined && state.transactionFirstOffset >= 0 && state.epoch === epoch)) {
      if (state !== undefined && epoch < state.epoch) return 'INVALID_PRODUCER_EPOCH'
      if (this.rules.transactionVerification && !isControl(bytes, at)) {
        const wanted = this.#verifications.get(id)
        if (wanted === undefined || wanted !== rules.verification) return 'INVALID_TXN_STATE'
      }
    }
    if (isControl(bytes, at)) return this.#checkMarker(state, epoch, readEndMarker(bytes, at), rules.transactionVersion ?? 0)
    if (state !== undefined && epoch < state.epoch) return 'INVALID_PRODUCER_EPOCH'
    if (rules.origin === 'client' && !this.#inSequence(state, id, epoch, baseSequence(bytes, at))) return 'OUT_OF_ORDER_SEQUENCE_NUMBER'
    if (state !== undefined && state.transactionFirstOffset >= 0 && !isTransactional(bytes, at)) return 'INVALID_TXN_STATE'
    return undefined
  }

  #checkMarker(state: ProducerState | undefined, epoch: number, marker: EndMarker | undefined, version: number): ErrorName | undefined {
    if (state === undefined) return undefined
    if (version >= 2 ? epoch <= state.epoch : epoch < state.epoch) {
      const retry = version >= 2 && epoch === state.epoch && (state.transactionFirstOffset < 0 || epoch === 0x7fff)
      if (!retry) return 'INVALID_PRODUCER_EPOCH'
    }
    if (marker !== undefined && state.coordinatorEpoch > marker.coordinatorEpoch) return 'TRANSACTION_COORDINATOR_FENCED'
    return undefined
  }

  /** ProducerAppendInfo.checkSequence. An unknown producer may begin anywhere, its state may have expired (KIP-360). */
  #inSequence(state: ProducerState | undefined, id: number, epoch: number, first: number): boolean {
    const verification = this.#verifications.get(id)
    if (verification !== undefined) {
      const unknown = state === undefined || state.batches.length === 0
      if (verification.supportsEpochBump && first !== 0 && unknown) return false
      if (first > verification.lowestSequence) return false
    }
    if (state === undefined || state.epoch === NO_PRODUCER_EPOCH) return true
    return epoch !== state.epoch ? first === 0 : follows(state.lastSequence, first)
  }

  /** What `state` becomes by a batch, the original untouched: for appends of several batches, which go in together or not at all. */
  preview(state: ProducerState | undefined, bytes: Buffer, at: number): ProducerState {
    const copy = state?.copy() ?? new ProducerState(producerId(bytes, at))
    if (isControl(bytes, at)) applyMarker(copy, bytes, at)
    else applyData(copy, bytes, at)
    return copy
  }

  /** Takes a batch that is or will be in the log. Gives the transaction that its marker ends. */
  replay(bytes: Buffer, at: number): CompletedTransaction | undefined {
    const id = producerId(bytes, at)
    if (id < 0) return undefined
    const state = this.#stateFor(id)
    if (isControl(bytes, at)) return applyMarker(state, bytes, at)
    if (!applyData(state, bytes, at)) return undefined
    const firstOffset = state.transactionFirstOffset
    this.#open.set(firstOffset, { producerId: id, firstOffset, lastOffset: -1 })
    this.#verifications.delete(id)
    return undefined
  }

  #stateFor(id: number): ProducerState {
    let state = this.states.get(id)
    if (state === undefined) {
      state = new ProducerState(id)
      this.states.set(id, state)
    }
    return state
  }

  /** Last stable offset right after `completed`'s marker, for the transaction index. */
  lastStableOffsetAfter(completed: CompletedTransaction): number {
    for (const open of this.#open.values()) if (open.producerId !== completed.producerId) return open.firstOffset
    return completed.lastOffset + 1
  }

  complete(completed: CompletedTransaction): void {
    const open = this.#open.get(completed.firstOffset)
    if (open === undefined) return
    this.#open.delete(completed.firstOffset)
    open.lastOffset = completed.lastOffset
    this.#unreplicated.set(completed.firstOffset, open)
  }

  /** Transactions whose marker lies below `offset` are decided for every reader. */
  forgetDecidedBelow(offset: number): void {
    for (const [first, transaction] of this.#unreplicated) if (transaction.lastOffset < offset) this.#unreplicated.delete(first)
  }

  expire(nowMs: number): number {
    const before = this.states.size
    for (const [id, state] of this.states) if (this.isExpired(state, nowMs)) this.states.delete(id)
    for (const [id, verification] of this.#verifications)
      if (nowMs - verification.startedMs >= this.rules.producerIdExpirationMs) this.#verifications.delete(id)
    return before - this.states.size
  }

  isExpired(state: ProducerState, nowMs: number): boolean {
    return state.transactionFirstOffset < 0 && nowMs - state.lastTimestamp >= this.rules.producerIdExpirationMs
  }

  /** Replaces everything by a snapshot's states. */
  load(states: readonly ProducerState[], endOffset: number): void {
    this.clear(endOffset)
    const open: OpenTransaction[] = []
    for (const state of states) {
      this.states.set(state.producerId, state)
      if (state.transactionFirstOffset >= 0)
        open.push({ producerId: state.producerId, firstOffset: state.transactionFirstOffset, lastOffset: -1 })
    }
    open.sort((a, b) => a.firstOffset - b.firstOffset)
    this.#open = new Map(open.map((transaction) => [transaction.firstOffset, transaction]))
  }

  clear(endOffset: number): void {
    this.states.clear()
    this.#open.clear()
    this.#unreplicated.clear()
    this.endOffset = endOffset
  }
}

/** True: the batch begins a transaction. */
const applyData = (state: ProducerState, bytes: Buffer, at: number): boolean => {
  state.addBatch(
    producerEpoch(bytes, at),
    lastSequence(bytes, at),
    lastOffset(bytes, at),
    lastOffsetDelta(bytes, at),
    maxTimestamp(bytes, at),
  )
  if (!isTransactional(bytes, at) || state.transactionFirstOffset >= 0) return false
  state.transactionFirstOffset = baseOffset(bytes, at)
  return true
}

const applyMarker = (state: ProducerState, bytes: Buffer, at: number): CompletedTransaction | undefined => {
  const marker = readEndMarker(bytes, at)
  if (marker === undefined) return undefined
  const firstOffset = state.transactionFirstOffset
  state.setEpoch(producerEpoch(bytes, at))
  state.coordinatorEpoch = marker.coordinatorEpoch
  state.transactionFirstOffset = -1
  state.lastTimestamp = marker.timestamp
  if (firstOffset < 0) return undefined
  return { producerId: state.producerId, firstOffset, lastOffset: baseOffset(bytes, at), aborted: marker.aborted }
}
