/** Who wants to know how answers leave: one for each kind of request, so that nothing is made for an answer. */
export interface AnswerObserver {
  /** `queueMs`: behind answers that were not sent yet. `sendMs`: from then until the socket had taken it. `totalMs`: since its request came. */
  sent(queueMs: number, sendMs: number, totalMs: number): void
}

const FIRST_CAPACITY = 4

/**
 * The answers of one connection that the socket has not taken whole, in their order. A ring, so that an answer leaves nothing to collect.
 *
 *     end         120   180 │ 2400          bytes of all answers so far
 *                  sent     │ unsent
 */
export class UnsentAnswers {
  /** Of each answer: its end, when its request came, when it was added. */
  #numbers = new Float64Array(0)
  #observers: (AnswerObserver | undefined)[] = []
  #capacity = 0
  #head = 0
  #count = 0
  #addedBytes = 0
  #lastSentMs = 0

  /** Its request came at `receivedMs`. */
  add(bytes: number, receivedMs: number, nowMs: number, observer: AnswerObserver | undefined): void {
    this.#addedBytes += bytes
    if (observer === undefined) return
    if (this.#count === this.#capacity) this.#grow()
    const place = (this.#head + this.#count++) % this.#capacity
    this.#numbers[3 * place] = this.#addedBytes
    this.#numbers[3 * place + 1] = receivedMs
    this.#numbers[3 * place + 2] = nowMs
    this.#observers[place] = observer
  }

  /** So much of all that was added is left. */
  left(bytes: number, nowMs: number): void {
    const sentBytes = this.#addedBytes - bytes
    const numbers = this.#numbers
    while (this.#count > 0 && numbers[3 * this.#head]! <= sentBytes) {
      const addedMs = numbers[3 * this.#head + 2]!
      const begunMs = Math.max(addedMs, this.#lastSentMs)
      this.#observers[this.#head]!.sent(begunMs - addedMs, nowMs - begunMs, nowMs - numbers[3 * this.#head + 1]!)
      this.#lastSentMs = nowMs
      this.#head = (this.#head + 1) % this.#capacity
      this.#count--
    }
  }

  /** Full: the oldest comes first again. */
  #grow(): void {
    const capacity = Math.max(FIRST_CAPACITY, 2 * this.#capacity)
    const numbers = new Float64Array(3 * capacity)
    numbers.set(this.#numbers.subarray(3 * this.#head))
    numbers.set(this.#numbers.subarray(0, 3 * this.#head), 3 * (this.#capacity - this.#head))
    this.#observers = [...this.#observers.slice(this.#head), ...this.#observers.slice(0, this.#head)]
    this.#observers.length = capacity
    this.#numbers = numbers
    this.#capacity = capacity
    this.#head = 0
  }
}
