import { type Admin, call, type ItemResult } from '../client/index.ts'
import type { Clock, Host } from '../host/index.ts'
import { Apis, KafkaError } from '../protocol/index.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../protocol/messages/api-versions.ts'
import { ProduceRequest, ProduceResponse } from '../protocol/messages/produce.ts'
import { BatchBuilder } from '../records/index.ts'
import { Latencies, type LatencySummary } from './latencies.ts'

export interface NetworkLoadOptions {
  readonly host: Host
  readonly admin: Admin
  /** Of one broker. */
  readonly trips: number
  /** Sent to each broker in pieces of `pieceBytes`, several under way. */
  readonly bytes: number
  readonly pieceBytes: number
  readonly stop: AbortSignal
}

/** The way to one broker and back. */
export interface BrokerTrip {
  readonly broker: number
  readonly address: string
  /** Of the smallest question, one at a time. */
  readonly roundTrip: LatencySummary
  /** Towards the broker. */
  readonly mibPerSecond: number | null
}

const versionsCall = call(Apis.ApiVersions, ApiVersionsRequest, ApiVersionsResponse)
const produceCall = call(Apis.Produce, ProduceRequest, ProduceResponse)
/** Named, topics need no id. */
const namedTopics = 12
const UNDER_WAY = 4
const MIB = 1024 * 1024

/**
 * Round trips by ApiVersions, which costs a broker next to nothing; bandwidth by records for a topic that does not exist: the broker takes
 * them off the network, and refuses them before its disk sees any. A broker that cannot be reached keeps no other from being asked.
 */
export async function networkLoad(options: NetworkLoadOptions): Promise<ItemResult<number, BrokerTrip>[]> {
  const { admin, host, stop } = options
  const trips: ItemResult<number, BrokerTrip>[] = []
  for (const { id, host: name, port } of [...admin.cluster.view.nodes.values()].sort((a, b) => a.id - b.id)) {
    if (stop.aborted) break
    const address = `${name.includes(':') ? `[${name}]` : name}:${port}`
    try {
      const roundTrip = await roundTrips(options, id, host.clock)
      const mibPerSecond = options.bytes === 0 ? null : await bandwidth(options, id)
      trips.push({ item: id, error: null, value: { broker: id, address, roundTrip, mibPerSecond } })
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      const { code, errorName: name, message, retriable } = error
      trips.push({ item: id, error: { code, name, message, retriable }, value: null })
    }
  }
  return trips
}

async function roundTrips({ admin, trips, stop }: NetworkLoadOptions, broker: number, clock: Clock): Promise<LatencySummary> {
  const latencies = new Latencies()
  const body = { clientSoftwareName: 'tkafka', clientSoftwareVersion: 'bench' }
  // The first one finds the connection, and is not counted.
  for (let count = -1; count < trips && !stop.aborted; count++) {
    const beforeMs = clock.monotonic()
    await admin.cluster.send(broker, versionsCall, body)
    if (count >= 0) latencies.add(clock.monotonic() - beforeMs)
  }
  return latencies.summary()
}

async function bandwidth({ admin, host, bytes, pieceBytes, stop }: NetworkLoadOptions, broker: number): Promise<number> {
  const builder = new BatchBuilder()
  builder.append(host.clock.now(), null, Buffer.from(host.random.bytes(pieceBytes)))
  const records = builder.close()
  const topic = `tkafka-bench-no-topic-${Buffer.from(host.random.bytes(6)).toString('hex')}`
  const body = { transactionalId: null, acks: 1, timeoutMs: 30_000, topicData: [{ name: topic, partitionData: [{ index: 0, records }] }] }
  let left = Math.ceil(bytes / pieceBytes)
  const startMs = host.clock.monotonic()
  let sent = 0
  const lane = async (): Promise<void> => {
    while (left-- > 0 && !stop.aborted) {
      await admin.cluster.send(broker, produceCall, body, { maxVersion: namedTopics })
      sent += records.length
    }
  }
  await Promise.all(Array.from({ length: UNDER_WAY }, lane))
  return Math.round((sent / MIB / ((host.clock.monotonic() - startMs) / 1000)) * 10) / 10
}
