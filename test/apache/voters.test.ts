import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { eventually } from '../client/broker-at.ts'
import { startApacheKafka } from './apache-kafka.ts'
import { freePorts } from './free-port.ts'
import { withoutApache } from './kafka-home.ts'
import { startTkafka } from './tkafka-node.ts'
import { runTool } from './tools.ts'

const clusterId = 'MkU3OEVBNTcwNTJENDM2Qg'

/** A formatted tkafka node on free ports. */
const tkafkaFolder = async (nodeId: number, bootstrap: string | undefined) => {
  const folder = mkdtempSync(join(tmpdir(), 'tkafka-voters-'))
  const [port, controllerPort] = (await freePorts(2)) as [number, number]
  const controller = `127.0.0.1:${controllerPort}`
  const properties = join(folder, 'server.properties')
  const lines = [
    'process.roles=broker,controller',
    `node.id=${nodeId}`,
    `controller.quorum.bootstrap.servers=${bootstrap ?? controller}`,
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://${controller}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://${controller}`,
    'controller.listener.names=CONTROLLER',
    `log.dirs=${join(folder, 'data')}`,
    'offsets.topic.replication.factor=1',
  ]
  writeFileSync(properties, `${lines.join('\n')}\n`)
  const kind = bootstrap === undefined ? '--standalone' : '--no-initial-controllers'
  const { code, stdout, stderr } = await runTool('storage', ['format', '--cluster-id', clusterId, '--config', properties, kind])
  assert.equal(code, 0, stdout + stderr)
  return { folder, properties, bootstrap: `127.0.0.1:${port}`, controller, dataFolder: join(folder, 'data') }
}

const directoryIdOf = (dataFolder: string): string =>
  /directory\.id=(\S+)/.exec(readFileSync(join(dataFolder, 'meta.properties'), 'utf8'))![1]!

const quorumTool = async (controller: string, ...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await runTool('metadata-quorum', ['--bootstrap-controller', controller, ...args])
  assert.equal(code, 0, stdout + stderr)
  return stdout
}

/** What is told of the quorum, or undefined when nothing is, as while its leader goes: a question may then be left without an answer. */
const status = async (controller: string): Promise<{ leader: number; voters: number[] } | undefined> => {
  const folder = mkdtempSync(join(tmpdir(), 'tkafka-voters-'))
  const impatient = join(folder, 'client.properties')
  writeFileSync(impatient, 'request.timeout.ms=2000\ndefault.api.timeout.ms=5000\n')
  const asked = ['--bootstrap-controller', controller, '--command-config', impatient, 'describe', '--status']
  const { code, stdout } = await runTool('metadata-quorum', asked)
  rmSync(folder, { recursive: true })
  if (code !== 0) return undefined
  const voters = /CurrentVoters: +\[(.*)\]/.exec(stdout)?.[1] ?? ''
  return {
    leader: Number(/LeaderId: +(\d+)/.exec(stdout)?.[1]),
    voters: [...voters.matchAll(/"id": (\d+)/g)].map(([, id]) => Number(id)).sort(),
  }
}

const settled = (controller: string, leader: number, voters: readonly number[]): Promise<unknown> =>
  eventually(
    `node ${leader} leads the voters ${voters}`,
    async () => {
      const now = await status(controller)
      return now?.leader === leader && now.voters.join() === voters.join()
    },
    60_000,
  )

describe('voters that come and go between tkafka and Apache Kafka', { skip: withoutApache }, () => {
  test('tkafka joins a quorum that Apache Kafka leads, and leads it when that has left', async () => {
    await using apache = await startApacheKafka({ clusterId, dynamicVoters: true })
    const own = await tkafkaFolder(2, apache.controller)
    try {
      await using _ = await startTkafka(own.properties)
      await quorumTool(apache.controller, '--command-config', own.properties, 'add-controller')
      await settled(apache.controller, 1, [1, 2])
      const created = await apache.tool('topics', ['--create', '--topic', 'both', '--partitions', '1'])
      assert.equal(created.code, 0, created.stderr)
      const first = ['--controller-id', '1', '--controller-directory-id', directoryIdOf(apache.dataFolder)]
      await quorumTool(apache.controller, 'remove-controller', ...first)
      await settled(own.controller, 2, [2])
      const listed = await runTool('topics', ['--bootstrap-server', own.bootstrap, '--list'])
      assert.equal(listed.stdout, 'both\n')
    } finally {
      rmSync(own.folder, { recursive: true, force: true })
    }
  })

  test('Apache Kafka joins a quorum that tkafka leads, and leads it when that has left', async () => {
    const own = await tkafkaFolder(2, undefined)
    try {
      await using _ = await startTkafka(own.properties)
      await using apache = await startApacheKafka({
        clusterId,
        dynamicVoters: 'none',
        properties: { 'controller.quorum.bootstrap.servers': own.controller },
      })
      await settled(own.controller, 2, [2])
      const config = join(apache.folder, 'server.properties')
      await quorumTool(own.controller, '--command-config', config, 'add-controller')
      await settled(own.controller, 2, [1, 2])
      const created = await apache.tool('topics', ['--create', '--topic', 'both', '--partitions', '1'])
      assert.equal(created.code, 0, created.stderr)
      const first = ['--controller-id', '2', '--controller-directory-id', directoryIdOf(own.dataFolder)]
      await quorumTool(own.controller, 'remove-controller', ...first)
      await settled(apache.controller, 1, [1])
      const listed = await apache.tool('topics', ['--list'])
      assert.equal(listed.stdout, 'both\n')
    } finally {
      rmSync(own.folder, { recursive: true, force: true })
    }
  })

  test('a static quorum of both is raised to kraft.version 1, whoever leads it', async () => {
    const [port, controllerPort] = (await freePorts(2)) as [number, number]
    const own = await tkafkaFolder(2, `127.0.0.1:${controllerPort}`)
    const voters = `1@127.0.0.1:${controllerPort},2@${own.controller}`
    const text = readFileSync(own.properties, 'utf8').replace(/^controller\.quorum\.bootstrap.*$/m, `controller.quorum.voters=${voters}`)
    writeFileSync(own.properties, text)
    try {
      const tkafka = startTkafka(own.properties, 90_000)
      await using apache = await startApacheKafka({
        ...{ clusterId, ports: [port, controllerPort], readyWithinMs: 90_000 },
        properties: { 'controller.quorum.voters': voters },
      })
      await using _ = await tkafka
      const upgrade = ['--bootstrap-controller', apache.controller, 'upgrade', '--feature', 'kraft.version=1']
      // Until the follower has told the leader about itself, which it does after a while, there is an error.
      await eventually('kraft.version is 1', async () => (await runTool('features', upgrade)).code === 0, 60_000)
      const replication = await quorumTool(own.controller, 'describe', '--replication')
      for (const folder of [apache.dataFolder, own.dataFolder]) assert.ok(replication.includes(directoryIdOf(folder)), replication)
      const { leader } = (await status(apache.controller))!
      const leaver = leader === 1 ? 2 : 1
      const id = directoryIdOf(leaver === 1 ? apache.dataFolder : own.dataFolder)
      await quorumTool(apache.controller, 'remove-controller', '--controller-id', String(leaver), '--controller-directory-id', id)
      await settled(apache.controller, leader, [leader])
      assert.doesNotMatch(apache.log(), /UPDATE_RAFT_VOTER/)
    } finally {
      rmSync(own.folder, { recursive: true, force: true })
    }
  })
})
