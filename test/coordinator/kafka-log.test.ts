import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { decodeGroupRecord, type FetchAnswer } from '../../src/coordinator/index.ts'
import { decode, Errors } from '../../src/protocol/index.ts'
import { ConsumerProtocolAssignment } from '../../src/protocol/messages/consumer-protocol.ts'
import { nextBatchBytes, RecordCursor } from '../../src/records/index.ts'
import { MemoryPartition } from '../ledger/memory-partition.ts'
import { GroupWorld } from './group-world.ts'

/**
 * The only partition of __consumer_offsets that Apache Kafka 4.3.1 wrote while: two classic consumers, one of them static, joined one after
 * the other, committed and stayed; groups were emptied, deleted, moved by hand; consumers of KIP-848 came and went; three transactions
 * committed offsets and ended in a commit, an abort and not at all. What its admin client said of them stands in the tests.
 */
const path = join(import.meta.dirname, '../vectors/groups/consumer-offsets-4.3.1.log.gz')
const log = (): MemoryPartition => MemoryPartition.of(gunzipSync(readFileSync(path)))

const loaded = (): Promise<GroupWorld> => new GroupWorld().start(log())

const offsetsOf = async (world: GroupWorld, groupId: string, requireStable = false): Promise<string> => {
  const request = { groupId, memberId: null, memberEpoch: -1, topics: null }
  const answer: FetchAnswer = await world.world.run(() => world.coordinator.fetchOffsets(request, requireStable, 8))
  const lines = answer.topics!.flatMap(({ name, partitions }) =>
    partitions!.map((partition) =>
      partition.errorCode
        ? `${name}-${partition.partitionIndex}=error ${partition.errorCode}`
        : `${name}-${partition.partitionIndex}=${partition.committedOffset}|${partition.committedLeaderEpoch}|${partition.metadata}`,
    ),
  )
  return lines.sort().join(', ')
}

