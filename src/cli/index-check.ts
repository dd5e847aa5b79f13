import { basename, dirname, join } from 'node:path'
import type { Disk } from '../host/index.ts'
import { baseOffset, lastOffset, MAX_TIMESTAMP_AT, magic } from '../records/index.ts'
import { Fault, messageOf } from './fault.ts'
import { type DumpEntry, dumpFile, fileBatches } from './log-dump.ts'

interface Batch {
  readonly position: number
  readonly lastOffset: number
  readonly maxTimestamp: bigint | null
}

/** What of an index does not fit its segment: an entry names the last offset of a batch, with where it begins, or with its latest timestamp. */
export async function* checkIndex(disk: Disk, path: string, batchBytesMax: number): AsyncGenerator<DumpEntry> {
  const name = basename(path)
  const [, base, kind] = /^(\d{20})\.(index|timeindex)$/.exec(name) ?? []
  if (base === undefined) throw new Fault('no index of a segment: its name ends in neither .index nor .timeindex')
  const batches = await batchesOf(disk, join(dirname(path), `${base}.log`), batchBytesMax)
  const fault = (position: number, message: string): DumpEntry => ({ kind: 'fault', position, message })
  let number = 0
  let before = -1n
  for await (const entry of dumpFile(disk, path, { records: false, batchBytesMax, decoder: undefined })) {
    const offset = Number(entry.offset)
    const batch = batches.get(offset)
    const at = (kind === 'index' ? 8 : 12) * number++
    if (kind === 'index') {
      const position = Number(entry.position)
      if (batch === undefined) yield fault(at, `offset ${offset} is not the last of a batch in the segment`)
      else if (batch.position !== position) yield fault(at, `offset ${offset} is at ${batch.position}, not at ${position}`)
      continue
    }
    const timestamp = entry.timestamp as bigint
    if (batch === undefined) yield fault(at, `offset ${offset} is not the last of a batch in the segment`)
    else if (batch.maxTimestamp !== null && batch.maxTimestamp !== timestamp)
      yield fault(at, `offset ${offset} has timestamp ${batch.maxTimestamp}, not ${timestamp}`)
    if (timestamp <= before) yield fault(at, `timestamp ${timestamp} follows ${before}`)
    before = timestamp
  }
}

/** The batches of a segment by their last offset. */
async function batchesOf(disk: Disk, path: string, batchBytesMax: number): Promise<Map<number, Batch>> {
  const file = await disk.open(path, 'read').catch((error: unknown) => {
    throw new Fault(`its segment ${path} cannot be read: ${messageOf(error)}`, { cause: error })
  })
  const batches = new Map<number, Batch>()
  try {
    for await (const { position, bytes } of fileBatches(file, batchBytesMax)) {
      if (bytes === undefined) break
      const isOld = magic(bytes, 0) < 2
      const last = isOld ? baseOffset(bytes, 0) : lastOffset(bytes, 0)
      batches.set(last, { position, lastOffset: last, maxTimestamp: isOld ? null : bytes.readBigInt64BE(MAX_TIMESTAMP_AT) })
    }
  } finally {
    await file.close()
  }
  return batches
}
