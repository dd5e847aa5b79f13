import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Admin } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { clusterHealth } from '../../src/ops/cluster-health.ts'
import { Errors, KafkaError } from '../../src/protocol/index.ts'
import { runBroker } from '../broker/broker-fixture.ts'
import { run } from './run-command.ts'

describe('the health of partitions', () => {
  const denied = { code: Errors.TOPIC_AUTHORIZATION_FAILED, name: 'TOPIC_AUTHORIZATION_FAILED', message: 'not authorized' }
  const deleted = { code: Errors.UNKNOWN_TOPIC_OR_PARTITION, name: 'UNKNOWN_TOPIC_OR_PARTITION', message: 'no such topic' }
  const described = {
    item: 't',
    error: null,
    value: { name: 't', partitions: [{ partition: 0, leader: 1, replicas: [1, 2, 3], isr: [1, 2, 3] }] },
  }
  const configured = (value: string) => ({ item: { name: 't' }, error: null, value: [{ name: 'min.insync.replicas', value }] })
  /** By check: healthy, detail, concerned. */
  const health = async (topic: object, config: object) => {
    const admin = {
      describeCluster: async () => ({ nodes: [] }),
      listTopics: async () => [{ name: 't' }],
      describeTopics: async () => [topic],
      describeConfigs: async () => [config],
      describeQuorum: async () => {
        throw new KafkaError(Errors.REQUEST_TIMED_OUT, 'nobody asks for it here')
      },
    } as unknown as Admin
    const checks = (await clusterHealth(admin, { lagMsMax: 1000 })).filter(({ check }) => !['quorum', 'brokers'].includes(check))
    return checks.map(({ check, healthy, concerned }) => [check, healthy, concerned.join()])
  }

  it('is good when all is known and well, and when a topic was deleted meanwhile', async () => {
    const good = ['offline', 'under-min-isr', 'under-replicated'].map((check) => [check, true, ''])
    assert.deepEqual(await health(described, configured('2')), good)
    assert.deepEqual(await health({ item: 't', error: deleted, value: null }, { item: { name: 't' }, error: deleted, value: null }), good)
  })

  it('is not good where a topic cannot be described', async () => {
    const unknown = { item: 't', error: denied, value: null }
    assert.deepEqual(
      await health(unknown, { ...unknown, item: { name: 't' } }),
      ['offline', 'under-min-isr', 'under-replicated'].map((check) => [check, false, 't (not authorized)']),
    )
  })

  it('is not good where nobody says how many must be in sync', async () => {
    assert.deepEqual(await health(described, { item: { name: 't' }, error: denied, value: null }), [
      ['offline', true, ''],
      ['under-min-isr', false, 't (not authorized)'],
      ['under-replicated', true, ''],
    ])
    const [, mute] = await health(described, { item: { name: 't' }, error: null, value: [] })
    assert.deepEqual(mute, ['under-min-isr', false, 't (min.insync.replicas is not told)'])
  })
})

describe('the health of brokers', () => {
  const unasked = () => {
    throw new KafkaError(Errors.REQUEST_TIMED_OUT, 'nobody asks for it here')
  }
  const health = async (options: { silent?: readonly number[] } = {}) => {
    const clock = nodeHost({ journal: silentJournal }).clock
    const nodes = new Map([1, 2, 3].map((id) => [id, {}]))
    const refresh = async () => void nodes.set(4, {})
    const admin = {
      cluster: { host: { clock }, nodes, refresh },
      describeCluster: async () => ({ nodes: [1, 2, 3, 4].map((id) => ({ id, fenced: id === 2 })) }),
      describeApiVersions: ({ brokers: [id] }: { brokers: readonly number[] }) =>
        id === 4 ? new Promise(() => {}) : Promise.resolve([{ item: id, error: id === 3 ? { message: 'refused' } : null, value: [] }]),
      listTopics: async () => unasked(),
      describeQuorum: async () => unasked(),
    } as unknown as Admin
    const checks = await clusterHealth(admin, { lagMsMax: 1000, timeoutMs: 50, ...options })
    const { healthy, detail, concerned } = checks.find(({ check }) => check === 'brokers')!
    return [healthy, detail, concerned.join()]
  }

  it('is not good where one refuses connections or says nothing, whatever others tell of it', async () => {
    assert.deepEqual(await health(), [false, '1 of 4 fenced, 2 of 4 without an answer', '2,3,4'])
  })

  it('is as it was found by whoever has asked them', async () => {
    assert.deepEqual(await health({ silent: [3] }), [false, '1 of 4 fenced, 1 of 4 without an answer', '2,3'])
  })
})

describe('waiting for a healthy cluster', () => {
  it('does not go on where there will be none: at a port of a controller', async () => {
    await using node = await runBroker()
    const { port } = node.broker.address('CONTROLLER')!
    const { code, stderr } = await run(['cluster', 'health', '--wait', '--timeout', '5m', '-b', `127.0.0.1:${port}`])
    assert.equal(code, 1)
    assert.match(stderr, /UNSUPPORTED_VERSION/)
  })
})
