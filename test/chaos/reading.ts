import { Consumer, type RecordChunk } from '../../src/client/index.ts'
import type { Read } from './operation.ts'
import { type ClientGround, connecting, decodeValue, keyCount, keyOf, partitionOf } from './workload.ts'

const POLL_MS = 300
/** What was acknowledged behind the end and has not come after this long is not there. */
const GONE_MS = 5000

export const readsOf = (ground: ClientGround, chunks: readonly RecordChunk[]): Read[] => {
  const reads: Read[] = []
  for (const chunk of chunks) {
    const key = keyOf(ground.options.topics, chunk.topic, chunk.partition)
    while (chunk.next()) reads.push({ key, offset: chunk.cursor.offset, value: decodeValue(key, chunk.cursor.value()) })
  }
  return reads
}

const readerSettings = { 'auto.offset.reset': 'earliest', 'enable.auto.commit': false, 'max.poll.records': 1000, 'fetch.max.wait.ms': 200 }

/** Everything that failed on the way is tried again by the consumer; an error that poll throws ends this life. */
const isLosing = async (work: () => Promise<unknown>): Promise<boolean> => {
  try {
    await work()
    return false
  } catch {
    return true
  }
}

/** One client after the other that reads all keys by itself, from the beginning or from somewhere near the end. */
export class ReadingClient {
  readonly #ground: ClientGround

  constructor(ground: ClientGround) {
    this.#ground = ground
  }

  async run(): Promise<void> {
    while (!this.#ground.isStopped()) await this.#life()
  }

  async #life(): Promise<void> {
    const { options, dice, isStopped, nowMs, ackedTo } = this.#ground
    const { consumer, process } = this.#assigned()
    // One life in four reads all again.
    if (dice.below(4) > 0) {
      for (let key = 0; key < ackedTo.length; key++) {
        const from = Math.max(0, ackedTo[key]! - dice.below(2000))
        consumer.seek(partitionOf(options.topics, key), from)
      }
    }
    const endMs = nowMs() + options.lifeMs * dice.between(0.5, 1.5)
    while (!isStopped() && nowMs() < endMs) if (await isLosing(() => this.#poll(consumer, process))) break
    await consumer.close(1000)
    this.#ground.record({ f: 'crash', process, atMs: nowMs() })
  }

  #assigned(): { consumer: Consumer; process: number } {
    const { options, host, nowMs, record } = this.#ground
    const consumer = new Consumer(host, { ...connecting(options.bootstrap), ...readerSettings })
    const process = this.#ground.newProcess()
    const keys = Array.from({ length: keyCount(options.topics) }, (_, key) => key)
    consumer.assign(keys.map((key) => partitionOf(options.topics, key)))
    record({ f: 'assign', process, atMs: nowMs(), keys })
    return { consumer, process }
  }

  async #poll(consumer: Consumer, process: number): Promise<Read[]> {
    const { nowMs, record } = this.#ground
    const invokedMs = nowMs()
    const reads = readsOf(this.#ground, await consumer.poll(POLL_MS))
    if (reads.length > 0) record({ f: 'poll', process, invokedMs, atMs: nowMs(), reads })
    return reads
  }

  /** Reads everything from the beginning until all that is known to be there has come; false: it did not within the limit. */
  async readAll(limitMs: number): Promise<boolean> {
    const { options, host, nowMs, ackedTo } = this.#ground
    const deadlineMs = nowMs() + limitMs
    const seenTo = new Int32Array(ackedTo.length).fill(-1)
    const partitions = Array.from(ackedTo, (_, key) => partitionOf(options.topics, key))
    while (nowMs() < deadlineMs) {
      const { consumer, process } = this.#assigned()
      seenTo.fill(-1)
      const isLost = await isLosing(async () => {
        const ends = await consumer.endOffsets(partitions, 20_000)
        const isAtEnd = (): boolean => ends.every(({ value }, key) => seenTo[key]! >= (value?.offset ?? 0) - 1)
        let lastMs = nowMs()
        while (
          nowMs() < deadlineMs &&
          !(isAtEnd() && (seenTo.every((offset, key) => offset >= ackedTo[key]!) || nowMs() - lastMs > GONE_MS))
        ) {
          const reads = await this.#poll(consumer, process)
          if (reads.length > 0) lastMs = nowMs()
          for (const { key, offset } of reads) seenTo[key] = Math.max(seenTo[key]!, offset)
        }
        if (!isAtEnd()) throw new Error('the limit is over')
      })
      await consumer.close(1000)
      if (!isLost) return true
      await new Promise<void>((resolve) => void host.clock.after(500, resolve))
    }
    return false
  }
}
