import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { decodeRecord, type MetadataBatch, type MetadataRecord } from '../../src/metadata/index.ts'
import * as batch from '../../src/records/index.ts'

interface GoldenFile {
  readonly file: string
  readonly base64: string
}
const read = (name: string): GoldenFile[] =>
  JSON.parse(gunzipSync(readFileSync(join(import.meta.dirname, '../vectors', name))).toString()) as GoldenFile[]
const files = [...read('log-files.json.gz'), ...read('metadata-checkpoints.json.gz')]

/** A log or snapshot of `__cluster_metadata-0`, written by Apache Kafka 4.3.1 brokers: `dynamic` and `static` are two clusters. */
export const goldenMetadata = (file: string): { readonly batches: MetadataBatch[]; readonly values: Buffer[] } => {
  const golden = files.find((one) => one.file === file)
  if (golden === undefined) throw new Error(`no golden file ${file}`)
  const bytes = Buffer.from(golden.base64, 'base64')
  const cursor = new batch.RecordCursor()
  const batches: MetadataBatch[] = []
  const values: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const size = batch.nextBatchBytes(bytes, at, bytes.length)
    if (size <= 0) break
    const records: MetadataRecord[] = []
    if (!batch.isControl(bytes, at)) {
      cursor.open(bytes, at)
      while (cursor.next()) {
        const value = Buffer.from(cursor.bytes.subarray(cursor.valueAt, cursor.valueAt + cursor.valueLength))
        values.push(value)
        records.push(decodeRecord(value))
      }
    }
    batches.push({
      baseOffset: batch.baseOffset(bytes, at),
      offset: batch.lastOffset(bytes, at),
      epoch: batch.leaderEpoch(bytes, at),
      timestampMs: batch.maxTimestamp(bytes, at),
      records,
    })
    at += size
  }
  return { batches, values }
}
export const goldenCheckpoints = (cluster: string): string[] =>
  files.filter(({ file }) => file.startsWith(`${cluster}/`) && file.endsWith('.checkpoint')).map(({ file }) => file)
