import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openAdmin } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { runBroker } from './broker-fixture.ts'

const host = { ...nodeHost(), journal: silentJournal }

test('groups are found in the offsets topic as it is, when the settings ask for another number of partitions by now', async () => {
  const settings = { 'offsets.topic.num.partitions': '3' }
  await using running = await runBroker(settings)
  using admin = openAdmin(host, { 'bootstrap.servers': running.bootstrap })
  await admin.createTopics([{ name: 'events', partitionCount: 1, replicationFactor: 1 }])
  const groups = Array.from({ length: 8 }, (_, n) => `group-${n}`)
  for (const group of groups) await admin.alterGroupOffsets(group, [{ topic: 'events', partition: 0, offset: 5 }])
  settings['offsets.topic.num.partitions'] = '50'
  await running.restart()
  const found = await admin.listGroupOffsets(groups)
  assert.equal(found.length, 8)
  for (const { error, value } of found) {
    assert.deepEqual([error, value?.map((each) => each.value?.offset)], [null, [5]])
  }
})
