import { incrementalAlterConfigs, legacyAlterConfigs } from './alter-configs.ts'
import { alterPartition, assignReplicasToDirs } from './alter-partition.ts'
import { heartbeat } from './broker-heartbeat.ts'
import { registerBroker, registerController, unregisterBroker } from './broker-registration.ts'
import { alterClientQuotas } from './client-quotas.ts'
import { createPartitions } from './create-partitions.ts'
import { createTopics } from './create-topics.ts'
import { deleteTopics } from './delete-topics.ts'
import { electLeaders } from './elect-leaders.ts'
import { allocateProducerIds } from './producer-ids.ts'
import { alterPartitionReassignments } from './reassignments.ts'
import { alterUserScramCredentials } from './scram-credentials.ts'
import { updateFeatures } from './update-features.ts'

/** Who decides which request, by the name of the API. */
export const deciders = {
  AllocateProducerIds: allocateProducerIds,
  AlterClientQuotas: alterClientQuotas,
  AlterConfigs: legacyAlterConfigs,
  AlterPartition: alterPartition,
  AlterPartitionReassignments: alterPartitionReassignments,
  AlterUserScramCredentials: alterUserScramCredentials,
  AssignReplicasToDirs: assignReplicasToDirs,
  BrokerHeartbeat: heartbeat,
  BrokerRegistration: registerBroker,
  ControllerRegistration: registerController,
  CreatePartitions: createPartitions,
  CreateTopics: createTopics,
  DeleteTopics: deleteTopics,
  ElectLeaders: electLeaders,
  IncrementalAlterConfigs: incrementalAlterConfigs,
  UnregisterBroker: unregisterBroker,
  UpdateFeatures: updateFeatures,
}
export type DeciderName = keyof typeof deciders
export type DeciderRequest<N extends DeciderName> = Parameters<(typeof deciders)[N]>[1]
export type DeciderAnswer<N extends DeciderName> = ReturnType<(typeof deciders)[N]>['answer']
