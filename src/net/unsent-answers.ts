/** Who wants to know how answers leave: one for each kind of request, so that nothing is made for an answer. */
export interface AnswerObserver {
  /** `queueMs`: behind answers that were not sent yet. `sendMs`: from then until the socket had taken it. `totalMs`: since its request came. */
  sent(queueMs: number, sendMs: number, totalMs: number): void
}

const FORGOTTEN_AT_ONCE = 1024

/**
 * The answers of one connection that the socket has not taken whole, in their order.
 *
 *     end         120   180 │ 2400          bytes of all answers so far
 *                  sent     │ unsent
 */
export class UnsentAnswers {
  readonly #ends: number[] = []
  readonly #receivedMs: number[] = []
  readonly #addedMs: number[] = []
  readonly #observers: AnswerObserver[] = []
  #head = 0
  #addedBytes = 0
  #lastSentMs = 0

  /** Its request came at `receivedMs`. */
  add(bytes: number, receivedMs: number, nowMs: number, observer: AnswerObserver | undefined): void {
    this.#addedBytes += bytes
    if (observer === undefined) return
    this.#ends.push(this.#addedBytes)
    this.#receivedMs.push(receivedMs)
    this.#addedMs.push(nowMs)
    this.#observers.push(observer)
  }

  /** So much of all that was added is left. */
  left(bytes: number, nowMs: number): void {
    const sentBytes = this.#addedBytes - bytes
    let head = this.#head
    while (head < this.#ends.length && this.#ends[head]! <= sentBytes) {
      const addedMs = this.#addedMs[head]!
      const begunMs = Math.max(addedMs, this.#lastSentMs)
      this.#observers[head]!.sent(begunMs - addedMs, nowMs - begunMs, nowMs - this.#receivedMs[head]!)
      this.#lastSentMs = nowMs
      head++
    }
    this.#head = head
    if (head > 0 && (head === this.#ends.length || head >= FORGOTTEN_AT_ONCE)) this.#forget(head)
  }

  #forget(count: number): void {
    this.#head = 0
    for (const list of [this.#ends, this.#receivedMs, this.#addedMs, this.#observers]) {
      list.copyWithin(0, count)
      list.length -= count
    }
  }
}
