import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  balanceLeaders,
  electUncleanLeaders,
  fenceOneStaleBroker,
  listPartitionReassignments,
  placeReplicas,
  type UsableBroker,
} from '../../src/controller/index.ts'
import { metadataRecord, type PartitionRegistration } from '../../src/metadata/index.ts'
import { errorName } from '../../src/protocol/index.ts'
import { SeededRandom } from '../../src/sim/index.ts'
import { Scene } from './scene.ts'

const minIsr = (value: string) => ({ settings: { staticConfig: new Map([['min.insync.replicas', value]]) } })
const without = (...features: string[]) => ({ features: new Map(features.map((name) => [name, 0])) })
const fence = (scene: Scene, id: number) => scene.heartbeat(id, { wantFence: true })
const die = (scene: Scene, id: number) => {
  scene.nowMs += 9001
  for (const [other, { fenced }] of scene.state.image.brokers) if (other !== id && !fenced) scene.heartbeat(other)
  while (scene.commit(fenceOneStaleBroker(scene.state, scene.nowMs)).again);
}

describe('AlterPartition', () => {
  test('the leader shrinks and grows the ISR', () => {
    const scene = new Scene().join(1, 2, 3)
    scene.create('a', [[1, 2, 3]])
    assert.equal(scene.alterIsr('a', [1, 2]), 'NONE')
    assert.equal(scene.alterIsr('a', [1, 2, 3]), 'NONE')
    assert.deepEqual(scene.describe('a'), ['a-0: leader 1 epoch 0 isr 1,2,3 replicas 1,2,3'])
    assert.equal(scene.state.image.partition('a', 0)!.partitionEpoch, 2)
  })

  test('refuses who is not the leader, old epochs, strangers and brokers that are not active', () => {
    const scene = new Scene().join(1, 2, 3)
    scene.create('a', [[1, 2, 3]])
    assert.equal(scene.alterIsr('a', [1, 2], { by: 2 }), 'INVALID_REQUEST')
    assert.equal(scene.alterIsr('a', [2, 3]), 'INVALID_REQUEST')
    assert.equal(scene.alterIsr('a', [1, 1]), 'INVALID_REQUEST')
    assert.equal(scene.alterIsr('a', []), 'INVALID_REQUEST')
    assert.equal(scene.alterIsr('a', [1, 2, 3], { recovery: 1 }), 'INVALID_REQUEST')
    assert.equal(scene.alterIsr('a', [1, 2], { recovery: 9 }), 'INVALID_REQUEST')
    fence(scene, 3)
    assert.equal(scene.alterIsr('a', [1, 2, 3]), 'INELIGIBLE_REPLICA')
    const epochs = (leaderEpoch: number, partitionEpoch: number, partitionIndex = 0) => {
      const partition = { partitionIndex, leaderEpoch, newIsr: [1, 2], newIsrWithEpochs: [], leaderRecoveryState: 0, partitionEpoch }
      const topics = [{ topicId: scene.state.image.topic('a')!.id, partitions: [partition] }]
      const request = { brokerId: 1, brokerEpoch: scene.state.image.brokerEpoch(1), topics }
      return errorName(scene.request('AlterPartition', request, { apiVersion: 2 }).topics[0].partitions[0].errorCode)
    }
    const { leaderEpoch, partitionEpoch } = scene.state.image.partition('a', 0)!
    assert.equal(epochs(leaderEpoch + 1, partitionEpoch), 'NOT_CONTROLLER')
    assert.equal(epochs(leaderEpoch, partitionEpoch + 1), 'NOT_CONTROLLER')
    assert.equal(epochs(leaderEpoch - 1, partitionEpoch), 'FENCED_LEADER_EPOCH')
    assert.equal(epochs(leaderEpoch, partitionEpoch - 1), 'INVALID_UPDATE_VERSION')
    assert.equal(epochs(0, 0, 7), 'UNKNOWN_TOPIC_OR_PARTITION')
    assert.equal(epochs(leaderEpoch, partitionEpoch), 'NONE')
  })

  test('a broker that came back with another epoch is not taken for the one before', () => {
    const scene = new Scene().join(1, 2)
    scene.create('a', [[1, 2]])
    const topic = scene.state.image.topic('a')!
    const stale = scene.state.image.brokerEpoch(2)
    die(scene, 2)
    scene.register(2, { incarnation: 20 })
    scene.heartbeat(2)
    const { leaderEpoch, partitionEpoch } = topic.partitions.get(0)!
    const newIsrWithEpochs = [
      { brokerId: 1, brokerEpoch: -1 },
      { brokerId: 2, brokerEpoch: stale },
    ]
    const answer = scene.request('AlterPartition', {
      brokerId: 1,
      brokerEpoch: scene.state.image.brokerEpoch(1),
      topics: [
        {
          topicId: topic.id,
          partitions: [{ partitionIndex: 0, leaderEpoch, newIsr: [], newIsrWithEpochs, leaderRecoveryState: 0, partitionEpoch }],
        },
      ],
    })
    assert.equal(errorName(answer.topics[0].partitions[0].errorCode), 'INELIGIBLE_REPLICA')
  })
})

