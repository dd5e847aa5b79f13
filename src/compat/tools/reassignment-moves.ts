import type { Admin, OngoingReassignment, TopicPartition } from '../../client/index.ts'
import { allAnswered, answered, resultException } from '../java/client-failure.ts'
import { executionException, namedException } from '../java/exception.ts'
import { hashOrder, textOrder } from '../java/hash-order.ts'
import { terse } from '../options/arguments-run.ts'
import type { ToolIo } from '../tool.ts'
import { comparePartitions, compareReplicas, replicaText, type TargetDirectory, type TargetPartition } from './reassignment-file.ts'
import { keyOf } from './topic-partitions.ts'

export type CurrentPartition = TopicPartition & { readonly replicas: readonly number[] }

const unknownTopic = (text: string) => executionException(namedException('UnknownTopicOrPartitionException', text))

/** All partitions of these topics. @throws JavaException */
export async function partitionsOfTopics(admin: Admin, topics: readonly string[]): Promise<CurrentPartition[]> {
  const results = await answered('describeTopicPartitions', admin.describeTopics(topics))
  return results.flatMap(({ item, error, value }) => {
    if (error?.name === 'UNKNOWN_TOPIC_OR_PARTITION') throw unknownTopic(`Topic ${item} not found.`)
    if (error !== null) throw executionException(resultException(error, 'describeTopicPartitions'))
    return value.partitions.map(({ partition, replicas }) => ({ topic: item, partition, replicas }))
  })
}

/** These partitions as they are. @throws JavaException when one is not there */
export async function currentPartitions(admin: Admin, wanted: readonly TopicPartition[]): Promise<CurrentPartition[]> {
  const keys = new Set(wanted.map(keyOf))
  const all = await partitionsOfTopics(admin, [...new Set(wanted.map(({ topic }) => topic))])
  const found = all.filter((each) => keys.has(keyOf(each)))
  const known = new Set(found.map(keyOf))
  const missing = [...keys].filter((key) => !known.has(key))
  if (missing.length > 0) throw unknownTopic(`Unable to find partition: ${missing.join(', ')}`)
  return found
}

interface ReplicaPlace {
  readonly current: string | undefined
  readonly future: string | undefined
}

/** In which directories replicas lie, by `topic-partition-broker`. @throws JavaException */
export async function replicaPlaces(admin: Admin, replicas: readonly Omit<TargetDirectory, 'path'>[]): Promise<Map<string, ReplicaPlace>> {
  const places = new Map<string, ReplicaPlace>()
  const brokers = [...new Set(replicas.map(({ broker }) => broker))]
  if (brokers.length === 0) return places
  const partitions = [...new Map(replicas.map(({ topic, partition }) => [keyOf({ topic, partition }), { topic, partition }])).values()]
  const described = await allAnswered('describeReplicaLogDirs', admin.describeLogDirs({ brokers, partitions }))
  for (const [index, directories] of described.entries()) {
    for (const { path, replicas: list } of directories) {
      for (const { topic, partition, future } of list) {
        const key = replicaText({ topic, partition, broker: brokers[index]! })
        const known = places.get(key) ?? { current: undefined, future: undefined }
        places.set(key, future ? { ...known, future: path } : { ...known, current: path })
      }
    }
  }
  return places
}

const leaderReplicas = 'leader.replication.throttled.replicas'
const followerReplicas = 'follower.replication.throttled.replicas'
const brokerThrottles = [
  'leader.replication.throttled.rate',
  'follower.replication.throttled.rate',
  'replica.alter.log.dirs.io.max.bytes.per.second',
]

interface Move {
  readonly sources: ReadonlySet<number>
  readonly destinations: ReadonlySet<number>
}

