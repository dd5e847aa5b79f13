import { assert } from '../base/index.ts'
import { type ErrorCode, Errors } from '../protocol/index.ts'

interface Waiting {
  /** Answered once everything below is committed. */
  readonly endOffset: number
  /** Monotonic milliseconds. */
  readonly deadlineMs: number
  answer: ((error: ErrorCode) => void) | undefined
}

/**
 * Answers that wait for a commit, in order of their offset, which is also the order of their deadlines.
 * Each is called exactly once: committed, timed out, or failed with all others.
 */
export class WaitingAnswers {
  #queue: Waiting[] = []
  #head = 0
  #expired = 0
  #countMax: number

  constructor(countMax: number) {
    this.#countMax = countMax
  }

  get count(): number {
    return this.#queue.length - this.#head
  }
  get full(): boolean {
    return this.count >= this.#countMax
  }

  /** Deadline of the first that is not expired yet; Infinity when none waits. */
  get nextDeadlineMs(): number {
    return this.#queue[this.#expired]?.deadlineMs ?? Number.POSITIVE_INFINITY
  }

  add(endOffset: number, deadlineMs: number, answer: (error: ErrorCode) => void): void {
    const last = this.#queue.at(-1)
    assert(last === undefined || (last.endOffset <= endOffset && last.deadlineMs <= deadlineMs), 'answers wait in order')
    this.#queue.push({ endOffset, deadlineMs, answer })
  }

  /** Answers all that need no more than `committedOffset`; an answer may add others. */
  commit(committedOffset: number): void {
    while (this.#head < this.#queue.length && this.#queue[this.#head].endOffset <= committedOffset) {
      const waiting = this.#queue[this.#head++]
      this.#expired = Math.max(this.#expired, this.#head)
      this.#compact()
      waiting.answer?.(Errors.NONE)
    }
  }

  /** Answers those whose time is over. They keep their place: what they decided may still commit. */
  expire(nowMs: number): void {
    while (this.#expired < this.#queue.length && this.#queue[this.#expired].deadlineMs <= nowMs) {
      const waiting = this.#queue[this.#expired++]
      const answer = waiting.answer
      waiting.answer = undefined
      answer?.(Errors.REQUEST_TIMED_OUT)
    }
  }

  failAll(error: ErrorCode): void {
    const failed = this.#queue.slice(this.#head)
    this.#queue = []
    this.#head = 0
    this.#expired = 0
    for (const waiting of failed) waiting.answer?.(error)
  }

  #compact(): void {
    if (this.#head < 1024 || this.#head * 2 < this.#queue.length) return
    this.#queue.splice(0, this.#head)
    this.#expired -= this.#head
    this.#head = 0
  }
}