describe('leaders', () => {
  test('without eligible replicas the last of the ISR stays in it, and leads again when it is back', () => {
    const scene = new Scene(without('eligible.leader.replicas.version')).join(1, 2)
    scene.create('a', [[1, 2]])
    die(scene, 1)
    assert.deepEqual(scene.describe('a'), ['a-0: leader 2 epoch 1 isr 2 replicas 1,2'])
    die(scene, 2)
    assert.deepEqual(scene.describe('a'), ['a-0: leader -1 epoch 2 isr 2 replicas 1,2'])
    scene.heartbeat(1)
    assert.deepEqual(scene.describe('a'), ['a-0: leader -1 epoch 2 isr 2 replicas 1,2'])
    scene.heartbeat(2)
    assert.deepEqual(scene.describe('a'), ['a-0: leader 2 epoch 3 isr 2 replicas 1,2'])
  })

  test('below the minimum, who leaves the ISR stays eligible and may lead cleanly (KIP-966)', () => {
    const scene = new Scene(minIsr('2')).join(1, 2, 3)
    scene.create('a', [[1, 2, 3]])
    die(scene, 3)
    assert.deepEqual(scene.describe('a'), ['a-0: leader 1 epoch 0 isr 1,2 replicas 1,2,3'])
    die(scene, 2)
    assert.deepEqual(scene.describe('a'), ['a-0: leader 1 epoch 0 isr 1 replicas 1,2,3 elr 2'])
    die(scene, 1)
    assert.deepEqual(scene.describe('a'), ['a-0: leader -1 epoch 1 isr - replicas 1,2,3 elr 1,2 last 1'])
    scene.heartbeat(3)
    assert.deepEqual(scene.describe('a'), ['a-0: leader -1 epoch 1 isr - replicas 1,2,3 elr 1,2 last 1'])
    scene.heartbeat(2)
    assert.deepEqual(scene.describe('a'), ['a-0: leader 2 epoch 2 isr 2 replicas 1,2,3 elr 1'])
    scene.heartbeat(1)
    scene.heartbeat(3)
    assert.equal(scene.alterIsr('a', [2, 1]), 'NONE')
    assert.deepEqual(scene.describe('a'), ['a-0: leader 2 epoch 2 isr 2,1 replicas 1,2,3'])
  })

  test('with nobody eligible, the last leader leads again, and has to recover', () => {
    const scene = new Scene().join(1)
    scene.create('a')
    die(scene, 1)
    assert.deepEqual(scene.describe('a'), ['a-0: leader -1 epoch 1 isr - replicas 1 elr 1 last 1'])
    scene.register(1, { incarnation: 9 })
    assert.deepEqual(scene.describe('a'), ['a-0: leader -1 epoch 1 isr - replicas 1 last 1'])
    scene.heartbeat(1)
    assert.deepEqual(scene.describe('a'), ['a-0: leader 1 epoch 2 isr 1 replicas 1 recovering'])
    assert.equal(scene.alterIsr('a', [1], { recovery: 0 }), 'NONE')
    assert.deepEqual(scene.describe('a'), ['a-0: leader 1 epoch 2 isr 1 replicas 1'])
  })

  test('a topic that allows it gets an unclean leader', () => {
    const scene = new Scene(minIsr('1')).join(1, 2)
    scene.create('a', [[1, 2]], { 'unclean.leader.election.enable': 'true' })
    scene.create('b', [[1, 2]])
    for (const name of ['a', 'b']) assert.equal(scene.alterIsr(name, [1]), 'NONE')
    die(scene, 1)
    assert.deepEqual(scene.describe('a'), ['a-0: leader 2 epoch 1 isr 2 replicas 1,2 recovering'])
    assert.match(scene.describe('b')[0], /leader -1/)
    scene.request('IncrementalAlterConfigs', {
      resources: [
        { resourceType: 2, resourceName: 'b', configs: [{ name: 'unclean.leader.election.enable', configOperation: 0, value: 'true' }] },
      ],
      validateOnly: false,
    })
    scene.commit(electUncleanLeaders(scene.state))
    assert.deepEqual(scene.describe('b'), ['b-0: leader 2 epoch 2 isr 2 replicas 1,2 recovering'])
  })

  test('before 3.6 a shrunk ISR starts a new leader epoch', () => {
    const scene = new Scene({ metadataVersion: 11 }).join(1, 2)
    scene.create('a', [[1, 2]])
    assert.equal(scene.alterIsr('a', [1]), 'NONE')
    assert.deepEqual(scene.describe('a'), ['a-0: leader 1 epoch 1 isr 1 replicas 1,2'])
  })

  test('preferred leaders come back, by request or by balancing', () => {
    const scene = new Scene().join(1, 2)
    for (const name of ['a', 'b']) scene.create(name, [[1, 2]])
    fence(scene, 1)
    scene.heartbeat(1)
    for (const name of ['a', 'b']) assert.equal(scene.alterIsr(name, [2, 1]), 'NONE')
    const elect = (topic: string, electionType: number) =>
      scene.outcome(
        scene.request('ElectLeaders', { electionType, topicPartitions: [{ topic, partitions: [0] }], timeoutMs: 0 })
          .replicaElectionResults[0].partitionResult[0],
      )
    assert.equal(elect('a', 1), 'ELECTION_NOT_NEEDED: Leader election not needed for topic partition.')
    assert.equal(elect('a', 0), 'NONE')
    assert.deepEqual(scene.describe('a'), ['a-0: leader 1 epoch 2 isr 2,1 replicas 1,2'])
    assert.equal(elect('a', 0), 'ELECTION_NOT_NEEDED: Leader election not needed for topic partition.')
    assert.match(elect('zz', 0), /^UNKNOWN_TOPIC_OR_PARTITION/)
    assert.match(elect('a', 7), /^INVALID_REQUEST/)
    scene.commit(balanceLeaders(scene.state))
    assert.deepEqual(scene.describe('b'), ['b-0: leader 1 epoch 2 isr 2,1 replicas 1,2'])
    assert.equal(scene.state.index.imbalanced.isEmpty, true)
    fence(scene, 1)
    assert.equal(elect('a', 0), 'PREFERRED_LEADER_NOT_AVAILABLE: The preferred leader was not available.')
    fence(scene, 2)
    assert.equal(elect('a', 1), 'ELIGIBLE_LEADERS_NOT_AVAILABLE: Eligible topic partition leaders are not available.')
    const all = scene.request('ElectLeaders', { electionType: 0, topicPartitions: null, timeoutMs: 0 })
    assert.equal(all.replicaElectionResults.length, 2)
  })
})

