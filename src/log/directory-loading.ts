import type { Disk } from '../host/index.ts'
import { isForeignDirectory, METADATA_TOPIC, type PartitionDirectoryName, parsePartitionDirectory } from './file-names.ts'
import type { LogDirectory } from './log-directory.ts'

export interface DirectoryLoading {
  /** How many partitions load side by side: recovery is mostly waiting for the disk and summing bytes. */
  readonly sideBySide: number
  load(name: string, parsed: PartitionDirectoryName): Promise<void>
}

/** Opens a log directory and loads every partition in it, with progress in the journal. Rejects when the directory cannot be used. */
export const loadDirectory = async (directory: LogDirectory, { sideBySide, load }: DirectoryLoading): Promise<void> => {
  const { clock, disk, journal } = directory.host
  const told = journal.child('log')
  const startedMs = clock.monotonic()
  await directory.open()
  const names = await partitionsIn(disk, directory.path)
  let next = 0
  let done = 0
  let reportedMs = clock.monotonic()
  const worker = async (): Promise<void> => {
    while (next < names.length && directory.online) {
      const [name, parsed] = names[next++]!
      await load(name, parsed)
      done++
      if (clock.monotonic() - reportedMs < 1000) continue
      reportedMs = clock.monotonic()
      told.info('loading logs', {
        directory: directory.path,
        loaded: done,
        of: names.length,
        clean: directory.cleanShutdown !== undefined,
      })
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, sideBySide) }, worker))
  told.info('log directory opened', {
    directory: directory.path,
    partitions: directory.logs.size,
    ...(names.length > 0 && { clean: directory.cleanShutdown !== undefined }),
    tookMs: Math.round(clock.monotonic() - startedMs),
  })
}

const partitionsIn = async (disk: Disk, path: string): Promise<[string, PartitionDirectoryName][]> => {
  const found: [string, PartitionDirectoryName][] = []
  for (const entry of await disk.list(path)) {
    if (isForeignDirectory(entry.name)) continue
    const parsed = parsePartitionDirectory(entry.name)
    if (entry.kind === 'link' && parsed !== undefined)
      throw new Error(`${path}/${entry.name} is a link: a partition directory must lie in its log directory`)
    if (entry.kind !== 'directory' || parsed?.topic === METADATA_TOPIC) continue
    if (parsed === undefined)
      throw new Error(`${path}/${entry.name} is no partition directory (topic-partition): move it out of the log directory`)
    found.push([entry.name, parsed])
  }
  return found
}
