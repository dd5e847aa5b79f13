import { ClientError, Consumer, type TopicPartition } from '../../src/client/index.ts'
import { type ErrorCode, Errors } from '../../src/protocol/index.ts'
import type { Outcome, Position, Read } from './operation.ts'
import { readsOf } from './reading.ts'
import { type ClientGround, connecting, keyOf, partitionOf } from './workload.ts'

const POLL_MS = 300
const COMMIT_LIMIT_MS = 5000

/** The coordinator has refused the one request there was. */
const refusals: ReadonlySet<number> = new Set<ErrorCode>([
  Errors.ILLEGAL_GENERATION,
  Errors.UNKNOWN_MEMBER_ID,
  Errors.REBALANCE_IN_PROGRESS,
  Errors.FENCED_INSTANCE_ID,
])

export const groupName = (group: number): string => `readers-${group}`

/** One member after the other of a group: reads what it is given, commits, leaves or dies. */
export class GroupClient {
  readonly #ground: ClientGround
  readonly #group: number
  readonly #readTo: Int32Array

  /** `readTo`: by key, the highest offset that the group has read. */
  constructor(ground: ClientGround, group: number, readTo: Int32Array) {
    this.#ground = ground
    this.#group = group
    this.#readTo = readTo
  }

  async run(): Promise<void> {
    while (!this.#ground.isStopped()) await this.#life()
  }

  #open(): Consumer {
    const { options, host } = this.#ground
    const consumer = new Consumer(host, {
      ...connecting(options.bootstrap),
      'group.id': groupName(this.#group),
      'session.timeout.ms': 6000,
      'heartbeat.interval.ms': 1000,
      'max.poll.interval.ms': 20_000,
      'default.api.timeout.ms': 10_000,
      'partition.assignment.strategy': this.#group % 2 === 0 ? ['range', 'cooperative-sticky'] : ['cooperative-sticky'],
      ...{ 'auto.offset.reset': 'earliest', 'enable.auto.commit': false, 'max.poll.records': 500, 'fetch.max.wait.ms': 200 },
    })
    return consumer
  }

  async #life(): Promise<void> {
    const { options, dice, isStopped, nowMs, record } = this.#ground
    const consumer = this.#open()
    const process = this.#ground.newProcess()
    const group = this.#group
    const keysOf = (list: readonly TopicPartition[]): number[] =>
      list.map(({ topic, partition }) => keyOf(options.topics, topic, partition))
    const told = (change: 'assigned' | 'revoked' | 'lost') => (list: readonly TopicPartition[]) => {
      const generation = consumer.membership?.generationId ?? -1
      const keys = keysOf(change === 'assigned' ? consumer.assignment() : list)
      record({ f: 'subscribe', process, atMs: nowMs(), group, generation, change, keys })
    }
    consumer.subscribe(
      options.topics.map(({ name }) => name),
      { assigned: told('assigned'), revoked: told('revoked'), lost: told('lost') },
    )
    const endMs = nowMs() + options.lifeMs * dice.between(0.5, 1.5)
    while (!isStopped() && nowMs() < endMs) {
      try {
        await this.#turn(consumer, process)
      } catch (error) {
        if (!(error instanceof ClientError)) this.#ground.complain(error)
        break
      }
    }
    // Half of them die without a word: the group misses them after session.timeout.ms.
    if (!isStopped() && dice.below(2) === 0) consumer.cluster.close()
    await consumer.close(3000)
    record({ f: 'crash', process, atMs: nowMs() })
  }

  async #turn(consumer: Consumer, process: number): Promise<void> {
    const { dice, nowMs, record } = this.#ground
    const invokedMs = nowMs()
    const reads = readsOf(this.#ground, await consumer.poll(POLL_MS))
    if (reads.length === 0) return
    record({ f: 'poll', process, invokedMs, atMs: nowMs(), reads })
    for (const { key, offset } of reads) this.#readTo[key] = Math.max(this.#readTo[key]!, offset)
    if (dice.below(3) > 0) await this.#commit(consumer, process, reads)
  }

  async #commit(consumer: Consumer, process: number, reads: readonly Read[]): Promise<void> {
    const { options, dice, nowMs, record } = this.#ground
    const behind = new Map<number, number>()
    for (const { key, offset } of reads) behind.set(key, offset + 1)
    const offsets: Position[] = [...behind].map(([key, offset]) => ({ key, offset }))
    const wanted = offsets.map(({ key, offset }) => ({ ...partitionOf(options.topics, key), offset }))
    const invokedMs = nowMs()
    const group = this.#group
    const before = consumer.membership?.generationId ?? -1
    const end = (type: Outcome): void => {
      const generation = Math.max(before, consumer.membership?.generationId ?? -1)
      record({ f: 'commit', type, process, invokedMs, atMs: nowMs(), group, generation, offsets })
    }
    const isOnce = dice.below(2) === 0
    try {
      if (isOnce)
        await new Promise<void>((resolve, reject) => consumer.commitAsync(wanted, (error) => (error === null ? resolve() : reject(error))))
      else await consumer.commitSync(wanted, COMMIT_LIMIT_MS)
      end('ok')
    } catch (error) {
      const isRefused = isOnce && error instanceof ClientError && refusals.has(error.code)
      end(isRefused ? 'fail' : 'info')
    }
  }
}
