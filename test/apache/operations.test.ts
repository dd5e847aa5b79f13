import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Ran, run } from '../cli/run-command.ts'
import { eventually } from '../client/broker-at.ts'
import { type ApacheKafka, startApacheKafka } from './apache-kafka.ts'
import { withoutApache } from './kafka-home.ts'
import type { Tool } from './tools.ts'

describe('operating an Apache Kafka node', { skip: withoutApache }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tkafka-operations-'))
  const [first, second] = [join(folder, 'data'), join(folder, 'more')]
  let kafka: ApacheKafka
  before(async () => {
    kafka = await startApacheKafka({ folder, dynamicVoters: true, properties: { 'log.dirs': `${first},${second}` } })
  })
  after(async () => {
    await kafka.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const tkafka = (...argv: string[]): Promise<Ran> => run(argv, { env: { TKAFKA_BOOTSTRAP_SERVER: kafka.bootstrap } })
  const done = async (...argv: string[]): Promise<string> => {
    const { code, stdout, stderr } = await tkafka(...argv)
    assert.equal(code, 0, `${argv.join(' ')}: ${stdout}${stderr}`)
    return stdout
  }
  const items = async (...argv: string[]): Promise<Record<string, unknown>[]> => JSON.parse(await done(...argv, '--json')).items
  const theirs = async (tool: Tool, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await kafka.tool(tool, args)
    assert.equal(code, 0, stdout + stderr)
    return stdout
  }

  it('its quorum and its health are told, by way of the broker and of the controller', async () => {
    assert.match(await done('cluster', 'health', '--wait'), /^HEALTHY\n/)
    const [status] = await items('cluster', 'quorum', 'status')
    const text = await theirs('metadata-quorum', 'describe', '--status')
    assert.equal(status!.leaderId, Number(/LeaderId: +(\d+)/.exec(text)![1]))
    assert.equal(status!.clusterId, /ClusterId: +(\S+)/.exec(text)![1])
    const direct = await done('kafka-metadata-quorum', '--bootstrap-controller', kafka.controller, 'describe', '--replication')
    assert.match(direct, /\n +1 +Leader/)
    const [replica] = await items('cluster', 'quorum', 'replication')
    assert.match(await theirs('metadata-quorum', 'describe', '--replication'), new RegExp(`\\n1\\s+${replica!.directoryId}\\s`))
  })

  it('its features are those that kafka-features tells of, and change for both', async () => {
    const both = async (): Promise<void> => {
      const ours = (await items('cluster', 'features', 'describe')).map(({ feature, finalized }) => `${feature}=${finalized}`)
      const text = await theirs('features', 'describe')
      const levels = [...text.matchAll(/Feature: (\S+)\s.*FinalizedVersionLevel: (\S+)\s/g)].map(([, name, level]) => [name, level])
      assert.deepEqual(
        ours.filter((each) => !each.startsWith('metadata.version')).toSorted(),
        levels.flatMap(([name, level]) => (name === 'metadata.version' ? [] : [`${name}=${level}`])).toSorted(),
      )
    }
    await both()
    assert.match(await done('cluster', 'features', 'disable', 'streams.version', '--dry-run'), /streams\.version +1 +0 +WOULD-BE-DISABLED/)
    assert.match(await done('cluster', 'features', 'disable', 'streams.version'), /DISABLED/)
    await eventually('it is 0', async () =>
      (await items('cluster', 'features', 'describe')).some((each) => each.feature === 'streams.version' && each.finalized === 0),
    )
    await both()
    assert.match(
      await done('kafka-features', '--bootstrap-server', kafka.bootstrap, 'upgrade', '--release-version', '4.3'),
      /streams\.version +0 +1 +UPGRADED/,
    )
    await eventually('it is 1', async () =>
      (await items('cluster', 'features', 'describe')).some((each) => each.feature === 'streams.version' && each.finalized === 1),
    )
    const refused = await tkafka('cluster', 'features', 'upgrade', '--feature', 'group.version=9')
    assert.equal(refused.code, 1)
  })

  it('its replicas move between its directories', async () => {
    await done('topics', 'create', 'disks', '-p', '3')
    const places = async (): Promise<unknown[]> =>
      (await items('cluster', 'logdirs', 'list', 'disks', '--replicas')).map(({ path }) => path)
    await eventually('the logs are made', async () => (await places()).length === 3)
    await done('cluster', 'logdirs', 'move', 'disks', '--broker', '1', '--to', second, '--wait')
    assert.deepEqual(await places(), [second, second, second])
    const text = await theirs('log-dirs', '--describe', '--topic-list', 'disks')
    assert.ok(text.includes(`{"partitions":[],"error":null,"logDir":"${first}"}`), text)
  })

  it('its leaders are elected from the file that kafka-leader-election takes', async () => {
    const file = join(folder, 'election.json')
    writeFileSync(file, '{"partitions":[{"topic":"disks","partition":1},{"topic":"disks","partition":2}]}')
    const named = await done('kafka-leader-election', '--election-type', 'preferred', '--path-to-json-file', file, '-o', 'awk')
    assert.equal(named, 'disks\t1\t1\t1\t1\tNOT-NEEDED\ndisks\t2\t1\t1\t1\tNOT-NEEDED\n')
    assert.match((await tkafka('topics', 'elect-leaders', '--unclean', 'disks:0', '--dry-run')).stderr, /^$/)
    assert.equal((await tkafka('topics', 'elect-leaders', 'disks:7')).code, 1)
  })

  it('what it agreed on is looked into while it runs', async () => {
    const shell = async (...argv: string[]): Promise<string> => done('storage', 'shell', '--directory', first, ...argv)
    assert.equal(await shell('ls', '/brokers'), '1\n')
    assert.equal(await shell('cat', '/topics/disks/name'), 'disks\n')
    const voters = await shell('tree', '/quorum')
    assert.match(voters, /kraft\.version: 1\n/)
    const { code, stdout } = await tkafka('storage', 'dump-log', '-r', join(first, '__cluster_metadata-0/00000000000000000000.log'))
    assert.equal(code, 0)
    assert.match(stdout, /"type":"TopicRecord","version":0,"name":"disks"/)
  })
})

describe('the voters of an Apache Kafka quorum', { skip: withoutApache }, () => {
  it('are given their votes, and lose them', async () => {
    await using first = await startApacheKafka({ dynamicVoters: true })
    await using second = await startApacheKafka({
      dynamicVoters: 'none',
      properties: { 'node.id': 2, 'controller.quorum.bootstrap.servers': first.controller },
    })
    const tkafka = (...argv: string[]): Promise<Ran> => run(argv, { env: { TKAFKA_BOOTSTRAP_SERVER: first.bootstrap } })
    const voters = async (): Promise<unknown[]> => {
      const [status] = JSON.parse((await tkafka('cluster', 'quorum', 'status', '--json')).stdout).items
      return status.replicas.flatMap((each: { nodeId: number; status: string }) => (each.status === 'Observer' ? [] : [each.nodeId]))
    }
    const config = join(second.folder, 'server.properties')
    const looked = await tkafka('cluster', 'quorum', 'add-controller', '--config', config, '--dry-run')
    assert.match(looked.stdout, / 2 +\S{22} +CONTROLLER:\/\/\S+ +WOULD-ADD\n/)
    await eventually(
      'it has caught up',
      async () => (await tkafka('cluster', 'quorum', 'add-controller', '--config', config)).code === 0,
      30_000,
    )
    await eventually('both vote', async () => (await voters()).join() === '1,2', 30_000)
    const again = await tkafka('cluster', 'quorum', 'add-controller', '--config', config)
    assert.deepEqual([again.code, /DUPLICATE_VOTER/.test(again.stderr)], [1, true])
    const removed = await tkafka('cluster', 'quorum', 'remove-controller', '-i', '2', '--yes')
    assert.match(removed.stdout, / 2 +\S{22} +REMOVED\n/, removed.stderr)
    await eventually('one votes', async () => (await voters()).join() === '1', 30_000)
  })
})
