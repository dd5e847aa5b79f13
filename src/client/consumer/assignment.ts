import type { TopicPartition } from '../admin/routes.ts'
import { PartitionState } from './partition-state.ts'

/** The partitions a consumer has, in the order it got them. */
export class AssignedPartitions {
  #states = new Map<string, PartitionState>()

  get count(): number {
    return this.#states.size
  }

  get(topic: string, partition: number): PartitionState | undefined {
    return this.#states.get(`${topic}-${partition}`)
  }

  [Symbol.iterator](): IterableIterator<PartitionState> {
    return this.#states.values()
  }

  list(): TopicPartition[] {
    return [...this.#states.values()].map(({ topic, partition }) => ({ topic, partition }))
  }

  /** Replaces the assignment; partitions that stay keep their state. */
  replace(partitions: readonly TopicPartition[]): void {
    const states = new Map<string, PartitionState>()
    for (const { topic, partition } of partitions) {
      const key = `${topic}-${partition}`
      states.set(key, this.#states.get(key) ?? new PartitionState(topic, partition))
    }
    this.#states = states
  }
}
