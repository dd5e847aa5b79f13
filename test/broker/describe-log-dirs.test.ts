import assert from 'node:assert/strict'
import { it } from 'node:test'
import { openAdmin } from '../../src/client/admin/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { LogDirectories } from '../../src/log/index.ts'
import { runBroker } from './broker-fixture.ts'

it('a replica lies in one directory at every moment of its move to another', async (test) => {
  await using broker = await runBroker((directory) => ({ 'log.dirs': `${directory}/a,${directory}/b` }))
  const admin = openAdmin(nodeHost({ journal: silentJournal }), { 'bootstrap.servers': broker.bootstrap })
  try {
    await admin.createTopics([{ name: 't', partitionCount: 1, replicationFactor: 1 }])
    const places = async (): Promise<string[]> => {
      const [described] = await admin.describeLogDirs({ brokers: [1] })
      return described!.value!.flatMap(({ path, replicas }) =>
        replicas.filter(({ topic, future }) => topic === 't' && !future).map(() => path.slice(-1)),
      )
    }
    let from = await places()
    while (from.length === 0) from = await places()
    const to = from[0] === 'a' ? 'b' : 'a'
    const seen = Promise.withResolvers<string[]>()
    const checkpoint = LogDirectories.prototype.checkpointLogStartOffsets
    // Between the new log's coming and the old one's going.
    test.mock.method(LogDirectories.prototype, 'checkpointLogStartOffsets', async function (this: LogDirectories) {
      await places().then(seen.resolve, seen.reject)
      return checkpoint.call(this)
    })
    await admin.alterReplicaLogDirs([{ topic: 't', partition: 0, broker: 1, path: `${broker.directory}/${to}` }])
    assert.deepEqual(await seen.promise, [to])
  } finally {
    admin.close()
  }
})
