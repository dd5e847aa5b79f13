import type { Api } from '../protocol/index.ts'
import type { Appended } from '../replica/index.ts'

/** Traffic of one topic. */
export interface TopicTraffic {
  bytesIn: number
  bytesOut: number
  messagesIn: number
  produceRequests: number
  fetchRequests: number
  failedProduceRequests: number
}
/** Requests of one API. */
export interface ApiTraffic {
  readonly name: string
  requests: number
  bytes: number
  totalMs: number
  maxMs: number
}

const newTraffic = (): TopicTraffic => ({
  bytesIn: 0,
  bytesOut: 0,
  messagesIn: 0,
  produceRequests: 0,
  fetchRequests: 0,
  failedProduceRequests: 0,
})

/** What the broker counts as it works: plain numbers, one look-up an event. The status page gives them names. */
export class BrokerMetrics {
  readonly topics = new Map<string, TopicTraffic>()
  readonly all: TopicTraffic = newTraffic()
  readonly apis: ApiTraffic[] = []

  private topic(name: string): TopicTraffic {
    let traffic = this.topics.get(name)
    if (traffic === undefined) this.topics.set(name, (traffic = newTraffic()))
    return traffic
  }

  requestReceived(api: Api, bytes: number): void {
    const traffic = (this.apis[api.key] ??= { name: api.name, requests: 0, bytes: 0, totalMs: 0, maxMs: 0 })
    traffic.requests++
    traffic.bytes += bytes
  }

  requestAnswered(api: Api, tookMs: number): void {
    const traffic = this.apis[api.key]
    if (traffic === undefined) return
    traffic.totalMs += tookMs
    if (tookMs > traffic.maxMs) traffic.maxMs = tookMs
  }

  produced(topic: string, bytes: number, appended: Appended): void {
    for (const traffic of [this.topic(topic), this.all]) {
      traffic.produceRequests++
      if (appended.errorCode !== 0) traffic.failedProduceRequests++
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

  /** A topic is gone. */
  forget(topic: string): void {
    this.topics.delete(topic)
  }
}
