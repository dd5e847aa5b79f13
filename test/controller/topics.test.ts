import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { metadataRecord, ZERO_UUID } from '../../src/metadata/index.ts'
import { Errors } from '../../src/protocol/index.ts'
import { Scene, uuid } from './scene.ts'

describe('CreateTopics', () => {
  test('tells of the topic it made, settings included', () => {
    const scene = new Scene().join(1)
    const created = scene.create('a', { partitions: 2 }, { 'retention.ms': '5' })
    assert.equal(created.errorCode, 0)
    assert.equal(created.topicId, scene.state.image.topic('a')!.id)
    assert.deepEqual([created.numPartitions, created.replicationFactor, created.topicConfigErrorCode], [2, 1, 0])
    assert.deepEqual(
      created.configs!.map(({ name, value, configSource }) => `${name}=${value} (${configSource})`),
      ['cleanup.policy=delete (5)', 'min.insync.replicas=1 (3)', 'retention.ms=5 (1)', 'unclean.leader.election.enable=false (5)'],
    )
    assert.deepEqual(scene.describe('a'), ['a-0: leader 1 epoch 0 isr 1 replicas 1', 'a-1: leader 1 epoch 0 isr 1 replicas 1'])
    assert.equal(scene.state.image.configs.of(2, 'a').get('retention.ms'), '5')
    assert.deepEqual([...scene.state.image.partition('a', 0)!.directories], [uuid(1)])
  })

  test('who may not see settings gets none', () => {
    const scene = new Scene().join(1)
    scene.context = { allows: (operation) => operation !== 'DESCRIBE_CONFIGS' }
    const { topicConfigErrorCode, configs, numPartitions } = scene.create('a')
    assert.deepEqual([topicConfigErrorCode, configs, numPartitions], [Errors.TOPIC_AUTHORIZATION_FAILED, [], -1])
  })

  const refusals: [string, () => string, RegExp][] = [
    ['an empty name', () => refuse(''), /^INVALID_TOPIC_EXCEPTION: Topic name is invalid: the empty string/],
    ['a name of dots', () => refuse('..'), /^INVALID_TOPIC_EXCEPTION: .*'\.\.' is not allowed/],
    ['a long name', () => refuse('a'.repeat(250)), /^INVALID_TOPIC_EXCEPTION: .*longer than the max allowed length 249/],
    ['a strange character', () => refuse('a b'), /^INVALID_TOPIC_EXCEPTION: .*ASCII alphanumerics/],
    ['a name that exists', () => refuse('there'), /^TOPIC_ALREADY_EXISTS: Topic 'there' already exists\.$/],
    ['a name whose metrics are taken', () => refuse('x_y'), /^INVALID_TOPIC_EXCEPTION: Topic 'x_y' collides with existing topic: x\.y$/],
    [
      'the metadata topic',
      () => refuse('__cluster_metadata'),
      /^INVALID_REQUEST: Creation of internal topic __cluster_metadata is prohibited\.$/,
    ],
    [
      'no partitions',
      () => refuse('a', { partitions: 0 }),
      /^INVALID_PARTITIONS: Number of partitions was set to an invalid non-positive value\.$/,
    ],
    ['minus two partitions', () => refuse('a', { partitions: -2 }), /^INVALID_PARTITIONS/],
    ['no replicas', () => refuse('a', { factor: 0 }), /^INVALID_REPLICATION_FACTOR: Replication factor must be larger than 0/],
    [
      'more replicas than brokers',
      () => refuse('a', { factor: 4 }),
      /^INVALID_REPLICATION_FACTOR: Unable to replicate the partition 4 time\(s\): The target replication factor of 4 cannot be reached because only 3 broker/,
    ],
    [
      'too many partitions at once',
      () => refuse('a', { partitions: 10_001 }),
      /^POLICY_VIOLATION: Excessively large number of partitions per request\.$/,
    ],
    [
      'a replica twice',
      () => refuse('a', [[1, 1]]),
      /^INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes the broker 1 more than once\.$/,
    ],
    [
      'a broker that is not there',
      () => refuse('a', [[9]]),
      /^INVALID_REPLICA_ASSIGNMENT: .*broker 9, but no such broker is registered\.$/,
    ],
    ['an empty assignment', () => refuse('a', [[]]), /^INVALID_REPLICA_ASSIGNMENT: .*an empty replica list\.$/],
    [
      'uneven assignments',
      () => refuse('a', [[1, 2], [1]]),
      /^INVALID_REPLICA_ASSIGNMENT: .*1 replica\(s\), but this is not consistent with previous partitions, which have 2/,
    ],
    [
      'replicas that all are fenced',
      () => refuse('a', [[3]]),
      /^INVALID_REPLICA_ASSIGNMENT: All brokers specified .* partition 0 are fenced or in controlled shutdown\.$/,
    ],
    ['a setting that does not exist', () => refuse('a', {}, { zz: '1' }), /^INVALID_CONFIG: Unknown topic config name: zz$/],
    [
      'a setting without a value',
      () => refuse('a', {}, { 'retention.ms': null }),
      /^INVALID_CONFIG: Null value not supported for topic configs: retention\.ms$/,
    ],
  ]
  const refuse = (name: string, layout?: Parameters<Scene['create']>[1], configs?: Record<string, string | null>): string => {
    const scene = new Scene().join(1, 2)
    scene.register(3)
    scene.create('there')
    scene.create('x.y')
    const before = scene.state.nextOffset
    const outcome = scene.outcome(scene.create(name, layout, configs))
    assert.equal(scene.state.nextOffset, before, 'nothing is written')
    return outcome
  }
  for (const [what, outcome, expected] of refusals) test(`refuses ${what}`, () => assert.match(outcome(), expected))

  test('a topic named twice is not created, the others are', () => {
    const scene = new Scene().join(1)
    const topic = (name: string) => ({ name, numPartitions: -1, replicationFactor: -1, assignments: [], configs: [] })
    const { topics } = scene.request('CreateTopics', { topics: [topic('a'), topic('b'), topic('a')], timeoutMs: 0, validateOnly: false })
    assert.deepEqual(
      topics.map((one) => `${one.name} ${scene.outcome(one)}`),
      ['b NONE', 'a INVALID_REQUEST: Duplicate topic name.'],
    )
    assert.deepEqual([...scene.state.image.topicsByName.keys()], ['b'])
  })

  test('an assignment and counts exclude each other, and partitions are numbered without gaps', () => {
    const scene = new Scene().join(1)
    const ask = (over: { numPartitions?: number; replicationFactor?: number; indexes?: number[] }) => {
      const assignments = (over.indexes ?? [0]).map((partitionIndex) => ({ partitionIndex, brokerIds: [1] }))
      const topic = {
        name: 'a',
        numPartitions: over.numPartitions ?? -1,
        replicationFactor: over.replicationFactor ?? -1,
        assignments,
        configs: [],
      }
      return scene.outcome(scene.request('CreateTopics', { topics: [topic], timeoutMs: 0, validateOnly: true }).topics[0])
    }
    assert.match(
      ask({ replicationFactor: 1 }),
      /^INVALID_REQUEST: A manual partition assignment was specified, but replication factor was not set to -1/,
    )
    assert.match(ask({ numPartitions: 1 }), /^INVALID_REQUEST: .* numPartitions was not set to -1/)
    assert.match(ask({ indexes: [0, 0] }), /^INVALID_REPLICA_ASSIGNMENT: Found multiple manual partition assignments for partition 0/)
    assert.match(ask({ indexes: [0, 2] }), /^INVALID_REPLICA_ASSIGNMENT: partitions should be a consecutive 0-based integer sequence/)
    assert.equal(ask({ indexes: [1, 0] }), 'NONE')
  })

  test('validation alone answers the same and writes nothing', () => {
    const scene = new Scene().join(1)
    const before = scene.state.nextOffset
    assert.equal(scene.create('a', {}, {}, true).errorCode, 0)
    assert.equal(scene.state.nextOffset, before)
  })

  test('policy, permission and quota have their say', () => {
    const policy = {
      check: ({ name }: { name: string }) => (name === 'bad' ? { code: Errors.POLICY_VIOLATION, message: 'no' } : undefined),
    }
    const scene = new Scene({ settings: { topicCreationPolicy: policy } }).join(1)
    assert.equal(scene.outcome(scene.create('bad')), 'POLICY_VIOLATION: no')
    assert.equal(scene.outcome(scene.create('bad', [[1]])), 'POLICY_VIOLATION: no')
    scene.context = { allows: (_operation, kind, name) => kind === 'TOPIC' && name === 'mine' }
    assert.equal(scene.outcome(scene.create('theirs')), 'TOPIC_AUTHORIZATION_FAILED: Authorization failed.')
    assert.equal(scene.outcome(scene.create('mine')), 'NONE')
    scene.context = { chargePartitions: (count) => (count > 2 ? { code: Errors.THROTTLING_QUOTA_EXCEEDED, message: 'wait' } : undefined) }
    assert.equal(scene.outcome(scene.create('big', { partitions: 3 })), 'THROTTLING_QUOTA_EXCEEDED: wait')
  })

  test('a minimum of its own clears eligible replicas, as any change of the minimum does', () => {
    const scene = new Scene().join(1)
    const decision = scene.decide('CreateTopics', {
      topics: [
        { name: 'a', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [{ name: 'min.insync.replicas', value: '1' }] },
      ],
      timeoutMs: 0,
      validateOnly: false,
    })
    assert.deepEqual(
      decision.records.map(({ name }) => name),
      ['TopicRecord', 'ConfigRecord', 'ClearElrRecord', 'PartitionRecord'],
    )
  })
})

