import { Apis, Errors, KafkaError, type Message } from '../../protocol/index.ts'
import { CreatePartitionsRequest, CreatePartitionsResponse } from '../../protocol/messages/create-partitions.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../protocol/messages/create-topics.ts'
import { DeleteRecordsRequest, DeleteRecordsResponse } from '../../protocol/messages/delete-records.ts'
import { DeleteTopicsRequest, DeleteTopicsResponse } from '../../protocol/messages/delete-topics.ts'
import { DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse } from '../../protocol/messages/describe-topic-partitions.ts'
import { call } from '../call.ts'
import { ClientError, type ItemResult, itemError, itemResult } from '../client-error.ts'
import { metadataCall } from '../cluster.ts'
import {
  type AdminContext,
  type AdminOptions,
  askAny,
  brokerTimeoutMs,
  byTopic,
  matchResults,
  partitionKey,
  type TopicPartition,
  toController,
  toLeaders,
} from './routes.ts'

const describePartitionsCall = call(Apis.DescribeTopicPartitions, DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse)
const createTopicsCall = call(Apis.CreateTopics, CreateTopicsRequest, CreateTopicsResponse)
const deleteTopicsCall = call(Apis.DeleteTopics, DeleteTopicsRequest, DeleteTopicsResponse)
const createPartitionsCall = call(Apis.CreatePartitions, CreatePartitionsRequest, CreatePartitionsResponse)
const deleteRecordsCall = call(Apis.DeleteRecords, DeleteRecordsRequest, DeleteRecordsResponse)

export interface TopicListing {
  readonly name: string
  readonly topicId: string
  readonly internal: boolean
  readonly partitionCount: number
  readonly replicationFactor: number
}

export interface PartitionDescription {
  readonly partition: number
  readonly errorCode: number
  /** -1: none. */
  readonly leader: number
  readonly leaderEpoch: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  readonly offlineReplicas: readonly number[]
  /** KIP-966; null when the cluster does not say. */
  readonly eligibleLeaderReplicas: readonly number[] | null
  readonly lastKnownElr: readonly number[] | null
}

export interface TopicDescription {
  readonly name: string
  readonly topicId: string
  readonly internal: boolean
  /** Bits of AclOperation; -2147483648 when not asked for. */
  readonly authorizedOperations: number
  readonly partitions: readonly PartitionDescription[]
}

/** Every topic that the caller may see, sorted by name. */
export async function listTopics(admin: AdminContext, options: AdminOptions & { includeInternal?: boolean } = {}): Promise<TopicListing[]> {
  const answer = await askAny(admin, metadataCall, { topics: null, allowAutoTopicCreation: false }, options)
  const listings: TopicListing[] = []
  for (const topic of answer.topics) {
    if (topic.name === null || (topic.isInternal && options.includeInternal !== true)) continue
    listings.push({
      name: topic.name,
      topicId: topic.topicId,
      internal: topic.isInternal,
      partitionCount: topic.partitions.length,
      replicationFactor: topic.partitions[0]?.replicaNodes.length ?? 0,
    })
  }
  return listings.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

/** Topics by name, in the order of the names. Uses DescribeTopicPartitions page by page where the broker offers it. */
export async function describeTopics(
  admin: AdminContext,
  names: readonly string[],
  options: AdminOptions & { includeAuthorizedOperations?: boolean; partitionsPerPage?: number } = {},
): Promise<ItemResult<string, TopicDescription>[]> {
  if (names.length === 0) return []
  try {
    if (options.includeAuthorizedOperations !== true) return await describeByPages(admin, names, options)
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== Errors.UNSUPPORTED_VERSION) throw error
  }
  return describeByMetadata(admin, names, options)
}

