import { NO_PRODUCER_ID } from '../../ledger/index.ts'
import type { OffsetCommitValue } from '../../protocol/messages/group-records.ts'

export interface CommittedOffset {
  /** Of the record in __consumer_offsets: decides which of two commits of ended transactions is the later. */
  readonly recordOffset: number
  readonly offset: number | bigint
  /** −1: not known. */
  readonly leaderEpoch: number
  readonly metadata: string
  readonly commitTimestamp: number | bigint
  /** −1: retention decides. */
  readonly expireTimestamp: number | bigint
  /** The zero uuid: not known. */
  readonly topicId: string
}

type Partitions<V> = Map<number, V>
export type Topics<V> = Map<string, Partitions<V>>
type Groups<V> = Map<string, Topics<V>>

const get = <V>(groups: Groups<V>, group: string, topic: string, partition: number): V | undefined =>
  groups.get(group)?.get(topic)?.get(partition)

const put = <V>(groups: Groups<V>, group: string, topic: string, partition: number, value: V): V | undefined => {
  let topics = groups.get(group)
  if (topics === undefined) groups.set(group, (topics = new Map()))
  let partitions = topics.get(topic)
  if (partitions === undefined) topics.set(topic, (partitions = new Map()))
  const previous = partitions.get(partition)
  partitions.set(partition, value)
  return previous
}

const remove = <V>(groups: Groups<V>, group: string, topic: string, partition: number): V | undefined => {
  const topics = groups.get(group)
  const partitions = topics?.get(topic)
  const removed = partitions?.get(partition)
  if (topics === undefined || partitions === undefined) return undefined
  partitions.delete(partition)
  if (partitions.size === 0) topics.delete(topic)
  if (topics.size === 0) groups.delete(group)
  return removed
}

/** Committed offsets of all groups of a partition, and those that wait for the end of their transaction. */
export class OffsetStore {
  #committed: Groups<CommittedOffset> = new Map()
  /** By producer id. */
  #pending = new Map<number, Groups<CommittedOffset>>()
  /** Producers with an open transaction over a partition's offset. */
  #open: Groups<Set<number>> = new Map()
  #count = 0

  /** Committed offsets, without those of open transactions. */
  get count(): number {
    return this.#count
  }

  get(group: string, topic: string, partition: number): CommittedOffset | undefined {
    return get(this.#committed, group, topic, partition)
  }
  of(group: string): Topics<CommittedOffset> | undefined {
    return this.#committed.get(group)
  }
  isOpen(group: string, topic: string, partition: number): boolean {
    return get(this.#open, group, topic, partition) !== undefined
  }
  hasOpen(group: string): boolean {
    return this.#open.has(group)
  }
  openOf(group: string): Topics<Set<number>> | undefined {
    return this.#open.get(group)
  }
  /** Group, topic and partition of every offset, open transactions included. */
  *everywhere(topic: string): Generator<{ group: string; partition: number; offset: CommittedOffset }> {
    for (const groups of [this.#committed, ...this.#pending.values()]) {
      for (const [group, topics] of groups) {
        for (const [partition, offset] of topics.get(topic) ?? []) yield { group, partition, offset }
      }
    }
  }

  commit(group: string, topic: string, partition: number, value: OffsetCommitValue, recordOffset: number, producerId: number): void {
    const offset: CommittedOffset = {
      recordOffset,
      offset: value.offset,
      leaderEpoch: value.leaderEpoch,
      metadata: value.metadata,
      commitTimestamp: value.commitTimestamp,
      expireTimestamp: value.expireTimestamp,
      topicId: value.topicId,
    }
    if (producerId === NO_PRODUCER_ID) return this.#put(group, topic, partition, offset)
    let pending = this.#pending.get(producerId)
    if (pending === undefined) this.#pending.set(producerId, (pending = new Map()))
    put(pending, group, topic, partition, offset)
    const producers = get(this.#open, group, topic, partition)
    if (producers === undefined) put(this.#open, group, topic, partition, new Set([producerId]))
    else producers.add(producerId)
  }

  remove(group: string, topic: string, partition: number): void {
    if (remove(this.#committed, group, topic, partition) !== undefined) this.#count--
    for (const producerId of remove(this.#open, group, topic, partition) ?? []) {
      const pending = this.#pending.get(producerId)
      if (pending !== undefined) remove(pending, group, topic, partition)
    }
  }

  /** The transaction of `producerId` ended: its commits count, or are forgotten. */
  endTransaction(producerId: number, committed: boolean): void {
    const pending = this.#pending.get(producerId)
    if (pending === undefined) return
    this.#pending.delete(producerId)
    for (const [group, topics] of pending) {
      for (const [topic, partitions] of topics) {
        for (const [partition, offset] of partitions) this.#endOne(producerId, committed, group, topic, partition, offset)
      }
    }
  }

  #endOne(producerId: number, committed: boolean, group: string, topic: string, partition: number, offset: CommittedOffset): void {
    const producers = get(this.#open, group, topic, partition)
    producers?.delete(producerId)
    if (producers?.size === 0) remove(this.#open, group, topic, partition)
    if (!committed) return
    const existing = this.get(group, topic, partition)
    if (existing === undefined || existing.recordOffset < offset.recordOffset) this.#put(group, topic, partition, offset)
  }

  #put(group: string, topic: string, partition: number, offset: CommittedOffset): void {
    if (put(this.#committed, group, topic, partition, offset) === undefined) this.#count++
  }
}
