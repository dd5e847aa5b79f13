import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  bootstrapRecords,
  DeltaRecorder,
  encodeRecord,
  imageToRecords,
  localChanges,
  METADATA_VERSION,
  MetadataImage,
  type MetadataRecord,
  metadataRecord,
  newClusterFeatureLevels,
  ReplayError,
} from '../../src/metadata/index.ts'

const uuid = (number: number): string => {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt32BE(number + 1000, 12)
  return bytes.toString('base64url')
}
const contents = (image: MetadataImage): string[] => [...imageToRecords(image)].map((record) => encodeRecord(record).toString('hex')).sort()

const topic = (name: string, id: number) => metadataRecord('TopicRecord', 0, { name, topicId: uuid(id) })
const partition = (id: number, partitionId: number, replicas: number[], isr = replicas) =>
  metadataRecord('PartitionRecord', 2, {
    topicId: uuid(id),
    partitionId,
    replicas,
    directories: replicas.map((one) => uuid(one)),
    isr,
    leader: isr[0] ?? -1,
    leaderEpoch: 0,
    partitionEpoch: 0,
  })
const broker = (brokerId: number, epoch = brokerId) =>
  metadataRecord('RegisterBrokerRecord', 4, { brokerId, brokerEpoch: epoch, incarnationId: uuid(brokerId), logDirs: [uuid(brokerId)] })

const newImage = (...records: MetadataRecord[]): MetadataImage => {
  const image = new MetadataImage()
  const levels = newClusterFeatureLevels()
  assert.ok(typeof levels !== 'string')
  for (const [offset, record] of [...bootstrapRecords(levels), ...records].entries()) image.replay(record, offset)
  return image
}

