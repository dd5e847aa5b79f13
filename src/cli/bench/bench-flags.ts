import { type PaceOptions, type PayloadKind, parseRecordSizes, payloadKinds, type RecordContent } from '../../bench/index.ts'
import { usageFault } from '../fault.ts'
import { confirmFlags, Flags, parseCount, parseDurationMs, parsePairs, textArg } from '../flags.ts'
import type { Shell } from '../shell.ts'

export const topicArgs = { topic: textArg('topic to use; without one, a topic is made and deleted afterwards') }

/** Of every load. */
export const loadFlags = {
  topic: Flags.string({ char: 't', summary: 'the same as TOPIC', helpValue: 'TOPIC' }),
  'num-records': Flags.string({
    char: 'n',
    aliases: ['messages', 'count'],
    summary: 'records to measure, those of the warm-up apart',
    helpValue: 'N',
  }),
  duration: Flags.string({
    char: 'd',
    summary: 'time to measure, the warm-up apart [default: 10s without --num-records]',
    helpValue: 'TIME',
  }),
  'warmup-records': Flags.string({ aliases: ['warm-up-records'], summary: 'records before what is measured', helpValue: 'N' }),
  warmup: Flags.string({
    aliases: ['warm-up'],
    summary: 'time before what is measured [default: 2s without --num-records]',
    helpValue: 'TIME',
  }),
  interval: Flags.string({ aliases: ['reporting-interval'], summary: 'time from row to row', helpValue: 'TIME', default: '5s' }),
  rounds: Flags.string({ summary: 'so often; compare takes noise from how rounds differ', helpValue: 'N', default: '1' }),
  save: Flags.string({ summary: 'where to save the report [default: bench-KIND-TIME.json, with output for people]', helpValue: 'FILE' }),
  'no-save': Flags.boolean({ summary: 'save no report', exclusive: ['save'] }),
  report: Flags.string({ summary: 'write a page with plots too, one HTML file', helpValue: 'FILE.html' }),
  ...confirmFlags,
}

/** Of a topic that is made. */
export const madeTopicFlags = {
  partitions: Flags.string({ char: 'p', summary: 'partitions of a topic that is made', helpValue: 'N', default: '4' }),
  'replication-factor': Flags.string({
    char: 'r',
    summary: 'replicas of a topic that is made [default: as the brokers say]',
    helpValue: 'N',
  }),
  'topic-config': Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    summary: 'configuration of a topic that is made',
    helpValue: 'KEY=VALUE',
  }),
}

/** Of loads that send. */
export const sendFlags = {
  throughput: Flags.string({ summary: 'records a second; -1: as fast as possible', helpValue: 'N', default: '-1' }),
  'record-size': Flags.string({
    char: 's',
    summary: 'bytes of a value: 1024, 100-2000, or sizes with weights 100:80,10000:20',
    helpValue: 'SIZE',
    default: '1024',
  }),
  payload: Flags.option({ options: payloadKinds })({
    summary: "what values are made of; letters as Kafka's own tool writes them",
    default: 'letters',
  }),
  'payload-file': Flags.string({ summary: 'take values from a file instead', helpValue: 'FILE' }),
  'payload-delimiter': Flags.string({ summary: 'what ends a value in that file', helpValue: 'TEXT', default: '\\n' }),
  keys: Flags.string({ char: 'k', summary: 'give records keys, of so many different ones', helpValue: 'N' }),
  acks: Flags.string({ aliases: ['producer-acks'], summary: 'who must have it: all, 1 or 0', helpValue: 'ACKS' }),
  compression: Flags.option({ char: 'z', options: ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const, aliases: ['compression-codec'] })({
    summary: 'codec of the batches',
  }),
  producers: Flags.string({ summary: 'producers with connections of their own', helpValue: 'N', default: '1' }),
}

const { throughput: _throughput, keys: _keys, ...bothFlags } = sendFlags

/** Of loads that send and read; each says itself how fast. */
export const endToEndFlags = {
  ...loadFlags,
  ...bothFlags,
  ...madeTopicFlags,
  consumers: Flags.string({ aliases: ['threads'], summary: 'consumers with connections of their own', helpValue: 'N', default: '1' }),
}

const { 'num-records': _numRecords, 'warmup-records': _warmUpRecords, ...timeFlags } = loadFlags
const { producers: _producers, acks: _acks, ...txnSendFlags } = bothFlags

/** Of loads of transactions. */
export const transactionFlags = {
  ...timeFlags,
  'num-transactions': Flags.string({
    char: 'n',
    aliases: ['count'],
    summary: 'transactions to measure, those of the warm-up apart',
    helpValue: 'N',
  }),
  throughput: Flags.string({ summary: 'transactions a second; -1: as fast as possible', helpValue: 'N', default: '-1' }),
  'transaction-records': Flags.string({ summary: 'records of each transaction', helpValue: 'N', default: '100' }),
  'transaction-partitions': Flags.string({ summary: 'partitions that have a part in each [default: all]', helpValue: 'N' }),
  'abort-share': Flags.string({
    summary: 'part of the transactions that is aborted on purpose: 5% or 0.05',
    helpValue: 'PART',
    default: '0',
  }),
  'transactional-id': Flags.string({
    aliases: ['txn'],
    summary: 'what the transactional ids begin with [default: made up]',
    helpValue: 'PREFIX',
  }),
  ...txnSendFlags,
  producers: Flags.string({
    summary: 'producers with a transactional id each: so many transactions at once',
    helpValue: 'N',
    default: '1',
  }),
  ...madeTopicFlags,
}