/** Sets the rate on all brokers that take part, and on the topics which replicas it is for. */
export async function throttleMoves(
  io: ToolIo,
  admin: Admin,
  ongoing: readonly OngoingReassignment[],
  targets: readonly TargetPartition[],
  current: readonly CurrentPartition[],
  bytesPerSecond: number,
): Promise<void> {
  const moves = new Map<string, TopicPartition & Move>()
  for (const { topic, partition, replicas, adding } of ongoing) {
    const sources = new Set(replicas.filter((id) => !adding.includes(id)))
    moves.set(keyOf({ topic, partition }), { topic, partition, sources, destinations: new Set(adding) })
  }
  const before = new Map(current.map((each) => [keyOf(each), each.replicas]))
  for (const { topic, partition, replicas } of targets) {
    const key = keyOf({ topic, partition })
    const sources = moves.get(key)?.sources ?? new Set(before.get(key) ?? [])
    moves.set(key, { topic, partition, sources, destinations: new Set(replicas.filter((id) => !sources.has(id))) })
  }
  const topics = [...new Set([...moves.values()].map(({ topic }) => topic))]
  const throttled = (topic: string, side: 'sources' | 'destinations'): string => {
    const entries = [...moves.values()].filter((move) => move.topic === topic)
    return [...new Set(entries.flatMap((move) => [...move[side]].map((id) => `${move.partition}:${id}`)))].sort().join(',')
  }
  const set = (name: string, value: string) => ({ name, operation: 'set' as const, value })
  const ofTopics = topics.map((topic) => ({
    type: 'topic' as const,
    name: topic,
    operations: [set(leaderReplicas, throttled(topic, 'sources')), set(followerReplicas, throttled(topic, 'destinations'))],
  }))
  await allAnswered('incrementalAlterConfigs', admin.incrementalAlterConfigs(ofTopics))
  const brokers = new Set([...moves.values()].flatMap(({ sources, destinations }) => [...sources, ...destinations]))
  const rates = brokerThrottles.slice(0, 2).map((name) => set(name, String(bytesPerSecond)))
  const ofBrokers = [...brokers].map((id) => ({ type: 'broker' as const, name: String(id), operations: rates }))
  await allAnswered('incrementalAlterConfigs', admin.incrementalAlterConfigs(ofBrokers))
  io.out(`The inter-broker throttle limit was set to ${bytesPerSecond} B/s\n`)
}

export async function throttleDirectories(io: ToolIo, admin: Admin, brokers: readonly number[], bytesPerSecond: number): Promise<void> {
  const operations = [{ name: brokerThrottles[2]!, operation: 'set' as const, value: String(bytesPerSecond) }]
  const changes = [...new Set(brokers)].map((id) => ({ type: 'broker' as const, name: String(id), operations }))
  await allAnswered('incrementalAlterConfigs', admin.incrementalAlterConfigs(changes))
  io.out(`The replica-alter-dir throttle limit was set to ${bytesPerSecond} B/s\n`)
}

/** Takes the throttles from all brokers and from the topics of the file. */
export async function clearThrottles(io: ToolIo, admin: Admin, targets: readonly TargetPartition[]): Promise<void> {
  const { nodes } = await answered('listNodes', admin.describeCluster())
  const brokers = hashOrder([...new Set([...nodes.map(({ id }) => id), ...targets.flatMap(({ replicas }) => replicas)])], (id) => id)
  io.out(`Clearing broker-level throttles on broker${brokers.length === 1 ? '' : 's'} ${brokers.join(',')}\n`)
  const deletions = (names: readonly string[]) => names.map((name) => ({ name, operation: 'delete' as const }))
  const ofBrokers = brokers.map((id) => ({ type: 'broker' as const, name: String(id), operations: deletions(brokerThrottles) }))
  await allAnswered('incrementalAlterConfigs', admin.incrementalAlterConfigs(ofBrokers))
  const topics = textOrder([...new Set(targets.map(({ topic }) => topic))])
  io.out(`Clearing topic-level throttles on topic${topics.length === 1 ? '' : 's'} ${topics.join(',')}\n`)
  const ofTopics = topics.map((name) => ({ type: 'topic' as const, name, operations: deletions([leaderReplicas, followerReplicas]) }))
  await allAnswered('incrementalAlterConfigs', admin.incrementalAlterConfigs(ofTopics))
}

const RETRY_MS = 100

/** Asks until every broker has begun: a replica that is still on its way cannot be moved between directories yet. @throws JavaException */
export async function moveDirectories(io: ToolIo, admin: Admin, wanted: readonly TargetDirectory[], timeoutMs: number): Promise<void> {
  const { clock } = await io.host()
  const deadlineMs = clock.monotonic() + timeoutMs
  let pending = [...wanted].sort(compareReplicas)
  for (;;) {
    const results = await answered('alterReplicaLogDirs', admin.alterReplicaLogDirs(pending, { timeoutMs: Math.max(1, timeoutMs) }))
    const later: TargetDirectory[] = []
    for (const [index, { error }] of results.entries()) {
      const replica = pending[index]!
      const { topic, partition, broker, path } = replica
      if (error === null)
        io.out(`Successfully started moving log directory to ${path} for replica ${topic}-${partition} with broker ${broker} \n`)
      else if (error.name === 'REPLICA_NOT_AVAILABLE') later.push(replica)
      else
        throw namedException(
          'AdminCommandFailedException',
          `Failed to alter dir for ${replicaText(replica)}`,
          executionException(resultException(error, 'alterReplicaLogDirs')),
        )
    }
    pending = later
    if (pending.length === 0) return
    if (clock.monotonic() >= deadlineMs)
      throw terse(
        `Timed out before log directory move${pending.length === 1 ? '' : 's'} could be started for: ${pending.map(replicaText).join(',')}`,
      )
    await new Promise<void>((resolve) => void clock.after(RETRY_MS, resolve))
  }
}

export const sortedKeys = (partitions: readonly TopicPartition[]): string => [...partitions].sort(comparePartitions).map(keyOf).join(',')
