import type { LedgerPartition } from '../ledger/index.ts'
import { readLog } from '../log/index.ts'
import { type ErrorCode, Errors } from '../protocol/index.ts'
import type { Partition } from '../replica/index.ts'
import type { BrokerMetrics } from './broker-metrics.ts'

/** A partition of an internal topic as its coordinator's ledger sees it, for as long as this broker leads it in one epoch. */
export class CoordinatorPartition implements LedgerPartition {
  private readonly partition: Partition
  private readonly epoch: number
  private readonly now: () => number
  private readonly metrics: BrokerMetrics

  /** `now` is wall clock milliseconds. */
  constructor(partition: Partition, now: () => number, metrics: BrokerMetrics) {
    this.partition = partition
    this.epoch = partition.leaderEpoch
    this.now = now
    this.metrics = metrics
  }

  get logStartOffset(): number {
    return this.partition.log.logStartOffset
  }
  get logEndOffset(): number {
    return this.partition.log.logEndOffset
  }
  get highWatermark(): number {
    return this.partition.log.highWatermark
  }
  get batchBytesMax(): number {
    return this.partition.log.config.maxMessageBytes
  }

  refusal(): ErrorCode {
    const { partition } = this
    if (partition.log.failure !== undefined) return Errors.KAFKA_STORAGE_ERROR
    if (!partition.isLeader || partition.leaderEpoch !== this.epoch) return Errors.NOT_LEADER_OR_FOLLOWER
    return partition.isUnderMinIsr ? Errors.NOT_ENOUGH_REPLICAS : Errors.NONE
  }

  append(batch: Buffer): ErrorCode {
    const refused = this.refusal()
    if (refused !== Errors.NONE) return refused
    const appended = this.partition.append(batch, { origin: 'coordinator', acksAll: true, zstdAllowed: true }, this.now())
    this.metrics.produced(this.partition.topic, batch.length, appended)
    return appended.errorCode as ErrorCode
  }

  async read(offset: number, bytesMax: number): Promise<Buffer> {
    if (!this.partition.isLeader || this.partition.leaderEpoch !== this.epoch) throw new Error(`${this.partition.name} is led elsewhere`)
    const result = await readLog(this.partition.log, offset, bytesMax, { upTo: 'log-end', minOneMessage: true })
    if (result.error !== undefined) throw new Error(`${this.partition.name} cannot be read at ${offset}: ${result.error}`)
    const { records } = result
    if (records === undefined) return Buffer.alloc(0)
    try {
      const bytes = Buffer.allocUnsafe(records.bytes)
      let read = 0
      while (read < bytes.length) {
        const got = await records.read(bytes.subarray(read), read)
        if (got === 0) throw new Error(`${this.partition.name} ends within what was read: it was cut back`)
        read += got
      }
      return bytes
    } finally {
      records.release?.()
    }
  }
}
