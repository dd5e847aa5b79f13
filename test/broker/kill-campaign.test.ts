import assert from 'node:assert/strict'
import { readdirSync, statSync, truncateSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { WireClient } from '../wire/wire-client.ts'
import { BrokerChild } from './broker-child.ts'
import { runCampaign } from './kill-campaign.ts'
import { SequenceLoad } from './sequence-load.ts'

it('kill -9 under an idempotent load loses nothing that was acknowledged, and writes nothing twice', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'tkafka-campaign-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const { acknowledged, verified, faults } = await runCampaign({ cycles: 3, seed: 42, directory })
  assert.deepEqual(faults, [])
  assert.ok(acknowledged > 100 && verified >= acknowledged, `${acknowledged} acknowledged, ${verified} verified`)
})

it('a campaign would notice acknowledged records that are gone', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'tkafka-campaign-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const data = join(directory, 'data')
  const load = await BrokerChild.start(data).then(async (broker) => {
    using client = await WireClient.open(broker.port)
    await client.call('CreateTopics', 7, { topics: [{ name: 'cut', numPartitions: 1, replicationFactor: 1 }] })
    const load = new SequenceLoad(`127.0.0.1:${broker.port}`, 'cut', 1)
    load.start()
    while (load.ackedCount < 500) await new Promise((resolve) => setTimeout(resolve, 5))
    await load.stop()
    assert.deepEqual((await load.verify(broker.port)).faults, [])
    await broker.kill()
    return load
  })
  const segment = readdirSync(join(data, 'cut-0')).find((name) => name.endsWith('.log'))!
  const path = join(data, 'cut-0', segment)
  truncateSync(path, statSync(path).size - 1)
  await using broker = await BrokerChild.start(data)
  const { faults } = await load.verify(broker.port, { fromStart: true })
  assert.match(faults.join('\n'), /acknowledged records \d+ to \d+ are lost/)
})
