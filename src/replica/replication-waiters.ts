import { type ErrorCode, Errors } from '../protocol/index.ts'

interface Waiter {
  readonly offset: number
  readonly callback: (errorCode: ErrorCode) => void
}

/** Appends that wait for the high watermark. They come in the order of their offsets but for retried duplicates, which are put in place. */
export class ReplicationWaiters {
  private waiters: Waiter[] = []

  get size(): number {
    return this.waiters.length
  }

  add(offset: number, callback: Waiter['callback']): void {
    let at = this.waiters.length
    while (at > 0 && this.waiters[at - 1]!.offset > offset) at--
    if (at === this.waiters.length) this.waiters.push({ offset, callback })
    else this.waiters.splice(at, 0, { offset, callback })
  }

  complete(highWatermark: number): void {
    let done = 0
    while (done < this.waiters.length && this.waiters[done]!.offset <= highWatermark) done++
    if (done === 0) return
    for (const waiter of this.waiters.splice(0, done)) waiter.callback(Errors.NONE)
  }

  fail(errorCode: ErrorCode): void {
    const waiters = this.waiters
    this.waiters = []
    for (const waiter of waiters) waiter.callback(errorCode)
  }
}
