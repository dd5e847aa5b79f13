import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { embeddedProperties, type OpeningNode, startNode, startSummary } from '../../src/broker/index.ts'
import type { Listener } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { RecordingJournal } from './recording-journal.ts'

describe('a node that starts', () => {
  const journal = new RecordingJournal()
  const host = nodeHost({ journal })
  let directory: string
  let taken: Listener
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tkafka-refusals-'))
    taken = await host.network.listen({ host: '127.0.0.1', port: 0 }, (connection) => connection.destroy())
    journal.entries.length = 0
  })
  afterEach(async () => {
    await taken.close()
    await rm(directory, { recursive: true, force: true })
  })

  const start = (settings: Record<string, string>, dataDirectory = join(directory, 'data')) =>
    startNode({
      host,
      properties: new Map([...embeddedProperties(dataDirectory, 0), ...Object.entries(settings)]),
      hostName: 'localhost',
      formatWhenNew: true,
    })

  for (const name of ['PLAINTEXT', 'CONTROLLER']) {
    test(`finds out that the port of ${name} is taken before it writes anything`, async () => {
      const port = (listener: string): number => (listener === name ? taken.address.port : 0)
      const listeners = `PLAINTEXT://127.0.0.1:${port('PLAINTEXT')},CONTROLLER://127.0.0.1:${port('CONTROLLER')}`
      await assert.rejects(start({ listeners }), {
        name: 'ListenerError',
        message: `listener ${name} cannot listen on 127.0.0.1:${taken.address.port}: the port is taken`,
      })
      assert.deepEqual(await readdir(directory), [])
      assert.deepEqual(journal.entries, [])
    })
  }

  test('says which setting names a directory that cannot be', async () => {
    const file = join(directory, 'file')
    await writeFile(file, '')
    await assert.rejects(start({}, join(file, 'data')), { name: 'DirectoryError', key: 'log.dirs', path: join(file, 'data') })
    const beside = { 'metadata.log.dir': join(file, 'metadata') }
    await assert.rejects(start(beside), { name: 'DirectoryError', key: 'metadata.log.dir', path: join(file, 'metadata') })
  })

  test('is told of from when its directories are its own, before it serves', async () => {
    const openings: OpeningNode[] = []
    const properties = new Map([...embeddedProperties(join(directory, 'data'), 0), ['tkafka.status.listener', '127.0.0.1:0']])
    const { running, clusterId } = await startNode({
      ...{ host, properties, hostName: 'localhost', formatWhenNew: true },
      onOpening: async (opening) => {
        assert.deepEqual(journal.entries, [])
        openings.push(opening)
      },
    })
    assert.deepEqual(openings, [{ settings: running.settings, clusterId, status: running.status!.address }])
    await running.close()
  })

  test('serves without a status page whose port is taken, and says how to have one', async () => {
    const at = `127.0.0.1:${taken.address.port}`
    const node = await start({ 'tkafka.status.listener': at, 'num.partition': '3' })
    await node.running.close()
    const line = startSummary(node, '1.2.3').at(-1)!
    assert.match(line, new RegExp(`status +off +\\(${at} cannot be had: set tkafka\\.status\\.listener to another HOST:PORT`))
    // What it starts with although it looks like a mistake is in the journal, before everything else.
    assert.match(journal.entries[0]!.message, /^num\.partition is no setting .* Did you mean num\.partitions\?$/)
  })
})
