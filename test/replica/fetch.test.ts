import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Errors } from '../../src/protocol/index.ts'
import {
  type FetchedPartition,
  type FetchParameters,
  type FetchTarget,
  fetch,
  type PartitionLookup,
  release,
} from '../../src/replica/index.ts'
import { bytesOf } from '../log/log-fixture.ts'
import { plainBatch } from '../log/sample-batches.ts'
import { appendTo, idOf, openReplicas, type Replicas, target } from './replica-fixture.ts'

const consumer: FetchParameters = {
  replicaId: -1,
  replicaEpoch: -1,
  maxWaitMs: 60_000,
  minBytes: 1,
  maxBytes: 1 << 20,
  upTo: 'high-watermark',
  onlyFromLeader: false,
}

const ask = (replicas: Replicas, targets: readonly FetchTarget[], change: Partial<FetchParameters> = {}) =>
  fetch(replicas.partitions, targets, { ...consumer, ...change }, replicas.host.clock)

const isWaiting = async (asked: unknown): Promise<boolean> => {
  if (!(asked instanceof Promise)) return false
  let done = false
  void asked.then(() => {
    done = true
  })
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => void setImmediate(resolve))
  return !done
}

const sizes = (results: readonly FetchedPartition[]): number[] => results.map(({ records }) => records?.bytes ?? 0)

const topics = async (...names: string[]): Promise<Replicas> => {
  const replicas = await openReplicas()
  for (const name of names) replicas.create(name)
  await replicas.apply()
  return replicas
}

const written = async (replicas: Replicas, topic: string, count: number, bytes = 10): Promise<void> => {
  appendTo(replicas.at(topic), plainBatch(count, bytes))
  await replicas.at(topic).log.written()
}

test('what is there is answered at once, as the very bytes of the log', async () => {
  await using replicas = await topics('a')
  const batch = plainBatch(3)
  await written(replicas, 'a', 3)
  const [result] = await ask(replicas, [target('a')])
  assert.equal(result!.highWatermark, 3)
  assert.equal((await bytesOf(result!.records)).length, batch.length)
})

test('a waiting fetch reads again once, however many of its partitions move in a turn', async () => {
  const names = Array.from({ length: 50 }, (_, number) => `t${number}`)
  await using replicas = await topics(...names)
  const lookups = { count: 0 }
  const lookup: PartitionLookup = {
    find: (topicId, partition) => {
      lookups.count++
      return replicas.partitions.find(topicId, partition)
    },
    missing: (topicId, partition, topic) => replicas.partitions.missing(topicId, partition, topic),
  }
  const asked = fetch(
    lookup,
    names.map((name) => target(name)),
    { ...consumer, minBytes: 1 << 20, maxWaitMs: 1000 },
    replicas.host.clock,
  )
  assert.ok(await isWaiting(asked))
  lookups.count = 0
  for (const name of names) replicas.at(name).wake()
  assert.ok(await isWaiting(asked))
  assert.equal(lookups.count, names.length)
  release(await asked)
})

test('a fetch that finds nothing waits, and is woken by the records that come', async () => {
  await using replicas = await topics('a', 'b')
  const asked = ask(replicas, [target('a'), target('b')])
  assert.ok(await isWaiting(asked))
  appendTo(replicas.at('b'), plainBatch(1))
  const results = await asked
  assert.deepEqual(
    sizes(results).map((bytes) => bytes > 0),
    [false, true],
  )
  release(results)
})

test('below min bytes it goes on waiting; at its deadline it answers what there is', async () => {
  await using replicas = await topics('a')
  await written(replicas, 'a', 1)
  const asked = ask(replicas, [target('a')], { minBytes: 10_000 })
  assert.ok(await isWaiting(asked))
  await written(replicas, 'a', 100, 200)
  release(await asked)
  const started = performance.now()
  const late = await ask(replicas, [target('a')], { minBytes: 1_000_000, maxWaitMs: 30 })
  assert.ok(performance.now() - started >= 29)
  assert.ok(sizes(late)[0]! > 0)
  release(late)
})

test('records that come to one partition while another is still being read are not overlooked', async () => {
  await using replicas = await topics('a', 'b')
  await written(replicas, 'b', 1)
  const { active } = replicas.at('b').log
  const { promise: opened, resolve: open } = Promise.withResolvers<void>()
  const { ready } = active
  active.ready = () => {
    active.ready = ready
    return opened
  }
  const asked = ask(replicas, [target('a'), target('b')], { minBytes: 2000, maxWaitMs: 1000 })
  await written(replicas, 'a', 1, 5000)
  open()
  const results = await asked
  assert.deepEqual(
    sizes(results).map((bytes) => bytes > 0),
    [true, true],
  )
  release(results)
})

