import { generalKeys } from './broker-general.ts'
import { groupKeys } from './broker-group.ts'
import { logKeys } from './broker-log.ts'
import { networkKeys } from './broker-network.ts'
import { quotaKeys } from './broker-quota.ts'
import { raftKeys } from './broker-raft.ts'
import { remoteStorageKeys } from './broker-remote-storage.ts'
import { replicationKeys } from './broker-replication.ts'
import { securityKeys } from './broker-security.ts'
import { shareGroupKeys } from './broker-share-group.ts'
import { streamsGroupKeys } from './broker-streams-group.ts'
import { telemetryKeys } from './broker-telemetry.ts'
import { transactionKeys } from './broker-transaction.ts'

/** Every broker setting of Kafka 4.3.1. */
export const brokerKeys = {
  ...generalKeys,
  ...groupKeys,
  ...logKeys,
  ...networkKeys,
  ...quotaKeys,
  ...raftKeys,
  ...remoteStorageKeys,
  ...replicationKeys,
  ...securityKeys,
  ...shareGroupKeys,
  ...streamsGroupKeys,
  ...telemetryKeys,
  ...transactionKeys,
}
export type BrokerKeyName = keyof typeof brokerKeys
