import {
  type ApiName,
  Apis,
  apiByKey,
  bytesToJson,
  Errors,
  findMessage,
  type Json,
  jsonToBytes,
  type VersionRange,
} from '../../protocol/index.ts'
import { AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse } from '../../protocol/messages/alter-replica-log-dirs.ts'
import { DescribeClusterRequest, DescribeClusterResponse } from '../../protocol/messages/describe-cluster.ts'
import { DescribeLogDirsRequest, DescribeLogDirsResponse } from '../../protocol/messages/describe-log-dirs.ts'
import { DescribeProducersRequest, DescribeProducersResponse } from '../../protocol/messages/describe-producers.ts'
import { DescribeQuorumRequest, DescribeQuorumResponse } from '../../protocol/messages/describe-quorum.ts'
import { UnregisterBrokerRequest, UnregisterBrokerResponse } from '../../protocol/messages/unregister-broker.ts'
import { UpdateFeaturesRequest, UpdateFeaturesResponse } from '../../protocol/messages/update-features.ts'
import type { BrokerVersions } from '../broker-link.ts'
import { call } from '../call.ts'
import { ClientError, type ItemResult, itemResult, throwIfError } from '../client-error.ts'
import { metadataCall } from '../cluster.ts'
import { fanOut } from '../retry.ts'
import {
  type AdminContext,
  type AdminOptions,
  askAny,
  askController,
  brokerTimeoutMs,
  byTopic,
  matchResults,
  partitionKey,
  retryOptions,
  type TopicPartition,
  throwIfRefused,
  toBrokers,
  toLeaders,
} from './routes.ts'

const describeClusterCall = call(Apis.DescribeCluster, DescribeClusterRequest, DescribeClusterResponse)
const logDirsCall = call(Apis.DescribeLogDirs, DescribeLogDirsRequest, DescribeLogDirsResponse)
const alterLogDirsCall = call(Apis.AlterReplicaLogDirs, AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse)
const quorumCall = call(Apis.DescribeQuorum, DescribeQuorumRequest, DescribeQuorumResponse)
const updateFeaturesCall = call(Apis.UpdateFeatures, UpdateFeaturesRequest, UpdateFeaturesResponse)
const producersCall = call(Apis.DescribeProducers, DescribeProducersRequest, DescribeProducersResponse)
const unregisterCall = call(Apis.UnregisterBroker, UnregisterBrokerRequest, UnregisterBrokerResponse)

export interface ClusterDescription {
  readonly clusterId: string
  /** -1: none. */
  readonly controllerId: number
  readonly authorizedOperations: number
  readonly nodes: readonly {
    readonly id: number
    readonly host: string
    readonly port: number
    readonly rack: string | null
    readonly fenced: boolean
  }[]
}

export async function describeCluster(
  admin: AdminContext,
  options: AdminOptions & { includeFenced?: boolean; includeAuthorizedOperations?: boolean } = {},
): Promise<ClusterDescription> {
  const endpointType = admin.cluster.ofControllers ? 2 : 1
  const includeFenced = options.includeFenced ?? false
  try {
    const answer = await askAny(
      admin,
      describeClusterCall,
      (version) => ({
        includeClusterAuthorizedOperations: options.includeAuthorizedOperations ?? false,
        ...(version >= 1 ? { endpointType } : {}),
        ...(version >= 2 && endpointType === 1 ? { includeFencedBrokers: includeFenced } : {}),
      }),
      { ...options, minVersion: includeFenced ? 2 : endpointType - 1 },
      (each) => throwIfError(each.errorCode, each.errorMessage, 'DescribeCluster'),
    )
    return {
      clusterId: answer.clusterId,
      controllerId: answer.controllerId,
      authorizedOperations: answer.clusterAuthorizedOperations,
      nodes: answer.brokers
        .map((each) => ({ id: each.brokerId, host: each.host, port: each.port, rack: each.rack, fenced: each.isFenced }))
        .sort((a, b) => a.id - b.id),
    }
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== Errors.UNSUPPORTED_VERSION || includeFenced || endpointType === 2) throw error
  }
  const answer = await askAny(admin, metadataCall, { topics: [] }, options)
  return {
    clusterId: answer.clusterId ?? '',
    controllerId: answer.controllerId,
    authorizedOperations: answer.clusterAuthorizedOperations,
    nodes: answer.brokers
      .map((each) => ({ id: each.nodeId, host: each.host, port: each.port, rack: each.rack, fenced: false }))
      .sort((a, b) => a.id - b.id),
  }
}

