/**
 * ops: what operators ask of a cluster, as plain data: reports on topics, groups and the cluster, plans for offsets and configs.
 *
 * Invariants: knows a cluster through client alone; takes plain options, prints nothing; each part is loaded when it is asked for.
 */
export type * from './access.ts'
export { CLUSTER_NAME, operationsOf } from './acl-terms.ts'
export type * from './auto-throttle.ts'
export type { BundledPart, Gathered, Part } from './bundle/index.ts'
export type * from './cluster-health.ts'
export type * from './config-resources.ts'
export type * from './decommission.ts'
export type * from './desired/index.ts'
export type { Finding, StrangeSize } from './doctor/index.ts'
export { type EntityType, entityTypes } from './entity-types.ts'
export type * from './group-report.ts'
export type * from './hanging-transactions.ts'
export type * from './leader-election.ts'
export type * from './log-dirs.ts'
export {
  type OffsetPlace,
  type OffsetRange,
  offsetLanguage,
  parseOffsetPlace,
  parseOffsetRange,
  parseTime,
  placeLanguage,
} from './offset-expression.ts'
export type * from './offset-reset.ts'
export type * from './partition-places.ts'
export type * from './quorum-report.ts'
export type * from './quota-resolution.ts'
export type * from './reassignment.ts'
export type * from './reassignment-plan.ts'
export type * from './replication-change.ts'
export type * from './replication-plan.ts'
export type * from './replication-throttle.ts'
export type * from './spread-plan.ts'
export type * from './topic-analysis.ts'
export type * from './topic-reading.ts'
export type * from './topic-report.ts'
export type { TuningCheck } from './tuning/index.ts'

export const loadAccess = () => import('./access.ts')
export const loadBundle = () => import('./bundle/index.ts')
export const loadClusterHealth = () => import('./cluster-health.ts')
export const loadConfigResources = () => import('./config-resources.ts')
export const loadDecommission = () => import('./decommission.ts')
export const loadDesired = () => import('./desired/index.ts')
export const loadDoctor = () => import('./doctor/index.ts')
export const loadGroupReport = () => import('./group-report.ts')
export const loadHangingTransactions = () => import('./hanging-transactions.ts')
export const loadLeaderElection = () => import('./leader-election.ts')
export const loadLogDirs = () => import('./log-dirs.ts')
export const loadOffsetReset = () => import('./offset-reset.ts')
export const loadPartitionPlaces = () => import('./partition-places.ts')
export const loadBrokerNature = () => import('./broker-nature.ts')
export const loadQuorumReport = () => import('./quorum-report.ts')
export const loadQuotaResolution = () => import('./quota-resolution.ts')
export const loadReassignment = async () => ({
  ...(await import('./reassignment.ts')),
  ...(await import('./auto-throttle.ts')),
  ...(await import('./reassignment-plan.ts')),
  ...(await import('./replication-throttle.ts')),
})
export const loadReassignmentPlan = () => import('./reassignment-plan.ts')
export const loadReplicationChange = () => import('./replication-change.ts')
export const loadTopicAnalysis = () => import('./topic-analysis.ts')
export const loadTopicReport = () => import('./topic-report.ts')
export const loadTopicSelection = () => import('./topic-selection.ts')
export const loadTopicReading = () => import('./topic-reading.ts')
export const loadTuning = () => import('./tuning/index.ts')
