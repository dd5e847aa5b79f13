// platformatic-client.mjs BOOTSTRAP: @platformatic/kafka under the commands of ../foreign-client.ts.
import { Inbox, load, obeyLines, toBytes, toText } from './line-protocol.mjs'

const { Admin, Consumer, ListOffsetTimestamps, Producer } = load('@platformatic/kafka')
const base = { clientId: 'interop', bootstrapBrokers: [process.argv[2]] }
const TOPIC = 2
const OF_THE_TOPIC = 1

const admin = new Admin(base)
const producer = new Producer({ ...base, idempotent: true, acks: -1 })
const members = new Map()
let readers = 0

const told = ({ partition, offset, timestamp, key, value, headerEntries, headers }) => ({
  partition,
  offset: Number(offset),
  timestamp: Number(timestamp),
  key: toText(key),
  value: toText(value),
  headers: (headerEntries ?? [...headers]).map(([name, one]) => [name.toString(), toText(one)]),
})

const joined = async (group, topic, instance) => {
  const consumer = new Consumer({
    ...base,
    groupId: group,
    ...(instance && { groupInstanceId: instance }),
    autocommit: false,
    sessionTimeout: 10_000,
    rebalanceTimeout: 10_000,
    heartbeatInterval: 200,
    maxWaitTime: 100,
    minBytes: 1,
  })
  const stream = await consumer.consume({ topics: [topic], mode: 'committed', fallbackMode: 'earliest' })
  const member = { consumer, stream, topic, inbox: new Inbox(), positions: new Map() }
  stream.on('error', (error) => console.error(error))
  stream.on('data', (message) => {
    member.inbox.push(told(message))
    member.positions.set(message.partition, { offset: message.offset + 1n, leaderEpoch: message.leaderEpoch ?? 0 })
  })
  return member
}
const assignedOf = ({ consumer, topic }) => consumer.assignments?.find((one) => one.topic === topic)?.partitions ?? []
const left = async ({ consumer, stream }) => {
  await stream.close()
  await consumer.close(true)
}
const partitionsOf = async (topic) => {
  const { topics } = await admin.metadata({ topics: [topic], forceUpdate: true })
  return Array.from({ length: topics.get(topic).partitionsCount }, (_, index) => index)
}

await obeyLines({
  async produce({ topic, codec = 'none', records }) {
    const messages = records.map(({ key, value, headers = [], partition, timestamp }) => ({
      topic,
      ...(key !== null && { key: toBytes(key) }),
      ...(value !== null && { value: toBytes(value) }),
      headers: new Map(headers.map(([name, one]) => [Buffer.from(name), toBytes(one)])),
      partition,
      ...(timestamp && { timestamp: BigInt(timestamp) }),
    }))
    const { offsets } = await producer.send({ messages, compression: codec })
    const next = new Map(offsets.map(({ partition, offset }) => [partition, Number(offset)]))
    return records.map(({ partition }) => {
      const offset = next.get(partition)
      next.set(partition, offset + 1)
      return { partition, offset }
    })
  },
  async read({ topic, count }) {
    const member = await joined(`platformatic-reader-${readers++}`, topic)
    const found = await member.inbox.takeAtLeast(count)
    await left(member)
    return found
  },
  async join({ member, group, topic, instance }) {
    members.set(member, await joined(group, topic, instance))
  },
  async poll({ member, waitMs }) {
    const it = members.get(member)
    return { records: await it.inbox.take(waitMs), assigned: [...assignedOf(it)].sort() }
  },
  commit({ member }) {
    const it = members.get(member)
    const owned = [...it.positions].filter(([partition]) => assignedOf(it).includes(partition))
    return it.consumer.commit({ offsets: owned.map(([partition, position]) => ({ topic: it.topic, partition, ...position })) })
  },
  async leave({ member }) {
    await left(members.get(member))
    members.delete(member)
  },
  async createTopic({ topic, partitions, configs = {} }) {
    await admin.createTopics({
      topics: [topic],
      partitions,
      replicas: 1,
      configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
    })
  },
  createPartitions: ({ topic, partitions }) => admin.createPartitions({ topics: [{ name: topic, count: partitions, assignments: null }] }),
  deleteTopic: ({ topic }) => admin.deleteTopics({ topics: [topic] }),
  listTopics: () => admin.listTopics(),
  describeTopic: async ({ topic }) => ({ partitions: (await partitionsOf(topic)).length }),
  async describeConfigs({ topic }) {
    const [{ configs }] = await admin.describeConfigs({ resources: [{ resourceType: TOPIC, resourceName: topic }] })
    const own = configs.filter(({ configSource }) => configSource === OF_THE_TOPIC)
    return Object.fromEntries(own.map(({ name, value }) => [name, value]).sort())
  },
  async alterConfigs({ topic, configs }) {
    const changes = Object.entries(configs).map(([name, value]) => ({ name, configOperation: 0, value }))
    await admin.incrementalAlterConfigs({ resources: [{ resourceType: TOPIC, resourceName: topic, configs: changes }] })
  },
  async listOffsets({ topic }) {
    const partitions = await partitionsOf(topic)
    const at = async (timestamp) => {
      const asked = partitions.map((partitionIndex) => ({ partitionIndex, timestamp }))
      const [listed] = await admin.listOffsets({ topics: [{ name: topic, partitions: asked }] })
      return Object.fromEntries(listed.partitions.map(({ partitionIndex, offset }) => [partitionIndex, Number(offset)]))
    }
    return { start: await at(ListOffsetTimestamps.EARLIEST), end: await at(ListOffsetTimestamps.LATEST) }
  },
  async deleteRecords({ topic, partition, before }) {
    await admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition, offset: BigInt(before) }] }] })
  },
  listGroups: async () => [...(await admin.listGroups()).keys()].sort(),
  async describeGroup({ group }) {
    const described = (await admin.describeGroups({ groups: [group] })).get(group)
    return { state: described.state, members: described.members.size }
  },
  deleteGroup: ({ group }) => admin.deleteGroups({ groups: [group] }),
})
