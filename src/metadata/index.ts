/**
 * metadata: the cluster image. Records of the metadata log, the image that they make, what changed in it, feature levels, bootstrap.
 *
 * Invariants: `replay` is the only mutator of an image; registrations in it are immutable; the records of a metadata transaction take
 * effect together; `imageToRecords` replayed into an empty image makes the same image.
 */
export { bootstrapFeatureLevel, bootstrapRecords, newClusterFeatureLevels } from './bootstrap.ts'
export { type BootstrapFile, readBootstrapCheckpoint } from './bootstrap-checkpoint.ts'
export {
  ClientQuotasImage,
  QUOTA_CLIENT_ID,
  QUOTA_IP,
  QUOTA_USER,
  type QuotaEntity,
  type QuotasOfEntity,
  quotaEntityKey,
} from './client-quotas.ts'
export { type ConfigResource, ConfigResourceTypes, ConfigsImage } from './configs.ts'
export { type AclEntry, type DelegationToken, type ScramCredential, ScramImage, type ScramMechanism } from './credentials.ts'
export {
  type Change,
  DeltaRecorder,
  type LocalPartition,
  type LocalReplicaChanges,
  localChanges,
  type MetadataDelta,
  type TopicChange,
} from './delta.ts'
export {
  DIRECTORY_LOST,
  DIRECTORY_MIGRATING,
  DIRECTORY_UNASSIGNED,
  isDirectoryOnline,
  isReservedDirectory,
  ZERO_UUID,
} from './directory-id.ts'
export { MetadataLoader, type MetadataSubscriber } from './driver.ts'
export * from './features.ts'
export {
  bootstrapCheckpoint,
  bootstrapCheckpointFile,
  type DirectoryKind,
  FormatError,
  type FormatOptions,
  type FormatResult,
  type FormattedDirectory,
  formatStorage,
  type QuorumKind,
} from './format.ts'
export { type MetadataBatch, MetadataImage, NO_PROVENANCE, type Provenance, ReplayError } from './image.ts'
export { type InitialController, parseInitialControllers } from './initial-controllers.ts'
export {
  type DirectoryState,
  directoriesProblem,
  formatMetaProperties,
  type MetaProperties,
  metaPropertiesFile,
  parseMetaProperties,
  readDirectories,
  writeMetaProperties,
} from './meta-properties.ts'
export type { ImageObserver, TopicImage } from './observer.ts'
export {
  directoryOf,
  hasPreferredLeader,
  isReassigning,
  mergePartition,
  NO_LEADER,
  NO_LEADER_CHANGE,
  type PartitionRegistration,
  partitionFromRecord,
  partitionToRecord,
  RECOVERED,
  RECOVERING,
  type RecordOptions,
  withoutElr,
} from './partition.ts'
export {
  decodeRecord,
  encodeRecord,
  type MetadataMessage,
  type MetadataRecord,
  type MetadataRecordName,
  metadataRecord,
} from './records.ts'
export {
  type BrokerRegistration,
  brokerFromRecord,
  brokerToRecord,
  type ControllerRegistration,
  changeBroker,
  type Endpoint,
  hasOnlineDirectory,
  hasUncordonedDirectory,
  isActiveBroker,
} from './registration.ts'
export { parseReleaseVersion, unknownReleaseVersion } from './release-version.ts'
export { clientQuotaRecord, configRecord, differenceToRecords, featureRecord, imageToRecords, type SnapshotOptions } from './snapshot.ts'
export { type DirectoryInfo, type StorageInfo, storageInfo } from './storage-info.ts'
export {
  CLUSTER_METADATA_TOPIC,
  hasCollisionCharacters,
  invalidTopicName,
  isInternalTopic,
  unifyCollisionCharacters,
} from './topic-name.ts'
