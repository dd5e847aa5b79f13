import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Lease } from '../../src/base/index.ts'
import type { BrokerLink } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { type ErrorCode, Errors } from '../../src/protocol/index.ts'
import { ReplicationThrottle } from '../../src/replica/index.ts'
import { ReplicaFetcher } from '../../src/replica/replica-fetcher.ts'
import { plainBatch } from '../log/sample-batches.ts'
import { idOf, openReplicas, quotaOf, type Replicas } from './replica-fixture.ts'

const NOTHING = { epoch: -1, endOffset: -1 }

interface Asked {
  readonly topic: string
  readonly offset: number
}

interface Answered {
  readonly errorCode?: ErrorCode
  readonly records?: number
}

/** Of a leader that answers as the test says. */
const fetcherOf = (replicas: Replicas, request: unknown, backoffMs: number): ReplicaFetcher => {
  const link = { node: { id: 2 }, close: () => {}, request } as unknown as BrokerLink
  const sizes = { maxWaitMs: 500, minBytes: 1, partitionMaxBytes: 1 << 20, responseMaxBytes: 1 << 20 }
  const throttle = new ReplicationThrottle(1, 'follower', quotaOf(Number.POSITIVE_INFINITY))
  const settings = { nodeId: 1, brokerEpoch: () => 1, ...sizes, backoffMs, throttle, received: () => {} }
  return new ReplicaFetcher(replicas.host, silentJournal, link, settings)
}

/** Three partitions that broker 2 leads, which is the test: it hears what is asked for, in order, and says what of it is there. */
const follow = async (
  replicas: Replicas,
  answer: (asked: readonly Asked[], round: number) => Record<string, Answered> | undefined,
  lease?: Lease,
) => {
  const names = ['a', 'b', 'c']
  for (const name of names) replicas.create(name)
  await replicas.apply()
  for (const name of names) replicas.lead(idOf(name), 0, 2, 1)
  await replicas.apply()
  const rounds: string[] = []
  const ended = Promise.withResolvers<void>()
  const request = async (
    _call: unknown,
    body: (version: number) => { topics: { topicId: string; partitions: { fetchOffset: number }[] }[] },
    { onLease }: { onLease?: (lease: Lease) => void },
  ) => {
    const asked = body(17).topics.map(({ topicId, partitions }) => ({
      topic: names.find((name) => idOf(name) === topicId)!,
      offset: partitions[0]!.fetchOffset,
    }))
    rounds.push(asked.map(({ topic }) => topic).join(''))
    const found = answer(asked, rounds.length)
    if (found === undefined) {
      ended.resolve()
      return new Promise(() => {})
    }
    const responses = Object.entries(found).map(([topic, { errorCode = Errors.NONE, records = 0 }]) => {
      const baseOffset = asked.find((each) => each.topic === topic)!.offset
      const bytes = records === 0 ? null : plainBatch(records, 10, { baseOffset })
      const data = {
        partitionIndex: 0,
        errorCode,
        highWatermark: baseOffset + records,
        logStartOffset: 0,
        divergingEpoch: NOTHING,
        records: bytes,
      }
      return { topicId: idOf(topic), partitions: [data] }
    })
    if (lease !== undefined) onLease?.(lease)
    return { errorCode: Errors.NONE, sessionId: 0, responses }
  }
  const fetcher = fetcherOf(replicas, request, 60_000)
  for (const name of names) fetcher.follow(replicas.at(name))
  await ended.promise
  const failed = [...fetcher.followed()].filter(({ isFailed }) => isFailed).map(({ partition }) => partition.topic)
  return { rounds, failed }
}

