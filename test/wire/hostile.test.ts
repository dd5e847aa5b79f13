import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { brokerHandlers, controllerHandlers } from '../../src/broker/apis/index.ts'
import { Apis, Errors, errorName, requestFrame } from '../../src/protocol/index.ts'
import { FetchRequest } from '../../src/protocol/messages/fetch.ts'
import { BatchBuilder, Codec, type CodecName } from '../../src/records/index.ts'
import { SeededRandom } from '../../src/sim/index.ts'
import { BrokerChild } from '../broker/broker-child.ts'
import { runBroker } from '../broker/broker-fixture.ts'
import { plainBatch } from '../log/sample-batches.ts'
import { badBatches } from './bad-batches.ts'
import { GoodClient } from './good-client.ts'
import { sampleRequests, versionsOf } from './sample-requests.ts'
import { ConnectionLost, deadline, eventually, frameBytes, framed, headerBytes, WireClient } from './wire-client.ts'

const MIB = 1024 * 1024
const IDLE_MS = 3000

let directory: string
let broker: BrokerChild
let good: GoodClient
let topicId: string

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tkafka-hostile-'))
  broker = await BrokerChild.start(join(directory, 'data'), {
    'connections.max.idle.ms': String(IDLE_MS),
    'offsets.topic.num.partitions': '2',
    'log.message.timestamp.after.max.ms': '3600000',
  })
  using client = await WireClient.open(broker.port)
  const names = ['good', 'wire', 'compacted']
  const created = await client.call('CreateTopics', 7, {
    topics: names.map((name) => ({
      ...{ name, numPartitions: 1, replicationFactor: 1 },
      configs: name === 'compacted' ? [{ name: 'cleanup.policy', value: 'compact' }] : [],
    })),
  })
  topicId = created.topics[1].topicId
  good = new GoodClient(broker.port, 'good', () => broker.processorMs)
})

