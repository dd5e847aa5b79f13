import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { usageFault } from './fault.ts'

export { Args, Flags }

export const outputFormats = ['text', 'wide', 'json', 'ndjson', 'yaml', 'csv', 'awk', 'schema'] as const
export type OutputFormat = (typeof outputFormats)[number]

/** What every command understands. */
export const outputFlags = {
  output: Flags.option({ options: outputFormats, aliases: ['format'], helpGroup: 'OUTPUT' })({
    summary: 'how to print: text, wide, json, ndjson, yaml, csv or awk; schema: what json will hold',
    default: 'text',
  }),
  json: Flags.boolean({ summary: 'the same as --output json', helpGroup: 'OUTPUT' }),
  columns: Flags.string({ summary: 'columns to print, by name and in this order', helpValue: 'A,B', helpGroup: 'OUTPUT' }),
  sort: Flags.string({ summary: 'column to sort by; a minus sign before it: descending', helpValue: '[-]COLUMN', helpGroup: 'OUTPUT' }),
  filter: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    summary: 'only what is so; also !=, >, >=, <, <=, ~ and !~',
    helpValue: 'COLUMN=VALUE',
    helpGroup: 'OUTPUT',
  }),
  'no-headers': Flags.boolean({ aliases: ['hide-header'], summary: 'tables without their first line', helpGroup: 'OUTPUT' }),
  'no-color': Flags.boolean({ summary: 'never color the output', helpGroup: 'OUTPUT' }),
  human: Flags.boolean({ char: 'H', aliases: ['human-readable'], hidden: true, helpGroup: 'OUTPUT' }),
  quiet: Flags.boolean({ char: 'q', summary: 'say only what was asked for', helpGroup: 'OUTPUT' }),
  verbose: Flags.boolean({ char: 'v', summary: 'show the trace of a failure', helpGroup: 'OUTPUT' }),
}

/** What commands that talk to a cluster understand besides. */
export const connectionFlags = {
  profile: Flags.string({
    summary: 'which cluster, by the name that tkafka profile gave it; none: no profile (TKAFKA_PROFILE)',
    helpValue: 'NAME',
    helpGroup: 'CONNECTION',
  }),
  'bootstrap-server': Flags.string({
    char: 'b',
    aliases: ['bootstrap-servers', 'brokers', 'broker-list'],
    summary: 'brokers to ask first, host:port, several separated by commas (TKAFKA_BOOTSTRAP_SERVER)',
    helpValue: 'HOST:PORT',
    helpGroup: 'CONNECTION',
  }),
  'bootstrap-controller': Flags.string({
    aliases: ['bootstrap-controllers'],
    summary: 'controllers to ask instead, for what they answer themselves, when no broker does',
    helpValue: 'HOST:PORT',
    helpGroup: 'CONNECTION',
  }),
  'command-config': Flags.string({
    char: 'F',
    aliases: ['config-file', 'consumer.config', 'producer.config', 'consumer-config', 'producer-config', 'admin.config'],
    summary: 'client configuration, a .properties file (TKAFKA_CONFIG)',
    helpValue: 'FILE',
    helpGroup: 'CONNECTION',
  }),
  'command-property': Flags.string({
    char: 'X',
    aliases: ['consumer-property', 'producer-property', 'producer-props'],
    multiple: true,
    multipleNonGreedy: true,
    summary: 'one client configuration value, before file and environment',
    helpValue: 'KEY=VALUE',
    helpGroup: 'CONNECTION',
  }),
  timeout: durationFlag({ summary: 'how long to try, e.g. 500ms, 30s, 2m', default: '30s', helpGroup: 'CONNECTION' }),
}

/** For verbs that only look. Without a value it means every two seconds. */
export const watchFlags = {
  watch: durationFlag({ char: 'w', summary: 'again and again: --watch every 2s, --watch=10s', helpGroup: 'OUTPUT' }),
}

