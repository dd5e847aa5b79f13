import type { Host } from '../../host/index.ts'
import { Cluster, type ClusterOptions } from '../cluster.ts'
import { adminSettings, isUnknownKey } from '../config.ts'
import { resolveSettings, type SettingsInput } from '../settings.ts'
import * as acls from './acls.ts'
import * as clusterState from './cluster-state.ts'
import * as configs from './configs.ts'
import * as delegationTokens from './delegation-tokens.ts'
import * as groupOffsets from './group-offsets.ts'
import * as groups from './groups.ts'
import * as offsets from './offsets.ts'
import * as partitions from './partitions.ts'
import * as raftVoters from './raft-voters.ts'
import type { AdminContext } from './routes.ts'
import * as shareGroups from './share-groups.ts'
import * as streamsGroups from './streams-groups.ts'
import * as topics from './topics.ts'
import * as transactions from './transactions.ts'
import * as users from './users.ts'

const operations = {
  listTopics: topics.listTopics,
  describeTopics: topics.describeTopics,
  createTopics: topics.createTopics,
  deleteTopics: topics.deleteTopics,
  deleteTopicsById: topics.deleteTopicsById,
  createPartitions: topics.createPartitions,
  deleteRecords: topics.deleteRecords,
  listOffsets: offsets.listOffsets,
  describeConfigs: configs.describeConfigs,
  alterConfigs: configs.alterConfigs,
  incrementalAlterConfigs: configs.incrementalAlterConfigs,
  listConfigResources: configs.listConfigResources,
  listGroups: groups.listGroups,
  describeGroups: groups.describeGroups,
  deleteGroups: groups.deleteGroups,
  removeMembers: groups.removeMembers,
  listGroupOffsets: groupOffsets.listGroupOffsets,
  alterGroupOffsets: groupOffsets.alterGroupOffsets,
  deleteGroupOffsets: groupOffsets.deleteGroupOffsets,
  listShareGroupOffsets: shareGroups.listShareGroupOffsets,
  alterShareGroupOffsets: shareGroups.alterShareGroupOffsets,
  deleteShareGroupOffsets: shareGroups.deleteShareGroupOffsets,
  describeShareGroups: shareGroups.describeShareGroups,
  describeStreamsGroups: streamsGroups.describeStreamsGroups,
  describeCluster: clusterState.describeCluster,
  describeLogDirs: clusterState.describeLogDirs,
  alterReplicaLogDirs: clusterState.alterReplicaLogDirs,
  describeQuorum: clusterState.describeQuorum,
  addRaftVoter: raftVoters.addRaftVoter,
  removeRaftVoter: raftVoters.removeRaftVoter,
  describeFeatures: clusterState.describeFeatures,
  updateFeatures: clusterState.updateFeatures,
  describeApiVersions: clusterState.describeApiVersions,
  describeProducers: clusterState.describeProducers,
  createDelegationToken: delegationTokens.createDelegationToken,
  renewDelegationToken: delegationTokens.renewDelegationToken,
  expireDelegationToken: delegationTokens.expireDelegationToken,
  describeDelegationTokens: delegationTokens.describeDelegationTokens,
  unregisterBroker: clusterState.unregisterBroker,
  requestJson: clusterState.requestJson,
  electLeaders: partitions.electLeaders,
  alterReassignments: partitions.alterReassignments,
  listReassignments: partitions.listReassignments,
  describeAcls: acls.describeAcls,
  createAcls: acls.createAcls,
  deleteAcls: acls.deleteAcls,
  listTransactions: transactions.listTransactions,
  describeTransactions: transactions.describeTransactions,
  abortTransactions: transactions.abortTransactions,
  terminateTransactions: transactions.terminateTransactions,
  describeClientQuotas: users.describeClientQuotas,
  alterClientQuotas: users.alterClientQuotas,
  describeScramUsers: users.describeScramUsers,
  alterScramUsers: users.alterScramUsers,
} as const

type Operations = {
  readonly [K in keyof typeof operations]: (typeof operations)[K] extends (admin: AdminContext, ...rest: infer A) => infer R
    ? (...rest: A) => R
    : never
}

/** An administrator's view of a cluster: every operation of the files beside this one, without its first argument. */
export interface Admin extends Operations, AdminContext {
  /** Keys of the configuration that this client does not know. */
  readonly unknownKeys: readonly string[]
  close(): void
  [Symbol.dispose](): void
}

/** Opens nothing yet: the first operation connects. @throws KafkaError INVALID_CONFIG */
export function openAdmin(host: Host, config: SettingsInput, options: ClusterOptions = {}): Admin {
  const { settings, unknown } = resolveSettings(adminSettings, config)
  const cluster = new Cluster(host, settings, options)
  const context: AdminContext = { cluster, settings }
  const bound = Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => [
      name,
      (...rest: unknown[]) => (operation as (admin: AdminContext, ...rest: unknown[]) => unknown)(context, ...rest),
    ]),
  ) as unknown as Operations
  const close = (): void => cluster.close()
  return { ...bound, ...context, unknownKeys: unknown.filter(isUnknownKey), close, [Symbol.dispose]: close }
}
