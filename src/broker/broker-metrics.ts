import { type Api, Apis, Errors, type Message, type Schema } from '../protocol/index.ts'
import type { FetchRequest } from '../protocol/messages/fetch.ts'
import type { Appended } from '../replica/index.ts'
import { RequestTraffic } from './request-traffic.ts'

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

const countProduced = (traffic: TopicTraffic, bytes: number, { errorCode, recordCount }: Appended): void => {
  traffic.produceRequests++
  if (errorCode === Errors.MESSAGE_TOO_LARGE || errorCode === Errors.RECORD_LIST_TOO_LARGE) traffic.bytesRejected += bytes
  if (errorCode !== Errors.NONE) traffic.failedProduceRequests += expected.has(errorCode) ? 0 : 1
  else {
    traffic.bytesIn += bytes
    traffic.messagesIn += recordCount
  }
}

/** What the broker counts as it works: plain numbers, one look-up an event. `traffic-metrics` gives them names. */
export class BrokerMetrics {
  readonly topics = new Map<string, TopicTraffic>()
  readonly all: TopicTraffic = newTraffic()
  replicationBytesOut = 0
  replicationBytesIn = 0
  /** As far as it is for replicas that are being added. */
  reassignmentBytesOut = 0
  reassignmentBytesIn = 0
  private readonly apis: RequestTraffic[] = []
  private readonly consumerFetches: RequestTraffic
  private readonly followerFetches: RequestTraffic

  constructor() {
    const fetches = (this.apis[Apis.Fetch.key] = new RequestTraffic(Apis.Fetch.name))
    this.consumerFetches = new RequestTraffic('FetchConsumer', fetches)
    this.followerFetches = new RequestTraffic('FetchFollower', fetches)
  }

  private topic(name: string): TopicTraffic {
    let traffic = this.topics.get(name)
    if (traffic === undefined) this.topics.set(name, (traffic = newTraffic()))
    return traffic
  }

  /** Where a request is counted. Fetches are told apart by who asks, as well as counted together. */
  requestsOf(api: Api, request: Message<Schema>): RequestTraffic {
    if (api.key !== Apis.Fetch.key) return (this.apis[api.key] ??= new RequestTraffic(api.name))
    const { replicaId, replicaState } = request as unknown as FetchRequest
    return replicaId >= 0 || replicaState.replicaId >= 0 ? this.followerFetches : this.consumerFetches
  }

  /** Every name under which requests are counted. */
  *requests(): Generator<RequestTraffic> {
    for (const traffic of this.apis) if (traffic !== undefined) yield traffic
    yield this.consumerFetches
    yield this.followerFetches
  }

  produced(topic: string, bytes: number, appended: Appended): void {
    countProduced(this.topic(topic), bytes, appended)
    countProduced(this.all, bytes, appended)
  }

  /** A partition was asked for records; `bytes` of them go out. */
  fetched(topic: string, bytes: number, fromFollower: boolean): void {
    const traffic = this.topic(topic)
    traffic.fetchRequests++
    this.all.fetchRequests++
    if (fromFollower) this.replicationBytesOut += bytes
    else {
      traffic.bytesOut += bytes
      this.all.bytesOut += bytes
    }
  }

  /** A read failed for a reason that is not the client's. */
  fetchFailed(topic: string): void {
    this.topic(topic).failedFetchRequests++
    this.all.failedFetchRequests++
  }

  /** A topic is gone. */
  forget(topic: string): void {
    this.topics.delete(topic)
  }
}
