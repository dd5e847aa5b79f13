import type { Admin, SettingsInput } from '../client/index.ts'
import type { Host } from '../host/index.ts'
import type { BenchRound } from './bench-report.ts'
import { consumeLoad } from './consumer-load.ts'
import { endToEndLoad } from './end-to-end-load.ts'
import { deleteTopic, makeTopic } from './made-topics.ts'
import { produceLoad } from './producer-load.ts'
import { parseRecordSizes, type RecordContent } from './record-source.ts'
import { type SuiteFigure, type SuiteRow, suiteFigures } from './suite.ts'

export interface SuiteCluster {
  readonly name: string
  readonly admin: Admin
  /** How to reach it. */
  readonly config: SettingsInput
}

export interface SuiteOptions {
  readonly host: Host
  /** One, or two to compare. */
  readonly clusters: readonly SuiteCluster[]
  readonly rows: readonly SuiteRow[]
  readonly rounds: number
  readonly durationMs: number
  readonly warmUpMs: number
  readonly replicationFactor: number
  /** What rows of consumers read: so many bytes of values, written before the clock starts. */
  readonly fillBytes: number
  readonly stop: AbortSignal
  /** Told after each load. */
  readonly onLoad: (row: SuiteRow, round: number, cluster: SuiteCluster, result: BenchRound) => void
  /** Told what went wrong beside it. */
  readonly tell: (line: string) => void
}

const never = Number.POSITIVE_INFINITY

/** Runs all rows on all clusters, round by round and in turn, so that what else the machine does hits all alike. */
export async function runSuite(options: SuiteOptions): Promise<SuiteFigure[]> {
  const { rows, clusters, rounds, stop, onLoad } = options
  const results = rows.map(() => clusters.map((): BenchRound[] => []))
  for (let round = 0; round < rounds && !stop.aborted; round++) {
    for (const [index, row] of rows.entries()) {
      const order = [...clusters.entries()]
      if (round % 2 === 1) order.reverse()
      for (const [at, cluster] of order) {
        if (stop.aborted) break
        const result = await runRow(options, row, cluster)
        // What was cut short says nothing.
        if (stop.aborted) break
        results[index]![at]!.push(result)
        onLoad(row, round + 1, cluster, result)
      }
    }
  }
  return rows.flatMap((row, index) => figuresOf(row, results[index]!))
}

function figuresOf(row: SuiteRow, results: readonly (readonly BenchRound[])[]): SuiteFigure[] {
  if (results[0]!.length === 0) return []
  const figure = (metric: string, of: (round: BenchRound) => number | null | undefined): SuiteFigure =>
    suiteFigures(
      row.name,
      metric,
      results.map((rounds) => rounds.flatMap((round) => of(round) ?? [])),
    )
  if (row.throughput === -1) return [figure('records/s', (round) => round.recordsPerSecond)]
  return [
    figure('p50 ms', ({ latency }) => latency?.p50Ms),
    figure('p99 ms', ({ latency }) => latency?.p99Ms),
    figure('p99.9 ms', ({ latency }) => latency?.p999Ms),
  ]
}

async function runRow(options: SuiteOptions, row: SuiteRow, cluster: SuiteCluster): Promise<BenchRound> {
  const { host, stop, durationMs, warmUpMs, replicationFactor, fillBytes } = options
  const { admin } = cluster
  const topic = await makeTopic(admin, host, { partitionCount: row.partitions, replicationFactor, configs: {} })
  const isIdempotent = row.config.acks === undefined || row.config.acks === 'all' || row.config.acks === '-1'
  const config = { ...(isIdempotent ? {} : { 'enable.idempotence': 'false' }), ...row.config, ...cluster.config }
  const content: RecordContent = { sizes: parseRecordSizes(row.recordSize)!, kind: 'letters', keys: 0 }
  const perSecond = row.throughput === -1 ? never : row.throughput
  const load = { host, topic, content, config, stop, producers: row.producers, intervalMs: 3_600_000, onRow: () => {} }
  const pace = { perSecond, countMax: never, durationMs: durationMs + warmUpMs, warmUpRecords: 0, warmUpMs }
  const unknown = (): void => {}
  try {
    if (row.kind === 'producer') return await produceLoad({ ...load, pace }, unknown)
    if (row.kind === 'e2e')
      return await endToEndLoad(
        { ...load, pace, consumers: row.consumers, consumerConfig: { ...cluster.config, 'group.id': null }, timesReading: true },
        unknown,
      )
    const countMax = Math.max(1, Math.floor(fillBytes / meanSize(content)))
    await produceLoad({ ...load, pace: { perSecond: never, countMax, durationMs: never, warmUpRecords: 0, warmUpMs: 0 } }, unknown)
    const reading = { countMax: never, durationMs: never, warmUpRecords: 0, warmUpMs: 0, decode: false, silenceMs: 10_000 }
    return await consumeLoad({ ...load, ...reading, consumers: row.consumers, config: { ...config, 'group.id': null } }, unknown)
  } finally {
    const failure = await deleteTopic(admin, topic)
    if (failure !== undefined) options.tell(failure)
  }
}

function meanSize({ sizes }: RecordContent): number {
  if (sizes.kind === 'fixed') return Math.max(1, sizes.bytes)
  if (sizes.kind === 'uniform') return Math.max(1, (sizes.least + sizes.most) / 2)
  const weights = sizes.sizes.reduce((sum, { weight }) => sum + weight, 0)
  return Math.max(1, sizes.sizes.reduce((sum, { bytes, weight }) => sum + bytes * weight, 0) / weights)
}
