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
import { AddOffsetsToTxnRequest, AddOffsetsToTxnResponse } from '../../src/protocol/messages/add-offsets-to-txn.ts'
import { AddPartitionsToTxnRequest, AddPartitionsToTxnResponse } from '../../src/protocol/messages/add-partitions-to-txn.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../src/protocol/messages/api-versions.ts'
import { EndTxnRequest, EndTxnResponse } from '../../src/protocol/messages/end-txn.ts'
import { FindCoordinatorRequest, FindCoordinatorResponse } from '../../src/protocol/messages/find-coordinator.ts'
import { InitProducerIdRequest, InitProducerIdResponse } from '../../src/protocol/messages/init-producer-id.ts'
import { MetadataRequest, MetadataResponse } from '../../src/protocol/messages/metadata.ts'
import { ProduceRequest, ProduceResponse } from '../../src/protocol/messages/produce.ts'
import { TxnOffsetCommitRequest, TxnOffsetCommitResponse } from '../../src/protocol/messages/txn-offset-commit.ts'
import { baseSequence, isTransactional, producerEpoch, producerId, RecordCursor, recordCount } from '../../src/records/index.ts'
import type { SimHost } from '../../src/sim/index.ts'

/** What becomes of a request: judged by Kafka's rules, refused before them, or done and then not heard of. */
export type TransactionVerdict = 'judge' | ErrorCode | 'lose the request' | 'lose the answer'

const offered = {
  ...{ ApiVersions: [0, 3], Metadata: [4, 9], FindCoordinator: [0, 4], Produce: [7, 12], InitProducerId: [0, 5] },
  ...{ AddPartitionsToTxn: [0, 3], AddOffsetsToTxn: [0, 3], TxnOffsetCommit: [0, 5], EndTxn: [0, 5] },
} as const
export type OfferedApi = keyof typeof offered

export interface TransactionBrokerOptions {
  readonly partitionCount: number
  /** The level of transaction.version that is finalised; it may grow, and is seen by who connects anew. */
  readonly version: () => 1 | 2
  readonly verdict: (api: OfferedApi) => TransactionVerdict
  readonly delayMs: () => number
  /** The highest version of InitProducerId; below 3 no producer can have another epoch. */
  readonly initMax?: number
}

type Outcome = 'open' | 'committed' | 'aborted'
interface Written {
  readonly value: string
  readonly producerId: number
  readonly epoch: number
  outcome: Outcome
}

/** One partition: what was written, and what it knows of producers, by Kafka's rules (ProducerAppendInfo). */
class TransactionPartition {
  readonly written: Written[] = []
  readonly #producers = new Map<number, { epoch: number; next: number; batches: string[] }>()

  append(batch: Buffer): ErrorCode {
    const id = producerId(batch, 0)
    const epoch = producerEpoch(batch, 0)
    const first = baseSequence(batch, 0)
    const count = recordCount(batch, 0)
    assert(isTransactional(batch, 0), 'a transactional producer marks its batches')
    const entry = this.#producers.get(id)
    if (entry !== undefined && epoch < entry.epoch) return Errors.INVALID_PRODUCER_EPOCH
    const isSame = entry?.epoch === epoch
    if (isSame && entry.batches.includes(`${first} ${count}`)) return Errors.NONE
    if (first !== (isSame ? entry.next : 0)) return Errors.OUT_OF_ORDER_SEQUENCE_NUMBER
    const cursor = new RecordCursor().open(batch, 0)
    while (cursor.next()) this.written.push({ value: String(cursor.value()), producerId: id, epoch, outcome: 'open' })
    this.#producers.set(id, { epoch, next: first + count, batches: [...(isSame ? entry.batches : []), `${first} ${count}`] })
    return Errors.NONE
  }

  /** A marker: what is open of the producer is decided, and no earlier epoch writes again. */
  end(id: number, epoch: number, outcome: Outcome): void {
    for (const each of this.written) if (each.producerId === id && each.outcome === 'open') each.outcome = outcome
    const entry = this.#producers.get(id)
    if (entry !== undefined && entry.epoch < epoch) this.#producers.set(id, { epoch, next: 0, batches: [] })
  }

  valuesOf(outcome: Outcome): string[] {
    return this.written.filter((each) => each.outcome === outcome).map(({ value }) => value)
  }
}

/** A broker that leads one topic, `t`, and coordinates transactions of both versions; its answers follow a script. */
export class TransactionBroker {
  readonly partitions: TransactionPartition[]
  readonly bootstrap: string
  /** Committed offsets, by group and partition. */
  readonly offsets = new Map<string, number>()
  readonly asked: string[] = []
  readonly #host: SimHost
  readonly #options: TransactionBrokerOptions
  #producerId = 4000
  #epoch = -1
  /** Partitions, and `offsets GROUP`, of the transaction that is open; undefined: none is. */
  #open: Set<string> | undefined
  #pendingOffsets = new Map<string, number>()
  /** How the last one ended, as a retry may ask again. */
  #lastEnd: { epoch: number; committed: boolean } | undefined

