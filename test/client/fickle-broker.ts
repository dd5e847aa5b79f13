import { assert } from '../../src/base/index.ts'
import { Server, type ServerConnection } from '../../src/net/index.ts'
import {
  type Api,
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
import { InitProducerIdRequest, InitProducerIdResponse } from '../../src/protocol/messages/init-producer-id.ts'
import { MetadataRequest, MetadataResponse } from '../../src/protocol/messages/metadata.ts'
import { ProduceRequest, ProduceResponse } from '../../src/protocol/messages/produce.ts'
import { baseSequence, producerEpoch, producerId, RecordCursor, recordCount } from '../../src/records/index.ts'
import type { SimHost } from '../../src/sim/index.ts'

/** What becomes of a batch: judged by the rules of sequences, refused before them, or written and then not heard of. */
export type Verdict = 'judge' | ErrorCode | 'lose the request' | 'lose the answer'

export interface FickleBrokerOptions {
  readonly topic: string
  readonly partitionCount: number
  readonly verdict: (partition: number) => Verdict
  readonly leaderless?: boolean
  /** What becomes of a request for a producer id; absent: it gets one. */
  readonly idVerdict?: () => ErrorCode
  /** How long a request is under way here, milliseconds. */
  readonly delayMs: () => number
}

/** Batches that a broker remembers of each producer (ProducerStateEntry). */
const rememberedMax = 5

interface ProducerEntry {
  epoch: number
  /** First and last sequence, and base offset, of the last batches. */
  batches: { first: number; last: number; offset: number }[]
}

/** One partition: the values in its log, and what it knows of producers, by Kafka's rules (ProducerAppendInfo.checkSequence). */
class FicklePartition {
  readonly values: string[] = []
  #producers = new Map<number, ProducerEntry>()

  append(batch: Buffer): { errorCode: ErrorCode; baseOffset: number } {
    const epoch = producerEpoch(batch, 0)
    const first = baseSequence(batch, 0)
    const last = first + recordCount(batch, 0) - 1
    const entry = this.#producers.get(producerId(batch, 0))
    if (entry !== undefined) {
      if (epoch < entry.epoch) return { errorCode: Errors.INVALID_PRODUCER_EPOCH, baseOffset: -1 }
      const again = epoch === entry.epoch ? entry.batches.find((each) => each.first === first && each.last === last) : undefined
      if (again !== undefined) return { errorCode: Errors.NONE, baseOffset: again.offset }
      const expected = epoch > entry.epoch ? 0 : entry.batches[entry.batches.length - 1].last + 1
      if (first !== expected) return { errorCode: Errors.OUT_OF_ORDER_SEQUENCE_NUMBER, baseOffset: -1 }
    }
    // Nothing is known of this producer: any sequence is a start.
    const baseOffset = this.values.length
    const cursor = new RecordCursor().open(batch, 0)
    while (cursor.next()) this.values.push(String(cursor.value()))
    const batches = [...(entry?.epoch === epoch ? entry.batches : []), { first, last, offset: baseOffset }].slice(-rememberedMax)
    this.#producers.set(producerId(batch, 0), { epoch, batches })
    return { errorCode: Errors.NONE, baseOffset }
  }
}

/** A broker with one topic whose answers to Produce follow a script; everything else it does as it should. */
export class FickleBroker {
  readonly partitions: FicklePartition[]
  readonly bootstrap: string
  #host: SimHost
  #options: FickleBrokerOptions
  #nextProducerId = 1000

  static async open(host: SimHost, options: FickleBrokerOptions): Promise<FickleBroker> {
    const broker = new FickleBroker(host, options)
    const listener = { name: 'PLAINTEXT', securityProtocol: 'PLAINTEXT', host: host.name, port: 9092 } as const
    await Server.open(host, { listeners: [listener], onFrame: (connection, frame) => broker.#accept(connection, frame) })
    return broker
  }

  private constructor(host: SimHost, options: FickleBrokerOptions) {
    this.#host = host
    this.#options = options
    this.bootstrap = `${host.name}:9092`
    this.partitions = Array.from({ length: options.partitionCount }, () => new FicklePartition())
  }

  #accept(connection: ServerConnection, frame: Buffer): void {
    const reader = new Reader(Buffer.from(frame))
    const { apiKey, apiVersion, correlationId } = readHeaderStart(reader)
    const api = apiByKey(apiKey)
    assert(api !== undefined, 'a client asks only for what it was offered')
    readClientId(reader, api, apiVersion)
    const respond = <R extends Schema>(schema: R, body: Parameters<typeof responseFrame<R>>[4]): void =>
      connection.respond(responseFrame(api, apiVersion, correlationId, schema, body))
    this.#host.clock.after(this.#options.delayMs(), () => this.#answer(api, apiVersion, reader, connection, respond))
  }

  #answer(
    api: Api,
    version: number,
    reader: Reader,
    connection: ServerConnection,
    respond: <R extends Schema>(schema: R, body: Parameters<typeof responseFrame<R>>[4]) => void,
  ): void {
    if (api.key === Apis.ApiVersions.key) {
      read(ApiVersionsRequest, version, reader)
      const offered = { ApiVersions: [0, 3], Metadata: [4, 9], InitProducerId: [0, 4], Produce: [7, 9] } as const
      const apiKeys = Object.entries(offered).map(([name, [minVersion, maxVersion]]) => {
        return { apiKey: Apis[name as keyof typeof offered].key, minVersion, maxVersion }
      })
      respond(ApiVersionsResponse, { apiKeys })
    } else if (api.key === Apis.Metadata.key) {
      read(MetadataRequest, version, reader)
      respond(MetadataResponse, this.#metadata())
    } else if (api.key === Apis.InitProducerId.key) {
      read(InitProducerIdRequest, version, reader)
      const errorCode = this.#options.idVerdict?.() ?? Errors.NONE
      respond(InitProducerIdResponse, errorCode ? { errorCode, producerId: -1 } : { producerId: this.#nextProducerId++, producerEpoch: 0 })
    } else this.#produce(read(ProduceRequest, version, reader), connection, (body) => respond(ProduceResponse, body))
  }

  #metadata() {
    const partitions = this.partitions.map((_, partitionIndex) => {
      return { partitionIndex, leaderId: this.#options.leaderless ? -1 : 1, leaderEpoch: 0, replicaNodes: [1], isrNodes: [1] }
    })
    return {
      brokers: [{ nodeId: 1, host: this.#host.name, port: 9092 }],
      controllerId: 1,
      topics: [{ name: this.#options.topic, partitions }],
    }
  }

  #produce(
    request: ProduceRequest,
    connection: ServerConnection,
    respond: (body: Parameters<typeof responseFrame<typeof ProduceResponse>>[4]) => void,
  ): void {
    let heard = true
    const responses = request.topicData.map((topic) => ({
      name: topic.name,
      partitionResponses: topic.partitionData.map(({ index, records }) => {
        const verdict = this.#options.verdict(index)
        if (typeof verdict === 'number') return { index, errorCode: verdict, baseOffset: -1 }
        heard &&= verdict === 'judge'
        if (verdict === 'lose the request') return { index, errorCode: Errors.NONE, baseOffset: -1 }
        return { index, ...this.partitions[index].append(records as Buffer) }
      }),
    }))
    if (heard) respond({ responses })
    else connection.destroy()
  }
}
