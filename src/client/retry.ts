import { Errors } from '../protocol/index.ts'
import { Backoff } from './backoff.ts'
import { pause } from './broker-link.ts'
import { ClientError, type ItemError, type ItemResult, isRetriableError, itemError, itemFailure } from './client-error.ts'
import type { Cluster } from './cluster.ts'

export interface RetryOptions {
  /** For all attempts together. */
  readonly timeoutMs: number
  readonly retriesMax?: number
}

/** Attempts until one succeeds, fails for good, or the time is up: then with the last failure as the cause. */
export async function retrying<T>(
  cluster: Cluster,
  what: string,
  options: RetryOptions,
  attempt: (leftMs: number) => Promise<T>,
): Promise<T> {
  const { clock } = cluster.host
  const deadlineMs = clock.monotonic() + options.timeoutMs
  const backoff = backoffOf(cluster)
  for (let attempts = 0; ; attempts++) {
    try {
      const leftMs = Math.max(1, deadlineMs - clock.monotonic())
      return await within(cluster, leftMs, attempt(leftMs))
    } catch (error) {
      if (!isRetriableError(error) || cluster.closed || attempts >= (options.retriesMax ?? Number.POSITIVE_INFINITY)) throw error
      const delayMs = backoff.delayMs(attempts)
      if (clock.monotonic() + delayMs >= deadlineMs) throw timedOut(what, options.timeoutMs, error)
      await pause(cluster.host, delayMs)
    }
  }
}

/** The answer, or a failure that names who is waited for. Whatever the attempt waits for itself, the time that is left binds it. */
function within<T>(cluster: Cluster, leftMs: number, answer: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = cluster.host.clock.after(leftMs, () => {
      const names = cluster.waitingFor()
      const broker = names === '' ? {} : { broker: names }
      const hint = 'The brokers are overloaded, stuck or cut off; their logs may say more.'
      reject(new ClientError(Errors.REQUEST_TIMED_OUT, names === '' ? 'no answer in time' : `no answer from ${names}`, { hint, ...broker }))
    })
    answer.then(resolve, reject).finally(() => timer.cancel())
  })
}

export function backoffOf(cluster: Cluster): Backoff {
  return new Backoff(cluster.settings['retry.backoff.ms'], cluster.settings['retry.backoff.max.ms'], cluster.host.random)
}

function timedOut(what: string, timeoutMs: number, cause: unknown): ClientError {
  const hint = cause instanceof ClientError ? cause.hint : ''
  const broker = cause instanceof ClientError ? cause.broker : undefined
  const message = `${what} did not succeed within ${timeoutMs} ms: ${(cause as Error).message}`
  return new ClientError(Errors.REQUEST_TIMED_OUT, message, { hint, cause, ...(broker === undefined ? {} : { broker }) })
}

export interface FanOut<I, V> {
  readonly what: string
  readonly items: readonly I[]
  /** Which node to ask about each item; an error to settle it or, when retriable, to look again later. `round` counts from 0. */
  readonly locate: (items: readonly I[], round: number) => Promise<ReadonlyMap<I, number | ItemError>>
  /** Asks one node about its items: one result for each. A rejection counts for all of them. */
  readonly ask: (nodeId: number, items: readonly I[], leftMs: number) => Promise<readonly ItemResult<I, V>[]>
  /** Called for an item about to be tried again: forget where it was. */
  readonly forget?: (item: I, error: ItemError) => void
  /** Whether an error is worth another round; default: Kafka's retriable errors. */
  readonly retry?: (error: ItemError, round: number) => boolean
}

/** Asks each item's node, all nodes at once, and again what failed for a passing reason, until the time is up. In the order of `items`. */
export async function fanOut<I, V>(cluster: Cluster, options: RetryOptions, work: FanOut<I, V>): Promise<ItemResult<I, V>[]> {
  const { clock } = cluster.host
  const deadlineMs = clock.monotonic() + options.timeoutMs
  const backoff = backoffOf(cluster)
  const settled = new Map<I, ItemResult<I, V>>()
  let pending: readonly I[] = work.items
  for (let round = 0; pending.length > 0; round++) {
    const results = await oneRound(cluster, work, pending, round, Math.max(1, deadlineMs - clock.monotonic()))
    const delayMs = backoff.delayMs(round)
    const timeIsUp =
      cluster.closed || clock.monotonic() + delayMs >= deadlineMs || round >= (options.retriesMax ?? Number.POSITIVE_INFINITY)
    const again: I[] = []
    for (const result of results) {
      const { item, error } = result
      const retry = error !== null && (work.retry?.(error, round) ?? error.retriable)
      if (!retry || timeIsUp) settled.set(item, result)
      else {
        work.forget?.(item, error)
        again.push(item)
      }
    }
    pending = again
    if (pending.length > 0) await pause(cluster.host, delayMs)
  }
  return work.items.map(
    (item) => settled.get(item) ?? { item, error: itemError(Errors.UNKNOWN_SERVER_ERROR, `${work.what}: no answer for it`), value: null },
  )
}

async function oneRound<I, V>(
  cluster: Cluster,
  work: FanOut<I, V>,
  items: readonly I[],
  round: number,
  leftMs: number,
): Promise<ItemResult<I, V>[]> {
  const results: ItemResult<I, V>[] = []
  const byNode = new Map<number, I[]>()
  let located: ReadonlyMap<I, number | ItemError>
  try {
    located = await within(cluster, leftMs, work.locate(items, round))
  } catch (error) {
    return items.map((item) => itemFailure(item, error))
  }
  for (const item of items) {
    const place = located.get(item) ?? itemError(Errors.UNKNOWN_SERVER_ERROR, `${work.what}: nobody to ask`)
    if (typeof place !== 'number') results.push({ item, error: place, value: null })
    else if (byNode.has(place)) byNode.get(place)?.push(item)
    else byNode.set(place, [item])
  }
  const asked = [...byNode].map(async ([nodeId, group]) => {
    try {
      results.push(...(await within(cluster, leftMs, work.ask(nodeId, group, leftMs))))
    } catch (error) {
      for (const item of group) results.push(itemFailure(item, error))
    }
  })
  await Promise.all(asked)
  return results
}
