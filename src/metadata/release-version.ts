import { latestMetadataVersion, type MetadataVersionLevel, metadataVersionLevels } from './features.ts'

/**
 * The metadata.version that a release means: `4.3-IV0` names it, `4.3` and `4.3.1` mean the last one of that release.
 * Undefined: there is none, or it is not settled and `unstable` is not set.
 */
export const parseReleaseVersion = (text: string, unstable = false): number | undefined => {
  const segments = text.split('.')
  const key = segments.length > 2 ? segments.slice(0, 2).join('.') : text
  return knownLevels(unstable).findLast(({ name, release }) => name === key || release === key)?.level
}

/** What to say when it is undefined. */
export const unknownReleaseVersion = (text: string, unstable = false): string => {
  const names = knownLevels(unstable).map(({ name }) => name)
  return `Unknown metadata.version '${text}'. Supported metadata.version are: ${names.join(', ')}`
}

const knownLevels = (unstable: boolean): readonly MetadataVersionLevel[] => {
  const highest = latestMetadataVersion(unstable)
  return metadataVersionLevels.filter(({ level }) => level <= highest)
}
