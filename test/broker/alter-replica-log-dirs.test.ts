import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { alterReplicaLogDirs } from '../../src/broker/apis/alter-replica-log-dirs.ts'
import { openAdmin } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { directoryOf } from '../../src/metadata/index.ts'
import { errorName } from '../../src/protocol/index.ts'
import { runBroker } from './broker-fixture.ts'
import { ask, asked } from './fake-parts.ts'
import { until } from './until.ts'

test('replicas move between log directories, and the controller is told', async () => {
  await using running = await runBroker((directory) => ({ 'log.dirs': `${directory}/one,${directory}/two` }))
  const { broker, directory } = running
  const host = { ...nodeHost({ journal: silentJournal }), journal: silentJournal }
  using admin = openAdmin(host, { 'bootstrap.servers': running.bootstrap })
  await admin.createTopics([{ name: 't', partitionCount: 1, replicationFactor: 1 }])
  await until(() => broker.partitions.findByName('t', 0) !== undefined, 'the replica is here')
  const move = async (path: string, name: string, index = 0): Promise<string> => {
    const dirs = [{ path, topics: [{ name, partitions: [index] }] }]
    const { results = [] } = await ask(alterReplicaLogDirs, { dirs }, broker, asked(2))
    return errorName(results[0]!.partitions![0]!.errorCode!)
  }
  const from = broker.logs.directoryOf(broker.logs.get('t', 0)!)!.path
  const to = [`${directory}/one`, `${directory}/two`].find((path) => path !== from)!
  const known = (): string => directoryOf(broker.image.topic('t')!.partitions.get(0)!, 1)
  const before = known()

  assert.equal(await move(`${directory}/three`, 't'), 'LOG_DIR_NOT_FOUND')
  assert.equal(await move(to, 'gone'), 'UNKNOWN_TOPIC_OR_PARTITION')
  assert.equal(await move(to, 't', 1), 'UNKNOWN_TOPIC_OR_PARTITION')
  assert.equal(await move(to, 'x'.repeat(249)), 'INVALID_TOPIC_EXCEPTION')
  assert.equal(await move(to, 't'), 'NONE')
  await until(() => existsSync(`${to}/t-0`) && !existsSync(`${from}/t-0`), 'the replica has moved')
  await until(() => known() !== before, 'the controller knows where it lies')

  assert.equal(await move(from, 'later'), 'UNKNOWN_TOPIC_OR_PARTITION')
  await admin.createTopics([{ name: 'later', partitionCount: 1, replicationFactor: 1 }])
  await until(() => existsSync(`${from}/later-0`), 'a replica is made where it was said before')
})
