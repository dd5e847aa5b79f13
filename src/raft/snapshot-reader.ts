import type { Disk, File } from '../host/index.ts'
import { batchBytes, HEADER_UP_TO_MAGIC, isBatchValid, isControl, LOG_OVERHEAD, RECORDS_AT, RecordCursor } from '../records/index.ts'
import { controlRecordsOf } from './control-batches.ts'
import { isBootstrapSnapshot, snapshotFileName } from './snapshot-files.ts'
import type { OffsetAndEpoch, SnapshotReader } from './types.ts'

/** A file that another node wrote may hold larger batches than ours; beyond this it is damage. */
const batchBytesLimit = 64 * 1024 * 1024

/** A snapshot that cannot be what a replica wrote: torn, flipped or foreign bytes. */
export class SnapshotCorruptError extends Error {
  override name = 'SnapshotCorruptError'
}

/** The batches of a snapshot file, each checked. Ends with the footer; without one it is unfinished. @throws SnapshotCorruptError */
export async function* readSnapshotBatches(disk: Disk, path: string): AsyncGenerator<Buffer> {
  const file = await disk.open(path, 'read')
  try {
    const size = await file.size()
    let finished = false
    for (let position = 0; position < size; ) {
      const batch = await readBatch(file, path, position, size)
      position += batch.length
      finished = controlRecordsOf(batch, 0).some(({ type }) => type === 'snapshotFooter')
      yield batch
    }
    if (!finished) throw new SnapshotCorruptError(`${path} has no footer at its end`)
  } finally {
    await file.close()
  }
}

const readBatch = async (file: File, path: string, position: number, size: number): Promise<Buffer> => {
  const damaged = (what: string): never => {
    throw new SnapshotCorruptError(`${path} is damaged at byte ${position}: ${what}`)
  }
  if (size - position < RECORDS_AT) damaged('half a batch')
  const header = Buffer.alloc(HEADER_UP_TO_MAGIC)
  await file.read(header, position)
  const bytes = batchBytes(header, 0)
  if (bytes < RECORDS_AT || bytes > batchBytesLimit || bytes > size - position) damaged(`a batch of ${bytes - LOG_OVERHEAD} bytes`)
  const batch = Buffer.allocUnsafe(bytes)
  if ((await file.read(batch, position)) < bytes) damaged('half a batch')
  if (!isBatchValid(batch, 0, bytes)) damaged('a wrong checksum')
  return batch
}

/** Record values of one batch, as views; none of a control batch. */
export const recordValues = (bytes: Buffer, at: number): Buffer[] => {
  if (isControl(bytes, at)) return []
  const values: Buffer[] = []
  const cursor = new RecordCursor().open(bytes, at)
  while (cursor.next()) values.push(cursor.value() ?? Buffer.alloc(0))
  return values
}

/** Opens a snapshot: its header is read at once. @throws SnapshotCorruptError, DiskError */
export const openSnapshot = async (disk: Disk, directory: string, id: OffsetAndEpoch): Promise<SnapshotReader> => {
  const path = `${directory}/${snapshotFileName(id)}`
  const stat = await disk.stat(path)
  return {
    snapshotId: id,
    isBootstrap: isBootstrapSnapshot(id),
    lastContainedLogTimestamp: await readTimestamp(disk, path),
    bytes: stat?.bytes ?? 0,
    async *batches() {
      for await (const batch of readSnapshotBatches(disk, path)) {
        const values = recordValues(batch, 0)
        if (values.length > 0) yield values
      }
    },
  }
}

const readTimestamp = async (disk: Disk, path: string): Promise<number> => {
  for await (const batch of readSnapshotBatches(disk, path)) {
    const header = controlRecordsOf(batch, 0).find(({ type }) => type === 'snapshotHeader')
    if (header?.type === 'snapshotHeader') return header.lastContainedLogTimestamp
    break
  }
  throw new SnapshotCorruptError(`${path} does not begin with a snapshot header`)
}
