import type { FeatureUpdate } from '../client/index.ts'
import {
  defaultFeatureLevel,
  featureByName,
  features,
  METADATA_VERSION,
  METADATA_VERSION_LATEST,
  metadataVersionLevel,
  metadataVersionName,
  parseReleaseVersion,
  unknownReleaseVersion,
} from '../metadata/index.ts'
import { Fault, usageFault } from './fault.ts'
import { parseCount } from './flags.ts'

export interface FeatureLevel {
  readonly feature: string
  readonly level: number
}

/** `30 (4.3-IV0)` for a metadata.version, the number alone for others. */
export function levelText(feature: string, level: number): string {
  return feature === METADATA_VERSION && metadataVersionLevel(level) !== undefined
    ? `${level} (${metadataVersionName(level)})`
    : String(level)
}

/** What a cluster of a release has, metadata.version first; default: the latest. @throws Fault (usage) */
export function levelsOfRelease(text?: string): FeatureLevel[] {
  const metadataVersion = text === undefined ? METADATA_VERSION_LATEST : parseReleaseVersion(text, true)
  if (metadataVersion === undefined) throw usageFault(unknownReleaseVersion(text!, true))
  const others = features.map((each) => ({ feature: each.name, level: defaultFeatureLevel(each, metadataVersion) }))
  return [{ feature: METADATA_VERSION, level: metadataVersion }, ...others]
}

/** `group.version=1`; a metadata.version may be named by its release. @throws Fault (usage) */
export function featureLevels(texts: readonly string[]): FeatureLevel[] {
  const levels = texts.map((text): FeatureLevel => {
    const at = text.indexOf('=')
    if (at <= 0) throw usageFault(`--feature ${text} is not FEATURE=LEVEL`, 'Write group.version=1.')
    const [feature, value] = [text.slice(0, at).trim(), text.slice(at + 1).trim()]
    const release = feature === METADATA_VERSION ? parseReleaseVersion(value, true) : undefined
    return { feature, level: release ?? parseCount(value, feature, 0, 32767) }
  })
  const twice = levels.find(({ feature }, index) => levels.findIndex((each) => each.feature === feature) !== index)
  if (twice !== undefined) throw usageFault(`${twice.feature} is named twice`)
  return levels
}

export function updatesOf(levels: readonly FeatureLevel[], upgradeType: NonNullable<FeatureUpdate['upgradeType']>): FeatureUpdate[] {
  return levels.map(({ feature, level }) => ({ feature, maxVersionLevel: level, upgradeType }))
}

/** What a level needs of others. @throws Fault when there is no such feature or level */
export function dependenciesOf(feature: string, level: number): FeatureLevel[] {
  if (feature === METADATA_VERSION) {
    if (metadataVersionLevel(level) === undefined) throw new Fault(`there is no ${METADATA_VERSION} ${level}`)
    return []
  }
  const declared = featureByName.get(feature)
  const known = [METADATA_VERSION, ...featureByName.keys()]
  if (declared === undefined) throw new Fault(`there is no feature ${feature}`, { hint: `There are ${known.join(', ')}.` })
  const found = declared.levels[level]
  if (found === undefined) throw new Fault(`${feature} has no level ${level}`, { hint: `The highest is ${declared.levels.length - 1}.` })
  return Object.entries(found.dependencies).map(([name, least]) => ({ feature: name, level: least }))
}
