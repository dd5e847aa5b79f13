import { assert } from '../../src/base/index.ts'
import { Server, type ServerConnection } from '../../src/net/index.ts'
import {
  Apis,
  apiByKey,
  type ErrorCode,
  Errors,
  Reader,
  read,
  readClientId,
  readHeaderStart,
  responseFrame,
  type Schema,
} from '../../src/protocol/index.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../src/protocol/messages/api-versions.ts'
import { FindCoordinatorRequest, FindCoordinatorResponse } from '../../src/protocol/messages/find-coordinator.ts'
import { MetadataRequest, MetadataResponse } from '../../src/protocol/messages/metadata.ts'
import { ShareAcknowledgeRequest, ShareAcknowledgeResponse } from '../../src/protocol/messages/share-acknowledge.ts'
import { ShareFetchRequest, ShareFetchResponse } from '../../src/protocol/messages/share-fetch.ts'
import { ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse } from '../../src/protocol/messages/share-group-heartbeat.ts'
import { BatchBuilder } from '../../src/records/index.ts'
import type { SimHost } from '../../src/sim/index.ts'

/** What becomes of a request: it is done, refused as a whole or for its partition, or it or its answer goes lost with the connection. */
export type ShareVerdict = 'do' | ErrorCode | { readonly partition: ErrorCode } | 'lose the request' | 'lose the answer'

export interface ShareBrokerOptions {
  readonly recordCount: number
  readonly verdict: (what: 'heartbeat' | 'fetch' | 'acknowledge') => ShareVerdict
  /** How long a request is under way here, milliseconds. */
  readonly delayMs: () => number
  /** The highest version of ShareFetch; default: all that a client knows. */
  readonly fetchMax?: number
}

interface ShareRecord {
  state: 'free' | 'acquired' | 'done'
  deliveryCount: number
}

const topicId = 'AAAAAAAAAAAAAAAAAAAAAQ'
const acquiredMax = 7

/** A broker with one topic of one partition that keeps the rules of share sessions and of acquired records, and answers by a script. */
export class ShareBroker {
  readonly records: ShareRecord[]
  readonly requests: string[] = []
  readonly bootstrap: string
  #host: SimHost
  #options: ShareBrokerOptions
  /** The epoch of the next request; undefined: there is no session. */
  #session: number | undefined