describe('DeleteTopics', () => {
  test('of more than 10000 topics those that fit go, and the rest is told', () => {
    const scene = new Scene().join(1)
    const names = Array.from({ length: 10_002 }, (_, n) => `t${n}`)
    for (const [n, name] of names.entries())
      scene.state.replay(metadataRecord('TopicRecord', 0, { name, topicId: uuid(n) }), scene.state.nextOffset)
    const request = { topics: [], topicNames: [...names, 'none'], timeoutMs: 1000 }
    const told = new Map<string, number>()
    for (const result of scene.request('DeleteTopics', request).responses)
      told.set(scene.outcome(result), (told.get(scene.outcome(result)) ?? 0) + 1)
    assert.deepEqual(
      [...told],
      [
        ['UNKNOWN_TOPIC_OR_PARTITION: This server does not host this topic-partition.', 1],
        ['NONE', 10_000],
        ['UNKNOWN_SERVER_ERROR', 2],
      ],
    )
    assert.deepEqual([...scene.state.image.topicsByName.keys()], ['t10000', 't10001'])
  })

  const ask = (scene: Scene, topics: { name?: string; topicId?: string }[], topicNames: string[] = []) =>
    scene
      .request('DeleteTopics', {
        topics: topics.map(({ name = null, topicId = ZERO_UUID }) => ({ name, topicId })),
        topicNames,
        timeoutMs: 0,
      })
      .responses.map((one) => `${one.name} ${scene.outcome(one)}`)
      .sort()

  test('by name, by id, and by the names of old versions', () => {
    const scene = new Scene().join(1)
    for (const name of ['a', 'b', 'c']) scene.create(name, {}, { 'retention.ms': '1' })
    const { id } = scene.state.image.topic('b')!
    assert.deepEqual(ask(scene, [{ name: 'a' }, { topicId: id }], ['c']), ['a NONE', 'b NONE', 'c NONE'])
    assert.equal(scene.state.image.topicsByName.size, 0)
    assert.equal(scene.state.image.configs.of(2, 'a').size, 0)
    assert.equal(scene.state.index.withBrokerInIsr(1).isEmpty, true)
  })

  test('what does not exist, is named twice, or in two ways', () => {
    const scene = new Scene().join(1)
    for (const name of ['a', 'b', 'c']) scene.create(name)
    const { id } = scene.state.image.topic('b')!
    assert.deepEqual(ask(scene, [{ name: 'zz' }, { topicId: uuid(5) }]), [
      'null UNKNOWN_TOPIC_ID: This server does not host this topic ID.',
      'zz UNKNOWN_TOPIC_OR_PARTITION: This server does not host this topic-partition.',
    ])
    assert.deepEqual(ask(scene, [{ name: 'a' }, { name: 'a' }]), ['a INVALID_REQUEST: Duplicate topic name.'])
    assert.deepEqual(ask(scene, [{ topicId: id }, { topicId: id }]), ['null INVALID_REQUEST: Duplicate topic id.'])
    assert.deepEqual(ask(scene, [{ topicId: id }, { name: 'b' }]), [
      'b INVALID_REQUEST: The provided topic name maps to an ID that was already supplied.',
    ])
    assert.deepEqual(ask(scene, [{ name: 'b', topicId: id }]), ['b INVALID_REQUEST: You may not specify both topic name and topic id.'])
    assert.deepEqual(ask(scene, [{}]), ['null INVALID_REQUEST: Neither topic name nor id were specified.'])
    assert.equal(scene.state.image.topicsByName.size, 3)
  })

  test('a topic that may not be seen is not confirmed to exist', () => {
    const scene = new Scene().join(1)
    scene.create('secret')
    scene.create('seen')
    const secret = scene.state.image.topic('secret')!.id
    scene.context = { allows: (operation, _kind, name) => operation === 'DESCRIBE' && name === 'seen' }
    const seen = scene.state.image.topic('seen')!.id
    assert.deepEqual(ask(scene, [{ topicId: secret }, { topicId: seen }]), [
      'null TOPIC_AUTHORIZATION_FAILED: Topic authorization failed.',
      'seen TOPIC_AUTHORIZATION_FAILED: Topic authorization failed.',
    ])
    assert.deepEqual(ask(scene, [{ name: 'nothing' }, { name: 'secret' }]), [
      'nothing TOPIC_AUTHORIZATION_FAILED: Topic authorization failed.',
      'secret TOPIC_AUTHORIZATION_FAILED: Topic authorization failed.',
    ])
  })

  test('not at all when it is disabled', () => {
    const scene = new Scene({ settings: { deleteTopicEnable: false } }).join(1)
    scene.create('a')
    assert.deepEqual(ask(scene, [{ name: 'a' }]), ['a TOPIC_DELETION_DISABLED'])
  })
})

