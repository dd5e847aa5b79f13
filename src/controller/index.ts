/**
 * controller: deciders that write metadata. Each is a pure function of the controller's state, a request and its context: it answers
 * with the records to write and the response to send once they are committed. `driver.ts` runs them over the ledger and the raft log.
 *
 * Invariants: a leader is in sync or there is none; the ISR is a part of the replicas; a broker's epoch is the offset of its
 * registration; only `replay` changes the image.
 */
export { activate } from './activation.ts'
export { incrementalAlterConfigs, legacyAlterConfigs } from './alter-configs.ts'
export { alterPartition, assignReplicasToDirs } from './alter-partition.ts'
export { heartbeat } from './broker-heartbeat.ts'
export { registerBroker, registerController, unregisterBroker } from './broker-registration.ts'
export { alterClientQuotas, describeClientQuotas } from './client-quotas.ts'
export { createPartitions } from './create-partitions.ts'
export { createTopics } from './create-topics.ts'
export { type DeciderAnswer, type DeciderName, type DeciderRequest, deciders } from './deciders.ts'
export { deleteTopics } from './delete-topics.ts'
export {
  type Asker,
  Controller,
  type ControllerOptions,
  type ControllerQuorum,
  type ControllerTiming,
  defaultControllerTiming,
  type Outcome,
} from './driver.ts'
export { electLeaders } from './elect-leaders.ts'
export { BrokerHeartbeats, type UsableBroker } from './heartbeats.ts'
export {
  balanceLeaders,
  electUncleanLeaders,
  fenceOneStaleBroker,
  type PeriodicDecision,
  sweepExpiredTokens,
  writeNoOp,
} from './periodic.ts'
export { placeReplicas } from './placement.ts'
export { allocateProducerIds } from './producer-ids.ts'
export { alterPartitionReassignments, listPartitionReassignments } from './reassignments.ts'
export { alterUserScramCredentials, describeUserScramCredentials } from './scram-credentials.ts'
export type {
  ConfigAlterationPolicy,
  ConfigRules,
  ConfigSynonym,
  ControllerSettings,
  KraftVersionAccess,
  TopicConfigKey,
  TopicCreationPolicy,
} from './settings.ts'
export { ControllerState, type EffectiveConfig } from './state.ts'
export {
  type ApiError,
  answerOnly,
  apiError,
  CLUSTER_NAME,
  type Decision,
  type Operation,
  type RequestContext,
  type ResourceKind,
} from './types.ts'
export { updateFeatures } from './update-features.ts'
