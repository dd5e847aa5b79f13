import type { PaceOptions, RecordContent } from '../../bench/index.ts'
import type { Host } from '../../host/index.ts'
import type { Properties } from '../admin-session.ts'
import { type JavaException, stackTrace } from '../java/exception.ts'
import type { Namespace } from '../options/argument-parser.ts'
import type { ToolIo } from '../tool.ts'
import { metricTable } from './metric-table.ts'
import type { ProducerFailures } from './producer-perf-failures.ts'
import { ProducerStatistics } from './producer-statistics.ts'

/** What kafka-producer-perf-test was asked for. */
export interface ProducerPerf {
  readonly namespace: Namespace
  readonly io: ToolIo
  readonly host: Host
  readonly properties: Properties
  readonly warmUp: number
  readonly content: RecordContent
  readonly pace: PaceOptions
  readonly failures: ProducerFailures
  /** Of transactions, where there are any. */
  readonly durationMs: number | undefined
}

/** Both sums, as the acknowledgements come: of all, and of what follows the warm-up. */
export class PerfStatistics {
  readonly all: ProducerStatistics
  steady: ProducerStatistics | undefined
  readonly #load: ProducerPerf
  #lost = 0

  constructor(load: ProducerPerf) {
    this.#load = load
    const { warmUp, io } = load
    if (warmUp > 0) io.out(`Warmup first ${warmUp} records. Steady state results will print after the complete test summary.\n`)
    this.all = this.#new(load.namespace.number('num-records')!, false)
  }

  #new(count: number, isSteadyState: boolean): ProducerStatistics {
    const { io, host, namespace } = this.#load
    const intervalMs = namespace.number('reporting-interval')!
    return new ProducerStatistics(count, { intervalMs, isSteadyState, now: () => host.clock.now(), out: (line) => void io.out(line) })
  }

  /** The warm-up has been sent. */
  warm(): void {
    if (this.#load.warmUp === 0) return
    this.steady = this.#new(this.#load.namespace.number('num-records')! - this.#load.warmUp, true)
    this.all.silence()
  }

  record(latencyMs: number, bytes: number, isWarmUp: boolean): void {
    const nowMs = this.#load.host.clock.now()
    this.all.record(Math.max(0, Math.round(latencyMs)), bytes, nowMs)
    if (!isWarmUp) this.steady?.record(Math.max(0, Math.round(latencyMs)), bytes, nowMs)
  }

  /** What the callbacks of records that were not sent print; the records behind them go on. */
  lost(exception: JavaException, count = 1): void {
    this.#lost += count
    for (let index = 0; index < count; index++) this.#load.io.err(stackTrace(exception))
  }

  /** The sums, and what the producer counted where that is asked for. */
  tell({ batches, requests, retries }: { batches: number; requests: number; retries: number }): void {
    const { io, namespace, properties } = this.#load
    io.out(this.all.total())
    if (this.steady !== undefined) io.out(this.steady.total())
    if (namespace.text('print-metrics') !== 'true') return
    const sent = this.all.count
    const figures = {
      ...{ 'record-send-total': sent, 'record-error-total': this.#lost, 'record-retry-total': retries, 'request-total': requests },
      'records-per-request-avg': sent / Math.max(1, requests),
    }
    io.out(metricTable('producer-metrics', properties['client.id']!, { ...figures, 'batch-total': batches }))
  }
}