export interface LogDirDescription {
  readonly path: string
  /** KAFKA_STORAGE_ERROR when it is offline. */
  readonly errorCode: number
  /** -1: not said. */
  readonly totalBytes: number
  readonly usableBytes: number
  readonly cordoned: boolean
  readonly replicas: readonly (TopicPartition & {
    readonly bytes: number
    readonly offsetLag: number
    /** The copy of a move between directories. */
    readonly future: boolean
  })[]
}

/** The log directories of brokers (default: all), with the replicas of the partitions given (default: all). */
export function describeLogDirs(
  admin: AdminContext,
  options: AdminOptions & { brokers?: readonly number[]; partitions?: readonly TopicPartition[] } = {},
): Promise<ItemResult<number, LogDirDescription[]>[]> {
  const topics =
    options.partitions === undefined
      ? null
      : byTopic(options.partitions, (topic, list) => ({ topic, partitions: list.map((each) => each.partition) }))
  return toBrokers(admin, 'DescribeLogDirs', options.brokers, options, async (nodeId) => {
    const answer = await admin.cluster.send(nodeId, logDirsCall, { topics })
    throwIfError(answer.errorCode, null, `DescribeLogDirs of broker ${nodeId}`)
    return answer.results.map((dir) => ({
      path: dir.logDir,
      errorCode: dir.errorCode,
      totalBytes: dir.totalBytes,
      usableBytes: dir.usableBytes,
      cordoned: dir.isCordoned,
      replicas: dir.topics.flatMap((topic) =>
        topic.partitions.map((each) => ({
          topic: topic.name,
          partition: each.partitionIndex,
          bytes: each.partitionSize,
          offsetLag: each.offsetLag,
          future: each.isFutureKey,
        })),
      ),
    }))
  })
}

export interface ReplicaMove extends TopicPartition {
  readonly broker: number
  readonly path: string
}

/** Moves replicas to another log directory of the same broker. */
export function alterReplicaLogDirs(
  admin: AdminContext,
  moves: readonly ReplicaMove[],
  options: AdminOptions = {},
): Promise<ItemResult<ReplicaMove>[]> {
  const { cluster } = admin
  return fanOut(cluster, retryOptions(admin, options), {
    what: 'AlterReplicaLogDirs',
    items: moves,
    locate: async (wanted) => {
      if (cluster.view.version === 0) await cluster.refresh([], retryOptions(admin, options).timeoutMs)
      return new Map(wanted.map((move) => [move, move.broker]))
    },
    ask: async (nodeId, wanted) => {
      const paths = new Map<string, ReplicaMove[]>()
      for (const move of wanted) paths.set(move.path, [...(paths.get(move.path) ?? []), move])
      const dirs = [...paths].map(([path, list]) => ({
        path,
        topics: byTopic(list, (name, each) => ({ name, partitions: each.map((move) => move.partition) })),
      }))
      const answer = await cluster.send(nodeId, alterLogDirsCall, { dirs })
      const entries = answer.results.flatMap((topic) =>
        topic.partitions.map((each) => ({ topic: topic.topicName, partition: each.partitionIndex, ...each })),
      )
      return matchResults(wanted, partitionKey, entries, partitionKey, (item, entry) => itemResult(item, entry.errorCode, null, null))
    },
  })
}

export interface QuorumReplica {
  readonly replicaId: number
  readonly directoryId: string
  readonly logEndOffset: number
  /** Milliseconds since 1970; -1: not known. */
  readonly lastFetchTimestamp: number | bigint
  readonly lastCaughtUpTimestamp: number | bigint
}

export interface QuorumDescription {
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly highWatermark: number
  readonly voters: readonly QuorumReplica[]
  readonly observers: readonly QuorumReplica[]
  readonly nodes: readonly {
    readonly id: number
    readonly listeners: readonly { readonly name: string; readonly host: string; readonly port: number }[]
  }[]
}

