import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { type Answers, type ForeignClient, pollUntil, type ReadRecord, type SentRecord } from './foreign-client.ts'

export interface Abilities {
  readonly codecs: readonly string[]
  /** group.instance.id (KIP-345): such a member stays in its group when it closes, unless its library leaves all the same. */
  readonly staticMembers: 'stay' | 'leave' | 'none'
  /** Headers whose value is null. */
  readonly nullHeaders: boolean
  /** Admin commands that the library does not have. */
  readonly lacks: readonly (keyof Answers)[]
}

/** What the suite works with; filled in before the tests run. */
export interface Stage {
  /** The client that is looked at. */
  client: ForeignClient
  /** The Java client, which says what is right. */
  reference: ForeignClient
  /** The broker's log directory. */
  dataFolder: string
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const codecNumbers: Readonly<Record<string, number>> = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 }
const long = base64('tkafka '.repeat(15_000))

/** Another time than now, and recent: what is older than `retention.ms` is deleted, sometimes before it is read. */
const WRITTEN_MS = Date.now() - 3_600_000
/** All shapes of a record. */
const varied = (nullHeaders: boolean): SentRecord[] =>
  shapes(nullHeaders).map((record, index) => ({ ...record, partition: 0, timestamp: WRITTEN_MS + index }))

const shapes = (nullHeaders: boolean): SentRecord[] => [
  { key: base64('key'), value: base64('value') },
  { key: null, value: base64('without a key'), headers: [['name', base64('wert ü')]] },
  {
    key: base64('empty'),
    value: '',
    headers: [
      ['a', base64('1')],
      ...(nullHeaders
        ? ([
            ['a', base64('2')],
            ['none', null],
          ] as const)
        : []),
      ['empty', ''],
    ],
  },
  { key: base64('tombstone'), value: null },
  { key: Buffer.from([0, 255, 128, 10]).toString('base64'), value: long },
]

const inOrder = (a: ReadRecord, b: ReadRecord): number => a.partition - b.partition || a.offset - b.offset
/** Without what the sender did not choose. Headers come as a list everywhere, in order. */
const content = (record: SentRecord | ReadRecord) => ({ key: record.key, value: record.value, headers: record.headers ?? [] })

/** The compression of every batch in the partition's files: what really travelled. */
const codecsOnDisk = (folder: string): Set<number> => {
  const found = new Set<number>()
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.log'))) {
    const bytes = readFileSync(join(folder, name))
    for (let at = 0; at + 61 <= bytes.length; at += 12 + bytes.readInt32BE(at + 8)) found.add(bytes.readInt16BE(at + 21) & 7)
  }
  return found
}

const assertOnce = (read: readonly ReadRecord[], sent: readonly SentRecord[]): void => {
  assert.deepEqual(read.map(({ value }) => value).sort(), sent.map(({ value }) => value).sort())
}

