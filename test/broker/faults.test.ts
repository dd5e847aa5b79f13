import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it, type TestContext } from 'node:test'
import { Errors, errorName } from '../../src/protocol/index.ts'
import { readRecords } from '../../src/records/index.ts'
import { plainBatch } from '../log/sample-batches.ts'
import { eventually, WireClient } from '../wire/wire-client.ts'
import { BrokerChild, StartRefused } from './broker-child.ts'

let directory: string
let data: string
/** Where a test has mounted a file system of its own. */
let mount: string | undefined
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tkafka-faults-'))
  data = join(directory, 'data')
})
afterEach(() => {
  if (mount !== undefined) execFileSync('umount', ['-l', mount])
  mount = undefined
  rmSync(directory, { recursive: true, force: true })
})

const createTopic = async (client: WireClient, name: string): Promise<void> => {
  const created = await client.call('CreateTopics', 7, { topics: [{ name, numPartitions: 1, replicationFactor: 1 }] })
  assert.equal(created.topics[0].errorCode, Errors.NONE)
}

/** One batch; the error's name, or the offset it was acknowledged at. */
const produce = async (
  client: WireClient,
  topic: string,
  records = plainBatch(2, 40, { timestamp: Date.now() }),
): Promise<string | number> => {
  const answer = await client.call('Produce', 9, {
    acks: -1,
    timeoutMs: 10_000,
    topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
  })
  const { errorCode, baseOffset } = answer.responses[0].partitionResponses[0]
  return errorCode === Errors.NONE ? baseOffset : errorName(errorCode)
}

