import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fetchResponseOf, groupPartition, groupsOfFetch, type JoinAnswer } from '../../src/coordinator/index.ts'
import { Errors } from '../../src/protocol/index.ts'
import { MemoryPartition } from '../ledger/memory-partition.ts'
import { GroupWorld } from './group-world.ts'

const ZERO = 'AAAAAAAAAAAAAAAAAAAAAA'
const joinRequest = (groupId: string, more: object = {}) => ({
  groupId,
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 10_000,
  memberId: '',
  groupInstanceId: null,
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata: Buffer.from('metadata') }],
  reason: null,
  ...more,
})
const commitRequest = (groupId: string, offset: number | bigint, more: object = {}) => ({
  groupId,
  generationIdOrMemberEpoch: -1,
  memberId: '',
  groupInstanceId: null,
  retentionTimeMs: -1,
  topics: [
    {
      name: 'orders',
      topicId: ZERO,
      partitions: [{ partitionIndex: 0, committedOffset: offset, committedLeaderEpoch: -1, committedMetadata: null }],
    },
  ],
  ...more,
})
const all = (groupId: string) => ({ groupId, memberId: null, memberEpoch: -1, topics: null })

/** One member of version 3 that leads generation 1 of group g. */
const leader = async (world: GroupWorld): Promise<JoinAnswer> => {
  const { coordinator } = world
  return world.world.run(() => coordinator.joinGroup(joinRequest('g'), world.client(3)))
}

