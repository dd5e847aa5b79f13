import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FetchSession, type FetchTarget } from '../../src/client/consumer/fetch-session.ts'
import { FetchedPartition } from '../../src/client/consumer/fetched-partition.ts'
import { StickyPartitioner } from '../../src/client/producer/sticky-partitioner.ts'
import { BatchBuilder, endTransactionBatch, stampBatch } from '../../src/records/index.ts'
import { SeededRandom } from '../../src/sim/index.ts'

const batch = (baseOffset: number, values: string[], options: { producerId?: number; transactional?: boolean } = {}): Buffer => {
  const builder = new BatchBuilder({ baseOffset, producerEpoch: 0, ...options })
  for (const value of values) builder.append(1000, null, Buffer.from(value))
  const bytes = builder.close()
  stampBatch(bytes, 0, baseOffset, 5)
  return bytes
}
const marker = (baseOffset: number, producerId: number, committed: boolean): Buffer =>
  endTransactionBatch({ baseOffset, producerId, producerEpoch: 0 }, 1000, committed, 0)

function valuesOf(fetched: FetchedPartition, countMax = 1000): string[] {
  const values: string[] = []
  for (let chunk = fetched.take(countMax); chunk !== undefined; chunk = fetched.take(countMax)) {
    for (const record of chunk) values.push(`${record.offset}:${record.value}`)
  }
  return values
}

describe('records of a fetch', () => {
  const log = Buffer.concat([
    batch(0, ['plain']),
    batch(1, ['aborted', 'too'], { producerId: 1, transactional: true }),
    batch(3, ['kept'], { producerId: 2, transactional: true }),
    marker(4, 1, false),
    batch(5, ['later'], { producerId: 1, transactional: true }),
    marker(6, 1, true),
    marker(7, 2, true),
  ])

  it('leave out control records always, and aborted ones with read_committed', () => {
    assert.deepEqual(valuesOf(new FetchedPartition('t', 0, 0, log, undefined, true)), [
      '0:plain',
      '1:aborted',
      '2:too',
      '3:kept',
      '5:later',
    ])
    const aborted = [{ producerId: 1, firstOffset: 1 }]
    const committed = new FetchedPartition('t', 0, 0, log, aborted, true)
    assert.deepEqual(valuesOf(committed), ['0:plain', '3:kept', '5:later'])
    assert.equal(committed.nextOffset, 8)
    assert.equal(committed.exhausted, true)
    assert.deepEqual(valuesOf(new FetchedPartition('t', 0, 5, log, aborted, true)), ['5:later'])
  })

  it('come in chunks of any size, all and once, from any offset on', () => {
    const bytes = Buffer.concat([batch(0, ['a', 'b', 'c', 'd', 'e']), batch(5, ['f', 'g'])])
    for (let from = 0; from < 7; from++) {
      for (let countMax = 1; countMax < 8; countMax++) {
        const values = valuesOf(new FetchedPartition('t', 0, from, bytes, undefined, true), countMax)
        assert.equal(values.map((each) => each.slice(2)).join(''), 'abcdefg'.slice(from))
      }
    }
  })

  it('stop before a batch that is cut off or corrupt', () => {
    const bytes = Buffer.concat([batch(0, ['a']), batch(1, ['b'])])
    assert.deepEqual(valuesOf(new FetchedPartition('t', 0, 0, bytes.subarray(0, bytes.length - 1), undefined, true)), ['0:a'])
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1
    assert.throws(() => valuesOf(new FetchedPartition('t', 0, 1, bytes, undefined, true)), /checksum/)
  })
})

describe('a fetch session', () => {
  const target = (partition: number, offset: number, topicId = 'one'): FetchTarget => ({
    topic: 't',
    topicId,
    partition,
    offset,
    currentLeaderEpoch: 0,
    lastFetchedEpoch: -1,
    maxBytes: 100,
  })
  const targets = (...list: FetchTarget[]): Map<string, FetchTarget> => new Map(list.map((each) => [`t-${each.partition}`, each]))

  it('asks for everything once, then for what changed', () => {
    const session = new FetchSession()
    assert.deepEqual(session.next(targets(target(0, 0), target(1, 0))), {
      sessionId: 0,
      epoch: 0,
      send: [target(0, 0), target(1, 0)],
      forget: [],
    })
    session.answered(42)
    assert.deepEqual(session.next(targets(target(0, 9), target(1, 0))), { sessionId: 42, epoch: 1, send: [target(0, 9)], forget: [] })
    session.answered(42)
    assert.deepEqual(session.next(targets(target(1, 0), target(2, 0))), {
      sessionId: 42,
      epoch: 2,
      send: [target(2, 0)],
      forget: [target(0, 9)],
    })
  })

  it('names a topic that was made anew in both lists', () => {
    const session = new FetchSession()
    session.next(targets(target(0, 0)))
    session.answered(42)
    assert.deepEqual(session.next(targets(target(0, 0, 'two'))), {
      sessionId: 42,
      epoch: 1,
      send: [target(0, 0, 'two')],
      forget: [target(0, 0)],
    })
  })

  it('starts over after an error, replacing the old session when the broker still has it', () => {
    const session = new FetchSession()
    session.next(targets(target(0, 0)))
    session.answered(42)
    session.failed(false)
    assert.deepEqual(session.next(targets(target(0, 3))), { sessionId: 42, epoch: 0, send: [target(0, 3)], forget: [] })
    session.answered(43)
    session.failed(true)
    assert.equal(session.next(targets(target(0, 3))).sessionId, 0)
    assert.equal(session.closing(), undefined)
  })
})

describe('the sticky partitioner', () => {
  const available = (): number[] => [0, 1, 2]

  it('stays until a batch’s worth of bytes, and twice that while the batch has room', () => {
    const sticky = new StickyPartitioner(new SeededRandom(1), 100)
    const first = sticky.current(available)
    assert.equal(sticky.produced(60, false, available), false)
    assert.equal(sticky.produced(60, false, available), false)
    assert.equal(sticky.current(available), first)
    assert.equal(sticky.produced(0, true, available), true)
    assert.equal(sticky.produced(199, false, available), false)
    assert.equal(sticky.produced(1, false, available), true)
  })

  it('prefers partitions with short queues, in proportion', () => {
    const sticky = new StickyPartitioner(new SeededRandom(7), 1)
    sticky.updateLoad([0, 1, 2], [0, 3, 1], 3)
    const hits = [0, 0, 0]
    for (let index = 0; index < 8000; index++) {
      sticky.produced(1, true, available)
      const partition = sticky.current(available)
      hits[partition] = (hits[partition] ?? 0) + 1
    }
    // 4 : 1 : 3, as in Kafka's own example.
    const shares = hits.map((each) => Math.round((each / 8000) * 8))
    assert.deepEqual(shares, [4, 1, 3])
  })
})