describe('replay', () => {
  test('a change moves the partition epoch, and the leader epoch only when it names a leader', () => {
    const image = newImage(topic('a', 1), partition(1, 0, [1, 2, 3]))
    image.replay(metadataRecord('PartitionChangeRecord', 2, { topicId: uuid(1), partitionId: 0, isr: [1, 2] }), 10)
    const shrunk = image.partition('a', 0)!
    assert.deepEqual([shrunk.isr, shrunk.leader, shrunk.leaderEpoch, shrunk.partitionEpoch], [[1, 2], 1, 0, 1])
    image.replay(metadataRecord('PartitionChangeRecord', 2, { topicId: uuid(1), partitionId: 0, leader: 2 }), 11)
    const led = image.partition('a', 0)!
    assert.deepEqual([led.leader, led.leaderEpoch, led.partitionEpoch], [2, 1, 2])
  })

  test('the records of a transaction take effect at its end, or not at all', () => {
    const image = newImage()
    const recorder = new DeltaRecorder(image)
    const batch = (baseOffset: number, records: MetadataRecord[]) =>
      image.replayBatch({ baseOffset, offset: baseOffset + records.length - 1, epoch: 1, timestampMs: 5, records })
    batch(100, [topic('before', 1), metadataRecord('BeginTransactionRecord', 0, { name: 'x' }), topic('inside', 2)])
    assert.equal(image.provenance.offset, 100)
    assert.equal(image.transactionStartOffset, 101)
    assert.deepEqual([...image.topicsByName.keys()], ['before'])
    batch(103, [topic('more', 3)])
    assert.equal(image.provenance.offset, 100)
    batch(104, [metadataRecord('EndTransactionRecord', 0, {})])
    assert.equal(image.provenance.offset, 104)
    assert.deepEqual([...image.topicsByName.keys()], ['before', 'inside', 'more'])
    batch(105, [metadataRecord('BeginTransactionRecord', 0, {}), topic('never', 4), metadataRecord('AbortTransactionRecord', 0, {})])
    assert.equal(image.topic('never'), undefined)
    assert.deepEqual(
      [...recorder.take().topicsCreated.values()].map(({ name }) => name),
      ['before', 'inside', 'more'],
    )
  })

  test('what cannot follow is refused with the record and its offset', () => {
    const refuse = (record: MetadataRecord, why: RegExp, image = newImage(topic('a', 1), broker(1))) =>
      assert.throws(
        () => image.replay(record, 77),
        (error) => error instanceof ReplayError && why.test(error.message) && error.message.includes('offset 77'),
      )
    refuse(topic('a', 2), /exists/)
    refuse(topic('b', 1), /taken/)
    refuse(partition(9, 0, [1]), /no topic/)
    refuse(metadataRecord('PartitionChangeRecord', 2, { topicId: uuid(1), partitionId: 5 }), /no partition/)
    refuse(metadataRecord('RemoveTopicRecord', 0, { topicId: uuid(3) }), /no topic/)
    refuse(metadataRecord('BrokerRegistrationChangeRecord', 0, { brokerId: 1, brokerEpoch: 2, fenced: 1 }), /epoch 1, not 2/)
    refuse(metadataRecord('BrokerRegistrationChangeRecord', 0, { brokerId: 1, brokerEpoch: 1, fenced: 7 }), /unknown value 7/)
    refuse(metadataRecord('UnregisterBrokerRecord', 0, { brokerId: 4 }), /not registered/)
    refuse(metadataRecord('FeatureLevelRecord', 0, { name: METADATA_VERSION, featureLevel: 99 }), /not supported/)
    refuse(metadataRecord('EndTransactionRecord', 0, {}), /no transaction/)
    refuse(metadataRecord('ClearElrRecord', 0, { topicName: 'zz' }), /no topic zz/)
    refuse(
      metadataRecord('PartitionRecord', 2, { topicId: uuid(1), partitionId: 0, replicas: [1, 2], directories: [uuid(1)] }),
      /2 replicas in 1/,
    )
  })

  test('a deleted topic takes its settings along', () => {
    const image = newImage(topic('a', 1), metadataRecord('ConfigRecord', 0, { resourceType: 2, resourceName: 'a', name: 'k', value: 'v' }))
    image.replay(metadataRecord('RemoveTopicRecord', 0, { topicId: uuid(1) }), 9)
    assert.equal(image.configs.of(2, 'a').size, 0)
    assert.equal(image.topicById(uuid(1)), undefined)
  })

  test('a topic that was made again under its name keeps its settings in a snapshot that says the same of it as before', () => {
    const setting = metadataRecord('ConfigRecord', 0, { resourceType: 2, resourceName: 'a', name: 'cleanup.policy', value: 'compact' })
    const behind = newImage(topic('a', 1), partition(1, 0, [1]), setting)
    const ahead = newImage(topic('a', 2), partition(2, 0, [1]), setting)
    behind.loadSnapshot(imageToRecords(ahead), { offset: 100, epoch: 1, timestampMs: 0 })
    assert.deepEqual([behind.topic('a')?.id, ...behind.configs.of(2, 'a')], [uuid(2), ['cleanup.policy', 'compact']])
  })
})

