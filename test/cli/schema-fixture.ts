import assert from 'node:assert/strict'
import { commands } from '../../commands/index.ts'
import { itemsOf } from '../../commands/items.ts'
import { resolveCommand } from '../../src/cli/command-tree.ts'
import { envelopeSchema } from '../../src/cli/render/item-shape.ts'
import type { Ran } from './run-command.ts'

type Schema = { readonly [keyword: string]: unknown }

const known = new Set([
  ...['$schema', '$defs', '$ref', 'title', 'type', 'enum', 'const', 'format', 'anyOf'],
  ...['properties', 'required', 'additionalProperties', 'items', 'prefixItems', 'minItems', 'maxItems'],
])

/**
 * What is wrong with a value, one line each. Stricter than JSON Schema in one way: a field that a schema does not name is wrong too, unless
 * the schema says what other fields are.
 */
export function faultsOf(value: unknown, schema: Schema, root: Schema = schema, path = '$'): string[] {
  for (const keyword of Object.keys(schema)) if (!known.has(keyword)) return [`${path}: this reader of schemas does not know ${keyword}`]
  if (schema.$ref !== undefined) {
    const name = String(schema.$ref).replace('#/$defs/', '')
    return faultsOf(value, (root.$defs as Record<string, Schema>)[name]!, root, path)
  }
  if (schema.anyOf !== undefined) {
    const tries = (schema.anyOf as Schema[]).map((each) => faultsOf(value, each, root, path))
    if (!tries.some((faults) => faults.length === 0)) return tries.reduce((best, each) => (each.length < best.length ? each : best))
  }
  const told = JSON.stringify(value)?.slice(0, 80)
  if ('const' in schema && value !== schema.const) return [`${path}: ${told} is not ${schema.const}`]
  if (Array.isArray(schema.enum) && !schema.enum.includes(value)) return [`${path}: ${told} is none of ${schema.enum.join(', ')}`]
  if (schema.type !== undefined) {
    const types = [schema.type].flat()
    if (!types.some((type) => isOf(value, String(type)))) return [`${path}: ${told} is no ${types.join(' or ')}`]
  }
  if (Array.isArray(value)) {
    const {
      items,
      prefixItems = [],
      minItems = 0,
      maxItems = Number.POSITIVE_INFINITY,
    } = schema as { items?: Schema; prefixItems?: Schema[] } & Record<string, number>
    if (value.length < minItems! || value.length > maxItems!) return [`${path}: has ${value.length} items`]
    return value.flatMap((each, index) => {
      const wanted = prefixItems[index] ?? items
      return wanted === undefined ? [] : faultsOf(each, wanted, root, `${path}[${index}]`)
    })
  }
  if (schema.properties === undefined && schema.additionalProperties === undefined) return []
  if (typeof value !== 'object' || value === null) return []
  const {
    properties = {},
    additionalProperties: others,
    required = [],
  } = schema as {
    properties?: Record<string, Schema>
    additionalProperties?: Schema | true
    required?: string[]
  }
  const missing = required.filter((name) => !(name in value)).map((name) => `${path}: ${name} is missing`)
  const wrong = Object.entries(value).flatMap(([name, each]) => {
    const own = properties[name] ?? (others === true ? {} : others)
    return own === undefined ? [`${path}: ${name} is not in the schema`] : faultsOf(each, own, root, `${path}.${name}`)
  })
  return [...missing, ...wrong]
}

function isOf(value: unknown, type: string): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  if (type === 'integer') return Number.isInteger(value)
  return typeof value === type
}

/** They print what they read as they read it, which may be nothing. */
const telling = new Set(['consume', 'produce', 'storage dump-log'])

/**
 * Holds what a command line printed against the schema that its command publishes, and that it printed anything. Text and what is no
 * output of a command pass.
 */
export async function assertPublished(argv: readonly string[], { code, stdout }: Pick<Ran, 'code' | 'stdout'>): Promise<void> {
  const format = argv.includes('--json') ? 'json' : /--?(?:o|output|format)[= ](json|ndjson)/.exec(argv.join(' '))?.[1]
  if (format === undefined) return
  const found = resolveCommand(argv, Object.keys(commands))
  // To Kafka's tools their words are their own.
  if (found.kind !== 'command' || found.id === 'compat' || argv.includes('--help')) return
  if (stdout === '') {
    // Of ndjson no item is no line; a line that could not be understood has no answer.
    const mayBeEmpty = format === 'ndjson' || code > 1 || telling.has(found.id)
    assert.ok(mayBeEmpty, `${argv.join(' ')}: nothing was printed`)
    return
  }
  const schema = envelopeSchema(found.id, await itemsOf(found.id))
  const kinds = await itemsOf(found.id)
  const whole = parsed(stdout)
  if (format === 'json' && whole?.apiVersion !== undefined) {
    assert.deepEqual(faultsOf(whole, schema), [], argv.join(' '))
    return
  }
  // Commands that tell as they read print no envelope, but one item a line.
  for (const line of stdout.trimEnd().split('\n')) {
    const item = parsed(line)
    assert.ok(item !== undefined, `${argv.join(' ')}: no envelope, and no item in a line: ${line}`)
    const tries = kinds.map((kind) => faultsOf(item, kind.schema, schema))
    assert.ok(
      tries.some((faults) => faults.length === 0),
      `${argv.join(' ')}: ${line}: ${tries[0] ?? 'no kind is published'}`,
    )
  }
}

function parsed(text: string): { readonly apiVersion?: unknown } | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
