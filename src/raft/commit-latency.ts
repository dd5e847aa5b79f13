import { Histogram } from '../metrics/index.ts'

/** From an append until it is committed; of the appends that wait together the first. What outlives its leadership is not measured. */
export class CommitLatency {
  readonly valuesMs = new Histogram(1000)
  #first: { readonly epoch: number; readonly endOffset: number; readonly atMs: number } | undefined

  appended(epoch: number, endOffset: number, nowMs: number): void {
    if (this.#first?.epoch !== epoch) this.#first = { epoch, endOffset, atMs: nowMs }
  }

  /** All before `highWatermark` is committed, and `epoch` is the latest that this replica knows. */
  committed(epoch: number, highWatermark: number, nowMs: number): void {
    if (this.#first === undefined || (this.#first.epoch === epoch && this.#first.endOffset > highWatermark)) return
    if (this.#first.epoch === epoch) this.valuesMs.record(nowMs - this.#first.atMs)
    this.#first = undefined
  }
}
