import { type BenchReport, type BenchRound, finite, median } from './bench-report.ts'
import { liesBelow } from './ranks.ts'

/** One figure of two reports. */
export interface Comparison {
  readonly metric: string
  /** In the middle of the rounds of each; of failures the most of any round. */
  readonly a: number
  readonly b: number
  /** b ÷ a; null where a is nothing. */
  readonly ratio: number | null
  /** Between which the ratio lies whichever rounds are taken; null when both have one round, and noise is not known. */
  readonly low: number | null
  readonly high: number | null
  readonly better: 'higher' | 'lower'
  /** `noise`: beyond the threshold, but rounds differ so much that it may be accident. `told`: shown, not judged. */
  readonly verdict: 'same' | 'better' | 'worse' | 'noise' | 'told'
}

interface Metric {
  readonly name: string
  readonly better: 'higher' | 'lower'
  readonly of: (round: BenchRound) => number | null | undefined
  /** A latency says nothing of a load without a rate: it is that of the queue before the cluster. */
  readonly onlyAtRate?: true
  /** Of the client, not of the cluster. */
  readonly onlyTold?: true
}

const metrics: readonly Metric[] = [
  { name: 'records/s', better: 'higher', of: (round) => round.recordsPerSecond },
  { name: 'transactions/s', better: 'higher', of: ({ transactions }) => transactions?.perSecond },
  // Nothing queues before a commit: one a producer is under way.
  { name: 'commit p50 ms', better: 'lower', of: ({ transactions }) => transactions?.commitLatency?.p50Ms },
  { name: 'commit p99 ms', better: 'lower', of: ({ transactions }) => transactions?.commitLatency?.p99Ms },
  { name: 'p50 ms', better: 'lower', of: ({ latency }) => latency?.p50Ms, onlyAtRate: true },
  { name: 'p95 ms', better: 'lower', of: ({ latency }) => latency?.p95Ms, onlyAtRate: true },
  { name: 'p99 ms', better: 'lower', of: ({ latency }) => latency?.p99Ms, onlyAtRate: true },
  { name: 'p99.9 ms', better: 'lower', of: ({ latency }) => latency?.p999Ms, onlyAtRate: true },
  { name: 'max ms', better: 'lower', of: ({ latency }) => latency?.maxMs, onlyTold: true },
  { name: 'read records/s', better: 'higher', of: ({ read }) => read?.recordsPerSecond },
  { name: 'client records/CPU s', better: 'higher', of: (round) => round.recordsPerCpuSecond, onlyTold: true },
]

/** Every figure that both have. `threshold`: by which part it must be worse to count, e.g. 0.05. */
export function compareReports(a: BenchReport, b: BenchReport, threshold: number): Comparison[] {
  const hasRate = [a, b].every(({ settings }) => typeof settings.throughput === 'number' && settings.throughput > 0)
  const failures = comparedFailures(a, b, threshold)
  const others = metrics.flatMap((metric) => {
    const [ofA, ofB] = [a, b].map(({ rounds }) => rounds.flatMap((round) => metric.of(round) ?? [])) as [number[], number[]]
    if (ofA.length === 0 || ofB.length === 0 || (Math.max(...ofA) === 0 && Math.max(...ofB) === 0)) return []
    const isJudged = metric.onlyTold !== true && (metric.onlyAtRate !== true || hasRate)
    const each = compared(metric, ofA, ofB, isJudged ? threshold : null)
    // What failed has no latency: nothing gets better by losing more.
    return [failures?.verdict === 'worse' && each.verdict === 'better' ? { ...each, verdict: 'told' as const } : each]
  })
  return failures === undefined ? others : [failures, ...others]
}

/** Nothing when none failed. Failures are no noise. */
function comparedFailures(reportA: BenchReport, reportB: BenchReport, threshold: number): Comparison | undefined {
  const most = ({ rounds }: BenchReport): number => Math.max(...rounds.map(({ failed }) => failed))
  const [a, b] = [most(reportA), most(reportB)]
  if (a === 0 && b === 0) return undefined
  const verdict = b > a * (1 + threshold) ? 'worse' : b < a * (1 - threshold) ? 'better' : 'same'
  return { metric: 'failed', a, b, ratio: finite(b / a), low: null, high: null, better: 'lower', verdict }
}

function compared({ name, better }: Metric, ofA: readonly number[], ofB: readonly number[], threshold: number | null): Comparison {
  const [a, b] = [median(ofA), median(ofB)]
  const ratio = b / a
  const isNoisy = ofA.length > 1 || ofB.length > 1
  const low = isNoisy ? finite(Math.min(...ofB) / Math.max(...ofA)) : null
  const high = isNoisy ? finite(Math.max(...ofB) / Math.min(...ofA)) : null
  const verdict = threshold === null ? 'told' : verdictOf(better, ratio, threshold, ofA, ofB)
  return { metric: name, a, b, ratio: finite(ratio), low, high, better, verdict }
}

function verdictOf(
  better: Metric['better'],
  ratio: number,
  threshold: number,
  ofA: readonly number[],
  ofB: readonly number[],
): Comparison['verdict'] {
  const isLower = ratio < 1 - threshold
  if (!isLower && !(ratio > 1 + threshold)) return 'same'
  if (!(isLower ? liesBelow(ofB, ofA) : liesBelow(ofA, ofB))) return 'noise'
  return isLower === (better === 'lower') ? 'better' : 'worse'
}

/** Other settings of the client are what people try out; with another one of these it is another load, and nothing to compare. */
const ofTheLoad = [
  ...['throughput', 'recordSize', 'payload', 'keys', 'producers', 'consumers', 'decode', 'acks', 'group.id'],
  ...['transactionRecords', 'transactionPartitions', 'abortShare'],
]
const kindOfLoad = 'the kind of load'

/** Of the differences, those that make it another load. */
export const otherLoad = (names: readonly string[]): string[] => names.filter((name) => name === kindOfLoad || ofTheLoad.includes(name))

/** What two loads differ in besides the cluster: the names of settings. */
export function differences(a: BenchReport, b: BenchReport): string[] {
  const keys = new Set([...Object.keys(a.settings), ...Object.keys(b.settings)])
  const names = [...keys].filter((key) => a.settings[key] !== b.settings[key])
  return a.kind === b.kind ? names : [kindOfLoad, ...names]
}

/** `5%` or `0.05`; undefined: neither. */
export function parseThreshold(text: string): number | undefined {
  const [, number, sign] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim()) ?? []
  if (number === undefined) return undefined
  const value = sign === '%' ? Number(number) / 100 : Number(number)
  return value < 1 ? value : undefined
}
