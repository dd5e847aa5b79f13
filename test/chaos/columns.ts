/** Numbers in a typed array that doubles when it is full: one column of a table whose rows are never objects. */
export class Int32Column {
  values: Int32Array
  length = 0
  readonly #empty: number

  /** `empty`: what a row holds that was passed over by `set`. */
  constructor(empty = 0) {
    this.#empty = empty
    this.values = new Int32Array(16).fill(empty)
  }

  push(value: number): void {
    this.#reach(this.length + 1)
    this.values[this.length++] = value
  }

  set(index: number, value: number): void {
    this.#reach(index + 1)
    this.values[index] = value
    if (index >= this.length) this.length = index + 1
  }

  /** The value there, or what an empty row holds. */
  at(index: number): number {
    return index >= 0 && index < this.length ? this.values[index]! : this.#empty
  }

  #reach(length: number): void {
    if (length <= this.values.length) return
    const grown = new Int32Array(Math.max(length, this.values.length * 2)).fill(this.#empty, this.length)
    grown.set(this.values.subarray(0, this.length))
    this.values = grown
  }
}
