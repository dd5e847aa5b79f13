import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BrokerLink } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import type { PartitionRegistration } from '../../src/metadata/index.ts'
import { Errors } from '../../src/protocol/index.ts'
import { fetch, Partition, type Replication, ReplicationThrottle } from '../../src/replica/index.ts'
import { ReplicaFetcher } from '../../src/replica/replica-fetcher.ts'
import { plainBatch } from '../log/sample-batches.ts'
import { aloneInTheCluster, appendTo, idOf, openReplicas, quotaOf, type Replicas, target } from './replica-fixture.ts'

const LATEST = -1

const registered = (change: Partial<PartitionRegistration> = {}): PartitionRegistration => ({
  ...{ replicas: [1, 2, 3], directories: [], isr: [1, 2], removingReplicas: [], addingReplicas: [], elr: [], lastKnownElr: [] },
  ...{ leader: 1, leaderRecoveryState: 0, leaderEpoch: 0, partitionEpoch: 0 },
  ...change,
})

/** A replica on broker 1, on a real log. */
const replicaOf = async (
  replicas: Replicas,
  registration: PartitionRegistration,
  change: Partial<Replication> = {},
): Promise<Partition> => {
  const log = await replicas.logs.getOrCreate({ topic: 't', partition: 0, topicId: idOf('t') })
  const replication = { ...aloneInTheCluster, eligibleEpoch: () => 1, ...change }
  return new Partition({ topic: 't', topicId: idOf('t'), index: 0 }, log, registration, 1, silentJournal, replication)
}

test('a new leader does not answer with a latest offset below what clients may have seen at the former one', async () => {
  await using replicas = await openReplicas()
  const partition = await replicaOf(replicas, registered({ leader: 2 }))
  partition.appendFromLeader(plainBatch(3), 0, 0)
  await partition.log.written()
  partition.update(registered({ leaderEpoch: 1, partitionEpoch: 1 }))
  assert.equal(await partition.offsetFor(LATEST, 'high-watermark'), 'OFFSET_NOT_AVAILABLE')
  assert.equal(await partition.offsetFor(Number.MAX_SAFE_INTEGER, 'high-watermark'), 'OFFSET_NOT_AVAILABLE')
  partition.followerFetched({ replicaId: 2, brokerEpoch: 1, offset: 3, logStartOffset: 0 })
  assert.deepEqual(await partition.offsetFor(LATEST, 'high-watermark'), { timestamp: -1, offset: 3, leaderEpoch: 1 })
})

test('a follower that fetches from beyond the log holds something else: its position does not count', async () => {
  await using replicas = await openReplicas()
  const proposed: (readonly number[])[] = []
  const partition = await replicaOf(replicas, registered(), { proposeIsr: (_partition, { isr }) => void proposed.push(isr) })
  appendTo(partition, plainBatch(3))
  await partition.log.written()
  const lookup = { find: () => partition, missing: () => Errors.UNKNOWN_TOPIC_OR_PARTITION }
  const limits = { maxWaitMs: 0, minBytes: 1, maxBytes: 1 << 20 }
  const parameters = { replicaId: 3, replicaEpoch: 1, ...limits, upTo: 'log-end', onlyFromLeader: true } as const
  const ask = async (fetchOffset: number): Promise<number> => {
    const [answer] = await fetch(lookup, [target('t', { fetchOffset })], parameters, replicas.host.clock)
    answer!.records?.release?.()
    return answer!.errorCode
  }
  assert.equal(await ask(1000), Errors.OFFSET_OUT_OF_RANGE)
  assert.deepEqual(proposed, [])
  assert.equal(await ask(3), Errors.NONE)
  assert.deepEqual(proposed, [[1, 2, 3]])
})

test('an epoch is judged before leadership, and an unknown replica asks again (KIP-320)', async () => {
  await using replicas = await openReplicas()
  const partition = await replicaOf(replicas, registered({ leader: 2, leaderEpoch: 5, replicas: [1, 2] }))
  assert.deepEqual(
    [4, 5, 6, -1].map((epoch) => partition.checkLeaderEpoch(epoch)),
    [Errors.FENCED_LEADER_EPOCH, Errors.NOT_LEADER_OR_FOLLOWER, Errors.UNKNOWN_LEADER_EPOCH, Errors.NOT_LEADER_OR_FOLLOWER],
  )
})

