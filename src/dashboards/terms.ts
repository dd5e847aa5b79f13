import { type MetricName, type Naming, prometheusName } from '../metrics/index.ts'

export interface TermsOptions {
  /** What the nodes were told with tkafka.metrics.naming. */
  readonly naming: Naming
  /** Which label tells one cluster from another. */
  readonly clusterLabel: string
}

/** Series by their names in an expression of Prometheus, all with the same conditions. */
export class Terms {
  readonly clusterLabel: string
  readonly #naming: Naming
  readonly #conditions: readonly string[]

  constructor({ naming, clusterLabel }: TermsOptions, conditions: readonly string[] = []) {
    this.clusterLabel = clusterLabel
    this.#naming = naming
    this.#conditions = conditions
  }

  /** The same with more conditions, such as `topic=~"$topic"`. */
  where(...conditions: readonly string[]): Terms {
    return new Terms({ naming: this.#naming, clusterLabel: this.clusterLabel }, [...this.#conditions, ...conditions])
  }

  /** The same without any. */
  everywhere(): Terms {
    return new Terms({ naming: this.#naming, clusterLabel: this.clusterLabel })
  }

  gauge(name: MetricName, ...conditions: readonly string[]): string {
    return this.series(prometheusName(name, this.#naming, false), ...conditions)
  }

  counter(name: MetricName, ...conditions: readonly string[]): string {
    return this.series(prometheusName(name, this.#naming, true), ...conditions)
  }

  /** How many of a distribution there were, all together. */
  count(name: MetricName, ...conditions: readonly string[]): string {
    return this.series(`${prometheusName(name, this.#naming, false)}_count`, ...conditions)
  }

  /** Growth a second. */
  rate(name: MetricName, ...conditions: readonly string[]): string {
    return `rate(${this.counter(name, ...conditions)}[$__rate_interval])`
  }

  /** Of series that are called so whatever the naming. */
  series(name: string, ...conditions: readonly string[]): string {
    const all = [...this.#conditions, ...conditions]
    return all.length === 0 ? name : `${name}{${all.join(', ')}}`
  }
}
