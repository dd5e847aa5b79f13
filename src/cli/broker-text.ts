import { addressText } from './broker-note.ts'
import type { BrokerReport, DirectoryReport, QuorumReport } from './broker-report.ts'
import { bytesText, countText, durationText } from './render/quantities.ts'
import type { Column, Style } from './render/view.ts'

const LABEL_WIDTH = 14
const UNKNOWN = 'n/a'

const told = <T>(value: T | null, text: (value: T) => string): string => (value === null ? UNKNOWN : text(value))

export const brokerColumns: readonly Column<BrokerReport>[] = [
  { name: 'RUNNING', value: (each) => each.running },
  { name: 'PID', value: (each) => (each.running ? each.pid : null), right: true },
  { name: 'STATE', value: (each) => each.state },
  { name: 'NODE', value: (each) => each.nodeId, right: true },
  { name: 'VERSION', value: (each) => each.version },
  { name: 'UPTIME-MS', value: (each) => each.uptimeMs, right: true },
  { name: 'PARTITIONS', value: (each) => each.partitions?.count ?? null, right: true },
  { name: 'LEADERS', value: (each) => each.partitions?.leaders ?? null, right: true },
  { name: 'UNDER-REPLICATED', value: (each) => each.partitions?.underReplicated ?? null, right: true },
  { name: 'OFFLINE', value: (each) => each.partitions?.offline ?? null, right: true },
  { name: 'CONNECTIONS', value: (each) => each.connections, right: true },
  { name: 'REQUESTS-PER-SECOND', value: (each) => each.requestsPerSecond, right: true },
  { name: 'CPU-PERCENT', value: (each) => each.cpuPercent, right: true },
  { name: 'MEMORY-BYTES', value: (each) => each.memoryBytes, right: true },
  { name: 'DATA-DIRECTORY', value: (each) => each.dataDirectory },
]

/** A broker as its start tells of it, one line a fact, with how it is doing. */
export function brokerText(report: BrokerReport, style: Style): string {
  const { running, pid, dataDirectory, state, version, nodeId, clusterId, roles, uptimeMs } = report
  if (!running) return `${style.bad('no broker runs')} on ${style.bold(dataDirectory)}\n`
  const line = (label: string, text: string): string => `  ${label.padEnd(LABEL_WIDTH)}${text}\n`
  const title = `tkafka ${told(version, String)}: node ${told(nodeId, String)} ${state === null ? 'does not answer' : `is ${state}`}`
  const { listeners, status, connections, requestsPerSecond, cpuPercent, memoryBytes } = report
  return [
    `${state === 'running' ? style.bold(title) : style.warn(title)}\n`,
    line(
      'process',
      `${pid}, up ${told(uptimeMs, durationText)}, cpu ${told(cpuPercent, (cpu) => `${cpu.toFixed(1)}%`)}, memory ${told(memoryBytes, bytesText)}`,
    ),
    line('cluster id', told(clusterId, style.bold)),
    line(
      'roles',
      told(roles, (names) => names.join(', ')),
    ),
    ...(listeners ?? []).map((each) => line(each.isController ? 'controller' : 'listener', `${addressText(each)}  (${each.name})`)),
    ...directoryLines(report, style, line),
    line(
      'quorum',
      told(report.quorum, (quorum) => quorumText(quorum, style)),
    ),
    line('partitions', partitionText(report, style)),
    line('connections', told(connections, countText)),
    line(
      'requests',
      told(requestsPerSecond, (rate) => `${rate < 10 ? rate.toFixed(1) : countText(Math.round(rate))}/s`),
    ),
    line('status', status === null ? 'off  (set tkafka.status.listener to know what is n/a here)' : `http://${status}/status  /metrics`),
  ].join('')
}

function directoryLines(
  { directories, dataDirectory }: BrokerReport,
  style: Style,
  line: (label: string, text: string) => string,
): string[] {
  if (directories === null) return [line('data', `${dataDirectory}  ${UNKNOWN}`)]
  return directories.map((each) =>
    line('data', `${each.path}  ${each.problem === null ? roomText(each) : style.bad(`offline: ${each.problem}`)}`),
  )
}

const roomText = ({ partitions, bytes, freeBytes, totalBytes }: DirectoryReport): string =>
  `${told(bytes, bytesText)} in ${told(partitions, countText)} partitions, ${told(freeBytes, bytesText)} free of ${told(totalBytes, bytesText)}`

const quorumText = ({ leaderId, epoch, voters, problem }: QuorumReport, style: Style): string =>
  problem === null
    ? `leader ${told(leaderId, String)}, epoch ${told(epoch, String)}, voters ${told(voters, (ids) => ids.join(', '))}`
    : style.bad(problem)

function partitionText({ partitions }: BrokerReport, style: Style): string {
  if (partitions === null) return UNKNOWN
  const { count, leaders, underReplicated, underMinIsr, offline } = partitions
  const bad = (value: number | null, words: string): string => {
    const text = `${told(value, countText)} ${words}`
    return value === null || value === 0 ? text : style.bad(text)
  }
  const troubles = [bad(underReplicated, 'under-replicated'), bad(underMinIsr, 'below min.insync.replicas'), bad(offline, 'offline')]
  return `${countText(count)}, leader of ${countText(leaders)}; ${troubles.join(', ')}`
}
