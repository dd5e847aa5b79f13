import { crc32c } from '../../src/base/index.ts'
import { ATTRIBUTES_AT, CRC_AT, RECORDS_AT, writeInt64 } from '../../src/records/index.ts'

export interface SampleRecord {
  readonly key?: string | null
  readonly value?: string | null
  readonly timestampDelta?: number
}

export interface SampleBatch {
  readonly baseOffset?: number
  readonly leaderEpoch?: number
  readonly producerId?: number
  readonly producerEpoch?: number
  readonly baseSequence?: number
  readonly timestamp?: number
  readonly transactional?: boolean
  readonly control?: boolean
  readonly records: readonly SampleRecord[]
}

const varint = (value: number): Buffer => {
  const out: number[] = []
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  while (rest > 0x7f) {
    out.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  out.push(rest)
  return Buffer.from(out)
}

const field = (bytes: Buffer | null): Buffer => (bytes === null ? varint(-1) : Buffer.concat([varint(bytes.length), bytes]))

const encodeRecord = (timestampDelta: number, offsetDelta: number, key: Buffer | null, value: Buffer | null): Buffer => {
  const body = Buffer.concat([Buffer.from([0]), varint(timestampDelta), varint(offsetDelta), field(key), field(value), varint(0)])
  return Buffer.concat([varint(body.length), body])
}

const seal = (batch: SampleBatch, bodies: readonly Buffer[]): Buffer => {
  const records = Buffer.concat(bodies)
  const bytes = Buffer.alloc(RECORDS_AT + records.length)
  const timestamp = batch.timestamp ?? 1_700_000_000_000
  const latest = timestamp + Math.max(0, ...batch.records.map((record) => record.timestampDelta ?? 0))
  writeInt64(bytes, 0, batch.baseOffset ?? 0)
  bytes.writeInt32BE(bytes.length - 12, 8)
  bytes.writeInt32BE(batch.leaderEpoch ?? -1, 12)
  bytes[16] = 2
  bytes.writeInt16BE((batch.transactional ? 0x10 : 0) | (batch.control ? 0x20 : 0), ATTRIBUTES_AT)
  bytes.writeInt32BE(bodies.length - 1, 23)
  writeInt64(bytes, 27, timestamp)
  writeInt64(bytes, 35, latest)
  writeInt64(bytes, 43, batch.producerId ?? -1)
  bytes.writeInt16BE(batch.producerEpoch ?? -1, 51)
  bytes.writeInt32BE(batch.baseSequence ?? -1, 53)
  bytes.writeInt32BE(bodies.length, 57)
  records.copy(bytes, RECORDS_AT)
  bytes.writeUInt32BE(crc32c(bytes, ATTRIBUTES_AT, bytes.length), CRC_AT)
  return bytes
}

const text = (value: string | null | undefined): Buffer | null => (value === null || value === undefined ? null : Buffer.from(value))

/** An uncompressed batch, written from the format's description and not by the code under test. */
export const sampleBatch = (batch: SampleBatch): Buffer =>
  seal(
    batch,
    batch.records.map((record, n) => encodeRecord(record.timestampDelta ?? 0, n, text(record.key), text(record.value))),
  )

/** `count` records with a value of `bytes`. */
export const plainBatch = (count = 1, bytes = 10, batch: Omit<SampleBatch, 'records'> = {}): Buffer =>
  sampleBatch({ ...batch, records: Array.from({ length: count }, (_, n) => ({ value: String(n % 10).repeat(bytes) })) })

export const endMarker = (kind: 'commit' | 'abort', batch: Omit<SampleBatch, 'records'> & { coordinatorEpoch?: number }): Buffer => {
  const key = Buffer.from([0, 0, 0, kind === 'commit' ? 1 : 0])
  const value = Buffer.alloc(6)
  value.writeInt32BE(batch.coordinatorEpoch ?? 0, 2)
  return seal({ ...batch, transactional: true, control: true, records: [{}] }, [encodeRecord(0, 0, key, value)])
}
