import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { activate, ControllerState, fenceOneStaleBroker } from '../../src/controller/index.ts'
import { supportedFeatures } from '../../src/metadata/index.ts'
import { errorName } from '../../src/protocol/index.ts'
import { Scene, uuid } from './scene.ts'

const registrationOf = (brokerId: number) => ({
  brokerId,
  clusterId: 'cluster',
  incarnationId: uuid(brokerId),
  listeners: [],
  features: [...supportedFeatures].map(([name, { min, max }]) => ({ name, minSupportedVersion: min, maxSupportedVersion: max })),
  rack: null,
  isMigratingZkBroker: false,
  logDirs: [uuid(brokerId)],
  previousBrokerEpoch: -1,
})

describe('BrokerRegistration', () => {
  test('a broker starts fenced; its epoch is the offset of its registration', () => {
    const scene = new Scene()
    const offset = scene.state.nextOffset
    assert.equal(scene.register(1).brokerEpoch, offset)
    const broker = scene.state.image.brokers.get(1)!
    assert.deepEqual([broker.epoch, broker.fenced, broker.recordOffset], [offset, true, offset])
  })

  test('the same incarnation keeps its epoch and its state', () => {
    const scene = new Scene().join(1)
    const epoch = scene.state.image.brokerEpoch(1)
    assert.equal(scene.register(1).brokerEpoch, epoch)
    assert.equal(scene.state.image.brokers.get(1)!.fenced, false)
  })

  test('another incarnation waits for the session of the one before it', () => {
    const scene = new Scene().join(1)
    assert.equal(errorName(scene.register(1, { incarnation: 50 }).errorCode), 'DUPLICATE_BROKER_REGISTRATION')
    scene.nowMs = 9001
    assert.equal(scene.register(1, { incarnation: 50 }).errorCode, 0)
    assert.equal(scene.state.image.brokers.get(1)!.incarnationId, uuid(50))
  })

  test("the broker of the controller's own node does not wait for the process that ran before it", () => {
    const scene = new Scene({ settings: { nodeId: 1 } }).join(1).join(2)
    const state = new ControllerState(scene.state.image, scene.state.settings)
    activate(state, 0)
    assert.equal(state.heartbeats.hasValidSession(1, state.image.brokerEpoch(1), 0), false)
    assert.equal(state.heartbeats.hasValidSession(2, state.image.brokerEpoch(2), 0), true)
    assert.equal(
      errorName(scene.register(1, { incarnation: 50 }).errorCode),
      'DUPLICATE_BROKER_REGISTRATION',
      'once it has spoken it is heard',
    )
  })

  test("the broker of the controller's own node is fenced like any other when it stays silent", () => {
    const scene = new Scene({ settings: { nodeId: 1 } }).join(1).join(2)
    scene.create('a', [[1, 2]])
    const state = new ControllerState(scene.state.image, scene.state.settings)
    activate(state, 0)
    state.heartbeats.contact(2, state.image.brokerEpoch(2), 9001)
    assert.equal(state.heartbeats.silenceMs(1, 9000), 9000)
    assert.equal(fenceOneStaleBroker(state, 9000).records.length, 0)
    for (const record of fenceOneStaleBroker(state, 9001).records) state.replay(record, state.nextOffset)
    assert.equal(state.image.brokers.get(1)!.fenced, true)
    assert.deepEqual(scene.describe('a'), ['a-0: leader 2 epoch 1 isr 2 replicas 1,2'])
  })

  test('refuses another cluster, bad directories and features that cannot run here', () => {
    const scene = new Scene().join(1)
    const ask = (over: Partial<ReturnType<typeof registrationOf>>) =>
      errorName(scene.request('BrokerRegistration', { ...registrationOf(2), ...over }).errorCode)
    assert.equal(ask({ clusterId: 'other' }), 'INCONSISTENT_CLUSTER_ID')
    assert.equal(ask({ isMigratingZkBroker: true }), 'BROKER_ID_NOT_REGISTERED')
    assert.equal(ask({ logDirs: [] }), 'INVALID_REGISTRATION')
    assert.equal(ask({ logDirs: ['AAAAAAAAAAAAAAAAAAAAAQ'] }), 'INVALID_REGISTRATION')
    assert.equal(ask({ logDirs: [uuid(2), uuid(2)] }), 'INVALID_REGISTRATION')
    assert.equal(ask({ logDirs: [uuid(1)] }), 'INVALID_REGISTRATION')
    const only = (name: string, min: number, max: number) => [{ name, minSupportedVersion: min, maxSupportedVersion: max }]
    assert.equal(ask({ features: [] }), 'INVALID_REGISTRATION')
    assert.equal(ask({ features: only('metadata.version', 7, 29) }), 'UNSUPPORTED_VERSION')
    assert.equal(ask({ features: only('metadata.version', 7, 30) }), 'UNSUPPORTED_VERSION', 'group.version 1 is finalized')
    assert.equal(ask({}), 'NONE')
  })

  test('an unclean end takes a broker out of the eligible replicas, a clean one does not', () => {
    for (const clean of [false, true]) {
      const scene = new Scene({ settings: { staticConfig: new Map([['min.insync.replicas', '2']]) } }).join(1, 2)
      scene.create('a', [[1, 2]])
      const epoch = scene.state.image.brokerEpoch(2)
      scene.heartbeat(2, { wantFence: true })
      assert.deepEqual(scene.describe('a'), ['a-0: leader 1 epoch 0 isr 1 replicas 1,2 elr 2'])
      scene.nowMs = 20_000
      scene.register(2, { incarnation: 60, previousBrokerEpoch: clean ? epoch : -1 })
      assert.deepEqual(scene.describe('a'), [`a-0: leader 1 epoch 0 isr 1 replicas 1,2${clean ? ' elr 2' : ''}`])
    }
  })
})

