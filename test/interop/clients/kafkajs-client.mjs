// kafkajs-client.mjs BOOTSTRAP: kafkajs under the commands of ../foreign-client.ts.
import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'
import { Inbox, load, obeyLines, toBytes, toText } from './line-protocol.mjs'

const { CompressionCodecs, CompressionTypes, ConfigResourceTypes, Kafka, logLevel } = load('kafkajs')
const snappy = load('snappy')
const lz4 = load('lz4-napi')

const raw = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
/** Java frames Snappy in blocks (xerial). */
const unframeSnappy = async (buffer) => {
  if (!buffer.subarray(0, 8).equals(raw)) return snappy.uncompress(buffer)
  const blocks = []
  for (let at = 16; at < buffer.length; ) {
    const size = buffer.readInt32BE(at)
    blocks.push(await snappy.uncompress(buffer.subarray(at + 4, at + 4 + size)))
    at += 4 + size
  }
  return Buffer.concat(blocks)
}
CompressionCodecs[CompressionTypes.Snappy] = () => ({ compress: ({ buffer }) => snappy.compress(buffer), decompress: unframeSnappy })
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: ({ buffer }) => lz4.compressFrame(buffer),
  decompress: (buffer) => lz4.decompressFrame(buffer),
})
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: ({ buffer }) => promisify(zstdCompress)(buffer),
  decompress: (buffer) => promisify(zstdDecompress)(buffer),
})
const codecs = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
}

const stderrOnly =
  () =>
  ({ namespace, log }) =>
    console.error(namespace, log.message, log.error ?? '')
const kafka = new Kafka({ brokers: [process.argv[2]], logLevel: logLevel.WARN, logCreator: stderrOnly })
const admin = kafka.admin()
const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
const members = new Map()
let readers = 0

const told = (partition, { offset, timestamp, key, value, headers }) => ({
  partition,
  offset: Number(offset),
  timestamp: Number(timestamp),
  key: toText(key),
  value: toText(value),
  headers: Object.entries(headers ?? {}).flatMap(([name, values]) => [values].flat().map((one) => [name, toText(one)])),
})

const joined = async (group, topic) => {
  const consumer = kafka.consumer({ groupId: group, heartbeatInterval: 200, sessionTimeout: 10_000, maxWaitTimeInMs: 100 })
  const member = { consumer, topic, inbox: new Inbox(), assigned: [], positions: new Map() }
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    member.assigned = payload.memberAssignment[topic] ?? []
  })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ partition, message }) => {
      member.inbox.push(told(partition, message))
      member.positions.set(partition, Number(message.offset) + 1)
    },
  })
  return member
}

await admin.connect()
await producer.connect()
await obeyLines({
  async produce({ topic, codec = 'none', records }) {
    const messages = records.map(({ key, value, headers = [], partition, timestamp }) => {
      const grouped = {}
      for (const [name, one] of headers) grouped[name] = name in grouped ? [grouped[name], toBytes(one)].flat() : toBytes(one)
      return { key: toBytes(key), value: toBytes(value), headers: grouped, partition, ...(timestamp && { timestamp: String(timestamp) }) }
    })
    const [{ baseOffset }] = await producer.send({ topic, compression: codecs[codec], acks: -1, messages })
    return records.map(({ partition }, index) => ({ partition, offset: Number(baseOffset) + index }))
  },
  async read({ topic, count }) {
    const { consumer, inbox } = await joined(`kafkajs-reader-${readers++}`, topic)
    const found = await inbox.takeAtLeast(count)
    await consumer.disconnect()
    return found
  },
  async join({ member, group, topic }) {
    members.set(member, await joined(group, topic))
  },
  async poll({ member, waitMs }) {
    const { inbox, assigned } = members.get(member)
    return { records: await inbox.take(waitMs), assigned: [...assigned].sort() }
  },
  commit({ member }) {
    const { consumer, topic, positions, assigned } = members.get(member)
    const owned = [...positions].filter(([partition]) => assigned.includes(partition))
    return consumer.commitOffsets(owned.map(([partition, offset]) => ({ topic, partition, offset: String(offset) })))
  },
  async leave({ member }) {
    await members.get(member).consumer.disconnect()
    members.delete(member)
  },
  async createTopic({ topic, partitions, configs = {} }) {
    const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }))
    const made = await admin.createTopics({ topics: [{ topic, numPartitions: partitions, replicationFactor: 1, configEntries }] })
    if (!made) throw new Error(`${topic} exists`)
  },
  createPartitions: ({ topic, partitions }) => admin.createPartitions({ topicPartitions: [{ topic, count: partitions }] }).then(() => null),
  deleteTopic: ({ topic }) => admin.deleteTopics({ topics: [topic] }),
  listTopics: () => admin.listTopics(),
  async describeTopic({ topic }) {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    return { partitions: topics[0].partitions.length }
  },
  async describeConfigs({ topic }) {
    const { resources } = await admin.describeConfigs({ resources: [{ type: ConfigResourceTypes.TOPIC, name: topic }] })
    const own = resources[0].configEntries.filter(({ configSource }) => configSource === 1)
    return Object.fromEntries(own.map(({ configName, configValue }) => [configName, configValue]).sort())
  },
  async alterConfigs({ topic, configs }) {
    const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }))
    await admin.alterConfigs({ resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }] })
  },
  async listOffsets({ topic }) {
    const listed = await admin.fetchTopicOffsets(topic)
    const side = (name) => Object.fromEntries(listed.map((one) => [one.partition, Number(one[name])]))
    return { start: side('low'), end: side('high') }
  },
  deleteRecords: ({ topic, partition, before }) => admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(before) }] }),
  async listGroups() {
    const { groups } = await admin.listGroups()
    return groups.map(({ groupId }) => groupId).sort()
  },
  async describeGroup({ group }) {
    const { groups } = await admin.describeGroups([group])
    return { state: groups[0].state, members: groups[0].members.length }
  },
  async deleteGroup({ group }) {
    await admin.deleteGroups([group])
  },
})
