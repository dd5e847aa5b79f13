import type { LogDirectory } from './log-directory.ts'

/** Why a log is not there for the caller: all directories are offline, or the wanted one is. */
export class NoLogDirectory extends Error {
  override name = 'NoLogDirectory'
}

/**
 * The directory that takes a new log: the wanted one, or the one with the fewest partitions (LogManager.nextLogDirs).
 * @throws NoLogDirectory
 */
export const chooseDirectory = (online: readonly LogDirectory[], cordoned: ReadonlySet<string>, path: string | undefined): LogDirectory => {
  const candidates = online.filter((directory) => path === undefined || directory.path === path)
  const [first] = candidates
  if (first === undefined)
    throw new NoLogDirectory(path === undefined ? 'all log directories are offline' : `log directory ${path} is offline or unknown`)
  if (path !== undefined) return first
  // Replicas may have been assigned just before the last directory was cordoned: then the first one takes them.
  const [open, ...rest] = candidates.filter((directory) => !cordoned.has(directory.path))
  if (open === undefined) return first
  return rest.reduce((best, each) => (each.partitionCount < best.partitionCount ? each : best), open)
}
