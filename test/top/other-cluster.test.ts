import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { openAdmin } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import type { Sample } from '../../src/top/sample.ts'
import { Sampler } from '../../src/top/sampler/sampler.ts'
import { runBroker } from '../broker/broker-fixture.ts'
import { run } from '../cli/run-command.ts'
import { eventually } from '../client/broker-at.ts'

const host = nodeHost({ journal: silentJournal })

test('nothing that was known of a cluster is told of another one that took its address', async () => {
  const settings: Record<string, string> = {}
  await using broker = await runBroker(settings)
  const tkafka = (argv: readonly string[], stdin = '') => run([...argv, '-b', broker.bootstrap], { stdin })
  await tkafka(['topics', 'create', 'orders', '-p', '1'])
  await tkafka(['produce', 'orders'], 'one\ntwo\nthree\n')
  await tkafka(['topics', 'trim', 'orders', '-o', '2', '--yes'])
  const open = () =>
    openAdmin(host, { 'bootstrap.servers': broker.bootstrap, 'request.timeout.ms': '2000', 'default.api.timeout.ms': '2000' })
  const admins = [open(), open()] as const
  try {
    const sampler = new Sampler(...admins, { everyMs: 2000 })
    const first = await sampler.take()
    assert.deepEqual([first.starts.orders, first.ends.orders], [[2], [3]])
    settings['log.dirs'] = join(broker.directory, 'other')
    await broker.restart()
    await tkafka(['topics', 'create', 'orders', '-p', '1'])
    let sample: Sample = first
    await eventually('the other cluster to be seen', async () => {
      sample = await sampler.take().catch(() => first)
      return sample.clusterId !== first.clusterId && sample.topics.length > 0
    })
    assert.deepEqual([sample.starts.orders, sample.ends.orders], [[0], [0]])
    assert.ok(sample.storage === null || sample.storage.timeMs > first.timeMs)
  } finally {
    for (const admin of admins) admin.close()
  }
})
