import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { GroupModel } from '../../src/top/model/groups.ts'
import { advance, type Model } from '../../src/top/model/model.ts'
import type { Sample } from '../../src/top/sample.ts'
import { behind, groupOf, memberOf, placeOf, sampleAt, topicOf } from './sample-fixture.ts'

const modelOf = (samples: readonly Sample[]): Model =>
  samples.reduce<Model | undefined>((model, sample) => advance(model, sample), undefined)!
const billing = (samples: readonly Sample[]): GroupModel => modelOf(samples).groups.get('billing')!
const every2s = (count: number, sample: (seconds: number) => Sample): Sample[] =>
  Array.from({ length: count }, (_, index) => sample(index * 2))
const nobody = groupOf('billing', { state: 'Empty', members: [] })

describe('lag of a group', () => {
  test('is the sum of what its partitions have beyond its commits', () => {
    const sample = sampleAt(0, {
      topics: [topicOf('orders', [placeOf(), placeOf()])],
      ends: { orders: [100, 50] },
      starts: { orders: [0, 0] },
      groups: [groupOf('billing')],
      commits: { billing: { orders: [0, 40, 1, 45] } },
    })
    const { lag, worst, partitions } = billing([sample])
    assert.equal(lag, 65)
    assert.deepEqual([worst?.topic, worst?.partition, worst?.lag], ['orders', 0, 60])
    assert.deepEqual(
      partitions.map((each) => each.lag),
      [60, 5],
    )
  })

  test('is none where a commit is beyond the end: they are read one after the other', () => {
    assert.equal(billing([behind(0, 99, 100)]).lag, 0)
  })

  test('is not known when the ends are not: never a zero', () => {
    const { lag, status } = billing([behind(0, 0, 100, { ends: { orders: [null] } })])
    assert.deepEqual([lag, status], [null, null])
  })

  test('goes by the last end that is known while a leader does not answer: a lag that seems to shrink would be no lag', () => {
    const { lag, lagRate } = billing([behind(0, 100, 40), behind(2, 0, 50, { ends: { orders: [null] } })])
    assert.deepEqual([lag, lagRate], [50, -5])
  })

  test('of a share group is what its coordinator counts', () => {
    const share = groupOf('billing', { type: 'share' })
    assert.equal(billing([behind(0, 100, 10, { groups: [share], shareLags: { billing: { orders: [0, 7] } } })]).lag, 7)
  })

  test('partitions that a member has and nothing was committed for are there, without a lag', () => {
    const group = groupOf('billing', { members: [memberOf('a', { orders: [0, 1] })] })
    const { partitions, lag } = billing([behind(0, 100, 40, { groups: [group] })])
    assert.deepEqual(
      partitions.map(({ partition, lag, member }) => [partition, lag, member?.id]),
      [
        [0, 60, 'a'],
        [1, null, 'a'],
      ],
    )
    assert.equal(lag, 60)
  })

  test('goes on from its last commits while its coordinator does not answer; how it does is not known then', () => {
    const unheard = (seconds: number): Sample => behind(seconds, 120, 0, { groups: [], groupsFrom: [2, 3], commits: {} })
    const samples = [behind(0, 100, 40), unheard(2)]
    assert.deepEqual([billing(samples).lag, billing(samples).status], [80, null])
    assert.deepEqual(modelOf(samples).events, [])
    const unfetched = [behind(0, 100, 40), behind(2, 120, 0, { commits: {} })]
    assert.deepEqual([billing(unfetched).lag, billing(unfetched).status], [80, null])
    assert.equal(billing([behind(0, 100, 40), behind(2, 120, 0, { groups: null, groupsFrom: [], commits: {} })]).lag, 80)
  })

  test('a group that nobody could be asked about does not rest', () => {
    const unheard = every2s(10, (seconds) => behind(2 + seconds, 120, 0, { groups: [], groupsFrom: [2, 3], commits: {} }))
    assert.equal(billing([behind(0, 100, 40), ...unheard, behind(22, 120, 40)]).status, 'OK')
  })

  test('a group is gone when its coordinator does not list it, or has not answered for a minute', () => {
    assert.equal(modelOf([behind(0, 100, 40), behind(2, 100, 0, { groups: [] })]).groups.size, 0)
    const unheard = (seconds: number): Sample => behind(seconds, 100, 0, { groups: [], groupsFrom: [2, 3] })
    assert.equal(modelOf([behind(0, 100, 40), unheard(59)]).groups.size, 1)
    assert.equal(modelOf([behind(0, 100, 40), unheard(59), unheard(61)]).groups.size, 0)
  })
})

