import { type BenchReport, type BenchRound, median } from './bench-report.ts'

/** One figure of two reports. */
export interface Comparison {
  readonly metric: string
  /** In the middle of the rounds of each. */
  readonly a: number
  readonly b: number
  /** b ÷ a. */
  readonly ratio: number
  /** Between which the ratio lies whichever rounds are taken; null when both have one round, and noise is not known. */
  readonly low: number | null
  readonly high: number | null
  readonly better: 'higher' | 'lower'
  /** `noise`: beyond the threshold, but some round of one is as good as some round of the other. `told`: shown, not judged. */
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
  { name: 'p50 ms', better: 'lower', of: ({ latency }) => latency?.p50Ms, onlyAtRate: true },
  { name: 'p95 ms', better: 'lower', of: ({ latency }) => latency?.p95Ms, onlyAtRate: true },
  { name: 'p99 ms', better: 'lower', of: ({ latency }) => latency?.p99Ms, onlyAtRate: true },
  { name: 'p99.9 ms', better: 'lower', of: ({ latency }) => latency?.p999Ms, onlyAtRate: true },
  { name: 'max ms', better: 'lower', of: ({ latency }) => latency?.maxMs, onlyTold: true },
  { name: 'read records/s', better: 'higher', of: ({ read }) => read?.recordsPerSecond },
  { name: 'failed', better: 'lower', of: ({ failed }) => failed, onlyTold: true },
  { name: 'client records/CPU s', better: 'higher', of: (round) => round.recordsPerCpuSecond, onlyTold: true },
]

/** Every figure that both have. `threshold`: by which part it must be worse to count, e.g. 0.05. */
export function compareReports(a: BenchReport, b: BenchReport, threshold: number): Comparison[] {
  const hasRate = [a, b].every(({ settings }) => typeof settings.throughput === 'number' && settings.throughput > 0)
  return metrics.flatMap((metric) => {
    const [ofA, ofB] = [a, b].map(({ rounds }) => rounds.flatMap((round) => metric.of(round) ?? [])) as [number[], number[]]
    if (ofA.length === 0 || ofB.length === 0 || (Math.max(...ofA) === 0 && Math.max(...ofB) === 0)) return []
    const isJudged = metric.onlyTold !== true && (metric.onlyAtRate !== true || hasRate)
    return [compared(metric, ofA, ofB, isJudged ? threshold : null)]
  })
}

function compared({ name, better }: Metric, ofA: readonly number[], ofB: readonly number[], threshold: number | null): Comparison {
  const [a, b] = [median(ofA), median(ofB)]
  const ratio = b / a
  const isNoisy = ofA.length > 1 || ofB.length > 1
  const low = isNoisy ? Math.min(...ofB) / Math.max(...ofA) : null
  const high = isNoisy ? Math.max(...ofB) / Math.min(...ofA) : null
  return { metric: name, a, b, ratio, low, high, better, verdict: verdictOf(better, ratio, low, high, threshold) }
}

function verdictOf(
  better: Metric['better'],
  ratio: number,
  low: number | null,
  high: number | null,
  threshold: number | null,
): Comparison['verdict'] {
  if (threshold === null) return 'told'
  const isWorse = better === 'higher' ? ratio < 1 - threshold : ratio > 1 + threshold
  const isBetter = better === 'higher' ? ratio > 1 + threshold : ratio < 1 - threshold
  if (!isWorse && !isBetter) return 'same'
  if (low !== null && high !== null && low <= 1 && high >= 1) return 'noise'
  return isWorse ? 'worse' : 'better'
}

/** What two loads differ in besides the cluster: the names of settings. */
export function differences(a: BenchReport, b: BenchReport): string[] {
  const keys = new Set([...Object.keys(a.settings), ...Object.keys(b.settings)])
  const names = [...keys].filter((key) => a.settings[key] !== b.settings[key])
  return a.kind === b.kind ? names : ['the kind of load', ...names]
}

/** `5%` or `0.05`; undefined: neither. */
export function parseThreshold(text: string): number | undefined {
  const [, number, sign] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim()) ?? []
  if (number === undefined) return undefined
  const value = sign === '%' ? Number(number) / 100 : Number(number)
  return value < 1 ? value : undefined
}
