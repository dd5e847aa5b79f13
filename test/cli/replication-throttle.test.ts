import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Admin, ConfigChange, ConfigQuery } from '../../src/client/index.ts'
import { clearThrottles, setThrottle } from '../../src/ops/replication-throttle.ts'

/** A cluster of brokers 1 and 2 with the settings given; broker 2 does not answer. */
const cluster = (settings: Readonly<Record<string, readonly string[]>> = {}) => {
  const changes: ConfigChange[] = []
  const admin = {
    describeCluster: async () => ({ nodes: [{ id: 1 }, { id: 2 }] }),
    describeConfigs: async (queries: readonly ConfigQuery[]) =>
      queries.map((item) => ({
        item,
        error: null,
        value: (item.keys ?? []).map((name) => {
          const isOwn = settings[`${item.type} ${item.name}`]?.includes(name) === true
          return { name, source: isOwn ? `DYNAMIC_${item.type.toUpperCase()}_CONFIG` : 'DEFAULT_CONFIG' }
        }),
      })),
    incrementalAlterConfigs: async (asked: readonly ConfigChange[]) => {
      changes.push(...asked)
      return asked.map((item) =>
        item.type === 'broker' && item.name === '2'
          ? { item, error: { name: 'NETWORK_EXCEPTION', message: 'gone' } }
          : { item, error: null },
      )
    },
  } as unknown as Admin
  return { admin, changes }
}
const move = { topic: 't', partition: 0, from: [1, 2], to: [3, 2], adding: [3], removing: [1], bytes: 1 }

describe('a throttle of moves', () => {
  it('names who sends and who receives, and passes over brokers that are not there', async () => {
    const { admin, changes } = cluster()
    const outcome = await setThrottle(admin, [move, { ...move, partition: 4, adding: [] }], 1000)
    assert.deepEqual(outcome, { brokers: [1], topics: ['t'], failures: ['broker 2: gone'] })
    const values = changes.map(({ name, operations }) => [name, operations.map(({ value }) => value)])
    assert.deepEqual(values, [
      ['t', ['0:1,0:2,4:1,4:2', '0:3']],
      ['1', ['1000', '1000']],
      ['2', ['1000', '1000']],
    ])
  })

  it('goes where there is one, and nothing else is touched', async () => {
    const { admin, changes } = cluster({ 'broker 1': ['leader.replication.throttled.rate'], 'topic t': [] })
    assert.deepEqual(await clearThrottles(admin, ['t', 't']), { brokers: [1], topics: [], failures: [] })
    assert.deepEqual(changes, [
      { type: 'broker', name: '1', operations: [{ name: 'leader.replication.throttled.rate', operation: 'delete', value: null }] },
    ])
  })
})