  static async open(host: SimHost, options: TransactionBrokerOptions): Promise<TransactionBroker> {
    const broker = new TransactionBroker(host, options)
    const listener = { name: 'PLAINTEXT', securityProtocol: 'PLAINTEXT', host: host.name, port: 9092 } as const
    await Server.open(host, { listeners: [listener], onFrame: (connection, frame) => broker.#accept(connection, Buffer.from(frame)) })
    return broker
  }

  private constructor(host: SimHost, options: TransactionBrokerOptions) {
    this.#host = host
    this.#options = options
    this.bootstrap = `${host.name}:9092`
    this.partitions = Array.from({ length: options.partitionCount }, () => new TransactionPartition())
  }

  /** Another producer takes the transactional id. */
  takeOver(): void {
    this.#end(false)
    this.#epoch++
  }

  #accept(connection: ServerConnection, frame: Buffer): void {
    const reader = new Reader(frame)
    const { apiKey, apiVersion, correlationId } = readHeaderStart(reader)
    const api = apiByKey(apiKey)
    assert(api !== undefined && api.name in offered, 'a client asks only for what it was offered')
    readClientId(reader, api, apiVersion)
    this.#host.clock.after(this.#options.delayMs(), () => {
      const verdict = this.#options.verdict(api.name as OfferedApi)
      if (verdict === 'lose the request') return connection.destroy()
      if (api.name !== 'ApiVersions' && api.name !== 'Metadata') this.asked.push(api.name)
      const refused = typeof verdict === 'number' ? verdict : Errors.NONE
      const { schema, body } = this.#answer(api.name as OfferedApi, apiVersion, reader, refused)
      if (verdict === 'lose the answer') return connection.destroy()
      connection.respond(responseFrame(api, apiVersion, correlationId, schema as typeof EndTxnResponse, body as never))
    })
  }

  #answer(api: OfferedApi, version: number, reader: Reader, refused: ErrorCode): { schema: Schema; body: object } {
    switch (api) {
      case 'ApiVersions':
        read(ApiVersionsRequest, version, reader)
        return { schema: ApiVersionsResponse, body: this.#versions() }
      case 'Metadata':
        read(MetadataRequest, version, reader)
        return { schema: MetadataResponse, body: this.#metadata() }
      case 'FindCoordinator': {
        const { coordinatorKeys } = read(FindCoordinatorRequest, version, reader)
        const node = refused === Errors.NONE ? { nodeId: 1, host: this.#host.name, port: 9092 } : { nodeId: -1, host: '', port: -1 }
        return {
          schema: FindCoordinatorResponse,
          body: { coordinators: coordinatorKeys.map((key) => ({ key, errorCode: refused, errorMessage: '', ...node })) },
        }
      }
      case 'InitProducerId':
        return { schema: InitProducerIdResponse, body: this.#init(read(InitProducerIdRequest, version, reader), refused) }
      case 'AddPartitionsToTxn':
        return { schema: AddPartitionsToTxnResponse, body: this.#addPartitions(read(AddPartitionsToTxnRequest, version, reader), refused) }
      case 'AddOffsetsToTxn': {
        const request = read(AddOffsetsToTxnRequest, version, reader)
        const errorCode = refused || this.#checkEpoch(request)
        if (errorCode === Errors.NONE) this.#join(`offsets ${request.groupId}`)
        return { schema: AddOffsetsToTxnResponse, body: { errorCode } }
      }
      case 'TxnOffsetCommit':
        return {
          schema: TxnOffsetCommitResponse,
          body: this.#commitOffsets(read(TxnOffsetCommitRequest, version, reader), version, refused),
        }
      case 'EndTxn':
        return { schema: EndTxnResponse, body: this.#endAsked(read(EndTxnRequest, version, reader), version, refused) }
      case 'Produce':
        return { schema: ProduceResponse, body: this.#produce(read(ProduceRequest, version, reader), version, refused) }
    }
  }

  #versions(): object {
    const apiKeys = Object.entries(offered).map(([name, [minVersion, maxVersion]]) => {
      const bound = name === 'InitProducerId' ? (this.#options.initMax ?? maxVersion) : maxVersion
      return { apiKey: Apis[name as OfferedApi].key, minVersion, maxVersion: bound }
    })
    const level = this.#options.version()
    const finalizedFeatures = [{ name: 'transaction.version', maxVersionLevel: level, minVersionLevel: level }]
    return { apiKeys, finalizedFeatures, finalizedFeaturesEpoch: level }
  }

  #metadata(): object {
    const partitions = this.partitions.map((_, partitionIndex) => {
      return { partitionIndex, leaderId: 1, leaderEpoch: 0, replicaNodes: [1], isrNodes: [1] }
    })
    return {
      brokers: [{ nodeId: 1, host: this.#host.name, port: 9092 }],
      controllerId: 1,
      topics: [{ name: 't', partitions }],
    }
  }

  #init({ producerId: id, producerEpoch: epoch }: InitProducerIdRequest, refused: ErrorCode): object {
    if (refused !== Errors.NONE) return { errorCode: refused, producerId: -1, producerEpoch: -1 }
    if (id >= 0 && (id !== this.#producerId || epoch > this.#epoch || epoch < this.#epoch - 1))
      return { errorCode: Errors.PRODUCER_FENCED, producerId: -1, producerEpoch: -1 }
    // A retry of who did not hear of its new epoch gets the same one.
    if (id < 0 || epoch === this.#epoch) {
      this.#end(false)
      this.#epoch++
    }
    return { producerId: this.#producerId, producerEpoch: this.#epoch }
  }

  #checkEpoch({ producerId: id, producerEpoch: epoch }: { producerId: number; producerEpoch: number }): ErrorCode {
    if (id !== this.#producerId) return Errors.INVALID_PRODUCER_ID_MAPPING
    return epoch === this.#epoch ? Errors.NONE : Errors.PRODUCER_FENCED
  }

  #join(what: string): void {
    this.#open ??= new Set()
    this.#open.add(what)
  }

  #addPartitions(request: AddPartitionsToTxnRequest, refused: ErrorCode): object {
    const { v3AndBelowProducerId: producerId, v3AndBelowProducerEpoch: producerEpoch, v3AndBelowTopics } = request
    const partitionErrorCode = refused || this.#checkEpoch({ producerId, producerEpoch })
    if (partitionErrorCode === Errors.NONE)
      for (const { partitions } of v3AndBelowTopics) for (const partition of partitions) this.#join(String(partition))
    return {
      resultsByTopicV3AndBelow: v3AndBelowTopics.map(({ name, partitions }) => {
        return { name, resultsByPartition: partitions.map((partitionIndex) => ({ partitionIndex, partitionErrorCode })) }
      }),
    }
  }

  #commitOffsets(request: TxnOffsetCommitRequest, version: number, refused: ErrorCode): object {
    let errorCode = refused || this.#checkEpoch(request)
    const what = `offsets ${request.groupId}`
    if (errorCode === Errors.NONE && version >= 5) this.#join(what)
    if (errorCode === Errors.NONE && this.#open?.has(what) !== true) errorCode = Errors.INVALID_TXN_STATE
    return {
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, committedOffset }) => {
          if (errorCode === Errors.NONE) this.#pendingOffsets.set(`${request.groupId} ${partitionIndex}`, Number(committedOffset))
          return { partitionIndex, errorCode }
        }),
      })),
    }
  }

  #endAsked(request: EndTxnRequest, version: number, refused: ErrorCode): object {
    if (refused !== Errors.NONE) return { errorCode: refused }
    const { committed, producerEpoch: epoch } = request
    const isAgain = this.#open === undefined && this.#lastEnd?.epoch === epoch && this.#lastEnd.committed === committed
    const isV2 = version >= 5
    if (!isAgain) {
      const errorCode = this.#checkEpoch(request)
      if (errorCode !== Errors.NONE) return { errorCode }
      // The second version lets go of what never began.
      if (this.#open === undefined && (committed || !isV2)) return { errorCode: Errors.INVALID_TXN_STATE }
      this.#lastEnd = { epoch, committed }
      if (isV2) this.#epoch++
      this.#end(committed)
    }
    return isV2 ? { producerId: this.#producerId, producerEpoch: this.#epoch } : {}
  }

  #end(committed: boolean): void {
    for (const what of this.#open ?? [])
      if (!what.startsWith('offsets'))
        this.partitions[Number(what)]!.end(this.#producerId, this.#epoch, committed ? 'committed' : 'aborted')
    if (committed) for (const [key, offset] of this.#pendingOffsets) this.offsets.set(key, offset)
    this.#pendingOffsets.clear()
    this.#open = undefined
  }

  #produce({ topicData }: ProduceRequest, version: number, refused: ErrorCode): object {
    return {
      responses: topicData.map((topic) => ({
        name: topic.name,
        partitionResponses: topic.partitionData.map(({ index, records }) => {
          const batch = records as Buffer
          let errorCode = refused
          const epoch = producerEpoch(batch, 0)
          if (errorCode === Errors.NONE && epoch < this.#epoch) errorCode = Errors.INVALID_PRODUCER_EPOCH
          if (errorCode === Errors.NONE && version >= 12) this.#join(String(index))
          if (errorCode === Errors.NONE && this.#open?.has(String(index)) !== true) errorCode = Errors.INVALID_TXN_STATE
          if (errorCode === Errors.NONE) errorCode = this.partitions[index]!.append(batch)
          return { index, errorCode, baseOffset: -1 }
        }),
      })),
    }
  }
}