describe('a reassignment', () => {
  test('of more than 10000 partitions those that fit begin, and the rest is told', () => {
    const scene = new Scene().join(1, 2)
    const count = 10_002
    scene.create('a', { partitions: 1 })
    const { id: topicId, partitions } = scene.state.image.topic('a')!
    for (let partitionId = 1; partitionId < count; partitionId++)
      scene.state.replay(
        metadataRecord('PartitionRecord', 2, { ...recordOf(partitions.get(0)!), topicId, partitionId }),
        scene.state.nextOffset,
      )
    const to = partitions.get(0)!.replicas[0] === 1 ? 2 : 1
    const asked = Array.from({ length: count }, (_, partitionIndex) => ({ partitionIndex, replicas: [to] }))
    const answer = scene.request('AlterPartitionReassignments', {
      ...{ timeoutMs: 1000, allowReplicationFactorChange: true },
      topics: [{ name: 'a', partitions: [...asked, { partitionIndex: count, replicas: [to] }] }],
    })
    const told = answer.responses[0].partitions.map((one) => scene.outcome(one))
    assert.equal(errorName(answer.errorCode), 'NONE')
    assert.equal(told.filter((one) => one === 'NONE').length, 10_000)
    assert.deepEqual(told.slice(10_000), [
      'UNKNOWN_SERVER_ERROR',
      'UNKNOWN_SERVER_ERROR',
      'UNKNOWN_TOPIC_OR_PARTITION: Unable to find partition a:10002.',
    ])
    assert.equal([...partitions.values()].filter(({ addingReplicas }) => addingReplicas.length > 0).length, 10_000)
  })
  const recordOf = ({ replicas, directories, isr, leader, leaderEpoch, partitionEpoch }: PartitionRegistration) => ({
    ...{ replicas, directories, isr, leader, leaderEpoch, partitionEpoch },
  })

  const move = (scene: Scene, replicas: number[] | null, allowReplicationFactorChange = true) =>
    scene.outcome(
      scene.request('AlterPartitionReassignments', {
        timeoutMs: 0,
        allowReplicationFactorChange,
        topics: [{ name: 'a', partitions: [{ partitionIndex: 0, replicas }] }],
      }).responses[0].partitions[0],
    )

  test('ends with the change that brings the last new replica in sync', () => {
    const scene = new Scene().join(1, 2, 3, 4)
    scene.create('a', [[1, 2]])
    assert.equal(move(scene, [3, 4]), 'NONE')
    assert.deepEqual(scene.describe('a'), ['a-0: leader 1 epoch 0 isr 1,2 replicas 3,4,1,2 adding 3,4 removing 1,2'])
    const ongoing = { partitionIndex: 0, replicas: [3, 4, 1, 2], addingReplicas: [3, 4], removingReplicas: [1, 2] }
    assert.deepEqual(listPartitionReassignments(scene.state.image, { timeoutMs: 0, topics: null }).topics, [
      { name: 'a', partitions: [ongoing] },
    ])
    assert.equal(scene.alterIsr('a', [1, 2, 3]), 'NONE')
    assert.equal(scene.alterIsr('a', [1, 2, 3, 4]), 'NEW_LEADER_ELECTED')
    assert.deepEqual(scene.describe('a'), ['a-0: leader 3 epoch 1 isr 3,4 replicas 3,4'])
    assert.deepEqual(listPartitionReassignments(scene.state.image, { timeoutMs: 0, topics: null }).topics, [])
  })

  test('can be taken back', () => {
    const scene = new Scene().join(1, 2, 3)
    scene.create('a', [[1, 2]])
    assert.equal(move(scene, null), 'NO_REASSIGNMENT_IN_PROGRESS')
    move(scene, [3, 2])
    assert.equal(move(scene, null), 'NONE')
    assert.deepEqual(scene.describe('a'), ['a-0: leader 1 epoch 1 isr 1,2 replicas 2,1'])
  })

  test('checks what it is asked', () => {
    const scene = new Scene().join(1, 2)
    scene.create('a', [[1]])
    assert.match(move(scene, [9]), /^INVALID_REPLICA_ASSIGNMENT/)
    assert.match(move(scene, [2, 2]), /^INVALID_REPLICA_ASSIGNMENT/)
    assert.equal(move(scene, [1, 2], false), 'INVALID_REPLICATION_FACTOR: The replication factor is changed from 1 to 2')
    assert.equal(move(scene, [1]), 'NONE')
    const unknown = {
      timeoutMs: 0,
      allowReplicationFactorChange: true,
      topics: [{ name: 'zz', partitions: [{ partitionIndex: 0, replicas: [1] }] }],
    }
    assert.match(
      scene.outcome(scene.request('AlterPartitionReassignments', unknown).responses[0].partitions[0]),
      /^UNKNOWN_TOPIC_OR_PARTITION: Unable to find a topic named zz\.$/,
    )
  })
})

