/**
 * Feature levels of Apache Kafka 4.3.1 (MetadataVersion and Feature there): what each level of metadata.version gates, which other
 * features exist, what they depend on and at which level a cluster of some metadata.version starts.
 */
export const METADATA_VERSION = 'metadata.version'
export const KRAFT_VERSION = 'kraft.version'
export const ELIGIBLE_LEADER_REPLICAS_VERSION = 'eligible.leader.replicas.version'
export const GROUP_VERSION = 'group.version'
export const SHARE_VERSION = 'share.version'
export const STREAMS_VERSION = 'streams.version'
export const TRANSACTION_VERSION = 'transaction.version'

/** Text form of a level, its release, and whether it changed what metadata records hold: only then is a downgrade across it lossy. */
export interface MetadataVersionLevel {
  readonly level: number
  readonly name: string
  readonly release: string
  readonly changedMetadata: boolean
}

// biome-ignore format: a table
const levels: readonly (readonly [number, string, boolean])[] = [
  [7, '3.3-IV3', true], [8, '3.4-IV0', true],
  [9, '3.5-IV0', false], [10, '3.5-IV1', false], [11, '3.5-IV2', true],
  [12, '3.6-IV0', false], [13, '3.6-IV1', true], [14, '3.6-IV2', true],
  [15, '3.7-IV0', true], [16, '3.7-IV1', false], [17, '3.7-IV2', true], [18, '3.7-IV3', false], [19, '3.7-IV4', false],
  [20, '3.8-IV0', false], [21, '3.9-IV0', false],
  [22, '4.0-IV0', false], [23, '4.0-IV1', true], [24, '4.0-IV2', false], [25, '4.0-IV3', false],
  [26, '4.1-IV0', false], [27, '4.1-IV1', false], [28, '4.2-IV0', false], [29, '4.2-IV1', false],
  [30, '4.3-IV0', true], [31, '4.4-IV0', false],
]
export const metadataVersionLevels: readonly MetadataVersionLevel[] = levels.map(([level, name, changedMetadata]) => ({
  level,
  name,
  release: name.split('-')[0],
  changedMetadata,
}))

export const METADATA_VERSION_MIN = 7
export const METADATA_VERSION_LATEST = 30
export const METADATA_VERSION_LATEST_TESTING = 31
export const latestMetadataVersion = (unstable: boolean): number => (unstable ? METADATA_VERSION_LATEST_TESTING : METADATA_VERSION_LATEST)

export const metadataVersionLevel = (level: number): MetadataVersionLevel | undefined => metadataVersionLevels[level - METADATA_VERSION_MIN]

/** `30` as `4.3-IV0`. */
export const metadataVersionName = (level: number): string => metadataVersionLevel(level)?.name ?? String(level)

/** Whether going from one level to the other passes a change of what records hold. */
export const metadataChangedBetween = (a: number, b: number): boolean =>
  metadataVersionLevels.some(({ level, changedMetadata }) => changedMetadata && level > Math.min(a, b) && level <= Math.max(a, b))

// What a level of metadata.version allows.
export const supportsScram = (level: number): boolean => level >= 11
export const needsLeaderEpochBumpOnIsrShrink = (level: number): boolean => level < 12
export const supportsMetadataTransactions = (level: number): boolean => level >= 13
export const supportsDelegationTokens = (level: number): boolean => level >= 14
export const supportsControllerRegistration = (level: number): boolean => level >= 15
export const supportsDirectoryAssignment = (level: number): boolean => level >= 17
export const supportsEligibleLeaderReplicas = (level: number): boolean => level >= 23
export const supportsCordonedLogDirs = (level: number): boolean => level >= 30

// Which record versions a level writes; all other records are written in version 0.
export const registerBrokerRecordVersion = (level: number): number => (level >= 30 ? 4 : level >= 17 ? 3 : level >= 8 ? 2 : 1)
export const partitionRecordVersion = (level: number): number => (level >= 23 ? 2 : level >= 17 ? 1 : 0)
export const partitionChangeRecordVersion = partitionRecordVersion

// Which request versions brokers use among themselves at a level.
export const interBrokerFetchVersion = (level: number): number =>
  level >= 27 ? 18 : level >= 21 ? 17 : level >= 19 ? 16 : level >= 10 ? 15 : level >= 9 ? 14 : 13
export const interBrokerListOffsetsVersion = (level: number): number =>
  level >= 29 ? 11 : level >= 25 ? 10 : level >= 21 ? 9 : level >= 9 ? 8 : 7

export interface FeatureDeclaration {
  readonly name: string
  /** Index is the level. `bootstrap`: the metadata.version from which new clusters start at it. */
  readonly levels: readonly { readonly bootstrap: number; readonly dependencies: Readonly<Record<string, number>> }[]
}
const feature = (name: string, bootstraps: readonly number[], dependencies: Readonly<Record<string, number>> = {}): FeatureDeclaration => ({
  name,
  levels: [METADATA_VERSION_MIN, ...bootstraps].map((bootstrap, level) => ({ bootstrap, dependencies: level === 0 ? {} : dependencies })),
})

/** All features but metadata.version; each is at level 0 when a cluster says nothing about it. */
export const features: readonly FeatureDeclaration[] = [
  feature(KRAFT_VERSION, [21]),
  feature(TRANSACTION_VERSION, [24, 24]),
  feature(GROUP_VERSION, [22]),
  feature(ELIGIBLE_LEADER_REPLICAS_VERSION, [26], { [METADATA_VERSION]: 23 }),
  feature(SHARE_VERSION, [28]),
  feature(STREAMS_VERSION, [29]),
]
export const featureByName: ReadonlyMap<string, FeatureDeclaration> = new Map(features.map((one) => [one.name, one]))

export interface LevelRange {
  readonly min: number
  readonly max: number
}
export const DISABLED: LevelRange = { min: 0, max: 0 }

/**
 * What this build supports: what registrations claim and ApiVersions answers. `unstable`: levels that later releases may change as well
 * (unstable.feature.versions.enable); metadata.version alone has one.
 */
export const supportedFeaturesWith = (unstable: boolean): ReadonlyMap<string, LevelRange> =>
  new Map<string, LevelRange>([
    [METADATA_VERSION, { min: METADATA_VERSION_MIN, max: latestMetadataVersion(unstable) }],
    ...features.map((one) => [one.name, { min: 0, max: one.levels.length - 1 }] as const),
  ])
export const supportedFeatures = supportedFeaturesWith(false)

/** The level of a feature in a cluster newly formatted at `metadataVersion`. */
export const defaultFeatureLevel = (one: FeatureDeclaration, metadataVersion: number): number =>
  one.levels.findLastIndex(({ bootstrap }) => bootstrap <= metadataVersion)

/** Why `level` of a feature cannot hold together with `all` levels, or undefined when it can. */
export const featureDependencyProblem = (name: string, level: number, all: ReadonlyMap<string, number>): string | undefined => {
  const declared = featureByName.get(name)
  if (declared === undefined) return `Feature ${name} not found.`
  if (level >= declared.levels.length) return `No feature:${name} with feature level ${level}`
  if (level >= 1 && (all.get(METADATA_VERSION) ?? 0) < METADATA_VERSION_MIN)
    return `${name} could not be set to ${level} because it depends on metadata.version=${METADATA_VERSION_MIN} (3.3-IV3)`
  for (const [dependency, least] of Object.entries(declared.levels[level].dependencies))
    if ((all.get(dependency) ?? -1) < least)
      return `${name} could not be set to ${level} because it depends on ${dependency} level ${least}`
  return undefined
}
