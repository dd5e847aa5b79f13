import type { Random } from '../../host/index.ts'

/**
 * Where records without a key go (KIP-480, KIP-794): to one partition until a batch's worth of bytes went there, then to the next one,
 * chosen at random, the less is queued for a partition the likelier.
 */
export class StickyPartitioner {
  #random: Random
  #stickyBytes: number
  #partition = -1
  #producedBytes = 0
  /** Running sum of the partitions' weights; its last number bounds the draw. Empty: all alike. */
  #cumulative: number[] = []
  #partitions: number[] = []

  constructor(random: Random, stickyBytes: number) {
    this.#random = random
    this.#stickyBytes = Math.max(1, stickyBytes)
  }

  /** The current partition; `available` are those with a leader, or all when none has one. */
  current(available: () => readonly number[]): number {
    if (this.#partition < 0) this.#next(available)
    return this.#partition
  }

  /**
   * Counts bytes that went to the current partition. `maySwitch` is false while its last batch has room, so that batches get filled;
   * after twice the bytes it switches all the same. True when the partition changed.
   */
  produced(bytes: number, maySwitch: boolean, available: () => readonly number[]): boolean {
    this.#producedBytes += bytes
    const enough = this.#producedBytes >= this.#stickyBytes * (maySwitch ? 1 : 2)
    if (enough) this.#next(available)
    return enough
  }

  /**
   * Batches queued per partition, for partitions that may be chosen. `everyPartition`: none was left out for its broker's slowness.
   * With equal queues all are alike.
   */
  updateLoad(partitions: readonly number[], queued: readonly number[], partitionCount: number): void {
    const length = partitions.length
    const longest = Math.max(...queued)
    if (length < 1 || partitionCount < 2 || (length === partitionCount && queued.every((each) => each === longest))) {
      this.#cumulative = []
      return
    }
    let sum = 0
    this.#cumulative = queued.map((each) => (sum += longest + 1 - each))
    this.#partitions = [...partitions]
  }

  #next(available: () => readonly number[]): void {
    this.#producedBytes = 0
    if (this.#cumulative.length === 0) {
      const list = available()
      this.#partition = list[this.#random.below(list.length)]
      return
    }
    const draw = this.#random.below(this.#cumulative[this.#cumulative.length - 1])
    this.#partition = this.#partitions[this.#cumulative.findIndex((bound) => bound > draw)]
  }
}
