const SLOTS = 64
const FIELDS = 3

/**
 * Where the last appends of the active segment begin, so that a consumer or follower at the tail is positioned without a
 * look at the disk. A ring of (first offset, position, bytes of the first batch).
 */
export class PositionHints {
  #ring: Float64Array | undefined
  #count = 0

  add(firstOffset: number, position: number, batchBytes: number): void {
    this.#ring ??= new Float64Array(SLOTS * FIELDS)
    const at = (this.#count++ % SLOTS) * FIELDS
    this.#ring[at] = firstOffset
    this.#ring[at + 1] = position
    this.#ring[at + 2] = batchBytes
  }

  /** Undefined unless an append began exactly at `offset`. */
  find(offset: number): { readonly position: number; readonly batchBytes: number } | undefined {
    const ring = this.#ring
    if (ring === undefined) return undefined
    let low = Math.max(0, this.#count - SLOTS)
    let high = this.#count - 1
    while (low <= high) {
      const middle = (low + high) >>> 1
      const at = (middle % SLOTS) * FIELDS
      const found = ring[at]!
      if (found === offset) return { position: ring[at + 1]!, batchBytes: ring[at + 2]! }
      if (found < offset) low = middle + 1
      else high = middle - 1
    }
    return undefined
  }

  clear(): void {
    this.#count = 0
  }
}
