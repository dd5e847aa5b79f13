/** A running sum over everything that happens in a world, in two lanes of 32 bits. Not against an adversary: against chance. */
export class TraceHash {
  #a = 0x811c9dc5 | 0
  #b = 0x9747b28c | 0
  readonly #words = new Map<string, number>()

  add(value: number): void {
    this.#a = Math.imul(this.#a ^ value, 0x01000193)
    this.#b = Math.imul(this.#b ^ (value >>> 15) ^ value, 0x85ebca6b)
    this.#b = (this.#b << 13) | (this.#b >>> 19)
  }

  /** When (to the microsecond), where and what. */
  event(atMs: number, host: string, kind: string): void {
    this.add(Math.round(atMs * 1000))
    this.add(this.#word(host))
    this.add(this.#word(kind))
  }

  #word(text: string): number {
    let word = this.#words.get(text)
    if (word === undefined) {
      word = 0
      for (let at = 0; at < text.length; at++) word = (Math.imul(word, 31) + text.charCodeAt(at)) | 0
      this.#words.set(text, word)
    }
    return word
  }

  get value(): string {
    return [this.#a, this.#b].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('')
  }
}