describe('rates of a group', () => {
  test('come with the second sample', () => {
    const { inRate, outRate, lagRate, eta } = billing([behind(0, 100, 40)])
    assert.deepEqual([inRate, outRate, lagRate, eta], [null, null, null, null])
  })

  test('are what came and what was read a second, over more than one sample', () => {
    const group = billing(every2s(5, (seconds) => behind(seconds, 1000 + seconds * 10, 500 + seconds * 30)))
    assert.equal(group.inRate, 10)
    assert.equal(group.outRate, 30)
    assert.equal(group.lagRate, -20)
  })

  test('the time left is the lag by the difference of the rates', () => {
    const group = billing(every2s(5, (seconds) => behind(seconds, 1000 + seconds * 10, 500 + seconds * 30)))
    assert.equal(group.lag, 340)
    assert.equal(group.eta, 17_000)
  })

  test('the time left is never when more comes than is read', () => {
    assert.equal(billing(every2s(5, (seconds) => behind(seconds, 1000 + seconds * 30, 500 + seconds * 10))).eta, 'never')
  })

  test('a reset backwards is no reading', () => {
    const samples = [behind(0, 1000, 900), behind(2, 1000, 100), behind(4, 1000, 110)]
    assert.equal(billing(samples).outRate, 2.5)
  })

  test('partitions that come into sight are nothing that came', () => {
    const wider = { topics: [topicOf('orders', [placeOf(), placeOf()])], commits: { billing: { orders: [0, 40, 1, 1_000_000] } } }
    const samples = [behind(0, 100, 40), behind(2, 100, 40, { ...wider, ends: { orders: [100, 1_000_000] } })]
    assert.equal(billing(samples).inRate, 0)
    assert.equal(billing(samples).outRate, 0)
  })

  test('skew is the busiest partition as a multiple of the mean', () => {
    const of = (seconds: number, ends: number[]): Sample =>
      behind(seconds, 0, 0, {
        topics: [topicOf('orders', [placeOf(), placeOf()])],
        ends: { orders: ends },
        commits: { billing: { orders: [0, 0, 1, 0] } },
      })
    assert.equal(billing([of(0, [0, 0]), of(2, [30, 10])]).skew, 1.5)
  })
})

