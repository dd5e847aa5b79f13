import { type BrokerLink, ClientError, type Cluster } from '../../client/index.ts'
import { Errors, errorName, KafkaError } from '../../protocol/index.ts'
import type { Failure } from '../sample.ts'

/** Brokers that are asked for what any could tell. */
const ASKED_MAX = 3
/** An answer that takes longer closes the connection. */
const ANSWER_MS_MAX = 10_000

/**
 * Asks brokers side by side, each once, and waits for none longer than a round may take.
 *
 * A broker that let a round wait is not waited for any more until it has answered a request that nobody waits for: one that hangs costs one
 * round its patience, once.
 */
export class BrokerRounds {
  readonly #cluster: Cluster
  readonly #patienceMs: number
  readonly #silent = new Set<number>()
  #failures: Failure[] = []

  constructor(cluster: Cluster, patienceMs: number) {
    this.#cluster = cluster
    this.#patienceMs = patienceMs
  }

  /** What failed since it was asked last. */
  takeFailures(): readonly Failure[] {
    const failures = this.#failures
    this.#failures = []
    return failures
  }

  fail(what: string, broker: number | null, error: unknown): void {
    const name = error instanceof KafkaError ? errorName(error.code) : 'UNKNOWN_SERVER_ERROR'
    this.#failures.push({ what, broker, name, message: error instanceof Error ? error.message : String(error) })
  }

  /** What the broker said; undefined when it failed or let wait, which is noted. */
  async ask<T>(what: string, broker: number, question: (link: BrokerLink) => Promise<T>): Promise<T | undefined> {
    if (this.#silent.has(broker)) {
      this.fail(what, broker, new ClientError(Errors.REQUEST_TIMED_OUT, `broker ${broker} does not answer`))
      return undefined
    }
    try {
      const link = this.#cluster.link(broker)
      if (!link.connected && link.blockedUntilMs > this.#cluster.host.clock.monotonic())
        throw link.lastFailure ?? new ClientError(Errors.NETWORK_EXCEPTION, `cannot reach broker ${broker}`)
      return await this.#within(broker, question(link))
    } catch (error) {
      this.fail(what, broker, error)
      return undefined
    }
  }

  /** The answers of those that gave one. */
  async askAll<T>(
    what: string,
    brokers: Iterable<number>,
    question: (link: BrokerLink, broker: number) => Promise<T>,
  ): Promise<Map<number, T>> {
    const answers = new Map<number, T>()
    const asked = [...brokers].map(async (broker) => {
      const answer = await this.ask(what, broker, (link) => question(link, broker))
      if (answer !== undefined) answers.set(broker, answer)
    })
    await Promise.all(asked)
    return answers
  }

  /** Any broker that answers; the one named comes first, then those that are connected. */
  async askOne<T>(what: string, first: number, question: (link: BrokerLink) => Promise<T>): Promise<T | undefined> {
    const rank = (id: number): number => (id === first ? 0 : this.#cluster.link(id).connected ? 1 : 2)
    const ids = [...this.#cluster.view.nodes.keys()].filter((id) => !this.#silent.has(id)).sort((a, b) => rank(a) - rank(b))
    for (const broker of ids.slice(0, ASKED_MAX)) {
      const answer = await this.ask(what, broker, question)
      if (answer !== undefined) return answer
    }
    return undefined
  }

  #within<T>(broker: number, answer: Promise<T>): Promise<T> {
    const { clock } = this.#cluster.host
    return new Promise<T>((resolve, reject) => {
      const timer = clock.after(this.#patienceMs, () => {
        if (!this.#silent.has(broker)) {
          this.#silent.add(broker)
          void this.#untilItSpeaks(broker, answer)
        }
        reject(new ClientError(Errors.REQUEST_TIMED_OUT, `no answer from broker ${broker} within ${Math.round(this.#patienceMs)} ms`))
      })
      answer.then(resolve, reject).finally(() => timer.cancel())
    })
  }

  async #untilItSpeaks(broker: number, late: Promise<unknown>): Promise<void> {
    const { host } = this.#cluster
    let spoke = await settled(late)
    while (!spoke && !this.#cluster.closed && this.#cluster.view.nodes.has(broker)) {
      await new Promise<void>((resolve) => void host.clock.after(this.#patienceMs, resolve))
      spoke = await settled((async () => this.#cluster.link(broker).refreshVersions())())
    }
    this.#silent.delete(broker)
  }
}

/** Bounds of every request of a round. */
export const answerBound = { timeoutMs: ANSWER_MS_MAX }

const settled = (promise: Promise<unknown>): Promise<boolean> =>
  promise.then(
    () => true,
    () => false,
  )