test('a partition that the cluster does not have is told with the others, and does not make them hurry', async () => {
  await using replicas = await topics('a')
  const unknownId = target('?', { topic: undefined as never, topicId: idOf('nobody') })
  const unknownPartition = target('a', { partition: 9 })
  const asked = ask(replicas, [unknownId, target('a'), unknownPartition])
  assert.ok(await isWaiting(asked), 'a client that asks for a deleted topic would ask again and again')
  appendTo(replicas.at('a'), plainBatch(1))
  const results = await asked
  assert.deepEqual(
    results.map(({ errorCode }) => errorCode),
    [Errors.NONE, Errors.UNKNOWN_TOPIC_ID, Errors.UNKNOWN_TOPIC_OR_PARTITION],
  )
  release(results)
  const alone = ask(replicas, [unknownId, unknownPartition])
  assert.ok(!(await isWaiting(alone)), 'nothing else to wait for')
})

test('a fetch that waits is answered when leadership goes, and when the topic goes', async () => {
  await using replicas = await topics('a', 'b')
  const onA = ask(replicas, [target('a')], { onlyFromLeader: true })
  const onB = ask(replicas, [target('b')])
  assert.ok(await isWaiting(onA))
  replicas.lead(idOf('a'), 0, 2, 1)
  replicas.remove(idOf('b'))
  await replicas.apply()
  assert.equal((await onA)[0]!.errorCode, Errors.NOT_LEADER_OR_FOLLOWER)
  assert.equal((await onB)[0]!.errorCode, Errors.UNKNOWN_TOPIC_OR_PARTITION)
})

test('a fetch that waits ends when its client goes, and leaves no watcher behind', async () => {
  await using replicas = await topics('a')
  let leave = (): void => {}
  const client = { whenGone: (callback: () => void) => void (leave = callback) }
  const asked = fetch(replicas.partitions, [target('a')], consumer, replicas.host.clock, client)
  assert.ok(await isWaiting(asked))
  assert.equal(replicas.at('a').waitingFetches, 1)
  leave()
  assert.deepEqual(sizes(await asked), [0])
  assert.equal(replicas.at('a').waitingFetches, 0)
})

test('the topic of a session has another id by now: the ids do not agree', async () => {
  await using replicas = await topics('a')
  replicas.remove(idOf('a'))
  replicas.create('a', 1, idOf('a again'))
  await replicas.apply()
  const [result] = await ask(replicas, [target('a')])
  assert.equal(result!.errorCode, Errors.INCONSISTENT_TOPIC_ID)
})

test('only the first records may exceed the limits, wherever they are (KIP-74)', async () => {
  await using replicas = await topics('a', 'b', 'c')
  await written(replicas, 'b', 1, 5000)
  await written(replicas, 'c', 1, 5000)
  const results = await ask(
    replicas,
    ['a', 'b', 'c'].map((name) => target(name, { maxBytes: 100 })),
    { maxBytes: 10 },
  )
  assert.deepEqual(
    sizes(results).map((bytes) => bytes > 5000),
    [false, true, false],
  )
  assert.equal(sizes(results)[2], 0)
  release(results)
})

test('a batch that does not fit into what the limits leave is left out, never begun', async () => {
  await using replicas = await topics('a', 'b')
  await written(replicas, 'a', 1, 5000)
  await written(replicas, 'b', 1, 5000)
  const results = await ask(replicas, [target('a'), target('b')], { maxBytes: 8000 })
  assert.deepEqual(
    sizes(results).map((bytes) => bytes > 5000),
    [true, false],
  )
  assert.equal(results[1]!.records, undefined)
  release(results)
})

test('a consumer that read from before the log start begins anew, whatever became of the epoch that it read', async () => {
  await using replicas = await topics('a')
  await written(replicas, 'a', 5)
  replicas.lead(idOf('a'), 0, 1, 3)
  await replicas.apply()
  await written(replicas, 'a', 5)
  assert.equal(replicas.at('a').deleteRecordsBelow(8), 8)
  const [result] = await ask(replicas, [target('a', { fetchOffset: 7, lastFetchedEpoch: 2 })])
  assert.deepEqual([result!.errorCode, result!.divergingEpoch], [Errors.OFFSET_OUT_OF_RANGE, undefined])
})

