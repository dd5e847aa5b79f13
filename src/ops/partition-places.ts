import type { Admin, AdminOptions, ItemError, ItemResult, TopicPartition } from '../client/index.ts'
import { Errors } from '../protocol/index.ts'
import { itemFailure } from './item-failure.ts'
import type { OffsetPlace } from './offset-expression.ts'

export interface PartitionBounds {
  readonly startOffset: number
  /** The high watermark, or with read_committed the last stable offset. */
  readonly endOffset: number
}

/** First and end offset of partitions, in two requests a broker. */
export async function partitionBounds(
  admin: Admin,
  partitions: readonly TopicPartition[],
  isolationLevel: 'read_uncommitted' | 'read_committed' = 'read_uncommitted',
  options: AdminOptions = {},
): Promise<ItemResult<TopicPartition, PartitionBounds>[]> {
  const ask = (at: 'earliest' | 'latest') =>
    admin.listOffsets(
      partitions.map(({ topic, partition }) => ({ topic, partition, at })),
      { ...options, isolationLevel },
    )
  const [starts, ends] = await Promise.all([ask('earliest'), ask('latest')])
  return partitions.map(({ topic, partition }, index): ItemResult<TopicPartition, PartitionBounds> => {
    const item = { topic, partition }
    const [start, end] = [starts[index]!, ends[index]!]
    const error = start.error ?? end.error
    if (error !== null) return { item, error, value: null }
    return { item, error: null, value: { startOffset: start.value!.offset, endOffset: end.value!.offset } }
  })
}

/**
 * The offset that a place means in each partition, held within its bounds. A time after the last record means the end.
 * `stored` must be resolved by the caller.
 */
export async function resolvePlaces(
  admin: Admin,
  partitions: readonly TopicPartition[],
  place: OffsetPlace,
  isolationLevel: 'read_uncommitted' | 'read_committed' = 'read_uncommitted',
): Promise<ItemResult<TopicPartition, PartitionBounds & { readonly offset: number }>[]> {
  const bounds = await partitionBounds(admin, partitions, isolationLevel)
  const times =
    place.kind === 'time'
      ? await admin.listOffsets(
          partitions.map(({ topic, partition }) => ({ topic, partition, at: Math.max(0, place.timestampMs) })),
          { isolationLevel },
        )
      : undefined
  return bounds.map((bound, index) => {
    if (bound.error !== null) return bound
    const found = times?.[index]
    if (found !== undefined && found.error !== null) return { item: bound.item, error: found.error, value: null }
    const offset = within(offsetAt(place, bound.value, found?.value?.offset ?? -1), bound.value)
    return { item: bound.item, error: null, value: { ...bound.value, offset } }
  })
}

function offsetAt(place: OffsetPlace, { startOffset, endOffset }: PartitionBounds, atTime: number): number {
  switch (place.kind) {
    case 'start':
    case 'stored':
      return startOffset
    case 'end':
      return endOffset
    case 'offset':
      return place.offset
    case 'after start':
      return startOffset + place.count
    case 'before end':
      return endOffset - place.count
    case 'time':
      return atTime < 0 ? endOffset : atTime
  }
}

export function within(offset: number, { startOffset, endOffset }: PartitionBounds): number {
  return Math.min(Math.max(offset, startOffset), endOffset)
}

/** Partitions of one topic, those chosen or all. @throws KafkaError when the topic is not there */
export async function partitionsOf(admin: Admin, topic: string, chosen?: readonly number[]): Promise<TopicPartition[]> {
  const { partitions, failures } = await partitionsOfAll(admin, [topic], chosen)
  const error = failures[0]?.error ?? null
  if (error !== null) throw itemFailure(`topic ${topic}`, error)
  return partitions
}

/** Partitions of several topics. One that was chosen and does not exist is a failure that says which there are. */
export async function partitionsOfAll(
  admin: Admin,
  topics: readonly string[],
  chosen?: readonly number[],
): Promise<{ partitions: TopicPartition[]; failures: ItemResult<string, never>[] }> {
  const partitions: TopicPartition[] = []
  const failures: ItemResult<string, never>[] = []
  for (const { item: topic, error, value } of await admin.describeTopics(topics)) {
    if (error !== null) {
      failures.push({ item: topic, error, value: null })
      continue
    }
    const known = new Set(value.partitions.map((each) => each.partition))
    for (const partition of chosen ?? known) {
      if (known.has(partition)) partitions.push({ topic, partition })
      else failures.push({ item: `${topic}-${partition}`, error: noPartition(topic, partition, known.size), value: null })
    }
  }
  return { partitions, failures }
}

function noPartition(topic: string, partition: number, count: number): ItemError {
  const has = count === 1 ? 'one partition, 0' : `partitions 0 to ${count - 1}`
  const message = `topic ${topic} has no partition ${partition}, it has ${has}`
  return { code: Errors.UNKNOWN_TOPIC_OR_PARTITION, name: 'UNKNOWN_TOPIC_OR_PARTITION', message, retriable: false }
}
