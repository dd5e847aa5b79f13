import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Node, startNode } from '../../src/broker/index.ts'
import { parseProperties } from '../../src/config/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { freePorts } from '../apache/free-port.ts'
import { eventually } from '../client/broker-at.ts'
import { type Ran, run } from './run-command.ts'

describe('the quorum and who votes in it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tkafka-quorum-'))
  const host = nodeHost({ journal: silentJournal })
  const nodes: Node[] = []
  let server = ''
  let controller = ''
  const tkafka = (...argv: string[]): Promise<Ran> => run(argv, { env: { TKAFKA_BOOTSTRAP_SERVER: server } })
  const fileOf = (id: number): string => join(folder, `node-${id}.properties`)

  const open = async (id: number, settings: Record<string, string>, kind: string): Promise<void> => {
    const all = {
      ...{ 'node.id': id, 'controller.quorum.bootstrap.servers': controller, 'controller.listener.names': 'CONTROLLER' },
      ...{ 'log.dirs': join(folder, `data-${id}`), 'offsets.topic.replication.factor': 1, 'tkafka.status.listener': '' },
      ...settings,
    }
    const text = Object.entries(all).map(([key, value]) => `${key}=${value}\n`)
    writeFileSync(fileOf(id), text.join(''))
    const formatted = await run(['storage', 'format', '-t', 'MkU3OEVBNTcwNTJENDM2Qg', '-c', fileOf(id), kind])
    assert.equal(formatted.code, 0, formatted.stderr)
    nodes.push(await startNode({ host, properties: parseProperties(text.join('')), hostName: '127.0.0.1' }))
  }

  before(async () => {
    const [port, first, second] = await freePorts(3)
    server = `127.0.0.1:${port}`
    controller = `127.0.0.1:${first}`
    const both = { 'process.roles': 'broker,controller', listeners: `PLAINTEXT://${server},CONTROLLER://${controller}` }
    await open(1, both, '--standalone')
    await open(2, { 'process.roles': 'controller', listeners: `CONTROLLER://127.0.0.1:${second}` }, '--no-initial-controllers')
  })
  after(async () => {
    for (const node of nodes.reverse()) await node.running.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const roles = async (): Promise<Record<string, string>> => {
    const { stdout } = await tkafka('cluster', 'quorum', 'replication', '--json')
    const { items } = JSON.parse(stdout) as { items: { nodeId: number; status: string }[] }
    return Object.fromEntries(items.map(({ nodeId, status }) => [nodeId, status]))
  }

  it('one votes, the other follows', async () => {
    await eventually('node 2 is an observer', async () => (await roles())[2] === 'Observer')
    const { code, stdout, stderr } = await tkafka('cluster', 'quorum', 'status')
    assert.equal(code, 0, stderr)
    assert.match(stdout, /LEADER 1 {3}EPOCH \d+ {3}HIGH-WATERMARK [\d,]+ {3}VOTERS 1 {3}OBSERVERS 1/)
    assert.match(stdout, new RegExp(`1 {2}Leader +CONTROLLER://${controller} `))
    assert.match((await tkafka('cluster', 'quorum', 'status', '-o', 'awk')).stdout, /^\S+\t1\t\d+\t\d+\t0\t0\t1\t2\n$/)
  })

  it('is found by the names of kafka-metadata-quorum, and by way of a controller', async () => {
    assert.match((await tkafka('kafka-metadata-quorum', 'describe', '--status')).stdout, /LEADER 1/)
    assert.match((await tkafka('kafka-metadata-quorum', 'describe', '--replication', '--human-readable')).stdout, /LOG-END-OFFSET/)
    const direct = await run(['cluster', 'quorum', 'status', '-X', `bootstrap.controllers=${controller}`])
    assert.match(direct.stdout, /LEADER 1/)
    // Also where a broker is named by the environment.
    assert.match((await tkafka('kafka-metadata-quorum', '--bootstrap-controller', controller, 'describe', '--status')).stdout, /LEADER 1/)
    assert.equal((await tkafka('cluster', 'id', '--bootstrap-controller', controller, '-b', controller)).code, 2)
    assert.match((await tkafka('cluster', 'quorum')).stdout, /cluster quorum add-controller .*\n/)
    const unknown = await tkafka('cluster', 'quorum', 'statuss')
    assert.equal(unknown.code, 2)
    assert.match(unknown.stderr, /Did you mean tkafka cluster quorum status\?/)
  })

  it('a controller gets a vote by its file, once looked at', async () => {
    const add = ['cluster', 'quorum', 'add-controller', '--config', fileOf(2)]
    assert.match((await tkafka(...add, '--dry-run')).stdout, /WOULD-ADD/)
    assert.equal((await roles())[2], 'Observer')
    let added = {} as Ran
    await eventually('node 2 is not refused for having to catch up', async () => {
      added = await tkafka(...add)
      return !/has not caught up/.test(added.stderr)
    })
    assert.equal(added.code, 0, added.stderr)
    assert.match(added.stdout, /ADDED/)
    assert.equal((await roles())[2], 'Follower')
    const again = await tkafka(...add)
    assert.equal(again.code, 1)
    assert.match(again.stderr, /DUPLICATE_VOTER/)
  })

  it('and loses it again, only with --yes where nobody can be asked', async () => {
    const remove = ['cluster', 'quorum', 'remove-controller', '-i', '2']
    assert.match((await tkafka(...remove, '--dry-run')).stdout, /WOULD-REMOVE/)
    assert.equal((await tkafka(...remove)).code, 2)
    const removed = await tkafka(...remove, '--yes')
    assert.equal(removed.code, 0, removed.stderr)
    await eventually('node 2 is an observer', async () => (await roles())[2] === 'Observer')
    const again = await tkafka(...remove, '--yes')
    assert.equal(again.code, 2)
    assert.match(again.stderr, /controller 2 has no vote\n {2}The voters are 1\./)
    const unknown = await tkafka(...remove, '-d', '3ZK1h2aRQbK8l0oQ7nq5Xw', '--yes')
    assert.match(unknown.stderr, /VOTER_NOT_FOUND/)
  })

  it('a controller that is named by halves is refused before anything is asked', async () => {
    const half = await run(['cluster', 'quorum', 'add-controller', '-i', '4'], { env: { TKAFKA_BOOTSTRAP_SERVER: '127.0.0.1:1' } })
    assert.equal(half.code, 2)
    assert.match(half.stderr, /which controller\?/)
    const add = ['cluster', 'quorum', 'add-controller', '-i', '4', '-d']
    assert.match((await tkafka(...add, 'x', '--listener', 'CONTROLLER://h:1')).stderr, /x is no id of a directory/)
    assert.equal((await tkafka(...add, '3ZK1h2aRQbK8l0oQ7nq5Xw', '--listener', 'CONTROLLER')).code, 2)
  })
})