async function describeByPages(
  admin: AdminContext,
  names: readonly string[],
  options: AdminOptions & { partitionsPerPage?: number },
): Promise<ItemResult<string, TopicDescription>[]> {
  const found = new Map<string, { errorCode: number; description: TopicDescription & { partitions: PartitionDescription[] } }>()
  const wanted = [...new Set(names)].sort()
  let cursor: { topicName: string; partitionIndex: number } | null = null
  do {
    // The broker goes on from the cursor; topics before it need not be named again.
    const from: string = cursor?.topicName ?? ''
    const topics = wanted.filter((name) => name >= from).map((name) => ({ name }))
    const answer: Message<typeof DescribeTopicPartitionsResponse> = await askAny(
      admin,
      describePartitionsCall,
      { topics, responsePartitionLimit: options.partitionsPerPage ?? 2000, cursor },
      options,
    )
    for (const topic of answer.topics) {
      if (topic.name === null) continue
      const partitions = topic.partitions.map(
        (each): PartitionDescription => ({
          partition: each.partitionIndex,
          errorCode: each.errorCode,
          leader: each.leaderId,
          leaderEpoch: each.leaderEpoch,
          replicas: each.replicaNodes,
          isr: each.isrNodes,
          offlineReplicas: each.offlineReplicas,
          eligibleLeaderReplicas: each.eligibleLeaderReplicas,
          lastKnownElr: each.lastKnownElr,
        }),
      )
      const known = found.get(topic.name)
      if (known !== undefined) known.description.partitions.push(...partitions)
      else {
        const { name, topicId, isInternal: internal, topicAuthorizedOperations: authorizedOperations } = topic
        found.set(name, { errorCode: topic.errorCode, description: { name, topicId, internal, authorizedOperations, partitions } })
      }
    }
    const next: { topicName: string; partitionIndex: number } | null = answer.nextCursor
    if (next !== null && cursor !== null && next.topicName === cursor.topicName && next.partitionIndex <= cursor.partitionIndex) break
    cursor = next
  } while (cursor !== null)
  return names.map((name) => {
    const entry = found.get(name)
    if (entry === undefined)
      return { item: name, error: itemError(Errors.UNKNOWN_TOPIC_OR_PARTITION, `topic ${name} does not exist`), value: null }
    return itemResult(name, entry.errorCode, describeMessage(entry.errorCode, name), entry.description)
  })
}

async function describeByMetadata(
  admin: AdminContext,
  names: readonly string[],
  options: AdminOptions & { includeAuthorizedOperations?: boolean },
): Promise<ItemResult<string, TopicDescription>[]> {
  const includeTopicAuthorizedOperations = options.includeAuthorizedOperations ?? false
  const answer = await askAny(
    admin,
    metadataCall,
    (version) => ({
      topics: [...new Set(names)].map((name) => ({ name })),
      allowAutoTopicCreation: version < 4,
      ...(version >= 8 ? { includeTopicAuthorizedOperations } : {}),
    }),
    options,
  )
  return matchResults(
    names,
    (name) => name,
    answer.topics,
    (topic) => topic.name ?? '',
    (name, topic) =>
      itemResult(name, topic.errorCode, describeMessage(topic.errorCode, name), {
        name,
        topicId: topic.topicId,
        internal: topic.isInternal,
        authorizedOperations: topic.topicAuthorizedOperations,
        partitions: topic.partitions
          .map((each) => ({
            partition: each.partitionIndex,
            errorCode: each.errorCode,
            leader: each.leaderId,
            leaderEpoch: each.leaderEpoch,
            replicas: each.replicaNodes,
            isr: each.isrNodes,
            offlineReplicas: each.offlineReplicas,
            eligibleLeaderReplicas: null,
            lastKnownElr: null,
          }))
          .sort((a, b) => a.partition - b.partition),
      }),
  )
}

function describeMessage(code: number, name: string): string | undefined {
  return code === Errors.UNKNOWN_TOPIC_OR_PARTITION ? `topic ${name} does not exist` : undefined
}

export interface NewTopic {
  readonly name: string
  /** Default -1: the cluster's default. */
  readonly partitionCount?: number
  readonly replicationFactor?: number
  /** Replicas per partition, instead of count and factor. */
  readonly assignments?: readonly (readonly number[])[]
  readonly configs?: Readonly<Record<string, string | null>>
}

export interface CreatedTopic {
  readonly topicId: string
  /** -1 when the caller may not describe the configs. */
  readonly partitionCount: number
  readonly replicationFactor: number
  readonly configs: readonly {
    readonly name: string
    readonly value: string | null
    readonly readOnly: boolean
    readonly source: number
    readonly sensitive: boolean
  }[]
}

export function createTopics(
  admin: AdminContext,
  topics: readonly NewTopic[],
  options: AdminOptions & { validateOnly?: boolean } = {},
): Promise<ItemResult<NewTopic, CreatedTopic>[]> {
  return toController(admin, 'CreateTopics', topics, options, async (nodeId, wanted, leftMs) => {
    const answer = await admin.cluster.send(nodeId, createTopicsCall, {
      topics: wanted.map((topic) => ({
        name: topic.name,
        numPartitions: topic.assignments === undefined ? (topic.partitionCount ?? -1) : -1,
        replicationFactor: topic.assignments === undefined ? (topic.replicationFactor ?? -1) : -1,
        assignments: (topic.assignments ?? []).map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds })),
        configs: Object.entries(topic.configs ?? {}).map(([name, value]) => ({ name, value })),
      })),
      timeoutMs: brokerTimeoutMs(admin, leftMs),
      validateOnly: options.validateOnly ?? false,
    })
    return matchResults(
      wanted,
      (topic) => topic.name,
      answer.topics,
      (entry) => entry.name,
      (topic, entry) =>
        itemResult(topic, entry.errorCode, entry.errorMessage, {
          topicId: entry.topicId,
          partitionCount: entry.numPartitions,
          replicationFactor: entry.replicationFactor,
          configs: (entry.configs ?? []).map((each) => ({
            name: each.name,
            value: each.value,
            readOnly: each.readOnly,
            source: each.configSource,
            sensitive: each.isSensitive,
          })),
        }),
    )
  })
}