describe('status of a group, in Burrow’s words', () => {
  test('OK: it keeps up, or moves', () => {
    assert.equal(billing([behind(0, 100, 100)]).status, 'OK')
    assert.equal(billing(every2s(20, (seconds) => behind(seconds, 1000 + seconds * 10, 500 + seconds * 10))).status, 'OK')
  })

  test('WARN: it moves, and is farther behind at each commit', () => {
    assert.equal(billing(every2s(5, (seconds) => behind(seconds, 1000 + seconds * 30, 500 + seconds * 10))).status, 'WARN')
  })

  test('OK: between two commits the lag grows, at commits it does not', () => {
    // Commits every 4 s, looked at every 2 s.
    const sample = (seconds: number): Sample => behind(seconds, 1000 + seconds * 30, 900 + Math.floor(seconds / 4) * 120)
    assert.equal(billing(every2s(9, sample)).status, 'OK')
  })

  test('STALL: it has a member and rests for fifteen seconds though there are records', () => {
    const sample = (seconds: number): Sample => behind(seconds, 1000, 500)
    assert.equal(billing(every2s(8, sample)).status, 'OK')
    assert.equal(billing(every2s(9, sample)).status, 'STALL')
  })

  test('the fifteen seconds begin when there is something to read', () => {
    const sample = (seconds: number): Sample => behind(seconds, seconds < 10 ? 500 : 600, 500)
    assert.equal(billing(every2s(12, sample)).status, 'OK')
    assert.equal(billing(every2s(14, sample)).status, 'STALL')
  })

  test('STOP: nobody is there to read what is left', () => {
    assert.equal(billing([behind(0, 1000, 500, { groups: [nobody] })]).status, 'STOP')
  })

  test('a group without members that commits all the same is judged by its commits', () => {
    const sample = (seconds: number): Sample => behind(seconds, 1000 + seconds, 500 + seconds * 2, { groups: [nobody] })
    assert.equal(billing(every2s(4, sample)).status, 'OK')
    const then = every2s(12, (seconds) => behind(8 + seconds, 1100, 512, { groups: [nobody] }))
    assert.equal(billing([...every2s(4, sample), ...then]).status, 'STOP')
  })

  test('REWIND: its offset went back, for half a minute', () => {
    const samples = [behind(0, 1000, 900), behind(2, 1000, 100)]
    assert.equal(billing(samples).status, 'REWIND')
    const later = every2s(16, (seconds) => behind(4 + seconds, 1000, 200 + seconds))
    assert.equal(billing([...samples, ...later]).status, 'OK')
  })

  test('LOST: what it has not read is gone', () => {
    assert.equal(billing([behind(0, 1000, 100, { starts: { orders: [500] } })]).status, 'LOST')
  })

  test('EMPTY, DEAD, REBALANCING: its state, unless a partition is worse', () => {
    const of = (state: string, members = 1): Partial<Sample> => ({
      groups: [groupOf('billing', { state, ...(members === 0 ? { members: [] } : {}) })],
    })
    assert.equal(billing([behind(0, 100, 100, of('Empty', 0))]).status, 'EMPTY')
    assert.equal(billing([behind(0, 100, 10, of('Dead', 0))]).status, 'DEAD')
    for (const state of ['PreparingRebalance', 'CompletingRebalance', 'Assigning', 'Reconciling'])
      assert.equal(billing([behind(0, 100, 90, of(state))]).status, 'REBALANCING', state)
    assert.equal(billing([behind(0, 100, 10, { ...of('PreparingRebalance'), starts: { orders: [50] } })]).status, 'LOST')
  })
})

describe('age of what was not read', () => {
  const writtenAt = (seconds: number, partition: number, offset: number): Sample['recordTimes'][number] => ({
    ...{ topic: 'orders', partition, offset },
    timestamp: sampleAt(seconds).timeMs,
  })

  test('is that of the record at the committed offset', () => {
    const { age } = billing([behind(100, 1000, 500, { recordTimes: [writtenAt(40, 0, 500)] })])
    assert.deepEqual(age, { ms: 60_000, isAtLeast: false })
  })

  test('of another offset it says nothing', () => {
    assert.equal(billing([behind(100, 1000, 500, { recordTimes: [writtenAt(40, 0, 400)] })]).age, null)
  })

  test('is at least the oldest that is known, while some partitions are not', () => {
    const two = {
      topics: [topicOf('orders', [placeOf(), placeOf()])],
      ends: { orders: [1000, 1000] },
      commits: { billing: { orders: [0, 500, 1, 600] } },
    }
    const { age } = billing([behind(100, 0, 0, { ...two, recordTimes: [writtenAt(70, 1, 600)] })])
    assert.deepEqual(age, { ms: 30_000, isAtLeast: true })
  })
})

describe('topics', () => {
  const orders = (samples: readonly Sample[]) => modelOf(samples).topics.get('orders')!

  test('count what is wrong with their partitions', () => {
    const partitions = [
      placeOf(),
      placeOf({ isr: [1, 2] }),
      placeOf({ isr: [1] }),
      placeOf({ leader: -1, isr: [] }),
      placeOf({ leader: 2 }),
    ]
    const topic = orders([sampleAt(0, { topics: [topicOf('orders', partitions)] })])
    assert.deepEqual([topic.underReplicated, topic.atMinIsr, topic.underMinIsr, topic.offline, topic.nonPreferred], [3, 1, 2, 1, 1])
  })

  test('with fewer replicas than min.insync.replicas need all that they have', () => {
    const topic = orders([sampleAt(0, { topics: [topicOf('orders', [placeOf({ replicas: [1], isr: [1] })])] })])
    assert.deepEqual([topic.underMinIsr, topic.atMinIsr], [0, 0])
  })

  test('say nothing of min.insync.replicas when it is not known', () => {
    const topic = orders([sampleAt(0, { topics: [topicOf('orders', [placeOf()], { minInsyncReplicas: null })] })])
    assert.equal(topic.underMinIsr, null)
  })

  test('a size is that of the largest replica of each partition; bytes a second leave out what was deleted', () => {
    const stored = (seconds: number, first: number, second: number): Sample =>
      sampleAt(seconds, {
        topics: [topicOf('orders', [placeOf(), placeOf()])],
        storage: {
          timeMs: sampleAt(seconds).timeMs,
          directories: [],
          replicaBytes: { 1: { orders: [0, first, 1, second] }, 2: { orders: [0, first - 1] } },
        },
      })
    const topic = orders([stored(0, 1000, 5000), stored(10, 3000, 1000)])
    assert.equal(topic.sizeBytes, 4000)
    assert.equal(topic.bytesRate, 200)
    assert.equal(topic.growthPerDay, -200 * 86_400)
  })
})