export const foreignSuite = (label: string, { codecs, staticMembers, nullHeaders, lacks }: Abilities, stage: Stage): void => {
  const name = (topic: string): string => `${label.replaceAll(/\W+/g, '-').replace(/^-/, '')}-${topic}`
  const without = (...commands: (keyof Answers)[]): string | false => {
    const missing = commands.filter((command) => lacks.includes(command))
    return missing.length > 0 && `the library has no ${missing.join(', ')}`
  }

  for (const codec of codecs) {
    it(`writes ${codec} that Java reads, and reads it itself`, async () => {
      const { client, reference, dataFolder } = stage
      const topic = name(codec)
      await reference.ask('createTopic', { topic, partitions: 1 })
      const sent = varied(nullHeaders)
      const places = await client.ask('produce', { topic, codec, records: sent })
      assert.deepEqual(
        places.map(({ offset }) => offset),
        sent.map((_, index) => index),
      )
      const byJava = [...(await reference.ask('read', { topic }))]
      assert.deepEqual(byJava.map(content), sent.map(content))
      assert.deepEqual(
        byJava.map(({ timestamp }) => timestamp),
        sent.map(({ timestamp }) => timestamp),
      )
      const own = [...(await client.ask('read', { topic, count: sent.length }))].sort(inOrder)
      assert.deepEqual(own, byJava)
      // Some send a batch as it is when it would not get smaller.
      assert.ok(codecsOnDisk(join(dataFolder, `${topic}-0`)).has(codecNumbers[codec]!))
    })

    it(`reads ${codec} of Java`, async () => {
      const { client, reference } = stage
      const topic = name(`java-${codec}`)
      await reference.ask('createTopic', { topic, partitions: 1 })
      const sent = varied(nullHeaders)
      await reference.ask('produce', { topic, codec, records: sent })
      const read = [...(await client.ask('read', { topic, count: sent.length }))].sort(inOrder)
      assert.deepEqual(read, await reference.ask('read', { topic }))
    })
  }

  it('shares a topic between two members of a group, commits, and resumes', async () => {
    const { client, reference } = stage
    const topic = name('shared')
    const group = name('group')
    await reference.ask('createTopic', { topic, partitions: 4 })
    const wave = (tag: string): SentRecord[] =>
      Array.from({ length: 40 }, (_, index) => ({ key: null, value: base64(`${tag} ${index}`), partition: index % 4 }))
    await client.ask('join', { member: 'a', group, topic })
    await client.ask('join', { member: 'b', group, topic })
    await pollUntil(client, ['a', 'b'], 'both have half', (assigned) => assigned.get('a')?.length === 2 && assigned.get('b')?.length === 2)
    await reference.ask('produce', { topic, records: wave('first') })
    const shared = await pollUntil(client, ['a', 'b'], 'everything is read', (_, read) =>
      [...read.values()].every(({ length }) => length >= 20),
    )
    assertOnce([...shared.values()].flat(), wave('first'))
    const described = await reference.ask('describeGroup', { group })
    assert.deepEqual([described.state, described.members], ['Stable', 2])
    for (const member of ['a', 'b']) await client.ask('commit', { member })
    await client.ask('leave', { member: 'b' })
    await pollUntil(client, ['a'], 'the other has all', (assigned) => assigned.get('a')?.length === 4)
    await reference.ask('produce', { topic, records: wave('second') })
    const alone = await pollUntil(client, ['a'], 'it reads all of it, once', (_, read) => read.get('a')!.length >= 40)
    assertOnce(alone.get('a')!, wave('second'))
    await client.ask('commit', { member: 'a' })
    await client.ask('leave', { member: 'a' })
    const committed = await reference.ask('committed', { group })
    assert.deepEqual(
      Object.entries(committed).map(([partition, text]) => `${partition} ${text.split(' ')[0]}`),
      [0, 1, 2, 3].map((partition) => `${topic}-${partition} 20`),
    )
    await reference.ask('produce', { topic, records: wave('third') })
    await client.ask('join', { member: 'c', group, topic })
    const resumed = await pollUntil(client, ['c'], 'what came after the commit', (_, read) => read.get('c')!.length >= 40)
    assertOnce(resumed.get('c')!, wave('third'))
    await client.ask('leave', { member: 'c' })
  })

  it('keeps the place of a static member', { skip: staticMembers === 'none' && 'the library has no static members' }, async () => {
    const { client, reference } = stage
    const topic = name('static')
    const group = name('static-group')
    await reference.ask('createTopic', { topic, partitions: 2 })
    await client.ask('join', { member: 'one', group, topic, instance: 'first' })
    await client.ask('join', { member: 'two', group, topic, instance: 'second' })
    let mine: readonly number[] = []
    await pollUntil(client, ['one', 'two'], 'both have a partition', (assigned) => {
      mine = assigned.get('one') ?? []
      return mine.length === 1 && assigned.get('two')?.length === 1
    })
    const described = await reference.ask('describeGroup', { group })
    assert.deepEqual([...described.instances!], ['first', 'second'])
    await client.ask('leave', { member: 'one' })
    assert.equal((await reference.ask('describeGroup', { group })).members, staticMembers === 'stay' ? 2 : 1)
    await client.ask('join', { member: 'again', group, topic, instance: 'first' })
    await pollUntil(client, ['again', 'two'], 'each has a partition again', (assigned) => {
      const again = assigned.get('again') ?? []
      return again.length === 1 && assigned.get('two')?.length === 1 && (staticMembers === 'leave' || again[0] === mine[0])
    })
    for (const member of ['again', 'two']) await client.ask('leave', { member })
  })

  it('creates, widens, describes and deletes topics', {
    skip: without('createTopic', 'createPartitions', 'listTopics', 'deleteTopic'),
  }, async () => {
    const { client, reference } = stage
    const topic = name('administered')
    await client.ask('createTopic', { topic, partitions: 2, configs: { 'retention.ms': '1234567', 'cleanup.policy': 'compact' } })
    assert.deepEqual(await reference.ask('describeConfigs', { topic }), { 'cleanup.policy': 'compact', 'retention.ms': '1234567' })
    await assert.rejects(client.ask('createTopic', { topic, partitions: 2 }), /exist/i)
    await client.ask('createPartitions', { topic, partitions: 3 })
    assert.equal((await reference.ask('describeTopic', { topic })).partitions, 3)
    assert.equal((await client.ask('describeTopic', { topic })).partitions, 3)
    assert.ok((await client.ask('listTopics')).includes(topic))
    await client.ask('deleteTopic', { topic })
    assert.ok(!(await reference.ask('listTopics')).includes(topic))
  })

  it('describes and alters settings', { skip: without('describeConfigs', 'alterConfigs') }, async () => {
    const { client, reference } = stage
    const topic = name('settings')
    await reference.ask('createTopic', { topic, partitions: 1, configs: { 'retention.ms': '7' } })
    assert.deepEqual(await client.ask('describeConfigs', { topic }), { 'retention.ms': '7' })
    await client.ask('alterConfigs', { topic, configs: { 'retention.ms': '8', 'max.message.bytes': '5000' } })
    const expected = { 'max.message.bytes': '5000', 'retention.ms': '8' }
    assert.deepEqual(await reference.ask('describeConfigs', { topic }), expected)
    assert.deepEqual({ ...(await client.ask('describeConfigs', { topic })) }, expected)
    await assert.rejects(client.ask('alterConfigs', { topic, configs: { 'retention.ms': 'soon' } }), /config|retention/i)
  })

  it('lists offsets and deletes records', { skip: without('listOffsets', 'deleteRecords') }, async () => {
    const { client, reference } = stage
    const topic = name('offsets')
    await reference.ask('createTopic', { topic, partitions: 2 })
    await reference.ask('produce', { topic, records: varied(false) })
    assert.deepEqual(await client.ask('listOffsets', { topic }), { start: { 0: 0, 1: 0 }, end: { 0: 5, 1: 0 } })
    await client.ask('deleteRecords', { topic, partition: 0, before: 3 })
    assert.deepEqual(await client.ask('listOffsets', { topic }), { start: { 0: 3, 1: 0 }, end: { 0: 5, 1: 0 } })
    assert.equal((await client.ask('read', { topic, count: 2 })).length, 2)
  })

  it('lists, describes and deletes groups', { skip: without('listGroups', 'describeGroup', 'deleteGroup') }, async () => {
    const { client, reference } = stage
    const topic = name('grouped')
    const group = name('described')
    await reference.ask('createTopic', { topic, partitions: 1 })
    await client.ask('join', { member: 'm', group, topic })
    await pollUntil(client, ['m'], 'an assignment', (assigned) => assigned.get('m')?.length === 1)
    assert.ok((await client.ask('listGroups')).includes(group))
    const described = await client.ask('describeGroup', { group })
    assert.deepEqual([described.state.toLowerCase(), described.members], ['stable', 1])
    await assert.rejects(client.ask('deleteGroup', { group }), /empty/i)
    await client.ask('leave', { member: 'm' })
    await client.ask('deleteGroup', { group })
    assert.ok(!(await reference.ask('listGroups')).includes(group))
  })
}
