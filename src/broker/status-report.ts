import { type Host, isDiskError } from '../host/index.ts'
import type { LogDirectory } from '../log/index.ts'
import { type BrokerView, isBroker, type NodeView } from './node-view.ts'
import { isUnderReplicated } from './partition-metrics.ts'
import type { QuorumReport } from './quorum-watch.ts'

export interface ReportOptions {
  readonly host: Host
  readonly version: string | undefined
  readonly uptimeMs: number
  /** Undefined: the node is not put together yet. */
  readonly view: NodeView | undefined
  /** Undefined: the node takes no part in the quorum yet. */
  readonly quorum: QuorumReport | undefined
}

/** A node for whoever asks how it is doing: /status. What is not known, or not yet, is null. */
export const statusReport = async ({ host, version, uptimeMs, view, quorum }: ReportOptions): Promise<object> => {
  const vitals = host.vitals?.()
  const signs = await vitals?.read()
  vitals?.close()
  const process = { cpuSeconds: signs?.cpuSeconds ?? null, memoryBytes: signs?.residentBytes ?? null }
  const general = { version: version ?? null, uptimeMs: Math.round(uptimeMs), ...process, quorum: quorum ?? null }
  if (view === undefined) return { state: 'starting', ...general }
  const { nodeId, clusterId, image, config, listeners, connections, raft } = view
  const own = {
    ...{ nodeId, clusterId, listeners },
    roles: config.get('process.roles'),
    connections: connections.total,
    requests: requestCount(view),
  }
  if (!isBroker(view)) return { state: raft.core.role, ...general, ...own, fenced: null, directories: [], partitions: null }
  return {
    state: view.lifecycle.state,
    fenced: image.brokers.get(nodeId)?.fenced ?? true,
    ...general,
    ...own,
    directories: await Promise.all(view.logs.directories.map((directory) => directoryReport(host, directory))),
    partitions: partitionCounts(view),
  }
}

const partitionCounts = ({ partitions }: BrokerView): object => {
  const counts = { count: 0, leaders: 0, underReplicated: 0, underMinIsr: 0, offline: partitions.offlineCount }
  for (const partition of partitions.all()) {
    counts.count++
    if (partition.isLeader) counts.leaders++
    if (isUnderReplicated(partition)) counts.underReplicated++
    if (partition.isUnderMinIsr) counts.underMinIsr++
  }
  return counts
}

/** Answered or under way, since the start. */
const requestCount = ({ metrics }: NodeView): number => {
  let count = 0
  for (const { requests, isPart } of metrics.requests()) if (!isPart) for (const ofVersion of requests) count += ofVersion ?? 0
  return count
}

const directoryReport = async ({ disk }: Host, { path, online, failure, logs }: LogDirectory): Promise<object> => {
  const space = await disk.space(path).catch((error: unknown) => {
    if (isDiskError(error)) return undefined
    throw error
  })
  let bytes = 0
  for (const log of logs) bytes += log.bytes
  return {
    path,
    problem: online ? null : (failure?.message ?? 'offline'),
    partitions: logs.size,
    bytes,
    freeBytes: space?.usableBytes ?? null,
    totalBytes: space?.totalBytes ?? null,
  }
}
