import { assert } from '../base/index.ts'
import type { Clock, File } from '../host/index.ts'
import type { LogTail, TailPart } from './log-tail.ts'
import type { Segment } from './segment.ts'

/** Most parts and bytes of one write call. */
const PARTS_MAXIMUM = 1024
const BYTES_MAXIMUM = 8 * 1024 * 1024

interface Step {
  /** Runs before the parts. */
  task: (() => Promise<void>) | undefined
  segment: Segment | undefined
  /** How many parts of the tail's front belong to this step. */
  parts: number
  /** The parts are synced before they count as written (flush.messages). */
  flush: boolean
  /** Takes no more parts. */
  closed: boolean
}

export interface WriteQueueHooks {
  /** The disk has taken everything below the last part's end offset. */
  written(endOffset: number): void
  /** Written, and flushed where a flush was asked for: answers may go out. */
  acknowledged(): void
  flush(): Promise<void>
  failed(error: unknown): void
}

/**
 * What a log still has to do on disk, in the order in which it was decided.
 *
 *     append append append task append append …
 *     └──── one write ────┘ └──┘ └─ one write ─┘
 *
 * Nothing starts on the caller's turn: all appends of a turn leave in one write, and appends that come while a write is
 * under way leave with the next one. After a failure nothing is ever written again.
 */
export class WriteQueue {
  readonly #clock: Clock
  readonly #tail: LogTail
  readonly #hooks: WriteQueueHooks
  #steps: Step[] = []
  #running = false
  #stopped: Error | undefined
  #drainers: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = []

  constructor(clock: Clock, tail: LogTail, hooks: WriteQueueHooks) {
    this.#clock = clock
    this.#tail = tail
    this.#hooks = hooks
  }

  get idle(): boolean {
    return this.#steps.length === 0 && !this.#running
  }

  append(part: TailPart): void {
    let step = this.#steps.at(-1)
    if (step === undefined || step.closed || (step.segment !== undefined && step.segment !== part.segment)) {
      step = { task: undefined, segment: part.segment, parts: 0, flush: false, closed: false }
      this.#steps.push(step)
    }
    step.segment = part.segment
    step.parts++
    this.#tail.push(part)
    this.#kick()
  }

  /** Runs in order with the writes. A rejection is a failure of the log. */
  task(run: () => Promise<void>): void {
    const last = this.#steps.at(-1)
    if (last !== undefined) last.closed = true
    this.#steps.push({ task: run, segment: undefined, parts: 0, flush: false, closed: false })
    this.#kick()
  }

  /** What has been appended so far is acknowledged only after a flush. */
  flushBeforeAcknowledge(): void {
    const last = this.#steps.at(-1)
    assert(last !== undefined, 'a flush follows an append of the same turn')
    last.flush = true
  }

  /** Resolves when everything decided before is done; rejects when the log has failed. */
  drained(): Promise<void> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped)
    if (this.idle) return Promise.resolve()
    return new Promise((resolve, reject) => this.#drainers.push({ resolve, reject }))
  }

  /** Drops what is left. */
  stop(error: Error): void {
    this.#stopped ??= error
    this.#steps = []
    const drainers = this.#drainers
    this.#drainers = []
    for (const drainer of drainers) drainer.reject(error)
  }

  #kick(): void {
    if (this.#running || this.#stopped !== undefined) return
    this.#running = true
    this.#clock.defer(() => void this.#run())
  }

  async #run(): Promise<void> {
    try {
      while (this.#steps.length > 0 && this.#stopped === undefined) await this.#runStep(this.#steps[0]!)
      this.#running = false
      if (this.#stopped === undefined) this.#drainedNow()
    } catch (error) {
      this.#running = false
      this.#hooks.failed(error)
    }
  }

  async #runStep(step: Step): Promise<void> {
    if (step.task !== undefined) {
      await step.task()
      step.task = undefined
    }
    if (step.flush) step.closed = true
    while (step.parts > 0 && this.#stopped === undefined) await this.#writeSome(step)
    step.closed = true
    if (this.#stopped !== undefined) return
    if (step.flush) await this.#hooks.flush()
    this.#steps.shift()
    this.#hooks.acknowledged()
  }

  async #writeSome(step: Step): Promise<void> {
    const segment = step.segment!
    const buffers: Buffer[] = []
    let bytes = 0
    const first = this.#tail.part(0)
    let last = first
    while (buffers.length < step.parts && buffers.length < PARTS_MAXIMUM) {
      const part = this.#tail.part(buffers.length)
      if (buffers.length > 0 && bytes + part.bytes.length > BYTES_MAXIMUM) break
      buffers.push(part.bytes)
      bytes += part.bytes.length
      last = part
    }
    segment.log.pin()
    try {
      const file: File = segment.log.opened ?? (await segment.log.open())
      await file.write(buffers, first.position)
    } finally {
      segment.log.unpin()
    }
    if (this.#stopped !== undefined) return
    segment.writtenBytes = last.position + last.bytes.length
    this.#tail.shift(buffers.length)
    step.parts -= buffers.length
    this.#hooks.written(last.endOffset)
    if (segment.wantsPersist) await segment.persistIndexes()
    if (!step.flush) this.#hooks.acknowledged()
  }

  #drainedNow(): void {
    const drainers = this.#drainers
    this.#drainers = []
    for (const drainer of drainers) drainer.resolve()
  }
}
