import { replicaBytesOf } from '../../model/brokers.ts'
import type { Model } from '../../model/model.ts'
import { isNotPreferred, isUnderReplicated, minimumOf, type TopicModel } from '../../model/topics.ts'
import type { PlaceSample } from '../../sample.ts'
import type { Tone } from '../line.ts'
import { panelOf } from '../panel.ts'
import { byteRateOf, bytesOf, countOf, rateOf, sparkline, timeOf } from '../quantity.ts'

const missing = 'n/a'
const none = '-'
const numberOr = (value: number | null, text: (value: number) => string): string => (value === null ? missing : text(value))
const alarmOf = (count: number | null, tone: Tone): Tone => (count === null || count === 0 ? 'dim' : tone)

function noteOf({ offline, underMinIsr, underReplicated, atMinIsr }: TopicModel): string {
  if (offline > 0) return `${offline} offline`
  if ((underMinIsr ?? 0) > 0) return `${underMinIsr} under min ISR`
  if ((atMinIsr ?? 0) > 0) return `${atMinIsr} at min ISR`
  return underReplicated > 0 ? `${underReplicated} under-replicated` : 'ok'
}

const noteTone = ({ offline, underMinIsr, underReplicated }: TopicModel): Tone =>
  offline > 0 || (underMinIsr ?? 0) > 0 ? 'bad' : underReplicated > 0 ? 'warn' : 'good'

