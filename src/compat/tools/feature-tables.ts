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
} from '../../metadata/index.ts'
import { runtimeException } from '../java/exception.ts'
import { terse } from '../options/arguments-run.ts'

export interface Level {
  readonly feature: string
  readonly level: number
}

/** `feature=level`. @throws JavaException */
export function nameAndLevel(text: string): Level {
  const equals = text.indexOf('=')
  if (equals < 0) throw runtimeException(`Can't parse feature=level string ${text}: equals sign not found.`)
  const level = text.slice(equals + 1).trim()
  if (!/^[+-]?\d+$/.test(level) || Number(level) > 32_767 || Number(level) < -32_768)
    throw runtimeException(`Can't parse feature=level string ${text}: unable to parse ${level} as a short.`)
  return { feature: text.slice(0, equals).trim(), level: Number(level) }
}

/** The level of metadata.version that a release or a version of its own name stands for. @throws JavaException */
export function levelOfRelease(text: string): number {
  const level = parseReleaseVersion(text, true)
  if (level === undefined) throw terse(unknownReleaseVersion(text, true))
  return level
}

/** The other features at the levels that they have by default with that metadata.version. */
export const defaultsAt = (metadataVersion: number): Level[] =>
  features.map((each) => ({ feature: each.name, level: defaultFeatureLevel(each, metadataVersion) }))

export function levelText(feature: string, level: number): string {
  if (feature !== METADATA_VERSION) return String(level)
  return metadataVersionLevel(level) === undefined ? `UNKNOWN ${level}` : metadataVersionName(level)
}

/** @throws JavaException */
export function versionMappingText(release: string | undefined): string {
  const name = release ?? metadataVersionName(METADATA_VERSION_LATEST)
  const metadataVersion = levelOfRelease(name)
  const others = defaultsAt(metadataVersion).map(({ feature, level }) => `${feature}=${level}\n`)
  return `${METADATA_VERSION}=${metadataVersion} (${name})\n${others.join('')}`
}

/** @throws JavaException */
export function dependenciesText(texts: readonly string[]): string {
  return texts.map((text) => dependenciesOf(nameAndLevel(text))).join('')
}

function dependenciesOf({ feature, level }: Level): string {
  if (feature === METADATA_VERSION) {
    if (metadataVersionLevel(level) === undefined) throw terse(`Unknown metadata.version ${level}`)
    return `${feature}=${level} (${metadataVersionName(level)}) has no dependencies.\n`
  }
  const declared = featureByName.get(feature)
  if (declared === undefined) throw terse(`Unknown feature: ${feature}`)
  const found = declared.levels[level]
  if (found === undefined) throw terse(`No feature:${feature} with feature level ${level}`)
  const needs = Object.entries(found.dependencies)
  if (needs.length === 0) return `${feature}=${level} has no dependencies.\n`
  const lines = needs.map(([name, least]) => `    ${name}=${least}${name === METADATA_VERSION ? ` (${metadataVersionName(least)})` : ''}\n`)
  return `${feature}=${level} requires:\n${lines.join('')}`
}
