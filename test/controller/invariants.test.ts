import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { balanceLeaders, electUncleanLeaders, fenceOneStaleBroker } from '../../src/controller/index.ts'
import { PartitionIndex } from '../../src/controller/partition-index.ts'
import { encodeRecord, imageToRecords, type MetadataImage, type PartitionRegistration, ZERO_UUID } from '../../src/metadata/index.ts'
import { Scene, type SceneOptions, uuid } from './scene.ts'

const brokerIds = [1, 2, 3, 4]
const broker = fc.constantFrom(...brokerIds)
const topicName = fc.oneof({ weight: 8, arbitrary: fc.constantFrom('a', 'b') }, fc.constantFrom('c.d', 'c_d', '', '__cluster_metadata'))
const replicas = fc.shuffledSubarray(brokerIds, { minLength: 1 })
const seldom = fc.nat({ max: 7 }).map((one) => one === 0)
const operations = {
  register: fc.record({ id: broker, incarnation: fc.nat({ max: 200 }), previous: fc.boolean() }),
  heartbeat: fc.record({ id: broker, wantFence: seldom, wantShutDown: seldom, behind: seldom, offline: seldom }),
  restart: fc.record({ id: broker, incarnation: fc.nat({ max: 200 }), previous: fc.boolean() }),
  pass: fc.record({ ms: fc.nat({ max: 12_000 }) }),
  create: fc.record({
    name: topicName,
    layout: fc.option(
      fc.oneof(
        fc.array(replicas, { maxLength: 3 }),
        replicas.map((one) => [one, one.toReversed()]),
      ),
    ),
    partitions: fc.integer({ min: -2, max: 4 }),
    factor: fc.integer({ min: -2, max: 5 }),
    minIsr: fc.option(fc.constantFrom('1', '2', 'x')),
    unclean: fc.boolean(),
  }),
  grow: fc.record({ name: topicName, count: fc.nat({ max: 6 }) }),
  remove: fc.record({ name: topicName }),
  alterIsr: fc.record({
    name: topicName,
    partitionId: fc.nat({ max: 1 }),
    isr: replicas,
    by: broker,
    recovery: fc.nat({ max: 9 }).map((one) => Math.max(0, one - 7)),
  }),
  elect: fc.record({ type: fc.nat({ max: 2 }), all: fc.boolean() }),
  move: fc.record({ name: topicName, partitionId: fc.nat({ max: 1 }), replicas: fc.option(replicas), allow: fc.boolean() }),
  assign: fc.record({
    id: broker,
    name: topicName,
    partitionId: fc.nat({ max: 1 }),
    directory: fc.constantFrom(...[1, 2, 3, 4, 11, 12].map(uuid), ZERO_UUID),
  }),
  minIsr: fc.record({ name: fc.constantFrom('a', 'b', ''), value: fc.constantFrom('1', '2', '3') }),
  unregister: fc.record({ id: broker }),
  round: fc.record({ kind: fc.constantFrom(balanceLeaders, electUncleanLeaders) }),
}
type Operation = {
  [K in keyof typeof operations]: [K, (typeof operations)[K] extends fc.Arbitrary<infer V> ? V : never]
}[keyof typeof operations]
const weights: Partial<Record<keyof typeof operations, number>> = { heartbeat: 8, create: 4, alterIsr: 8, restart: 4, move: 3 }
const operation = fc.oneof(
  ...Object.entries(operations).map(([name, values]) => ({
    weight: weights[name as keyof typeof operations] ?? 1,
    arbitrary: (values as fc.Arbitrary<unknown>).map((value) => [name, value] as Operation),
  })),
)

const run = (scene: Scene, [name, value]: Operation): void => {
  const { image } = scene.state
  switch (name) {
    case 'register':
      scene.register(value.id, {
        incarnation: value.incarnation,
        logDirs: [uuid(value.id), uuid(value.id + 10)],
        previousBrokerEpoch: value.previous ? image.brokerEpoch(value.id) : -1,
      })
      return
    case 'restart':
      scene.nowMs += 9001
      for (const [id, { fenced }] of image.brokers) if (id !== value.id && !fenced) scene.heartbeat(id)
      run(scene, ['register', value])
      scene.heartbeat(value.id)
      return
    case 'heartbeat': {
      const offset = value.behind ? 0 : scene.state.nextOffset - 1
      scene.heartbeat(value.id, { ...value, offset, offline: value.offline ? [uuid(value.id + 10)] : [] })
      return
    }
    case 'pass':
      scene.nowMs += value.ms
      while (scene.commit(fenceOneStaleBroker(scene.state, scene.nowMs)).again);
      return
    case 'create': {
      const configs = {
        ...(value.minIsr && { 'min.insync.replicas': value.minIsr }),
        ...(value.unclean && { 'unclean.leader.election.enable': 'true' }),
      }
      if (value.minIsr !== 'x') scene.create(value.name, value.layout ?? value, configs)
      return
    }
    case 'grow':
      scene.request('CreatePartitions', {
        topics: [{ name: value.name, count: value.count, assignments: null }],
        timeoutMs: 0,
        validateOnly: false,
      })
      return
    case 'remove':
      scene.request('DeleteTopics', { topics: [{ name: value.name, topicId: ZERO_UUID }], topicNames: [], timeoutMs: 0 })
      return
    case 'alterIsr':
      if (image.partition(value.name, value.partitionId) !== undefined)
        scene.alterIsr(value.name, value.isr, { ...value, by: image.partition(value.name, value.partitionId)!.leader })
      return
    case 'elect':
      scene.request('ElectLeaders', {
        electionType: value.type,
        topicPartitions: value.all ? null : [{ topic: 'a', partitions: [0, 1, 9] }],
        timeoutMs: 0,
      })
      return
    case 'move': {
      const topics = [{ name: value.name, partitions: [{ partitionIndex: value.partitionId, replicas: value.replicas }] }]
      scene.request('AlterPartitionReassignments', { timeoutMs: 0, allowReplicationFactorChange: value.allow, topics })
      return
    }
    case 'assign': {
      const topics = [{ topicId: image.topic(value.name)?.id ?? ZERO_UUID, partitions: [{ partitionIndex: value.partitionId }] }]
      scene.request('AssignReplicasToDirs', {
        brokerId: value.id,
        brokerEpoch: image.brokerEpoch(value.id),
        directories: [{ id: value.directory, topics }],
      })
      return
    }
    case 'minIsr': {
      const configs = [{ name: 'min.insync.replicas', configOperation: 0, value: value.value }]
      scene.request('IncrementalAlterConfigs', {
        resources: [{ resourceType: value.name === '' ? 4 : 2, resourceName: value.name, configs }],
        validateOnly: false,
      })
      return
    }
    case 'unregister':
      scene.request('UnregisterBroker', { brokerId: value.id })
      return
    case 'round':
      scene.commit(value.kind(scene.state))
  }
}

