import type { LedgerLog } from '../ledger/index.ts'
import { encodeRecord, type MetadataRecord } from '../metadata/index.ts'
import { type ErrorCode, Errors, KafkaError } from '../protocol/index.ts'
import type { RaftDriver } from '../raft/index.ts'

const BATCH_BYTES_MAX = 8 * 1024 * 1024
/** Room for the header of a batch and for what frames a record in it. */
const BATCH_SLACK_BYTES = 1024
const RECORD_SLACK_BYTES = 24

/** The raft log as the ledger of the controller that leads it in one epoch. Records are encoded once, when they are measured. */
export class MetadataLedgerLog implements LedgerLog<MetadataRecord> {
  readonly batchBytesMax: number = BATCH_BYTES_MAX - BATCH_SLACK_BYTES
  readonly epoch: number
  private readonly quorum: Pick<RaftDriver, 'append' | 'isLeader' | 'leaderAndEpoch' | 'logEndOffset' | 'highWatermark'>
  private readonly encoded = new WeakMap<MetadataRecord, Buffer>()

  constructor(quorum: MetadataLedgerLog['quorum'], epoch: number) {
    this.quorum = quorum
    this.epoch = epoch
  }

  get endOffset(): number {
    return this.quorum.logEndOffset
  }
  get committedOffset(): number {
    return this.quorum.highWatermark ?? 0
  }
  bytesOf(record: MetadataRecord): number {
    return this.bytes(record).length + RECORD_SLACK_BYTES
  }
  refusal(): ErrorCode {
    return this.quorum.isLeader && this.quorum.leaderAndEpoch.epoch === this.epoch ? Errors.NONE : Errors.NOT_CONTROLLER
  }
  append(records: readonly MetadataRecord[]): ErrorCode {
    try {
      this.quorum.append(
        this.epoch,
        records.map((record) => ({ value: this.bytes(record) })),
      )
      return Errors.NONE
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      return error.code === Errors.NOT_LEADER_OR_FOLLOWER ? Errors.NOT_CONTROLLER : (error.code as ErrorCode)
    }
  }

  private bytes(record: MetadataRecord): Buffer {
    let bytes = this.encoded.get(record)
    if (bytes === undefined) this.encoded.set(record, (bytes = encodeRecord(record)))
    return bytes
  }
}
