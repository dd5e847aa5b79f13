import { Producer } from '../../src/client/index.ts'
import { type ClientGround, connecting, encodeValue, keyCount, partitionOf } from './workload.ts'

const OUTSTANDING_MAX = 300
const TURN_MS = 5
const CLOSE_LIMIT_MS = 60_000

/** Numbers the values of each key, for all producers together. */
export class ValueCounter {
  readonly #next: Int32Array

  constructor(keys: number) {
    this.#next = new Int32Array(keys)
  }

  next(key: number): number {
    return this.#next[key]!++
  }
}

/** One client after the other that sends values to all keys, at a steady rate, whatever comes of them. */
export class ProducingClient {
  readonly #ground: ClientGround
  readonly #values: ValueCounter
  readonly #ratePerMs: number
  #process = -1
  /** By key, of this life's client. */
  #outstanding: Int32Array
  #isDoomed = false

  constructor(ground: ClientGround, values: ValueCounter, rate: number) {
    this.#ground = ground
    this.#values = values
    this.#ratePerMs = rate / 1000
    this.#outstanding = new Int32Array(keyCount(ground.options.topics))
  }

  /** Resolves when it is stopped and everything that was sent has come to something. */
  async run(): Promise<void> {
    const { isStopped } = this.#ground
    while (!isStopped()) await this.#life()
  }

  async #life(): Promise<void> {
    const { options, host, dice, isStopped, nowMs } = this.#ground
    const idempotent = options.acks === 'all'
    const producer = new Producer(host, {
      ...connecting(options.bootstrap),
      ...{ acks: options.acks, 'enable.idempotence': idempotent, 'linger.ms': 2, 'delivery.timeout.ms': 25_000, 'max.block.ms': 5000 },
    })
    this.#process = this.#ground.newProcess()
    this.#outstanding = new Int32Array(this.#outstanding.length)
    this.#isDoomed = false
    const endMs = nowMs() + options.lifeMs * dice.between(0.5, 1.5)
    let sent = 0
    const startMs = nowMs()
    while (!isStopped() && !this.#isDoomed && nowMs() < endMs) {
      const due = (nowMs() - startMs) * this.#ratePerMs
      while (sent < due) {
        sent++
        if (!(await this.#sendTo(producer, dice.below(this.#outstanding.length)))) break
      }
      await new Promise<void>((resolve) => void host.clock.after(TURN_MS, resolve))
    }
    // A client that crashes leaves what it had under way to its fate; one that stops waits for it.
    const isCrash = !isStopped()
    await producer.close(isCrash ? 0 : CLOSE_LIMIT_MS)
    this.#ground.record({ f: 'crash', process: this.#process, atMs: nowMs() })
  }

  /** False: it is not the time to send. */
  async #sendTo(producer: Producer, key: number): Promise<boolean> {
    if (this.#outstanding[key]! >= OUTSTANDING_MAX) return true
    const { options, record, nowMs, ackedTo } = this.#ground
    const process = this.#process
    const outstanding = this.#outstanding
    const { topic, partition } = partitionOf(options.topics, key)
    // Known before the value is taken: a value that is not sent would be missed.
    if (!producer.cluster.view.topics.has(topic)) {
      await producer.ready(topic, partition).catch(() => {})
      return false
    }
    const value = this.#values.next(key)
    record({ f: 'send', type: 'invoke', process, atMs: nowMs(), key, value, offset: -1 })
    const end = (type: 'ok' | 'fail' | 'info', offset: number): void => {
      record({ f: 'send', type, process, atMs: nowMs(), key, value, offset })
    }
    try {
      const isTaken = producer.send({ topic, partition, value: encodeValue(key, value) }, (error, delivery) => {
        outstanding[key]!--
        if (error === null) {
          ackedTo[key] = Math.max(ackedTo[key]!, delivery!.offset)
          return end('ok', delivery!.offset)
        }
        // It may be there or come yet: whoever saw that begins anew.
        this.#isDoomed ||= this.#process === process
        end('info', -1)
      })
      if (isTaken) outstanding[key]!++
      else end('fail', -1)
      return isTaken
    } catch {
      // Refused before it left.
      end('fail', -1)
      this.#isDoomed = true
      return false
    }
  }
}
