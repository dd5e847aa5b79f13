import { JavaException } from '../java/exception.ts'

type JsonObject = Readonly<Record<string, unknown>>

const mapping = (text: string): JavaException => new JavaException('com.fasterxml.jackson.databind.JsonMappingException', text)

/** Undefined for text that is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** @throws JavaException */
export function objectOf(value: unknown): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  throw mapping(`Expected JSON object, received ${JSON.stringify(value)}`)
}

/** Undefined when it is missing. @throws JavaException */
export function arrayField(object: JsonObject, name: string): readonly unknown[] | undefined {
  const value = object[name]
  if (value === undefined || Array.isArray(value)) return value
  throw mapping(`Expected JSON array, received ${JSON.stringify(value)}`)
}

function field(object: JsonObject, name: string): unknown {
  if (!Object.hasOwn(object, name)) throw mapping(`No such field exists: \`${name}\``)
  return object[name]
}

/** @throws JavaException */
export function textField(object: JsonObject, name: string): string {
  const value = field(object, name)
  if (typeof value !== 'string') throw mapping(`Expected \`String\` value, received ${JSON.stringify(value)}`)
  return value
}

/** @throws JavaException */
export function integerField(object: JsonObject, name: string, type: 'Integer' | 'Long' = 'Integer'): number {
  return integerOf(field(object, name), type)
}

/** @throws JavaException */
export function integerOf(value: unknown, type: 'Integer' | 'Long' = 'Integer'): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw mapping(`Expected \`${type}\` value, received ${JSON.stringify(value)}`)
  return value
}

/** @throws JavaException */
export function textOf(value: unknown): string {
  if (typeof value !== 'string') throw mapping(`Expected \`String\` value, received ${JSON.stringify(value)}`)
  return value
}
