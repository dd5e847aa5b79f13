/**
 * cli: what commands are made of. Flags, the shell around a command, renderers, the languages of records and offsets, offline tools.
 *
 * Invariants: data on standard output, everything else on standard error; nothing is loaded before a command needs it.
 */
export { AbortingCommand, transactionText } from './abort-transactions.ts'
export {
  aclBindings,
  aclFilters,
  aclResourceFlags,
  aclRuleFlags,
  parseAclOperation,
  parseAclResource,
  parsePatternType,
  principalOf,
} from './acl-flags.ts'
export { BaseCommand, type CommandClass } from './base-command.ts'
export { addressText, type BrokerNote, removeNote, writeNote } from './broker-note.ts'
export {
  type BrokerProcess,
  defaultDataDirectory,
  directoryFault,
  findBroker,
  firstLogDirectory,
  forgetPid,
  killBroker,
  type NodeProperties,
  nodeFlags,
  nodeProperties,
  notePid,
  readNodeFile,
  stopBroker,
} from './broker-process.ts'
export type { BrokerReport } from './broker-report.ts'
export { pinningFlags, readPropertiesFile, withoutVariables } from './client-settings.ts'
export { ClusterCommand, type ClusterFlags, cordonOutlives, divide } from './cluster-command.ts'
export type { CommandTable } from './command-tree.ts'
export {
  type ConfigOperation,
  configChangeFlags,
  configOperations,
  deletingChanges,
  operationText,
  readTrimFile,
  scramChange,
  settingsOf,
} from './config-changes.ts'
export { DebugCommand, messageFlags } from './debug-command.ts'
export type { ChangeItem } from './desired-change.ts'
export { DesiredCommand, desiredFlags, unseenMoves } from './desired-command.ts'
export { isDirectory } from './desired-files.ts'
export {
  bootstrapOf,
  DEV_BROKERS_MAX,
  type DevCluster,
  type DevNode,
  devDirectory,
  devFlags,
  devWords,
  existingDevCluster,
  makeDevCluster,
  makeNodes,
  newDevCluster,
  nodeNamed,
  readDevCluster,
  unmakeDevCluster,
} from './dev-cluster.ts'
export {
  type DevReport,
  devColumns,
  devReports,
  launchNode,
  processOf,
  servingNodes,
  takenPorts,
  untilServing,
} from './dev-processes.ts'
export type { DumpDecoder } from './dump-decoders.ts'
export { entityFlags, entityOf } from './entity.ts'
export { type ExaminationLimits, ExaminingCommand } from './examining-command.ts'
export { type FailedItem, Fault, failureOf, hintOf, messageOf, usageFault } from './fault.ts'
export { type FeatureChange, FeatureCommand, featureLevelFlags } from './feature-command.ts'
export type { FeatureLevel } from './feature-levels.ts'
export {
  Args,
  confirmFlags,
  dryRunFlag,
  Flags,
  type OutputFormat,
  overwriteFlags,
  parseCount,
  parseDurationMs,
  parsePairs,
  parsePartitions,
  parseReplicaAssignment,
  requiredArg,
  textArg,
  textArgs,
  watchFlags,
} from './flags.ts'
export { groupIdsOf, readResetTarget, resetFlags, topicPartitionsOf } from './group-selection.ts'
export type { Answer as ShellAnswer, ShellEntry } from './metadata-shell/metadata-shell.ts'
export { moveFlags, preserveThrottlesFlag, reassignmentFileFlags, refuseUnfit } from './move-flags.ts'
export { type MoveReport, rateText } from './move-meter.ts'
export { NewGroupCommand } from './new-group.ts'
export { orStopped } from './or-stopped.ts'
export type { ImportFormat } from './profile/foreign-clusters.ts'
export type { Color } from './profile/profile.ts'
export { loadProfileImport, loadProfiles, ProfileCommand } from './profile/profile-command.ts'
export type { ProfileReport } from './profile/profile-report.ts'
export { directoryIdOf, fixedVotersHint, QUORUM_LOOK_MS_MAX, refuseFixedVoters, voterLagFlag, voterLagMs } from './quorum-flags.ts'
export { entityText, quotaEntityFlags, quotaEntityOf, quotaTypeOf } from './quota-flags.ts'
export { quotaColumns, quotaValue, readQuotas } from './quota-text.ts'
export { type MovedItem, ReassignCommand, type ThrottleWish } from './reassign-command.ts'
export type { ProducedTransactions } from './records/transactional-production.ts'
export {
  changes,
  configSource,
  type ItemKind,
  type ItemTable,
  itemKind,
  lineKind,
  listOf,
  mapOf,
  optional,
  orNull,
  shaped,
  words,
} from './render/item-shape.ts'
export { printable, printableLines } from './render/printable.ts'
export { bytesText, counted, countText, durationText, timeText } from './render/quantities.ts'
export { type Column, plainStyle, type Style, type View } from './render/view.ts'
export { ScramCommand } from './scram-command.ts'
export { mechanismFlag, mechanismOf } from './scram-flags.ts'
export { leftOutText, shareSettings } from './share-settings.ts'
export { type Shell, withoutSecrets, writeTo } from './shell.ts'
export { readTextFile } from './text-file.ts'
export { unknownBrokerSettings } from './unknown-settings.ts'
export { version } from './version.ts'
export { pause } from './watch.ts'

