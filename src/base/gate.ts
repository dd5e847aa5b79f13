/** Lets so many pieces of work run at once; the others wait their turn, first come, first served. */
export class Gate {
  #free: number
  #waiting: (() => void)[] = []

  constructor(countMax: number) {
    this.#free = countMax
  }

  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      // Handed on rather than given back: who waits goes before who comes.
      const next = this.#waiting.shift()
      if (next === undefined) this.#free++
      else next()
    }
  }
}
