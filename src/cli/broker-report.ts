import type { Admin, LogDirDescription } from '../client/index.ts'
import type { Host } from '../host/index.ts'
import { addressText, type BrokerNote, type NotedListener } from './broker-note.ts'
import { messageOf } from './fault.ts'

/** How long each question may take. */
const ASK_MS = 3000
/** Between the two looks from which rates are known. */
const BETWEEN_LOOKS_MS = 500

export interface DirectoryReport {
  readonly path: string
  readonly problem: string | null
  readonly partitions: number | null
  readonly bytes: number | null
  readonly freeBytes: number | null
  readonly totalBytes: number | null
}

export interface PartitionReport {
  readonly count: number
  readonly leaders: number
  readonly underReplicated: number
  /** Null where only metadata is known: it does not tell min.insync.replicas. */
  readonly underMinIsr: number | null
  readonly offline: number
}

/** The metadata quorum, as the node sees it. */
export interface QuorumReport {
  /** Null: none is known. */
  readonly leaderId: number | null
  readonly epoch: number | null
  readonly voters: readonly number[] | null
  readonly problem: string | null
}

/** A broker of this machine. Null: not known. */
export interface BrokerReport {
  readonly running: boolean
  readonly pid: number
  readonly dataDirectory: string
  readonly state: string | null
  readonly version: string | null
  readonly nodeId: number | null
  readonly clusterId: string | null
  readonly roles: readonly string[] | null
  readonly uptimeMs: number | null
  readonly listeners: readonly NotedListener[] | null
  /** Of its pages, host:port. */
  readonly status: string | null
  readonly quorum: QuorumReport | null
  readonly directories: readonly DirectoryReport[] | null
  readonly partitions: PartitionReport | null
  readonly connections: number | null
  readonly requestsPerSecond: number | null
  readonly cpuPercent: number | null
  readonly memoryBytes: number | null
}

/** What /status answers; while a node starts, only some of it. */
type StatusPage = Partial<Pick<BrokerReport, 'state' | 'version' | 'nodeId' | 'clusterId' | 'roles' | 'uptimeMs' | 'listeners'>> &
  Partial<Pick<BrokerReport, 'quorum' | 'directories' | 'partitions' | 'connections' | 'memoryBytes'>> & {
    readonly cpuSeconds?: number | null
    readonly requests?: number
  }

export function emptyReport(pid: number, dataDirectory: string): BrokerReport {
  const facts = { state: null, version: null, nodeId: null, clusterId: null, roles: null, uptimeMs: null, listeners: null, status: null }
  const counts = {
    quorum: null,
    directories: null,
    partitions: null,
    connections: null,
    requestsPerSecond: null,
    cpuPercent: null,
    memoryBytes: null,
  }
  return { running: pid > 0, pid, dataDirectory, ...facts, ...counts }
}

/** What a running broker says of itself: its note, its status page, and without that page what Kafka's protocol tells. */
export async function brokerReport(host: Host, pid: number, dataDirectory: string, note: BrokerNote | undefined): Promise<BrokerReport> {
  const nothing = emptyReport(pid, dataDirectory)
  if (note === undefined) return nothing
  const { version, nodeId, clusterId, roles, listeners, status } = note
  const state = listeners.length === 0 ? 'starting' : null
  const noted = { ...nothing, state, version, nodeId, clusterId, roles, listeners, status, uptimeMs: host.clock.now() - note.startedMs }
  return (await fromStatusPage(host, noted)) ?? (await fromProtocol(host, noted))
}