describe('a follower (KIP-392)', () => {
  /** Holds five records, of which it knows three to be replicated; broker 2 leads in epoch 1. */
  const follower = async (): Promise<Replicas> => {
    const replicas = await topics('a')
    replicas.lead(idOf('a'), 0, 2, 1)
    await replicas.apply()
    replicas.at('a').appendFromLeader(plainBatch(3), 3, 0)
    replicas.at('a').appendFromLeader(plainBatch(2, 10, { baseOffset: 3 }), 3, 0)
    await replicas.at('a').log.written()
    return replicas
  }

  test('serves consumers up to the high watermark that it knows, and lets them wait for more', async () => {
    await using replicas = await follower()
    const [first] = await ask(replicas, [target('a', { currentLeaderEpoch: 1 })])
    assert.deepEqual([first!.errorCode, first!.highWatermark, first!.preferredReadReplica], [Errors.NONE, 3, -1])
    assert.equal((await bytesOf(first!.records)).length, plainBatch(3).length)
    const asked = ask(replicas, [target('a', { currentLeaderEpoch: 1, fetchOffset: 3 })])
    assert.ok(await isWaiting(asked))
    replicas.at('a').appendFromLeader(Buffer.alloc(0), 5, 0)
    const [next] = await asked
    assert.equal(next!.highWatermark, 5)
    assert.equal((await bytesOf(next!.records)).length, plainBatch(2).length)
  })

  test('says that an offset is out of range only beyond all that it holds: between that and the high watermark there is nothing yet', async () => {
    await using replicas = await follower()
    const codeAt = async (fetchOffset: number): Promise<number> => {
      const [answer] = await ask(replicas, [target('a', { currentLeaderEpoch: 1, fetchOffset })], { maxWaitMs: 0 })
      assert.equal(answer!.records, undefined)
      return answer!.errorCode
    }
    assert.deepEqual([await codeAt(4), await codeAt(5), await codeAt(6)], [Errors.NONE, Errors.NONE, Errors.OFFSET_OUT_OF_RANGE])
  })

  test('does not serve other followers, nor clients that do not know of this, and fences epochs as a leader does', async () => {
    await using replicas = await follower()
    const codeOf = async (currentLeaderEpoch: number, change: Partial<FetchParameters> = {}): Promise<number> => {
      const [answer] = await ask(replicas, [target('a', { currentLeaderEpoch })], { maxWaitMs: 0, ...change })
      answer!.records?.release?.()
      return answer!.errorCode
    }
    assert.equal(await codeOf(1, { onlyFromLeader: true }), Errors.NOT_LEADER_OR_FOLLOWER)
    assert.equal(await codeOf(1, { onlyFromLeader: true, replicaId: 3, upTo: 'log-end' }), Errors.NOT_LEADER_OR_FOLLOWER)
    assert.equal(await codeOf(0), Errors.FENCED_LEADER_EPOCH)
    assert.equal(await codeOf(2), Errors.UNKNOWN_LEADER_EPOCH)
    assert.equal(await codeOf(-1), Errors.NONE)
  })
})

test('a leader that knows a better replica answers at once with its id, and without records', async () => {
  await using replicas = await topics('a')
  await written(replicas, 'a', 3)
  const [result] = await ask(replicas, [target('a')], { preferredReadReplica: () => 7, minBytes: 1000 })
  assert.deepEqual([result!.errorCode, result!.preferredReadReplica, result!.records, result!.highWatermark], [0, 7, undefined, 3])
})

test('limits below zero, and offsets beyond all records or 2^53, are answered and not stumbled over', async () => {
  await using replicas = await topics('a', 'b')
  await written(replicas, 'a', 1)
  await written(replicas, 'b', 1)
  const results = await ask(replicas, [target('a', { maxBytes: -5 }), target('b', { maxBytes: -5 })], { maxBytes: -1, minBytes: -1 })
  assert.deepEqual(
    results.map(({ errorCode }) => errorCode),
    [0, 0],
  )
  release(results)
  for (const fetchOffset of [-1, 2, 2 ** 53 + 2, 2 ** 63, -(2 ** 63)]) {
    const [result] = await ask(replicas, [target('a', { fetchOffset })])
    assert.equal(result!.errorCode, Errors.OFFSET_OUT_OF_RANGE)
    assert.equal(result!.highWatermark, -1)
  }
})

test('an epoch from before or after the leader’s is told as such', async () => {
  await using replicas = await topics('a')
  replicas.lead(idOf('a'), 0, 1, 3)
  await replicas.apply()
  const codes = await Promise.all(
    [2, 3, 4].map(async (epoch) => (await ask(replicas, [target('a', { currentLeaderEpoch: epoch })], { maxWaitMs: 0 }))[0]!.errorCode),
  )
  assert.deepEqual(codes, [Errors.FENCED_LEADER_EPOCH, Errors.NONE, Errors.UNKNOWN_LEADER_EPOCH])
})

test('whoever read an epoch that ended earlier here learns where, at once', async () => {
  await using replicas = await topics('a')
  await written(replicas, 'a', 5)
  replicas.lead(idOf('a'), 0, 1, 3)
  await replicas.apply()
  const [result] = await ask(replicas, [target('a', { fetchOffset: 9, lastFetchedEpoch: 0 })])
  assert.deepEqual(result!.divergingEpoch, { epoch: 0, endOffset: 5 })
})