describe('brokers', () => {
  const broker = (samples: readonly Sample[], id: number) => modelOf(samples).brokers.get(id)!
  const places = [topicOf('orders', [placeOf(), placeOf({ leader: 2, isr: [2, 1] })])]

  test('lead, hold and lack what the metadata says', () => {
    const samples = [sampleAt(0, { topics: places, ends: { orders: [0, 0] } }), sampleAt(2, { topics: places, ends: { orders: [20, 60] } })]
    const [first, second, third] = [1, 2, 3].map((id) => broker(samples, id))
    assert.deepEqual([first!.leaders, first!.replicas, first!.outOfSync, first!.inRate], [1, 2, 0, 10])
    assert.deepEqual([second!.leaders, second!.inRate], [1, 30])
    assert.deepEqual([third!.leaders, third!.outOfSync], [0, 1])
  })

  test('are fenced, silent or gone, and stay on the screen', () => {
    const named = sampleAt(0).brokers
    const failures = [{ what: 'ListOffsets', broker: 2, name: 'REQUEST_TIMED_OUT', message: '' }]
    const after = sampleAt(2, { brokers: [named[0]!, named[1]!].map((each) => ({ ...each, fenced: each.id === 1 })), failures })
    assert.deepEqual(
      [1, 2, 3].map((id) => broker([sampleAt(0), after], id).state),
      ['fenced', 'silent', 'gone'],
    )
  })

  test('that refuse a question are there', () => {
    const failures = [{ what: 'DescribeLogDirs', broker: 2, name: 'CLUSTER_AUTHORIZATION_FAILED', message: '' }]
    assert.equal(broker([sampleAt(0, { failures })], 2).state, 'up')
  })

  test('are full when the rate of the last minutes goes on', () => {
    const disk = (seconds: number, usableBytes: number): Sample =>
      sampleAt(seconds, {
        storage: {
          timeMs: sampleAt(seconds).timeMs,
          directories: [{ broker: 1, path: '/data', online: true, totalBytes: 1000, usableBytes }],
          replicaBytes: {},
        },
      })
    const { disk: found } = broker([disk(0, 600), disk(10, 500)], 1)
    assert.equal(found!.used, 0.5)
    assert.equal(found!.fullInMs, 50_000)
    assert.equal(broker([disk(0, 500), disk(10, 600)], 1).disk!.fullInMs, null)
  })
})

