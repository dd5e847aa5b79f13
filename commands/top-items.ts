import { type ItemTable, itemKind, listOf, mapOf, orNull, shaped, words } from '../src/cli/index.ts'
import type {
  BrokerModel,
  EventRow,
  GroupModel,
  GroupPartition,
  MoveModel,
  QuorumReplicaSample,
  TopicModel,
  TransactionRow,
} from '../src/top/index.ts'

/** What a rate was computed from stays inside. */
type Shown<T> = Omit<T, 'tracks' | 'track'>

type Member = NonNullable<GroupPartition['member']>

const member = {
  id: 'string',
  clientId: 'string',
  host: 'string',
  assignment: mapOf<readonly number[]>(listOf<number>('integer')),
} as const

const partition = {
  topic: 'string',
  partition: 'integer',
  committed: 'integer?',
  startOffset: 'integer?',
  endOffset: 'integer?',
  lag: 'number?',
  ageMs: 'number?',
  member: orNull<Member>(member),
  status: orNull<NonNullable<GroupPartition['status']>>(words('OK', 'WARN', 'REWIND', 'STOP', 'STALL', 'LOST')),
} as const

interface GroupRow extends Omit<Shown<GroupModel>, 'partitions' | 'worst'> {
  readonly partitions: readonly Shown<GroupPartition>[]
  readonly worst: Shown<GroupPartition> | null
}

const group = itemKind<GroupRow>('TopGroup', {
  id: 'string',
  type: words('classic', 'consumer', 'share', 'streams'),
  state: 'string',
  stateSinceMs: 'number',
  heardMs: 'number',
  coordinator: 'integer',
  epoch: 'integer',
  assignor: 'string',
  members: orNull(listOf<Member>(member)),
  partitions: listOf<Shown<GroupPartition>>(partition),
  lag: 'number?',
  lagRate: 'number?',
  inRate: 'number?',
  outRate: 'number?',
  eta: shaped({ anyOf: [{ type: ['number', 'null'] }, { const: 'never' }] }),
  age: orNull({ ms: 'number', isAtLeast: 'boolean' }),
  trend: listOf('number'),
  worst: orNull<Shown<GroupPartition>>(partition),
  skew: 'number?',
  status: orNull<NonNullable<GroupModel['status']>>(words('OK', 'WARN', 'REWIND', 'STOP', 'STALL', 'LOST', 'REBALANCING', 'EMPTY', 'DEAD')),
})

const topic = itemKind<Shown<TopicModel>>('TopTopic', {
  name: 'string',
  internal: 'boolean',
  partitionCount: 'integer',
  replicationFactor: 'integer',
  minInsyncReplicas: 'integer?',
  retentionMs: 'integer?',
  underReplicated: 'integer',
  underMinIsr: 'integer?',
  atMinIsr: 'integer?',
  offline: 'integer',
  nonPreferred: 'integer',
  recordCount: 'integer?',
  inRate: 'number?',
  trend: listOf('number'),
  sizeBytes: 'integer?',
  bytesRate: 'number?',
  growthPerDay: 'number?',
})

const broker = itemKind<Shown<BrokerModel>>('TopBroker', {
  id: 'integer',
  host: 'string',
  port: 'integer',
  rack: 'string?',
  state: words('up', 'silent', 'fenced', 'gone'),
  isController: 'boolean',
  leaders: 'integer',
  replicas: 'integer',
  outOfSync: 'integer',
  inRate: 'number?',
  trend: listOf('number'),
  bytesRate: 'number?',
  sizeBytes: 'integer?',
  disk: orNull({ path: 'string', used: 'number', totalBytes: 'integer', fullInMs: 'number?' }),
  offlineDirectories: 'integer',
  latency: orNull({ produceP99Ms: 'number?', fetchP99Ms: 'number?', handlerIdle: 'number?', requests: 'number?' }),
  requestRate: 'number?',
})

const quorumReplica = itemKind<QuorumReplicaSample>('TopQuorumReplica', {
  id: 'integer',
  status: words('Leader', 'Follower', 'Observer'),
  logEndOffset: 'integer',
  lag: 'integer',
  lagMs: 'number?',
  silentMs: 'number?',
  fault: orNull(words('silent', 'lagging')),
})

const move = itemKind<Shown<MoveModel>>('TopMove', {
  topic: 'string',
  partition: 'integer',
  key: 'string',
  replicas: listOf('integer'),
  adding: listOf('integer'),
  removing: listOf('integer'),
  bytesTotal: 'integer?',
  bytesMoved: 'integer?',
  throttle: 'integer?',
  done: 'number?',
  bytesRate: 'number?',
  etaMs: 'number?',
})

const transaction = itemKind<TransactionRow>('TopTransaction', {
  id: 'string',
  producerId: 'integer',
  state: 'string',
  coordinator: 'integer',
  startedMs: 'number?',
  timeoutMs: 'integer?',
  partitionCount: 'integer?',
  openMs: 'number?',
})

const event = itemKind<EventRow>('TopEvent', {
  number: 'integer',
  timeMs: 'number',
  kind: words('cluster', 'leader', 'isr shrink', 'isr expand', 'offline', 'broker', 'controller', 'group', 'rebalance', 'topic', 'move'),
  subject: 'string',
  detail: 'string',
  isBad: 'boolean',
})

export const items: ItemTable = { top: [group, topic, broker, quorumReplica, move, transaction, event] }
