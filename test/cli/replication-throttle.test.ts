import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Admin, ConfigChange, ConfigQuery } from '../../src/client/index.ts'
import { AutoThrottle } from '../../src/ops/auto-throttle.ts'
import {
  atRate,
  clearThrottles,
  describeThrottles,
  planThrottle,
  restoreThrottles,
  setThrottles,
  unusedThrottles,
} from '../../src/ops/replication-throttle.ts'

type Settings = Record<string, Record<string, string>>

/** A cluster of brokers 1 and 2 with settings as given, which changes take effect on; broker 2 does not answer to changes. */
const cluster = (settings: Settings = {}) => {
  const changes: ConfigChange[] = []
  const admin = {
    describeCluster: async () => ({ nodes: [{ id: 1 }, { id: 2 }] }),
    listTopics: async () => [{ name: 't' }, { name: 'u' }],
    describeConfigs: async (queries: readonly ConfigQuery[]) =>
      queries.map((item) => ({
        item,
        error: null,
        value: (item.keys ?? []).map((name) => {
          const value = settings[`${item.type} ${item.name}`]?.[name]
          return { name, value: value ?? '0', source: value === undefined ? 'DEFAULT_CONFIG' : `DYNAMIC_${item.type.toUpperCase()}_CONFIG` }
        }),
      })),
    incrementalAlterConfigs: async (asked: readonly ConfigChange[]) => {
      changes.push(...asked)
      return asked.map((item) => {
        if (item.type === 'broker' && item.name === '2') return { item, error: { name: 'NETWORK_EXCEPTION', message: 'gone' } }
        const values = (settings[`${item.type} ${item.name}`] ??= {})
        for (const { name, operation, value } of item.operations) {
          if (operation === 'set') values[name] = value!
          else delete values[name]
        }
        return { item, error: null }
      })
    },
  } as unknown as Admin
  return { admin, changes, settings }
}
const move = { topic: 't', partition: 0, from: [1, 2], to: [3, 2], adding: [3], removing: [1], bytes: 1 }
const leaderRate = 'leader.replication.throttled.rate'
const followerRate = 'follower.replication.throttled.rate'