describe('a delta', () => {
  test('tells a broker what to lead, to follow and to give up', () => {
    const image = newImage(topic('a', 1), partition(1, 0, [1, 2]), partition(1, 1, [2, 3]), topic('b', 2), partition(2, 0, [1]))
    const recorder = new DeltaRecorder(image)
    image.replay(metadataRecord('RemoveTopicRecord', 0, { topicId: uuid(2) }), 20)
    image.replay(metadataRecord('PartitionChangeRecord', 2, { topicId: uuid(1), partitionId: 0, leader: 2, isr: [2] }), 21)
    image.replay(
      metadataRecord('PartitionChangeRecord', 2, {
        topicId: uuid(1),
        partitionId: 1,
        replicas: [1, 3],
        directories: [uuid(1), uuid(3)],
        leader: 1,
        isr: [1],
      }),
      22,
    )
    image.replay(topic('c', 3), 23)
    image.replay(partition(3, 0, [1]), 24)
    image.replay(metadataRecord('RemoveTopicRecord', 0, { topicId: uuid(3) }), 25)
    const delta = recorder.take()
    const one = localChanges(delta, 1)
    assert.deepEqual(
      one.deleted.map(({ topic: { name }, isTopicDeleted }) => [name, isTopicDeleted]),
      [['b', true]],
    )
    assert.deepEqual(
      one.followers.map(({ partitionId, isNewLeaderEpoch }) => [partitionId, isNewLeaderEpoch]),
      [[0, true]],
    )
    assert.deepEqual(
      one.leaders.map(({ partitionId }) => partitionId),
      [1],
    )
    assert.deepEqual(
      one.directories.map(({ directory }) => directory),
      [uuid(1)],
    )
    const two = localChanges(delta, 2)
    assert.deepEqual(
      two.deleted.map(({ topic: { name }, partitionId, isTopicDeleted }) => [name, partitionId, isTopicDeleted]),
      [['a', 1, false]],
    )
    assert.equal(recorder.take().isEmpty, true)
  })

  test('has nothing of what came and went', () => {
    const image = newImage()
    const recorder = new DeltaRecorder(image)
    image.replay(topic('c', 3), 23)
    image.replay(partition(3, 0, [1]), 24)
    image.replay(metadataRecord('RemoveTopicRecord', 0, { topicId: uuid(3) }), 25)
    assert.equal(recorder.take().isEmpty, true)
  })
})

const smallInt = fc.nat({ max: 5 })
const anyRecord: fc.Arbitrary<MetadataRecord> = fc.oneof(
  fc.tuple(smallInt, smallInt).map(([name, id]) => topic(`t${name}`, id)),
  fc.tuple(smallInt, smallInt, fc.subarray([1, 2, 3, 4], { minLength: 1 })).map(([id, at, replicas]) => partition(id, at, replicas)),
  fc.tuple(smallInt, smallInt, fc.option(fc.subarray([1, 2, 3])), fc.constantFrom(-2, -1, 1, 2)).map(([id, partitionId, isr, leader]) =>
    metadataRecord('PartitionChangeRecord', 2, {
      topicId: uuid(id),
      partitionId,
      isr,
      leader,
      eligibleLeaderReplicas: isr === null ? [4] : null,
    }),
  ),
  smallInt.map((id) => metadataRecord('RemoveTopicRecord', 0, { topicId: uuid(id) })),
  fc.tuple(smallInt, smallInt).map(([id, epoch]) => broker(id, epoch)),
  fc.tuple(smallInt, smallInt, fc.constantFrom(-1, 0, 1)).map(([brokerId, brokerEpoch, fenced]) =>
    metadataRecord('BrokerRegistrationChangeRecord', 3, {
      brokerId,
      brokerEpoch,
      fenced,
      inControlledShutdown: 1,
      cordonedLogDirs: fenced === 0 ? [] : null,
    }),
  ),
  fc.tuple(smallInt, smallInt).map(([brokerId, brokerEpoch]) => metadataRecord('UnregisterBrokerRecord', 0, { brokerId, brokerEpoch })),
  smallInt.map((controllerId) => metadataRecord('RegisterControllerRecord', 0, { controllerId, incarnationId: uuid(controllerId) })),
  fc
    .tuple(fc.constantFrom(2, 4, 16, 32), smallInt, smallInt, fc.option(fc.string()))
    .map(([resourceType, name, key, value]) =>
      metadataRecord('ConfigRecord', 0, { resourceType, resourceName: `t${name}`, name: `k${key}`, value }),
    ),
  fc
    .tuple(smallInt, fc.option(fc.string()), fc.boolean(), fc.double({ noNaN: true }))
    .map(([key, entityName, remove, value]) =>
      metadataRecord('ClientQuotaRecord', 0, { entity: [{ entityType: 'user', entityName }], key: `k${key}`, value, remove }),
    ),
  fc.nat().map((nextProducerId) => metadataRecord('ProducerIdsRecord', 0, { nextProducerId })),
  fc
    .tuple(smallInt, fc.constantFrom(1, 2))
    .map(([user, mechanism]) =>
      metadataRecord('UserScramCredentialRecord', 0, { name: `u${user}`, mechanism, salt: Buffer.from([user]), iterations: 4096 }),
    ),
  fc
    .tuple(smallInt, fc.constantFrom(1, 2))
    .map(([user, mechanism]) => metadataRecord('RemoveUserScramCredentialRecord', 0, { name: `u${user}`, mechanism })),
  smallInt.map((id) => metadataRecord('AccessControlEntryRecord', 0, { id: uuid(id), resourceName: 'x', principal: 'User:a' })),
  smallInt.map((id) => metadataRecord('RemoveAccessControlEntryRecord', 0, { id: uuid(id) })),
  smallInt.map((id) => metadataRecord('DelegationTokenRecord', 0, { tokenId: `t${id}`, owner: 'User:a' })),
  smallInt.map((id) => metadataRecord('RemoveDelegationTokenRecord', 0, { tokenId: `t${id}` })),
  fc
    .tuple(fc.constantFrom('group.version', 'share.version'), fc.nat({ max: 1 }))
    .map(([name, featureLevel]) => metadataRecord('FeatureLevelRecord', 0, { name, featureLevel })),
  fc.constant(metadataRecord('ClearElrRecord', 0, {})),
)
/** Records that do not fit are skipped: what remains is a log that a controller could have written. */
const replayed = (records: readonly MetadataRecord[]): MetadataImage => {
  const image = newImage()
  for (const [offset, record] of records.entries())
    try {
      image.replay(record, offset + 100)
    } catch (error) {
      assert.ok(error instanceof ReplayError)
    }
  return image
}

