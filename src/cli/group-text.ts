import type { GroupMember } from '../client/index.ts'
import type { GroupReport, PartitionLag } from '../ops/index.ts'
import { flowed } from './render/fit.ts'
import { printable } from './render/printable.ts'
import { countText } from './render/quantities.ts'
import { viewTable } from './render/render.ts'
import type { Column, Style } from './render/view.ts'

/** Kafka's names, which scripts know. */
export const lagColumns: readonly Column<PartitionLag>[] = [
  { name: 'GROUP', value: (each) => each.group },
  { name: 'TOPIC', value: (each) => each.topic, narrow: 'shorten' },
  { name: 'PARTITION', value: (each) => each.partition, right: true },
  { name: 'CURRENT-OFFSET', value: (each) => each.currentOffset, right: true },
  { name: 'LOG-END-OFFSET', value: (each) => each.logEndOffset, right: true },
  { name: 'LAG', value: (each) => each.lag, right: true },
  { name: 'CONSUMER-ID', value: (each) => each.memberId, narrow: 'shorten' },
  { name: 'HOST', value: (each) => each.host, narrow: 'leave out' },
  { name: 'CLIENT-ID', value: (each) => each.clientId, narrow: 'leave out' },
  { name: 'STATUS', value: (each) => each.status.toUpperCase() },
]

interface TopicLag {
  readonly topic: string
  readonly partitions: number
  readonly lag: number
}

const topicColumns: readonly Column<TopicLag>[] = [
  { name: 'TOPIC', value: (each) => each.topic },
  { name: 'PARTITIONS', value: (each) => each.partitions, right: true },
  { name: 'LAG', value: (each) => each.lag, right: true },
]

const memberColumns: readonly Column<GroupMember>[] = [
  { name: 'CONSUMER-ID', value: (member) => member.memberId, narrow: 'shorten' },
  { name: 'INSTANCE-ID', value: (member) => member.groupInstanceId, narrow: 'shorten' },
  { name: 'HOST', value: (member) => member.clientHost },
  { name: 'CLIENT-ID', value: (member) => member.clientId, narrow: 'leave out' },
  { name: 'PARTITIONS', value: (member) => member.assignment.length, right: true },
  { name: 'ASSIGNMENT', value: (member) => member.assignment.map(({ topic, partition }) => `${topic}-${partition}`).join(','), wide: true },
]

type Section = 'summary' | 'topics' | 'lag' | 'members'

/** Groups for people: a head, then the lag of each partition, or the sections asked for. */
export async function groupText(
  reports: readonly GroupReport[],
  style: Style,
  sections: readonly Section[] = ['summary', 'lag'],
): Promise<string> {
  const texts = []
  for (const report of reports) texts.push(await oneGroup(report, style, sections))
  return texts.join('\n')
}

async function oneGroup(report: GroupReport, style: Style, sections: readonly Section[]): Promise<string> {
  const { groupId, state, type, coordinator, members, assignor, lag, partitions } = report
  let text = ''
  if (sections.includes('summary')) {
    const facts = [`STATE ${state}`, `TYPE ${type}`, `COORDINATOR ${coordinator}`, `MEMBERS ${members.length}`]
    if (assignor !== '') facts.push(`ASSIGNOR ${assignor}`)
    text += flowed(
      [`${style.dim('GROUP')} ${style.bold(groupId)}`, ...facts.map(printable), `LAG ${countText(lag)}`],
      '   ',
      '',
      style.width,
    )
  }
  if (sections.includes('topics')) text += await viewTable(topicColumns, lagByTopic(partitions), style)
  if (sections.includes('lag')) {
    const busy = partitions.some(({ memberId }) => memberId !== null)
    const ill = partitions.some(({ status }) => status !== 'ok')
    const shown = lagColumns
      .slice(1)
      .filter(({ name }) => (['CONSUMER-ID', 'HOST', 'CLIENT-ID'].includes(name) ? busy : name !== 'STATUS' || ill))
    text += partitions.length === 0 ? 'no offsets and no members with partitions\n' : await viewTable(shown, partitions, style)
  }
  if (sections.includes('members')) text += members.length === 0 ? 'no members\n' : await viewTable(memberColumns, members, style)
  return text
}

function lagByTopic(partitions: readonly PartitionLag[]): TopicLag[] {
  const topics = new Map<string, TopicLag>()
  for (const { topic, lag } of partitions) {
    const known = topics.get(topic) ?? { topic, partitions: 0, lag: 0 }
    topics.set(topic, { topic, partitions: known.partitions + 1, lag: known.lag + (lag ?? 0) })
  }
  return [...topics.values()]
}