describe('placement', () => {
  const brokers = (racks: Record<string, number[]>, fenced: number[] = []): UsableBroker[] =>
    Object.entries(racks).flatMap(([rack, ids]) => ids.map((id) => ({ id, rack, fenced: fenced.includes(id) })))

  test('every partition has different brokers, an unfenced leader, and as many racks as it can', () => {
    for (let seed = 0; seed < 300; seed++) {
      const random = new SeededRandom(seed)
      const rackCount = 1 + random.below(4)
      const racks: Record<string, number[]> = {}
      let id = 0
      for (let rack = 0; rack < rackCount; rack++) racks[`r${rack}`] = Array.from({ length: 1 + random.below(3) }, () => id++)
      const fenced = Array.from({ length: id }, (_, one) => one).filter(() => random.below(4) === 0)
      const factor = 1 + random.below(id)
      const usable = brokers(racks, fenced)
      const placed = placeReplicas(20, factor, usable, random)
      if ('code' in placed) {
        assert.equal(fenced.length, id)
        continue
      }
      for (const replicas of placed) {
        assert.equal(new Set(replicas).size, factor)
        assert.equal(fenced.includes(replicas[0]), false)
        if (fenced.length === 0 && Object.values(racks).every((ids) => ids.length === racks.r0.length)) {
          const used = new Set(replicas.map((one) => usable[one].rack))
          assert.equal(used.size, Math.min(rackCount, factor))
        }
      }
    }
  })

  test('partitions spread evenly over equal brokers', () => {
    const placed = placeReplicas(30, 3, brokers({ a: [0, 1], b: [2, 3], c: [4, 5] }), new SeededRandom(3))
    assert.ok(!('code' in placed))
    const leaders = new Map<number, number>()
    for (const [leader] of placed) leaders.set(leader, (leaders.get(leader) ?? 0) + 1)
    assert.equal(leaders.size, 6)
    for (const count of leaders.values()) assert.ok(count >= 3 && count <= 7, `${[...leaders]}`)
  })
})