export async function describeQuorum(admin: AdminContext, options: AdminOptions = {}): Promise<QuorumDescription> {
  const body = { topics: [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }] }
  const answer = await askController(
    admin,
    quorumCall,
    () => body,
    options,
    (each) => {
      throwIfError(each.errorCode, each.errorMessage, 'DescribeQuorum')
      const partition = each.topics[0]?.partitions[0]
      if (partition !== undefined) throwIfError(partition.errorCode, partition.errorMessage, 'DescribeQuorum')
    },
  )
  const partition = answer.topics[0]?.partitions[0]
  if (partition === undefined) throw new ClientError(Errors.UNKNOWN_SERVER_ERROR, 'DescribeQuorum: the answer names no partition')
  const replica = (each: (typeof partition.currentVoters)[number]): QuorumReplica => ({
    replicaId: each.replicaId,
    directoryId: each.replicaDirectoryId,
    logEndOffset: each.logEndOffset,
    lastFetchTimestamp: each.lastFetchTimestamp,
    lastCaughtUpTimestamp: each.lastCaughtUpTimestamp,
  })
  return {
    leaderId: partition.leaderId,
    leaderEpoch: partition.leaderEpoch,
    highWatermark: partition.highWatermark,
    voters: partition.currentVoters.map(replica),
    observers: partition.observers.map(replica),
    nodes: answer.nodes.map((node) => ({
      id: node.nodeId,
      listeners: node.listeners.map(({ name, host, port }) => ({ name, host, port })),
    })),
  }
}

/** Supported and finalized features, as one broker tells them (default: any). */
export async function describeFeatures(
  admin: AdminContext,
  options: AdminOptions & { broker?: number } = {},
): Promise<Pick<BrokerVersions, 'supportedFeatures' | 'finalizedFeatures' | 'finalizedFeaturesEpoch'>> {
  const { supportedFeatures, finalizedFeatures, finalizedFeaturesEpoch } = await versionsOf(admin, options.broker, options)
  return { supportedFeatures, finalizedFeatures, finalizedFeaturesEpoch }
}

/** What each broker offers: fresh, not what was negotiated once. */
export function describeApiVersions(
  admin: AdminContext,
  options: AdminOptions & { brokers?: readonly number[] } = {},
): Promise<ItemResult<number, { readonly api: string; readonly key: number; readonly versions: VersionRange }[]>[]> {
  return toBrokers(admin, 'ApiVersions', options.brokers, options, async (nodeId) => {
    const { apis } = await admin.cluster.link(nodeId).refreshVersions()
    return [...apis]
      .map(([key, versions]) => ({ api: apiByKey(key)?.name ?? `UNKNOWN(${key})`, key, versions }))
      .sort((a, b) => a.key - b.key)
  })
}

async function versionsOf(admin: AdminContext, broker: number | undefined, options: AdminOptions): Promise<BrokerVersions> {
  const { cluster } = admin
  if (cluster.view.version === 0) await cluster.refresh([], retryOptions(admin, options).timeoutMs)
  return (broker === undefined ? cluster.leastLoaded() : cluster.link(broker)).refreshVersions()
}

export const UpgradeType = { upgrade: 1, safeDowngrade: 2, unsafeDowngrade: 3 } as const

export interface FeatureUpdate {
  readonly feature: string
  /** 0 removes the feature. */
  readonly maxVersionLevel: number
  readonly upgradeType?: keyof typeof UpgradeType
}

export async function updateFeatures(
  admin: AdminContext,
  updates: readonly FeatureUpdate[],
  options: AdminOptions & { validateOnly?: boolean } = {},
): Promise<ItemResult<FeatureUpdate>[]> {
  const answer = await askController(
    admin,
    updateFeaturesCall,
    (leftMs) => (version) => ({
      timeoutMs: brokerTimeoutMs(admin, leftMs),
      featureUpdates: updates.map(({ feature, maxVersionLevel, upgradeType = 'upgrade' }) =>
        version >= 1
          ? { feature, maxVersionLevel, upgradeType: UpgradeType[upgradeType] }
          : { feature, maxVersionLevel, allowDowngrade: upgradeType !== 'upgrade' },
      ),
      ...(version >= 1 ? { validateOnly: options.validateOnly ?? false } : {}),
    }),
    { ...options, minVersion: options.validateOnly === true ? 1 : 0 },
    (each) => {
      if (each.errorCode === Errors.NOT_CONTROLLER) throwIfError(each.errorCode, each.errorMessage, 'UpdateFeatures')
    },
  )
  // From version 2 on it is all or nothing: one error stands for every update.
  if (answer.errorCode !== Errors.NONE || answer.results.length === 0) {
    return updates.map((item) => itemResult(item, answer.errorCode, answer.errorMessage, null))
  }
  return matchResults(
    updates,
    (item) => item.feature,
    answer.results,
    (entry) => entry.feature,
    (item, entry) => itemResult(item, entry.errorCode, entry.errorMessage, null),
  )
}

