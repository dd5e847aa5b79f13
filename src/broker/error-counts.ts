import { type Fields, parseVersions, type Schema, type VersionRange } from '../protocol/index.ts'

/** Where the fields of an answer say an error, found once for each API. */
export interface ErrorPlaces {
  /** Versions that have an error here. */
  readonly own: VersionRange | undefined
  readonly inside: readonly { readonly field: string; readonly places: ErrorPlaces }[]
}

/** Errors of one API, counted at the code + 1: the lowest is -1. */
export type ErrorCounts = number[]

const FIELD = 'errorCode'

const find = (fields: Fields): ErrorPlaces | undefined => {
  const inside: { field: string; places: ErrorPlaces }[] = []
  for (const [field, { type }] of Object.entries(fields)) {
    const element = (Array.isArray(type) ? type[0] : type) as string | Fields
    const places = typeof element === 'string' ? undefined : find(element)
    if (places !== undefined) inside.push({ field, places })
  }
  const own = fields[FIELD]
  return own === undefined && inside.length === 0 ? undefined : { own: own && parseVersions(own.versions), inside }
}

/** Kafka counts all of them, but not the one that Metadata got for its answer as a whole (MetadataResponse.errorCounts). */
export const errorPlaces = ({ name, fields }: Schema): ErrorPlaces | undefined => {
  const places = find(fields)
  return places !== undefined && name === 'MetadataResponse' ? { ...places, own: undefined } : places
}

type Answer = { readonly [field: string]: unknown }

/** Counts every error that an answer carries, successes too: what is left out of an answer is sent as NONE. */
export const countErrors = (places: ErrorPlaces, version: number, answer: Answer, counts: ErrorCounts): void => {
  const { own, inside } = places
  if (own !== undefined && version >= own.lowest && version <= own.highest) {
    const at = ((answer[FIELD] as number | undefined) ?? 0) + 1
    counts[at] = (counts[at] ?? 0) + 1
  }
  for (let i = 0; i < inside.length; i++) {
    const { field, places: below } = inside[i]!
    const value = answer[field]
    if (Array.isArray(value)) for (let j = 0; j < value.length; j++) countErrors(below, version, value[j], counts)
    else if (value !== undefined && value !== null) countErrors(below, version, value as Answer, counts)
  }
}
