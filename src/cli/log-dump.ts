import { basename } from 'node:path'
import { crc32c } from '../base/index.ts'
import type { Disk, File } from '../host/index.ts'
import { bytesToJson as bytesToMessage, type Json, stringifyJson } from '../protocol/index.ts'
import { ProducerSnapshot } from '../protocol/messages/producer-snapshot.ts'
import * as records from '../records/index.ts'
import { decodeControlRecord, type RecordDecoder } from './dump-decoders.ts'
import { Fault, messageOf } from './fault.ts'
import { bytesToJson } from './records/record-json.ts'
import { printable } from './render/printable.ts'

export interface DumpOptions {
  /** With each record, not only each batch. */
  readonly records: boolean
  /** A batch that claims to be larger is not read. */
  readonly batchBytesMax: number
  readonly decoder: RecordDecoder | undefined
  /** Of records only what they hold. */
  readonly contentOnly?: boolean
  /** Of a segment; default: all. */
  readonly bytesMax?: number
}

/** One entry of a file: a batch, a record, an index entry, or what is wrong. */
export type DumpEntry = { readonly kind: 'batch' | 'record' | 'entry' | 'fault' } & Readonly<Record<string, unknown>>

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

/** What is in a file of a log directory, by its suffix. @throws Fault for suffixes that are none */
export async function* dumpFile(disk: Disk, path: string, options: DumpOptions): AsyncGenerator<DumpEntry> {
  const name = basename(path)
  const file = await disk.open(path, 'read').catch((error: unknown) => {
    throw new Fault(`cannot be read: ${messageOf(error)}`, { cause: error })
  })
  try {
    const base = Number(/^(\d{20})/.exec(name)?.[1] ?? 0)
    if (/\.(log|checkpoint)(\.deleted|\.cleaned|\.swap)?$/.test(name)) yield* batches(file, options)
    else if (/\.index(\.|$)/.test(name))
      yield* indexEntries(file, 8, (bytes) => ({ offset: base + bytes.readInt32BE(0), position: bytes.readInt32BE(4) }))
    else if (/\.timeindex(\.|$)/.test(name)) {
      yield* indexEntries(file, 12, (bytes) => ({ timestamp: bytes.readBigInt64BE(0), offset: base + bytes.readInt32BE(8) }))
    } else if (/\.txnindex(\.|$)/.test(name)) {
      yield* indexEntries(file, 34, (bytes) => ({
        version: bytes.readInt16BE(0),
        producerId: bytes.readBigInt64BE(2),
        firstOffset: bytes.readBigInt64BE(10),
        lastOffset: bytes.readBigInt64BE(18),
        lastStableOffset: bytes.readBigInt64BE(26),
      }))
    } else if (/\.snapshot(\.|$)/.test(name)) yield* producers(file)
    else throw new Fault(`no data file: its name ends in none of .log, .checkpoint, .index, .timeindex, .txnindex, .snapshot`)
  } finally {
    await file.close()
  }
}

async function* indexEntries(file: File, entryBytes: number, read: (bytes: Buffer) => object): AsyncGenerator<DumpEntry> {
  const size = await file.size()
  const bytes = Buffer.alloc(entryBytes * 4096)
  let last: Buffer | undefined
  for (let position = 0; position + entryBytes <= size; position += bytes.length) {
    const count = await file.read(bytes, position)
    for (let at = 0; at + entryBytes <= count; at += entryBytes) {
      const entry = bytes.subarray(at, at + entryBytes)
      // Room laid out in advance is zeros, behind the last entry.
      if ((position > 0 || at > 0) && entry.every((byte) => byte === 0)) return
      if (last?.equals(entry)) continue
      last = Buffer.from(entry)
      yield { kind: 'entry', ...read(entry) }
    }
  }
}

/** The states of producers as of the offset in the file's name: version int16, then a ProducerSnapshot. */
async function* producers(file: File): AsyncGenerator<DumpEntry> {
  const bytes = Buffer.alloc(await file.size())
  await file.read(bytes, 0)
  const version = bytes.length < 2 ? -1 : bytes.readInt16BE(0)
  if (version !== 1) return yield { kind: 'fault', position: 0, message: `a producer snapshot of version ${version}; 1 is known` }
  const { crc, producerEntries } = bytesToMessage(ProducerSnapshot, version, bytes.subarray(2)) as { crc: Json; producerEntries: object[] }
  if (crc32c(bytes, 6, bytes.length) !== crc) yield { kind: 'fault', position: 2, message: 'the checksum does not fit the content' }
  for (const entry of producerEntries) yield { kind: 'entry', ...entry }
}

/** A batch of a file, or why there is none: then it is the last. */
export type FileBatch =
  | { readonly position: number; readonly bytes: Buffer; readonly fault?: undefined }
  | { readonly position: number; readonly fault: string; readonly bytes?: undefined }

