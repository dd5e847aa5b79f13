import type { ConfigEntry } from '../client/index.ts'
import type { PartitionReport, TopicReport } from '../ops/index.ts'
import { flowed } from './render/fit.ts'
import { printable } from './render/printable.ts'
import { bytesText, countText, durationText } from './render/quantities.ts'
import { viewTable } from './render/render.ts'
import type { Column, Style } from './render/view.ts'

/** Healthy partitions beyond this many are counted, not listed. */
const listedHealthy = 20

const ids = (list: readonly number[]): string => list.join(',')
const count = (value: number | null): string => (value === null ? '-' : countText(value))

export const partitionColumns: readonly Column<PartitionReport>[] = [
  { name: 'TOPIC', value: (each) => each.topic },
  { name: 'PARTITION', value: (each) => each.partition, right: true },
  { name: 'LEADER', value: (each) => (each.leader < 0 ? null : each.leader), text: leaderText },
  { name: 'EPOCH', value: (each) => each.leaderEpoch, right: true, wide: true },
  { name: 'REPLICAS', value: (each) => ids(each.replicas) },
  { name: 'ISR', value: (each) => ids(each.isr) },
  { name: 'ELR', value: (each) => ids(each.eligibleLeaderReplicas ?? []) },
  { name: 'START', value: (each) => each.startOffset, text: (each) => count(each.startOffset), right: true },
  { name: 'END', value: (each) => each.endOffset, text: (each) => count(each.endOffset), right: true },
  {
    name: 'SIZE',
    value: (each) => each.sizeBytes,
    text: (each) => (each.sizeBytes === null ? '-' : bytesText(each.sizeBytes)),
    right: true,
  },
  { name: 'NOTE', value: noteText, text: noteText },
]

function leaderText({ leader, preferredLeader }: PartitionReport): string {
  if (leader < 0) return 'none'
  return leader === preferredLeader ? String(leader) : `${leader}*`
}

function noteText(each: PartitionReport): string {
  const notes = []
  if (each.unavailable) notes.push('no leader')
  if (each.leaderSilent) notes.push(`leader ${each.leader} does not answer`)
  const missing = each.replicas.filter((id) => !each.isr.includes(id))
  if (missing.length > 0) notes.push(`out of sync: ${ids(missing)}`)
  if (each.underMinIsr) notes.push('below min.insync.replicas')
  if (!each.unavailable && each.leader !== each.preferredLeader) notes.push(`*preferred leader is ${each.preferredLeader}`)
  return notes.join('; ')
}

export interface TopicTextOptions {
  readonly all: boolean
  /** Undefined: all of them. */
  readonly sections: readonly ('summary' | 'partitions' | 'configs')[] | undefined
}

/** Topics for people: a head, the settings that differ, the partitions that matter first. */
export async function topicText(reports: readonly TopicReport[], style: Style, options: TopicTextOptions): Promise<string> {
  const texts = []
  for (const report of reports) texts.push(await oneTopic(report, style, options))
  return texts.join('\n')
}

async function oneTopic(report: TopicReport, style: Style, { all, sections }: TopicTextOptions): Promise<string> {
  const shows = (section: 'summary' | 'partitions' | 'configs'): boolean => sections === undefined || sections.includes(section)
  let text = ''
  if (shows('summary')) text += headText(report, style)
  if (shows('configs')) text += await settingsText(report, style, all, sections?.includes('configs') === true)
  if (!shows('partitions')) return text
  const columns = partitionColumns.slice(1).filter(({ name }) => name !== 'NOTE' || report.partitions.some((each) => noteText(each) !== ''))
  const ill = report.partitions.filter((each) => noteText(each) !== '')
  const healthy = report.partitions.filter((each) => noteText(each) === '')
  const shown = all || healthy.length <= listedHealthy ? report.partitions : [...ill, ...healthy.slice(0, listedHealthy)]
  text += await viewTable(columns, shown, style)
  const hidden = report.partitions.length - shown.length
  return hidden > 0 ? `${text}…${hidden} more healthy (use --all)\n` : text
}

function headText(report: TopicReport, style: Style): string {
  const { partitions } = report
  const ill = (field: 'underReplicated' | 'unavailable' | 'underMinIsr' | 'leaderSilent', words: string): string[] => {
    const concerned = partitions.filter((each) => each[field]).length
    return concerned === 0 ? [] : [`${concerned} ${words}`]
  }
  const faults = [
    ...ill('unavailable', 'without leader'),
    ...ill('leaderSilent', 'with a silent leader'),
    ...ill('underMinIsr', 'below min ISR'),
    ...ill('underReplicated', 'under-replicated'),
  ]
  const health = faults.length === 0 ? 'ok' : style.bad(faults.join(', '))
  const size = report.sizeBytes === null ? '-' : bytesText(report.sizeBytes)
  const { name, topicId, partitionCount, replicationFactor, minInsyncReplicas } = report
  const facts = [`PARTITIONS ${partitionCount}`, `RF ${replicationFactor}`, `MIN-ISR ${minInsyncReplicas}`, `SIZE ${size}`]
  return (
    flowed(
      [`${style.dim('TOPIC')}   ${style.bold(name)}${report.internal ? ' (internal)' : ''}`, `${style.dim('ID')} ${printable(topicId)}`],
      '   ',
      '        ',
      style.width,
    ) + flowed([`${style.dim('HEALTH')}  ${health}`, ...facts], '   ', '        ', style.width)
  )
}

async function settingsText(report: TopicReport, style: Style, all: boolean, asked: boolean): Promise<string> {
  const shown = report.configs.filter((entry) => (all && asked ? true : entry.source === 'DYNAMIC_TOPIC_CONFIG'))
  if (!asked)
    return shown.length === 0
      ? ''
      : flowed([`${style.dim('CONFIG')}  ${settingText(shown[0]!)}`, ...shown.slice(1).map(settingText)], '  ', '        ', style.width)
  const columns: Column<ConfigEntry>[] = [
    { name: 'CONFIG', value: ({ name }) => name },
    { name: 'VALUE', value: ({ value }) => value },
    { name: 'SOURCE', value: ({ source }) => source },
  ]
  return viewTable(columns, shown, style)
}

function settingText({ name, value, sensitive }: ConfigEntry): string {
  if (sensitive || value === null) return `${printable(name)}=(hidden)`
  const text = printable(`${name}=${value}`)
  const ms = Number(value)
  return name.endsWith('.ms') && ms >= 1000 && ms < 2 ** 53 ? `${text} (${durationText(ms)})` : text
}