describe('CreatePartitions', () => {
  const ask = (scene: Scene, name: string, count: number, assignments: number[][] | null = null, validateOnly = false) =>
    scene.outcome(
      scene.request('CreatePartitions', {
        topics: [{ name, count, assignments: assignments?.map((brokerIds) => ({ brokerIds })) ?? null }],
        timeoutMs: 0,
        validateOnly,
      }).results[0],
    )

  test('grows a topic, placed or assigned', () => {
    const scene = new Scene().join(1, 2)
    scene.create('a')
    assert.equal(ask(scene, 'a', 2), 'NONE')
    assert.equal(ask(scene, 'a', 3, [[2]]), 'NONE')
    assert.equal(scene.describe('a')[2], 'a-2: leader 2 epoch 0 isr 2 replicas 2')
    assert.equal(ask(scene, 'a', 9, null, true), 'NONE')
    assert.equal(scene.state.image.topic('a')!.partitions.size, 3)
  })

  test('refuses what is no growth or does not fit', () => {
    const scene = new Scene().join(1, 2)
    scene.create('a', [[1, 2]])
    assert.equal(ask(scene, 'zz', 2), 'UNKNOWN_TOPIC_OR_PARTITION')
    assert.equal(ask(scene, 'a', 1), 'INVALID_PARTITIONS: Topic already has 1 partition(s).')
    assert.equal(ask(scene, 'a', 0), 'INVALID_PARTITIONS: The topic a currently has 1 partition(s); 0 would not be an increase.')
    assert.match(
      ask(scene, 'a', 3, [[1, 2]]),
      /^INVALID_REPLICA_ASSIGNMENT: Attempted to add 2 additional partition\(s\), but only 1 assignment/,
    )
    assert.match(ask(scene, 'a', 2, [[1]]), /^INVALID_REPLICA_ASSIGNMENT: .*1 replica\(s\), but this is not consistent/)
    assert.match(ask(scene, 'a', 2 ** 31 - 1), /^POLICY_VIOLATION/)
  })
})