describe('events', () => {
  const between = (before: Partial<Sample>, after: Partial<Sample>): string[] =>
    modelOf([sampleAt(0, before), sampleAt(2, after)]).events.map(({ kind, subject, detail }) => `${kind}: ${subject} ${detail}`)
  const at = (parts: Parameters<typeof placeOf>[0]) => ({ topics: [topicOf('orders', [placeOf(parts)])] })

  test('the first sample has none', () => {
    assert.deepEqual(modelOf([sampleAt(0, at({}))]).events, [])
  })

  test('leaders and in-sync replicas that change', () => {
    assert.deepEqual(between(at({}), at({ leader: 2, isr: [2, 3] })), [
      'leader: orders-0 is led by 2, was by 1',
      'isr shrink: orders-0 {1,2,3} → {2,3}',
    ])
    assert.deepEqual(between(at({ isr: [1] }), at({})), ['isr expand: orders-0 {1} → {1,2,3}'])
    assert.deepEqual(between(at({}), at({ leader: -1 })), ['offline: orders-0 has no leader, was led by 1'])
  })

  test('a replica that is moved away did not fall out of sync', () => {
    const moving = { replicas: [4, 2, 3, 1], isr: [1, 2, 3, 4] }
    assert.deepEqual(between(at(moving), at({ replicas: [4, 2, 3], isr: [2, 3, 4] })), [
      'move: orders-0 left broker 1: {1,2,3,4} → {2,3,4}',
    ])
    assert.deepEqual(between(at(moving), at({ replicas: [4, 2, 3], isr: [3, 4] })), ['isr shrink: orders-0 {1,2,3,4} → {3,4}'])
  })

  test('another cluster at the same addresses: of the first nothing is left but what happened to it', () => {
    const first = [behind(0, 100, 50), behind(2, 200, 60), behind(4, 300, 60, { topics: [topicOf('orders', [placeOf({ isr: [1, 2] })])] })]
    const other = behind(6, 5, 5, { clusterId: 'other', groups: [groupOf('etl')], commits: {} })
    const model = modelOf([...first, other])
    assert.deepEqual(
      model.events.map(({ kind, subject, detail }) => `${kind}: ${subject} ${detail}`),
      ['isr shrink: orders-0 {1,2,3} → {1,2}', 'cluster: other answers where cluster did: what is shown begins anew'],
    )
    const { events: _of, ...rest } = model
    const { events: _none, ...anew } = modelOf([other])
    assert.deepEqual(rest, anew)
    assert.equal(modelOf([behind(0, 1, 1), behind(2, 1, 1, { clusterId: null }), behind(4, 1, 1)]).events.length, 0)
  })

  test('brokers, topics, groups and moves that come and go', () => {
    const [first] = sampleAt(0).brokers
    assert.deepEqual(between({ brokers: [first!] }, { brokers: [{ ...first!, fenced: true }] }), ['broker: broker 1 is fenced'])
    assert.deepEqual(between({ brokers: [first!] }, { brokers: [] }), ['broker: broker 1 is gone'])
    assert.deepEqual(between({}, at({})), ['topic: orders was created with 1 partitions'])
    assert.deepEqual(between(at({}), {}), ['topic: orders was deleted'])
    assert.deepEqual(between({ groups: [groupOf('billing')] }, { groups: [groupOf('billing', { state: 'PreparingRebalance' })] }), [
      'rebalance: billing Stable → PreparingRebalance, 1 members',
    ])
    assert.deepEqual(between({ groups: [groupOf('billing')] }, {}), ['group: billing is gone'])
    const move = {
      topic: 'orders',
      partition: 0,
      replicas: [4, 2, 3],
      adding: [4],
      removing: [1],
      bytesTotal: 10,
      bytesMoved: 5,
      throttle: null,
    }
    assert.deepEqual(between({}, { moves: [move] }), ['move: orders-0 to 4,2,3 began'])
    assert.deepEqual(between({ moves: [move] }, {}), ['move: orders-0 is over'])
  })

  test('a controller that is another', () => {
    const led = (leaderId: number): Partial<Sample> => ({ quorum: { leaderId, epoch: leaderId, highWatermark: 1, replicas: [] } })
    assert.deepEqual(between(led(1), led(2)), ['controller: controller 2 took over from 1'])
  })

  test('thousands at once are counted, not kept', () => {
    const many = (leader: number): Partial<Sample> => ({
      topics: [
        topicOf(
          'orders',
          Array.from({ length: 1000 }, () => placeOf({ leader })),
        ),
      ],
    })
    const events = between(many(1), many(2))
    assert.equal(events.length, 201)
    assert.equal(events.at(-1), 'topic: 800 more changes at the same time')
  })
})

test('the health of a cluster is the sum of its parts, and says what is not known', () => {
  const { health } = modelOf([sampleAt(0, { topics: [topicOf('orders', [placeOf({ isr: [1] }), placeOf({ leader: 3 })])] })])
  assert.deepEqual([health.brokersUp, health.underReplicated, health.underMinIsr, health.nonPreferred], [3, 1, 1, 1])
  assert.deepEqual([health.quorumLag, health.produceP99Ms, health.fullestDisk, health.inRate], [null, null, null, null])
})

test('a model is a value: what came before is not changed by what comes after', () => {
  const before = modelOf([behind(0, 100, 40)])
  const copy = structuredClone(before)
  advance(before, behind(2, 200, 50))
  assert.deepEqual(before, copy)
})
