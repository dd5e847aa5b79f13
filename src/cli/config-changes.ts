import type { ScramChange } from '../client/index.ts'
import { Fault, messageOf, usageFault } from './fault.ts'
import { Flags, parseCount } from './flags.ts'
import type { Shell } from './shell.ts'

/** Flags of verbs that change settings, by rpk's names; Kafka's are aliases. */
export const configChangeFlags = {
  set: Flags.string({
    char: 's',
    charAliases: ['c'],
    aliases: ['add-config', 'config'],
    multiple: true,
    multipleNonGreedy: true,
    summary: 'set a value; several: KEY=VALUE,KEY=[A,B]',
    helpValue: 'KEY=VALUE',
  }),
  delete: Flags.string({
    aliases: ['delete-config', 'unset'],
    charAliases: ['d'],
    multiple: true,
    multipleNonGreedy: true,
    summary: 'back to the default',
    helpValue: 'KEY',
  }),
  append: Flags.string({ multiple: true, multipleNonGreedy: true, summary: 'add elements to a list', helpValue: 'KEY=VALUE' }),
  subtract: Flags.string({ multiple: true, multipleNonGreedy: true, summary: 'take elements from a list', helpValue: 'KEY=VALUE' }),
}

export interface ConfigOperation {
  readonly name: string
  readonly operation: 'set' | 'delete' | 'append' | 'subtract'
  readonly value: string | null
}

/** What deletes records by being set, of topics and of brokers. */
const deletingSettings = /^(log\.)?(local\.)?retention\.(ms|minutes|hours|bytes)$|^(log\.)?cleanup\.policy$|^delete\.retention\.ms$/

/** Changes by which records may be deleted, in words. */
export const deletingChanges = (operations: readonly ConfigOperation[]): string[] =>
  operations.filter(({ name }) => deletingSettings.test(name)).map(operationText)

export const operationText = ({ name, operation, value }: ConfigOperation): string =>
  `${operation} ${name}${value === null ? '' : `=${value}`}`

interface ConfigChangeValues {
  readonly set?: string[] | undefined
  readonly delete?: string[] | undefined
  readonly append?: string[] | undefined
  readonly subtract?: string[] | undefined
}

/** @throws Fault (usage) */
export function configOperations(flags: ConfigChangeValues): ConfigOperation[] {
  const operations: ConfigOperation[] = []
  for (const operation of ['set', 'append', 'subtract'] as const) {
    for (const text of flags[operation] ?? []) {
      for (const [name, value] of settingsOf(text, `--${operation}`)) operations.push({ name, operation, value })
    }
  }
  for (const text of flags.delete ?? []) {
    for (const name of text.split(',')) operations.push({ name: name.trim(), operation: 'delete', value: null })
  }
  const seen = new Set<string>()
  for (const { name } of operations) {
    if (seen.has(name)) throw usageFault(`${name} is changed twice`, 'One change a setting.')
    seen.add(name)
  }
  return operations
}

/**
 * `k=v`, and as kafka-configs takes them `k=v,k2=[a,b]`. A comma that no key follows belongs to the value.
 * @throws Fault (usage)
 */
export function settingsOf(text: string, what: string): [string, string][] {
  const settings: [string, string][] = []
  const pattern = /(?:^|,)\s*([^=,[\]]+)=(\[[^\]]*\]|(?:(?!,\s*[^=,[\]]+=).)*)/gs
  let end = 0
  for (const match of text.matchAll(pattern)) {
    if (match.index !== end) break
    end = match.index + match[0].length
    const value = match[2]!
    settings.push([match[1]!.trim(), value.startsWith('[') && value.endsWith(']') ? value.slice(1, -1) : value])
  }
  if (settings.length === 0 || end !== text.length) throw usageFault(`${what}: ${text} is not KEY=VALUE`)
  return settings
}

/** Offsets by partition: Kafka's JSON, or lines of topic, partition and offset. @throws Fault */
export async function readTrimFile(shell: Shell, path: string): Promise<{ topic: string; partition: number; offset: number }[]> {
  const { disk } = await shell.host()
  let text: string
  try {
    text = Buffer.from(await disk.readFile(path)).toString()
  } catch (error) {
    throw new Fault(`cannot read ${path}: ${messageOf(error)}`, { cause: error })
  }
  const entries = text.trimStart().startsWith('{') ? fromJson(text, path) : fromLines(text, path)
  if (entries.length === 0) throw usageFault(`${path} names no partition`)
  return entries
}

function fromJson(text: string, path: string): { topic: string; partition: number; offset: number }[] {
  const wrong = usageFault(`${path} is not {"version":1,"partitions":[{"topic":…,"partition":…,"offset":…}]}`)
  let json: { partitions?: unknown }
  try {
    json = JSON.parse(text)
  } catch {
    throw wrong
  }
  if (!Array.isArray(json.partitions)) throw wrong
  return json.partitions.map((each) => {
    if (typeof each?.topic !== 'string' || !isCount(each.partition, 0) || !isCount(each.offset, -1)) throw wrong
    return { topic: each.topic, partition: each.partition, offset: each.offset }
  })
}

const isCount = (value: unknown, min: number): boolean => Number.isSafeInteger(value) && (value as number) >= min

function fromLines(text: string, path: string): { topic: string; partition: number; offset: number }[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))
  return lines.map((line) => {
    const match = /^\s*(\S+?)[\s,]+(\d{1,10})[\s,]+(-?\d{1,16})\s*$/.exec(line)
    if (match === null) throw usageFault(`${path}: "${line}" is not TOPIC PARTITION OFFSET`)
    return { topic: match[1]!, partition: Number(match[2]), offset: Number(match[3]) }
  })
}

/** `SCRAM-SHA-256=[iterations=8192,password=x]`, as kafka-configs takes it. @throws Fault (usage) */
export function scramChange(user: string, { name, operation, value }: ConfigOperation): ScramChange {
  const mechanism = name.toUpperCase() as ScramChange['mechanism']
  if (operation === 'delete') return { user, mechanism, remove: true }
  const parts = Object.fromEntries(settingsOf(value ?? '', name))
  const { password, iterations = '4096' } = parts
  const unknown = Object.keys(parts).find((key) => !['password', 'iterations'].includes(key))
  if (unknown !== undefined) throw usageFault(`${name}: there is no ${unknown}`, `Write ${name}=[iterations=8192,password=…].`)
  if (password === undefined || password === '')
    throw usageFault(`${name} without a password`, `Write ${name}=[iterations=8192,password=…].`)
  return { user, mechanism, password, iterations: parseCount(iterations, `${name} iterations`, 4096, 16_384) }
}
