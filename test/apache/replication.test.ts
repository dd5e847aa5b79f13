import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Producer } from '../../src/client/index.ts'
import { RACK_AWARE_SELECTOR } from '../../src/config/index.ts'
import { eventually } from '../client/broker-at.ts'
import { freePorts } from './free-port.ts'
import { withoutApache } from './kafka-home.ts'
import { MixedCluster } from './mixed-cluster.ts'
import { runTool, type Tool } from './tools.ts'

const RECORD_BYTES = 10_000

const create = async (cluster: MixedCluster, topic: string, replicas: readonly number[]): Promise<void> => {
  const [created] = await cluster.admin.createTopics([{ name: topic, assignments: [replicas] }])
  assert.equal(created!.error, null)
  await cluster.inSync(topic)
}

const produce = async ({ host, bootstrap }: MixedCluster, topic: string, count: number): Promise<void> => {
  const producer = new Producer(host, { ...bootstrap, acks: 'all' })
  const value = Buffer.alloc(RECORD_BYTES, 'x')
  await Promise.all(Array.from({ length: count }, () => producer.sendAsync({ topic, partition: 0, value })))
  await producer.close()
}

const run = async (cluster: MixedCluster, tool: Tool, ...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await runTool(tool, ['--bootstrap-server', cluster.bootstrap['bootstrap.servers'], ...args])
  assert.equal(code, 0, `${stdout}\n${stderr}\n${cluster.log()}`)
  return stdout
}

/** What is set for a topic or a broker itself. */
const settingsOf = async ({ admin }: MixedCluster, type: 'topic' | 'broker', name: string): Promise<Map<string, string | null>> => {
  const [described] = await admin.describeConfigs([{ type, name }])
  const dynamic = described!.value!.filter(({ name: key, source }) => key.includes('throttled') && source.startsWith('DYNAMIC'))
  return new Map(dynamic.map(({ name: key, value }) => [key, value]))
}

test('Apache Kafka’s tool moves a replica no faster than it is told, and takes the throttle back', { skip: withoutApache }, async () => {
  await using cluster = await MixedCluster.start(['tkafka', 'tkafka', 'tkafka'])
  await create(cluster, 'moved', [1])
  const count = 600
  await produce(cluster, 'moved', count)
  const plan = join(cluster.folder, 'plan.json')
  writeFileSync(plan, JSON.stringify({ version: 1, partitions: [{ topic: 'moved', partition: 0, replicas: [2] }] }))
  const bytesPerSecond = 400_000
  const startedMs = performance.now()
  const said = await run(
    cluster,
    'reassign-partitions',
    '--reassignment-json-file',
    plan,
    '--execute',
    '--throttle',
    String(bytesPerSecond),
  )
  assert.match(said, /Successfully started partition reassignment for moved-0/)
  assert.equal((await settingsOf(cluster, 'topic', 'moved')).get('leader.replication.throttled.replicas'), '0:1')
  assert.equal((await settingsOf(cluster, 'topic', 'moved')).get('follower.replication.throttled.replicas'), '0:2')
  for (const id of [1, 2])
    assert.equal((await settingsOf(cluster, 'broker', String(id))).get('leader.replication.throttled.rate'), String(bytesPerSecond))
  await eventually('the replica has moved', async () => (await cluster.admin.listReassignments()).length === 0, 120_000)
  const tookMs = performance.now() - startedMs
  // The last fetches bring a megabyte each, and whatever they bring is taken before the rate is looked at.
  const leastMs = ((count * RECORD_BYTES - 2 * 1_048_576) / bytesPerSecond) * 1000
  assert.ok(tookMs > leastMs, `${tookMs} ms, at least ${leastMs}`)
  const verified = await run(cluster, 'reassign-partitions', '--reassignment-json-file', plan, '--verify')
  assert.match(verified, /Reassignment of partition moved-0 is completed/)
  assert.deepEqual(await settingsOf(cluster, 'topic', 'moved'), new Map())
  for (const id of cluster.ids) assert.deepEqual(await settingsOf(cluster, 'broker', String(id)), new Map())
  const [topic] = await cluster.admin.describeTopics(['moved'])
  assert.deepEqual(topic!.value!.partitions[0]!.replicas, [2])
})

test('Java’s consumer reads from the replica in its rack, whatever kind leads and whatever kind it reads from', {
  skip: withoutApache,
}, async () => {
  const ports = await freePorts(3)
  await using cluster = await MixedCluster.start(
    ['tkafka', 'tkafka', 'apache'],
    { 'replica.selector.class': RACK_AWARE_SELECTOR },
    (id) => ({
      'broker.rack': `rack-${id}`,
      'tkafka.status.listener': `127.0.0.1:${ports[id - 1]}`,
    }),
  )
  const bytesOut = async (id: number, topic: string): Promise<number> => {
    const text = await (await fetch(`http://127.0.0.1:${ports[id - 1]}/metrics`)).text()
    const name = `kafka_server_brokertopicmetrics_bytesout_total{topic="${topic}"} `
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(name))
        ?.slice(name.length) ?? 0,
    )
  }
  const count = 300
  const bytes = count * RECORD_BYTES
  const read = async (topic: string, rack: string): Promise<void> => {
    await produce(cluster, topic, count)
    const properties = [`client.rack=${rack}`, 'max.partition.fetch.bytes=300000'].flatMap((each) => ['--command-property', each])
    const wanted = ['--topic', topic, '--from-beginning', '--max-messages', String(count), '--timeout-ms', '60000']
    const text = await run(cluster, 'console-consumer', ...wanted, ...properties)
    assert.equal(text.trim().split('\n').length, count)
  }

  await create(cluster, 'among-ours', [1, 2])
  await read('among-ours', 'rack-2')
  assert.equal(await bytesOut(1, 'among-ours'), 0)
  assert.ok((await bytesOut(2, 'among-ours')) >= bytes)

  await create(cluster, 'from-ours', [3, 2])
  await read('from-ours', 'rack-2')
  assert.ok((await bytesOut(2, 'from-ours')) >= bytes)

  await create(cluster, 'from-theirs', [1, 3])
  await read('from-theirs', 'rack-3')
  assert.equal(await bytesOut(1, 'from-theirs'), 0)

  await create(cluster, 'from-the-leader', [1, 2])
  await read('from-the-leader', 'elsewhere')
  assert.ok((await bytesOut(1, 'from-the-leader')) >= bytes)
})