/** Offsets of all records from `from` on, or the error's name. */
const offsetsFrom = async (client: WireClient, topic: string, from = 0): Promise<number[] | string> => {
  const offsets: number[] = []
  for (let at = from; ; ) {
    const fetched = await client.call('Fetch', 11, {
      maxBytes: 1 << 22,
      topics: [{ topic, partitions: [{ partition: 0, fetchOffset: at, partitionMaxBytes: 1 << 22 }] }],
    })
    const { errorCode, records } = fetched.responses[0].partitions[0]
    if (errorCode !== Errors.NONE) return errorName(errorCode)
    for (const { offset } of readRecords(records)) if (offset >= at) offsets.push(offset)
    if (records.length === 0) return offsets
    at = offsets.at(-1)! + 1
  }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

/** Runs a broker on `data` until `act` is done, then ends it. */
const during = async (
  end: 'stop' | 'kill',
  act: (client: WireClient, broker: BrokerChild) => Promise<void>,
  settings = {},
): Promise<void> => {
  await using broker = await BrokerChild.start(data, settings)
  {
    using client = await WireClient.open(broker.port)
    await act(client, broker)
  }
  if (end === 'kill') await broker.kill()
  else assert.equal(await broker.stop(), '0', broker.stderr)
}

const fillTopic = async (client: WireClient, topic = 't', batches = 50): Promise<void> => {
  await createTopic(client, topic)
  for (let n = 0; n < batches; n++) assert.equal(await produce(client, topic), n * 2)
}

/** Everything that was acknowledged is there, and the partitions go on where they were. */
const expectWhole = (topics: readonly string[] = ['t'], records = 100): Promise<void> =>
  during('stop', async (client, broker) => {
    for (const topic of topics) {
      assert.deepEqual(await offsetsFrom(client, topic), upTo(records), topic)
      assert.equal(await produce(client, topic), records, topic)
    }
    assert.deepEqual((await broker.sample()).failures, [])
  })

const inPartition = (extension: string, topic = 't'): string => {
  const names = readdirSync(join(data, `${topic}-0`)).filter((name) => name.endsWith(extension))
  assert.ok(names.length > 0, `no ${extension} in ${readdirSync(join(data, `${topic}-0`))}`)
  return join(data, `${topic}-0`, names.toSorted()[0]!)
}

describe('what a kill leaves behind', () => {
  it('a torn tail, noise, and zeros as some file systems leave them are cut off, and what was acknowledged stays', async () => {
    const tails = {
      torn: plainBatch(5, 100, { baseOffset: 100 }).subarray(0, 300),
      noise: Buffer.alloc(5000, 0xa7),
      zeros: Buffer.alloc(5000),
    }
    const topics = Object.keys(tails)
    await during('kill', async (client) => {
      for (const topic of topics) await fillTopic(client, topic)
    })
    for (const [topic, tail] of Object.entries(tails)) appendFileSync(inPartition('.log', topic), tail)
    await expectWhole(topics)
  })
})

describe('index files', () => {
  const indexes = ['.index', '.timeindex'].map((extension) => `00000000000000000000${extension}`)
  for (const end of ['stop', 'kill'] as const) {
    it(`may be missing or noise after a ${end}`, async () => {
      await during(end, async (client) => {
        await fillTopic(client, 'missing')
        await fillTopic(client, 'noise')
      })
      for (const name of indexes) {
        rmSync(join(data, 'missing-0', name), { force: true })
        writeFileSync(join(data, 'noise-0', name), Buffer.alloc(1003, 0x5a))
      }
      await expectWhole(['missing', 'noise'])
    })
  }
})

describe('checkpoint files and snapshots', () => {
  const ofOffsets = ['recovery-point-offset-checkpoint', 'replication-offset-checkpoint', 'log-start-offset-checkpoint']
  const ofEpochs = 't-0/leader-epoch-checkpoint'
  for (const [what, offsets, epochs] of [
    ['noise', Buffer.alloc(100, 0xc3), Buffer.alloc(100, 0xc3)],
    ['empty', '', ''],
    ['shorter than they say', '0\n1000000\nt 0 5\n', '0\n1000000\n0 0\n'],
    ['full of offsets that no log reaches', '0\n1\nt 0 9007199254740993999\n', '0\n1\n0 9007199254740993999\n'],
  ] as const) {
    it(`checkpoints may be ${what}`, async () => {
      await during('stop', (client) => fillTopic(client))
      for (const name of ofOffsets) writeFileSync(join(data, name), offsets)
      writeFileSync(join(data, ofEpochs), epochs)
      await expectWhole()
    })
  }

  it('a producer snapshot may be noise: the state is read from the log, and a duplicate is still known', async () => {
    const idempotent = (sequence: number): Buffer =>
      plainBatch(2, 40, { timestamp: Date.now(), producerId: 4000, producerEpoch: 0, baseSequence: sequence })
    await during('stop', async (client) => {
      await createTopic(client, 't')
      for (let n = 0; n < 10; n++) assert.equal(await produce(client, 't', idempotent(n * 2)), n * 2)
    })
    writeFileSync(inPartition('.snapshot'), Buffer.alloc(200, 0x33))
    await during('stop', async (client) => {
      assert.equal(await produce(client, 't', idempotent(18)), 18, 'the last batch again')
      assert.equal(await produce(client, 't', idempotent(20)), 20)
      assert.deepEqual(await offsetsFrom(client, 't'), upTo(22))
    })
  })
})

describe('a flipped byte', () => {
  it('in a closed segment is refused where it is read, and the rest is served', async () => {
    const settings = { 'log.segment.bytes': '1048576' }
    await during(
      'stop',
      async (client) => {
        await createTopic(client, 't')
        for (let n = 0; n < 50; n++) assert.equal(await produce(client, 't', plainBatch(1, 50_000, { timestamp: Date.now() })), n)
      },
      settings,
    )
    const first = inPartition('.log')
    assert.ok(readdirSync(join(data, 't-0')).filter((name) => name.endsWith('.log')).length >= 3)
    const bytes = readFileSync(first)
    bytes[5 * 50_100 + 20_000]! ^= 0x10
    writeFileSync(first, bytes)
    await during(
      'stop',
      async (client) => {
        assert.match(String(await offsetsFrom(client, 't')), /CORRUPT_MESSAGE|KAFKA_STORAGE_ERROR/)
        assert.deepEqual(
          await offsetsFrom(client, 't', 30),
          upTo(50).filter((offset) => offset >= 30),
        )
        assert.equal(await produce(client, 't'), 50)
      },
      settings,
    )
  })
})

/** A file system of its own; undefined, with the reason told, where this process may not mount. */
const mounted = (t: TestContext, size: string): string | undefined => {
  const path = join(directory, 'small')
  mkdirSync(path)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'ignore' })
    mount = path
  } catch {
    t.skip('needs the right to mount a tmpfs')
  }
  return mount
}
const remount = (mount: string, options: string): void => void execFileSync('mount', ['-o', `remount,${options}`, mount])

