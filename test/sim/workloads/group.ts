import { offsetCommitCall } from '../../../src/client/admin/group-offsets.ts'
import { Consumer } from '../../../src/client/index.ts'
import { Errors } from '../../../src/protocol/index.ts'
import type { Cluster } from '../cluster.ts'
import { Violation } from '../invariants/index.ts'
import type { AppendLoad } from './append.ts'

const GROUP = 'readers'
const MEMBERS = 2
const groupCoordinator = 0
/** The last version that names topics. */
const namedTopicsVersionMax = 9

/** A commit that was taken. */
interface Commit {
  readonly memberId: string
  readonly generationId: number
  readonly ends: ReadonlyMap<number, number>
}

/**
 * A group whose members come, read, commit and go. What was read at an offset never changes (I14); what was committed is where the next
 * owner goes on, never lower (G3); a commit of a generation that is over is refused (G2); at the end nothing was passed over.
 */
export class GroupReaders {
  readonly #cluster: Cluster
  readonly #topic: string
  /** By partition and offset. */
  readonly #values = new Map<string, string>()
  readonly #seen = new Set<string>()
  readonly #committed = new Map<number, number>()
  #problem: Violation | undefined
  #stopped = false
  #running: Promise<unknown> | undefined

  constructor(cluster: Cluster, topic: string) {
    this.#cluster = cluster
    this.#topic = topic
  }

  start(): void {
    this.#running = Promise.all(Array.from({ length: MEMBERS }, (_, member) => this.#run(member)))
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
    if (this.#problem !== undefined) throw this.#problem
  }

  /** How many records that were acknowledged nobody of the group has read. */
  missing(load: AppendLoad): number {
    if (this.#problem !== undefined) throw this.#problem
    let count = 0
    for (const [partition, list] of load.acknowledged)
      for (const { producer, number } of list) if (!this.#seen.has(`${partition}:${producer}:${number}`)) count++
    return count
  }

  async #run(member: number): Promise<void> {
    const { clients, bootstrap } = this.#cluster
    while (!this.#stopped) {
      const floor = new Map(this.#committed)
      const consumer = new Consumer(clients, {
        ...bootstrap,
        'group.id': GROUP,
        'client.id': `reader-${member}`,
        'auto.offset.reset': 'earliest',
        'enable.auto.commit': 'false',
        'session.timeout.ms': '6000',
        'heartbeat.interval.ms': '1000',
        'request.timeout.ms': '4000',
      })
      consumer.subscribe([this.#topic])
      let last: Commit | undefined
      for (let batches = 0; batches < 15 + 10 * member && !this.#stopped; ) {
        try {
          const chunks = await consumer.poll(500)
          if (chunks.length === 0) continue
          const ends = this.#take(chunks, floor)
          batches++
          const before = consumer.membership!
          await consumer.commitSync()
          for (const [partition, end] of ends) this.#committed.set(partition, Math.max(end, this.#committed.get(partition) ?? 0))
          const { memberId, generationId } = consumer.membership!
          if (before.memberId !== memberId || before.generationId !== generationId) continue
          if (last?.memberId === memberId && last.generationId < generationId) await this.#commitAgain(consumer, last, generationId)
          last = { memberId, generationId, ends }
        } catch {
          // Not a member any more, or the coordinator is nowhere: the next round finds out.
          await new Promise<void>((resolve) => void clients.clock.after(100, resolve))
        }
      }
      await consumer.close().catch(() => {})
    }
  }

  /** As a copy of its request that was long under way. The group has taken a commit of its `present` generation since. */
  async #commitAgain(consumer: Consumer, { memberId, generationId, ends }: Commit, present: number): Promise<void> {
    const coordinator = (await consumer.cluster.coordinators(groupCoordinator, [GROUP])).get(GROUP)
    if (coordinator === undefined || !('id' in coordinator)) return
    const partitions = [...ends].map(([partitionIndex, committedOffset]) => ({
      ...{ partitionIndex, committedOffset, committedMetadata: '', committedLeaderEpoch: -1 },
    }))
    const request = { groupId: GROUP, memberId, generationIdOrMemberEpoch: generationId, topics: [{ name: this.#topic, partitions }] }
    const { topics } = await consumer.cluster.send(coordinator.id, offsetCommitCall, request, { maxVersion: namedTopicsVersionMax })
    if (topics.some((topic) => topic.partitions.some(({ errorCode }) => errorCode === Errors.NONE)))
      this.#problem ??= new Violation('G2 former generations are refused', `generation ${generationId} commits in generation ${present}`)
  }

  /** `floor`: what was committed when this consumer came. */
  #take(chunks: Awaited<ReturnType<Consumer['poll']>>, floor: ReadonlyMap<number, number>): Map<number, number> {
    const ends = new Map<number, number>()
    for (const chunk of chunks) {
      for (const { partition, offset, value } of chunk) {
        const [producer, number] = String(value).split(':', 2)
        const text = `${producer}:${number}`
        const place = `${partition}@${offset}`
        const known = this.#values.get(place)
        if (known !== undefined && known !== text)
          this.#problem ??= new Violation('I14 repeatable read', `offset ${offset} of partition ${partition} was ${known} and is ${text}`)
        const least = floor.get(partition) ?? 0
        if (offset < least)
          this.#problem ??= new Violation(
            'G3 committed offsets',
            `partition ${partition} is read from ${offset} on, ${least} was committed`,
          )
        this.#values.set(place, text)
        this.#seen.add(`${partition}:${text}`)
        ends.set(partition, offset + 1)
      }
    }
    return ends
  }

  /** G3: what was committed last, or later, is committed now. */
  async check(): Promise<void> {
    const { clients, bootstrap } = this.#cluster
    const consumer = new Consumer(clients, { ...bootstrap, 'group.id': GROUP })
    const partitions = [...this.#committed.keys()].map((partition) => ({ topic: this.#topic, partition }))
    const found = await consumer.committed(partitions)
    await consumer.close()
    for (const { partition, offset } of found) {
      const least = this.#committed.get(partition)!
      if (offset < least) throw new Violation('G3 committed offsets', `partition ${partition}: ${least} was committed, ${offset} is there`)
    }
  }
}
