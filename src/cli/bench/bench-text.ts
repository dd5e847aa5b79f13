import {
  type BenchDeliveries,
  type BenchKind,
  type BenchReport,
  type BenchRound,
  type BenchRow,
  middleRound,
  type TransactionFigures,
} from '../../bench/index.ts'
import { countText } from '../render/quantities.ts'
import type { Column } from '../render/view.ts'

const bars = '▁▂▃▄▅▆▇█'

/** A bar for each value, from 0 to the largest; at most `width`, the last ones. */
export function sparkline(values: readonly number[], width = 60): string {
  const shown = values.slice(-width)
  const most = Math.max(...shown, 0)
  return shown.map((value) => (most === 0 ? bars[0] : bars[Math.min(7, Math.floor((value / most) * 7.999))])).join('')
}

/** Milliseconds with two or three digits: `310µs`, `1.9ms`, `38ms`, `1.2s`; `-` where it is not known. */
export function latencyText(ms: number | null): string {
  if (ms === null) return '-'
  if (ms < 1) return `${Math.round(ms * 1000)}µs`
  if (ms < 10) return `${ms.toFixed(1)}ms`
  if (ms < 1000) return `${Math.round(ms)}ms`
  return `${(ms / 1000).toFixed(1)}s`
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 100_000 ? 1 : 0)}s`
const wholeText = (value: number): string => countText(Math.round(value))
const rateText = (value: number): string => (value < 100 ? value.toFixed(1) : wholeText(value))

const timeColumn: Column<BenchRow> = { name: 'T', value: ({ atMs }) => atMs, text: ({ atMs }) => seconds(atMs), right: true }
const recordColumns: readonly Column<BenchRow>[] = [
  { name: 'RECORDS', value: ({ recordsSoFar }) => recordsSoFar, text: (row) => countText(row.recordsSoFar), right: true },
  { name: 'REC/S', value: (row) => row.recordsPerSecond, text: (row) => wholeText(row.recordsPerSecond), right: true },
  { name: 'MIB/S', value: (row) => row.mibPerSecond, text: (row) => row.mibPerSecond.toFixed(1), right: true },
]
const transactionColumns: readonly Column<BenchRow>[] = [
  {
    name: 'TXN/S',
    value: (row) => row.transactions?.perSecond ?? 0,
    text: (row) => rateText(row.transactions?.perSecond ?? 0),
    right: true,
  },
  { name: 'REC/S', value: (row) => row.recordsPerSecond, text: (row) => wholeText(row.recordsPerSecond), right: true },
  {
    name: 'ABORTED',
    value: (row) => row.transactions?.aborted ?? 0,
    text: (row) => countText(row.transactions?.aborted ?? 0),
    right: true,
  },
]
const endColumns: readonly Column<BenchRow>[] = [
  ...(['p50Ms', 'p99Ms', 'p999Ms', 'maxMs'] as const).map((key): Column<BenchRow> => {
    const name = { p50Ms: 'P50', p99Ms: 'P99', p999Ms: 'P99.9', maxMs: 'MAX' }[key]
    return {
      name,
      value: ({ latency }) => latency?.[key] ?? null,
      text: ({ latency }) => (latency === null ? '-' : latencyText(latency[key])),
      right: true,
    }
  }),
  { name: 'ERR', value: ({ failed }) => failed, text: ({ failed }) => countText(failed), right: true },
  { name: 'NOTE', value: ({ warmUp }) => (warmUp ? 'warm-up' : ''), text: ({ warmUp }) => (warmUp ? 'warm-up' : '') },
]

/** Rows of transactions tell of them; `latency` is theirs too. */
export const rowColumns = (kind: BenchKind): readonly Column<BenchRow>[] => [
  timeColumn,
  ...(kind === 'txn' ? transactionColumns : recordColumns),
  ...endColumns,
]

const widths = [6, 12, 10, 8, 7, 7, 7, 7, 5]
/** So much a terminal has to be wide for a row and what becomes of the rates. */
const PLOT_WIDTH = 92

/** The head of rows that come one by one. */
export function rowHead(kind: BenchKind): string {
  return rowColumns(kind)
    .slice(0, -1)
    .map(({ name }, index) => name.padStart(widths[index]!))
    .join(' ')
}

/** `width`: of the terminal, where there is one. */
export function rowText(kind: BenchKind, row: BenchRow, rates: readonly number[], width = PLOT_WIDTH): string {
  const cells = rowColumns(kind)
    .slice(0, -1)
    .map((column, index) => column.text!(row).padStart(widths[index]!))
  if (width < PLOT_WIDTH) return cells.join(' ')
  return `${cells.join(' ')}  ${row.warmUp ? 'warm-up' : sparkline(rates, 12)}`.trimEnd()
}

const measuredFrom = {
  producer: ' from intended send time',
  consumer: '',
  share: '',
  e2e: ' from intended send time to reading',
  mixed: ' from intended send time',
  txn: ' from intended begin to commit',
} as const

/** What a report comes to, in lines. */
export function summaryText(report: BenchReport): string {
  const round = middleRound(report)
  const lines: string[] = []
  const isOpenLoop = typeof report.settings.throughput === 'number' && report.settings.throughput > 0
  if (report.rounds.length > 1) lines.push(roundsText(report))
  lines.push(totalText(report, round, isOpenLoop))
  if (round.transactions !== null) lines.push(transactionsText(round.transactions))
  if (round.read !== null)
    lines.push(
      `read meanwhile ${countText(round.read.records)}  ${countText(round.read.recordsPerSecond)} rec/s  ${round.read.mibPerSecond.toFixed(1)} MiB/s`,
    )
  lines.push(detailText(report, round))
  const rows = round.rows.filter(({ warmUp }) => !warmUp)
  if (rows.length > 1) {
    lines.push(`rec/s ${sparkline(rows.map((row) => row.recordsPerSecond))}`)
    const p99s = rows.map(({ latency }) => latency?.p99Ms ?? 0)
    if (p99s.some((each) => each > 0)) lines.push(`p99   ${sparkline(p99s)}`)
  }
  return `${lines.join('\n')}\n`
}

function totalText({ kind }: BenchReport, round: BenchRound, isOpenLoop: boolean): string {
  const { latency } = round
  const rates = `TOTAL ${countText(round.records)} in ${seconds(round.elapsedMs)}  ${wholeText(round.recordsPerSecond)} rec/s  ${round.mibPerSecond.toFixed(1)} MiB/s`
  if (latency === null) return rates
  const from = isOpenLoop ? measuredFrom[kind] : kind === 'txn' ? ' from begin to commit' : ' from hand-over'
  const ms = (value: number | null): string => value?.toFixed(value < 100 ? 1 : 0) ?? '-'
  const marks = `avg ${ms(latency.avgMs)} p50 ${ms(latency.p50Ms)} p95 ${ms(latency.p95Ms)} p99 ${ms(latency.p99Ms)} p99.9 ${ms(latency.p999Ms)} max ${ms(latency.maxMs)} ms`
  return `${rates}  latency${from}: ${marks}`
}

function transactionsText({ committed, perSecond, recordsEach, aborted, failed, abortShare, commitLatency }: TransactionFigures): string {
  const parts = [`transactions ${countText(committed)} committed`, `${rateText(perSecond)}/s`]
  if (recordsEach !== null) parts.push(`${countText(Math.round(recordsEach))} records each`)
  parts.push(`${countText(aborted)} aborted${failed === 0 ? '' : `, ${countText(failed)} failed`} (${(abortShare * 100).toFixed(1)} %)`)
  if (commitLatency !== null)
    parts.push(
      `commit p50 ${latencyText(commitLatency.p50Ms)} p99 ${latencyText(commitLatency.p99Ms)} max ${latencyText(commitLatency.maxMs)}`,
    )
  return parts.join(' · ')
}

function detailText({ kind, settings }: BenchReport, round: BenchRound): string {
  const parts: string[] = []
  if (round.ackLatency !== null && kind !== 'txn')
    parts.push(`${kind === 'share' ? 'acknowledged after' : 'ack-only'} p99 ${latencyText(round.ackLatency.p99Ms)}`)
  if (round.deliveries !== null && round.deliveries !== undefined) parts.push(deliveriesText(round.deliveries))
  if (round.recordsPerBatch !== null) parts.push(`batches ${round.recordsPerBatch.toFixed(round.recordsPerBatch < 10 ? 1 : 0)} rec avg`)
  if ((round.joinMs ?? null) !== null) parts.push(`group met after ${latencyText(round.joinMs)}`)
  if (kind !== 'consumer' && kind !== 'share') parts.push(`retries ${countText(round.retries)}`)
  if (round.failed > 0) parts.push(`failed ${countText(round.failed)}`)
  if (round.clientCores !== null) parts.push(`client CPU ${round.clientCores.toFixed(2)} cores`)
  if (round.recordsPerCpuSecond !== null) parts.push(`${countText(round.recordsPerCpuSecond)} rec per CPU s`)
  if (typeof settings.acks === 'string') parts.push(`acks=${settings.acks} ${settings['compression.type'] ?? 'none'}`)
  return parts.join(' · ')
}

function deliveriesText({ acknowledged, refused, redelivered, countMax }: BenchDeliveries): string {
  const again = redelivered === 0 ? 'none given before' : `${countText(redelivered)} given before, ${countMax} times at most`
  return `${countText(acknowledged)} acknowledged, ${countText(refused)} refused, ${again}`
}

function roundsText({ rounds }: BenchReport): string {
  const isOfTransactions = rounds[0]!.transactions !== null
  const rates = rounds.map(({ recordsPerSecond, transactions }) => transactions?.perSecond ?? recordsPerSecond)
  const p99s = rounds.flatMap(({ latency }) => latency?.p99Ms ?? [])
  const latency = p99s.length === 0 ? '' : `, p99 ${latencyText(Math.min(...p99s))} to ${latencyText(Math.max(...p99s))}`
  return `${rounds.length} rounds: ${rateText(Math.min(...rates))} to ${rateText(Math.max(...rates))} ${isOfTransactions ? 'txn/s' : 'rec/s'}${latency}; the one in the middle:`
}

/** `0.95`, `1.90`, `12,345`. */
export const figureText = (value: number): string => (Math.abs(value) < 100 ? value.toFixed(2) : wholeText(value))
