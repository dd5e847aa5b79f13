/** Work on one key runs one after the other, in the order it came; different keys do not wait for each other. */
export class Turns<K> {
  #last = new Map<K, Promise<unknown>>()

  take<T>(key: K, work: () => Promise<T>): Promise<T> {
    const turn = (this.#last.get(key) ?? Promise.resolve()).then(work, work)
    this.#last.set(key, turn)
    const forget = (): void => {
      if (this.#last.get(key) === turn) this.#last.delete(key)
    }
    turn.then(forget, forget)
    return turn
  }
}