interface LoadValues {
  readonly 'num-records'?: string | undefined
  readonly duration?: string | undefined
  readonly 'warmup-records'?: string | undefined
  readonly warmup?: string | undefined
}

interface SendValues {
  readonly throughput: string
  readonly 'record-size': string
  readonly payload: PayloadKind
  readonly 'payload-file'?: string | undefined
  readonly 'payload-delimiter': string
  readonly keys?: string | undefined
  readonly acks?: string | undefined
  readonly compression?: string | undefined
}

/** How much, and what before it. @throws Fault (usage) */
export function amountOf(flags: LoadValues, countFlag = '--num-records'): Omit<PaceOptions, 'perSecond'> {
  const isCounted = flags['num-records'] !== undefined
  const count = isCounted ? parseCount(flags['num-records']!, countFlag, 1) : Number.POSITIVE_INFINITY
  const warmUpRecords = flags['warmup-records'] === undefined ? 0 : parseCount(flags['warmup-records'], '--warmup-records')
  const byDefault = isCounted || warmUpRecords > 0 ? '0' : '2s'
  const warmUpMs = parseDurationMs(flags.warmup ?? byDefault, '--warmup')
  const wantedMs = flags.duration ?? (isCounted ? undefined : '10s')
  const durationMs = wantedMs === undefined ? Number.POSITIVE_INFINITY : parseDurationMs(wantedMs, '--duration')
  if (durationMs <= 0) throw usageFault(`--duration ${flags.duration} leaves no time`, 'Write 10s, 5m.')
  return { countMax: count + warmUpRecords, durationMs: durationMs + warmUpMs, warmUpRecords, warmUpMs }
}

/** Infinite for -1. @throws Fault (usage) */
export function throughputOf(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || Number.isNaN(value) || (value <= 0 && value !== -1))
    throw usageFault(`--throughput: ${text} is no rate`, 'Write records a second, e.g. 10000 or 0.5; -1 means as fast as possible.')
  return value === -1 ? Number.POSITIVE_INFINITY : value
}

/** @throws Fault (usage) */
export function shareOf(text: string, flag: string): number {
  const [, number, sign] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim()) ?? []
  const share = number === undefined ? Number.NaN : sign === '%' ? Number(number) / 100 : Number(number)
  if (share <= 1) return share
  throw usageFault(`${flag}: ${text} is no part`, 'Write 5% or 0.05.')
}

/** @throws Fault (usage) */
export function intervalOf(text: string): number {
  const intervalMs = parseDurationMs(text, '--interval')
  if (intervalMs < 100) throw usageFault(`--interval: ${text} is too often`, 'At most every 100ms.')
  return intervalMs
}

/** What is sent. @throws Fault */
export async function contentOf(shell: Shell, flags: SendValues): Promise<RecordContent> {
  const keys = flags.keys === undefined ? 0 : parseCount(flags.keys, '--keys', 1, 10_000_000)
  const sizes = parseRecordSizes(flags['record-size'])
  if (sizes === undefined)
    throw usageFault(`--record-size: ${flags['record-size']} is no size`, 'Write 1024, 100-2000, or 100:80,10000:20.')
  const path = flags['payload-file']
  if (path === undefined) return { sizes, kind: flags.payload, keys }
  const { readTextFile } = await import('../text-file.ts')
  const { unescapeBytes } = await import('../records/template.ts')
  const delimiter = unescapeBytes(flags['payload-delimiter'], '--payload-delimiter').toString()
  const values = (await readTextFile(shell, path))
    .split(delimiter)
    .filter((value) => value !== '')
    .map((value) => Buffer.from(value))
  if (values.length === 0) throw usageFault(`${path} holds no values`, 'One a line, or as --payload-delimiter says.')
  const most = values.reduce((longest, { length }) => Math.max(longest, length), 0)
  return { sizes: { kind: 'uniform', least: 0, most }, kind: flags.payload, values, keys }
}

/** Client settings that flags stand for. */
export function producerConfigOf({ acks, compression }: Pick<SendValues, 'acks' | 'compression'>): Record<string, string> {
  return {
    ...(compression === undefined ? {} : { 'compression.type': compression }),
    ...(acks === undefined ? {} : { acks }),
    // Idempotence needs all of them; who asks for fewer does without.
    ...(acks === '0' || acks === '1' ? { 'enable.idempotence': 'false' } : {}),
  }
}

/** @throws Fault (usage) */
export function newTopicOf(flags: {
  partitions: string
  'replication-factor'?: string | undefined
  'topic-config'?: string[] | undefined
}): {
  partitionCount: number
  replicationFactor: number
  configs: Record<string, string>
} {
  return {
    partitionCount: parseCount(flags.partitions, '--partitions', 1, 100_000),
    replicationFactor:
      flags['replication-factor'] === undefined ? -1 : parseCount(flags['replication-factor'], '--replication-factor', 1, 32_767),
    configs: parsePairs(flags['topic-config'] ?? [], '--topic-config'),
  }
}

/** What makes a load the same as another one, for the report. */
export function loadSettings(flags: SendValues & { readonly producers: string }): Record<string, string | number | boolean | null> {
  const perSecond = throughputOf(flags.throughput)
  return {
    throughput: perSecond === Number.POSITIVE_INFINITY ? -1 : perSecond,
    recordSize: flags['payload-file'] === undefined ? flags['record-size'] : null,
    payload: flags['payload-file'] ?? flags.payload,
    keys: flags.keys === undefined ? 0 : Number(flags.keys),
    producers: Number(flags.producers),
  }
}
