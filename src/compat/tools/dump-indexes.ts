import { crc32c } from '../../base/index.ts'
import type { File } from '../../host/index.ts'
import { decode } from '../../protocol/index.ts'
import { ProducerSnapshot } from '../../protocol/messages/producer-snapshot.ts'
import { JavaException } from '../java/exception.ts'
import type { ToolIo } from '../tool.ts'
import { recordsOf } from './dump-batches.ts'
import { lastOffsetOf, segmentBatches, sliceEnd } from './segment-batches.ts'

export interface IndexDump {
  /** Of the segment: the first number of the file's name. */
  readonly baseOffset: number
  readonly sanityOnly: boolean
  readonly verifyOnly: boolean
  readonly messageBytesMax: number
  readonly file: File
  /** As messages name it. */
  readonly absolutePath: string
  readonly segment: File
}

interface OffsetEntry {
  readonly offset: number
  readonly position: number
}
interface TimeEntry {
  readonly timestamp: bigint
  readonly offset: number
}

async function entriesOf<T>(file: File, size: number, read: (bytes: Buffer, at: number) => T): Promise<T[]> {
  const bytes = Buffer.alloc(await file.size())
  await file.read(bytes, 0)
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, i) => read(bytes, i * size))
}

const OFFSET_ENTRY_BYTES = 8
const offsetEntries = (file: File, base: number): Promise<OffsetEntry[]> =>
  entriesOf(file, OFFSET_ENTRY_BYTES, (bytes, at) => ({ offset: base + bytes.readInt32BE(at), position: bytes.readInt32BE(at + 4) }))

const TIME_ENTRY_BYTES = 12
const timeEntries = (file: File, base: number): Promise<TimeEntry[]> =>
  entriesOf(file, TIME_ENTRY_BYTES, (bytes, at) => ({ timestamp: bytes.readBigInt64BE(at), offset: base + bytes.readInt32BE(at + 8) }))

const corrupt = (text: string): JavaException => new JavaException('org.apache.kafka.storage.internals.log.CorruptIndexException', text)

/** Entries before the first of zeros, which room laid out in advance holds. */
function used<T extends { readonly offset: number }>(entries: readonly T[], baseOffset: number): readonly T[] {
  const end = entries.findIndex(({ offset }, i) => i > 0 && offset === baseOffset)
  return end === -1 ? entries : entries.slice(0, end)
}

/** @throws JavaException */
export async function dumpOffsetIndex(io: ToolIo, dump: IndexDump, onMismatch: (offset: number, logOffset: number) => void): Promise<void> {
  const { file, absolutePath, baseOffset } = dump
  const entries = await offsetEntries(file, baseOffset)
  if (entries.length === 0) return void io.out(`${file.path} is empty.\n`)
  if (dump.sanityOnly) {
    const lastOffset = entries.at(-1)!.offset
    if (lastOffset < baseOffset)
      throw corrupt(
        `Corrupt index found, index file ${absolutePath} has non-zero size but the last offset is ${lastOffset} which is less than the base offset ${baseOffset}`,
      )
    await wholeEntries(`Index file ${absolutePath}`, file, OFFSET_ENTRY_BYTES)
    return void io.out(`${file.path} passed sanity check.\n`)
  }
  for (const { offset, position } of used(entries, baseOffset)) {
    const end = await sliceEnd(dump.segment, position, dump.messageBytesMax)
    const first = await segmentBatches(dump.segment, position, end).next()
    if (first.done === true) throw new JavaException('java.util.NoSuchElementException', null)
    const found = lastOffsetOf(first.value.bytes)
    if (found !== offset) onMismatch(offset, found)
    if (!dump.verifyOnly) await io.out(`offset: ${offset} position: ${position}\n`)
  }
}

async function wholeEntries(whose: string, file: File, size: number): Promise<void> {
  const bytes = await file.size()
  if (bytes % size !== 0) throw corrupt(`${whose} is corrupt, found ${bytes} bytes which is neither positive nor a multiple of ${size}`)
}

export interface TimeIndexFaults {
  mismatch(timestamp: bigint, logTimestamp: bigint): void
  outOfOrder(timestamp: bigint, previous: bigint): void
  notFound(offset: number, logOffset: number): void
}

