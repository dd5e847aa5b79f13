import { groupSettings } from './broker-group.ts'
import { logSettings } from './broker-log.ts'
import { metricsSettings } from './broker-metrics.ts'
import { networkSettings } from './broker-network.ts'
import { quotaSettings } from './broker-quota.ts'
import { raftSettings } from './broker-raft.ts'
import { remoteSettings } from './broker-remote.ts'
import { replicationSettings } from './broker-replication.ts'
import { saslSettings } from './broker-sasl.ts'
import { securitySettings } from './broker-security.ts'
import { shareSettings } from './broker-share.ts'
import { transactionSettings } from './broker-transaction.ts'

/** Every setting of a node of Apache Kafka 4.3.1. */
export const brokerSettings = {
  ...raftSettings,
  ...networkSettings,
  ...logSettings,
  ...replicationSettings,
  ...groupSettings,
  ...shareSettings,
  ...transactionSettings,
  ...saslSettings,
  ...securitySettings,
  ...quotaSettings,
  ...remoteSettings,
  ...metricsSettings,
} as const