describe('BrokerHeartbeat', () => {
  test('a broker is unfenced once it has read its own registration', () => {
    const scene = new Scene()
    scene.register(1)
    const { recordOffset } = scene.state.image.brokers.get(1)!
    assert.deepEqual(pick(scene.heartbeat(1, { offset: recordOffset - 1 })), ['behind', 'fenced', 'stay'])
    assert.deepEqual(pick(scene.heartbeat(1, { offset: recordOffset, wantFence: true })), ['caught up', 'fenced', 'stay'])
    assert.deepEqual(pick(scene.heartbeat(1, { offset: recordOffset })), ['caught up', 'unfenced', 'stay'])
    assert.equal(scene.state.image.brokers.get(1)!.fenced, false)
    assert.deepEqual(pick(scene.heartbeat(1, { wantFence: true })), ['caught up', 'fenced', 'stay'])
  })
  const pick = ({ isCaughtUp, isFenced, shouldShutDown }: ReturnType<Scene['heartbeat']>) => [
    isCaughtUp ? 'caught up' : 'behind',
    isFenced ? 'fenced' : 'unfenced',
    shouldShutDown ? 'go' : 'stay',
  ]

  test('a controlled shutdown moves leaders away and waits until all others know', () => {
    const scene = new Scene().join(1, 2)
    scene.create('a', [[1, 2]])
    scene.heartbeat(2)
    assert.deepEqual(pick(scene.heartbeat(1, { wantShutDown: true })), ['caught up', 'unfenced', 'stay'])
    assert.deepEqual(scene.describe('a'), ['a-0: leader 2 epoch 1 isr 2 replicas 1,2'])
    assert.equal(scene.state.image.brokers.get(1)!.inControlledShutdown, true)
    assert.deepEqual(pick(scene.heartbeat(1, { wantShutDown: true })), ['caught up', 'unfenced', 'stay'])
    scene.heartbeat(2)
    assert.deepEqual(pick(scene.heartbeat(1, { wantShutDown: true })), ['caught up', 'fenced', 'go'])
    assert.equal(scene.state.image.brokers.get(1)!.fenced, true)
  })

  test('on one node the last replica goes at once', () => {
    const scene = new Scene().join(1)
    scene.create('a')
    assert.deepEqual(pick(scene.heartbeat(1, { wantShutDown: true })), ['caught up', 'unfenced', 'stay'])
    assert.deepEqual(scene.describe('a'), ['a-0: leader -1 epoch 1 isr - replicas 1 elr 1 last 1'])
    assert.deepEqual(pick(scene.heartbeat(1, { wantShutDown: true })), ['caught up', 'fenced', 'go'])
    scene.register(1, { incarnation: 70, previousBrokerEpoch: -1 })
    scene.nowMs = 10_000
    scene.register(1, { incarnation: 70 })
    scene.heartbeat(1)
    assert.match(scene.describe('a')[0], /leader 1 epoch 2 isr 1/)
  })

  test('another epoch is stale', () => {
    const scene = new Scene().join(1)
    const ask = (brokerId: number, brokerEpoch: number) =>
      errorName(
        scene.request('BrokerHeartbeat', {
          brokerId,
          brokerEpoch,
          currentMetadataOffset: 9,
          wantFence: false,
          wantShutDown: false,
          offlineLogDirs: [],
          cordonedLogDirs: null,
        }).errorCode,
      )
    assert.equal(ask(1, 99999), 'STALE_BROKER_EPOCH')
    assert.equal(ask(5, 1), 'STALE_BROKER_EPOCH')
  })

  test('an offline directory takes its replicas out, those elsewhere stay', () => {
    const scene = new Scene().join(1, 2)
    scene.nowMs = 10_000
    scene.register(1, { incarnation: 80, logDirs: [uuid(1), uuid(11)] })
    scene.heartbeat(1)
    scene.create('a', [
      [1, 2],
      [1, 2],
    ])
    const { id } = scene.state.image.topic('a')!
    const directories = [uuid(1), uuid(11)].map((directory, partitionIndex) => ({
      id: directory,
      topics: [{ topicId: id, partitions: [{ partitionIndex }] }],
    }))
    scene.request('AssignReplicasToDirs', { brokerId: 1, brokerEpoch: scene.state.image.brokerEpoch(1), directories })
    assert.deepEqual(
      [0, 1].map((one) => scene.state.image.partition('a', one)!.directories[0]),
      [uuid(1), uuid(11)],
    )
    scene.heartbeat(1, { offline: [uuid(11)] })
    assert.deepEqual(scene.describe('a'), ['a-0: leader 1 epoch 0 isr 1,2 replicas 1,2', 'a-1: leader 2 epoch 1 isr 2 replicas 1,2'])
    assert.deepEqual([...scene.state.image.brokers.get(1)!.directories], [uuid(1)])
  })
})

