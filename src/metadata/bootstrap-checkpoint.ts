import { type Disk, isDiskError } from '../host/index.ts'
import { readSnapshotBatches, recordValues } from '../raft/index.ts'
import { bootstrapCheckpointFile } from './format.ts'
import { decodeRecord, type MetadataRecord } from './records.ts'

export interface BootstrapFile {
  readonly records: readonly MetadataRecord[]
  /** Why the file cannot be used. */
  readonly problem: string | undefined
}

/** bootstrap.checkpoint of a log directory: the first records of a new cluster. Undefined: there is none. */
export const readBootstrapCheckpoint = async (disk: Disk, directory: string): Promise<BootstrapFile | undefined> => {
  const path = `${directory}/${bootstrapCheckpointFile}`
  try {
    const records: MetadataRecord[] = []
    for await (const batch of readSnapshotBatches(disk, path)) records.push(...recordValues(batch, 0).map(decodeRecord))
    return { records, problem: undefined }
  } catch (error) {
    if (isDiskError(error, 'ENOENT')) return undefined
    return { records: [], problem: `${path} cannot be read: ${(error as Error).message}` }
  }
}
