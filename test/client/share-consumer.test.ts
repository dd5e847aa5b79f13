import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type AcknowledgementResult, type SettingsInput, ShareConsumer } from '../../src/client/index.ts'
import { acknowledgementBatches } from '../../src/client/share-consumer/acknowledgement.ts'
import { AcquiredRecords } from '../../src/client/share-consumer/acquired-records.ts'
import { OffsetRuns } from '../../src/client/share-consumer/offset-runs.ts'
import { Errors } from '../../src/protocol/index.ts'
import { BatchBuilder } from '../../src/records/index.ts'
import { SeededRandom, World } from '../../src/sim/index.ts'
import { ShareBroker, type ShareVerdict } from './share-broker.ts'

// The share consumer in a simulated world, before a broker that keeps Kafka's rules of share sessions and answers by a script.

interface Stage {
  readonly broker: ShareBroker
  readonly consumer: ShareConsumer
  readonly results: AcknowledgementResult[]
  /** The values of the next poll that gives some. */
  readonly next: (
    each?: (chunk: { acknowledge(type?: 'accept' | 'release' | 'reject' | 'renew'): void; cursor: { offset: number } }) => void,
  ) => Promise<number[]>
  readonly pause: (ms: number) => Promise<void>
}

interface Story {
  readonly seed?: number
  readonly recordCount?: number
  readonly config?: SettingsInput
  readonly verdict?: (what: 'heartbeat' | 'fetch' | 'acknowledge') => ShareVerdict
  readonly delayMs?: () => number
  readonly fetchMax?: number
}

function onStage<T>(
  { seed = 1, recordCount = 20, config = {}, verdict = () => 'do', delayMs = () => 1, fetchMax = 2 }: Story,
  play: (stage: Stage) => Promise<T>,
): Promise<T> {
  const world = new World({ seed })
  const brokerHost = world.host('broker')
  const host = world.host('client')
  return world.run(async () => {
    const broker = await ShareBroker.open(brokerHost, { recordCount, verdict, delayMs, fetchMax })
    const results: AcknowledgementResult[] = []
    const settings = { 'bootstrap.servers': broker.bootstrap, 'group.id': 'g', ...config }
    const consumer = new ShareConsumer(host, settings, { onAcknowledged: (result) => results.push(result) })
    consumer.subscribe(['t'])
    const next: Stage['next'] = async (each) => {
      for (;;) {
        const values: number[] = []
        for (const chunk of await consumer.poll(1000))
          while (chunk.next()) {
            values.push(Number(chunk.cursor.value()))
            each?.(chunk)
          }
        if (values.length > 0) return values
      }
    }
    const pause = (ms: number): Promise<void> => new Promise((resolve) => void host.clock.after(ms, resolve))
    try {
      return await play({ broker, consumer, results, next, pause })
    } finally {
      await consumer.close()
    }
  }, 1_000_000)
}

const explicit = { 'share.acknowledgement.mode': 'explicit' }

/** Answers once as told, then as it should. */
const once = (what: 'heartbeat' | 'fetch' | 'acknowledge', verdict: ShareVerdict, after = 0) => {
  let left = after
  let isOver = false
  return (asked: string): ShareVerdict => {
    if (asked !== what || isOver || left-- > 0) return 'do'
    isOver = true
    return verdict
  }
}

