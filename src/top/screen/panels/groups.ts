import { type GroupModel, type GroupPartition, type GroupStatus, trendOf } from '../../model/groups.ts'
import type { Tone } from '../line.ts'
import { panelOf } from '../panel.ts'
import { changeOf, countOf, rateOf, sparkline, timeOf } from '../quantity.ts'

const missing = 'n/a'
const none = '-'

const statusTones: Readonly<Record<GroupStatus, Tone>> = {
  OK: 'good',
  WARN: 'warn',
  REWIND: 'warn',
  STOP: 'bad',
  STALL: 'bad',
  LOST: 'bad',
  REBALANCING: 'warn',
  EMPTY: 'dim',
  DEAD: 'bad',
}
const statusOrder: readonly (GroupStatus | null)[] = [null, 'EMPTY', 'OK', 'REBALANCING', 'WARN', 'REWIND', 'DEAD', 'STOP', 'STALL', 'LOST']

const toneOf = (status: GroupStatus | null): Tone => (status === null ? 'dim' : statusTones[status])
const isIll = (status: GroupStatus | null): boolean => statusOrder.indexOf(status) >= statusOrder.indexOf('REBALANCING')
const nameOf = ({ id, type }: GroupModel): string => (type === 'share' || type === 'streams' ? `${type}:${id}` : id)
const etaText = (eta: GroupModel['eta']): string => (eta === null ? none : eta === 'never' ? 'never' : timeOf(eta))

function ageText({ age, lag }: GroupModel): string {
  if (age === null) return lag === 0 || lag === null ? none : '…'
  return `${age.isAtLeast ? '≥' : ''}${timeOf(age.ms)}`
}

export const groupsPanel = panelOf<GroupModel>({
  id: 'groups',
  title: 'Groups',
  kind: 'TopGroup',
  rows: ({ sample, groups }) => (sample.groups === null && groups.size === 0 ? 'no broker lists its groups' : [...groups.values()]),
  countOf: ({ groups }) => groups.size,
  idOf: ({ id }) => id,
  sortedBy: 'LAG',
  isIssue: ({ status }) => isIll(status),
  drillInto: ({ id }) => ({ kind: 'group', id }),
  columns: [
    { name: 'GROUP', letter: 'G', width: 12, isFlexible: true, isAscending: true, value: nameOf, text: nameOf },
    {
      ...{ name: 'STATE', letter: 'T', width: 11, rank: 2, isAscending: true },
      value: ({ state }) => state,
      text: ({ state }) => state.replace('Rebalance', ''),
    },
    { name: 'TYPE', letter: 'Y', width: 8, isWide: true, rank: 20, isAscending: true, value: ({ type }) => type, text: ({ type }) => type },
    {
      ...{ name: 'LAG', letter: 'L', width: 7, isRight: true },
      value: ({ lag }) => lag,
      text: ({ lag }) => (lag === null ? missing : countOf(lag)),
    },
    {
      ...{ name: 'Δ/S', letter: 'D', width: 6, isRight: true, rank: 3 },
      value: ({ lagRate }) => lagRate,
      text: ({ lagRate }) => (lagRate === null ? none : changeOf(lagRate)),
    },
    {
      ...{ name: 'IN/S', letter: 'N', width: 5, isRight: true, rank: 6 },
      value: ({ inRate }) => inRate,
      text: ({ inRate }) => (inRate === null ? none : rateOf(inRate)),
    },
    {
      ...{ name: 'OUT/S', letter: 'O', width: 5, isRight: true, rank: 6 },
      value: ({ outRate }) => outRate,
      text: ({ outRate }) => (outRate === null ? none : rateOf(outRate)),
    },
    { name: 'AGE', letter: 'A', width: 7, isRight: true, rank: 1, value: ({ age }) => age?.ms ?? null, text: ageText },
    {
      ...{ name: 'ETA', letter: 'E', width: 6, isRight: true, rank: 4 },
      value: ({ eta }) => (eta === 'never' ? Number.MAX_SAFE_INTEGER : eta),
      output: ({ eta }) => eta,
      text: ({ eta }) => etaText(eta),
    },
    {
      ...{ name: 'TREND', letter: 'R', width: 8, rank: 5, drawing: true },
      value: ({ lagRate }) => lagRate,
      text: ({ trend }) => sparkline(trend, 8),
    },
    {
      ...{ name: 'WORST', letter: 'W', width: 16, rank: 7 },
      value: ({ worst }) => worst?.lag ?? null,
      output: ({ worst }) => (worst === null ? null : `${worst.topic}-${worst.partition}`),
      text: ({ worst }) => (worst === null ? none : `${worst.topic}-${worst.partition}`),
    },
    {
      ...{ name: 'SKEW', letter: 'K', width: 5, isRight: true, isWide: true, rank: 18 },
      value: ({ skew }) => skew,
      text: ({ skew }) => (skew === null ? none : `${skew.toFixed(1)}×`),
    },
    {
      ...{ name: 'MEMBERS', letter: 'M', width: 7, isRight: true, isWide: true, rank: 17 },
      value: ({ members }) => members?.length ?? null,
      text: ({ members }) => (members === null ? missing : String(members.length)),
    },
    {
      ...{ name: 'COORD', letter: 'C', width: 5, isRight: true, isWide: true, rank: 19, isAscending: true },
      value: ({ coordinator }) => coordinator,
      text: ({ coordinator }) => String(coordinator),
    },
    {
      ...{ name: 'STATUS', letter: 'U', width: 11 },
      value: ({ status }) => statusOrder.indexOf(status),
      output: ({ status }) => status,
      text: ({ status }) => status ?? missing,
      tone: ({ status }) => toneOf(status),
    },
  ],
  details: (group, { sample }) => [
    `GROUP ${group.id}   STATE ${group.state} for ${timeOf(sample.timeMs - group.stateSinceMs)}   TYPE ${group.type}   COORDINATOR ${group.coordinator}   ASSIGNOR ${group.assignor || none}${group.epoch < 0 ? '' : `   EPOCH ${group.epoch}`}`,
    `LAG ${group.lag === null ? missing : countOf(group.lag)}   AGE ${ageText(group)}   IN ${group.inRate === null ? none : rateOf(group.inRate)}/s   OUT ${group.outRate === null ? none : rateOf(group.outRate)}/s   ETA ${etaText(group.eta)}   STATUS ${group.status ?? missing}`,
    ...(group.skew === null ? [] : [`The partition with the most records carries ${group.skew.toFixed(1)}× the mean.`]),
    '',
    ...(group.members === null ? ['Its members are not known.'] : group.members.length === 0 ? ['It has no members.'] : ['MEMBERS']),
    ...(group.members ?? []).map(({ id, clientId, host, assignment }) => {
      const parts = Object.entries(assignment).map(([topic, partitions]) => `${topic}:${partitions.join(',')}`)
      return `  ${id}  ${clientId}  ${host}  ${parts.join(' ') || none}`
    }),
  ],
})