export function deleteTopics(admin: AdminContext, names: readonly string[], options: AdminOptions = {}): Promise<ItemResult<string>[]> {
  return toController(admin, 'DeleteTopics', names, options, async (nodeId, wanted, leftMs) => {
    const answer = await admin.cluster.send(nodeId, deleteTopicsCall, (version) => ({
      timeoutMs: brokerTimeoutMs(admin, leftMs),
      ...(version >= 6 ? { topics: wanted.map((name) => ({ name })) } : { topicNames: wanted }),
    }))
    return matchResults(
      wanted,
      (name) => name,
      answer.responses,
      (entry) => entry.name ?? '',
      (name, entry) => itemResult(name, entry.errorCode, entry.errorMessage, null),
    )
  })
}

/** Those of these ids, and no others that have taken their names since. Brokers before 2.8 know no ids. */
export function deleteTopicsById(admin: AdminContext, ids: readonly string[], options: AdminOptions = {}): Promise<ItemResult<string>[]> {
  return toController(admin, 'DeleteTopics', ids, options, async (nodeId, wanted, leftMs) => {
    const answer = await admin.cluster.send(nodeId, deleteTopicsCall, (version) => {
      if (version < 6) throw new KafkaError(Errors.UNSUPPORTED_VERSION, 'the brokers do not delete topics by id')
      return { timeoutMs: brokerTimeoutMs(admin, leftMs), topics: wanted.map((topicId) => ({ topicId })) }
    })
    return matchResults(
      wanted,
      (id) => id,
      answer.responses,
      (entry) => entry.topicId,
      (id, entry) => itemResult(id, entry.errorCode, entry.errorMessage, null),
    )
  })
}

export interface MorePartitions {
  readonly topic: string
  /** How many partitions the topic shall have. */
  readonly totalCount: number
  /** Replicas of each new partition; the controller chooses when left out. */
  readonly assignments?: readonly (readonly number[])[]
}

export function createPartitions(
  admin: AdminContext,
  topics: readonly MorePartitions[],
  options: AdminOptions & { validateOnly?: boolean } = {},
): Promise<ItemResult<MorePartitions>[]> {
  return toController(admin, 'CreatePartitions', topics, options, async (nodeId, wanted, leftMs) => {
    const answer = await admin.cluster.send(nodeId, createPartitionsCall, {
      topics: wanted.map((each) => ({
        name: each.topic,
        count: each.totalCount,
        assignments: each.assignments?.map((brokerIds) => ({ brokerIds })) ?? null,
      })),
      timeoutMs: brokerTimeoutMs(admin, leftMs),
      validateOnly: options.validateOnly ?? false,
    })
    return matchResults(
      wanted,
      (each) => each.topic,
      answer.results,
      (entry) => entry.name,
      (each, entry) => itemResult(each, entry.errorCode, entry.errorMessage, null),
    )
  })
}

export interface RecordsBefore extends TopicPartition {
  /** Records before this offset go; -1: all up to the high watermark. */
  readonly beforeOffset: number
}

/** The value is the partition's new low watermark. */
export function deleteRecords(
  admin: AdminContext,
  partitions: readonly RecordsBefore[],
  options: AdminOptions = {},
): Promise<ItemResult<RecordsBefore, number>[]> {
  return toLeaders(admin, 'DeleteRecords', partitions, options, async (nodeId, wanted, leftMs) => {
    const answer = await admin.cluster.send(nodeId, deleteRecordsCall, {
      topics: byTopic(wanted, (name, list) => ({
        name,
        partitions: list.map((each) => ({ partitionIndex: each.partition, offset: each.beforeOffset })),
      })),
      timeoutMs: brokerTimeoutMs(admin, leftMs),
    })
    const entries = answer.topics.flatMap((topic) =>
      topic.partitions.map((each) => ({ topic: topic.name, partition: each.partitionIndex, ...each })),
    )
    return matchResults(wanted, partitionKey, entries, partitionKey, (item, entry) =>
      itemResult(item, entry.errorCode, null, entry.lowWatermark),
    )
  })
}