describe('__consumer_offsets of Apache Kafka 4.3.1', () => {
  test('holds the same offsets for us as for Kafka', async () => {
    const world = await loaded()
    const offsets = (groupId: string): Promise<string> => offsetsOf(world, groupId)
    assert.equal(await offsets('classic-pair'), 'orders-0=7|-1|second, orders-1=8|-1|second, orders-2=9|-1|second, orders-3=10|-1|second')
    assert.equal(await offsets('emptied'), 'orders-0=10|0|, orders-1=10|0|, orders-2=10|0|, orders-3=10|0|')
    assert.equal(await offsets('simple'), 'orders-1=5|-1|by hand, orders-2=9007199254740993|-1|')
    assert.equal(await offsets('partly-deleted'), 'orders-2=6|-1|')
    assert.equal(await offsets('modern'), '')
    assert.equal(await offsets('modern-empty'), 'orders-0=10|0|, orders-1=0|-1|, orders-2=0|-1|, orders-3=0|-1|')
    assert.equal(await offsets('tx-commit'), 'orders-3=4|0|commit')
    assert.equal(await offsets('tx-abort'), '')
    assert.equal(await offsets('tx-open'), '')
    assert.equal(await offsets('deleted'), '')
  })

  test('an offset in an open transaction is unstable for who asks for stable ones', async () => {
    const world = await loaded()
    const topics = [{ name: 'orders', topicId: 'AAAAAAAAAAAAAAAAAAAAAA', partitionIndexes: [2, 3] }]
    const request = { groupId: 'tx-open', memberId: null, memberEpoch: -1, topics }
    const answer = await world.world.run(() => world.coordinator.fetchOffsets(request, true, 8))
    const errors = answer.topics![0].partitions!.map((partition) => partition.errorCode)
    assert.deepEqual(errors, [Errors.NONE, Errors.UNSTABLE_OFFSET_COMMIT])
  })

  test('lists the same groups with types and states', async () => {
    const world = await loaded()
    const { groups } = await world.world.run(() => world.coordinator.listGroups({ statesFilter: [], typesFilter: [] }))
    const lines = groups!.map(
      ({ groupId, groupType, protocolType, groupState }) => `${groupId} ${groupType} '${protocolType}' ${groupState}`,
    )
    assert.deepEqual(lines.sort(), [
      "classic-pair classic 'consumer' Stable",
      "emptied classic 'consumer' Empty",
      "modern consumer 'consumer' Unknown",
      "modern-empty consumer 'consumer' Empty",
      "partly-deleted classic '' Empty",
      "simple classic '' Empty",
      "tx-abort classic '' Empty",
      "tx-commit classic '' Empty",
      "tx-open classic '' Empty",
    ])
  })

  test('describes the group of two as Kafka does', async () => {
    const world = await loaded()
    const [group] = await world.world.run(() => world.coordinator.describeGroups(['classic-pair'], world.client(6)))
    assert.equal(`${group.groupState} ${group.protocolType} ${group.protocolData}`, 'Stable consumer range')
    const members = group.members!.map((member) => {
      const [{ topic, partitions }] = decode(ConsumerProtocolAssignment, 1, Buffer.from(member.memberAssignment!), 2).assignedPartitions
      return `${member.memberId} ${member.groupInstanceId} ${member.clientId} ${member.clientHost} ${topic} ${partitions}`
    })
    assert.deepEqual(members.sort(), [
      'client-classic-pair-152d8fdc-7d21-4549-a265-8a9be1584f52 null client-classic-pair /127.0.0.1 orders 2,3',
      'instance-1-9d8eba2a-3b74-4fe4-9260-2fac3b4fa608 instance-1 client-classic-pair /127.0.0.1 orders 0,1',
    ])
  })

  test('its members go on where they were, or lose their sessions', async () => {
    const world = await loaded()
    const beat = (memberId: string, groupInstanceId: string | null, generationId = 2) =>
      world.world.run(() => world.coordinator.heartbeat({ groupId: 'classic-pair', generationId, memberId, groupInstanceId }))
    const dynamic = 'client-classic-pair-152d8fdc-7d21-4549-a265-8a9be1584f52'
    const [group] = await world.world.run(() => world.coordinator.describeGroups(['classic-pair'], world.client(6)))
    assert.equal(group.members!.length, 2)
    const errors: (number | undefined)[] = []
    for (let generation = 1; generation <= 4; generation++) errors.push((await beat(dynamic, null, generation)).errorCode)
    assert.equal(errors.filter((error) => error === Errors.NONE).length, 1, 'one generation is current')
    const generation = errors.indexOf(Errors.NONE) + 1
    assert.equal((await beat('instance-1-9d8eba2a-3b74-4fe4-9260-2fac3b4fa608', 'instance-1', generation)).errorCode, Errors.NONE)
    assert.equal((await beat(dynamic, 'instance-1', generation)).errorCode, Errors.FENCED_INSTANCE_ID)
    await world.world.runFor(200_000)
    assert.equal(world.coordinator.metrics().groupsByState.Stable, 0)
  })

  test('groups of other protocols keep their ids, until they are empty', async () => {
    const world = await loaded()
    const join = (groupId: string) =>
      world.world.run(() =>
        world.coordinator.joinGroup(
          {
            groupId,
            sessionTimeoutMs: 10_000,
            rebalanceTimeoutMs: 10_000,
            memberId: '',
            groupInstanceId: null,
            protocolType: 'consumer',
            protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
            reason: null,
          },
          world.client(9),
        ),
      )
    assert.equal((await join('modern')).errorCode, Errors.INCONSISTENT_GROUP_PROTOCOL)
    const [modern] = await world.world.run(() => world.coordinator.deleteGroups(['modern']))
    assert.equal(modern.errorCode, Errors.NON_EMPTY_GROUP)
    assert.equal((await join('modern-empty')).errorCode, Errors.MEMBER_ID_REQUIRED)
    await world.failOver()
    const { groups } = await world.world.run(() => world.coordinator.listGroups({ statesFilter: [], typesFilter: ['CLASSIC'] }))
    assert.ok(groups!.some(({ groupId }) => groupId === 'modern-empty'))
    assert.equal(await offsetsOf(world, 'modern-empty'), 'orders-0=10|0|, orders-1=0|-1|, orders-2=0|-1|, orders-3=0|-1|')
  })

  test('its own records come out of our encoder as they went in', async () => {
    const { classicGroupRecord, offsetRecord } = await import('../../src/coordinator/group/records.ts')
    const bytes = Buffer.concat(log().batches)
    const cursor = new RecordCursor()
    let count = 0
    for (let at = 0; ; ) {
      const size = nextBatchBytes(bytes, at, bytes.length)
      if (size <= 0) break
      cursor.open(bytes, at)
      while (cursor.next()) {
        const record = decodeGroupRecord(cursor.key()!, cursor.value())
        if (record?.kind === 'offset' || record?.kind === 'classic') {
          const again =
            record.kind === 'offset'
              ? offsetRecord(record.group, record.topic, record.partition, record.commit)
              : classicGroupRecord(record.group, record.metadata)
          assert.deepEqual([again.key, again.value], [record.key, record.value])
          count++
        }
      }
      at += size
    }
    assert.equal(count, 39, 'of 55, without 14 of other protocols and two markers')
  })
})
