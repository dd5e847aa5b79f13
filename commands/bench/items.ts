import type {
  BenchReport,
  BenchRound,
  BenchRow,
  BrokerTrip,
  Comparison,
  DiskFigures,
  LatencySummary,
  SuiteFigure,
  SuiteRow,
  TransactionFigures,
  TransactionRates,
} from '../../src/bench/index.ts'
import { type ItemTable, itemKind, lineKind, listOf, mapOf, orNull, shaped, words } from '../../src/cli/index.ts'

const summary = {
  count: 'integer',
  avgMs: 'number',
  stdDevMs: 'number',
  p50Ms: 'number',
  p95Ms: 'number?',
  p99Ms: 'number?',
  p999Ms: 'number?',
  maxMs: 'number',
} as const
const latency = orNull<LatencySummary>(summary)

const rates = { committed: 'integer', aborted: 'integer', perSecond: 'number' } as const

const row = {
  atMs: 'integer',
  warmUp: 'boolean',
  records: 'integer',
  recordsSoFar: 'integer',
  recordsPerSecond: 'number',
  mibPerSecond: 'number',
  latency,
  failed: 'integer',
  transactions: orNull<TransactionRates>(rates),
} as const

const figures = {
  records: 'integer',
  failed: 'integer',
  failure: 'string?',
  bytes: 'number',
  elapsedMs: 'integer',
  recordsPerSecond: 'number',
  mibPerSecond: 'number',
  latency,
  ackLatency: latency,
  batches: 'integer',
  recordsPerBatch: 'number?',
  requests: 'integer',
  retries: 'integer',
  clientCpuSeconds: 'number?',
  clientCores: 'number?',
  recordsPerCpuSecond: 'number?',
  clientIdleShare: 'number?',
  read: orNull<NonNullable<BenchRound['read']>>({ records: 'integer', recordsPerSecond: 'number', mibPerSecond: 'number' }),
  joinMs: 'integer?',
  transactions: orNull<TransactionFigures>({
    ...rates,
    failed: 'integer',
    abortShare: 'number',
    recordsEach: 'number?',
    commitLatency: latency,
  }),
  deliveries: orNull<NonNullable<BenchRound['deliveries']>>({
    acknowledged: 'integer',
    refused: 'integer',
    redelivered: 'integer',
    countMax: 'integer',
  }),
  histogram: 'string?',
} as const

const head = {
  format: words('tkafka-bench/1'),
  kind: words('producer', 'consumer', 'share', 'e2e', 'mixed', 'txn'),
  time: 'string',
  topic: 'string',
  clusterId: 'string?',
  interrupted: 'boolean',
  settings: shaped<BenchReport['settings']>({ type: 'object', additionalProperties: { type: ['string', 'number', 'boolean', 'null'] } }),
} as const

const report = itemKind<BenchReport>('BenchReport', {
  ...head,
  rounds: listOf<BenchRound>({ ...figures, rows: listOf<BenchRow>(row) }),
})
const rowLine = lineKind<BenchRow & { event: 'row'; round: number }>('BenchRow', { event: words('row'), round: 'integer', ...row })
const roundLine = lineKind<Omit<BenchRound, 'rows'> & { event: 'round'; round: number }>('BenchRound', {
  event: words('round'),
  round: 'integer',
  ...figures,
})
const reportLine = lineKind<Omit<BenchReport, 'rounds'> & { event: 'report'; rounds: number }>('BenchEnd', {
  event: words('report'),
  ...head,
  rounds: 'integer',
})
const comparison = itemKind<Comparison>('BenchComparison', {
  metric: 'string',
  a: 'number',
  b: 'number',
  ratio: 'number?',
  low: 'number?',
  high: 'number?',
  better: words('higher', 'lower'),
  verdict: words('same', 'better', 'worse', 'noise', 'told'),
})

const disk = itemKind<DiskFigures>('BenchDisk', {
  directory: 'string',
  bytes: 'integer',
  blockBytes: 'integer',
  mibPerSecond: 'number',
  writeLatency: summary,
  lastSyncMs: 'number',
  syncBytes: 'integer',
  syncLatency: summary,
})
const network = itemKind<BrokerTrip>('BenchNetwork', {
  broker: 'integer',
  address: 'string',
  roundTrip: summary,
  mibPerSecond: 'number?',
})
const suite = itemKind<SuiteFigure>('BenchSuite', {
  row: 'string',
  metric: 'string',
  a: 'number',
  b: 'number?',
  ratio: 'number?',
  low: 'number?',
  high: 'number?',
  failedA: 'integer',
  failedB: 'integer?',
})
const suiteRows = itemKind<SuiteRow>('BenchSuiteRows', {
  name: 'string',
  kind: words('producer', 'consumer', 'e2e'),
  recordSize: 'string',
  partitions: 'integer',
  throughput: 'number',
  producers: 'integer',
  consumers: 'integer',
  config: mapOf<string>('string'),
})

const load = [report, rowLine, roundLine, reportLine]

export const items: ItemTable = {
  'bench compare': [comparison],
  'bench consumer': load,
  'bench disk': [disk],
  'bench e2e': load,
  'bench mixed': load,
  'bench network': [network],
  'bench producer': load,
  'bench share': load,
  'bench suite': [suite, suiteRows],
  'bench txn': load,
}
