import { Errors } from '../../../protocol/index.ts'
import { ClientError } from '../../client-error.ts'
import type { Cluster } from '../../cluster.ts'
import type { TransactionCoordinator } from './transaction-coordinator.ts'

type Operation = 'init' | 'commit' | 'abort'

/** What callers of a transactional producer wait for: one operation at a time, each no longer than max.block.ms. */
export class TransactionOperations {
  readonly #cluster: Cluster
  readonly #limitMs: number
  readonly #coordinator: TransactionCoordinator
  #pending: { readonly operation: Operation; readonly done: Promise<void> } | undefined

  constructor(cluster: Cluster, limitMs: number, coordinator: TransactionCoordinator) {
    this.#cluster = cluster
    this.#limitMs = limitMs
    this.#coordinator = coordinator
  }

  /** One was started, and its caller does not know yet how it ended. */
  get isPending(): boolean {
    return this.#pending !== undefined
  }

  /** @throws ClientError while one is pending */
  checkOver(what: string): void {
    if (this.#pending === undefined) return
    const { operation } = this.#pending
    throw misuse(`${what} has to wait: the ${operation} before is not known to be over; await it, or call it again if it timed out`)
  }

  /** Resolves when nothing is pending any more; how it ended is nobody's concern. */
  async over(): Promise<void> {
    await this.#pending?.done.catch(() => {})
    this.#pending = undefined
  }

  /** Starts the operation, or waits on for the one that was started before and took too long. */
  async run(operation: Operation, start: () => Promise<void>): Promise<void> {
    if (this.#pending === undefined) {
      const done = start()
      done.catch(() => {})
      this.#pending = { operation, done }
    } else if (this.#pending.operation !== operation) this.checkOver(operation)
    const mine = this.#pending
    let isOver = true
    try {
      await this.within(operation, mine.done, () => (isOver = false))
    } finally {
      if (isOver && this.#pending === mine) this.#pending = undefined
    }
  }

  /** The end of the work, unless that takes longer than max.block.ms: then it goes on without its caller. */
  within(what: string, work: Promise<void>, onLate: () => void = () => {}): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const timer = this.#cluster.host.clock.after(this.#limitMs, () => {
        onLate()
        const { problem, transactionalId } = this.#coordinator
        const waiting = this.#cluster.waitingFor()
        const why = problem?.message ?? (waiting === '' ? '' : `no answer from ${waiting}`)
        const message = `${what} of transactional.id ${transactionalId} did not end within ${this.#limitMs} ms${why === '' ? '' : `: ${why}`}`
        reject(new ClientError(Errors.REQUEST_TIMED_OUT, message, { hint: problem?.hint ?? '' }))
      })
      work.then(resolve, reject).finally(() => timer.cancel())
    })
  }
}

/** Who calls in a wrong order is told, and nothing has happened. */
export const misuse = (message: string): ClientError => new ClientError(Errors.INVALID_TXN_STATE, message, { retriable: false })