/** A fetcher of broker 1 whose leader is the test: requests in, answers out. */
const fetcherTo = (replicas: Replicas, answer: (body: { topics: { partitions: { fetchOffset: number }[] }[] }) => Promise<object>) => {
  const link = {
    node: { id: 2 },
    close: () => {},
    request: (_call: unknown, body: unknown) => answer((typeof body === 'function' ? body(17) : body) as never),
  } as unknown as BrokerLink
  const sizes = { maxWaitMs: 500, minBytes: 1, partitionMaxBytes: 1 << 20, responseMaxBytes: 1 << 20 }
  const throttle = new ReplicationThrottle(1, 'follower', quotaOf(Number.POSITIVE_INFINITY))
  const settings = { nodeId: 1, brokerEpoch: () => 1, ...sizes, backoffMs: 60_000, throttle, received: () => {} }
  return new ReplicaFetcher(replicas.host, silentJournal, link, settings)
}

test('a former leader asks for what follows only once all that it has is written', async () => {
  await using replicas = await openReplicas()
  const partition = await replicaOf(replicas, registered())
  appendTo(partition, plainBatch(3))
  partition.update(registered({ leader: 2, leaderEpoch: 1, partitionEpoch: 1 }))
  const asked = Promise.withResolvers<{ offset: number; acknowledged: number }>()
  const left = Promise.withResolvers<object>()
  const fetcher = fetcherTo(replicas, ({ topics }) => {
    asked.resolve({ offset: topics[0]!.partitions[0]!.fetchOffset, acknowledged: partition.log.acknowledgedOffset })
    return left.promise
  })
  fetcher.follow(partition)
  assert.deepEqual(await asked.promise, { offset: 3, acknowledged: 3 })
  left.resolve({ errorCode: 0, sessionId: 0, responses: [] })
  await fetcher.close()
})

test('a leader that keeps saying "out of range" is asked again after a pause, and leadership does not wait for its answers', async () => {
  await using replicas = await openReplicas()
  const partition = await replicaOf(replicas, registered({ leader: 2 }))
  let fetches = 0
  const lists: ((answer: object) => void)[] = []
  const fetcher = fetcherTo(replicas, (body) => {
    if ('replicaId' in body && 'isolationLevel' in body && !('maxBytes' in body)) return new Promise((resolve) => lists.push(resolve))
    fetches++
    const partitions = [{ partitionIndex: 0, errorCode: Errors.OFFSET_OUT_OF_RANGE, divergingEpoch: { epoch: -1, endOffset: -1 } }]
    return Promise.resolve({ errorCode: 0, sessionId: 0, responses: [{ topicId: idOf('t'), partitions }] })
  })
  const listed = async (): Promise<(answer: object) => void> => {
    while (lists.length === 0) await new Promise<void>((resolve) => void setImmediate(resolve))
    return lists.shift()!
  }
  const offset = (at: number): object => ({ topics: [{ partitions: [{ errorCode: 0, offset: at }] }] })
  fetcher.follow(partition)
  const first = await listed()
  assert.equal(partition.settling, undefined, 'the leader is asked with nothing held')
  first(offset(0))
  const second = await listed()
  second(offset(0))
  for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => void setImmediate(resolve))
  assert.equal(fetches, 1)
  await fetcher.close()
})

test('deleted records are gone when every replica that lives has deleted them', async () => {
  await using replicas = await openReplicas()
  const partition = await replicaOf(replicas, registered({ isr: [1, 2, 3] }), { eligibleEpoch: (id) => (id === 3 ? undefined : 1) })
  appendTo(partition, plainBatch(3))
  await partition.log.written()
  const fetched = (replicaId: number, logStartOffset: number): void =>
    void partition.followerFetched({ replicaId, brokerEpoch: 1, offset: 3, logStartOffset })
  fetched(2, 0)
  fetched(3, 0)
  assert.equal(partition.deleteRecordsBelow(2), 2)
  const outcomes: number[] = []
  partition.whenDeleted(2, (errorCode) => outcomes.push(errorCode))
  assert.deepEqual(outcomes, [], 'broker 2 has not')
  fetched(2, 2)
  assert.deepEqual(outcomes, [Errors.NONE], 'broker 3 is fenced: nobody waits for it')
})