after(async () => {
  await broker[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})

const endOffset = async (client: WireClient, topic: string): Promise<number> => {
  const listed = await client.call('ListOffsets', 5, {
    replicaId: -1,
    topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
  })
  return listed.topics[0].partitions[0].offset
}

const produce = async (client: WireClient, records: Buffer | null, topic = 'wire', version = 9) => {
  const answer = await client.call('Produce', version, {
    acks: -1,
    timeoutMs: 5000,
    topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
  })
  return answer.responses[0].partitionResponses[0] as { errorCode: number; errorMessage: string; baseOffset: number }
}

const isWell = async (): Promise<void> => {
  assert.ok(broker.isRunning, `the broker ended: ${broker.stderr}`)
  const goodBefore = good.count
  await eventually('the good client is served', () => good.count > goodBefore + 2 || good.faults.length > 0)
  assert.deepEqual(good.faults, [])
  assert.deepEqual((await broker.sample()).failures, [], 'the broker has no reason to report a failure')
}

/** Closed for what it said: before a connection that has been silent for longer. */
const costsTheConnection = async (what: string, bytes: Buffer): Promise<void> => {
  using silent = await WireClient.open(broker.port)
  using client = await WireClient.open(broker.port)
  client.send(bytes)
  await deadline(what, Promise.race([client.ended, silent.ended]))
  assert.ok(silent.isOpen, `${what}: closed as others are that say nothing`)
}

describe('bytes that are no request', () => {
  const openings: Record<string, Buffer> = {
    'a size of -1': Buffer.from('ffffffff', 'hex'),
    'the most negative size': Buffer.from('80000000', 'hex'),
    'a size of 2^31-1': Buffer.from('7fffffff', 'hex'),
    'a size of one more than socket.request.max.bytes': Buffer.from('06400001', 'hex'),
    'a size of 0': Buffer.alloc(4),
    'a frame of one byte': framed('\0'),
    'a frame of seven bytes': framed(Buffer.alloc(7)),
    'an HTTP request': Buffer.from('GET / HTTP/1.1\r\nHost: kafka\r\n\r\n'),
    'a TLS ClientHello': Buffer.from('16030100c8010000c40303aabbccddeeff00112233445566778899', 'hex'),
    'a greeting of SSH': Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'),
    'a text': Buffer.from('hello broker, how are you today?\n'),
    'a frame of noise': framed(Buffer.from(Array.from({ length: 300 }, (_, n) => (n * 151 + 7) & 0xff))),
  }
  for (const [what, bytes] of Object.entries(openings)) {
    it(`cost the connection: ${what}`, async () => {
      await costsTheConnection(what, bytes)
      await isWell()
    })
  }

  it('cost the connection when a length lies: arrays, texts, bytes, tagged fields', async () => {
    const lies = ['7fffffff', '80000000', 'fffffffe', '00ffffff', 'ffffffffff7f', 'ffffffffffffffffffff01']
    for (const [name, version] of [
      ['Metadata', 8],
      ['Metadata', 12],
      ['Produce', 8],
      ['Produce', 9],
      ['Fetch', 11],
      ['Fetch', 16],
      ['CreateTopics', 7],
      ['JoinGroup', 9],
      ['OffsetCommit', 2],
    ] as const) {
      for (const lie of lies) {
        const header = headerBytes(Apis[name].key, version, 1, 'liar')
        const bytes = framed(Buffer.concat([header, Buffer.from([0]), Buffer.from(lie, 'hex'), Buffer.alloc(3, 0xff)]))
        await costsTheConnection(`${name} ${version} ${lie}`, bytes)
      }
    }
    await isWell()
  })
})

describe('frames that do not come', () => {
  it('take no memory for what they announce, and are reaped', async () => {
    await isWell()
    const residentBefore = broker.residentBytes
    const descriptorsBefore = broker.descriptorCount
    const size = Buffer.alloc(4)
    size.writeInt32BE(100 * MIB)
    const clients = await Promise.all(Array.from({ length: 50 }, () => WireClient.open(broker.port)))
    for (const client of clients) client.send(Buffer.concat([size, Buffer.alloc(1000)]))
    await isWell()
    const grown = broker.residentBytes - residentBefore
    assert.ok(grown < 40 * MIB, `${Math.round(grown / MIB)} MiB for 50 announcements of 100 MiB`)
    await deadline('half frames are reaped', Promise.all(clients.map(({ ended }) => ended)))
    await eventually('their descriptors are given back', () => broker.descriptorCount <= descriptorsBefore + 2)
    await isWell()
  })
})

describe('batches that are refused', () => {
  for (const [what, { records, errors, topic = 'wire' }] of Object.entries(badBatches())) {
    it(`${what}: ${errors.join(' or ')}, and the log does not grow`, async () => {
      using client = await WireClient.open(broker.port)
      const endBefore = await endOffset(client, topic)
      const { errorCode } = await produce(client, records, topic)
      assert.ok(errors.includes(errorName(errorCode)), `answered ${errorName(errorCode)}`)
      assert.equal(await endOffset(client, topic), endBefore)
    })
  }

  it('leave the partition as it was: the next good one is taken', async () => {
    using client = await WireClient.open(broker.port)
    assert.equal((await produce(client, plainBatch(3, 10, { timestamp: Date.now() }))).errorCode, Errors.NONE)
    await isWell()
  })

  it('are cut off behind the last whole batch, as Apache Kafka does, and nothing of the rest is stored', async () => {
    using client = await WireClient.open(broker.port)
    const batch = plainBatch(1, 10, { timestamp: Date.now() })
    const { errorCode, baseOffset } = await produce(client, Buffer.concat([batch, Buffer.alloc(30, 1)]))
    assert.equal(errorCode, Errors.NONE)
    const fetched = await client.call('Fetch', 11, {
      maxBytes: MIB,
      topics: [{ topic: 'wire', partitions: [{ partition: 0, fetchOffset: baseOffset, partitionMaxBytes: MIB }] }],
    })
    assert.equal(fetched.responses[0].partitions[0].records.length, batch.length)
  })

  for (const codec of ['gzip', 'snappy', 'lz4', 'zstd'] as const satisfies CodecName[]) {
    it(`a bomb of ${codec} is refused, or taken without its content being held`, async () => {
      using client = await WireClient.open(broker.port)
      const residentBefore = broker.residentBytes
      const builder = new BatchBuilder({ codec: Codec[codec] })
      builder.append(Date.now(), null, Buffer.alloc(codec === 'snappy' ? 18 * MIB : 130 * MIB))
      const records = builder.close()!
      assert.ok(records.length < 1_048_588, `${records.length} bytes`)
      const endBefore = await endOffset(client, 'wire')
      const workedMs = broker.processorMs
      const { errorCode } = await produce(client, records)
      const costMs = broker.processorMs - workedMs
      assert.equal(await endOffset(client, 'wire'), errorCode === Errors.NONE ? endBefore + 1 : endBefore)
      if (codec !== 'snappy') assert.notEqual(errorCode, Errors.NONE)
      assert.ok(costMs < 1500, `${costMs} ms of work`)
      const grown = broker.residentBytes - residentBefore
      assert.ok(grown < 260 * MIB, `${Math.round(grown / MIB)} MiB`)
      await isWell()
    })
  }
})

describe('names that are none', () => {
  const names = ['', '.', '..', '../escape', 'a/b', 'nul\0', 'x'.repeat(250), 'é', 'tab\t', '__proto__/x']

  it('are refused at every entry, and make no directory', async () => {
    using client = await WireClient.open(broker.port)
    for (const name of names) {
      const created = await client.call('CreateTopics', 7, { topics: [{ name, numPartitions: 1, replicationFactor: 1 }] })
      assert.equal(errorName(created.topics[0].errorCode), 'INVALID_TOPIC_EXCEPTION', JSON.stringify(name))
      const metadata = await client.call('Metadata', 9, { topics: [{ name }], allowAutoTopicCreation: true })
      assert.equal(errorName(metadata.topics[0].errorCode), 'INVALID_TOPIC_EXCEPTION', JSON.stringify(name))
      const { errorCode } = await produce(client, plainBatch(), name)
      assert.match(errorName(errorCode), /INVALID_TOPIC_EXCEPTION|UNKNOWN_TOPIC_OR_PARTITION/, JSON.stringify(name))
      const partition = {
        name,
        topic: name,
        partitions: [{ partitionIndex: 0, partition: 0, timestamp: -1, offset: 0, partitionMaxBytes: 9 }],
      }
      const codes = [
        (await client.call('ListOffsets', 5, { topics: [partition] })).topics[0].partitions[0].errorCode,
        (await client.call('Fetch', 11, { topics: [partition] })).responses[0].partitions[0].errorCode,
        (await client.call('DeleteRecords', 1, { topics: [partition], timeoutMs: 1000 })).topics[0].partitions[0].errorCode,
        (await client.call('DeleteTopics', 5, { topicNames: [name], timeoutMs: 1000 })).responses[0].errorCode,
        (await client.call('CreatePartitions', 3, { topics: [{ name, count: 3, assignments: null }], timeoutMs: 1000 })).results[0]
          .errorCode,
        (await client.call('DescribeTopicPartitions', 0, { topics: [{ name }] })).topics[0].errorCode,
        (await client.call('OffsetCommit', 8, { groupId: '../g', generationIdOrMemberEpoch: -1, topics: [partition] })).topics[0]
          .partitions[0].errorCode,
      ]
      for (const code of codes) assert.match(errorName(code), /INVALID_TOPIC_EXCEPTION|UNKNOWN_TOPIC_OR_PARTITION/, JSON.stringify(name))
    }
    for (const name of ['__proto__', 'constructor', 'toString']) {
      const metadata = await client.call('Metadata', 9, { topics: [{ name }], allowAutoTopicCreation: false })
      assert.equal(errorName(metadata.topics[0].errorCode), 'UNKNOWN_TOPIC_OR_PARTITION', name)
    }
    assert.deepEqual(readdirSync(directory), ['data'])
    for (const entry of readdirSync(join(directory, 'data'))) assert.match(entry, /^[\w.-]+$/)
    await isWell()
  })

  it('of groups are content, not paths: kept as they are, at any length', async () => {
    using client = await WireClient.open(broker.port)
    for (const groupId of ['../../etc/passwd', 'line\nbreak', '\u001b[2J', 'g'.repeat(30_000), '__proto__']) {
      const found = await client.call('FindCoordinator', 4, { coordinatorKeys: [groupId] })
      assert.equal(found.coordinators[0].key, groupId)
      const described = await client.call('DescribeGroups', 5, { groups: [groupId] })
      assert.equal(described.groups[0].groupId, groupId)
    }
    await isWell()
  })
})

describe('clients that take more than their share', () => {
  it('a slow reader is not sent more than fits, whatever it asked for', async () => {
    using filler = await WireClient.open(broker.port)
    await filler.call('CreateTopics', 7, { topics: [{ name: 'big', numPartitions: 1, replicationFactor: 1 }] })
    for (let n = 0; n < 20; n++) assert.equal((await produce(filler, plainBatch(1, MIB - 1000), 'big')).errorCode, Errors.NONE)
    await isWell()
    const residentBefore = broker.residentBytes
    const readers = await Promise.all(Array.from({ length: 10 }, () => WireClient.open(broker.port)))
    for (const reader of readers) {
      const frame = requestFrame(Apis.Fetch, 11, 1, 'slow', FetchRequest, {
        maxBytes: 0x7fffffff,
        topics: [{ topic: 'big', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 0x7fffffff }] }],
      })
      reader.socket.once('data', () => reader.socket.pause())
      reader.send(Buffer.concat(Array.from({ length: 100 }, () => frameBytes(frame))))
    }
    await eventually('each is being answered', () => readers.every(({ socket }) => socket.isPaused()))
    // Others are answered meanwhile, again and again, until the broker takes no more for the readers.
    let grown = 0
    let grownBefore: number
    do {
      await isWell()
      grownBefore = grown
      grown = broker.residentBytes - residentBefore
      assert.ok(grown < 100 * MIB, `${Math.round(grown / MIB)} MiB for 20 GiB that were asked for`)
    } while (grown > grownBefore + MIB)
    for (const reader of readers) reader[Symbol.dispose]()
    await isWell()
  })

  it('thousands of connections are held, and let go', async () => {
    const descriptorsBefore = broker.descriptorCount
    const residentBefore = broker.residentBytes
    const clients: WireClient[] = []
    for (let n = 0; n < 20; n++) clients.push(...(await Promise.all(Array.from({ length: 100 }, () => WireClient.open(broker.port)))))
    const grown = broker.residentBytes - residentBefore
    assert.ok(grown < 80 * MIB, `${Math.round(grown / MIB)} MiB for 2000 connections`)
    await isWell()
    for (const client of clients) client[Symbol.dispose]()
    await eventually('they are gone', () => broker.descriptorCount <= descriptorsBefore + 5)
    await isWell()
  })

  it('connection limits are exact: in total and for each address', async () => {
    await using limited = await runBroker({
      'max.connections': '8',
      'max.connections.per.ip': '5',
      'max.connections.per.ip.overrides': '127.0.0.3:2',
    })
    const { server } = limited.broker as unknown as { server: { waiting: number } }
    /** Connects again and again; each is answered, closed, or waits for a place. */
    const from = async (address: string, count: number): Promise<{ client: WireClient; fate: string; answer: Promise<string> }[]> => {
      const made = []
      for (let n = 0; n < count; n++) {
        const before = server.waiting
        const client = await WireClient.open(limited.port, address)
        const answer = client.call('ApiVersions', 0).then(
          () => 'served',
          () => 'closed',
        )
        let known: string | undefined
        void answer.then((each) => (known = each))
        await eventually('the connection is decided on', () => known !== undefined || server.waiting > before)
        made.push({ client, answer, fate: known ?? 'waits' })
      }
      return made
    }
    const fates = (made: { fate: string }[]): string => made.map(({ fate }) => fate).join(' ')
    const first = await from('127.0.0.1', 7)
    assert.equal(fates(first), 'served served served served served closed closed', 'max.connections.per.ip')
    assert.equal(fates(await from('127.0.0.3', 4)), 'served served closed closed', 'max.connections.per.ip.overrides')
    const last = await from('127.0.0.2', 3)
    assert.equal(fates(last), 'served waits waits', 'max.connections')
    first[0]!.client[Symbol.dispose]()
    assert.equal(await last[1]!.answer, 'served', 'one place is free')
    assert.equal(server.waiting, 1)
  })
})

