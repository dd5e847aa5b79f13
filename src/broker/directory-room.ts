import { type Host, isDiskError } from '../host/index.ts'
import { type LabelledValue, type MetricRegistry, nodeMetrics } from '../metrics/index.ts'
import { isBroker, type NodeView } from './node-view.ts'

/** How large the file system of a log directory is, and how much of it is left. */
export interface DirectoryRoom {
  readonly path: string
  readonly totalBytes: number
  readonly usableBytes: number
}

/** Of every directory that can say it. */
export const readRoom = async ({ disk }: Host, view: NodeView): Promise<DirectoryRoom[]> => {
  const rooms = await Promise.all(
    directoriesOf(view).map(async (path) => {
      try {
        return [{ path, ...(await disk.space(path)) }]
      } catch (error) {
        if (isDiskError(error)) return []
        throw error
      }
    }),
  )
  return rooms.flat()
}

/** Where this node keeps what it must not lose: a controller has the metadata log alone. */
const directoriesOf = (view: NodeView): string[] => {
  const metadata = view.config.get('metadata.log.dir')
  const logs = isBroker(view) ? view.logs.directories.map(({ path }) => path) : []
  if (logs.length > 0 || metadata !== null) return [...new Set([...logs, ...(metadata === null ? [] : [metadata])])]
  return (view.config.get('log.dirs') ?? view.config.get('log.dir')).slice(0, 1).map((path) => path.trim())
}

export const showRoom = (registry: MetricRegistry, room: () => readonly DirectoryRoom[]): void => {
  registry.gauges(nodeMetrics.directoryTotalBytes, () =>
    room().map(({ path, totalBytes }): LabelledValue => [{ logDirectory: path }, totalBytes]),
  )
  registry.gauges(nodeMetrics.directoryUsableBytes, () =>
    room().map(({ path, usableBytes }): LabelledValue => [{ logDirectory: path }, usableBytes]),
  )
}