export interface ProducerState {
  readonly producerId: number
  readonly producerEpoch: number
  readonly lastSequence: number
  readonly lastTimestamp: number | bigint
  readonly coordinatorEpoch: number
  /** -1: no transaction open. */
  readonly currentTransactionStartOffset: number
}

/** As the leaders of the partitions know them, or one replica of each. */
export async function describeProducers(
  admin: AdminContext,
  partitions: readonly TopicPartition[],
  options: AdminOptions & { broker?: number } = {},
): Promise<ItemResult<TopicPartition, ProducerState[]>[]> {
  const ask = async (nodeId: number, wanted: readonly TopicPartition[]): Promise<ItemResult<TopicPartition, ProducerState[]>[]> => {
    const topics = byTopic(wanted, (name, list) => ({ name, partitionIndexes: list.map((each) => each.partition) }))
    const answer = await admin.cluster.send(nodeId, producersCall, { topics })
    const entries = answer.topics.flatMap((topic) =>
      topic.partitions.map((each) => ({ topic: topic.name, partition: each.partitionIndex, ...each })),
    )
    return matchResults(wanted, partitionKey, entries, partitionKey, (item, entry) =>
      itemResult(
        item,
        entry.errorCode,
        entry.errorMessage,
        entry.activeProducers.map((each) => ({
          producerId: each.producerId,
          producerEpoch: each.producerEpoch,
          lastSequence: each.lastSequence,
          lastTimestamp: each.lastTimestamp,
          coordinatorEpoch: each.coordinatorEpoch,
          currentTransactionStartOffset: each.currentTxnStartOffset,
        })),
      ),
    )
  }
  const { broker } = options
  if (broker === undefined) return toLeaders(admin, 'DescribeProducers', partitions, options, ask)
  const [answer] = await toBrokers(admin, 'DescribeProducers', [broker], options, (nodeId) => ask(nodeId, partitions))
  return answer!.error === null ? answer!.value : partitions.map((item) => ({ item, error: answer!.error, value: null }))
}

/** Takes a broker that will not come back out of the cluster's metadata. */
export async function unregisterBroker(admin: AdminContext, brokerId: number, options: AdminOptions = {}): Promise<void> {
  await askController(
    admin,
    unregisterCall,
    () => ({ brokerId }),
    options,
    (each) => throwIfRefused(each.errorCode, each.errorMessage, `UnregisterBroker ${brokerId}`),
  )
}

/** One request of any API, body and answer in the form of Kafka's JSON converters. Without a version: the highest in common. */
export async function requestJson(
  admin: AdminContext,
  api: ApiName,
  body: Json,
  options: AdminOptions & { broker?: number; version?: number } = {},
): Promise<{ version: number; answer: Json }> {
  const { cluster } = admin
  const request = await findMessage(`${api}Request`)
  const response = await findMessage(`${api}Response`)
  if (request === undefined || response === undefined) throw new ClientError(Errors.INVALID_REQUEST, `there is no API named ${api}`)
  if (cluster.view.version === 0) await cluster.refresh([], retryOptions(admin, options).timeoutMs)
  const link = options.broker === undefined ? cluster.leastLoaded() : cluster.link(options.broker)
  await link.open()
  const version = options.version ?? link.versionOf(Apis[api])
  const bytes = await link.requestBytes(Apis[api], version, jsonToBytes(request, version, body), options.timeoutMs)
  return { version, answer: bytesToJson(response, version, bytes) }
}
