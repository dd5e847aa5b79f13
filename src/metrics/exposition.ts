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
  const metrics = new Map<string, MutableMetric>()
  for (const family of registry.families.values()) expose(family, naming, nowMs, metrics)
  return [...metrics.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

type MutableMetric = ExposedMetric & { readonly values: Sample[] }

function expose({ name, series, readers }: Family, naming: Naming, nowMs: number, metrics: Map<string, MutableMetric>): void {
  const gaugeName = prometheusName(name, naming, false)
  const valuesOf = (exposedName: string, type: 'counter' | 'gauge'): Sample[] => {
    let metric = metrics.get(exposedName)
    if (metric === undefined) metrics.set(exposedName, (metric = { name: exposedName, help: name.help, type, values: [] }))
    return metric.values
  }
  const add = (metricName: string, type: 'counter' | 'gauge', labels: Labels, value: number): void => {
    if (Number.isFinite(value)) valuesOf(metricName, type).push({ metricName, labels, value })
  }
  for (const { labels, source } of series.values()) {
    if ('counter' in source) add(prometheusName(name, naming, true), 'counter', labels, source.counter.value)
    else if ('read' in source) add(gaugeName, 'gauge', labels, source.read())
    else {
      source.histogram.turn(nowMs)
      add(`${gaugeName}_count`, 'counter', labels, source.histogram.count)
      for (const q of quantiles)
        add(gaugeName, 'gauge', { ...labels, quantile: q === 0.5 ? '0.50' : String(q) }, source.histogram.quantile(q))
    }
  }
  for (const { read, isCounter } of readers) {
    const metricName = isCounter ? prometheusName(name, naming, true) : gaugeName
    // There may be one for each partition: what is the same for all is looked up once.
    let values: Sample[] | undefined
    for (const [labels, value] of read()) {
      if (!Number.isFinite(value)) continue
      values ??= valuesOf(metricName, isCounter ? 'counter' : 'gauge')
      values.push({ metricName, labels, value })
    }
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
