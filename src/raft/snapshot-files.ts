import { type Disk, isDiskError } from '../host/index.ts'
import type { OffsetAndEpoch } from './types.ts'

const suffix = '.checkpoint'
const offsetDigits = 20
const epochDigits = 10
const form = /^(\d{20})-(\d{10})(?:\.checkpoint(\.deleted)?|-.*\.checkpoint\.part)$/

/** The checkpoint that a format writes. */
export const bootstrapSnapshot: OffsetAndEpoch = { offset: 0, epoch: 0 }
export const isBootstrapSnapshot = (id: OffsetAndEpoch): boolean => id.offset === 0 && id.epoch === 0

export const compareSnapshots = (a: OffsetAndEpoch, b: OffsetAndEpoch): number => a.epoch - b.epoch || a.offset - b.offset
export const sameSnapshot = (a: OffsetAndEpoch, b: OffsetAndEpoch): boolean => a.epoch === b.epoch && a.offset === b.offset

export const snapshotFileName = ({ offset, epoch }: OffsetAndEpoch): string =>
  `${String(offset).padStart(offsetDigits, '0')}-${String(epoch).padStart(epochDigits, '0')}${suffix}`

/** Behind the name of a file that is kept for whoever wants to see what became of it; Kafka passes over it too. */
export const damagedSuffix = '.damaged'

/** While it is written; `unique` keeps two writers of one snapshot apart. */
export const partialSnapshotFileName = (id: OffsetAndEpoch, unique: string): string =>
  `${snapshotFileName(id).slice(0, -suffix.length)}-${unique}${suffix}.part`

export interface SnapshotFileName extends OffsetAndEpoch {
  /** Unfinished, or marked for removal: of no use. */
  readonly stale: boolean
}

export const parseSnapshotFileName = (name: string): SnapshotFileName | undefined => {
  const match = form.exec(name)
  if (match === null) return undefined
  const offset = Number(match[1])
  const epoch = Number(match[2])
  if (!Number.isSafeInteger(offset) || epoch > 0x7fffffff) return undefined
  return { offset, epoch, stale: match[3] !== undefined || name.endsWith('.part') }
}

/** The snapshots of a directory, oldest first; what is stale or older than the log's start is removed. */
export const recoverSnapshots = async (disk: Disk, directory: string, logStartOffset: number): Promise<OffsetAndEpoch[]> => {
  const snapshots: OffsetAndEpoch[] = []
  for (const entry of await listFiles(disk, directory)) {
    const parsed = parseSnapshotFileName(entry)
    if (parsed === undefined) continue
    if (parsed.stale || parsed.offset < logStartOffset) await disk.remove(`${directory}/${entry}`)
    else snapshots.push({ offset: parsed.offset, epoch: parsed.epoch })
  }
  return snapshots.sort(compareSnapshots)
}

const listFiles = async (disk: Disk, directory: string): Promise<string[]> => {
  try {
    return (await disk.list(directory)).filter(({ kind }) => kind === 'file').map(({ name }) => name)
  } catch (error) {
    if (isDiskError(error, 'ENOENT')) return []
    throw error
  }
}