const isPart = (part: readonly number[], whole: readonly number[]): boolean =>
  part.every((one) => whole.includes(one)) && new Set(part).size === part.length

const checkPartition = (where: string, partition: PartitionRegistration, { isElrEnabled, brokers }: MetadataImage): void => {
  const { leader, isr, replicas, elr, addingReplicas, removingReplicas, directories } = partition
  assert.ok(replicas.length > 0 && isPart(replicas, brokerIds), `${where}: replicas ${replicas}`)
  assert.ok(leader === -1 || isr.includes(leader), `${where}: leader ${leader} of isr ${isr}`)
  assert.ok(isPart(isr, replicas), `${where}: isr ${isr} of ${replicas}`)
  assert.ok(isPart(elr, replicas) && !elr.some((one) => isr.includes(one)), `${where}: elr ${elr} beside isr ${isr}`)
  assert.ok(isPart(addingReplicas, replicas) && isPart(removingReplicas, replicas), `${where}: moves of others`)
  assert.equal(directories.length, replicas.length)
  if (!isElrEnabled) assert.ok(isr.length > 0, `${where}: an empty isr without eligible replicas`)
  const leaderBroker = brokers.get(leader)
  if (leader !== -1) assert.ok(leaderBroker !== undefined && !leaderBroker.fenced, `${where}: led by ${leader}, who is fenced or gone`)
}

const everywhere = (image: MetadataImage): Map<string, PartitionRegistration> =>
  new Map(
    [...image.topicsById.values()].flatMap(({ id, partitions }) =>
      [...partitions].map(([partitionId, one]) => [`${id}-${partitionId}`, one] as const),
    ),
  )

const sets = (image: MetadataImage, index: PartitionIndex): string => {
  const list = (set: Iterable<readonly [string, number]>): string =>
    [...set]
      .map(([topic, partitionId]) => `${topic}-${partitionId}`)
      .sort()
      .join()
  const brokers = brokerIds.map((id) => [list(index.withBrokerInIsr(id)), list(index.withBrokerInElr(id)), index.hasLeaderships(id)])
  const directories = [1, 2, 3, 4, 11, 12, 13, 14].map((id) => [list(index.inDirectory(uuid(id))), index.directoryOwner(uuid(id))])
  const names = [...image.topicsByName.keys()].map((name) => index.collidingTopic(name) !== undefined)
  return JSON.stringify([brokers, directories, names.length, list(index.leaderless), list(index.reassigning), list(index.imbalanced)])
}

const check = (scene: Scene, before: Map<string, PartitionRegistration>): Map<string, PartitionRegistration> => {
  const { image, index } = scene.state
  const now = everywhere(image)
  for (const [where, partition] of now) {
    checkPartition(where, partition, image)
    const old = before.get(where)
    if (old === undefined || old === partition) continue
    assert.ok(
      partition.partitionEpoch > old.partitionEpoch,
      `${where}: partition epoch ${old.partitionEpoch} → ${partition.partitionEpoch}`,
    )
    assert.ok(partition.leaderEpoch >= old.leaderEpoch, `${where}: leader epoch went back`)
    if (partition.leader !== old.leader) assert.ok(partition.leaderEpoch > old.leaderEpoch, `${where}: a new leader in an old epoch`)
  }
  assert.equal(image.topicsByName.size, image.topicsById.size)
  assert.equal(sets(image, index), sets(image, new PartitionIndex(image.copy())))
  return now
}

const worlds: [string, SceneOptions][] = [
  ['4.3', {}],
  ['4.3, two in sync', { settings: { staticConfig: new Map([['min.insync.replicas', '2']]) } }],
  ['without eligible replicas', { features: new Map([['eligible.leader.replicas.version', 0]]) }],
  ['3.5, before directories', { metadataVersion: 11 }],
  ['3.7', { metadataVersion: 19 }],
]
for (const [name, options] of worlds)
  test(`invariants hold after any requests (${name})`, () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 5, maxLength: 60 }), (all) => {
        const scene = new Scene(options)
        for (const id of brokerIds) scene.register(id, { logDirs: [uuid(id), uuid(id + 10)] })
        for (const id of brokerIds) scene.heartbeat(id)
        scene.create('a', [
          [1, 2, 3],
          [4, 1, 2],
        ])
        scene.create('b', [[2], [3]])
        let known = check(scene, new Map())
        for (const one of all) {
          run(scene, one)
          known = check(scene, known)
        }
        // What was decided can be written as a snapshot of the same level.
        for (const record of imageToRecords(scene.state.image)) encodeRecord(record)
      }),
      { numRuns: 60 },
    )
  })
