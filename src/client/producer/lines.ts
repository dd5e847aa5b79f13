import { BoundedQueue } from '../../base/index.ts'
import { Errors } from '../../protocol/index.ts'
import { ClientError } from '../client-error.ts'
import type { DeliveryCallback } from './batch.ts'
import type { OutgoingRecord } from './producer.ts'

/** A record that waits for room or for its topic to be known. */
interface Standing {
  readonly record: OutgoingRecord
  readonly callback: DeliveryCallback
  readonly reject: (error: unknown) => void
  readonly bytes: number
  readonly deadlineMs: number
  /** Called when it was sent or has failed. */
  readonly onPassed: (() => void)[]
}

interface Line {
  readonly waiting: BoundedQueue<Standing>
  last: Standing
}

export interface LinesOptions {
  /** Takes a record, or not now; throws when never. */
  readonly take: (record: OutgoingRecord, callback: DeliveryCallback) => boolean
  /** Resolves when it is worth another try; rejects after the deadline. */
  readonly ready: (record: OutgoingRecord, deadlineMs: number) => Promise<void>
  readonly bytesMax: number
}

/**
 * Where records wait that could not be taken at once: one line for each topic, and for each partition that records name, first come first
 * served, so that records go in the order of the calls.
 */
export class Lines {
  readonly #options: LinesOptions
  readonly #lines = new Map<string, Line>()
  #bytes = 0

  constructor(options: LinesOptions) {
    this.#options = options
  }

  /** Others wait that go first. */
  mustWait(record: OutgoingRecord): boolean {
    return this.#lines.has(lineOf(record))
  }

  /** Gives the error, and takes nothing, when too much waits already: Kafka's BufferExhaustedException, a timeout and retriable. */
  join(
    record: OutgoingRecord,
    bytes: number,
    deadlineMs: number,
    callback: DeliveryCallback,
    reject: (error: unknown) => void,
  ): ClientError | undefined {
    if (this.#bytes > 0 && this.#bytes + bytes > this.#options.bytesMax)
      return new ClientError(Errors.REQUEST_TIMED_OUT, `${this.#bytes} bytes of records wait for room already`, {
        hint: 'Wait for some sends before making more, or raise buffer.memory.',
      })
    this.#bytes += bytes
    const standing: Standing = { record, callback, reject, bytes, deadlineMs, onPassed: [] }
    const name = lineOf(record)
    let line = this.#lines.get(name)
    if (line === undefined) {
      line = { waiting: new BoundedQueue<Standing>(Number.MAX_SAFE_INTEGER), last: standing }
      this.#lines.set(name, line)
      line.waiting.push(standing)
      void this.#serve(name, line)
    } else {
      line.waiting.push(standing)
      line.last = standing
    }
    return undefined
  }

  /** Resolves when all that stand in line now were sent or have failed. */
  async passed(): Promise<void> {
    await Promise.all([...this.#lines.values()].map(({ last }) => new Promise<void>((resolve) => last.onPassed.push(resolve))))
  }

  async #serve(name: string, line: Line): Promise<void> {
    for (let first = line.waiting.peek(); first !== undefined; first = line.waiting.peek()) {
      const { record, callback, reject, deadlineMs } = first
      try {
        while (!this.#options.take(record, callback)) await this.#options.ready(record, deadlineMs)
      } catch (error) {
        reject(error)
      }
      line.waiting.shift()
      this.#bytes -= first.bytes
      for (const passed of first.onPassed) passed()
    }
    this.#lines.delete(name)
  }
}

const lineOf = ({ topic, partition }: OutgoingRecord): string => (partition === undefined ? topic : `${topic}/${partition}`)
