import { Histogram } from '../metrics/index.ts'
import { type Api, Errors } from '../protocol/index.ts'
import type { Appended } from '../replica/index.ts'

/** Traffic of one topic. */
export interface TopicTraffic {
  bytesIn: number
  bytesOut: number
  messagesIn: number
  produceRequests: number
  fetchRequests: number
  failedProduceRequests: number
  failedFetchRequests: number
  bytesRejected: number
}

/** Refusals that are the client's affair, or pass: Kafka does not count them as failures (ReplicaManager.appendToLocalLog). */
const expected: ReadonlySet<number> = new Set([
  Errors.UNKNOWN_TOPIC_OR_PARTITION,
  Errors.NOT_LEADER_OR_FOLLOWER,
  Errors.MESSAGE_TOO_LARGE,
  Errors.RECORD_LIST_TOO_LARGE,
  Errors.CORRUPT_MESSAGE,
  Errors.KAFKA_STORAGE_ERROR,
])
/** Requests of one API. */
export interface ApiTraffic {
  readonly name: string
  /** By version. */
  readonly requests: number[]
  readonly bytes: Histogram
  /** From the frame to its answer; until the handler returned, and from there on. Milliseconds. */
  readonly totalMs: Histogram
  readonly localMs: Histogram
  readonly remoteMs: Histogram
}

/** Times are kept to the microsecond. */
const PER_MS = 1000

const newTraffic = (): TopicTraffic => ({
  bytesIn: 0,
  bytesOut: 0,
  messagesIn: 0,
  produceRequests: 0,
  fetchRequests: 0,
  failedProduceRequests: 0,
  failedFetchRequests: 0,
  bytesRejected: 0,
})

/** What the broker counts as it works: plain numbers, one look-up an event. `metric-sources` gives them names. */
export class BrokerMetrics {
  readonly topics = new Map<string, TopicTraffic>()
  readonly all: TopicTraffic = newTraffic()
  readonly apis: ApiTraffic[] = []

  private topic(name: string): TopicTraffic {
    let traffic = this.topics.get(name)
    if (traffic === undefined) this.topics.set(name, (traffic = newTraffic()))
    return traffic
  }

  requestReceived(api: Api, version: number, bytes: number): void {
    const traffic = (this.apis[api.key] ??= {
      name: api.name,
      requests: [],
      bytes: new Histogram(),
      totalMs: new Histogram(PER_MS),
      localMs: new Histogram(PER_MS),
      remoteMs: new Histogram(PER_MS),
    })
    traffic.requests[version] = (traffic.requests[version] ?? 0) + 1
    traffic.bytes.record(bytes)
  }

  requestAnswered(api: Api, totalMs: number, localMs: number): void {
    const traffic = this.apis[api.key]
    if (traffic === undefined) return
    traffic.totalMs.record(totalMs)
    traffic.localMs.record(localMs)
    traffic.remoteMs.record(totalMs - localMs)
  }

  produced(topic: string, bytes: number, appended: Appended): void {
    for (const traffic of [this.topic(topic), this.all]) {
      traffic.produceRequests++
      const { errorCode } = appended
      if (errorCode === Errors.MESSAGE_TOO_LARGE || errorCode === Errors.RECORD_LIST_TOO_LARGE) traffic.bytesRejected += bytes
      if (errorCode !== Errors.NONE) traffic.failedProduceRequests += expected.has(errorCode) ? 0 : 1
      else {
        traffic.bytesIn += bytes
        traffic.messagesIn += appended.recordCount
      }
    }
  }

  fetched(topic: string, bytes: number): void {
    for (const traffic of [this.topic(topic), this.all]) {
      traffic.fetchRequests++
      traffic.bytesOut += bytes
    }
  }

  /** A read failed for a reason that is not the client's. */
  fetchFailed(topic: string): void {
    for (const traffic of [this.topic(topic), this.all]) traffic.failedFetchRequests++
  }

  /** A topic is gone. */
  forget(topic: string): void {
    this.topics.delete(topic)
  }
}
