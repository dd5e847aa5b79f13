import { isDirectoryOnline } from './directory-id.ts'
import { type LevelRange, registerBrokerRecordVersion, supportsCordonedLogDirs, supportsDirectoryAssignment } from './features.ts'
import type { RecordOptions } from './partition.ts'
import { type MetadataMessage, type MetadataRecord, metadataRecord } from './records.ts'

export interface Endpoint {
  readonly name: string
  readonly host: string
  readonly port: number
  /** 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL. */
  readonly securityProtocol: number
}

/** A broker as the metadata log knows it. Immutable. */
export interface BrokerRegistration {
  readonly id: number
  readonly epoch: number
  readonly incarnationId: string
  readonly endpoints: readonly Endpoint[]
  readonly features: ReadonlyMap<string, LevelRange>
  readonly rack: string | null
  readonly fenced: boolean
  readonly inControlledShutdown: boolean
  readonly isMigratingZkBroker: boolean
  /** Ids of the log directories that are online; empty: unknown. */
  readonly directories: readonly string[]
  /** Directories that take no new replicas; null until the broker says so. */
  readonly cordonedDirectories: readonly string[] | null
  /** Offset of the RegisterBrokerRecord, or of the end of the snapshot it came from. A broker that has read this far may be unfenced. */
  readonly recordOffset: number
}

export interface ControllerRegistration {
  readonly id: number
  readonly incarnationId: string
  readonly zkMigrationReady: boolean
  readonly endpoints: readonly Endpoint[]
  readonly features: ReadonlyMap<string, LevelRange>
}

type FeatureRange = { readonly name: string; readonly minSupportedVersion: number; readonly maxSupportedVersion: number }
const featuresFrom = (list: readonly FeatureRange[]): Map<string, LevelRange> =>
  new Map(list.map((one) => [one.name, { min: one.minSupportedVersion, max: one.maxSupportedVersion }]))
const featuresTo = (features: ReadonlyMap<string, LevelRange>): FeatureRange[] =>
  [...features].map(([name, range]) => ({ name, minSupportedVersion: range.min, maxSupportedVersion: range.max }))
const endpointsFrom = (list: readonly Endpoint[]): Endpoint[] =>
  list.map(({ name, host, port, securityProtocol }) => ({ name, host, port, securityProtocol }))

export const brokerFromRecord = (record: MetadataMessage<'RegisterBrokerRecord'>, recordOffset: number): BrokerRegistration => ({
  id: record.brokerId,
  epoch: record.brokerEpoch,
  incarnationId: record.incarnationId,
  endpoints: endpointsFrom(record.endPoints),
  features: featuresFrom(record.features),
  rack: record.rack,
  fenced: record.fenced,
  inControlledShutdown: record.inControlledShutdown,
  isMigratingZkBroker: record.isMigratingZkBroker,
  directories: record.logDirs,
  cordonedDirectories: record.cordonedLogDirs,
  recordOffset,
})

export interface RegistrationChange {
  readonly fenced?: boolean | undefined
  readonly inControlledShutdown?: boolean | undefined
  readonly directories?: readonly string[] | undefined
  readonly cordonedDirectories?: readonly string[] | undefined
}
const sameList = (a: readonly string[] | null, b: readonly string[] | null): boolean =>
  a === b || (a !== null && b !== null && a.length === b.length && a.every((one, index) => one === b[index]))

/** The same object when nothing changes. */
export const changeBroker = (broker: BrokerRegistration, change: RegistrationChange): BrokerRegistration => {
  const next = {
    ...broker,
    fenced: change.fenced ?? broker.fenced,
    inControlledShutdown: change.inControlledShutdown ?? broker.inControlledShutdown,
    directories: change.directories ?? broker.directories,
    cordonedDirectories: change.cordonedDirectories ?? broker.cordonedDirectories,
  }
  const same =
    next.fenced === broker.fenced &&
    next.inControlledShutdown === broker.inControlledShutdown &&
    sameList(next.directories, broker.directories) &&
    sameList(next.cordonedDirectories, broker.cordonedDirectories)
  return same ? broker : next
}

export const brokerToRecord = (broker: BrokerRegistration, options: RecordOptions): MetadataRecord => {
  const level = options.metadataVersion
  const withDirectories = supportsDirectoryAssignment(level)
  const withCordoned = supportsCordonedLogDirs(level)
  if (!withDirectories && broker.directories.length > 0) options.onLoss('the online log directories of one or more brokers')
  if (!withCordoned && broker.cordonedDirectories !== null) options.onLoss('the cordoned log directories of one or more brokers')
  return metadataRecord('RegisterBrokerRecord', registerBrokerRecordVersion(level), {
    brokerId: broker.id,
    isMigratingZkBroker: level >= 8 && broker.isMigratingZkBroker,
    incarnationId: broker.incarnationId,
    brokerEpoch: broker.epoch,
    endPoints: broker.endpoints,
    features: featuresTo(broker.features),
    rack: broker.rack,
    fenced: broker.fenced,
    inControlledShutdown: broker.inControlledShutdown,
    logDirs: withDirectories ? broker.directories : [],
    cordonedLogDirs: withCordoned ? broker.cordonedDirectories : null,
  })
}

export const controllerFromRecord = (record: MetadataMessage<'RegisterControllerRecord'>): ControllerRegistration => ({
  id: record.controllerId,
  incarnationId: record.incarnationId,
  zkMigrationReady: record.zkMigrationReady,
  endpoints: endpointsFrom(record.endPoints),
  features: featuresFrom(record.features),
})

export const controllerToRecord = (controller: ControllerRegistration): MetadataRecord =>
  metadataRecord('RegisterControllerRecord', 0, {
    controllerId: controller.id,
    incarnationId: controller.incarnationId,
    zkMigrationReady: controller.zkMigrationReady,
    endPoints: controller.endpoints,
    features: featuresTo(controller.features),
  })

/** Registered, neither fenced nor shutting down: may lead and be in sync. */
export const isActiveBroker = (broker: BrokerRegistration | undefined): boolean =>
  broker !== undefined && !broker.fenced && !broker.inControlledShutdown
export const hasOnlineDirectory = (broker: BrokerRegistration | undefined, directory: string): boolean =>
  broker !== undefined && isDirectoryOnline(directory, broker.directories)
export const hasUncordonedDirectory = (broker: BrokerRegistration): boolean =>
  broker.directories.length === 0 ||
  broker.cordonedDirectories === null ||
  broker.directories.some((id) => !broker.cordonedDirectories!.includes(id))
