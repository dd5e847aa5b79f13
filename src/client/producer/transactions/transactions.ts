import { assert } from '../../../base/index.ts'
import { Errors, isRetriable, type Message, type Schema } from '../../../protocol/index.ts'
import type { OffsetToCommit } from '../../admin/group-offsets.ts'
import { ClientError } from '../../client-error.ts'
import type { Cluster } from '../../cluster.ts'
import type { ProducerSettings } from '../../config.ts'
import type { ProducerIdentity } from '../identity.ts'
import type { PartitionQueue } from '../partition-queue.ts'
import {
  addOffsetsQuestion,
  addPartitionsQuestion,
  endQuestion,
  initQuestion,
  offsetCommitQuestion,
  produceV2,
  type TransactionGroup,
} from './transaction-calls.ts'
import { type Question, TransactionCoordinator, TransactionRefusal } from './transaction-coordinator.ts'
import { misuse, TransactionOperations } from './transaction-operations.ts'
import { mayFollow, type TransactionPhase } from './transaction-phase.ts'
import { isFatalOfProduce, type TransactionApi } from './transaction-verdict.ts'

export interface TransactionHooks {
  readonly cluster: Cluster
  readonly settings: ProducerSettings
  /** Fails batches that did not go yet, or (`unanswered`) wait to go again. */
  readonly discard: (error: ClientError, which: 'unsent' | 'unanswered') => void
  /** Fails all batches, and what comes. */
  readonly giveUp: (error: ClientError) => void
  /** Sends all, and resolves when each batch came to its end. */
  readonly settled: () => Promise<void>
  /** Batches may go that could not. */
  readonly schedule: () => void
}

/** While the last transaction comes to its end on the brokers, the next one waits no longer than that (KAFKA-5482). */
const ADD_AGAIN_MS = 20
const TRANSACTION_VERSION = 'transaction.version'

/**
 * The transactions of one producer (KIP-98, 360, 447, 890): all its records between `begin` and `commit` come to be seen at once, or never.
 *
 *     await transactions.init()
 *     transactions.begin()
 *     … producer.send(…)
 *     await transactions.commit()
 *
 * What goes wrong shows in `phase`: after an abortable error `abort`, and go on; after a fatal one close the producer. An operation that
 * rejects with REQUEST_TIMED_OUT goes on meanwhile: call it again.
 */
export class Transactions implements ProducerIdentity {
  readonly transactionalId: string
  producerId = -1
  producerEpoch = -1
  /** Counts transactions that were begun. */
  serial = 0
  readonly #hooks: TransactionHooks
  readonly #coordinator: TransactionCoordinator
  readonly #operations: TransactionOperations
  #phase: TransactionPhase = 'uninitialized'
  #failure: ClientError | undefined
  /** Transactions of version 2, by which each end brings a new epoch. */
  #isV2 = false
  /** The coordinator knows, or may know, of the transaction. */
  #isStarted = false
  /** The next transaction needs another epoch. */
  #needsEpoch = false
  /** Counts how often it came to an error: what was asked for before is of no use then. */
  #losses = 0
  #fresh: PartitionQueue[] = []
  #isAdding = false
  /** Requests to coordinators go one after the other. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(hooks: TransactionHooks, transactionalId: string) {
    this.#hooks = hooks
    this.transactionalId = transactionalId
    this.#coordinator = new TransactionCoordinator(hooks.cluster, transactionalId, () => this.#losses)
    this.#operations = new TransactionOperations(hooks.cluster, hooks.settings['max.block.ms'], this.#coordinator)
  }

  get phase(): TransactionPhase {
    return this.#phase
  }

  get problem(): ClientError | undefined {
    return this.#failure ?? this.#coordinator.problem
  }

  /** Bounds on Produce: its version says of which version the transaction is. */
  get produceVersions(): { readonly minVersion: number } | { readonly maxVersion: number } {
    return this.#isV2 ? { minVersion: produceV2 } : { maxVersion: produceV2 - 1 }
  }

