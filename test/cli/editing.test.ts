import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Consumer, Producer } from '../../src/client/index.ts'
import { type Connection, type Host, silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { eventually } from '../client/broker-at.ts'
import { openCluster, type TestCluster, uniqueName } from './cluster-fixture.ts'

const FETCH = 1

/** A connection that loses every fetch. */
const withoutFetches = (connection: Connection): Connection => {
  const isFetch = ([first]: readonly Uint8Array[]): boolean => Buffer.from(first!).readInt16BE(4) === FETCH
  return new Proxy(connection, {
    get: (target, name) => {
      if (name === 'write') return (bytes: Uint8Array, sent?: () => void) => isFetch([bytes]) || target.write(bytes, sent)
      if (name === 'writev') return (chunks: Uint8Array[], sent?: () => void) => isFetch(chunks) || target.writev(chunks, sent)
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

describe('what is there, edited, compared and made once more', () => {
  const topic = uniqueName('edited')
  let cluster: TestCluster
  before(async () => {
    cluster = await openCluster()
    await cluster.tkafka(['topics', 'create', topic, '-p', '2', '-c', 'retention.ms=3600000', '-c', 'cleanup.policy=compact'])
    await cluster.tkafka(['produce', topic, '-p', '0', '-K', ':'], { stdin: 'a:1\nb:2\nc:3\n' })
  })
  after(() => cluster.close())
  const own = async (name: string): Promise<Record<string, unknown>> =>
    Object.fromEntries((await cluster.items(['configs', 'describe', 'topics', name])).map((each) => [each.name, each.value]))

  it('settings are what an editor leaves of them', async () => {
    const edit = (editor: string, ...flags: string[]) =>
      cluster.tkafka(['configs', 'edit', 'topics', topic, ...flags], { env: { EDITOR: editor } })
    const untouched = await edit('true')
    assert.deepEqual([untouched.code, untouched.stderr], [0, 'nothing was changed\n'])
    assert.deepEqual(JSON.parse((await edit('true', '--json')).stdout).items, [])
    const change = `sed -i -e s/^retention.ms=3600000/retention.ms=7200000/ -e /^cleanup.policy/d -e 's/^#max.message.bytes=.*/max.message.bytes=4096/'`
    const asked = await edit(change)
    assert.equal(asked.code, 2)
    assert.match(asked.stderr, /retention\.ms=7200000\n(.*\n)*cleanup\.policy: back to the default\n.*Change 3 settings of topics/)
    assert.equal((await edit(change, '--dry-run')).code, 0)
    assert.deepEqual(await own(topic), { 'cleanup.policy': 'compact', 'retention.ms': '3600000' })
    assert.match((await edit(change, '--yes')).stdout, /CHANGED\n$/)
    await eventually('it is so', async () => JSON.stringify(await own(topic)) === '{"max.message.bytes":"4096","retention.ms":"7200000"}')
    const failed = await edit('false')
    assert.deepEqual([failed.code, /false ended with exit code 1: nothing was changed/.test(failed.stderr)], [1, true])
    const bad = await edit('sed -i s/^retention.ms=.*/retention.ms=never/', '-y')
    assert.deepEqual([bad.code, /INVALID_CONFIG/.test(bad.stderr)], [1, true])
    assert.equal((await cluster.tkafka(['configs', 'edit', 'topics', topic])).code, 2, 'there is no editor')
    assert.equal((await cluster.tkafka(['configs', 'edit', 'users', 'a'], { env: { EDITOR: 'true' } })).code, 2)
  })

  it('a topic is made like another one, and differs where it was said', async () => {
    const [like, other] = [`${topic}-like`, `${topic}-other`]
    assert.equal((await cluster.tkafka(['topics', 'clone', topic, like])).code, 0)
    const cloned = await cluster.tkafka(['topics', 'clone', topic, other, '-p', '3', '-c', 'retention.ms=5000'])
    assert.match(cloned.stdout, new RegExp(`${other} +3 +1 +CREATED\n`))
    await eventually('both are there', async () => (await own(other))['retention.ms'] === '5000' && 'retention.ms' in (await own(like)))
    assert.match((await cluster.tkafka(['configs', 'diff', 'topics', topic, like])).stderr, /are set alike/)
    assert.deepEqual(await cluster.items(['configs', 'diff', 'topics', topic, like]), [])
    const differs = await cluster.tkafka(['configs', 'diff', 'topics', topic, other, '-o', 'awk'])
    assert.deepEqual([differs.code, differs.stdout], [3, 'retention.ms\t7200000\t5000\n'])
    assert.equal((await cluster.tkafka(['topics', 'clone', topic, like])).code, 1)
    assert.equal((await cluster.tkafka(['configs', 'diff', 'topics', topic, 'no-such-topic'])).code, 1)
  })

  it('a group begins where it is told to, and another one where that is', async () => {
    const [first, second] = [`${topic}-first`, `${topic}-second`]
    assert.match((await cluster.tkafka(['groups', 'create', first, '-t', topic, '--to', '2', '--dry-run'])).stdout, / 0 +2\n/)
    assert.equal((await cluster.tkafka(['groups', 'create', first, '-t', topic, '--to', '2'])).code, 0)
    const again = await cluster.tkafka(['groups', 'create', first, '-t', topic])
    assert.deepEqual([again.code, /has offsets already\n.*groups reset/.test(again.stderr)], [1, true])
    assert.equal((await cluster.tkafka(['groups', 'clone', first, second])).code, 0)
    const { stdout } = await cluster.tkafka(['groups', 'describe', second, '-o', 'awk', '--columns', 'partition,current-offset'])
    assert.equal(stdout, '0\t2\n1\t0\n')
    assert.equal((await cluster.tkafka(['groups', 'clone', `${topic}-none`, `${topic}-third`])).code, 1)
  })

  it('members are taken out of a group', async () => {
    const group = `${topic}-members`
    const settings = { 'bootstrap.servers': cluster.server, 'group.id': group, 'group.instance.id': 'static-1' }
    await using consumer = new Consumer(nodeHost({ journal: silentJournal }), settings)
    consumer.subscribe([topic])
    await eventually('it is in', async () => {
      await consumer.poll(50)
      return consumer.assignment().length === 2
    })
    const unknown = await cluster.tkafka(['groups', 'remove-member', group, 'nobody', '-y'])
    assert.deepEqual([unknown.code, /has no member nobody/.test(unknown.stderr)], [1, true])
    assert.equal((await cluster.tkafka(['groups', 'remove-member', group])).code, 2)
    const asked = await cluster.tkafka(['groups', 'remove-member', group, '--all'])
    assert.deepEqual([asked.code, /2 partitions\n.*Remove 1 member of group/.test(asked.stderr)], [2, true])
    const removed = await cluster.tkafka(['groups', 'remove-member', group, 'static-1', '--yes'])
    assert.equal(removed.stdout, 'MEMBER    STATUS\nstatic-1  REMOVED\n', removed.stderr)
  })

  it('records are told of by batches, compression and keys', async () => {
    const name = `${topic}-records`
    await cluster.tkafka(['topics', 'create', name, '-p', '2'])
    const host = nodeHost({ journal: silentJournal })
    const settings = { 'bootstrap.servers': cluster.server, 'compression.type': 'gzip', 'linger.ms': 50 }
    await using producer = new Producer(host, settings)
    await producer.ready(name)
    const beganMs = Date.now() - 60_000
    for (let index = 0; index < 100; index++) {
      const key = index % 4 === 0 ? `rare-${index}` : 'often'
      producer.send({ topic: name, partition: 0, key: Buffer.from(key), value: Buffer.alloc(1000), timestamp: beganMs + index * 100 })
    }
    producer.send({ topic: name, partition: 1, key: null, value: null, timestamp: beganMs })
    await producer.flush()
    const [zero, one] = await cluster.items(['topics', 'analyze', name])
    assert.deepEqual([zero!.records, zero!.keys, zero!.topKeyShare, zero!.codecs, zero!.withoutKey], [100, 26, 0.75, ['gzip'], 0])
    assert.deepEqual(
      [Math.round(Number(zero!.recordsPerSecond)), Number(zero!.recordsPerBatch) > 10, Number(zero!.compression) > 5],
      [10, true, true],
    )
    assert.deepEqual([one!.records, one!.withoutKey, one!.tombstones, one!.recordsPerSecond], [1, 1, 1, null])
    assert.match(
      (await cluster.tkafka(['topics', 'analyze', name, '-n', '10', '-p', '0'])).stdout,
      new RegExp(`\\n${name} +0 +10 +10/s .* gzip +[\\d.]+x +\\d +\\d+% +0%\\n$`),
    )
    const [plain] = await cluster.items(['topics', 'analyze', topic])
    assert.deepEqual([plain!.codecs, plain!.compression], [['none'], null])
    await cluster.tkafka(['topics', 'create', `${name}-empty`])
    const none = await cluster.tkafka(['topics', 'analyze', `${name}-empty`])
    assert.deepEqual([none.code, none.stderr], [0, 'there are no records\n'])
  })

  it('records of a leader that says nothing are not waited for longer than --timeout', async () => {
    const host = nodeHost({ journal: silentJournal })
    const connect: Host['network']['connect'] = async (options) => withoutFetches(await host.network.connect(options))
    const deaf = { ...host, network: { ...host.network, connect } }
    const { code, stderr } = await cluster.tkafka(['topics', 'analyze', topic, '-p', '0', '--timeout', '2s'], { host: deaf })
    assert.equal(code, 1, stderr)
    assert.match(stderr, new RegExp(`${topic}-0: nothing more was read within 2000 ms \\[REQUEST_TIMED_OUT 7\\]`))
  })

  it('a password is given to nobody who only asks what would happen, and none is asked for', async () => {
    const users = async (...argv: string[]) => (await cluster.tkafka(['users', ...argv])).stdout
    assert.match(await users('create', 'erin', '--dry-run'), /erin +WOULD-CREATE/)
    assert.equal(await users('list', 'erin', '-o', 'awk'), '')
    const { code, stderr } = await cluster.tkafka(['users', 'alter', 'erin', '--dry-run'])
    assert.deepEqual([code, /erin has no SCRAM-SHA-256/.test(stderr)], [1, true])
  })

  it('a transaction to be ended is named in full', async () => {
    const half = await cluster.tkafka(['txns', 'abort', '--partition', '0', '--start-offset', '5', '--yes'])
    assert.deepEqual([half.code, /in which partition\?/.test(half.stderr)], [2, true], half.stderr)
  })
})
