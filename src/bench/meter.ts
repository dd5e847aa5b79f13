import type { Clock, Host, Timer, VitalSigns } from '../host/index.ts'
import type { BenchRound, BenchRow, TransactionFigures, TransactionRates } from './bench-report.ts'
import { Latencies } from './latencies.ts'
import type { Run } from './pace.ts'

const MIB = 1024 * 1024

/** A transaction that came to its end (of those that failed perhaps many, a run); milliseconds of the monotonic clock. */
export interface MeteredTransaction {
  readonly run: Run
  readonly outcome: 'committed' | 'aborted' | 'failed'
  /** When its end was asked for. */
  readonly endingMs: number
  readonly records: number
  readonly bytes: number
}

export interface MeterOptions {
  readonly host: Host
  readonly intervalMs: number
  readonly onRow: (row: BenchRow) => void
  /** It is transactions that come to an end. */
  readonly ofTransactions?: boolean
}

/** Counts what a load does: a row now and then, and a summary that leaves the warm-up out. */
export class Meter {
  readonly #options: MeterOptions
  readonly #clock: Clock
  readonly #latency = new Latencies()
  readonly #ackLatency = new Latencies()
  /** Of this interval: measured, and of the warm-up. */
  readonly #now = new Latencies()
  readonly #warm = new Latencies()
  readonly #rows: BenchRow[] = []
  #startMs = 0
  #rowMs = 0
  #rowRecords = 0
  #rowBytes = 0
  #rowFailed = 0
  #rowIsWarm = true
  #soFar = 0
  #measuredFromMs = -1
  #lastMs = 0
  #records = 0
  #bytes = 0
  #failed = 0
  #failure: string | null = null
  #timer: Timer | undefined
  readonly #transactions = { committed: 0, aborted: 0, failed: 0, records: 0 }
  readonly #rowTransactions = { committed: 0, aborted: 0 }
  readonly #commitLatency = new Latencies()
  readonly #vitals
  #before: Promise<VitalSigns> | undefined

  constructor(options: MeterOptions) {
    this.#options = options
    this.#clock = options.host.clock
    this.#vitals = options.host.vitals?.()
  }

  get records(): number {
    return this.#records
  }

  /** Of all records that came to an end, the warm-up included. */
  get settled(): number {
    return this.#soFar + this.#failed
  }

  start(nowMs: number): void {
    this.#startMs = this.#rowMs = nowMs
    this.#armRow()
  }

  /** What is measured begins now; the processor's time counts from here. */
  measureFrom(nowMs: number): void {
    if (this.#measuredFromMs >= 0) return
    this.#measuredFromMs = this.#lastMs = nowMs
    this.#before = this.#vitals?.read()
  }

  get isMeasuring(): boolean {
    return this.#measuredFromMs >= 0
  }

  /** A run of records was acknowledged. */
  acknowledged(run: Run, bytes: number, nowMs: number): void {
    const latencies = this.#count(run.count, bytes, nowMs, run.isWarmUp)
    latencies.addRun(run, nowMs)
    if (!run.isWarmUp) this.#ackLatency.add(nowMs - run.takenMs, run.count)
  }

  /** Records were read; `latencyMs` where each tells when it was sent. */
  read(count: number, bytes: number, nowMs: number, isWarmUp: boolean, latencyMs?: number): void {
    const latencies = this.#count(count, bytes, nowMs, isWarmUp)
    if (latencyMs !== undefined) latencies.add(latencyMs, count)
  }

  /** A transaction ended; records that were aborted on purpose count nowhere, those of one that failed are told by `failed`. */
  ended({ run, outcome, endingMs, records, bytes }: MeteredTransaction, nowMs: number): void {
    if (!run.isWarmUp) this.#transactions[outcome] += run.count
    if (outcome === 'failed') return
    this.#rowTransactions[outcome]++
    if (outcome === 'aborted') {
      if (!run.isWarmUp) this.#lastMs = nowMs
      return
    }
    this.#count(records, bytes, nowMs, run.isWarmUp).add(nowMs - run.firstMs)
    if (run.isWarmUp) return
    this.#transactions.records += records
    this.#ackLatency.add(nowMs - run.takenMs)
    this.#commitLatency.add(nowMs - endingMs)
  }

  /** The cluster confirmed records that were counted before. */
  confirmed(count: number, latencyMs: number): void {
    this.#ackLatency.add(latencyMs, count)
  }

  failed(count: number, why: string): void {
    this.lost(count, why)
    // A rate is of the whole time, that in which nothing came included.
    if (this.isMeasuring) this.#lastMs = this.#clock.monotonic()
  }

  /** Known to have failed only after all was over: that is no time of the load. */
  lost(count: number, why: string): void {
    this.#failed += count
    this.#rowFailed += count
    this.#failure ??= why
  }

  #count(count: number, bytes: number, nowMs: number, isWarmUp: boolean): Latencies {
    this.#soFar += count
    this.#rowRecords += count
    this.#rowBytes += bytes
    if (isWarmUp) return this.#warm
    this.#rowIsWarm = false
    this.#records += count
    this.#bytes += bytes
    this.#lastMs = nowMs
    return this.#now
  }

