import type { File } from '../../host/index.ts'
import { bytesToJson, type Schema, stringifyJson } from '../../protocol/index.ts'
import {
  KRaftVersionRecord,
  LeaderChangeMessage,
  SnapshotFooterRecord,
  SnapshotHeaderRecord,
  VotersRecord,
} from '../../protocol/messages/control-records.ts'
import * as records from '../../records/index.ts'
import { JavaException } from '../java/exception.ts'
import type { ToolIo } from '../tool.ts'
import type { RecordParser } from './record-parsers.ts'
import { lastOffsetOf, type SegmentBatch, segmentBatches, sliceEnd } from './segment-batches.ts'

export interface BatchDump {
  readonly deep: boolean
  /** Shows keys and values too. */
  readonly parser: RecordParser | undefined
  readonly skipRecordMetadata: boolean
  readonly bytesMax: number
  /** What followed what, where it is not the next offset. */
  onGap(previous: number, offset: number): void
}

export const ALL_BYTES = 2_147_483_647

/** A segment or snapshot, batch by batch. @throws JavaException */
export async function dumpBatches(io: ToolIo, file: File, name: string, dump: BatchDump): Promise<void> {
  const end = await sliceEnd(file, 0, dump.bytesMax)
  let position = 0
  let last = -1
  for await (const batch of segmentBatches(file, 0, end)) {
    await io.out(batchLine(batch))
    position += batch.bytes.length
    if (!dump.deep) continue
    for (const record of recordsOf(batch.bytes)) {
      if (record.offset !== last + 1) dump.onGap(last, record.offset)
      last = record.offset
      if (!dump.skipRecordMetadata) io.out(metadataText(batch.bytes, record))
      await io.out(`${contentText(batch.bytes, record, dump)}\n`)
    }
  }
  if (end > position && dump.bytesMax === ALL_BYTES) io.out(`Found ${end - position} invalid bytes at the end of ${name}\n`)
}

/** @throws JavaException */
export function* recordsOf(bytes: Buffer): Generator<records.ReadRecord> {
  try {
    yield* records.readRecords(bytes)
  } catch (error) {
    if (error instanceof JavaException) throw error
    throw new JavaException('org.apache.kafka.common.InvalidRecordException', (error as Error).message)
  }
}

function timestampType(bytes: Buffer): string {
  const magic = records.magic(bytes, 0)
  if (magic === 0) return 'NoTimestampType'
  const stamped = magic === 1 ? (bytes[LEGACY_ATTRIBUTES_AT]! & records.TIMESTAMP_TYPE_MASK) !== 0 : records.isLogAppendTime(bytes, 0)
  return stamped ? 'LogAppendTime' : 'CreateTime'
}

const LEGACY_CRC_AT = 12
const LEGACY_ATTRIBUTES_AT = 17
const LEGACY_TIMESTAMP_AT = 18

function batchLine({ position, bytes }: SegmentBatch): string {
  const magic = records.magic(bytes, 0)
  const isLegacy = magic < records.CURRENT_MAGIC
  const horizon =
    isLegacy || !records.hasDeleteHorizon(bytes, 0) ? 'OptionalLong.empty' : `OptionalLong[${records.baseTimestamp(bytes, 0)}]`
  const timestamp = isLegacy
    ? magic === 0
      ? -1n
      : bytes.readBigInt64BE(LEGACY_TIMESTAMP_AT)
    : bytes.readBigInt64BE(records.MAX_TIMESTAMP_AT)
  const codec = records.codecName(isLegacy ? bytes[LEGACY_ATTRIBUTES_AT]! & records.COMPRESSION_MASK : records.compressionOf(bytes, 0))
  const crc = isLegacy ? bytes.readUInt32BE(LEGACY_CRC_AT) : records.storedCrc(bytes, 0)
  const first = isLegacy
    ? `offset: ${lastOffsetOf(bytes)}`
    : `baseOffset: ${records.baseOffset(bytes, 0)} lastOffset: ${records.lastOffset(bytes, 0)} count: ${records.recordCount(bytes, 0)}` +
      ` baseSequence: ${records.baseSequence(bytes, 0)} lastSequence: ${records.lastSequence(bytes, 0)}` +
      ` producerId: ${records.producerId(bytes, 0)} producerEpoch: ${records.producerEpoch(bytes, 0)}` +
      ` partitionLeaderEpoch: ${records.leaderEpoch(bytes, 0)} isTransactional: ${records.isTransactional(bytes, 0)}` +
      ` isControl: ${records.isControl(bytes, 0)} deleteHorizonMs: ${horizon}`
  return (
    `${first} position: ${position} ${timestampType(bytes)}: ${timestamp} size: ${bytes.length} magic: ${magic}` +
    ` compresscodec: ${codec} crc: ${crc} isvalid: ${records.isBatchValid(bytes, 0, bytes.length)}\n`
  )
}

function metadataText(batch: Buffer, record: records.ReadRecord): string {
  const { offset, timestamp, key, value, headers } = record
  const text = `| offset: ${offset} ${timestampType(batch)}: ${timestamp} keySize: ${key?.length ?? -1} valueSize: ${value?.length ?? -1}`
  if (records.magic(batch, 0) < records.CURRENT_MAGIC) return text
  const base = records.baseSequence(batch, 0)
  const sequence = base < 0 ? -1 : records.addSequence(base, offset - records.baseOffset(batch, 0))
  const names = headers.map((header) => header.key).join(',')
  return `${text} sequence: ${sequence} headerKeys: [${names}]${records.isControl(batch, 0) ? controlText(record) : ''}`
}

function contentText(batch: Buffer, record: records.ReadRecord, { parser, skipRecordMetadata }: BatchDump): string {
  const isControl = records.magic(batch, 0) >= records.CURRENT_MAGIC && records.isControl(batch, 0)
  if (parser === undefined || isControl) return ''
  const { key, value } = parser(record)
  const shown = [key === undefined ? [] : `key: ${key}`, value === undefined ? [] : `payload: ${value}`].flat()
  return shown.length === 0 ? '' : `${skipRecordMetadata ? '| ' : ' '}${shown.join(' ')}`
}

/** By the type in the key: what Kafka writes before the value, and what the value is. */
const controls: Readonly<Record<number, readonly [string, Schema]>> = {
  2: ['LeaderChange:', LeaderChangeMessage],
  3: ['SnapshotHeader', SnapshotHeaderRecord],
  4: ['SnapshotFooter', SnapshotFooterRecord],
  5: ['KRaftVersion', KRaftVersionRecord],
  6: ['KRaftVoters', VotersRecord],
}

function controlText({ key, value }: records.ReadRecord): string {
  const type = key === null || key.length < 4 ? -1 : key.readInt16BE(2)
  if (type === 0 || type === 1) return ` endTxnMarker: ${type === 0 ? 'ABORT' : 'COMMIT'} coordinatorEpoch: ${value!.readInt32BE(2)}`
  const control = controls[type]
  if (control === undefined || value === null) return ` controlType: UNKNOWN(${type})`
  const [name, schema] = control
  // The version that a value begins with is its first field.
  return ` ${name} ${stringifyJson(bytesToJson(schema, value.readInt16BE(0), value))}`
}