async function fromStatusPage(host: Host, noted: BrokerReport): Promise<BrokerReport | undefined> {
  if (noted.status === null) return undefined
  const before = await statusPage(noted.status)
  if (before === undefined) return undefined
  await new Promise<void>((resolve) => void host.clock.after(BETWEEN_LOOKS_MS, resolve))
  const after = await statusPage(noted.status)
  if (after === undefined) return undefined
  const { requests, cpuSeconds, ...page } = after
  const elapsedMs = (after.uptimeMs ?? 0) - (before.uptimeMs ?? 0)
  const perSecond = (now: number | null | undefined, then: number | null | undefined): number | null =>
    typeof now === 'number' && typeof then === 'number' && elapsedMs > 0 ? round(((now - then) / elapsedMs) * 1000) : null
  const cpu = perSecond(cpuSeconds, before.cpuSeconds)
  return {
    ...noted,
    ...known(page),
    requestsPerSecond: perSecond(requests, before.requests),
    cpuPercent: cpu === null ? null : round(cpu * 100),
  }
}

const round = (value: number): number => Math.round(value * 1000) / 1000

async function statusPage(address: string): Promise<StatusPage | undefined> {
  try {
    const answer = await fetch(`http://${address}/status`, { signal: AbortSignal.timeout(ASK_MS) })
    return answer.ok ? ((await answer.json()) as StatusPage) : undefined
  } catch {
    return undefined
  }
}

/** The fields of a report among those that a page has. */
function known(page: StatusPage): Partial<BrokerReport> {
  const { state, version, nodeId, clusterId, roles, uptimeMs, listeners, quorum, directories, partitions, connections, memoryBytes } = page
  const given = { state, version, nodeId, clusterId, roles, uptimeMs, listeners, quorum, directories, partitions, connections, memoryBytes }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null))
}

async function fromProtocol(host: Host, noted: BrokerReport): Promise<BrokerReport> {
  const listener = noted.listeners?.find(({ isController }) => !isController)
  if (listener === undefined || noted.nodeId === null) return noted
  const { openAdmin } = await import('../client/index.ts')
  using admin = openAdmin(host, { 'bootstrap.servers': addressText(listener), 'default.api.timeout.ms': String(ASK_MS) })
  try {
    const directories = await directoriesOf(admin, noted.nodeId)
    const partitions = await partitionsOf(admin, noted.nodeId)
    return { ...noted, state: 'running', quorum: await quorumOf(admin), directories, partitions }
  } catch {
    return noted
  }
}

async function quorumOf(admin: Admin): Promise<QuorumReport> {
  try {
    const { leaderId, leaderEpoch, voters } = await admin.describeQuorum()
    return { leaderId, epoch: leaderEpoch, voters: voters.map(({ replicaId }) => replicaId), problem: null }
  } catch (error) {
    return { leaderId: null, epoch: null, voters: null, problem: messageOf(error) }
  }
}

async function directoriesOf(admin: Admin, nodeId: number): Promise<DirectoryReport[] | null> {
  const [answer] = await admin.describeLogDirs({ brokers: [nodeId] })
  return answer?.value?.map(directoryOf) ?? null
}

const directoryOf = ({ path, errorCode, totalBytes, usableBytes, replicas }: LogDirDescription): DirectoryReport => ({
  path,
  problem: errorCode === 0 ? null : 'offline',
  partitions: errorCode === 0 ? replicas.length : null,
  bytes: errorCode === 0 ? replicas.reduce((sum, { bytes }) => sum + bytes, 0) : null,
  freeBytes: usableBytes < 0 ? null : usableBytes,
  totalBytes: totalBytes < 0 ? null : totalBytes,
})

async function partitionsOf(admin: Admin, nodeId: number): Promise<PartitionReport> {
  const topics = await admin.listTopics({ includeInternal: true })
  const described = await admin.describeTopics(topics.map(({ name }) => name))
  const counts = { count: 0, leaders: 0, underReplicated: 0, underMinIsr: null, offline: 0 }
  for (const { replicas, isr, leader, offlineReplicas } of described.flatMap(({ value }) => value?.partitions ?? [])) {
    if (!replicas.includes(nodeId)) continue
    counts.count++
    if (leader === nodeId) counts.leaders++
    if (leader === nodeId && isr.length < replicas.length) counts.underReplicated++
    if (offlineReplicas.includes(nodeId)) counts.offline++
  }
  return counts
}
