import { Apis, Errors, errorName, type Message, type Schema } from '../../../protocol/index.ts'
import { Backoff } from '../../backoff.ts'
import { type BrokerLink, pause } from '../../broker-link.ts'
import type { Body, Call, CallOptions } from '../../call.ts'
import { ClientError, isRetriableError } from '../../client-error.ts'
import { type Cluster, CoordinatorType } from '../../cluster.ts'
import { type TransactionApi, type Verdict, verdictOf } from './transaction-verdict.ts'

/** An answer that ends a question, and not well. */
export class TransactionRefusal extends ClientError {
  readonly verdict: Verdict

  constructor(verdict: Verdict, code: number, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(code, message, { ...options, retriable: false })
    this.verdict = verdict
  }
}

/** The version of InitProducerId from which on a producer can ask for a new epoch (KIP-360). */
export const EPOCH_BUMP = 3

export interface Question<Q extends Schema, R extends Schema> {
  readonly api: Exclude<TransactionApi, 'FindCoordinator'>
  readonly call: Call<Q, R>
  readonly body: Body<Q>
  readonly versions: Pick<CallOptions, 'minVersion' | 'maxVersion'>
  /** Which error an answer comes to. */
  readonly codeOf: (answer: Message<R>) => number
  /** Asks the coordinator of this group, not that of the transactional id. */
  readonly groupId?: string
  /** How long to wait after this answer; default: longer each time. */
  readonly delayMs?: (code: number) => number | undefined
}

const hints: Readonly<Record<number, string>> = {
  [Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED]:
    'Either this user may not write with the transactional id (tkafka acls add --transactional-id), or the cluster serves no transactions.',
  [Errors.GROUP_AUTHORIZATION_FAILED]: 'This user may not read as the group: tkafka acls add --group.',
  [Errors.INVALID_TRANSACTION_TIMEOUT]: 'transaction.timeout.ms is more than transaction.max.timeout.ms of the brokers allows.',
  [Errors.INVALID_TXN_STATE]:
    'The cluster has ended the transaction: it took longer than transaction.timeout.ms, or another producer has the transactional id.',
  [Errors.UNSUPPORTED_VERSION]: 'The brokers are older than transactions need.',
}

/** Asks the coordinators of a transactional producer, again and again while an answer may still change, wherever they move. */
export class TransactionCoordinator {
  /** What an answer that is still to come waits for. */
  problem: ClientError | undefined
  /** It gives the same producer another epoch (KIP-360). */
  canBump = false
  readonly #cluster: Cluster
  readonly transactionalId: string
  readonly #backoff: Backoff
  readonly #losses: () => number

  /** `losses`: how many transactions were lost. A question that was asked before the last of them is not asked again. */
  constructor(cluster: Cluster, transactionalId: string, losses: () => number) {
    this.#cluster = cluster
    this.transactionalId = transactionalId
    this.#losses = losses
    this.#backoff = new Backoff(cluster.settings['retry.backoff.ms'], cluster.settings['retry.backoff.max.ms'], cluster.host.random)
  }

  /** The answer without an error. @throws TransactionRefusal; ClientError when the producer was closed, or the transaction lost, meanwhile */
  async ask<Q extends Schema, R extends Schema>(question: Question<Q, R>): Promise<Message<R>> {
    const losses = this.#losses()
    for (let attempts = 0; ; attempts++) {
      const { api, codeOf } = question
      let code: number
      try {
        const answer = await this.#attempt(question)
        code = codeOf(answer)
        if (code === Errors.NONE) {
          this.problem = undefined
          return answer
        }
        const verdict = verdictOf(api, code)
        this.problem = new ClientError(code, `${api}: ${errorName(code)}`)
        if (verdict === 'elsewhere') this.#forget(question)
        else if (verdict !== 'again') throw refusal(verdict, code, `${api}: ${errorName(code)}`)
      } catch (error) {
        if (error instanceof TransactionRefusal || this.#cluster.closed || !(error instanceof ClientError)) throw error
        if (!isRetriableError(error)) throw refusal('fatal', error.code, error.message, error)
        this.problem = error
        code = error.code
        this.#forget(question)
      }
      if (this.#losses() === losses) await pause(this.#cluster.host, question.delayMs?.(code) ?? this.#backoff.delayMs(attempts))
      if (this.#losses() !== losses) throw lost(this.problem)
    }
  }

  async #link(groupId?: string): Promise<BrokerLink> {
    const isGroup = groupId !== undefined
    const type = isGroup ? CoordinatorType.group : CoordinatorType.transaction
    const key = groupId ?? this.transactionalId
    const found = (await this.#cluster.coordinators(type, [key])).get(key)
    if (found !== undefined && !('errorCode' in found)) return this.#cluster.link(found.id)
    const code = found?.errorCode ?? Errors.COORDINATOR_NOT_AVAILABLE
    const what = isGroup ? `group ${key}` : `transactional.id ${key}`
    const message = `${what} has no coordinator: ${found?.errorMessage || errorName(code)}`
    const verdict = verdictOf('FindCoordinator', code)
    if (verdict === 'again' || verdict === 'elsewhere') throw new ClientError(code, message, { retriable: true })
    throw refusal(verdict, code, message)
  }

  async #attempt<Q extends Schema, R extends Schema>({ call, body, versions, groupId }: Question<Q, R>): Promise<Message<R>> {
    const link = await this.#link(groupId)
    const answer = await link.request(call, body, versions)
    if (groupId === undefined) this.canBump = link.supports(Apis.InitProducerId, EPOCH_BUMP)
    return answer
  }

  #forget({ groupId }: { readonly groupId?: string }): void {
    if (groupId !== undefined) this.#cluster.forgetCoordinator(CoordinatorType.group, groupId)
    else this.#cluster.forgetCoordinator(CoordinatorType.transaction, this.transactionalId)
  }
}

const lost = (problem: ClientError | undefined): ClientError =>
  new ClientError(Errors.TRANSACTION_ABORTABLE, 'the transaction is lost', { cause: problem, retriable: false })

const refusal = (verdict: Verdict, code: number, message: string, cause?: unknown): TransactionRefusal =>
  new TransactionRefusal(verdict, code, message, {
    hint: hints[code] ?? (cause instanceof ClientError ? cause.hint : ''),
    ...(cause === undefined ? {} : { cause }),
  })
