/** Offsets from `first` to `last`, both included, that have the same value. */
export interface OffsetRun {
  readonly first: number
  readonly last: number
  readonly value: number
}

/**
 * A number for each of many offsets, kept as runs in the order of offsets: what is acquired comes in ranges and is mostly acknowledged in
 * ranges, so that a batch of thousands is one object. Adding behind the last run costs nothing, elsewhere it moves the runs behind.
 */
export class OffsetRuns {
  #runs: OffsetRun[] = []
  #count = 0

  /** How many offsets there are. */
  get count(): number {
    return this.#count
  }

  get runs(): readonly OffsetRun[] {
    return this.#runs
  }

  get(offset: number): number | undefined {
    const run = this.#runs[this.#at(offset)]
    return run !== undefined && run.first <= offset ? run.value : undefined
  }

  /** Gives offsets a value, whatever they had before. */
  set(first: number, last: number, value: number): void {
    if (last < first) return
    const tail = this.#runs.at(-1)
    if (tail !== undefined && tail.last >= first) {
      this.delete(first, last)
      const at = this.#at(first)
      this.#runs.splice(at, 0, { first, last, value })
      this.#join(at + 1)
      this.#join(at)
    } else if (tail !== undefined && tail.last + 1 === first && tail.value === value) {
      this.#runs[this.#runs.length - 1] = { first: tail.first, last, value }
    } else this.#runs.push({ first, last, value })
    this.#count += last - first + 1
  }

  /** As `set`, where there is no value yet. */
  fill(first: number, last: number, value: number): void {
    let next = first
    for (const run of this.within(first, last)) {
      this.set(next, run.first - 1, value)
      next = run.last + 1
    }
    this.set(next, last, value)
  }

  delete(first: number, last: number): void {
    const at = this.#at(first)
    const kept: OffsetRun[] = []
    let end = at
    for (let run = this.#runs[end]; run !== undefined && run.first <= last; run = this.#runs[++end]) {
      if (run.first < first) kept.push({ ...run, last: first - 1 })
      if (run.last > last) kept.push({ ...run, first: last + 1 })
      this.#count -= Math.min(run.last, last) - Math.max(run.first, first) + 1
    }
    if (end > at) this.#runs.splice(at, end - at, ...kept)
  }

  /** The runs between two offsets, cut at both. */
  within(first: number, last: number): OffsetRun[] {
    const found: OffsetRun[] = []
    for (let at = this.#at(first); at < this.#runs.length && this.#runs[at].first <= last; at++) {
      const run = this.#runs[at]
      found.push({ first: Math.max(first, run.first), last: Math.min(last, run.last), value: run.value })
    }
    return found
  }

  /** The first run that ends at or behind an offset. */
  #at(offset: number): number {
    let [low, high] = [0, this.#runs.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#runs[middle].last < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Makes one of a run and the one before, when they go on into each other. */
  #join(at: number): void {
    const [before, run] = [this.#runs[at - 1], this.#runs[at]]
    if (before === undefined || run === undefined || before.last + 1 !== run.first || before.value !== run.value) return
    this.#runs.splice(at - 1, 2, { first: before.first, last: run.last, value: run.value })
  }
}