export const topicsPanel = panelOf<TopicModel>({
  id: 'topics',
  title: 'Topics',
  kind: 'TopTopic',
  rows: ({ topics }) => [...topics.values()],
  countOf: ({ topics }) => topics.size,
  idOf: ({ name }) => name,
  sortedBy: 'IN/S',
  isIssue: ({ underReplicated, offline }) => underReplicated > 0 || offline > 0,
  drillInto: ({ name }) => ({ kind: 'topic', id: name }),
  columns: [
    { name: 'TOPIC', letter: 'T', width: 12, isFlexible: true, isAscending: true, value: ({ name }) => name, text: ({ name }) => name },
    {
      ...{ name: 'PARTS', letter: 'P', width: 5, isRight: true, rank: 4 },
      value: ({ partitionCount }) => partitionCount,
      text: ({ partitionCount }) => countOf(partitionCount),
    },
    {
      ...{ name: 'RF', letter: 'F', width: 2, isRight: true, rank: 6 },
      value: ({ replicationFactor }) => replicationFactor,
      text: ({ replicationFactor }) => String(replicationFactor),
    },
    {
      ...{ name: 'IN/S', letter: 'N', width: 5, isRight: true },
      value: ({ inRate }) => inRate,
      text: ({ inRate }) => (inRate === null ? none : rateOf(inRate)),
    },
    {
      ...{ name: 'TREND', letter: 'R', width: 8, rank: 5, drawing: true },
      value: ({ inRate }) => inRate,
      text: ({ trend }) => sparkline(trend, 8, 'zero'),
    },
    {
      ...{ name: 'BYTES/S', letter: 'B', width: 8, isRight: true, rank: 3 },
      value: ({ bytesRate }) => bytesRate,
      text: ({ bytesRate }) => (bytesRate === null ? none : byteRateOf(bytesRate)),
    },
    {
      ...{ name: 'RECORDS', letter: 'C', width: 7, isRight: true, isWide: true, rank: 20 },
      value: ({ recordCount }) => recordCount,
      text: ({ recordCount }) => numberOr(recordCount, countOf),
    },
    {
      ...{ name: 'SIZE', letter: 'Z', width: 8, isRight: true, rank: 1 },
      value: ({ sizeBytes }) => sizeBytes,
      text: ({ sizeBytes }) => numberOr(sizeBytes, bytesOf),
    },
    {
      ...{ name: 'GROWS/DAY', letter: 'D', width: 9, isRight: true, rank: 7 },
      value: ({ growthPerDay }) => growthPerDay,
      text: ({ growthPerDay }) => (growthPerDay === null ? none : bytesOf(growthPerDay)),
    },
    {
      ...{ name: 'KEPT', letter: 'K', width: 7, isRight: true, rank: 8 },
      value: ({ retentionMs }) => (retentionMs === -1 ? Number.MAX_SAFE_INTEGER : retentionMs),
      output: ({ retentionMs }) => retentionMs,
      text: ({ retentionMs }) => numberOr(retentionMs, (ms) => (ms < 0 ? 'forever' : timeOf(ms))),
    },
    {
      ...{ name: 'URP', letter: 'U', width: 4, isRight: true, rank: 2 },
      value: ({ underReplicated }) => underReplicated,
      text: ({ underReplicated }) => String(underReplicated),
      tone: ({ underReplicated }) => alarmOf(underReplicated, 'warn'),
    },
    {
      ...{ name: 'NOTE', letter: 'O', width: 18 },
      value: ({ offline, underMinIsr, underReplicated }) => offline * 1e6 + (underMinIsr ?? 0) * 1e3 + underReplicated,
      text: noteOf,
      output: noteOf,
      tone: noteTone,
    },
  ],
  details: (topic, { sample, groups }) => {
    const readers = [...groups.values()].filter(({ partitions }) => partitions.some((each) => each.topic === topic.name))
    const size = numberOr(topic.sizeBytes, bytesOf)
    return [
      `TOPIC ${topic.name}   PARTITIONS ${topic.partitionCount}   RF ${topic.replicationFactor}   MIN-ISR ${topic.minInsyncReplicas ?? missing}   SIZE ${size}`,
      `UNDER-REPLICATED ${topic.underReplicated}   UNDER-MIN-ISR ${topic.underMinIsr ?? missing}   OFFLINE ${topic.offline}   NOT-PREFERRED ${topic.nonPreferred}`,
      `RECORDS ${numberOr(topic.recordCount, countOf)}   IN ${topic.inRate === null ? none : rateOf(topic.inRate)}/s`,
      '',
      readers.length === 0 ? 'No group has offsets in it.' : 'GROUPS',
      ...readers.map((group) => {
        const own = group.partitions.filter((each) => each.topic === topic.name && each.lag !== null)
        return `  ${group.id}  lag ${countOf(own.reduce((sum, { lag }) => sum + lag!, 0))}  ${group.status ?? missing}`
      }),
      ...(sample.groups === null ? ['Groups are not known.'] : []),
    ]
  },
})

interface TopicPartition extends PlaceSample {
  readonly topic: string
  readonly partition: number
  readonly minInsyncReplicas: number | null
  readonly startOffset: number | null
  readonly endOffset: number | null
  readonly sizeBytes: number | null
  /** Records that each replica lacks of what its leader has. */
  readonly behind: readonly { readonly broker: number; readonly records: number | null }[]
}

function partitionsOf({ sample, brokers }: Model, topic: string): TopicPartition[] | undefined {
  const found = sample.topics.find(({ name }) => name === topic)
  if (found === undefined) return undefined
  const ends = sample.replicaEnds?.topic === topic ? sample.replicaEnds.byBroker : undefined
  return found.partitions.map((place, partition) => {
    const leaderEnd = ends?.[place.leader]?.[partition] ?? null
    const sizes = place.replicas.flatMap((id) => (brokers.has(id) ? (replicaBytesOf(sample.storage, id, topic, partition) ?? []) : []))
    return {
      topic,
      partition,
      minInsyncReplicas: found.minInsyncReplicas,
      ...place,
      startOffset: sample.starts[topic]?.[partition] ?? null,
      endOffset: sample.ends[topic]?.[partition] ?? null,
      sizeBytes: sizes.length === 0 ? null : Math.max(...sizes),
      behind: place.replicas
        .filter((id) => id !== place.leader)
        .map((broker) => {
          const end = ends?.[broker]?.[partition] ?? null
          return { broker, records: end === null || leaderEnd === null ? null : Math.max(0, leaderEnd - end) }
        }),
    }
  })
}

