import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Admin, ConfigChange } from '../../src/client/index.ts'
import { cordonBrokers } from '../../src/ops/decommission.ts'

describe('keeping new replicas away from a broker', () => {
  const changes: ConfigChange[] = []
  const admin = (level: number) =>
    ({
      describeFeatures: async () => ({ finalizedFeatures: [{ name: 'metadata.version', maxVersion: level }] }),
      describeLogDirs: async () => [
        { item: 1, error: null, value: ['/a', '/b'].map((path) => ({ path, cordoned: path === '/a' })) },
        { item: 2, error: null, value: [{ path: '/a', cordoned: true }] },
        { item: 3, error: { name: 'BROKER_NOT_AVAILABLE', message: 'gone' }, value: null },
      ],
      incrementalAlterConfigs: async (asked: readonly ConfigChange[]) => {
        changes.push(...asked)
        return asked.map((item) => ({ item, error: null, value: null }))
      },
    }) as unknown as Admin

  it('cordons all its directories, and tells where that cannot be', async () => {
    assert.deepEqual(await cordonBrokers(admin(30), [1, 2, 3]), [
      { broker: 1, reason: null, unchanged: false },
      { broker: 2, reason: null, unchanged: true },
      { broker: 3, reason: 'gone', unchanged: true },
    ])
    const operations = [{ name: 'cordoned.log.dirs', operation: 'set', value: '/a,/b' }]
    assert.deepEqual(changes.splice(0), [{ type: 'broker', name: '1', operations }])
  })

  it('is not tried where a cluster would take the setting for one of its plugins', async () => {
    const [cordon] = await cordonBrokers(admin(29), [1])
    assert.match(cordon!.reason!, /no cordoned\.log\.dirs before metadata\.version 4\.3/)
    assert.deepEqual(changes, [])
  })
})
