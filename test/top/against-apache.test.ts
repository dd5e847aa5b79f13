import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, describe, it } from 'node:test'
import { type Admin, openAdmin } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { advance } from '../../src/top/model/model.ts'
import type { GroupSample, Sample, TransactionSample } from '../../src/top/sample.ts'
import { Sampler } from '../../src/top/sampler/sampler.ts'
import { type ApacheKafka, startApacheKafka } from '../apache/apache-kafka.ts'
import { startJava } from '../apache/java-program.ts'
import { withoutApache } from '../apache/kafka-home.ts'
import { toolClasses } from '../apache/tools.ts'
import { type BrokerAt, eventually, freshName } from '../client/broker-at.ts'
import { describeTop } from './cluster-specification.ts'

describe('top against Apache Kafka', { skip: withoutApache }, () => {
  const at: BrokerAt = { bootstrap: '' }
  let kafka: ApacheKafka | undefined
  before(async () => {
    kafka = await startApacheKafka()
    at.bootstrap = kafka.bootstrap
  })
  after(() => kafka?.kill())

  describeTop('Apache Kafka', at)

  describe('what only Apache Kafka has as yet', () => {
    const host = nodeHost({ journal: silentJournal })
    const topic = freshName('payments')
    let admin: Admin
    let sampler: Sampler
    before(async () => {
      admin = openAdmin(host, { 'bootstrap.servers': at.bootstrap })
      await admin.createTopics([{ name: topic, partitionCount: 2, replicationFactor: 1 }])
      // A broker of a busy machine is given longer than at a glance.
      sampler = new Sampler(admin, admin, { everyMs: 4000 })
    })
    after(() => admin?.close())

    it('a transaction that is open is seen, with its age, and then that it is not', async () => {
      const id = freshName('txn')
      const records = ['--num-records', '100', '--throughput', '20', '--record-size', '10']
      const transactions = ['--transactional-id', id, '--transaction-duration-ms', '4000']
      const producing = kafka!.tool('producer-perf-test', ['--topic', topic, ...records, ...transactions])
      const seen: TransactionSample[] = []
      await eventually(
        'an open transaction',
        async () => {
          seen.push(...((await sampler.take()).transactions ?? []).filter((each) => each.id === id && each.startedMs !== null))
          return seen.length > 0
        },
        60_000,
      )
      assert.equal(seen[0]!.state, 'Ongoing')
      assert.ok(Math.abs(Date.now() - seen[0]!.startedMs!) < 60_000)
      assert.ok(seen[0]!.partitionCount! > 0 && seen[0]!.timeoutMs! > 0)
      assert.equal((await producing).code, 0)
      await eventually('it is over', async () =>
        ((await sampler.take()).transactions ?? []).some(
          (each) => each.id === id && each.state === 'CompleteCommit' && each.startedMs === null,
        ),
      )
    })

    it('a share group has the lag that its coordinator counts', async () => {
      const group = freshName('jobs')
      const alter = ['--alter', '--entity-type', 'groups', '--entity-name', group, '--add-config', 'share.auto.offset.reset=earliest']
      assert.equal((await kafka!.tool('configs', alter)).code, 0)
      const consuming = kafka!.tool('console-share-consumer', ['--topic', topic, '--group', group, '--max-messages', '10'])
      await consuming
      await eventually(
        'its lag is known',
        async () => {
          const sample = await sampler.take()
          const found = advance(undefined, sample).groups.get(group)
          return found?.type === 'share' && found.lag !== null && found.partitions.length > 0
        },
        60_000,
      )
      const { lag, partitions } = advance(undefined, await sampler.take()).groups.get(group)!
      const shown = (await kafka!.tool('share-groups', ['--describe', '--group', group])).stdout
      const lags = [...shown.matchAll(new RegExp(`${group} +${topic} +(\\d+) +\\S+ +(\\d+)`, 'g'))].map(([, partition, count]) => [
        Number(partition),
        Number(count),
      ])
      assert.deepEqual(
        partitions.map((each) => [each.partition, each.lag]),
        lags.sort((a, b) => a[0]! - b[0]!),
        shown,
      )
      assert.equal(
        lag,
        lags.reduce((sum, [, count]) => sum + count!, 0),
      )
    })

    it('a consumer group of the new protocol is described as one (KIP-848)', async () => {
      const group = freshName('modern')
      const flags = ['--topic', topic, '--group', group, '--command-property', 'group.protocol=consumer', '--from-beginning']
      const consuming = startJava(toolClasses['console-consumer'], ['--bootstrap-server', at.bootstrap, ...flags])
      const ended = once(consuming, 'close')
      consuming.stdout!.resume()
      consuming.stderr!.resume()
      const described = (sample: Sample) => sample.groups?.find(({ id }) => id === group)
      let found: GroupSample | undefined
      await eventually(
        'it has a member with partitions',
        async () => {
          found = described(await sampler.take())
          return found?.type === 'consumer' && found.state === 'Stable' && (found.members?.[0]?.assignment[topic]?.length ?? 0) === 2
        },
        60_000,
      )
      assert.ok(found!.epoch > 0)
      consuming.kill()
      await ended
    })
  })
})