const worstLag = ({ behind }: TopicPartition): number => behind.reduce((most, { records }) => Math.max(most, records ?? -1), -1)

function stateOf(row: TopicPartition): string {
  if (row.leader < 0) return 'offline'
  const out = row.replicas.filter((id) => !row.isr.includes(id))
  const isShort = row.minInsyncReplicas !== null && row.isr.length < minimumOf(row, row.minInsyncReplicas)
  if (out.length > 0) return `${out.join(',')} out of sync${isShort ? ', under min ISR' : ''}`
  return isNotPreferred(row) ? `preferred is ${row.replicas[0]}` : 'ok'
}

export const topicPartitionsPanel = panelOf<TopicPartition>({
  id: 'topic',
  title: 'Topic',
  kind: 'TopTopicPartition',
  rows: (model, drill) => partitionsOf(model, drill?.id ?? '') ?? `there is no topic ${drill?.id ?? ''} any more`,
  idOf: ({ topic, partition }) => `${topic}-${partition}`,
  sortedBy: 'PART',
  isIssue: (row) => row.leader < 0 || isUnderReplicated(row),
  columns: [
    {
      ...{ name: 'PART', letter: 'P', width: 5, isRight: true, isAscending: true },
      value: ({ partition }) => partition,
      text: ({ partition }) => String(partition),
    },
    {
      ...{ name: 'LEADER', letter: 'L', width: 6, isRight: true, isAscending: true },
      value: ({ leader }) => leader,
      text: ({ leader }) => (leader < 0 ? 'none' : String(leader)),
      tone: ({ leader }) => (leader < 0 ? 'bad' : 'plain'),
    },
    {
      ...{ name: 'REPLICAS', letter: 'R', width: 12, rank: 3, isAscending: true },
      value: ({ replicas }) => replicas.join(','),
      text: ({ replicas }) => replicas.join(','),
    },
    {
      ...{ name: 'ISR', letter: 'U', width: 12 },
      value: ({ isr, replicas }) => replicas.length - isr.length,
      text: ({ isr }) => isr.join(','),
      tone: (row) => (isUnderReplicated(row) ? 'warn' : 'plain'),
    },
    {
      ...{ name: 'START', letter: 'A', width: 12, isRight: true, rank: 5 },
      value: ({ startOffset }) => startOffset,
      text: ({ startOffset }) => numberOr(startOffset, String),
    },
    {
      ...{ name: 'END', letter: 'E', width: 12, isRight: true, rank: 4 },
      value: ({ endOffset }) => endOffset,
      text: ({ endOffset }) => numberOr(endOffset, String),
    },
    {
      ...{ name: 'SIZE', letter: 'Z', width: 8, isRight: true, rank: 2 },
      value: ({ sizeBytes }) => sizeBytes,
      text: ({ sizeBytes }) => numberOr(sizeBytes, bytesOf),
    },
    {
      ...{ name: 'BEHIND', letter: 'B', width: 20, rank: 1 },
      value: worstLag,
      text: ({ behind }) =>
        behind.length === 0
          ? none
          : behind.map(({ broker, records }) => `${broker}:${records === null ? '?' : countOf(records)}`).join(' '),
      tone: (row) => (isUnderReplicated(row) ? 'warn' : 'plain'),
    },
    {
      ...{ name: 'NOTE', letter: 'O', width: 14, isFlexible: true },
      value: (row) => (row.leader < 0 ? 1e6 : row.replicas.length - row.isr.length),
      text: stateOf,
      tone: (row) => (row.leader < 0 ? 'bad' : isUnderReplicated(row) ? 'warn' : 'good'),
    },
  ],
})