describe('a share consumer', () => {
  it('accepts what a poll gave with the fetch of the next one, and ends its session and its membership when it closes', async () => {
    await onStage({}, async ({ broker, consumer, next, results }) => {
      assert.deepEqual(await next(), [0, 1, 2, 3, 4, 5, 6])
      assert.deepEqual(await next(), [7, 8, 9, 10, 11, 12, 13])
      await consumer.close()
      assert.deepEqual(broker.requests, ['heartbeat 0 t', 'fetch 0 ', 'fetch 1 0-6:1111111', 'acknowledge -1 ', 'heartbeat -1 -'])
      assert.deepEqual(results, [{ topic: 't', partition: 0, count: 7, error: null }])
      assert.equal(broker.done, 7)
    })
  })

  it('tells what became of each record, and gives released ones again', async () => {
    const types = ['accept', 'release', 'reject'] as const
    await onStage({ recordCount: 6, config: explicit }, async ({ broker, consumer, next }) => {
      await next((chunk) => chunk.acknowledge(types[chunk.cursor.offset % 3]))
      assert.deepEqual(await next((chunk) => chunk.acknowledge()), [1])
      assert.deepEqual(await consumer.commitSync(), [{ topic: 't', partition: 0, count: 1, error: null }])
      assert.deepEqual(await next((chunk) => chunk.acknowledge()), [4])
      assert.deepEqual(broker.requests.slice(2, 4), ['fetch 1 0-5:123123', 'acknowledge 2 1-1:1'])
    })
  })

  it('gives renewed records again before any others, until they are done with', async () => {
    await onStage({ config: explicit }, async ({ broker, next }) => {
      await next((chunk) => chunk.acknowledge(chunk.cursor.offset === 3 ? 'renew' : 'accept'))
      assert.deepEqual(await next((chunk) => chunk.acknowledge('renew')), [3])
      assert.deepEqual(await next((chunk) => chunk.acknowledge()), [3])
      assert.deepEqual((await next((chunk) => chunk.acknowledge())).slice(0, 2), [7, 8])
      assert.deepEqual(broker.requests.slice(2, 4), ['acknowledge 1 0-6:1114111', 'acknowledge 2 3-3:4'])
    })
  })

  it('joins again as soon as the group knows it no more, and goes on', async () => {
    const fencing = once('heartbeat', Errors.UNKNOWN_MEMBER_ID, 1)
    await onStage({ verdict: fencing }, async ({ broker, consumer, next, pause }) => {
      await next()
      await pause(1500)
      assert.deepEqual(await next(), [7, 8, 9, 10, 11, 12, 13])
      assert.deepEqual(broker.requests.filter((each) => each.startsWith('heartbeat')).slice(0, 3), [
        'heartbeat 0 t',
        'heartbeat 1 -',
        'heartbeat 0 t',
      ])
      assert.equal(consumer.membership.memberEpoch, 1)
    })
  })

  it('leaves its group when nobody polls, and comes back with the next poll', async () => {
    await onStage({ config: { 'max.poll.interval.ms': 2500 } }, async ({ broker, consumer, next, pause }) => {
      await next()
      await pause(5000)
      assert.equal(broker.requests.at(-1), 'heartbeat -1 -')
      assert.deepEqual(consumer.assignment(), [])
      await next()
      assert.equal(consumer.membership.memberEpoch, 1)
    })
  })

  it('begins a session anew when the broker has lost it, and tells that the acknowledgements were in vain', async () => {
    await onStage({}, async ({ broker, next, results }) => {
      await next()
      broker.loseSession()
      assert.deepEqual(await next(), [0, 1, 2, 3, 4, 5, 6], 'others may have had them: nobody did')
      assert.deepEqual(
        results.map(({ error }) => error?.name),
        ['SHARE_SESSION_NOT_FOUND'],
      )
      assert.deepEqual(broker.requests.slice(2, 4), ['fetch 1 0-6:1111111', 'fetch 0 '])
    })
  })

  it('sends acknowledgements again after what passes, and not after what does not', async () => {
    for (const [code, name, attempts] of [
      [{ partition: Errors.COORDINATOR_NOT_AVAILABLE }, undefined, 2],
      [Errors.COORDINATOR_LOAD_IN_PROGRESS, undefined, 2],
      [{ partition: Errors.NOT_LEADER_OR_FOLLOWER }, 'NOT_LEADER_OR_FOLLOWER', 1],
      [{ partition: Errors.INVALID_RECORD_STATE }, 'INVALID_RECORD_STATE', 1],
      [Errors.GROUP_AUTHORIZATION_FAILED, 'GROUP_AUTHORIZATION_FAILED', 1],
      ['lose the request', 'NETWORK_EXCEPTION', 0],
    ] as const)
      await onStage({ verdict: once('acknowledge', code) }, async ({ broker, consumer, next }) => {
        await next()
        const [result] = await consumer.commitSync()
        assert.equal(result?.error?.name, name)
        assert.equal(broker.requests.filter((each) => each.startsWith('acknowledge')).length, attempts, JSON.stringify(code))
      })
  })

  it('gives acknowledgements up when their time is over', async () => {
    await onStage(
      { verdict: (what) => (what === 'acknowledge' ? { partition: Errors.COORDINATOR_NOT_AVAILABLE } : 'do') },
      async ({ consumer, next }) => {
        await next()
        assert.deepEqual(
          (await consumer.commitSync(2000)).map(({ error }) => error?.name),
          ['REQUEST_TIMED_OUT'],
        )
      },
    )
  })

  it('gives acknowledgements up in time when the broker is silent', async () => {
    let delayMs = 1
    await onStage({ delayMs: () => delayMs }, async ({ consumer, next, pause }) => {
      await next()
      await pause(1000)
      delayMs = 60_000
      const committed = consumer.commitSync(2000)
      const results = await Promise.race([committed, pause(2500).then(() => [])])
      assert.deepEqual(
        results.map(({ error }) => error?.name),
        ['REQUEST_TIMED_OUT'],
      )
      delayMs = 1
    })
  })

  it('says so when a broker is too old to give single records', () =>
    onStage({ fetchMax: 1, config: { 'share.acquire.mode': 'record_limit' } }, ({ next }) =>
      assert.rejects(next(), { errorName: 'UNSUPPORTED_VERSION' }),
    ))

  it('tells with every poll why the group does not take it', async () => {
    await onStage({ verdict: (what) => (what === 'heartbeat' ? Errors.GROUP_MAX_SIZE_REACHED : 'do') }, async ({ consumer }) => {
      for (let times = 0; times < 2; times++)
        await assert.rejects(consumer.poll(1000), /share group g: .*\[GROUP_MAX_SIZE_REACHED|share group g: GROUP_MAX_SIZE_REACHED/)
    })
  })

  it('has every record done with in the end, and says so of none that is not, whatever is refused and whatever goes lost', async () => {
    const codes = [
      Errors.NOT_LEADER_OR_FOLLOWER,
      Errors.SHARE_SESSION_NOT_FOUND,
      Errors.INVALID_SHARE_SESSION_EPOCH,
      Errors.COORDINATOR_NOT_AVAILABLE,
    ] as const
    const heartbeatCodes = [
      Errors.UNKNOWN_MEMBER_ID,
      Errors.FENCED_MEMBER_EPOCH,
      Errors.NOT_COORDINATOR,
      Errors.COORDINATOR_NOT_AVAILABLE,
    ] as const
    for (let seed = 1; seed <= 60; seed++) {
      const random = new SeededRandom(seed)
      const badness = random.fraction() * 0.5
      let isOver = false
      const verdict = (what: string): ShareVerdict => {
        if (isOver || random.fraction() >= badness) return 'do'
        const which = random.below(6)
        if (which >= 4) return which === 4 ? 'lose the request' : 'lose the answer'
        if (what === 'heartbeat') return heartbeatCodes[which]
        return random.below(2) === 0 ? codes[which] : { partition: codes[which] }
      }
      const config = random.below(2) === 0 ? {} : { 'share.acquire.mode': 'record_limit', 'max.poll.records': 3 }
      await onStage(
        { seed, recordCount: 40, verdict, config, delayMs: () => random.fraction() * 20 },
        async ({ broker, consumer, results }) => {
          for (let polls = 0; broker.done < 40; polls++) {
            assert.ok(polls < 3000, `seed ${seed}: ${broker.done} are done with`)
            await consumer.poll(100)
            if (random.below(5) === 0) await consumer.commitSync(500)
          }
          isOver = true
          const said = results.reduce((sum, { count, error }) => sum + (error === null ? count : 0), 0)
          assert.ok(said <= 40, `seed ${seed}: ${said} were said to be done with`)
        },
      )
    }
  })
})

describe('acknowledgements', () => {
  it('are kept as runs that agree with a map of offsets', () => {
    const step = fc.record({ kind: fc.constantFrom('set', 'fill', 'delete'), first: fc.nat(40), length: fc.nat(12), value: fc.nat(4) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const runs = new OffsetRuns()
        const map = new Map<number, number>()
        for (const { kind, first, length, value } of steps) {
          const last = first + length
          for (let at = first; at <= last; at++) {
            if (kind === 'delete') map.delete(at)
            else if (kind === 'set' || !map.has(at)) map.set(at, value)
          }
          if (kind === 'delete') runs.delete(first, last)
          else if (kind === 'set') runs.set(first, last, value)
          else runs.fill(first, last, value)
        }
        const flat = runs.runs.flatMap(({ first, last, value }) =>
          Array.from({ length: last - first + 1 }, (_, index) => [first + index, value]),
        )
        assert.deepEqual(
          flat,
          [...map].sort(([a], [b]) => a - b),
        )
        assert.equal(runs.count, map.size)
      }),
    )
  })

  it('travel in few batches: long runs of one kind in one of their own', () => {
    const codes = new OffsetRuns()
    codes.set(0, 2, 1)
    codes.set(3, 3, 2)
    codes.set(4, 30, 1)
    codes.set(31, 31, 3)
    codes.set(40, 41, 1)
    assert.deepEqual(acknowledgementBatches(codes), [
      { firstOffset: 0, lastOffset: 3, acknowledgeTypes: [1, 1, 1, 2] },
      { firstOffset: 4, lastOffset: 30, acknowledgeTypes: [1] },
      { firstOffset: 31, lastOffset: 31, acknowledgeTypes: [3] },
      { firstOffset: 40, lastOffset: 41, acknowledgeTypes: [1, 1] },
    ])
  })
})

