import { Histogram } from './histogram.ts'
import type { MetricName } from './names.ts'

/** A number that only grows. The hot path adds to `value`. */
export interface Counter {
  value: number
}

export type Labels = Readonly<Record<string, string>>
export type LabelledValue = readonly [labels: Labels, value: number]

/** Where the values of one name come from. */
export type Source = { readonly counter: Counter } | { readonly histogram: Histogram } | { readonly read: () => number }

export interface Series {
  readonly labels: Labels
  readonly source: Source
}

export interface Reader {
  readonly read: () => Iterable<LabelledValue>
  readonly isCounter: boolean
}

export interface Family {
  readonly name: MetricName
  readonly series: Map<string, Series>
  /** Series that are only known when they are read, such as one for each partition. */
  readonly readers: Set<Reader>
}

const keyOf = (labels: Labels): string =>
  Object.keys(labels)
    .sort()
    .map((label) => `${label}\0${labels[label]}`)
    .join('\0')

/**
 * The metrics of one node, passed to whoever counts. Asking twice for the same name and labels gives the same object, so a caller keeps it and the
 * hot path never looks anything up.
 */
export class MetricRegistry {
  readonly families = new Map<string, Family>()

  counter(name: MetricName, labels: Labels = {}): Counter {
    const source = this.series(name, labels, () => ({ counter: { value: 0 } }))
    if ('counter' in source) return source.counter
    throw new TypeError(`${name.type} ${name.name} is not a counter`)
  }

  histogram(name: MetricName, labels: Labels = {}, scale?: number): Histogram {
    const source = this.series(name, labels, () => ({ histogram: new Histogram(scale) }))
    if ('histogram' in source) return source.histogram
    throw new TypeError(`${name.type} ${name.name} is not a histogram`)
  }

  /** A distribution that somebody else records; a later one of the same name and labels takes its place. */
  showHistogram(name: MetricName, histogram: Histogram, labels: Labels = {}): void {
    this.family(name).series.set(keyOf(labels), { labels, source: { histogram } })
  }

  /** A value that is read when somebody looks. A later gauge of the same name and labels takes its place. */
  gauge(name: MetricName, read: () => number, labels: Labels = {}): void {
    this.family(name).series.set(keyOf(labels), { labels, source: { read } })
  }

  /** Many values that are read together when somebody looks; gives back how to stop. */
  gauges(name: MetricName, read: () => Iterable<LabelledValue>): () => void {
    return this.reader(name, { read, isCounter: false })
  }

  /** As `gauges`, of numbers that only grow and are counted elsewhere. */
  counters(name: MetricName, read: () => Iterable<LabelledValue>): () => void {
    return this.reader(name, { read, isCounter: true })
  }

  /** Drops every series that carries all of these labels: a topic or a partition is gone. */
  forget(labels: Labels): void {
    const gone = Object.entries(labels)
    for (const { series } of this.families.values()) {
      for (const [key, { labels: own }] of series) if (gone.every(([label, value]) => own[label] === value)) series.delete(key)
    }
  }

  private reader(name: MetricName, reader: Reader): () => void {
    const { readers } = this.family(name)
    readers.add(reader)
    return () => void readers.delete(reader)
  }

  private family(name: MetricName): Family {
    const key = `${name.domain}:${name.type}:${name.name}`
    let family = this.families.get(key)
    if (family === undefined) this.families.set(key, (family = { name, series: new Map(), readers: new Set() }))
    return family
  }

  private series(name: MetricName, labels: Labels, make: () => Source): Source {
    const { series } = this.family(name)
    const key = keyOf(labels)
    let found = series.get(key)
    if (found === undefined) series.set(key, (found = { labels, source: make() }))
    return found.source
  }
}