interface PartitionRow extends GroupPartition {
  readonly trend: readonly number[]
}

export const groupPartitionsPanel = panelOf<PartitionRow>({
  id: 'group',
  title: 'Group',
  kind: 'TopGroupPartition',
  rows: ({ groups }, drill) => {
    const group = groups.get(drill?.id ?? '')
    if (group === undefined) return `there is no group ${drill?.id ?? ''} any more`
    return group.partitions.map((each) => ({ ...each, trend: trendOf(group, each) }))
  },
  idOf: ({ topic, partition }) => `${topic}-${partition}`,
  sortedBy: 'LAG',
  isIssue: ({ status }) => isIll(status),
  drillInto: ({ topic }) => ({ kind: 'topic', id: topic }),
  columns: [
    { name: 'TOPIC', letter: 'T', width: 12, isFlexible: true, isAscending: true, value: ({ topic }) => topic, text: ({ topic }) => topic },
    {
      ...{ name: 'PART', letter: 'P', width: 4, isRight: true, isAscending: true },
      value: ({ partition }) => partition,
      text: ({ partition }) => String(partition),
    },
    {
      ...{ name: 'CURRENT', letter: 'C', width: 12, isRight: true, rank: 4 },
      value: ({ committed }) => committed,
      text: ({ committed }) => (committed === null ? none : String(committed)),
    },
    {
      ...{ name: 'LOG-END', letter: 'E', width: 12, isRight: true, rank: 5 },
      value: ({ endOffset }) => endOffset,
      text: ({ endOffset }) => (endOffset === null ? missing : String(endOffset)),
    },
    {
      ...{ name: 'LAG', letter: 'L', width: 7, isRight: true },
      value: ({ lag }) => lag,
      text: ({ lag, committed }) => (lag === null ? (committed === null ? none : missing) : countOf(lag)),
    },
    {
      ...{ name: 'AGE', letter: 'A', width: 6, isRight: true, rank: 1 },
      value: ({ ageMs }) => ageMs,
      text: ({ ageMs, lag }) => (ageMs === null ? (lag === null || lag === 0 ? none : '…') : timeOf(ageMs)),
    },
    {
      ...{ name: 'TREND', letter: 'R', width: 8, rank: 2, drawing: true },
      value: ({ lag }) => lag,
      text: ({ trend }) => sparkline(trend, 8),
    },
    {
      ...{ name: 'CONSUMER-ID', letter: 'M', width: 24, rank: 6, isAscending: true },
      value: ({ member }) => member?.id ?? null,
      text: ({ member }) => member?.id ?? none,
    },
    {
      ...{ name: 'HOST', letter: 'H', width: 15, rank: 7, isAscending: true },
      value: ({ member }) => member?.host ?? null,
      text: ({ member }) => member?.host ?? none,
    },
    {
      ...{ name: 'STATUS', letter: 'U', width: 6 },
      value: ({ status }) => statusOrder.indexOf(status),
      output: ({ status }) => status,
      text: ({ status, committed }) => status ?? (committed === null ? none : missing),
      tone: ({ status }) => toneOf(status),
    },
  ],
})
