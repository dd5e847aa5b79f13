import { crc32c } from '../base/index.ts'
import { readInt64, writeInt64 } from '../records/index.ts'
import { ProducerState } from './producer-state.ts'

/*
 * Producer snapshot, version 1 (ProducerSnapshot.json of Kafka):
 *
 *     0 version int16 | 2 crc32c uint32 over what follows | 6 count int32 | entries of 46 bytes:
 *     0 producerId int64       14 lastOffset int64     34 coordinatorEpoch int32
 *     8 epoch int16            22 offsetDelta int32    38 currentTxnFirstOffset int64
 *    10 lastSequence int32     26 timestamp int64
 */
const VERSION = 1
const CRC_AT = 2
const COUNT_AT = 6
const ENTRIES_AT = 10
const ENTRY_BYTES = 46

export const encodeProducerSnapshot = (producers: Iterable<ProducerState>): Buffer => {
  const sorted = [...producers].sort((a, b) => a.producerId - b.producerId)
  const bytes = Buffer.allocUnsafe(ENTRIES_AT + sorted.length * ENTRY_BYTES)
  bytes.writeInt16BE(VERSION, 0)
  bytes.writeInt32BE(sorted.length, COUNT_AT)
  sorted.forEach((producer, n) => {
    writeEntry(bytes, ENTRIES_AT + n * ENTRY_BYTES, producer)
  })
  bytes.writeUInt32BE(crc32c(bytes, COUNT_AT, bytes.length), CRC_AT)
  return bytes
}

const writeEntry = (bytes: Buffer, at: number, producer: ProducerState): void => {
  const last = producer.batches.at(-1)
  writeInt64(bytes, at, producer.producerId)
  bytes.writeInt16BE(producer.epoch, at + 8)
  bytes.writeInt32BE(last?.lastSequence ?? -1, at + 10)
  writeInt64(bytes, at + 14, last?.lastOffset ?? -1)
  bytes.writeInt32BE(last?.offsetDelta ?? 0, at + 22)
  writeInt64(bytes, at + 26, producer.lastTimestamp)
  bytes.writeInt32BE(producer.coordinatorEpoch, at + 34)
  writeInt64(bytes, at + 38, producer.transactionFirstOffset)
}

/** Undefined for anything that is not a whole snapshot with the right checksum: it is dropped and rebuilt from the log. */
export const decodeProducerSnapshot = (bytes: Buffer): ProducerState[] | undefined => {
  if (bytes.length < ENTRIES_AT || bytes.readInt16BE(0) !== VERSION) return undefined
  const count = bytes.readInt32BE(COUNT_AT)
  if (count < 0 || count * ENTRY_BYTES + ENTRIES_AT > bytes.length) return undefined
  if (crc32c(bytes, COUNT_AT, bytes.length) !== bytes.readUInt32BE(CRC_AT)) return undefined
  const producers: ProducerState[] = []
  for (let n = 0; n < count; n++) producers.push(readEntry(bytes, ENTRIES_AT + n * ENTRY_BYTES))
  return producers
}

const readEntry = (bytes: Buffer, at: number): ProducerState => {
  const producer = new ProducerState(readInt64(bytes, at))
  const epoch = bytes.readInt16BE(at + 8)
  const lastOffset = readInt64(bytes, at + 14)
  const timestamp = readInt64(bytes, at + 26)
  producer.epoch = epoch
  if (lastOffset >= 0) producer.addBatch(epoch, bytes.readInt32BE(at + 10), lastOffset, bytes.readInt32BE(at + 22), timestamp)
  producer.lastTimestamp = timestamp
  producer.coordinatorEpoch = bytes.readInt32BE(at + 34)
  producer.transactionFirstOffset = Math.max(-1, readInt64(bytes, at + 38))
  return producer
}
