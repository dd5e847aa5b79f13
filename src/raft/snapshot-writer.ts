import type { Clock, Disk, File, Random } from '../host/index.ts'
import { BatchBuilder, recordCount } from '../records/index.ts'
import { type KRaftVersionAndVoters, snapshotFooterBatch, snapshotHeaderBatch } from './control-batches.ts'
import { partialSnapshotFileName, snapshotFileName } from './snapshot-files.ts'
import type { OffsetAndEpoch } from './types.ts'

/** KafkaRaftClient.MAX_BATCH_SIZE_BYTES: no batch of the metadata log or of a snapshot is larger. */
export const batchBytesMax = 8 * 1024 * 1024

export interface SnapshotContent {
  readonly id: OffsetAndEpoch
  readonly lastContainedLogTimestamp: number
  readonly quorum: KRaftVersionAndVoters
  readonly records: Iterable<Buffer> | AsyncIterable<Buffer>
}

/** The batches of a snapshot (RecordsSnapshotWriter): header, records in batches as large as may be, footer. Offsets count from 0. */
export async function* snapshotBatches(clock: Clock, content: SnapshotContent): AsyncGenerator<Buffer> {
  const { epoch } = content.id
  const header = snapshotHeaderBatch({ baseOffset: 0, epoch, timestamp: clock.now() }, content.lastContainedLogTimestamp, content.quorum)
  yield header
  let nextOffset = recordCount(header, 0)
  let batch: BatchBuilder | undefined
  let timestamp = 0
  for await (const value of content.records) {
    if (batch !== undefined && batch.sizeInBytes + batch.recordBytes(timestamp, null, value) > batchBytesMax) {
      yield batch.close()
      batch = undefined
    }
    if (batch === undefined) {
      batch = new BatchBuilder({ baseOffset: nextOffset, leaderEpoch: epoch, initialBytes: 64 * 1024 })
      timestamp = clock.now()
    }
    nextOffset = batch.append(timestamp, null, value) + 1
  }
  if (batch !== undefined) yield batch.close()
  yield snapshotFooterBatch({ baseOffset: nextOffset, epoch, timestamp: clock.now() })
}

export interface SnapshotHost {
  readonly clock: Clock
  readonly disk: Disk
  readonly random: Random
}

/** Writes a snapshot so that its name appears only once it is whole and durable. Gives its size in bytes. */
export const writeSnapshot = async (host: SnapshotHost, directory: string, content: SnapshotContent): Promise<number> => {
  const { disk, random } = host
  const unique = Buffer.from(random.bytes(8)).toString('hex')
  const partial = `${directory}/${partialSnapshotFileName(content.id, unique)}`
  const file = await disk.open(partial, 'create')
  try {
    const bytes = await writeAll(file, snapshotBatches(host.clock, content))
    await file.sync()
    await file.close()
    await disk.rename(partial, `${directory}/${snapshotFileName(content.id)}`)
    await disk.syncDirectory(directory)
    return bytes
  } catch (error) {
    await file.close()
    await disk.remove(partial).catch(() => {})
    throw error
  }
}

const writeAll = async (file: File, batches: AsyncIterable<Buffer>): Promise<number> => {
  let position = 0
  for await (const batch of batches) {
    await file.write([batch], position)
    position += batch.length
  }
  return position
}
