import type { File } from '../../host/index.ts'
import * as records from '../../records/index.ts'
import { illegalArgument, namedException } from '../java/exception.ts'

const LEGACY_OVERHEAD = 14

export interface SegmentBatch {
  readonly position: number
  /** The batch alone. */
  readonly bytes: Buffer
}

/** The whole batches of bytes[start, end) of a segment. @throws JavaException where no batch can be */
export async function* segmentBatches(file: File, start: number, end: number): AsyncGenerator<SegmentBatch> {
  const head = Buffer.alloc(records.HEADER_UP_TO_MAGIC)
  for (let position = start; position + head.length < end; ) {
    await file.read(head, position)
    const length = head.readInt32BE(records.BATCH_LENGTH_AT)
    if (length < LEGACY_OVERHEAD)
      throw namedException(
        'CorruptRecordException',
        `Found record size ${length} smaller than minimum record overhead (${LEGACY_OVERHEAD}) in file ${file.path}.`,
      )
    if (position > end - records.LOG_OVERHEAD - length) return
    const bytes = Buffer.alloc(length + records.LOG_OVERHEAD)
    await file.read(bytes, position)
    yield { position, bytes }
    position += bytes.length
  }
}

/** Where a slice of `size` bytes from `position` ends. @throws JavaException */
export async function sliceEnd(file: File, position: number, size: number): Promise<number> {
  const bytes = await file.size()
  const self = `FileRecords(size=${bytes}, file=${file.path}, start=0, end=2147483647)`
  if (position < 0) throw illegalArgument(`Invalid position: ${position} in read from ${self}`)
  if (position > bytes) throw illegalArgument(`Slice from position ${position} exceeds end position of ${self}`)
  if (size < 0) throw illegalArgument(`Invalid size: ${size} in read from ${self}`)
  return Math.min(bytes, position + size)
}

/** That of the last record, in every magic. */
export const lastOffsetOf = (bytes: Buffer): number =>
  records.magic(bytes, 0) < records.CURRENT_MAGIC ? records.baseOffset(bytes, 0) : records.lastOffset(bytes, 0)