describe('what was acquired', () => {
  const batch = (...offsets: number[]): Buffer => {
    const builder = new BatchBuilder({ baseOffset: offsets[0] })
    for (const offset of offsets) builder.appendAt(offset, 0, null, Buffer.from(String(offset)))
    return Buffer.from(builder.close())
  }
  const source = (bytes: Buffer) => ({ of: { topicId: 'id', topic: 't', partition: 0 }, nodeId: 1, bytes, isExplicit: true })
  const valuesOf = (delivery: ReturnType<AcquiredRecords['take']>['delivery']): string[] =>
    [...delivery.chunk()].map(({ value, deliveryCount }) => `${value}×${deliveryCount}`)

  it('is given with its delivery counts, whole batches at a time; offsets without a record are gaps', () => {
    const bytes = Buffer.concat([batch(0, 1, 2), batch(5, 7), batch(8, 9)])
    const acquired = [
      { firstOffset: 1, lastOffset: 5, deliveryCount: 1 },
      { firstOffset: 6, lastOffset: 10, deliveryCount: 3 },
    ]
    const records = new AcquiredRecords(source(bytes), acquired, true)
    const first = records.take(3).delivery
    assert.deepEqual(valuesOf(first), ['1×1', '2×1', '5×1', '7×3'])
    first.acknowledgeAll('accept')
    assert.deepEqual(first.take()?.codes.runs, [
      { first: 1, last: 2, value: 1 },
      { first: 3, last: 4, value: 0 },
      { first: 5, last: 5, value: 1 },
      { first: 6, last: 6, value: 0 },
      { first: 7, last: 7, value: 1 },
    ])
    const second = records.take(3).delivery
    assert.deepEqual([valuesOf(second), records.isExhausted], [['8×3', '9×3'], true])
    assert.deepEqual(second.take()?.codes.runs, [{ first: 10, last: 10, value: 0 }])
  })

  it('is rejected where a batch is broken, and told alone', () => {
    const broken = batch(3, 4)
    broken[broken.length - 1]! ^= 1
    const acquired = [{ firstOffset: 0, lastOffset: 6, deliveryCount: 1 }]
    const records = new AcquiredRecords(source(Buffer.concat([batch(0, 1, 2), broken, batch(5, 6)])), acquired, true)
    const [first, second, third] = [records.take(100), records.take(100), records.take(100)]
    assert.deepEqual([valuesOf(first.delivery), first.error], [['0×1', '1×1', '2×1'], undefined])
    assert.match(String(second.error), /a batch of t-0 from offset 3 on is corrupt: its checksum is wrong/)
    assert.deepEqual(second.delivery.take()?.codes.runs, [{ first: 3, last: 4, value: 3 }])
    assert.deepEqual(valuesOf(third.delivery), ['5×1', '6×1'])
  })
})