test('a broker that falls silent is fenced, once', () => {
  const scene = new Scene().join(1, 2)
  scene.create('a', [[1, 2]])
  scene.nowMs = 5000
  scene.heartbeat(2)
  scene.nowMs = 9001
  const decision = fenceOneStaleBroker(scene.state, scene.nowMs)
  assert.equal(scene.commit(decision).again, true)
  assert.equal(scene.state.image.brokers.get(1)!.fenced, true)
  assert.deepEqual(scene.describe('a'), ['a-0: leader 2 epoch 1 isr 2 replicas 1,2'])
  assert.deepEqual(
    scene.commit(fenceOneStaleBroker(scene.state, scene.nowMs)),
    { again: false, withinMs: 4999 },
    'the other one may last so long',
  )
})

test('UnregisterBroker takes the broker out of everything', () => {
  const scene = new Scene().join(1, 2)
  scene.create('a', [[1, 2]])
  assert.equal(scene.outcome(scene.request('UnregisterBroker', { brokerId: 1 })), 'NONE')
  assert.deepEqual(scene.describe('a'), ['a-0: leader 2 epoch 1 isr 2 replicas 1,2'])
  assert.equal(scene.state.image.brokers.has(1), false)
  assert.match(
    scene.outcome(scene.request('UnregisterBroker', { brokerId: 1 })),
    /^BROKER_ID_NOT_REGISTERED: Broker ID 1 is not currently registered/,
  )
})

test('producer ids come in blocks of a thousand, each once', () => {
  const scene = new Scene().join(1)
  const allocate = () => scene.request('AllocateProducerIds', { brokerId: 1, brokerEpoch: scene.state.image.brokerEpoch(1) })
  assert.deepEqual(
    [allocate(), allocate()].map(({ producerIdStart, producerIdLen }) => [producerIdStart, producerIdLen]),
    [
      [0, 1000],
      [1000, 1000],
    ],
  )
  assert.equal(errorName(scene.request('AllocateProducerIds', { brokerId: 1, brokerEpoch: 0 }).errorCode), 'STALE_BROKER_EPOCH')
})