describe('a throttle of moves', () => {
  it('names who sends and who receives, and passes over brokers that are not there', async () => {
    const { admin, changes } = cluster()
    const outcome = await setThrottles(admin, await planThrottle(admin, [move, { ...move, partition: 4, adding: [] }], 1000))
    assert.deepEqual(outcome, { brokers: [1], topics: ['t'], failures: [{ type: 'broker', name: '2', message: 'gone' }] })
    const values = changes.map(({ name, operations }) => [name, operations.map(({ value }) => value)])
    assert.deepEqual(values, [
      ['t', ['0:1,0:2,4:1,4:2', '0:3']],
      ['1', ['1000', '1000']],
      ['2', ['1000', '1000']],
    ])
  })

  it('leaves replicas that are throttled already as they are, and puts them back', async () => {
    const before = {
      'topic t': { 'leader.replication.throttled.replicas': '7:1,0:1', 'follower.replication.throttled.replicas': 'none' },
    }
    const { admin, settings } = cluster(structuredClone(before))
    const run = await planThrottle(admin, [move], 1000)
    await setThrottles(admin, run)
    assert.deepEqual(settings['topic t'], {
      'leader.replication.throttled.replicas': '7:1,0:1,0:2',
      'follower.replication.throttled.replicas': '0:3',
    })
    await restoreThrottles(admin, run)
    assert.deepEqual(settings['topic t'], before['topic t'])
  })

  it('is taken back also from a broker that does not tell of it yet', async () => {
    const { admin, settings } = cluster()
    const run = await planThrottle(admin, [move], 1000)
    await setThrottles(admin, run)
    const late = { ...admin, describeConfigs: cluster().admin.describeConfigs } as Admin
    await restoreThrottles(late, run)
    assert.deepEqual(settings, { 'topic t': {}, 'broker 1': {} })
  })

  it('is planned, taken back and looked for with a word about who does not say what it has', async () => {
    const { admin } = cluster()
    const mute = {
      ...admin,
      describeConfigs: async (queries: readonly ConfigQuery[]) =>
        queries.map((item) => ({ item, error: { name: 'CLUSTER_AUTHORIZATION_FAILED', message: 'no' }, value: null })),
    } as unknown as Admin
    const failures = ['topic t', 'broker 1', 'broker 2']
    const named = (list: readonly { type: string; name: string }[]) => list.map(({ type, name }) => `${type} ${name}`)
    const run = await planThrottle(mute, [move], 1000)
    assert.deepEqual(named(run.failures), failures)
    assert.deepEqual(named((await restoreThrottles(mute, run)).failures), failures)
    assert.deepEqual(named((await describeThrottles(mute, ['t'])).failures), ['broker 1', 'broker 2', 'topic t'])
  })

  it('leaves what was there before it', async () => {
    const before = { 'broker 1': { [leaderRate]: '7' }, 'topic t': { 'leader.replication.throttled.replicas': '*' } }
    const { admin, settings } = cluster(structuredClone(before))
    const run = atRate(await planThrottle(admin, [move], 1000), 2000)
    await setThrottles(admin, run)
    assert.deepEqual(settings['broker 1'], { [leaderRate]: '2000', [followerRate]: '2000' })
    const { brokers, topics } = await restoreThrottles(admin, run)
    assert.deepEqual([brokers, topics], [[1], ['t']])
    assert.deepEqual(settings, before)
  })

  it('is not taken from who has changed it since', async () => {
    const { admin, settings } = cluster()
    const run = await planThrottle(admin, [move], 1000)
    await setThrottles(admin, run)
    settings['broker 1']![leaderRate] = '5'
    await restoreThrottles(admin, run)
    assert.deepEqual(settings, { 'broker 1': { [leaderRate]: '5' }, 'topic t': {} })
  })

  it('stays on a broker that copies between its directories, and goes from others', async () => {
    const { admin } = cluster()
    const copying = {
      ...admin,
      describeLogDirs: async ({ brokers }: { brokers: readonly number[] }) =>
        brokers.map((item) => ({ item, error: null, value: [{ path: '/a', replicas: [{ future: item === 1 }] }] })),
    } as unknown as Admin
    const copyRate = 'replica.alter.log.dirs.io.max.bytes.per.second'
    const throttles = [
      { type: 'broker', name: '1', values: { [copyRate]: '7', [leaderRate]: '8' } },
      { type: 'broker', name: '2', values: { [copyRate]: '7' } },
      { type: 'topic', name: 't', values: { 'follower.replication.throttled.replicas': '*' } },
    ] as const
    assert.deepEqual(await unusedThrottles(copying, throttles), [
      { ...throttles[0], values: { [leaderRate]: '8' } },
      throttles[1],
      throttles[2],
    ])
    assert.deepEqual(await unusedThrottles(copying, throttles.slice(2)), [throttles[2]])
  })

  it('is found and goes, whoever has set it, where there is one, and nothing else is touched', async () => {
    const { admin, changes } = cluster({
      'broker 1': { [leaderRate]: '5' },
      'topic u': { 'follower.replication.throttled.replicas': '0:1' },
    })
    assert.deepEqual(
      (await describeThrottles(admin)).throttles.map(({ type, name }) => `${type} ${name}`),
      ['broker 1', 'topic u'],
    )
    assert.deepEqual(await clearThrottles(admin, (await describeThrottles(admin, ['t'])).throttles), {
      brokers: [1],
      topics: [],
      failures: [],
    })
    assert.deepEqual(changes, [{ type: 'broker', name: '1', operations: [{ name: leaderRate, operation: 'delete', value: null }] }])
  })
})

describe('an automatic throttle', () => {
  /** The rates in MB/s after looks 10 s apart: megabytes a second that one receiver got meanwhile, and partitions that lack a replica. */
  const rates = (...looks: (readonly [usedMb: number, suffering: number])[]): number[] => {
    const throttle = new AutoThrottle()
    let bytesMoved = 0
    return looks.map(([usedMb, suffering], index) => {
      bytesMoved += usedMb * 1e7
      throttle.next({ nowMs: index * 10_000, bytesMoved, receiverCount: 1, suffering })
      return throttle.rate / 1e6
    })
  }

  it('grows while the moves use what they have', () => {
    assert.deepEqual(rates([0, 0], [48, 0], [70, 0], [60, 0]), [50, 75, 112.5, 112.5])
  })

  it('grows when nothing gets on', () => {
    assert.deepEqual(rates([0, 0], [0, 0], [0, 0]), [50, 75, 112.5])
  })

  it('is cut when others fall behind, and waits until they are back', () => {
    assert.deepEqual(rates([0, 0], [50, 2], [25, 2], [25, 0], [25, 0]), [50, 25, 25, 37.5, 37.5])
  })

  it('does not suffer for what was so before', () => {
    assert.deepEqual(rates([0, 3], [50, 3], [75, 3]), [50, 75, 112.5])
  })

  it('stays within bounds', () => {
    const falling = rates(...Array.from({ length: 20 }, (_, index) => [50, index] as const))
    assert.equal(falling.at(-1), 1)
    assert.equal(rates(...Array.from({ length: 20 }, () => [3000, 0] as const)).at(-1), 2000)
  })
})
