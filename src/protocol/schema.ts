import type { ByteSource } from '../base/index.ts'

/**
 * Message schemas as literals, in the terms of Kafka's own schema language: the types, the codecs of every version and the JSON form
 * all derive from one literal.
 *
 * Versions are texts: `3+`, `0-12`, `4`, `none`. `nullable`, `tagged`, `flexible` are versions too; `tagged` is left out when it equals
 * `versions`. A field without `default` starts at zero, false, '', [], the zero uuid, or its struct's defaults. `ignorable`: dropped
 * silently in versions that lack it; otherwise a non-default value there is an error. `key` marks the fields that make elements unique.
 * `wide`: any int64 is legal here (timestamps, offsets that foreign clients commit), so values beyond 2^53 arrive as bigint instead of
 * being refused.
 */
export type ScalarName =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'float64'
  | 'uuid'
  | 'string'
  | 'bytes'
  | 'records'

export type FieldType = ScalarName | Fields | readonly [ScalarName | Fields]
export interface Fields {
  readonly [name: string]: Field
}
export interface Field {
  readonly type: FieldType
  readonly versions: string
  readonly nullable?: string
  readonly default?: number | boolean | string | null
  readonly tag?: number
  readonly tagged?: string
  readonly flexible?: string
  readonly ignorable?: boolean
  readonly key?: boolean
  readonly wide?: boolean
}

export type MessageKind = 'request' | 'response' | 'header' | 'metadata' | 'coordinator-key' | 'coordinator-value' | 'data'

export interface Schema {
  readonly name: string
  readonly kind: MessageKind
  /** Api key of requests and responses; record type of metadata and coordinator records. */
  readonly apiKey?: number
  readonly versions: string
  readonly flexible: string
  /** The highest version is not settled yet: known to the codec, not advertised. */
  readonly latestVersionUnstable?: boolean
  readonly fields: Fields
}

/** A tagged field that this version of the schema does not know, kept so that a message can be passed on unharmed (KIP-482). */
export interface UnknownTaggedField {
  readonly tag: number
  readonly bytes: Buffer
}

/** Record batches on their way out: bytes, slices of files, or several of both one after the other. */
export type RecordsInput = Uint8Array | ByteSource | readonly (Uint8Array | ByteSource)[]

interface Scalars {
  bool: boolean
  int8: number
  int16: number
  uint16: number
  int32: number
  uint32: number
  int64: number
  float64: number
  uuid: string
  string: string
  bytes: Buffer
  records: Buffer | null
}
interface InputScalars extends Omit<Scalars, 'bytes' | 'records'> {
  bytes: Uint8Array
  records: RecordsInput | null
}

type OrNull<F extends Field> = F extends { readonly nullable: string } ? null : never
type Wide<F extends Field> = F extends { readonly wide: true } ? bigint : never

type Value<T> = T extends keyof Scalars ? Scalars[T] : T extends readonly [infer E] ? Value<E>[] : T extends Fields ? Struct<T> : never
type Struct<F extends Fields> = { -readonly [K in keyof F]: Value<F[K]['type']> | OrNull<F[K]> | Wide<F[K]> } & {
  unknownTaggedFields?: UnknownTaggedField[]
}

type InputValue<T> = T extends keyof InputScalars
  ? InputScalars[T]
  : T extends readonly [infer E]
    ? readonly InputValue<E>[]
    : T extends Fields
      ? InputStruct<T>
      : never
type InputStruct<F extends Fields> = {
  readonly [K in keyof F]?: InputValue<F[K]['type']> | OrNull<F[K]> | Wide<F[K]> | undefined
} & { readonly unknownTaggedFields?: readonly UnknownTaggedField[] }

/** A decoded message: every field of every version is there, those of other versions at their default. */
export type Message<S extends Schema> = Struct<S['fields']>
/** A message to encode: what is left out is sent as its default. */
export type MessageInput<S extends Schema> = InputStruct<S['fields']>

/** Declares a message. */
export const message = <const S extends Schema>(schema: S): S => schema

export interface VersionRange {
  readonly lowest: number
  readonly highest: number
}
export const NO_VERSIONS: VersionRange = { lowest: 0, highest: -1 }

const parsed = new Map<string, VersionRange>()
/** `3+` has no upper end: 32767. */
export const parseVersions = (text: string): VersionRange => {
  let range = parsed.get(text)
  if (range === undefined) {
    const match = /^(\d+)(?:(\+)|-(\d+))?$/.exec(text)
    if (match === null && text !== 'none') throw new TypeError(`not a version range: ${text}`)
    range = match === null ? NO_VERSIONS : { lowest: Number(match[1]), highest: match[2] ? 32767 : Number(match[3] ?? match[1]) }
    parsed.set(text, range)
  }
  return range
}
export const inVersions = (text: string | undefined, version: number): boolean => {
  if (text === undefined) return false
  const range = parseVersions(text)
  return version >= range.lowest && version <= range.highest
}

export const isFlexible = (schema: Schema, version: number): boolean => inVersions(schema.flexible, version)
export const isTagged = (field: Field, version: number): boolean =>
  field.tag !== undefined && inVersions(field.tagged ?? field.versions, version)
