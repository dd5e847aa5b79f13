import { isControl, isTransactional, lastOffset, producerId } from '../records/index.ts'
import { readEndMarker } from './end-marker.ts'
import type { AbortedTransaction, TransactionIndex } from './transaction-index.ts'

/**
 * Walks along with a compaction and tells which batches belong to aborted transactions, and which markers have lost the last
 * record they decide on (KAFKA-8351: also across segments; CleanedTransactionMetadata). Batches come in offset order.
 */
export class CleanedTransactions {
  readonly #coming: AbortedTransaction[]
  readonly #aborted = new Map<number, { readonly transaction: AbortedTransaction; seen: boolean }>()
  readonly #committed = new Set<number>()
  /** Where aborted transactions go that still have records. */
  index: TransactionIndex | undefined

  constructor() {
    this.#coming = []
  }

  add(aborted: readonly AbortedTransaction[]): void {
    for (const transaction of aborted) if (!this.#coming.includes(transaction)) this.#coming.push(transaction)
    this.#coming.sort((a, b) => a.firstOffset - b.firstOffset)
  }

  /** Whether nothing but the batch's own existence speaks for keeping it. */
  mayDiscard(bytes: Buffer, at: number): boolean {
    this.#begin(lastOffset(bytes, at))
    return isControl(bytes, at) ? this.#marker(bytes, at) : this.#data(bytes, at)
  }

  #begin(offset: number): void {
    while (this.#coming.length > 0 && this.#coming[0]!.firstOffset <= offset) {
      const transaction = this.#coming.shift()!
      if (!this.#aborted.has(transaction.producerId)) this.#aborted.set(transaction.producerId, { transaction, seen: false })
    }
  }

  #data(bytes: Buffer, at: number): boolean {
    if (!isTransactional(bytes, at)) return false
    const aborted = this.#aborted.get(producerId(bytes, at))
    if (aborted === undefined) {
      this.#committed.add(producerId(bytes, at))
      return false
    }
    aborted.seen = true
    return true
  }

  #marker(bytes: Buffer, at: number): boolean {
    const marker = readEndMarker(bytes, at)
    if (marker === undefined) return bytes.readInt32BE(at + 57) === 0
    const id = producerId(bytes, at)
    if (!marker.aborted) return !this.#committed.delete(id)
    const aborted = this.#aborted.get(id)
    this.#aborted.delete(id)
    if (aborted === undefined || !aborted.seen) return true
    this.index?.append(aborted.transaction)
    return false
  }
}
