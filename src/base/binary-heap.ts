/** A priority queue: `pop` gives an item that no other item comes before. Items that compare equal leave in any order. */
export class BinaryHeap<T> {
  #items: T[] = []
  #before: (a: T, b: T) => boolean

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before
  }

  get count(): number {
    return this.#items.length
  }

  peek(): T | undefined {
    return this.#items[0]
  }

  push(item: T): void {
    this.#items.push(item)
    this.#rise(this.#items.length - 1)
  }

  pop(): T | undefined {
    const items = this.#items
    const last = items.pop()
    if (last === undefined || items.length === 0) return last
    const first = items[0]
    items[0] = last
    this.#sink(0)
    return first
  }

  #rise(at: number): void {
    const items = this.#items
    const item = items[at]
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#before(item, items[parent])) break
      items[at] = items[parent]
      at = parent
    }
    items[at] = item
  }

  #sink(at: number): void {
    const items = this.#items
    const item = items[at]
    for (;;) {
      let child = 2 * at + 1
      if (child >= items.length) break
      if (child + 1 < items.length && this.#before(items[child + 1], items[child])) child++
      if (!this.#before(items[child], item)) break
      items[at] = items[child]
      at = child
    }
    items[at] = item
  }
}