describe('disks', () => {
  it('a full one refuses what does not fit; with room again, all that was acknowledged is there', async (t) => {
    const small = mounted(t, '3m')
    if (small === undefined) return
    const settings = { 'log.dirs': join(small, 'logs'), 'metadata.log.dir': data }
    let acknowledged = -1
    {
      await using broker = await BrokerChild.start(data, settings)
      using client = await WireClient.open(broker.port)
      await createTopic(client, 't')
      let outcome: string | number = 0
      for (let n = 0; n < 200 && typeof outcome === 'number'; n++) {
        acknowledged = outcome
        outcome = await produce(client, 't', plainBatch(1, 50_000, { timestamp: Date.now() }))
      }
      assert.match(String(outcome), /KAFKA_STORAGE_ERROR|NOT_LEADER_OR_FOLLOWER/)
      await eventually('the node says that it cannot go on', () => broker.fatal !== undefined)
      assert.match(broker.fatal!, /small\/logs failed/)
    }
    remount(small, 'size=30m')
    await during(
      'stop',
      async (client) => {
        const offsets = await offsetsFrom(client, 't')
        assert.ok(offsets.length > acknowledged && acknowledged > 20, `${acknowledged} acknowledged, ${offsets.length} there`)
        assert.equal(await produce(client, 't'), offsets.length)
      },
      settings,
    )
  })

  it('one of two that fails takes its partitions along, the others go on', async (t) => {
    const small = mounted(t, '3m')
    if (small === undefined) return
    const settings = { 'log.dirs': `${data},${join(small, 'logs')}`, 'metadata.log.dir': data }
    await using broker = await BrokerChild.start(data, settings)
    using client = await WireClient.open(broker.port)
    const topics = ['a', 'b', 'c', 'd']
    for (const topic of topics) await createTopic(client, topic)
    await eventually('every partition has its log', () =>
      topics.every((topic) => [data, join(small, 'logs')].some((path) => readdirSync(path).includes(`${topic}-0`))),
    )
    const onSmall = topics.filter((topic) => readdirSync(join(small, 'logs')).includes(`${topic}-0`))
    const others = topics.filter((topic) => !onSmall.includes(topic))
    assert.ok(onSmall.length > 0 && others.length > 0, `${onSmall} on the small one`)
    for (const topic of topics) assert.equal(await produce(client, topic), 0)
    let outcome: string | number = 0
    for (let n = 0; n < 200 && typeof outcome === 'number'; n++)
      outcome = await produce(client, onSmall[0]!, plainBatch(1, 50_000, { timestamp: Date.now() }))
    assert.match(String(outcome), /KAFKA_STORAGE_ERROR|NOT_LEADER_OR_FOLLOWER/)
    for (const topic of onSmall) assert.match(String(await produce(client, topic)), /KAFKA_STORAGE_ERROR|NOT_LEADER_OR_FOLLOWER/)
    for (const topic of others) {
      assert.equal(await produce(client, topic), 2)
      assert.deepEqual(await offsetsFrom(client, topic), upTo(4))
    }
    await eventually('the metadata says who is gone', async () => {
      const { topics: told } = await client.call('Metadata', 12, { topics: topics.map((name) => ({ name })) })
      return told.every(
        (topic: { name: string; partitions: { leaderId: number }[] }) =>
          (topic.partitions[0]!.leaderId === -1) === onSmall.includes(topic.name),
      )
    })
    assert.equal(broker.fatal, undefined)
  })

  it('a read-only one is refused at the start, by name', async (t) => {
    const small = mounted(t, '8m')
    if (small === undefined) return
    data = join(small, 'data')
    await during('stop', (client) => fillTopic(client, 't', 3))
    remount(small, 'ro')
    await assert.rejects(BrokerChild.start(data), (error: Error) => {
      assert.match(error.message, /small\/data/)
      assert.match(error.message, /EROFS|read-only/i)
      return true
    })
    remount(small, 'rw')
    await expectWhole(['t'], 6)
  })
})

describe("a directory that is not this node's to use", () => {
  const changeProperties = (change: (text: string) => string): void => {
    const path = join(data, 'meta.properties')
    writeFileSync(path, change(readFileSync(path, 'utf8')))
  }
  const problems: [string, (text: string) => string, RegExp][] = [
    ['another node id', (text) => text.replace('node.id=1', 'node.id=7'), /meta\.properties.*node.*7|node.*7/is],
    ['no cluster id', (text) => text.replace(/cluster\.id=.*\n/, ''), /cluster\.id/],
    ['a version of the future', (text) => text.replace('version=1', 'version=9'), /version/i],
    ['noise', () => '\u0000\u0001\u00ff\u00fe', /meta\.properties/],
    ['a node id that is no number', (text) => text.replace('node.id=1', 'node.id=one'), /node\.id|meta\.properties/],
  ]
  it(`is refused with a reason: meta.properties has ${problems.map(([what]) => what).join(', ')}`, async () => {
    await during('stop', (client) => fillTopic(client, 't', 1))
    const whole = readFileSync(join(data, 'meta.properties'))
    for (const [what, change, message] of problems) {
      changeProperties(change)
      await assert.rejects(
        BrokerChild.start(data),
        (error: Error) => error instanceof StartRefused && message.test(error.message) && !/TypeError|RangeError/.test(error.message),
        what,
      )
      writeFileSync(join(data, 'meta.properties'), whole)
    }
    await expectWhole(['t'], 2)
  })

  it('is refused while another broker runs on it, and that one goes on', async () => {
    await during('stop', async (client) => {
      await fillTopic(client, 't', 2)
      await assert.rejects(
        BrokerChild.start(data),
        (error: Error) => error instanceof StartRefused && error.message.includes(data) && /lock|another|in use/i.test(error.message),
      )
      assert.equal(await produce(client, 't'), 4)
    })
    assert.ok(statSync(join(data, 't-0')).isDirectory())
  })
})