/** The batches of a segment or snapshot, as far as they are whole. Their checksums are not looked at. */
export async function* fileBatches(file: File, batchBytesMax: number, bytesMax = Number.POSITIVE_INFINITY): AsyncGenerator<FileBatch> {
  const size = await file.size()
  const head = Buffer.alloc(records.HEADER_UP_TO_MAGIC)
  for (let position = 0; position < Math.min(size, bytesMax); ) {
    const headBytes = await file.read(head, position)
    const claimed = headBytes < head.length ? 0 : records.batchBytes(head, 0)
    if (claimed <= records.HEADER_UP_TO_MAGIC || position + claimed > size)
      return yield { position, fault: `${size - position} bytes that are no whole batch` }
    if (claimed > batchBytesMax) return yield { position, fault: `a batch of ${claimed} bytes, more than the largest, ${batchBytesMax}` }
    const bytes = Buffer.alloc(claimed)
    await file.read(bytes, position)
    if (records.nextBatchBytes(bytes, 0, claimed) <= 0) return yield { position, fault: 'bytes that are no batch' }
    yield { position, bytes }
    position += claimed
  }
}

async function* batches(file: File, options: DumpOptions): AsyncGenerator<DumpEntry> {
  for await (const { position, bytes, fault } of fileBatches(file, options.batchBytesMax, options.bytesMax)) {
    const faultEntry = (message: string): DumpEntry => ({ kind: 'fault', position, message })
    if (bytes === undefined) {
      yield faultEntry(fault)
      continue
    }
    if (records.magic(bytes, 0) < 2)
      yield { kind: 'batch', baseOffset: records.baseOffset(bytes, 0), position, size: bytes.length, magic: records.magic(bytes, 0) }
    else yield batchEntry(bytes, position)
    if (options.records) yield* recordsOf(bytes, options, faultEntry)
  }
}

function batchEntry(bytes: Buffer, position: number): DumpEntry {
  return {
    kind: 'batch',
    baseOffset: records.baseOffset(bytes, 0),
    lastOffset: records.lastOffset(bytes, 0),
    count: records.recordCount(bytes, 0),
    baseSequence: records.baseSequence(bytes, 0),
    producerId: records.producerId(bytes, 0),
    producerEpoch: records.producerEpoch(bytes, 0),
    partitionLeaderEpoch: records.leaderEpoch(bytes, 0),
    isTransactional: records.isTransactional(bytes, 0),
    isControl: records.isControl(bytes, 0),
    position,
    [records.isLogAppendTime(bytes, 0) ? 'LogAppendTime' : 'CreateTime']: bytes.readBigInt64BE(records.MAX_TIMESTAMP_AT),
    size: bytes.length,
    magic: records.magic(bytes, 0),
    compresscodec: codecs[records.compressionOf(bytes, 0)] ?? 'unknown',
    crc: records.storedCrc(bytes, 0),
    isvalid: records.isBatchValid(bytes, 0, bytes.length),
  }
}

function* recordsOf(bytes: Buffer, { decoder, contentOnly }: DumpOptions, fault: (message: string) => DumpEntry): Generator<DumpEntry> {
  const isControl = records.magic(bytes, 0) >= 2 && records.isControl(bytes, 0)
  try {
    for (const { offset, timestamp, key, value, headers } of records.readRecords(bytes)) {
      const place = { kind: 'record' as const, offset, timestamp, keySize: key?.length ?? -1, valueSize: value?.length ?? -1 }
      const names = headers.length === 0 ? {} : { headers: headers.map((header) => [header.key, bytesToJson(header.value)]) }
      let decoded: { key?: unknown; value?: unknown } = {}
      let decodeError: { decodeError?: string } = {}
      try {
        decoded = isControl ? decodeControlRecord(key, value) : (decoder?.(key, value) ?? {})
      } catch (error) {
        decodeError = { decodeError: messageOf(error) }
      }
      yield {
        ...(contentOnly === true ? { kind: 'record' as const } : place),
        ...names,
        key: decoded.key ?? bytesToJson(key),
        value: decoded.value === undefined ? bytesToJson(value) : decoded.value,
        ...decodeError,
      }
    }
  } catch (error) {
    yield fault(`records that cannot be read: ${messageOf(error)}`)
  }
}

/** An entry as Kafka's tool writes it: names and values, records behind a bar. */
export function entryLine({ kind, ...fields }: DumpEntry): string {
  if (kind === 'fault') return `! position ${fields.position}: ${printable(String(fields.message))}\n`
  const words = Object.entries(fields).map(([name, value]) => `${name}: ${typeof value === 'string' ? value : stringifyJson(value)}`)
  return `${kind === 'record' ? '| ' : ''}${printable(words.join(' '))}\n`
}