/** `offsetIndex`: where to look for an offset in the segment. @throws JavaException */
export async function dumpTimeIndex(io: ToolIo, dump: IndexDump, offsetIndex: File, faults: TimeIndexFaults): Promise<void> {
  const { file, baseOffset, segment } = dump
  const entries = await timeEntries(file, baseOffset)
  if (dump.sanityOnly) {
    await checkTimeIndex(dump, entries)
    return void io.out(`${file.path} passed sanity check.\n`)
  }
  const places = used(await offsetEntries(offsetIndex, baseOffset), baseOffset)
  let previous = -1n
  for (const { timestamp, offset } of used(entries, baseOffset)) {
    const place = places.findLast((each) => each.offset <= offset)?.position ?? 0
    const batch = await batchWith(segment, place, offset)
    const found = batch === undefined ? -1 : lastOffsetOf(batch)
    if (batch === undefined || found !== offset) faults.notFound(offset, found)
    else {
      let largest = -1
      for (const record of recordsOf(batch)) largest = Math.max(largest, record.timestamp)
      if (BigInt(largest) !== timestamp) faults.mismatch(timestamp, BigInt(largest))
      if (previous >= timestamp) faults.outOfOrder(timestamp, previous)
    }
    if (!dump.verifyOnly) await io.out(`timestamp: ${timestamp} offset: ${offset}\n`)
    previous = timestamp
  }
}

async function batchWith(segment: File, from: number, offset: number): Promise<Buffer | undefined> {
  const end = await sliceEnd(segment, from, Number.MAX_SAFE_INTEGER)
  for await (const { bytes } of segmentBatches(segment, from, end)) if (lastOffsetOf(bytes) >= offset) return bytes
  return undefined
}

async function checkTimeIndex({ file, absolutePath, baseOffset }: IndexDump, entries: readonly TimeEntry[]): Promise<void> {
  const [first] = entries
  const last = entries.at(-1)
  const words = `Corrupt time index found, time index file (${absolutePath}) has non-zero size but the last`
  if (first !== undefined && last !== undefined) {
    if (last.timestamp < first.timestamp)
      throw corrupt(`${words} timestamp is ${last.timestamp} which is less than the first timestamp ${first.timestamp}`)
    if (last.offset < baseOffset) throw corrupt(`${words} offset is ${last.offset} which is less than the first offset ${baseOffset}`)
  }
  await wholeEntries(`Time index file ${absolutePath}`, file, TIME_ENTRY_BYTES)
}

export async function dumpAborted(io: ToolIo, file: File): Promise<void> {
  const lines = await entriesOf(file, 34, (bytes, at) => {
    const [producerId, firstOffset, lastOffset, stable] = [2, 10, 18, 26].map((field) => bytes.readBigInt64BE(at + field))
    return `version: ${bytes.readInt16BE(at)} producerId: ${producerId} firstOffset: ${firstOffset} lastOffset: ${lastOffset} lastStableOffset: ${stable}\n`
  })
  await io.out(lines.join(''))
}

export async function dumpProducers(io: ToolIo, file: File): Promise<void> {
  const bytes = Buffer.alloc(await file.size())
  await file.read(bytes, 0)
  const version = bytes.length < 2 ? -1 : bytes.readInt16BE(0)
  if (version !== 1) return io.err(`Snapshot failed schema validation: Snapshot contained an unknown file version ${version}\n`)
  let snapshot: ProducerSnapshot
  try {
    snapshot = decode(ProducerSnapshot, version, bytes.subarray(2))
  } catch (error) {
    return io.err(`Snapshot failed schema validation: ${(error as Error).message}\n`)
  }
  const crc = crc32c(bytes, 6, bytes.length)
  if (crc !== snapshot.crc)
    return io.err(`Snapshot is corrupt (CRC is no longer valid). Stored crc: ${snapshot.crc}. Computed crc: ${crc}\n`)
  for (const entry of snapshot.producerEntries) {
    const { lastSequence, lastOffset, offsetDelta, timestamp, currentTxnFirstOffset: first } = entry
    const batch =
      lastOffset < 0
        ? ''
        : ` firstSequence: ${(lastSequence - offsetDelta) & 0x7fffffff} lastSequence: ${lastSequence} lastOffset: ${lastOffset}` +
          ` offsetDelta: ${offsetDelta} timestamp: ${timestamp}`
    await io.out(
      `producerId: ${entry.producerId} producerEpoch: ${entry.epoch} coordinatorEpoch: ${entry.coordinatorEpoch}` +
        ` currentTxnFirstOffset: ${first < 0 ? 'OptionalLong.empty' : `OptionalLong[${first}]`} lastTimestamp: ${timestamp}${batch}\n`,
    )
  }
}
