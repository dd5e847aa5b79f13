import { type FeatureChange, type FeatureLevel, type ItemTable, itemKind, listOf, orNull, shaped, words } from '../../src/cli/index.ts'
import type { NewVoter } from '../../src/client/index.ts'
import type {
  DirectoryMove,
  DirectoryReport,
  Finding,
  HealthCheck,
  QuorumReplicaReport,
  QuorumReport,
  ReplicaPlace,
  StrangeSize,
} from '../../src/ops/index.ts'
import type { NodeRow } from './describe.ts'
import type { FeatureRow } from './features/describe.ts'
import type { Dependency } from './features/feature-dependencies.ts'

const cluster = itemKind<NodeRow>('Cluster', {
  id: 'integer',
  host: 'string?',
  port: 'integer?',
  rack: 'string?',
  controller: 'boolean',
  fenced: 'boolean',
  roles: orNull(listOf('string')),
})

const featureList = itemKind<FeatureRow>('FeatureList', {
  feature: 'string',
  minSupported: 'integer',
  maxSupported: 'integer',
  finalized: 'integer',
  epoch: 'integer?',
})

const featureChanges = itemKind<FeatureChange>('FeatureChanges', { feature: 'string', from: 'integer', to: 'integer', status: 'string' })

const featureLevels = itemKind<FeatureLevel>('FeatureLevels', { feature: 'string', level: 'integer' })

const featureDependencies = itemKind<Dependency>('FeatureDependencies', {
  feature: 'string',
  level: 'integer',
  requires: listOf({ feature: 'string', level: 'integer' }),
})

const clusterHealth = itemKind<HealthCheck>('ClusterHealth', {
  check: words('quorum', 'brokers', 'offline', 'under-min-isr', 'under-replicated'),
  healthy: 'boolean',
  detail: 'string',
  concerned: listOf('string'),
})

const findings = itemKind<Finding>('ClusterFindings', {
  check: shaped<Finding['check']>({ type: 'string' }),
  of: 'string',
  state: words('ok', 'warning', 'wrong', 'unknown'),
  found: 'string',
  cause: 'string?',
  next: 'string?',
})

const strangeSize = itemKind<StrangeSize>('StrangeSize', { size: 'integer', bytes: 'string', meaning: 'string', next: 'string' })

const clusterId = itemKind<{ clusterId: string }>('ClusterId', { clusterId: 'string' })

const logDirectories = itemKind<DirectoryReport>('LogDirectories', {
  broker: 'integer',
  path: 'string',
  state: words('online', 'cordoned', 'offline'),
  replicas: 'integer',
  bytes: 'integer',
  totalBytes: 'integer?',
  usableBytes: 'integer?',
})

const replicaPlaces = itemKind<ReplicaPlace>('ReplicaPlaces', {
  topic: 'string',
  partition: 'integer',
  broker: 'integer',
  path: 'string',
  bytes: 'integer',
  offsetLag: 'integer',
  future: 'boolean',
})

const directoryMoves = itemKind<DirectoryMove & { status: string }>('DirectoryMoves', {
  topic: 'string',
  partition: 'integer',
  broker: 'integer',
  from: 'string',
  path: 'string',
  bytes: 'integer',
  status: 'string',
})

const addedController = itemKind<NewVoter & { status: string }>('QuorumChange', {
  id: 'integer',
  directoryId: 'string',
  listeners: listOf({ name: 'string', host: 'string', port: 'integer' }),
  status: 'string',
})

const removedController = itemKind<{ id: number; directoryId: string | null; status: string }>('QuorumChange', {
  id: 'integer',
  directoryId: 'string?',
  status: 'string',
})

const quorumReplica = {
  nodeId: 'integer',
  directoryId: 'string?',
  status: words('Leader', 'Follower', 'Observer'),
  logEndOffset: 'integer',
  lag: 'integer',
  lagMs: 'integer?',
  silentMs: 'integer?',
  lastFetchTimestamp: 'integer?',
  lastCaughtUpTimestamp: 'integer?',
  endpoints: listOf<string>('string'),
  fault: orNull(words('lagging', 'silent')),
} as const

const quorumReplication = itemKind<QuorumReplicaReport>('QuorumReplication', quorumReplica)

const quorumStatus = itemKind<QuorumReport>('QuorumStatus', {
  clusterId: 'string',
  leaderId: 'integer',
  leaderEpoch: 'integer',
  highWatermark: 'integer',
  maxFollowerLag: 'integer',
  maxFollowerLagMs: 'integer?',
  replicas: listOf<QuorumReplicaReport>(quorumReplica),
})

export const items: ItemTable = {
  'cluster describe': [cluster],
  'cluster doctor': [findings, strangeSize],
  'cluster features describe': [featureList],
  'cluster features disable': [featureChanges],
  'cluster features downgrade': [featureChanges],
  'cluster features feature-dependencies': [featureDependencies],
  'cluster features upgrade': [featureChanges],
  'cluster features version-mapping': [featureLevels],
  'cluster health': [clusterHealth],
  'cluster id': [clusterId],
  'cluster logdirs list': [logDirectories, replicaPlaces],
  'cluster logdirs move': [directoryMoves],
  'cluster quorum add-controller': [addedController],
  'cluster quorum remove-controller': [removedController],
  'cluster quorum replication': [quorumReplication],
  'cluster quorum status': [quorumStatus],
}