  #armRow(): void {
    const { intervalMs, onRow } = this.#options
    const dueMs = this.#rowMs + intervalMs
    this.#timer = this.#clock.after(Math.max(1, dueMs - this.#clock.monotonic()), () => {
      onRow(this.#takeRow(this.#clock.monotonic()))
      this.#armRow()
    })
  }

  #takeRow(nowMs: number): BenchRow {
    const seconds = Math.max(1e-6, (nowMs - this.#rowMs) / 1000)
    const latencies = this.#rowIsWarm ? this.#warm : this.#now
    const row: BenchRow = {
      atMs: Math.round(nowMs - this.#startMs),
      warmUp: this.#rowIsWarm && !this.isMeasuring,
      records: this.#rowRecords,
      recordsSoFar: this.#soFar,
      recordsPerSecond: rounded(this.#rowRecords / seconds),
      mibPerSecond: rounded(this.#rowBytes / MIB / seconds),
      latency: latencies.count === 0 ? null : latencies.summary(),
      failed: this.#rowFailed,
      transactions: this.#ratesOfRow(seconds),
    }
    this.#rows.push(row)
    this.#latency.merge(this.#now)
    this.#now.reset()
    this.#warm.reset()
    this.#rowMs = nowMs
    this.#rowRecords = this.#rowBytes = this.#rowFailed = 0
    this.#rowIsWarm = true
    this.#rowTransactions.committed = this.#rowTransactions.aborted = 0
    return row
  }

  #ratesOfRow(seconds: number): TransactionRates | null {
    if (this.#options.ofTransactions !== true) return null
    return { ...this.#rowTransactions, perSecond: rounded(this.#rowTransactions.committed / seconds) }
  }

  #transactionFigures(seconds: number): TransactionFigures | null {
    if (this.#options.ofTransactions !== true) return null
    const { committed, aborted, failed, records } = this.#transactions
    const all = committed + aborted + failed
    return {
      ...{ committed, aborted, failed },
      perSecond: rounded(committed / seconds),
      abortShare: all === 0 ? 0 : Math.round(((aborted + failed) / all) * 10_000) / 10_000,
      recordsEach: committed === 0 ? null : rounded(records / committed),
      commitLatency: this.#commitLatency.count === 0 ? null : this.#commitLatency.summary(),
    }
  }

  /** What is left of an interval is a row, unless it is too short to have a rate. */
  #endRows(): void {
    const nowMs = this.#clock.monotonic()
    const isShort = this.#rows.length > 0 && nowMs - this.#rowMs < this.#options.intervalMs / 5
    if (this.#rowRecords + this.#rowFailed + this.#rowTransactions.aborted === 0) return
    if (isShort && this.#rowFailed === 0) this.#latency.merge(this.#now)
    else this.#options.onRow(this.#takeRow(nowMs))
  }

  /** No more rows come. What was begun has to be closed, however it ends. */
  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#vitals?.close()
  }

  /** Ends the rows, the last one with what is left of an interval. Counters of the client come from whoever has them. */
  async finish(
    counters: Partial<Pick<BenchRound, 'batches' | 'requests' | 'retries' | 'read' | 'joinMs' | 'deliveries'>> = {},
  ): Promise<BenchRound> {
    this.#timer?.cancel()
    const after = await this.#vitals?.read()
    const before = await this.#before
    this.close()
    this.#endRows()
    const elapsedMs = this.isMeasuring ? Math.max(0, this.#lastMs - this.#measuredFromMs) : 0
    const seconds = Math.max(1e-6, elapsedMs / 1000)
    const cpuSeconds = before === undefined || after === undefined ? Number.NaN : after.cpuSeconds - before.cpuSeconds
    const idleSeconds = before === undefined || after === undefined ? Number.NaN : after.idleSeconds - before.idleSeconds
    const { batches = 0, requests = 0, retries = 0, read = null, joinMs = null, deliveries = null } = counters
    return {
      records: this.#records,
      failed: this.#failed,
      failure: this.#failure,
      bytes: this.#bytes,
      elapsedMs: Math.round(elapsedMs),
      recordsPerSecond: rounded(this.#records / seconds),
      mibPerSecond: rounded(this.#bytes / MIB / seconds),
      latency: this.#latency.count === 0 ? null : this.#latency.summary(),
      ackLatency: this.#ackLatency.count === 0 ? null : this.#ackLatency.summary(),
      batches,
      recordsPerBatch: batches === 0 ? null : rounded(this.#soFar / batches),
      requests,
      retries,
      clientCpuSeconds: known(cpuSeconds),
      clientCores: known(cpuSeconds / seconds),
      recordsPerCpuSecond: cpuSeconds > 0 ? Math.round(this.#records / cpuSeconds) : null,
      clientIdleShare: known(Math.min(1, Math.max(0, idleSeconds / seconds))),
      read,
      joinMs,
      transactions: this.#transactionFigures(seconds),
      deliveries,
      histogram: this.#latency.count === 0 ? null : this.#latency.encode(),
      rows: this.#rows,
    }
  }
}

const rounded = (value: number): number => Math.round(value * 100) / 100
const known = (value: number): number | null => (Number.isNaN(value) ? null : Math.round(value * 1000) / 1000)