/** Loaded when a command asks for it. */
export const loadBundleNode = () => import('./bundle-node.ts')
export const loadCompletion = () => import('./completion/completion-scripts.ts')
export const loadManPages = async () => ({
  ...(await import('./man/man-pages.ts')),
  ...(await import('./man/show-page.ts')),
})
export const loadSecretKeys = () => import('./profile/secret-keys.ts')
export const loadYaml = () => import('./render/yaml.ts')
export const loadAclText = () => import('./acl-text.ts')
export const loadMain = () => import('./main.ts')
export const loadDesiredChange = () => import('./desired-change.ts')
export const loadDebug = () => import('./debug-messages.ts')
export const loadEditText = async () => ({
  ...(await import('./edit-text.ts')),
  ...(await import('../config/index.ts')),
})
export const loadFindingText = () => import('./finding-text.ts')
export const loadScramRecord = () => import('./scram-record.ts')
export const loadGroupText = () => import('./group-text.ts')
export const loadFeatureLevels = () => import('./feature-levels.ts')
export const loadHealthText = () => import('./health-text.ts')
export const loadMetadataShell = async () => ({
  ...(await import('./metadata-shell/image-tree.ts')),
  ...(await import('./metadata-shell/load-metadata.ts')),
  ...(await import('./metadata-shell/metadata-shell.ts')),
})
export const loadNewVoter = () => import('./new-voter.ts')
export const loadPartitionFile = () => import('./partition-file.ts')
export const loadProgress = async () => ({
  ...(await import('./move-meter.ts')),
  ...(await import('./progress-line.ts')),
})
export const loadQuorumText = () => import('./quorum-text.ts')
export const loadReassignmentFile = () => import('./reassignment-file.ts')
export const loadReassignmentText = () => import('./reassignment-text.ts')
export const loadTextFile = () => import('./text-file.ts')
export const loadTuningText = () => import('./tuning-text.ts')
export const loadTopicText = () => import('./topic-text.ts')
export const loadBrokerText = async () => ({
  ...(await import('./broker-note.ts')),
  ...(await import('./broker-report.ts')),
  ...(await import('./broker-text.ts')),
})
export const loadConsumption = async () => ({
  ...(await import('./records/consumption.ts')),
  ...(await import('./records/grep.ts')),
  ...(await import('./records/printer.ts')),
  ...(await import('./records/record-json.ts')),
  ...(await import('./records/template.ts')),
})
export const loadProduction = async () => ({
  ...(await import('./records/csv.ts')),
  ...(await import('./records/input-files.ts')),
  ...(await import('./records/production.ts')),
  ...(await import('./records/reader.ts')),
  ...(await import('./records/template.ts')),
  ...(await import('./records/transactional-production.ts')),
})
export const loadLogDump = async () => ({
  ...(await import('./dump-decoders.ts')),
  ...(await import('./index-check.ts')),
  ...(await import('./log-dump.ts')),
  stringify: (await import('../protocol/index.ts')).stringifyJson,
})
export { metricNameFlags } from './metrics-flags.ts'
export { refuseOverwriting, writeFiles } from './written-files.ts'