  /** Takes the transactional id: whoever had it is fenced, and what it had begun is aborted. Once, before all else. */
  init(): Promise<void> {
    return this.#operations.run('init', async () => {
      this.#checkError()
      if (this.#phase !== 'uninitialized') throw misuse(`the transactions of ${this.transactionalId} are initialized already`)
      this.#to('initializing')
      await this.#inTurn(() => this.#takeEpoch())
      this.#learnVersion()
      this.#to('ready')
    })
  }

  /** @throws ClientError when none can begin now */
  begin(): void {
    this.#operations.checkOver('begin')
    this.#checkError()
    if (this.#phase === 'uninitialized') throw misuse('no transaction can begin before init')
    if (this.#phase !== 'ready') throw misuse('a transaction is under way: commit or abort it first')
    this.#to('in transaction')
    this.serial++
  }

  /**
   * Resolves when all of it is there for good. Rejects with a ClientError: when `phase` is `abortable error`, abort.
   * A record that was not delivered keeps the whole transaction from being committed.
   */
  commit(): Promise<void> {
    return this.#operations.run('commit', async () => {
      this.#checkError()
      if (this.#phase !== 'in transaction') throw misuse('there is no transaction to commit')
      this.#to('committing')
      await this.#hooks.settled()
      this.#checkError()
      await this.#inTurn(() => {
        // Offsets may have come to nothing meanwhile.
        this.#checkError()
        return this.#end(true)
      })
    })
  }

  /** Resolves when nothing of it will ever be seen. Records that were not delivered yet fail. */
  abort(): Promise<void> {
    return this.#operations.run('abort', async () => {
      if (this.#phase !== 'abortable error') this.#checkError()
      if (!mayFollow(this.#phase, 'aborting')) throw misuse('there is no transaction to abort')
      this.#to('aborting')
      this.#failure = undefined
      this.#fresh = []
      this.#hooks.discard(new ClientError(Errors.TRANSACTION_ABORTABLE, 'the transaction was aborted'), 'unsent')
      await this.#hooks.settled()
      this.#checkError()
      await this.#inTurn(() => this.#end(false))
    })
  }

  /** Commits offsets of a group with the transaction: seen when its records are, and not without. */
  async sendOffsets(offsets: readonly OffsetToCommit[], group: TransactionGroup): Promise<void> {
    if ((group.generationId ?? -1) > 0 && (group.memberId ?? '') === '') throw misuse('a member of a group has a generation and an id')
    this.checkSend()
    if (offsets.length === 0) return
    if (this.#isV2) this.#isStarted = true
    const sent = this.#inTurn(async () => {
      if (!this.#isV2) {
        await this.#ask(addOffsetsQuestion(this, group.groupId))
        this.#isStarted = true
      }
      await this.#ask(offsetCommitQuestion(this, group, offsets, this.#isV2))
    })
    await this.#operations.within('sendOffsets', sent)
  }

  /** @throws ClientError when no record belongs anywhere now */
  checkSend(): void {
    if (this.#phase === 'in transaction' && !this.#operations.isPending) return
    this.#operations.checkOver('send')
    this.#checkError()
    throw misuse('records of a transactional producer need a transaction: begin one')
  }

  /** As `checkSend`, of records that were sent before and had to wait for room. @throws ClientError */
  checkTake(): void {
    if (this.#phase === 'in transaction' || this.#phase === 'committing') return
    this.#checkError()
    throw new ClientError(Errors.TRANSACTION_ABORTABLE, 'the transaction was aborted')
  }

  /** A partition has records of this transaction. */
  enlist(queue: PartitionQueue): void {
    if (queue.enlisted === this.serial) return
    queue.enlisted = this.serial
    if (this.#isV2) {
      this.#isStarted = true
      return
    }
    this.#fresh.push(queue)
    if (!this.#isAdding) void this.#addPartitions()
  }

  /** Its batches may go: the coordinator knows, or will be told by who leads it. */
  admits(queue: PartitionQueue): boolean {
    return this.#phase !== 'fatal error' && (this.#isV2 || queue.admitted === this.serial)
  }

  /** In an error nothing goes again: the transaction is lost. */
  get isLost(): boolean {
    return this.#phase === 'abortable error' || this.#phase === 'fatal error'
  }

  /** A batch has failed for good, or a record could not be taken. */
  batchFailed(error: ClientError): void {
    const { code } = error
    if (isFatalOfProduce(code)) this.#become('fatal error', code === Errors.PRODUCER_FENCED ? this.#fenced() : error)
    else if (this.#phase === 'in transaction' || this.#phase === 'committing' || this.#phase === 'abortable error') {
      const isSpent = isRetriable(code) || code === Errors.INVALID_TXN_STATE
      const message = `a record was not delivered: ${error.message}`
      const failure = new ClientError(isSpent ? Errors.TRANSACTION_ABORTABLE : code, message, {
        hint: error.hint,
        cause: error,
        retriable: false,
      })
      this.#recover(failure)
    } else if (this.#phase === 'aborting') this.#needsEpoch ||= !this.#isV2
  }

  /** Ends what is under way: what is not being committed is aborted. */
  async close(): Promise<void> {
    await this.#operations.over()
    if (this.#phase === 'in transaction' || this.#phase === 'abortable error') await this.abort().catch(() => {})
  }

  async #addPartitions(): Promise<void> {
    this.#isAdding = true
    while (this.#fresh.length > 0)
      await this.#inTurn(async () => {
        // Aborted in the meantime.
        if (this.#fresh.length === 0) return
        const { serial } = this
        const added = this.#fresh
        this.#fresh = []
        const delayMs = (code: number): number | undefined =>
          code !== Errors.CONCURRENT_TRANSACTIONS
            ? undefined
            : Math.min(this.#isStarted ? Number.POSITIVE_INFINITY : ADD_AGAIN_MS, this.#hooks.settings['retry.backoff.ms'])
        await this.#ask(addPartitionsQuestion(this, added, delayMs))
        this.#isStarted = true
        for (const queue of added) queue.admitted = serial
        this.#hooks.schedule()
      }).catch(() => {
        // Whoever waits for the records is told.
        this.#fresh = []
      })
    this.#isAdding = false
  }

  async #end(committed: boolean): Promise<void> {
    if (this.#isStarted) {
      const { producerId, producerEpoch } = await this.#ask(endQuestion(this, committed, this.#isV2))
      this.#isStarted = false
      if (producerId !== -1) this.#setEpoch(producerId, producerEpoch)
    }
    const wasV2 = this.#isV2
    this.#learnVersion()
    // What the first version knew of partitions must not be taken for the second's.
    if (this.#needsEpoch || (this.#isV2 && !wasV2) || this.producerId < 0) {
      this.#to('initializing')
      await this.#takeEpoch()
    }
    this.#to('ready')
  }

  /** The producer's id with its next epoch; the first time whatever the coordinator gives. */
  async #takeEpoch(): Promise<void> {
    const answer = await this.#ask(initQuestion(this, this.#hooks.settings['transaction.timeout.ms']))
    this.#needsEpoch = false
    this.#setEpoch(answer.producerId, answer.producerEpoch)
  }

  #setEpoch(producerId: number, producerEpoch: number): void {
    this.producerId = producerId
    this.producerEpoch = producerEpoch
  }

  #learnVersion(): void {
    this.#isV2 = this.#hooks.cluster.finalizedLevel(TRANSACTION_VERSION) >= 2
  }

  /** As the coordinator answers; a refusal has its consequences first. */
  async #ask<Q extends Schema, R extends Schema>(question: Question<Q, R>): Promise<Message<R>> {
    this.#checkError()
    try {
      return await this.#coordinator.ask(question)
    } catch (error) {
      throw error instanceof TransactionRefusal ? this.#refused(error, question.api) : error
    }
  }

  #refused(refusal: TransactionRefusal, api: TransactionApi): ClientError {
    const isAborting = this.#phase === 'aborting'
    // An abort that is to be aborted would never end.
    const isFinal = isAborting && api === 'EndTxn'
    switch (refusal.verdict) {
      case 'refused':
        this.#to('uninitialized')
        return refusal
      case 'abortable':
        if (isFinal) break
        if (!isAborting) this.#become('abortable error', refusal)
        return refusal
      case 'recoverable':
        if (isFinal) break
        if (isAborting) this.#needsEpoch ||= !this.#isV2
        else this.#recover(refusal)
        return refusal
      case 'fenced':
        return this.#become('fatal error', this.#fenced())
    }
    return this.#become('fatal error', refusal)
  }

  /** An error that the next epoch leaves behind. */
  #recover(error: ClientError): void {
    if (!this.#isV2 && !this.#coordinator.canBump) {
      this.#become('fatal error', error)
      return
    }
    this.#needsEpoch ||= !this.#isV2
    this.#become('abortable error', error)
  }

  #become(phase: 'abortable error' | 'fatal error', error: ClientError): ClientError {
    if (this.#phase === 'fatal error') return error
    const isNews = this.#phase !== phase
    this.#to(phase)
    if (isNews) {
      this.#failure = error
      this.#losses++
    }
    if (phase === 'fatal error') this.#hooks.giveUp(this.#failure!)
    else this.#hooks.discard(this.#failure!, 'unanswered')
    return error
  }

  #to(phase: TransactionPhase): void {
    assert(mayFollow(this.#phase, phase), `transactions go from ${this.#phase} to ${phase}`)
    this.#phase = phase
  }

  #checkError(): void {
    if (!this.isLost) return
    const { code, message, hint } = this.#failure!
    const isFatal = this.#phase === 'fatal error'
    throw new ClientError(code, isFatal ? message : `the transaction can only be aborted: ${message}`, {
      ...{ hint, cause: this.#failure },
      retriable: false,
    })
  }

  #fenced(): ClientError {
    const { transactionalId, producerEpoch } = this
    const message = `another producer has transactional.id ${transactionalId} now, or the cluster ended the transaction: epoch ${producerEpoch} of this one is over`
    return new ClientError(Errors.PRODUCER_FENCED, message, {
      hint: 'Producers that run at once need ids of their own. A transaction may take as long as transaction.timeout.ms.',
    })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work)
    this.#turn = mine.catch(() => {})
    return mine
  }
}