describe('a fetcher', () => {
  test('lets go of the memory of an answer when all that it brought is written', async () => {
    await using replicas = await openReplicas()
    const held: number[] = []
    let holders = 1
    let retained = 0
    const lease = { retain: () => void [holders++, retained++], release: () => void holders-- }
    const answers = (_asked: readonly Asked[], round: number): Record<string, Answered> | undefined => {
      held.push(holders)
      holders = 1
      return round > 2 ? undefined : { a: { records: 2 }, b: { records: 1 } }
    }
    await follow(replicas, answers, lease)
    assert.equal(retained, 4, 'each log holds it for as long as it writes')
    assert.deepEqual(held.slice(1), [0, 0])
  })

  test('asks last for what brought records last, so that a full answer leaves out another partition each time', async () => {
    await using replicas = await openReplicas()
    const { rounds } = await follow(replicas, (asked, round) => (round > 4 ? undefined : { [asked[0]!.topic]: { records: 2 } }))
    assert.deepEqual(rounds, ['abc', 'bca', 'cab', 'abc', 'bca'])
    assert.deepEqual(
      ['a', 'b', 'c'].map((name) => replicas.at(name).log.logEndOffset),
      [4, 2, 2],
    )
  })

  test('leaves one partition alone that failed, and goes on with the others', async () => {
    await using replicas = await openReplicas()
    const { rounds, failed } = await follow(replicas, (_asked, round) => {
      if (round > 3) return undefined
      return round === 1 ? { b: { errorCode: Errors.UNKNOWN_SERVER_ERROR } } : { a: { records: 1 } }
    })
    assert.deepEqual(rounds, ['abc', 'ac', 'ca', 'ca'])
    assert.deepEqual(failed, [])
  })

  test('asks one again soon whose leader has not heard yet that it is one', async () => {
    await using replicas = await openReplicas()
    let since = 0
    const { rounds } = await follow(replicas, (asked, round) => {
      if (round === 1) {
        since = performance.now()
        return {
          a: { errorCode: Errors.UNKNOWN_LEADER_EPOCH },
          b: { errorCode: Errors.UNKNOWN_SERVER_ERROR },
          c: { errorCode: Errors.UNKNOWN_SERVER_ERROR },
        }
      }
      return round <= 3 ? { [asked[0]!.topic]: { errorCode: Errors.NOT_LEADER_OR_FOLLOWER } } : undefined
    })
    assert.deepEqual(rounds, ['abc', 'a', 'a', 'a'])
    const waitedMs = performance.now() - since
    assert.ok(waitedMs >= 20 + 40 + 80 - 5 && waitedMs < 60_000, `${waitedMs} ms, with pauses that double`)
  })

  test('asks for everything anew when it could not take what the session holds for told', async () => {
    await using replicas = await openReplicas()
    replicas.create('a')
    await replicas.apply()
    replicas.lead(idOf('a'), 0, 2, 1)
    await replicas.apply()
    const settled = Promise.withResolvers<void>()
    const asked: { epoch: number; topicCount: number }[] = []
    const ended = Promise.withResolvers<void>()
    const request = async (_call: unknown, body: (version: number) => { sessionEpoch: number; topics: unknown[] }) => {
      const { sessionEpoch, topics } = body(17)
      asked.push({ epoch: sessionEpoch, topicCount: topics.length })
      if (asked.length > 1) {
        ended.resolve()
        return new Promise(() => {})
      }
      // Its log is being brought in line just when the high watermark comes.
      void replicas.at('a').settle(() => settled.promise)
      const data = {
        partitionIndex: 0,
        errorCode: Errors.NONE,
        highWatermark: 0,
        logStartOffset: 0,
        divergingEpoch: NOTHING,
        records: null,
      }
      return { errorCode: Errors.NONE, sessionId: 5, responses: [{ topicId: idOf('a'), partitions: [data] }] }
    }
    const fetcher = fetcherOf(replicas, request, 10)
    fetcher.follow(replicas.at('a'))
    await ended.promise
    settled.resolve()
    assert.deepEqual(asked, [
      { epoch: 0, topicCount: 1 },
      { epoch: 0, topicCount: 1 },
    ])
  })

  test('shows that it does not get on where the leader is of a later epoch', async () => {
    await using replicas = await openReplicas()
    const { failed } = await follow(replicas, (_asked, round) => (round > 1 ? undefined : { c: { errorCode: Errors.FENCED_LEADER_EPOCH } }))
    assert.deepEqual(failed, ['c'])
  })
})
