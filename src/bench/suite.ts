import { median } from './bench-report.ts'

const kinds = ['producer', 'consumer', 'e2e'] as const

/** One load of a suite. */
export interface SuiteRow {
  readonly name: string
  readonly kind: (typeof kinds)[number]
  /** As of --record-size. */
  readonly recordSize: string
  readonly partitions: number
  /** Records a second; -1: as fast as possible. */
  readonly throughput: number
  readonly producers: number
  readonly consumers: number
  /** Settings of the client: acks, compression.type, batch.size … */
  readonly config: Readonly<Record<string, string>>
}

/** Large enough that the cluster is what is measured, as people who measure set it. */
const large = { 'batch.size': '131072', 'linger.ms': '5' }
const row = (
  name: string,
  kind: SuiteRow['kind'],
  size: string,
  config: Record<string, string>,
  rest: Partial<SuiteRow> = {},
): SuiteRow => ({
  ...{ name, kind, recordSize: size, partitions: 4, throughput: -1, producers: 1, consumers: 1 },
  config: kind === 'e2e' ? config : { ...large, ...config },
  ...rest,
})

/** Sizes, codecs, acknowledgements, partitions, consumers, and latency at a fixed rate. */
export const standardRows: readonly SuiteRow[] = [
  row('produce 100 B acks=1', 'producer', '100', { acks: '1' }),
  row('produce 100 B acks=all', 'producer', '100', { acks: 'all' }),
  row('produce 1 KiB acks=1', 'producer', '1024', { acks: '1' }),
  row('produce 1 KiB acks=all', 'producer', '1024', { acks: 'all' }),
  row('produce 10 KiB acks=all', 'producer', '10240', { acks: 'all' }),
  row('produce 1 KiB acks=all lz4', 'producer', '1024', { acks: 'all', 'compression.type': 'lz4' }),
  row('produce 1 KiB acks=all zstd', 'producer', '1024', { acks: 'all', 'compression.type': 'zstd' }),
  row('produce 1 KiB acks=all, 1 partition', 'producer', '1024', { acks: 'all' }, { partitions: 1 }),
  row('produce 1 KiB acks=all, 32 partitions', 'producer', '1024', { acks: 'all' }, { partitions: 32 }),
  row('produce 1 KiB acks=all, 16 KiB batches', 'producer', '1024', { acks: 'all', 'batch.size': '16384' }),
  row('consume 100 B', 'consumer', '100', {}),
  row('consume 1 KiB', 'consumer', '1024', {}),
  row('consume 1 KiB, 4 consumers', 'consumer', '1024', {}, { consumers: 4 }),
  row('consume 1 KiB lz4', 'consumer', '1024', { 'compression.type': 'lz4' }),
  row(
    'acknowledge at 5,000/s acks=all',
    'producer',
    '1024',
    { acks: 'all', 'batch.size': '16384', 'linger.ms': '0' },
    { throughput: 5000 },
  ),
  row('end to end at 5,000/s acks=all', 'e2e', '1024', { acks: 'all', 'linger.ms': '0' }, { throughput: 5000 }),
]

/** Rows as a file has them: a list of objects, where all but kind may be left out. @throws Error naming the row and what is wrong */
export function rowsOf(parsed: unknown): SuiteRow[] {
  const list = Array.isArray(parsed) ? parsed : (parsed as { rows?: unknown } | null)?.rows
  if (!Array.isArray(list) || list.length === 0) throw new Error('it holds no list of rows')
  return list.map((each: Record<string, unknown>, index) => {
    const wrong = (what: string): never => {
      throw new Error(`row ${index + 1}: ${what}`)
    }
    if (typeof each !== 'object' || each === null) return wrong('it is no object')
    const known = ['name', 'kind', 'recordSize', 'partitions', 'throughput', 'producers', 'consumers', 'config']
    const strange = Object.keys(each).find((key) => !known.includes(key))
    if (strange !== undefined) wrong(`there is no ${strange}; known are ${known.join(', ')}`)
    const { kind = 'producer', recordSize = 1024, config = {} } = each
    if (!kinds.includes(kind as SuiteRow['kind'])) wrong(`kind ${kind} is none of ${kinds.join(', ')}`)
    if (typeof config !== 'object' || config === null) wrong('config is no object')
    const number = (key: 'partitions' | 'producers' | 'consumers', byDefault: number): number => {
      const value = each[key] ?? byDefault
      return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : wrong(`${key} ${value} is no count`)
    }
    const { throughput = kind === 'e2e' ? 1000 : -1 } = each
    if (typeof throughput !== 'number' || !(throughput > 0 || throughput === -1)) wrong(`throughput ${throughput} is no rate`)
    return {
      name: typeof each.name === 'string' ? each.name : `row ${index + 1}`,
      kind: kind as SuiteRow['kind'],
      recordSize: String(recordSize),
      partitions: number('partitions', 4),
      throughput: throughput as number,
      producers: number('producers', 1),
      consumers: number('consumers', 1),
      config: Object.fromEntries(Object.entries(config as object).map(([key, value]) => [key, String(value)])),
    }
  })
}

/** One figure of one row, of one cluster or of two. */
export interface SuiteFigure {
  readonly row: string
  readonly metric: string
  /** In the middle of the rounds. */
  readonly a: number
  readonly b: number | null
  /** b ÷ a. */
  readonly ratio: number | null
  /** Between which it lies whichever rounds are taken; null with a single round. */
  readonly low: number | null
  readonly high: number | null
}

/** Figures of rounds, by cluster: those in the middle, and their ratios. */
export function suiteFigures(rowName: string, metric: string, rounds: readonly (readonly number[])[]): SuiteFigure {
  const [ofA = [], ofB] = rounds
  const a = median(ofA)
  if (ofB === undefined || ofB.length === 0) return { row: rowName, metric, a, b: null, ratio: null, low: null, high: null }
  const b = median(ofB)
  const isNoisy = ofA.length > 1 || ofB.length > 1
  return {
    ...{ row: rowName, metric, a, b, ratio: b / a },
    low: isNoisy ? Math.min(...ofB) / Math.max(...ofA) : null,
    high: isNoisy ? Math.max(...ofB) / Math.min(...ofA) : null,
  }
}
