import type { FailedItem } from '../fault.ts'

/**
 * What the items of a kind look like in JSON, said once and checked twice: the compiler holds a shape against the type of the items (every
 * field is there and fits), tests hold what commands print against the schema that comes of it.
 */
/** `int64`: a text where a number could not carry it. The question mark: or null. */
type Scalar = 'string' | 'integer' | 'int64' | 'number' | 'boolean'

/** What is more than a scalar. */
class Composite<V> {
  readonly schema: JsonSchema
  readonly isOptional: boolean
  /** Ties it to its type in both directions: words that are left out do not compile. */
  declare readonly fits?: (value: V) => V

  constructor(schema: JsonSchema, isOptional = false) {
    this.schema = schema
    this.isOptional = isOptional
  }
}

type ScalarOf<V> = [V] extends [boolean]
  ? 'boolean'
  : [V] extends [string]
    ? string extends V
      ? 'string'
      : never
    : [V] extends [number]
      ? 'integer' | 'number'
      : [V] extends [number | bigint]
        ? 'int64'
        : never

type Present<V> =
  | ScalarOf<V>
  | Composite<V>
  | ([V] extends [boolean | string | number | bigint | readonly unknown[]]
      ? never
      : [V] extends [object]
        ? { readonly [K in keyof V]-?: Shape<V[K]> }
        : never)

/** The shape of a value of this type. */
export type Shape<V> = undefined extends V ? Composite<V> : null extends V ? `${ScalarOf<Exclude<V, null>>}?` | Composite<V> : Present<V>

// biome-ignore lint/suspicious/noExplicitAny: a shape whose type is not known
type AnyShape = Scalar | `${Scalar}?` | Composite<any> | { readonly [field: string]: AnyShape }

export type JsonSchema = { readonly [keyword: string]: unknown }

/** One of these words, all of them named. */
export const words = <const W extends readonly string[]>(...values: W): Composite<W[number]> => new Composite({ enum: values })
export const listOf = <V>(shape: Shape<V>): Composite<readonly V[]> => new Composite({ type: 'array', items: schemaOf(shape as AnyShape) })
/** Fields whose names are not known before. */
export const mapOf = <V>(shape: Shape<V>): Composite<Readonly<Record<string, V>>> =>
  new Composite({ type: 'object', additionalProperties: schemaOf(shape as AnyShape) })
export const orNull = <V>(shape: Shape<V>): Composite<V | null> => new Composite({ anyOf: [schemaOf(shape as AnyShape), { type: 'null' }] })
/** The field may be missing. */
export const optional = <V>(shape: Shape<V>): Composite<V | undefined> => new Composite(schemaOf(shape as AnyShape), true)
/** What no type says. */
export const shaped = <V>(schema: JsonSchema): Composite<V> => new Composite(schema)

function schemaOf(shape: AnyShape): JsonSchema {
  if (typeof shape === 'string') {
    const type = shape.replace('?', '')
    const types = type === 'int64' ? ['integer', 'string'] : [type]
    if (shape.endsWith('?')) types.push('null')
    return { type: types.length === 1 ? types[0] : types }
  }
  if (shape instanceof Composite) return shape.schema
  const fields = Object.entries(shape)
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(([name, field]) => [name, schemaOf(field)])),
    required: fields.filter(([, field]) => !(field instanceof Composite && field.isOptional)).map(([name]) => name),
  }
}

/** A kind of items, as the envelope names it. */
export interface ItemKind {
  readonly name: string
  readonly schema: JsonSchema
  /** Without an envelope: a line each. */
  readonly lines: boolean
}

/** By the words of a command: what it prints. */
export type ItemTable = Readonly<Record<string, readonly ItemKind[]>>

export const itemKind = <T>(name: string, shape: Shape<T>): ItemKind => ({ name, schema: schemaOf(shape as AnyShape), lines: false })
export const lineKind = <T>(name: string, shape: Shape<T>): ItemKind => ({ name, schema: schemaOf(shape as AnyShape), lines: true })

const failedItem = itemKind<FailedItem>('FailedItem', {
  item: 'string',
  code: 'integer?',
  name: 'string?',
  message: 'string',
  retriable: 'boolean',
})

/** The JSON Schema of what a command prints with `--output json`; below `$defs`, by kind, that of each line of `--output ndjson`. */
export function envelopeSchema(title: string, kinds: readonly ItemKind[]): JsonSchema {
  const envelope = (kind: string, items: JsonSchema): JsonSchema => ({
    type: 'object',
    properties: {
      apiVersion: { const: 'tkafka/v1' },
      kind: { const: kind },
      cluster: { anyOf: [schemaOf({ id: 'string?', profile: 'string?' }), { type: 'null' }] },
      time: { type: 'string', format: 'date-time' },
      items,
      errors: { type: 'array', items: { $ref: `#/$defs/${failedItem.name}` } },
    },
    required: ['apiVersion', 'kind', 'cluster', 'time', 'items', 'errors'],
  })
  const defined = [...kinds, failedItem]
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title,
    anyOf: [
      ...kinds.map(({ name, lines }) => {
        const item = { $ref: `#/$defs/${name}` }
        return lines ? item : envelope(name, { type: 'array', items: item })
      }),
      // The command failed as a whole.
      envelope('Failure', { type: 'array', maxItems: 0 }),
    ],
    $defs: Object.fromEntries(defined.map(({ name, schema }) => [name, schema])),
  }
}

/** What renderChanges prints. */
export const changes = (kind: string): ItemKind => itemKind<{ name: string; status: string }>(kind, { name: 'string', status: 'string' })

/** Who said so, under Kafka's names. */
export const configSource = words(
  'UNKNOWN',
  'DYNAMIC_TOPIC_CONFIG',
  'DYNAMIC_BROKER_CONFIG',
  'DYNAMIC_DEFAULT_BROKER_CONFIG',
  'STATIC_BROKER_CONFIG',
  'DEFAULT_CONFIG',
  'DYNAMIC_BROKER_LOGGER_CONFIG',
  'DYNAMIC_CLIENT_METRICS_CONFIG',
  'DYNAMIC_GROUP_CONFIG',
)
