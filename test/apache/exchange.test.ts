import assert from 'node:assert/strict'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { eventually } from '../client/broker-at.ts'
import { ForeignClient, pollUntil, type SentRecord } from '../interop/foreign-client.ts'
import { startApacheKafka } from './apache-kafka.ts'
import { freePorts } from './free-port.ts'
import { type Ended, startJava } from './java-program.ts'
import { withoutApache } from './kafka-home.ts'
import { type ObservedCluster, observe } from './observed-cluster.ts'
import { startTkafka } from './tkafka-node.ts'
import { runTool } from './tools.ts'

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const letters = (count: number, seed: number): string => {
  let text = ''
  for (let state = seed; text.length < count; state = (state * 48271) % 2147483647) text += state.toString(36)
  return text.slice(0, count)
}

/** Another time than now, and recent: what is older than `retention.ms` is deleted, sometimes before it is read. */
const WRITTEN_MS = Date.now() - 3_600_000

/** All shapes of a record, `tag` in each. */
const varied = (tag: string, partition?: number): SentRecord[] =>
  [
    { key: base64(`${tag} key`), value: base64(`${tag} value`) },
    { key: null, value: base64(`${tag} without a key`), headers: [['h', base64(tag)]] as const },
    {
      key: base64(`${tag} empty`),
      value: '',
      headers: [['', ''] as const, ['none', null] as const, ['h', base64('1')] as const, ['h', base64('2')] as const],
    },
    { key: base64(`${tag} tombstone`), value: null },
    { key: '', value: base64(`${tag} ${'long '.repeat(5000)}`), timestamp: WRITTEN_MS },
  ].map((record) => (partition === undefined ? record : { ...record, partition }))

const keyed = (tag: string, count: number): SentRecord[] =>
  Array.from({ length: count }, (_, index) => ({ key: base64(`key ${index % 20}`), value: base64(`${tag} ${index}`) }))

const writeByApache = async (client: ForeignClient): Promise<void> => {
  await client.ask('createTopic', { topic: 'plain', partitions: 3 })
  await client.ask('createTopic', { topic: 'packed', partitions: 1 })
  await client.ask('createTopic', {
    topic: 'latest',
    partitions: 1,
    configs: { 'cleanup.policy': 'compact', 'segment.ms': 50, 'min.cleanable.dirty.ratio': 0.01 },
  })
  await client.ask('createTopic', {
    topic: 'stamped',
    partitions: 1,
    configs: { 'message.timestamp.type': 'LogAppendTime', 'compression.type': 'lz4' },
  })
  await client.ask('createTopic', {
    topic: 'rolled',
    partitions: 1,
    configs: { 'segment.bytes': 1048576, 'retention.ms': -1, preallocate: true },
  })
  await client.ask('createTopic', { topic: 'gone', partitions: 2 })
  for (const partition of [0, 1, 2]) await client.ask('produce', { topic: 'plain', records: varied(`first ${partition}`, partition) })
  for (const codec of codecs) await client.ask('produce', { topic: 'packed', codec, records: varied(codec) })
  for (const wave of [1, 2, 3]) await client.ask('produce', { topic: 'latest', records: keyed(`wave ${wave}`, 60) })
  await client.ask('produce', { topic: 'stamped', records: varied('stamped') })
  await client.ask('produce', { topic: 'gone', records: varied('gone') })
  for (let part = 0; part < 3; part++) {
    const records = Array.from({ length: 10 }, (_, index) => ({ key: null, value: base64(letters(90_000, part * 10 + index + 1)) }))
    await client.ask('produce', { topic: 'rolled', records })
  }
  await readAsGroup(client, 'readers', 'plain', 15, 3, 'as Apache Kafka keeps it')
  await client.ask('alterCommitted', { group: 'by hand', topic: 'packed', partition: 0, offset: 7, metadata: 'seven' })
  await client.ask('deleteRecords', { topic: 'rolled', partition: 0, before: 4 })
  await client.ask('alterConfigs', { topic: 'stamped', configs: { 'retention.bytes': 123456789, 'max.message.bytes': 654321 } })
  await client.ask('alterConfigs', { type: 'BROKER', name: '', configs: { 'log.retention.ms': 987654321000 } })
  await client.ask('deleteTopic', { topic: 'gone' })
  await eventually('the deleted topic is not listed', async () => !(await client.ask('listTopics')).includes('gone'), 30_000)
}

