import { call } from '../../client/index.ts'
import { Apis, Errors } from '../../protocol/index.ts'
import { ListOffsetsRequest, ListOffsetsResponse } from '../../protocol/messages/list-offsets.ts'
import type { Sample, TopicSample } from '../sample.ts'
import { answerBound, type BrokerRounds } from './broker-rounds.ts'

const listOffsets = call(Apis.ListOffsets, ListOffsetsRequest, ListOffsetsResponse)

export const LATEST = -1
export const EARLIEST = -2
const CONSUMER = -1
/** Tools that look at one replica, whoever leads: it tells its own log end offset. */
const DEBUGGING = -2
const BROKER_WAITS_MS = 1000

type Offsets = Record<string, (number | null)[]>
type Asked = { name: string; partitions: { partitionIndex: number; currentLeaderEpoch: number; timestamp: number }[] }

/** One place in every partition, in one request to each leader. What is not told is null, or what was known `before`. */
export async function surveyOffsets(
  rounds: BrokerRounds,
  topics: readonly TopicSample[],
  timestamp: typeof LATEST | typeof EARLIEST,
  before: Sample['ends'] = {},
): Promise<Offsets> {
  const asked = new Map<number, Map<string, Asked>>()
  const found: Offsets = {}
  for (const { name, partitions } of topics) {
    found[name] = partitions.map((_, partition) => before[name]?.[partition] ?? null)
    for (const [partitionIndex, { leader }] of partitions.entries()) {
      if (leader >= 0) askedOf(asked, leader, name).partitions.push({ partitionIndex, currentLeaderEpoch: -1, timestamp })
    }
  }
  const answers = await rounds.askAll('ListOffsets', asked.keys(), (link, broker) =>
    link.request(listOffsets, bodyOf(asked.get(broker)!, CONSUMER), answerBound),
  )
  for (const { topics: list } of answers.values()) {
    for (const { name, partitions } of list) {
      const offsets = found[name]
      if (offsets === undefined) continue
      for (const { partitionIndex, errorCode, offset } of partitions) {
        if (errorCode === Errors.NONE && offset >= 0) offsets[partitionIndex] = offset
      }
    }
  }
  return found
}

/** The log end offset of every replica of a topic, asked of the brokers that hold them. */
export async function surveyReplicas(rounds: BrokerRounds, topic: TopicSample): Promise<Record<string, (number | null)[]>> {
  const asked = new Map<number, Map<string, Asked>>()
  const found: Record<string, (number | null)[]> = {}
  for (const [partitionIndex, { replicas, offline }] of topic.partitions.entries()) {
    for (const broker of replicas) {
      found[broker] ??= topic.partitions.map(() => null)
      if (!offline.includes(broker))
        askedOf(asked, broker, topic.name).partitions.push({ partitionIndex, currentLeaderEpoch: -1, timestamp: LATEST })
    }
  }
  const answers = await rounds.askAll('ListOffsets', asked.keys(), (link, broker) =>
    link.request(listOffsets, bodyOf(asked.get(broker)!, DEBUGGING), answerBound),
  )
  for (const [broker, answer] of answers) {
    for (const { partitionIndex, errorCode, offset } of answer.topics[0]?.partitions ?? []) {
      if (errorCode === Errors.NONE && offset >= 0) found[broker]![partitionIndex] = offset
    }
  }
  return found
}

function askedOf(asked: Map<number, Map<string, Asked>>, broker: number, name: string): Asked {
  const topics = asked.get(broker) ?? new Map<string, Asked>()
  asked.set(broker, topics)
  const topic = topics.get(name) ?? { name, partitions: [] }
  topics.set(name, topic)
  return topic
}

const bodyOf = (asked: ReadonlyMap<string, Asked>, replicaId: number) => (version: number) => ({
  replicaId,
  isolationLevel: 0,
  topics: [...asked.values()],
  ...(version >= 10 ? { timeoutMs: BROKER_WAITS_MS } : {}),
})
