import { assert } from './assert.ts'

/** First in, first out, in a ring that grows up to a maximum. */
export class BoundedQueue<T> {
  readonly countMax: number
  #ring: (T | undefined)[] = new Array(8)
  #head = 0
  #count = 0

  constructor(countMax: number) {
    assert(Number.isSafeInteger(countMax) && countMax > 0, 'a queue holds at least one')
    this.countMax = countMax
  }

  get count(): number {
    return this.#count
  }

  get full(): boolean {
    return this.#count >= this.countMax
  }

  /** False, and nothing changes, when the queue is full. */
  push(item: T): boolean {
    if (this.full) return false
    if (this.#count === this.#ring.length) this.#grow()
    this.#ring[(this.#head + this.#count) & (this.#ring.length - 1)] = item
    this.#count++
    return true
  }

  shift(): T | undefined {
    if (this.#count === 0) return undefined
    const item = this.#ring[this.#head]
    this.#ring[this.#head] = undefined
    this.#head = (this.#head + 1) & (this.#ring.length - 1)
    this.#count--
    return item
  }

  peek(): T | undefined {
    return this.#count === 0 ? undefined : this.#ring[this.#head]
  }

  clear(): void {
    this.#ring = new Array(8)
    this.#head = 0
    this.#count = 0
  }

  *[Symbol.iterator](): Generator<T> {
    for (let index = 0; index < this.#count; index++) yield this.#ring[(this.#head + index) & (this.#ring.length - 1)] as T
  }

  /** The length stays a power of two, so that a mask wraps around. */
  #grow(): void {
    const ring: (T | undefined)[] = new Array(this.#ring.length * 2)
    for (let index = 0; index < this.#count; index++) ring[index] = this.#ring[(this.#head + index) & (this.#ring.length - 1)]
    this.#ring = ring
    this.#head = 0
  }
}