describe('any image', () => {
  test('is made again by its own records', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 60 }), (records) => {
        const image = replayed(records)
        const again = new MetadataImage()
        for (const [offset, record] of [...imageToRecords(image)].entries()) again.replay(record, offset)
        assert.deepEqual(contents(again), contents(image))
        assert.deepEqual(contents(image.copy()), contents(image))
      }),
      { numRuns: 200 },
    )
  })

  test('becomes any other by its snapshot, and observers hear all of the difference', () => {
    const log = fc.array(anyRecord, { maxLength: 40 })
    fc.assert(
      fc.property(log, log, (first, second) => {
        const image = replayed(first)
        const other = replayed(second)
        const topics = new Map([...image.topicsById.values()].map(({ id, name }) => [id, name]))
        const brokers = new Set(image.brokers.keys())
        const recorder = new DeltaRecorder(image)
        image.loadSnapshot([...imageToRecords(other)], { offset: 500, epoch: 3, timestampMs: 9 })
        assert.deepEqual(contents(image), contents(other))
        const delta = recorder.take()
        for (const id of delta.topicsDeleted.keys()) topics.delete(id)
        for (const [id, { name }] of delta.topicsCreated) topics.set(id, name)
        for (const [id, { after }] of delta.brokers) after === undefined ? brokers.delete(id) : brokers.add(id)
        assert.deepEqual(topics, new Map([...other.topicsById.values()].map(({ id, name }) => [id, name])))
        assert.deepEqual([...brokers].sort(), [...other.brokers.keys()].sort())
      }),
      { numRuns: 200 },
    )
  })
})

test('a new cluster starts at the levels of its release', () => {
  const levels = (metadataVersion?: number, dynamic = false) => {
    const result = newClusterFeatureLevels(metadataVersion, new Map(), dynamic)
    assert.ok(typeof result !== 'string')
    return Object.fromEntries(result)
  }
  assert.deepEqual(levels(undefined, true), {
    'metadata.version': 30,
    'kraft.version': 1,
    'transaction.version': 2,
    'group.version': 1,
    'eligible.leader.replicas.version': 1,
    'share.version': 1,
    'streams.version': 1,
  })
  assert.equal(levels(24)['transaction.version'], 2)
  assert.equal(levels(21)['group.version'], 0)
  assert.equal(levels(25)['eligible.leader.replicas.version'], 0)
  assert.match(
    newClusterFeatureLevels(22, new Map([['eligible.leader.replicas.version', 1]])) as string,
    /depends on metadata.version level 23/,
  )
})