/** For verbs that destroy. */
export const confirmFlags = {
  yes: Flags.boolean({ char: 'y', aliases: ['force', 'no-confirm', 'skip-confirm'], summary: 'do not ask' }),
}

/** For verbs that write files which somebody may have worked on. */
export const overwriteFlags = {
  overwrite: Flags.boolean({ char: 'y', aliases: ['force', 'yes'], summary: 'write over files that are there with other contents' }),
}

export const dryRunFlag = Flags.boolean({ aliases: ['validate-only', 'dry'], summary: 'show what would happen and do nothing' })

/** A positional argument. oclif would wait for a missing one on standard input. */
export const textArg = (description: string, options: { required?: boolean } = {}) =>
  Args.string({ description, ignoreStdin: true, ...options })
export const requiredArg = (description: string) => Args.string({ description, ignoreStdin: true, required: true })
/** Any number of positional arguments; `input.argv` of the parser holds them. */
export const textArgs = (description: string) => Args.string({ description, ignoreStdin: true, multiple: true })

interface DurationOptions {
  summary: string
  default?: string
  helpGroup?: string
  char?: 'w'
}

/** A duration as text; `parseDurationMs` gives milliseconds. */
function durationFlag(options: DurationOptions) {
  return Flags.string({ helpValue: 'TIME', ...options })
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** `500ms`, `30s`, `1h30m`, `2d`, plain milliseconds, or ISO 8601 (`PT1H`, `P2DT3H`). @throws Fault (usage) */
export function parseDurationMs(text: string, what: string): number {
  const wrong = usageFault(`${what}: ${text} is not a duration`, 'Write 500ms, 30s, 5m, 1h30m, 2d or PT1H.')
  if (/^\d+$/.test(text)) return Number(text)
  const iso = /^(-?)P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/i.exec(text)
  if (iso !== null && /\d/.test(text)) {
    const [, sign, weeks, days, hours, minutes, seconds] = iso
    const part = (value: string | undefined, unit: string): number => Number(value ?? 0) * unitMs[unit]!
    const ms = part(weeks, 'w') + part(days, 'd') + part(hours, 'h') + part(minutes, 'm') + part(seconds, 's')
    return sign === '-' ? -ms : ms
  }
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)]
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text) throw wrong
  return parts.reduce((sum, [, value, unit]) => sum + Number(value) * unitMs[unit!]!, 0)
}

/** A whole number in bounds. @throws Fault (usage) */
export function parseCount(text: string, what: string, min = 0, max = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text)
  if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(value) || value < min || value > max) {
    throw usageFault(`${what}: ${text} is not a whole number from ${min} to ${max}`)
  }
  return value
}

/** `k=v` pairs; the value may be empty and may hold `=`. @throws Fault (usage) */
export function parsePairs(texts: readonly string[], what: string): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=')
      if (at <= 0) throw usageFault(`${what}: ${text} is not KEY=VALUE`)
      return [text.slice(0, at).trim(), text.slice(at + 1)]
    }),
  )
}

/** `0,2-4` → 0, 2, 3, 4. @throws Fault (usage) */
export function parsePartitions(text: string, what: string): number[] {
  const max = 0x7fffffff
  const partitions = text.split(',').flatMap((part) => {
    const range = /^(\d+)-(\d+)$/.exec(part.trim())
    if (range === null) return [parseCount(part.trim(), what, 0, max)]
    const [first, last] = [Number(range[1]), Number(range[2])]
    if (last < first || last - first > 100_000) throw usageFault(`${what}: ${part} is not a range of partitions`)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
  return [...new Set(partitions)]
}

/** `1:2,2:3`: brokers of each partition, the preferred leader first. @throws Fault (usage) */
export function parseReplicaAssignment(text: string): number[][] {
  return text.split(',').map((partition) => {
    const brokers = partition.split(':').map((id) => parseCount(id.trim(), '--replica-assignment', 0, 0x7fffffff))
    if (new Set(brokers).size !== brokers.length) throw usageFault(`--replica-assignment: ${partition} names a broker twice`)
    return brokers
  })
}
