import { codecOf } from './codec.ts'
import { DecodeError, Reader } from './reader.ts'
import { type Field, type Fields, inVersions, isTagged, type Schema } from './schema.ts'
import { EncodeError, Writer } from './writer.ts'

/**
 * Messages as JSON in the shape of Kafka's own converters (the generated …JsonConverter classes): lower camel case, bytes and record
 * sets in base64, uuids in URL-safe base64, fields of other versions and tagged fields at their default left out. int64 is exact: bigint
 * in the values here, a bare number in the text.
 */
type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json }

const elementOf = (type: Field['type']): string | Fields | undefined =>
  Array.isArray(type) ? ((type as readonly unknown[])[0] as string | Fields) : undefined

/** Messages from hostile frames nest only as deep as the schema does, so recursion is bounded by it. */
const valueToJson = (type: Field['type'] | string, version: number, value: unknown): Json => {
  if (value === null || value === undefined) return null
  const element = elementOf(type as Field['type'])
  if (element !== undefined) return (value as unknown[]).map((item) => valueToJson(element, version, item))
  if (typeof type === 'object') return structToJson(type as Fields, version, value as Record<string, unknown>)
  if (type === 'bytes' || type === 'records') return (value as Buffer).toString('base64')
  return value as Json
}

const isDefault = (field: Field, value: unknown): boolean => {
  if (field.default === null) return value === null
  if (value === null) return field.type === 'records'
  const { type } = field
  if (Array.isArray(type) || type === 'bytes') return (value as { length: number }).length === 0
  if (typeof type === 'object') {
    return Object.entries(type as Fields).every(([name, inner]) => isDefault(inner, (value as Record<string, unknown>)[name]))
  }
  if (type === 'uuid') return value === 'AAAAAAAAAAAAAAAAAAAAAA'
  if (type === 'int64') return BigInt(value as bigint) === BigInt((field.default as number | string | undefined) ?? 0)
  return value === (field.default ?? (type === 'bool' ? false : type === 'string' ? '' : 0))
}

const structToJson = (fields: Fields, version: number, value: Record<string, unknown>): Json => {
  const json: Record<string, Json> = {}
  for (const [name, field] of Object.entries(fields)) {
    if (!inVersions(field.versions, version)) continue
    if (isTagged(field, version) && isDefault(field, value[name])) continue
    json[name] = valueToJson(field.type, version, value[name])
  }
  return json
}

const expected = (path: string, what: string, value: unknown): never => {
  throw new EncodeError(`${path}: ${what} expected, found ${value === undefined ? 'nothing' : stringifyJson(value as Json).slice(0, 80)}`)
}

const INTEGER_RANGES: Record<string, readonly [bigint, bigint]> = {
  int8: [-128n, 127n],
  int16: [-32768n, 32767n],
  uint16: [0n, 65535n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
}

const scalarFromJson = (type: string, value: Json, path: string): unknown => {
  const range = INTEGER_RANGES[type]
  if (range !== undefined) {
    if (typeof value !== 'bigint' && !(typeof value === 'number' && Number.isSafeInteger(value))) return expected(path, type, value)
    const exact = BigInt(value)
    if (exact < range[0] || exact > range[1]) return expected(path, `${type} within ${range[0]} … ${range[1]}`, value)
    return type === 'int64' ? exact : Number(exact)
  }
  switch (type) {
    case 'bool':
      return typeof value === 'boolean' ? value : expected(path, 'true or false', value)
    case 'float64':
      return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : expected(path, 'a number', value)
    case 'uuid':
      return typeof value === 'string' && /^[A-Za-z0-9_-]{22}$/.test(value) ? value : expected(path, 'a uuid of 22 characters', value)
    case 'string':
      return typeof value === 'string' ? value : expected(path, 'a text', value)
    default:
      return typeof value === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(value)
        ? Buffer.from(value, 'base64')
        : expected(path, 'bytes in base64', value)
  }
}

const valueFromJson = (type: Field['type'] | string, version: number, value: Json, path: string): unknown => {
  const element = elementOf(type as Field['type'])
  if (element !== undefined) {
    if (!Array.isArray(value)) return expected(path, 'an array', value)
    return value.map((item, index) => valueFromJson(element, version, item, `${path}[${index}]`))
  }
  if (typeof type === 'object') return structFromJson(type as Fields, version, value, path)
  return scalarFromJson(type, value, path)
}

const structFromJson = (fields: Fields, version: number, value: Json, path: string): Record<string, unknown> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return expected(path, 'an object', value)
  const message: Record<string, unknown> = {}
  for (const [name, given] of Object.entries(value)) {
    const field = Object.hasOwn(fields, name) ? fields[name]! : undefined
    if (field === undefined) throw new EncodeError(`${path}: there is no field ${name}; fields are ${Object.keys(fields).join(', ')}`)
    if (!inVersions(field.versions, version))
      throw new EncodeError(`${path}.${name} exists in versions ${field.versions}, not in ${version}`)
    if (given !== null) message[name] = valueFromJson(field.type, version, given, `${path}.${name}`)
    else if (field.type === 'records' || inVersions(field.nullable, version)) message[name] = null
    else expected(`${path}.${name}`, 'a value', given)
  }
  // exact mode wants bigint defaults too: the emitted writer supplies them for what is missing here
  return message
}

/** A message of the exact codec as JSON values. */
export const messageToJson = (schema: Schema, version: number, message: unknown): Json =>
  structToJson(schema.fields, version, message as Record<string, unknown>)

/** JSON values as a message for the exact codec; fields left out get their default. @throws EncodeError naming the path */
export const messageFromJson = (schema: Schema, version: number, json: Json): Record<string, unknown> =>
  structFromJson(schema.fields, version, json, schema.name)

/** JSON.parse source text access (ECMAScript 2026), which the library types do not know yet. */
const sourceText = JSON as unknown as {
  rawJSON(text: string): object
  parse(text: string, reviver: (key: string, value: unknown, context: { source: string }) => unknown): Json
}

/** JSON text with bigints as bare numbers. */
export const stringifyJson = (json: unknown, indent?: number): string =>
  JSON.stringify(json, (_key, value) => (typeof value === 'bigint' ? sourceText.rawJSON(String(value)) : value), indent)

/** JSON values; integers beyond 2^53 become bigint. @throws SyntaxError */
export const parseJson = (text: string): Json =>
  sourceText.parse(text, (_key, value, context) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context.source) ? BigInt(context.source) : value,
  )

/** One message body to its JSON. @throws DecodeError */
export const bytesToJson = (schema: Schema, version: number, bytes: Buffer): Json => {
  const reader = new Reader(bytes)
  const message = codecOf(schema, version, true).read(reader)
  if (reader.remaining > 0) throw new DecodeError(`${schema.name} version ${version}: ${reader.remaining} bytes left over`)
  return messageToJson(schema, version, message)
}

/** One message body from its JSON. @throws EncodeError */
export const jsonToBytes = (schema: Schema, version: number, json: Json): Buffer => {
  const writer = new Writer()
  codecOf(schema, version, true).write(writer, messageFromJson(schema, version, json))
  return writer.finishBytes()
}

export type { Json }
