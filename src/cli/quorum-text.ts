import type { QuorumReplicaReport, QuorumReport } from '../ops/index.ts'
import { flowed } from './render/fit.ts'
import { printable } from './render/printable.ts'
import { counted, countText, durationText, timeText } from './render/quantities.ts'
import { viewTable } from './render/render.ts'
import type { Column, Style } from './render/view.ts'

/** Kafka's columns first; the times are told as distances from the leader. */
export const replicaColumns: readonly Column<QuorumReplicaReport>[] = [
  { name: 'NODE', value: (each) => each.nodeId, right: true },
  { name: 'STATUS', value: (each) => each.status },
  { name: 'LOG-END-OFFSET', value: (each) => each.logEndOffset, right: true },
  { name: 'LAG', value: (each) => each.lag, right: true },
  { name: 'LAG-MS', value: (each) => each.lagMs, right: true },
  { name: 'SILENT-MS', value: (each) => each.silentMs, right: true },
  { name: 'DIRECTORY-ID', value: (each) => each.directoryId, narrow: 'leave out' },
  { name: 'LAST-FETCH', value: (each) => each.lastFetchTimestamp, text: (each) => timeText(each.lastFetchTimestamp ?? -1), wide: true },
  {
    name: 'LAST-CAUGHT-UP',
    value: (each) => each.lastCaughtUpTimestamp,
    text: (each) => timeText(each.lastCaughtUpTimestamp ?? -1),
    wide: true,
  },
  { name: 'NOTE', value: (each) => each.fault },
]

const nodeColumns: readonly Column<QuorumReplicaReport>[] = [
  { name: 'NODE', value: (each) => each.nodeId, right: true },
  { name: 'STATUS', value: (each) => each.status },
  { name: 'ENDPOINTS', value: (each) => each.endpoints.join(',') },
  { name: 'DIRECTORY-ID', value: (each) => each.directoryId, narrow: 'leave out' },
  { name: 'NOTE', value: noteOf },
]

function noteOf({ fault, lag, lagMs, silentMs }: QuorumReplicaReport): string | null {
  if (fault === null) return null
  if (fault === 'lagging') return `${counted(lag, 'record')} behind${lagMs === null ? '' : ` for ${durationText(lagMs)}`}`
  return silentMs === null ? 'has never fetched' : `silent for ${durationText(silentMs)}`
}

/** The quorum for people: who leads, then who takes part and from where. */
export async function quorumText(report: QuorumReport, style: Style): Promise<string> {
  const { clusterId, leaderId, leaderEpoch, highWatermark, maxFollowerLag, maxFollowerLagMs, replicas } = report
  const observers = replicas.filter(({ status }) => status === 'Observer').length
  const lagTime = maxFollowerLagMs === null ? '' : `, ${durationText(maxFollowerLagMs)}`
  const head = [
    `${style.dim('QUORUM')} ${printable(clusterId)}`,
    `LEADER ${style.bold(String(leaderId))}`,
    `EPOCH ${leaderEpoch}`,
    `HIGH-WATERMARK ${countText(highWatermark)}`,
    `VOTERS ${replicas.length - observers}`,
    `OBSERVERS ${observers}`,
    `MAX-LAG ${counted(maxFollowerLag, 'record')}${lagTime}`,
  ]
  const shown = nodeColumns.filter(
    ({ name, value }) => (name !== 'NOTE' && name !== 'DIRECTORY-ID') || replicas.some((each) => value(each) !== null),
  )
  return flowed(head, '   ', '       ', style.width) + (await viewTable(shown, replicas, style))
}
