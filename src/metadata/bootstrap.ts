import {
  defaultFeatureLevel,
  featureDependencyProblem,
  features,
  KRAFT_VERSION,
  METADATA_VERSION,
  METADATA_VERSION_LATEST,
} from './features.ts'
import type { MetadataRecord } from './records.ts'
import { featureRecord } from './snapshot.ts'

/**
 * The levels of a new cluster: those asked for, the rest at the default of its metadata.version. kraft.version follows from the kind of
 * quorum: 1 with dynamic voters, else 0, whatever the metadata.version.
 * @returns a text when the levels do not fit together.
 */
export const newClusterFeatureLevels = (
  metadataVersion: number = METADATA_VERSION_LATEST,
  asked: ReadonlyMap<string, number> = new Map(),
  hasDynamicVoters = false,
): ReadonlyMap<string, number> | string => {
  const levels = new Map<string, number>(asked).set(METADATA_VERSION, metadataVersion)
  for (const one of features)
    if (!levels.has(one.name))
      levels.set(one.name, one.name === KRAFT_VERSION ? Number(hasDynamicVoters) : defaultFeatureLevel(one, metadataVersion))
  for (const [name, level] of levels) {
    if (name === METADATA_VERSION) continue
    const problem = featureDependencyProblem(name, level, levels)
    if (problem !== undefined) return problem
  }
  return levels
}

/** The first records of a new cluster: what `storage format` leaves in the bootstrap checkpoint. Features at level 0 are not written. */
export const bootstrapRecords = (levels: ReadonlyMap<string, number>): MetadataRecord[] => [
  featureRecord(METADATA_VERSION, levels.get(METADATA_VERSION) ?? METADATA_VERSION_LATEST),
  ...[...levels]
    .filter(([name, level]) => level > 0 && name !== METADATA_VERSION && name !== KRAFT_VERSION)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, level]) => featureRecord(name, level)),
]

/** The level that bootstrap records give a feature; 0 when they do not name it. */
export const bootstrapFeatureLevel = (records: readonly MetadataRecord[], name: string): number => {
  const record = records.findLast((one) => one.name === 'FeatureLevelRecord' && one.message.name === name)
  return record?.name === 'FeatureLevelRecord' ? record.message.featureLevel : 0
}