const extendByTkafka = async (client: ForeignClient): Promise<void> => {
  for (const partition of [0, 1, 2]) await client.ask('produce', { topic: 'plain', records: varied(`second ${partition}`, partition) })
  for (const codec of codecs) await client.ask('produce', { topic: 'packed', codec, records: varied(`again ${codec}`) })
  await client.ask('produce', { topic: 'latest', records: [...keyed('wave 4', 10), { key: base64('key 19'), value: null }] })
  await client.ask('produce', { topic: 'stamped', records: varied('stamped again') })
  await client.ask('createTopic', { topic: 'made-by-tkafka', partitions: 4, configs: { 'retention.ms': 86400000 } })
  await client.ask('produce', { topic: 'made-by-tkafka', records: varied('new') })
  await client.ask('createPartitions', { topic: 'packed', partitions: 2 })
  await client.ask('alterConfigs', { topic: 'stamped', configs: { 'retention.bytes': null, 'min.insync.replicas': 1 } })
  await client.ask('deleteRecords', { topic: 'rolled', partition: 0, before: 12 })
  await client.ask('deleteRecords', { topic: 'plain', partition: 1, before: 2 })
  await readAsGroup(client, 'readers', 'plain', 15, 3, 'as tkafka keeps it')
  await readAsGroup(client, 'newcomers', 'made-by-tkafka', 5, 4, 'new')
  await client.ask('alterCommitted', { group: 'by hand', topic: 'packed', partition: 0, offset: 9, metadata: 'nine' })
}

const extendByApache = async (client: ForeignClient): Promise<void> => {
  for (const codec of codecs) await client.ask('produce', { topic: 'packed', codec, records: varied(`third ${codec}`, 0) })
  await client.ask('produce', { topic: 'made-by-tkafka', records: varied('by Apache Kafka', 1) })
  await readAsGroup(client, 'newcomers', 'made-by-tkafka', 5, 4, 'once more')
}

/** A member resumes where its group is, and finds exactly `count` records. */
const readAsGroup = async (
  client: ForeignClient,
  group: string,
  topic: string,
  count: number,
  partitions: number,
  metadata: string,
): Promise<void> => {
  const member = `${group} of ${topic}`
  await client.ask('join', { member, group, topic })
  const read = await pollUntil(
    client,
    [member],
    `${count} records of ${topic}`,
    (assigned, records) => assigned.get(member)?.length === partitions && records.get(member)!.length >= count,
  )
  await client.ask('commit', { member, metadata })
  await client.ask('leave', { member })
  assert.equal(read.get(member)!.length, count)
}

const assertSame = (now: ObservedCluster, before: ObservedCluster): void => {
  assert.deepEqual(Object.keys(now.topics), Object.keys(before.topics))
  for (const [topic, observed] of Object.entries(now.topics)) assert.deepEqual(observed, before.topics[topic], topic)
  assert.deepEqual(now.groups, before.groups)
  assert.deepEqual(now.brokerConfigs, before.brokerConfigs)
}

/** Neither of the two writes a new log start at once: it is safe from a kill when the checkpoint has it. */
const checkpointed = async (observed: ObservedCluster, dataFolder: string): Promise<ObservedCluster> => {
  const starts = Object.entries(observed.topics).flatMap(([topic, { start }]) =>
    Object.entries(start).flatMap(([partition, offset]) => (offset === 0 ? [] : [`${topic} ${partition} ${offset}`])),
  )
  const file = join(dataFolder, 'log-start-offset-checkpoint')
  await eventually(`${starts} in ${file}`, () => {
    const lines = readFileSync(file, 'utf8').split('\n')
    return starts.every((start) => lines.includes(start))
  })
  return observed
}

