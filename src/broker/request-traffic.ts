import { Histogram } from '../metrics/index.ts'
import type { AnswerObserver } from '../net/index.ts'
import type { ErrorCounts } from './error-counts.ts'

/** Times are kept to the microsecond. */
const PER_MS = 1000

/**
 * Requests of one name, and where their time went.
 *
 *     frame ─► handler returns ─► answer is there ─► its turn on the socket ─► taken by it
 *       └──── local ────┴───── remote ────┴──── response queue ────┴──── response send ──┘   together: total
 */
export class RequestTraffic implements AnswerObserver {
  readonly name: string
  /** By version. */
  readonly requests: number[] = []
  readonly errors: ErrorCounts
  readonly bytes = new Histogram()
  readonly totalMs = new Histogram(PER_MS)
  readonly localMs = new Histogram(PER_MS)
  readonly remoteMs = new Histogram(PER_MS)
  readonly responseQueueMs = new Histogram(PER_MS)
  readonly responseSendMs = new Histogram(PER_MS)
  /** What these requests are a part of; errors are counted there alone. */
  private readonly whole: RequestTraffic | undefined

  constructor(name: string, whole?: RequestTraffic) {
    this.name = name
    this.whole = whole
    this.errors = whole?.errors ?? []
  }

  get isPart(): boolean {
    return this.whole !== undefined
  }

  received(version: number, bytes: number): void {
    this.requests[version] = (this.requests[version] ?? 0) + 1
    this.bytes.record(bytes)
    this.whole?.received(version, bytes)
  }

  answered(localMs: number, remoteMs: number): void {
    this.localMs.record(localMs)
    this.remoteMs.record(remoteMs)
    this.whole?.answered(localMs, remoteMs)
  }

  sent(queueMs: number, sendMs: number, totalMs: number): void {
    this.responseQueueMs.record(queueMs)
    this.responseSendMs.record(sendMs)
    this.totalMs.record(totalMs)
    this.whole?.sent(queueMs, sendMs, totalMs)
  }
}
