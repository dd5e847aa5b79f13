import { quantiles } from './histogram.ts'
import { type Naming, prometheusName } from './names.ts'
import type { Family, Labels, MetricRegistry, Reader, Series } from './registry.ts'

export interface Sample {
  readonly metricName: string
  readonly labels: Labels
  /** Likewise: those that many series have in common as one object, written down once for all of them. */
  readonly sharedLabels?: Labels
  readonly value: number
}

/** One name of an exposition with all its values. */
export interface ExposedMetric {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly values: readonly Sample[]
}

/** One name, and where its values are when somebody reads them. */
interface Outline extends Omit<ExposedMetric, 'values'> {
  readonly sources: (() => Iterable<Sample>)[]
}

const NO_LABELS: Labels = {}

/**
 * Everything the registry holds, under Prometheus names: counters as `_total`, gauges as they are, histograms as `_count` and one gauge for each
 * quantile (no `_sum`: jmx_exporter has none). Values that are no number are left out, and so are names without any.
 */
export function exposed(registry: MetricRegistry, naming: Naming, nowMs: number): ExposedMetric[] {
  return outlinesOf(registry, naming, nowMs).flatMap(({ sources, ...metric }) => {
    const values = sources.flatMap((samples) => [...samples()])
    return values.length === 0 ? [] : [{ ...metric, values }]
  })
}

function outlinesOf(registry: MetricRegistry, naming: Naming, nowMs: number): Outline[] {
  const outlines = new Map<string, Outline>()
  for (const family of registry.families.values()) outline(family, naming, nowMs, outlines)
  return [...outlines.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function outline({ name, series, readers }: Family, naming: Naming, nowMs: number, outlines: Map<string, Outline>): void {
  const names = { gauge: prometheusName(name, naming, false), counter: prometheusName(name, naming, true) }
  const add = (metricName: string, type: 'counter' | 'gauge', samples: () => Iterable<Sample>): void => {
    const known = outlines.get(metricName)
    if (known === undefined) outlines.set(metricName, { name: metricName, help: name.help, type, sources: [samples] })
    else known.sources.push(samples)
  }
  for (const one of series.values()) {
    const { source } = one
    if ('histogram' in source) {
      source.histogram.turn(nowMs)
      add(`${names.gauge}_count`, 'counter', () => [
        { metricName: `${names.gauge}_count`, labels: one.labels, value: source.histogram.count },
      ])
      add(names.gauge, 'gauge', () => quantilesOf(names.gauge, one))
    } else {
      const type = 'counter' in source ? 'counter' : 'gauge'
      add(names[type], type, () => numberOf(names[type], one))
    }
  }
  for (const reader of readers) {
    const type = reader.isCounter ? 'counter' : 'gauge'
    add(names[type], type, () => valuesOf(names[type], reader))
  }
}

function numberOf(metricName: string, { labels, source }: Series): Sample[] {
  const value = 'counter' in source ? source.counter.value : 'read' in source ? source.read() : Number.NaN
  return Number.isFinite(value) ? [{ metricName, labels, value }] : []
}

function quantilesOf(metricName: string, { labels, source }: Series): Sample[] {
  if (!('histogram' in source)) return []
  return quantiles.map((q) => ({
    metricName,
    labels: { ...labels, quantile: q === 0.5 ? '0.50' : String(q) },
    value: source.histogram.quantile(q),
  }))
}

function* valuesOf(metricName: string, { read }: Reader): Generator<Sample> {
  for (const [sharedLabels, value] of read()) if (Number.isFinite(value)) yield { metricName, labels: NO_LABELS, sharedLabels, value }
}

export interface Exposition {
  readonly contentType: string
  /** The text, in UTF-8. */
  readonly chunks: readonly Uint8Array[]
}

/**
 * The text that Prometheus scrapes. Values are read as they are written, and `rest` is awaited in between, so that a long text holds up no
 * other work: what has to agree with each other is read together by whoever shows it. Loads prom-client with the first scrape: a node
 * nobody scrapes does not pay for it.
 */
export async function exposition(
  registry: MetricRegistry,
  nowMs: number,
  naming: Naming = 'jmx-exporter',
  rest?: () => Promise<void>,
): Promise<Exposition> {
  const { Registry } = await import('prom-client')
  const prometheus = new Registry()
  const chunks: Uint8Array[] = []
  // prom-client is asked for nothing but the format, of a part of a metric at a time.
  let part: ExposedMetric | undefined
  const parts = { name: 'part', aggregator: 'sum', get: async () => part }
  prometheus.registerMetric(parts as unknown as Parameters<typeof prometheus.registerMetric>[0])
  const write = async (metric: ExposedMetric, isFirst: boolean): Promise<void> => {
    part = metric
    const text = await prometheus.getSingleMetricAsString(parts.name)
    chunks.push(Buffer.from(`${isFirst ? text : withoutHead(text)}\n`))
  }
  let work = 0
  for (const { sources, ...metric } of outlinesOf(registry, naming, nowMs)) {
    let values: Sample[] = []
    let isFirst = true
    work += WORK_A_NAME
    for (const samples of sources) {
      for (const sample of samples()) {
        values.push(sample)
        if (values.length < SAMPLES_A_CHUNK) continue
        await write({ ...metric, values }, isFirst)
        work += values.length
        isFirst = false
        values = []
        if (rest === undefined || work < WORK_A_TURN) continue
        work = 0
        await rest()
      }
    }
    if (values.length > 0) await write({ ...metric, values }, isFirst)
    work += values.length
    if (rest === undefined || work < WORK_A_TURN) continue
    work = 0
    await rest()
  }
  return { contentType: prometheus.contentType, chunks }
}

/** HELP and TYPE are said once. */
function withoutHead(text: string): string {
  return text.slice(text.indexOf('\n', text.indexOf('\n') + 1) + 1)
}

const SAMPLES_A_CHUNK = 500
/** In samples: a few milliseconds. A name may have to look at every partition for a single number. */
const WORK_A_TURN = 1000
const WORK_A_NAME = 200
