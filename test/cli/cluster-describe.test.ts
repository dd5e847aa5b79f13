import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Node, startNode } from '../../src/broker/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { formatStorage } from '../../src/metadata/index.ts'
import { freePort } from '../broker/broker-child.ts'
import { run } from './run-command.ts'

const host = { ...nodeHost(), journal: silentJournal }

describe('cluster describe, of a broker and a controller that is none', () => {
  let folder: string
  let bootstrap: string
  const nodes: Node[] = []
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tkafka-describe-'))
    const [ofController, ofBroker] = [await freePort(), await freePort()]
    bootstrap = `127.0.0.1:${ofBroker}`
    for (const [nodeId, role, port] of [
      [11, 'controller', ofController],
      [1, 'broker', ofBroker],
    ] as const) {
      const directory = join(folder, String(nodeId))
      await formatStorage(host, {
        ...{ clusterId: 'c1uster-to-be-descr1be', nodeId, directories: [directory], metadataLogDir: directory },
        ...{ quorum: { kind: 'static' }, controllerListenerName: 'CONTROLLER' },
      })
      const properties = new Map([
        ['process.roles', role],
        ['node.id', String(nodeId)],
        ['controller.quorum.voters', `11@127.0.0.1:${ofController}`],
        ['listeners', `${role === 'broker' ? 'PLAINTEXT' : 'CONTROLLER'}://127.0.0.1:${port}`],
        ['controller.listener.names', 'CONTROLLER'],
        ['log.dirs', directory],
      ])
      nodes.push(await startNode({ host, properties, hostName: '127.0.0.1' }))
    }
  })
  after(async () => {
    for (const { running } of nodes.reverse()) await running.close()
    await rm(folder, { recursive: true })
  })

  it('stars the controller that is active, and lists it though it is no broker', async () => {
    const { code, stdout, stderr } = await run(['cluster', 'describe', '-b', bootstrap])
    assert.equal(code, 0, stderr)
    const [, ...lines] = stdout.trimEnd().split('\n')
    assert.match(lines[0]!, /^ *1 +127\.0\.0\.1 +\d+ +- +(-|) *broker$/)
    assert.match(lines[1]!, /^ *11 +127\.0\.0\.1 +\d+ +- +\* +controller$/)
  })

  it('tells programs the same', async () => {
    const { stdout } = await run(['cluster', 'describe', '-b', bootstrap, '--json'])
    const items: { id: number; controller: boolean; roles: string[] }[] = JSON.parse(stdout).items
    assert.deepEqual(
      items.map(({ id, controller, roles }) => [id, controller, roles]),
      [
        [1, false, ['broker']],
        [11, true, ['controller']],
      ],
    )
  })
})