describe('frames with bytes changed at random', () => {
  it('are answered or cost the connection, and nothing else', async () => {
    const random = new SeededRandom(20)
    const below = (count: number): number => random.below(count)
    const requestsOf = sampleRequests({ clusterId: 'none', topicId, brokerEpoch: 1 })
    const frames: { what: string; bytes: Buffer }[] = []
    for (const { api, request } of [...brokerHandlers, ...controllerHandlers]) {
      if (!api.listeners.includes('broker')) continue
      for (const version of versionsOf(api)) {
        for (const body of Object.values(requestsOf(api, request, version))) {
          frames.push({ what: `${api.name} ${version}`, bytes: frameBytes(requestFrame(api, version, 1, 'fuzz', request, body)) })
        }
      }
    }
    let answered = 0
    let closed = 0
    const waiting = new Set<string>()
    const mayWait = /^(Fetch|JoinGroup|SyncGroup|Produce|CreateTopics|DeleteTopics|DeleteRecords|ElectLeaders|CreatePartitions)/
    const attack = async (): Promise<void> => {
      const { what, bytes } = frames[below(frames.length)]!
      const frame = Buffer.from(bytes)
      const headerEnd = 4 + 10 + 4
      for (let changes = 1 + below(4); changes > 0 && frame.length > headerEnd; changes--) {
        const at = headerEnd + below(frame.length - headerEnd)
        frame[at] = [0, 0xff, 0x7f, 0x80, below(256)][below(5)]!
      }
      using silent = await WireClient.open(broker.port)
      using client = await WireClient.open(broker.port)
      client.send(frame)
      const answer = client.nextFrame().then(
        () => 'answered',
        // Closed as others are that say nothing is waiting in vain.
        (error) => (error instanceof ConnectionLost && silent.isOpen ? 'closed' : 'late'),
      )
      const outcome = await (mayWait.test(what) ? deadline(what, answer, 1000).catch(() => 'late') : answer)
      if (outcome === 'answered') answered++
      else if (outcome === 'closed') closed++
      else waiting.add(what)
    }
    for (let n = 0; n < 1500 && broker.isRunning; n += 10) await Promise.all(Array.from({ length: 10 }, attack))
    assert.ok(answered > 300 && closed > 100, `${answered} answered, ${closed} closed`)
    for (const what of waiting) assert.match(what, mayWait)
    await isWell()
  })
})

describe('all that', () => {
  it('harmed nobody', async () => {
    await isWell()
    await good.stop()
    assert.deepEqual(good.faults, [])
    assert.ok(good.count > 100, `${good.count} rounds`)
    assert.ok(good.dearestMs < 2000, `${good.dearestMs} ms of work for others within one round`)
    assert.equal(await broker.stop(), '0')
  })
})