const assertDumps = async (dataFolder: string): Promise<void> => {
  const logs = globSync(`${dataFolder}/{plain,packed,latest,stamped,rolled,made-by-tkafka}-*/*.log`)
  const indexes = globSync(`${dataFolder}/{plain,packed,rolled}-*/*.{index,timeindex,snapshot}`)
  const offsets = globSync(`${dataFolder}/__consumer_offsets-*/*.log`)
  const dump = (...args: string[]): Promise<Ended> => runTool('dump-log', args)
  const dumps = [
    await dump('--deep-iteration', '--print-data-log', '--files', logs.join(',')),
    await dump('--verify-index-only', '--files', indexes.join(',')),
    await dump('--offsets-decoder', '--files', offsets.join(',')),
    await dump('--cluster-metadata-decoder', '--files', globSync(`${dataFolder}/__cluster_metadata-0/*.log`).join(',')),
  ] as const
  for (const { code, stdout, stderr } of dumps) {
    assert.equal(code, 0, stderr)
    assert.doesNotMatch(stdout, /isvalid: false|Mismatches|mismatch|Skipping|Found timestamp/i)
  }
  for (const codec of codecs) assert.match(dumps[0].stdout, new RegExp(`compresscodec: ${codec}`))
  assert.match(dumps[0].stdout, /again zstd value/)
  assert.match(dumps[2].stdout, /as tkafka keeps it/)
  assert.match(dumps[3].stdout, /made-by-tkafka/)
}

const rounds = [
  { voters: 'static voters', ending: 'kill', says: 'killed with -9 on each side' },
  { voters: 'a dynamic voter', ending: 'stop', says: 'stopped cleanly on each side' },
  { voters: 'static voters', ending: 'stop', says: 'stopped cleanly on each side', isLong: true },
  { voters: 'a dynamic voter', ending: 'kill', says: 'killed with -9 on each side', isLong: true },
] as const

describe('one data directory, Apache Kafka and tkafka in turn', { skip: withoutApache }, () => {
  for (const round of rounds) {
    const skip = 'isLong' in round && process.env.TKAFKA_LONG !== '1' && 'needs TKAFKA_LONG=1'
    test(`written, extended and read with ${round.voters}, ${round.says}`, { skip }, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tkafka-exchange-'))
      const dataFolder = join(folder, 'data')
      const [port, controllerPort] = await freePorts(2)
      const options = {
        folder,
        ports: [port!, controllerPort!] as const,
        dynamicVoters: round.voters === 'a dynamic voter',
        properties: {
          'offsets.topic.num.partitions': 3,
          'log.cleaner.backoff.ms': 200,
          'log.initial.task.delay.ms': 100,
          'log.flush.start.offset.checkpoint.interval.ms': 200,
          // A producer that lives on would bring a deleted topic back by asking for it.
          'auto.create.topics.enable': 'false',
        },
      }
      // It stays through all of it: its idempotent producers go on where they were.
      await using client = new ForeignClient('Java', startJava('Client', [`127.0.0.1:${port}`]))
      const apache = (): Promise<Ending> => startApacheKafka(options)
      const tkafka = (): Promise<Ending> => startTkafka(join(folder, 'server.properties'))
      const seen = async (): Promise<ObservedCluster> => checkpointed(await observe(client), dataFolder)

      const written = await during(apache, round.ending, async () => {
        await writeByApache(client)
        return seen()
      })
      assert.ok(!('gone' in written.topics))
      const extended = await during(tkafka, round.ending, async () => {
        assertSame(await observe(client), written)
        await extendByTkafka(client)
        return seen()
      })
      await assertDumps(dataFolder)
      const widened = await during(apache, round.ending, async () => {
        assertSame(await observe(client), extended)
        await extendByApache(client)
        return seen()
      })
      await during(tkafka, 'stop', async () => assertSame(await observe(client), widened))
      rmSync(folder, { recursive: true })
    })
  }
})

interface Ending extends AsyncDisposable {
  log(): string
  stop(): Promise<void>
  kill(): Promise<void>
}

const during = async <T>(start: () => Promise<Ending>, ending: 'stop' | 'kill', work: () => Promise<T>): Promise<T> => {
  await using node = await start()
  try {
    const result = await work()
    await node[ending]()
    return result
  } catch (error) {
    console.error(node.log().slice(-4000))
    throw error
  }
}
