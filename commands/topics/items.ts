import { changes, configSource, type ItemTable, itemKind, listOf, orNull, words } from '../../src/cli/index.ts'
import type { ConfigEntry, CreatedTopic } from '../../src/client/index.ts'
import type { ElectionCandidate, PartitionAnalysis, PartitionReport, TopicOverview, TopicReport } from '../../src/ops/index.ts'
import type { Change } from './alter.ts'

const place = { topic: 'string', partition: 'integer' } as const
interface Place {
  topic: string
  partition: number
}

const topicList = itemKind<TopicOverview>('TopicList', {
  name: 'string',
  topicId: 'string',
  internal: 'boolean',
  partitionCount: 'integer',
  replicationFactor: 'integer',
  sizeBytes: 'integer?',
})

const partition = {
  ...place,
  errorCode: 'integer',
  leader: 'integer',
  preferredLeader: 'integer',
  leaderEpoch: 'integer',
  replicas: listOf<number>('integer'),
  isr: listOf<number>('integer'),
  offlineReplicas: listOf<number>('integer'),
  eligibleLeaderReplicas: orNull(listOf<number>('integer')),
  lastKnownElr: orNull(listOf<number>('integer')),
  startOffset: 'integer?',
  endOffset: 'integer?',
  sizeBytes: 'integer?',
  underReplicated: 'boolean',
  unavailable: 'boolean',
  leaderSilent: 'boolean',
  underMinIsr: 'boolean',
  atMinIsr: 'boolean',
} as const

const topicDescription = itemKind<TopicReport>('TopicDescription', {
  name: 'string',
  topicId: 'string',
  internal: 'boolean',
  partitionCount: 'integer',
  replicationFactor: 'integer',
  minInsyncReplicas: 'integer',
  sizeBytes: 'integer?',
  configs: listOf<ConfigEntry>({
    name: 'string',
    value: 'string?',
    source: configSource,
    type: words('UNKNOWN', 'BOOLEAN', 'STRING', 'INT', 'SHORT', 'LONG', 'DOUBLE', 'LIST', 'CLASS', 'PASSWORD'),
    readOnly: 'boolean',
    sensitive: 'boolean',
    synonyms: listOf({ name: 'string', value: 'string?', source: configSource }),
    documentation: 'string?',
  }),
  partitions: listOf<PartitionReport>(partition),
})

const partitionList = itemKind<PartitionReport>('PartitionList', partition)

const createdTopics = itemKind<CreatedTopic & { name: string }>('CreatedTopics', {
  name: 'string',
  topicId: 'string',
  partitionCount: 'integer',
  replicationFactor: 'integer',
  configs: listOf({ name: 'string', value: 'string?', readOnly: 'boolean', source: 'integer', sensitive: 'boolean' }),
})

const analysis = itemKind<PartitionAnalysis>('TopicAnalysis', {
  records: 'integer',
  batches: 'integer',
  recordsPerBatch: 'number?',
  batchBytes: 'number?',
  codecs: listOf('string'),
  recordBytes: 'number?',
  compression: 'number?',
  recordsPerSecond: 'number?',
  withoutKey: 'integer',
  keys: 'integer',
  topKeyShare: 'number?',
  tombstones: 'integer',
  topic: 'string',
  partition: 'integer',
})

const topicChanges = itemKind<Change>('TopicChanges', { name: 'string', change: 'string', status: 'string' })

const leaderElection = itemKind<ElectionCandidate & { status: string }>('LeaderElection', {
  ...place,
  leader: 'integer',
  preferredLeader: 'integer',
  replicas: listOf<number>('integer'),
  isr: listOf<number>('integer'),
  lastInSync: listOf<number>('integer'),
  needed: 'boolean',
  status: 'string',
})

const bounds = itemKind<Place & { startOffset: number; endOffset: number }>('PartitionOffsets', {
  ...place,
  startOffset: 'integer',
  endOffset: 'integer',
})

type OffsetAtTime = Place & { offset: number | null; timestamp: number | bigint | null; leaderEpoch: number }

const offsetsAtTime = itemKind<OffsetAtTime>('TimeOffsets', { ...place, offset: 'integer?', timestamp: 'int64?', leaderEpoch: 'integer' })

const trimmed = itemKind<Place & { priorStartOffset: number; newStartOffset: number }>('TrimmedPartitions', {
  ...place,
  priorStartOffset: 'integer',
  newStartOffset: 'integer',
})

export const items: ItemTable = {
  'topics alter': [topicChanges],
  'topics analyze': [analysis],
  'topics clone': [createdTopics],
  'topics create': [createdTopics],
  'topics delete': [changes('TopicDeletion')],
  'topics describe': [topicDescription, partitionList],
  'topics elect-leaders': [leaderElection],
  'topics list': [topicList],
  'topics offsets': [bounds, offsetsAtTime],
  'topics trim': [trimmed],
}