  static async open(host: SimHost, options: ShareBrokerOptions): Promise<ShareBroker> {
    const broker = new ShareBroker(host, options)
    const listener = { name: 'PLAINTEXT', securityProtocol: 'PLAINTEXT', host: host.name, port: 9092 } as const
    await Server.open(host, { listeners: [listener], onFrame: (connection, frame) => broker.#accept(connection, Buffer.from(frame)) })
    return broker
  }

  private constructor(host: SimHost, options: ShareBrokerOptions) {
    this.#host = host
    this.#options = options
    this.bootstrap = `${host.name}:9092`
    this.records = Array.from({ length: options.recordCount }, () => ({ state: 'free', deliveryCount: 0 }))
  }

  get done(): number {
    return this.records.filter(({ state }) => state === 'done').length
  }

  /** Whoever had records has them no more. */
  loseSession(): void {
    this.#session = undefined
    for (const record of this.records) if (record.state === 'acquired') record.state = 'free'
  }

  #accept(connection: ServerConnection, frame: Buffer): void {
    const reader = new Reader(frame)
    const { apiKey, apiVersion, correlationId } = readHeaderStart(reader)
    const api = apiByKey(apiKey)
    assert(api !== undefined, 'a client asks only for what it was offered')
    readClientId(reader, api, apiVersion)
    const respond = <R extends Schema>(schema: R, body: Parameters<typeof responseFrame<R>>[4]): void =>
      connection.respond(responseFrame(api, apiVersion, correlationId, schema, body))
    const judged = (what: 'heartbeat' | 'fetch' | 'acknowledge', answer: (verdict: Exclude<ShareVerdict, string>) => void): void => {
      const verdict = this.#options.verdict(what)
      if (verdict === 'lose the answer') answer(0)
      if (verdict === 'lose the answer' || verdict === 'lose the request') {
        // Kafka frees what a connection had when it goes.
        if (what !== 'heartbeat') this.loseSession()
        return connection.destroy()
      }
      answer(verdict === 'do' ? 0 : verdict)
    }
    this.#host.clock.after(this.#options.delayMs(), () => {
      switch (api.key) {
        case Apis.ApiVersions.key: {
          read(ApiVersionsRequest, apiVersion, reader)
          const offered = {
            ApiVersions: 3,
            Metadata: 12,
            FindCoordinator: 4,
            ShareGroupHeartbeat: 1,
            ShareFetch: this.#options.fetchMax ?? 2,
            ShareAcknowledge: 2,
          }
          const names = Object.keys(offered) as (keyof typeof offered)[]
          return respond(ApiVersionsResponse, {
            apiKeys: names.map((name) => ({
              apiKey: Apis[name].key,
              minVersion: name.startsWith('Share') ? 1 : 0,
              maxVersion: offered[name],
            })),
          })
        }
        case Apis.Metadata.key:
          read(MetadataRequest, apiVersion, reader)
          return respond(MetadataResponse, {
            brokers: [{ nodeId: 1, host: this.#host.name, port: 9092 }],
            controllerId: 1,
            topics: [
              { name: 't', topicId, partitions: [{ partitionIndex: 0, leaderId: 1, leaderEpoch: 0, replicaNodes: [1], isrNodes: [1] }] },
            ],
          })
        case Apis.FindCoordinator.key: {
          const [key] = read(FindCoordinatorRequest, apiVersion, reader).coordinatorKeys
          return respond(FindCoordinatorResponse, { coordinators: [{ key, nodeId: 1, host: this.#host.name, port: 9092 }] })
        }
        case Apis.ShareGroupHeartbeat.key: {
          const request = read(ShareGroupHeartbeatRequest, apiVersion, reader)
          this.requests.push(`heartbeat ${request.memberEpoch} ${request.subscribedTopicNames ?? '-'}`)
          return judged('heartbeat', (verdict) => respond(ShareGroupHeartbeatResponse, heartbeatAnswer(request, verdict)))
        }
        case Apis.ShareFetch.key: {
          const request = read(ShareFetchRequest, apiVersion, reader)
          return judged('fetch', (verdict) => respond(ShareFetchResponse, this.#fetch(request, verdict)))
        }
        case Apis.ShareAcknowledge.key: {
          const request = read(ShareAcknowledgeRequest, apiVersion, reader)
          return judged('acknowledge', (verdict) => respond(ShareAcknowledgeResponse, this.#acknowledge(request, verdict)))
        }
      }
    })
  }

  /** SharePartitionManager: a session begins with epoch 0, and each request counts on. */
  #sessionError(epoch: number, mayBegin: boolean): ErrorCode {
    if (epoch === 0 && mayBegin) {
      this.loseSession()
      this.#session = 1
      return Errors.NONE
    }
    if (this.#session === undefined) return Errors.SHARE_SESSION_NOT_FOUND
    if (epoch === -1) return Errors.NONE
    if (epoch !== this.#session) return Errors.INVALID_SHARE_SESSION_EPOCH
    this.#session++
    return Errors.NONE
  }

  #fetch(request: ShareFetchRequest, verdict: ErrorCode | { readonly partition: ErrorCode }) {
    const [topic] = request.topics
    const batches = topic?.partitions[0]?.acknowledgementBatches ?? []
    this.requests.push(`fetch ${request.shareSessionEpoch} ${textOf(batches)}`)
    if (typeof verdict === 'number' && verdict !== Errors.NONE) return { errorCode: verdict, acquisitionLockTimeoutMs: 0, responses: [] }
    const errorCode = this.#sessionError(request.shareSessionEpoch, true)
    if (errorCode !== Errors.NONE) return { errorCode, acquisitionLockTimeoutMs: 0, responses: [] }
    assert(request.shareSessionEpoch > 0 || batches.length === 0, 'a session begins without acknowledgements')
    const acknowledgeErrorCode = this.#take(batches)
    if (typeof verdict === 'object')
      return {
        acquisitionLockTimeoutMs: 30_000,
        responses: [{ topicId, partitions: [{ partitionIndex: 0, errorCode: verdict.partition, acknowledgeErrorCode }] }],
      }
    const first = request.maxRecords === 0 ? -1 : this.records.findIndex(({ state }) => state === 'free')
    let last = first
    const acquired: { firstOffset: number; lastOffset: number; deliveryCount: number }[] = []
    while (first >= 0 && this.records[last]?.state === 'free' && last - first < acquiredMax) {
      const record = this.records[last]!
      record.state = 'acquired'
      record.deliveryCount++
      acquired.push({ firstOffset: last, lastOffset: last, deliveryCount: record.deliveryCount })
      last++
    }
    const records = first < 0 ? Buffer.alloc(0) : batchOf(first, last)
    const partitions = [{ partitionIndex: 0, acknowledgeErrorCode, records, acquiredRecords: acquired }]
    return { acquisitionLockTimeoutMs: 30_000, responses: [{ topicId, partitions }] }
  }

  #acknowledge(request: ShareAcknowledgeRequest, verdict: ErrorCode | { readonly partition: ErrorCode }) {
    const [topic] = request.topics
    const batches = topic?.partitions[0]?.acknowledgementBatches ?? []
    this.requests.push(`acknowledge ${request.shareSessionEpoch} ${textOf(batches)}`)
    if (typeof verdict === 'number' && verdict !== Errors.NONE) {
      if (this.#session !== undefined) this.#session++
      return { errorCode: verdict, responses: [] }
    }
    const errorCode = this.#sessionError(request.shareSessionEpoch, false)
    if (errorCode !== Errors.NONE) return { errorCode, responses: [] }
    const partitionError = typeof verdict === 'object' ? verdict.partition : this.#take(batches)
    if (request.shareSessionEpoch === -1) this.loseSession()
    const partitions = topic === undefined ? [] : [{ partitionIndex: 0, errorCode: partitionError }]
    return { acquisitionLockTimeoutMs: 30_000, responses: [{ topicId, partitions }] }
  }

  #take(batches: readonly AcknowledgedBatch[]): ErrorCode {
    for (const { firstOffset, lastOffset } of batches)
      for (let at = firstOffset; at <= lastOffset; at++) if (this.records[at]?.state !== 'acquired') return Errors.INVALID_RECORD_STATE
    for (const { firstOffset, lastOffset, acknowledgeTypes } of batches)
      for (let at = firstOffset; at <= lastOffset; at++) {
        const type = acknowledgeTypes[acknowledgeTypes.length === 1 ? 0 : at - firstOffset]
        if (type !== 4) this.records[at]!.state = type === 2 ? 'free' : 'done'
      }
    return Errors.NONE
  }
}

interface AcknowledgedBatch {
  readonly firstOffset: number
  readonly lastOffset: number
  readonly acknowledgeTypes: readonly number[]
}

const textOf = (batches: readonly AcknowledgedBatch[]): string =>
  batches.map(({ firstOffset, lastOffset, acknowledgeTypes }) => `${firstOffset}-${lastOffset}:${acknowledgeTypes.join('')}`).join(',')

function heartbeatAnswer({ memberId, memberEpoch }: ShareGroupHeartbeatRequest, verdict: ErrorCode | { readonly partition: ErrorCode }) {
  if (verdict !== Errors.NONE) return { errorCode: verdict as ErrorCode, heartbeatIntervalMs: 1000 }
  const assignment = memberEpoch < 0 ? null : { topicPartitions: [{ topicId, partitions: [0] }] }
  return { memberId, memberEpoch: memberEpoch < 0 ? -1 : 1, heartbeatIntervalMs: 1000, assignment }
}

/** A batch of the records from `first` to before `end`; each says its offset. */
function batchOf(first: number, end: number): Buffer {
  const builder = new BatchBuilder({ baseOffset: first })
  for (let at = first; at < end; at++) builder.append(0, null, Buffer.from(String(at)))
  return Buffer.from(builder.close())
}