describe('the group coordinator', () => {
  test('finds the partition of a group as Kafka does', () => {
    // From Apache Kafka 4.3.1: group id, partition of 50, of 7.
    const known: [string, number, number][] = [
      ['', 0, 0],
      ['abcd', 24, 6],
      ['order:42', 40, 5],
      ['ünïcode', 16, 2],
      ['日本語', 43, 5],
      ['🚀', 27, 4],
      ['a-rather-long-key-with-more-than-thirty-two-characters-in-it', 35, 1],
    ]
    for (const [id, of50, of7] of known) assert.deepEqual([groupPartition(id, 50), groupPartition(id, 7)], [of50, of7], id)
  })

  test('answers for partitions that it does not lead, that load, and after its end', async () => {
    const world = new GroupWorld()
    const { coordinator } = world
    const errors = async (): Promise<(number | undefined)[]> => {
      const client = world.client(9)
      const answers = await world.world.run(() =>
        Promise.all([
          coordinator.joinGroup(joinRequest('g'), client),
          coordinator.syncGroup(
            { groupId: 'g', generationId: 1, memberId: 'm', groupInstanceId: null, protocolType: 'x', protocolName: 'y', assignments: [] },
            client,
          ),
          coordinator.heartbeat({ groupId: 'g', generationId: 1, memberId: 'm', groupInstanceId: null }),
          coordinator.leaveGroup({ groupId: 'g', memberId: '', members: [] }, client),
          coordinator.listGroups({ statesFilter: [], typesFilter: [] }),
          coordinator.deleteOffsets({ groupId: 'g', topics: [] }),
          coordinator.fetchOffsets(all('g'), false, 8),
          coordinator.describeGroups(['g'], client).then(([group]) => group),
          coordinator.deleteGroups(['g']).then(([group]) => group),
          coordinator.commitOffsets(commitRequest('g', 1), client).then((answer) => answer.topics![0].partitions![0]),
        ]),
      )
      return answers.map(({ errorCode }) => errorCode)
    }
    const { NOT_COORDINATOR: absent, COORDINATOR_LOAD_IN_PROGRESS: loading, COORDINATOR_NOT_AVAILABLE: over } = Errors
    const none = undefined
    assert.deepEqual(await errors(), [absent, absent, absent, absent, none, absent, absent, absent, absent, absent])
    const partition = new MemoryPartition()
    partition.logEndOffset = 1
    partition.read = () => new Promise(() => {})
    void coordinator.onElection(0, partition)
    // A heartbeat is fine while groups load: no session runs.
    assert.deepEqual(await errors(), [loading, loading, 0, loading, loading, loading, loading, loading, loading, loading])
    assert.deepEqual(coordinator.metrics().partitions, { active: 0, loading: 1 })
    coordinator.close()
    assert.deepEqual(await errors(), [over, over, over, over, over, over, over, over, over, over])
  })

  test('checks what a request says before it looks for the group', async () => {
    const world = await new GroupWorld().start()
    const { coordinator } = world
    const join = (more: object) => world.world.run(() => coordinator.joinGroup(joinRequest('g', more), world.client(9)))
    assert.equal((await join({ groupId: '' })).errorCode, Errors.INVALID_GROUP_ID)
    assert.equal((await join({ sessionTimeoutMs: 5999 })).errorCode, Errors.INVALID_SESSION_TIMEOUT)
    assert.equal((await join({ sessionTimeoutMs: 1_800_001 })).errorCode, Errors.INVALID_SESSION_TIMEOUT)
    assert.equal((await join({ protocols: [] })).errorCode, Errors.INCONSISTENT_GROUP_PROTOCOL)
    assert.equal((await join({ memberId: 'unknown' })).errorCode, Errors.UNKNOWN_MEMBER_ID)
    const sync = {
      groupId: 'g',
      generationId: 1,
      memberId: 'm',
      groupInstanceId: null,
      protocolType: null,
      protocolName: null,
      assignments: [],
    }
    assert.equal((await coordinator.syncGroup(sync, world.client(5))).errorCode, Errors.INCONSISTENT_GROUP_PROTOCOL)
  })

  test('keeps offsets for as long as an old client says, however odd that is', async () => {
    const world = await new GroupWorld().start()
    for (const retentionTimeMs of [1000, -(2 ** 55), 2 ** 62, -(2 ** 63)]) {
      const commit = world.coordinator.commitOffsets(commitRequest('g', 1, { retentionTimeMs }), world.client(4))
      const answer = await world.world.run(() => commit)
      assert.equal(answer.topics![0].partitions![0].errorCode ?? Errors.NONE, Errors.NONE, String(retentionTimeMs))
    }
  })

  test('takes a new member when the last one has left while the group waited for more', async () => {
    const world = await new GroupWorld({ initialRebalanceDelayMs: 3000 }).start()
    const { coordinator } = world
    const join = (memberId: string): Promise<JoinAnswer> => coordinator.joinGroup(joinRequest('g', { memberId }), world.client(9))
    const first = (await world.world.run(() => join(''))).memberId!
    const waiting = join(first)
    const members = [{ memberId: first, groupInstanceId: null, reason: null }]
    await world.world.run(() => coordinator.leaveGroup({ groupId: 'g', memberId: '', members }, world.client(5)))
    assert.equal((await world.world.run(() => waiting)).errorCode, Errors.UNKNOWN_MEMBER_ID)
    const second = await world.world.run(() => join(''))
    assert.equal(second.errorCode, Errors.MEMBER_ID_REQUIRED)
    assert.equal((await world.world.run(() => join(second.memberId!))).errorCode ?? Errors.NONE, Errors.NONE)
  })

  test('speaks the versions of old clients', async () => {
    const world = await new GroupWorld({ initialRebalanceDelayMs: 0 }).start()
    const { coordinator } = world
    const old = await world.world.run(() => coordinator.joinGroup(joinRequest('g', { rebalanceTimeoutMs: -1 }), world.client(0)))
    assert.equal(old.protocolName, 'range')
    // Version 0 waits in a rebalance as long as its session is.
    const memberId = old.memberId!
    const joining = world.world.run(() => coordinator.joinGroup(joinRequest('g', { sessionTimeoutMs: 1_800_000 }), world.client(3)))
    assert.equal((await joining).generationId, 2)
    const left = await world.world.run(() => coordinator.leaveGroup({ groupId: 'g', memberId, members: [] }, world.client(1)))
    assert.deepEqual(left, { errorCode: Errors.UNKNOWN_MEMBER_ID })
    const refused = await world.world.run(() => coordinator.joinGroup(joinRequest('g', { memberId }), world.client(5)))
    assert.equal(refused.protocolName, '')
    const modern = await world.world.run(() => coordinator.joinGroup(joinRequest('g', { memberId }), world.client(7)))
    assert.equal(modern.protocolName, null)
  })

  test('fetches in the shape of each version', async () => {
    const world = await new GroupWorld().start()
    const { coordinator } = world
    await world.world.run(() => coordinator.commitOffsets(commitRequest('g', 7), world.client(8)))
    const request = {
      groupId: 'g',
      topics: [{ name: 'orders', partitionIndexes: [0, 1] }],
      groups: [all('g'), all('none')],
      requireStable: false,
    }
    const fetch = async (version: number) => {
      const groups = groupsOfFetch(request, version)
      return fetchResponseOf(
        await world.world.run(() => Promise.all(groups.map((group) => coordinator.fetchOffsets(group, false, version)))),
        version,
      )
    }
    const single = await fetch(7)
    assert.deepEqual(
      single.topics![0].partitions!.map(({ committedOffset, errorCode }) => [committedOffset, errorCode ?? 0]),
      [
        [7, 0],
        [-1, 0],
      ],
    )
    const many = await fetch(8)
    assert.deepEqual(
      many.groups!.map(({ groupId, topics, errorCode }) => [groupId, topics!.length, errorCode ?? 0]),
      [
        ['g', 1, 0],
        ['none', 0, 0],
      ],
    )
    coordinator.onResignation(0)
    const [lost] = await world.world.run(() => Promise.all([coordinator.fetchOffsets(groupsOfFetch(request, 1)[0], false, 1)]))
    assert.equal(lost.topics![0].partitions![1].errorCode, Errors.NOT_COORDINATOR)
  })

  test('carries offsets exactly that no number holds', async () => {
    const world = await new GroupWorld().start()
    const wide = 9223372036854775807n
    await world.world.run(() => world.coordinator.commitOffsets(commitRequest('g', wide), world.client(8)))
    await world.failOver()
    const answer = await world.world.run(() => world.coordinator.fetchOffsets(all('g'), true, 8))
    assert.equal(answer.topics![0].partitions![0].committedOffset, wide)
  })

  test('an assignment that is too large for the topic makes the group join again, and harms nobody else', async () => {
    const world = await new GroupWorld({ initialRebalanceDelayMs: 0 }).start()
    world.partition.batchBytesMax = 2000
    const { coordinator } = world
    await world.world.run(() => coordinator.commitOffsets(commitRequest('other', 7), world.client(8)))
    const { memberId = '' } = await leader(world)
    const sync = (bytes: number, generationId: number) => {
      const assignments = [{ memberId, assignment: Buffer.alloc(bytes) }]
      const request = { groupId: 'g', generationId, memberId, groupInstanceId: null, protocolType: null, protocolName: null, assignments }
      return world.world.run(() => coordinator.syncGroup(request, world.client(4)))
    }
    assert.equal((await sync(3000, 1)).errorCode, Errors.UNKNOWN_SERVER_ERROR)
    assert.equal(coordinator.metrics().groupsByState.PreparingRebalance, 1)
    const again = await world.world.run(() => coordinator.joinGroup(joinRequest('g', { memberId }), world.client(3)))
    assert.equal(again.generationId, 2)
    assert.equal((await sync(300, 2)).errorCode ?? 0, Errors.NONE)
    assert.equal(coordinator.metrics().offsets, 1)
  })

  test('while too few replicas are in sync it refuses, keeps its state, and goes on when they are back', async () => {
    const world = await new GroupWorld({ initialRebalanceDelayMs: 0 }).start()
    const { coordinator } = world
    const { memberId = '' } = await leader(world)
    world.partition.refusalError = Errors.NOT_ENOUGH_REPLICAS
    const refused = await world.world.run(() => coordinator.commitOffsets(commitRequest('s', 1), world.client(8)))
    assert.equal(refused.topics![0].partitions![0].errorCode, Errors.COORDINATOR_NOT_AVAILABLE)
    assert.equal(coordinator.metrics().groupsByState.CompletingRebalance, 1)
    // Sessions cannot end either; they do as soon as that can be recorded.
    await world.world.runFor(60_000)
    assert.equal(coordinator.metrics().groupsByState.CompletingRebalance, 1)
    world.partition.refusalError = Errors.NONE
    await world.world.runFor(1000)
    assert.equal(coordinator.metrics().groupsByState.Empty, 1)
    const beat = await world.world.run(() => coordinator.heartbeat({ groupId: 'g', generationId: 1, memberId, groupInstanceId: null }))
    assert.equal(beat.errorCode, Errors.UNKNOWN_MEMBER_ID)
  })

  test('forgets the offsets of topics that are deleted', async () => {
    const world = await new GroupWorld().start()
    const { coordinator } = world
    const withId = (topicId: string) => ({ topics: [{ ...commitRequest('g', 1).topics[0], topicId }] })
    const old = 'AAAAAAAAAAAAAAAAAAAAAQ'
    const made = 'AAAAAAAAAAAAAAAAAAAAAg'
    await world.world.run(() =>
      Promise.all([
        coordinator.commitOffsets(commitRequest('a', 1, withId(old)), world.client(10)),
        coordinator.commitOffsets(commitRequest('b', 2), world.client(8)),
        coordinator.commitOffsets(commitRequest('c', 3, withId(made)), world.client(10)),
      ]),
    )
    const fetchAs = async (topicId: string) => {
      const request = { groupId: 'c', memberId: null, memberEpoch: -1, topics: [{ name: 'orders', topicId, partitionIndexes: [0] }] }
      return (await world.world.run(() => coordinator.fetchOffsets(request, false, 10))).topics![0].partitions![0].committedOffset
    }
    assert.deepEqual([await fetchAs(made), await fetchAs(old)], [1, -1], 'an offset belongs to a topic, not to its name')
    await world.world.run(() => coordinator.onTopicsDeleted([{ name: 'orders', id: old }]))
    assert.equal(coordinator.metrics().offsets, 1)
    assert.equal(await fetchAs(made), 1)
  })

  test('expires many groups in slices, each a turn of its own', async () => {
    const world = await new GroupWorld({ offsetsRetentionMs: 1000, offsetsRetentionCheckIntervalMs: 5000 }).start()
    const { coordinator } = world
    const count = 12_000
    await world.world.run(() =>
      Promise.all(
        Array.from({ length: count }, (_, index) => coordinator.commitOffsets(commitRequest(`g${index}`, index), world.client(8))),
      ),
    )
    assert.equal(coordinator.metrics().offsets, count)
    await world.world.runFor(11_000)
    const { groups, offsets, offsetExpirations, offsetCommits } = coordinator.metrics()
    assert.deepEqual(
      { groups, offsets, offsetExpirations, offsetCommits },
      { groups: 0, offsets: 0, offsetExpirations: count, offsetCommits: count },
    )
  })
})
