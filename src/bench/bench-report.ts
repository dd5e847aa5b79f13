import type { LatencySummary } from './latencies.ts'

export const benchKinds = ['producer', 'consumer', 'share', 'e2e', 'mixed', 'txn'] as const
export type BenchKind = (typeof benchKinds)[number]

/** What came in one interval. */
export interface BenchRow {
  /** Milliseconds since the load began, at the end of the interval. */
  readonly atMs: number
  /** Not counted in the summary. */
  readonly warmUp: boolean
  /** Acknowledged, or read. */
  readonly records: number
  /** Acknowledged or read since the load began. */
  readonly recordsSoFar: number
  readonly recordsPerSecond: number
  readonly mibPerSecond: number
  readonly latency: LatencySummary | null
  readonly failed: number
  /** Of loads of transactions; `latency` is then theirs, and `records` those that were committed. */
  readonly transactions: TransactionRates | null
}

export interface TransactionRates {
  readonly committed: number
  /** On purpose. */
  readonly aborted: number
  /** Committed. */
  readonly perSecond: number
}

export interface TransactionFigures extends TransactionRates {
  /** Neither committed nor aborted on purpose. */
  readonly failed: number
  /** Of all that were begun, how many were aborted or failed. */
  readonly abortShare: number
  readonly recordsEach: number | null
  /** From when a commit was asked for until it was done. */
  readonly commitLatency: LatencySummary | null
}

/** What became of the records that a share group gave. */
export interface BenchDeliveries {
  /** The broker has taken note of so many. */
  readonly acknowledged: number
  /** Acknowledgements that it did not take: others may get these records. */
  readonly refused: number
  /** Records that somebody had had before. */
  readonly redelivered: number
  /** The most often that one was given to somebody. */
  readonly countMax: number
}

/** One run of a load from warm-up to end; figures leave the warm-up out. */
export interface BenchRound {
  readonly records: number
  readonly failed: number
  /** Why, when some failed: the first reason. */
  readonly failure: string | null
  /** Keys and values; of a consumer: batches as they came. */
  readonly bytes: number
  readonly elapsedMs: number
  readonly recordsPerSecond: number
  readonly mibPerSecond: number
  /** From when each record was to be sent (e2e: until it was read). */
  readonly latency: LatencySummary | null
  /** From when it was handed to the producer: what a closed loop would have told. In a share group: from when a record was given until it was acknowledged. */
  readonly ackLatency: LatencySummary | null
  readonly batches: number
  readonly recordsPerBatch: number | null
  readonly requests: number
  readonly retries: number
  /** Of this process, where it is known. */
  readonly clientCpuSeconds: number | null
  /** How many processors it kept busy. */
  readonly clientCores: number | null
  readonly recordsPerCpuSecond: number | null
  /** Share of the time in which the client had nothing to do; near 0 it is the client that was measured. */
  readonly clientIdleShare: number | null
  /** Of mixed loads: what the consumers read meanwhile. */
  readonly read: { readonly records: number; readonly recordsPerSecond: number; readonly mibPerSecond: number } | null
  /** Of members of a group: how long until the first one had partitions; not in the figures. */
  readonly joinMs: number | null
  /** Of loads of transactions; `latency` and `ackLatency` are then theirs: from when each was to begin, and from when it did, to its commit. */
  readonly transactions: TransactionFigures | null
  /** Of share groups. */
  readonly deliveries: BenchDeliveries | null
  /** All latencies as an HDR histogram (V2, compressed, base64), microseconds. */
  readonly histogram: string | null
  readonly rows: readonly BenchRow[]
}

/** What `bench compare` reads. */
export interface BenchReport {
  readonly format: typeof reportFormat
  readonly kind: BenchKind
  /** When it began, ISO 8601. */
  readonly time: string
  readonly topic: string
  readonly clusterId: string | null
  /** What was asked for: flags and client settings that were given. */
  readonly settings: Readonly<Record<string, string | number | boolean | null>>
  readonly rounds: readonly BenchRound[]
  /** Its round was cut short; rounds that were whole before are kept without it. */
  readonly interrupted: boolean
}

export const reportFormat = 'tkafka-bench/1'

/** A ratio, or nothing where JSON could not say it. */
export const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

/** The value in the middle; of an even number the lower one. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[(values.length - 1) >> 1] ?? 0
}

/** The round whose throughput is in the middle. */
export function middleRound({ rounds }: Pick<BenchReport, 'rounds'>): BenchRound {
  return rounds.toSorted((a, b) => a.recordsPerSecond - b.recordsPerSecond)[(rounds.length - 1) >> 1]!
}

/** @throws Error when the text is no report */
export function parseReport(text: string): BenchReport {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw new Error('it is no JSON')
  }
  // What --output json prints holds the report as its one item.
  const { items } = parsed as { items?: unknown }
  const report = (Array.isArray(items) && items.length === 1 ? items[0] : parsed) as BenchReport | null
  if (report?.format !== reportFormat || !Array.isArray(report.rounds) || report.rounds.length === 0)
    throw new Error(`it is no report of a benchmark (format ${reportFormat})`)
  return report
}
