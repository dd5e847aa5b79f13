import { quantiles } from './histogram.ts'
import { type Naming, prometheusName } from './names.ts'
import type { Family, Labels, MetricRegistry } from './registry.ts'

export interface Sample {
  readonly metricName: string
  readonly labels: Labels
  readonly value: number
}

/** One name of an exposition with all its values. */
export interface ExposedMetric {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly values: readonly Sample[]
}

/**
 * Everything the registry holds, under Prometheus names: counters as `_total`, gauges as they are, histograms as `_count` and one gauge for each
 * quantile (no `_sum`: jmx_exporter has none). Values that are no number are left out.
 */
export function exposed(registry: MetricRegistry, naming: Naming, nowMs: number): ExposedMetric[] {
  const metrics = new Map<string, { help: string; type: 'counter' | 'gauge'; values: Sample[] }>()
  for (const family of registry.families.values()) {
    for (const { name, type, labels, value } of samplesOf(family, naming, nowMs)) {
      if (!Number.isFinite(value)) continue
      let metric = metrics.get(name)
      if (metric === undefined) metrics.set(name, (metric = { help: family.name.help, type, values: [] }))
      metric.values.push({ metricName: name, labels, value })
    }
  }
  return [...metrics].map(([name, metric]) => ({ name, ...metric })).sort((a, b) => (a.name < b.name ? -1 : 1))
}

interface NamedSample {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly labels: Labels
  readonly value: number
}

function* samplesOf({ name, series, readers }: Family, naming: Naming, nowMs: number): Generator<NamedSample> {
  const gauge = prometheusName(name, naming, false)
  for (const { labels, source } of series.values()) {
    if ('counter' in source) yield { name: prometheusName(name, naming, true), type: 'counter', labels, value: source.counter.value }
    else if ('read' in source) yield { name: gauge, type: 'gauge', labels, value: source.read() }
    else {
      source.histogram.turn(nowMs)
      yield { name: `${gauge}_count`, type: 'counter', labels, value: source.histogram.count }
      for (const q of quantiles)
        yield {
          name: gauge,
          type: 'gauge',
          labels: { ...labels, quantile: q === 0.5 ? '0.50' : String(q) },
          value: source.histogram.quantile(q),
        }
    }
  }
  for (const { read, isCounter } of readers) {
    const named = isCounter
      ? ({ name: prometheusName(name, naming, true), type: 'counter' } as const)
      : ({ name: gauge, type: 'gauge' } as const)
    for (const [labels, value] of read()) yield { ...named, labels, value }
  }
}

export interface Exposition {
  readonly contentType: string
  readonly text: string
}

/**
 * The text that Prometheus scrapes. The registry is read on the caller's turn; `rest` is awaited between names, so that a long text does not
 * hold up other work. Loads prom-client with the first scrape: a node nobody scrapes does not pay for it.
 */
export async function exposition(
  registry: MetricRegistry,
  nowMs: number,
  naming: Naming = 'jmx-exporter',
  rest?: () => Promise<void>,
): Promise<Exposition> {
  const metrics = exposed(registry, naming, nowMs)
  const { Registry } = await import('prom-client')
  const prometheus = new Registry()
  const texts: string[] = []
  let samples = 0
  for (const metric of metrics) {
    const readable = { ...metric, aggregator: 'sum', get: async () => metric }
    prometheus.registerMetric(readable as unknown as Parameters<typeof prometheus.registerMetric>[0])
    texts.push(await prometheus.getSingleMetricAsString(metric.name))
    samples += metric.values.length
    if (rest === undefined || samples < SAMPLES_A_TURN) continue
    samples = 0
    await rest()
  }
  return { contentType: prometheus.contentType, text: `${texts.join('\n\n')}\n` }
}

/** About a millisecond of work. */
const SAMPLES_A_TURN = 400
