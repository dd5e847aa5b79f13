import { Errors } from '../../protocol/index.ts'
import { answerFetch, type FetchAnswer, isLegalFetch, leaderRequestError, refuseFetch } from './fetch-answer.ts'
import type { LeaderProgress } from './leader-progress.ts'
import type { LogView } from './log-view.ts'
import type { Fetch, FetchReply } from './messages.ts'
import { ParkedFetches } from './parked-fetches.ts'

/** The replica that is fetched from. */
export interface FetchedReplica {
  readonly log: LogView
  readonly epoch: number
  readonly leader: { readonly leaderId: number | undefined; readonly epoch: number }
  /** Undefined: it does not lead. */
  readonly progress: LeaderProgress | undefined
}

/** Answers fetches of others: at once, when there is something new, or when they have waited long enough. */
export class FetchDesk {
  readonly #replica: FetchedReplica
  readonly #reply: (correlation: number, reply: FetchReply) => void
  readonly #highWatermarkMoved: (now: number) => void
  readonly #parked = new ParkedFetches()

  constructor(replica: FetchedReplica, reply: (correlation: number, reply: FetchReply) => void, highWatermarkMoved: (now: number) => void) {
    this.#replica = replica
    this.#reply = reply
    this.#highWatermarkMoved = highWatermarkMoved
  }

  /** Infinity when nothing waits. */
  get nextDeadline(): number {
    return this.#parked.nextDeadline
  }

  take(correlation: number, fetch: Fetch, now: number): void {
    const { log, leader } = this.#replica
    if (!isLegalFetch(fetch)) return this.#reply(correlation, refuseFetch({ error: Errors.INVALID_REQUEST, ...leader }, log))
    const { reply, hasNews } = this.#answer(fetch, () => this.#fetched(fetch, now))
    if (hasNews || fetch.maxWaitMs === 0) return this.#reply(correlation, reply)
    const displaced = this.#parked.add({ correlation, fetch, deadline: now + fetch.maxWaitMs })
    if (displaced !== undefined) this.#reply(displaced.correlation, this.#answer(displaced.fetch).reply)
  }

  /** Something may be new. */
  answerParked(now: number): void {
    for (const parked of this.#parked.takeAll()) {
      const { reply, hasNews } = this.#answer(parked.fetch)
      if (hasNews || now >= parked.deadline) this.#reply(parked.correlation, reply)
      else this.#parked.add(parked)
    }
  }

  /** A replica is heard of when its fetch comes, not when it is answered: it may be gone by then. */
  #answer(fetch: Fetch, onFetched: () => void = () => {}): FetchAnswer {
    const { log, progress, epoch, leader } = this.#replica
    const error = leaderRequestError(fetch.leaderEpoch, epoch, progress !== undefined)
    const head = { error, ...leader }
    if (error !== Errors.NONE || progress === undefined) return { reply: refuseFetch(head, log), hasNews: true }
    return answerFetch(fetch, head, log, progress, onFetched)
  }

  #fetched({ replica, fetchOffset }: Fetch, now: number): void {
    const { log, progress } = this.#replica
    if (progress?.fetched(replica, fetchOffset, log.endOffset, now)) this.#highWatermarkMoved(now)
  }
}
