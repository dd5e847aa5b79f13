import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BrokerRegistration, PartitionRegistration, TopicImage } from '../../src/metadata/index.ts'
import { MetadataImage } from '../../src/metadata/index.ts'
import {
  allInvariants,
  type BrokerLife,
  type Invariant,
  type Observed,
  type RaftView,
  type ReplicaView,
  Violation,
} from './invariants/index.ts'

const topic: TopicImage = { name: 'orders', id: 'topic-id', partitions: new Map() }

const registration: PartitionRegistration = {
  ...{ replicas: [1, 2, 3], directories: [], isr: [1, 2, 3], removingReplicas: [], addingReplicas: [], elr: [], lastKnownElr: [] },
  ...{ leader: 1, leaderRecoveryState: 0, leaderEpoch: 0, partitionEpoch: 0 },
}

const raft: RaftView = {
  ...{ nodeId: 1, life: 1, directoryId: undefined, epoch: 1, role: 'follower', leaderId: undefined, votedId: undefined },
  ...{ startOffset: 0, endOffset: 10, highWatermark: undefined, snapshotOffset: undefined },
  ...{ epochs: [{ epoch: 1, startOffset: 0 }], voterIds: [1, 2, 3], isLed: false, epochStartOffset: undefined, grantingIds: [] },
}
const leading: Partial<RaftView> = { role: 'leader', leaderId: 1, epochStartOffset: 0, grantingIds: [1, 2] }

const replica: ReplicaView = {
  ...{
    nodeId: 1,
    life: 1,
    key: 'topic-id:0',
    name: 'orders-0',
    isLeader: true,
    leaderEpoch: 0,
    partitionEpoch: 0,
    isr: [1, 2, 3],
    proposal: undefined,
  },
  ...{ minInsyncReplicas: 2, startOffset: 0, endOffset: 10, highWatermark: 5, epochs: [{ epoch: 0, startOffset: 0 }] },
}

const broker = (id: number, more: Partial<BrokerRegistration> = {}): BrokerRegistration => ({
  ...{ id, epoch: id, incarnationId: '', endpoints: [], features: new Map(), rack: null, fenced: false, inControlledShutdown: false },
  ...{ isMigratingZkBroker: false, directories: [], cordonedDirectories: null, recordOffset: 0, ...more },
})

const state = (leaderEpoch: number, votedId: number): Buffer => Buffer.from(JSON.stringify({ leaderEpoch, leaderId: -1, votedId }))

/** Three brokers that serve, each with a replica of orders-0; all of it may be changed. */
class Scene implements Observed {
  readonly rafts = new Map<number, RaftView>()
  readonly replicas = new Map([['topic-id:0', new Map<number, ReplicaView>()]])
  readonly drivers = new Map()
  readonly partitions = new Map()
  readonly image = new MetadataImage()
  /** Of what a power loss would leave: quorum-state, and the metadata log. */
  readonly written = new Map<number, Buffer>()
  readonly logs = new Map<number, Buffer>()
  cleanShutdown: Buffer | undefined
  life: BrokerLife = { incarnationId: '', epoch: 1, readyToUnfence: false, wantsShutdown: false }
  registration = registration
  readonly #invariants = allInvariants()

  constructor() {
    for (const id of [1, 2, 3]) {
      this.image.brokers.set(id, broker(id))
      this.replicas.get('topic-id:0')!.set(id, { ...replica, nodeId: id, isLeader: id === 1 })
      this.rafts.set(id, { ...raft, nodeId: id })
    }
    this.place(registration)
  }

  place(partition: PartitionRegistration): void {
    const image = { ...topic, partitions: new Map([[0, partition]]) }
    this.image.topicsById.set(topic.id, image)
    this.image.topicsByName.set(topic.name, image)
  }
  isAlive(): boolean {
    return true
  }
  servingEpoch(nodeId: number): number {
    return nodeId
  }
  brokerLife(): BrokerLife {
    return this.life
  }
  durable(nodeId: number, path: string): Buffer | undefined {
    if (path.endsWith('shutdown')) return this.cleanShutdown
    return (path.endsWith('.log') ? this.logs : this.written).get(nodeId)
  }
  minIsr(): number {
    return 2
  }

  tell(act: (invariant: Invariant) => void): void {
    for (const invariant of this.#invariants) act(invariant)
  }
  raft(now: Partial<RaftView>, before?: Partial<RaftView>): void {
    this.tell((invariant) => invariant.raftChanged?.({ ...raft, ...now }, before && { ...raft, ...before }, this))
    this.rafts.set(now.nodeId ?? 1, { ...raft, ...now })
  }
  replica(now: Partial<ReplicaView>, before?: Partial<ReplicaView>): void {
    this.tell((invariant) => invariant.replicaChanged?.({ ...replica, ...now }, before && { ...replica, ...before }, this))
  }
  partition(after: Partial<PartitionRegistration>, before: Partial<PartitionRegistration> = {}): void {
    const [one, other] = [
      { ...registration, ...before },
      { ...registration, partitionEpoch: 1, ...after },
    ]
    this.tell((invariant) => invariant.partitionChanged?.(topic, 0, one, other, this))
  }
}

/** What must not be, by the invariant that forbids it. */
const scenes: Readonly<Record<string, readonly ((scene: Scene) => void)[]>> = {
  'R1 election safety': [
    (scene) => {
      scene.raft({ epoch: 5, leaderId: 1 })
      scene.raft({ nodeId: 2, epoch: 5, leaderId: 2 })
    },
  ],
  'R2 epochs never fall': [
    (scene) => scene.raft({ epoch: 1 }, { epoch: 2 }),
    (scene) => {
      scene.written.set(1, state(7, -1))
      scene.tell((invariant) => invariant.nodeEnded?.(1, { isLossy: true, isWiped: false, isClean: false, hasRegistered: true }, scene))
      scene.raft({ epoch: 6, life: 2 }, { epoch: 6 })
    },
  ],
  'R3 votes are durable': [
    (scene) => {
      scene.written.set(2, state(4, -1))
      scene.raft({ ...leading, epoch: 5 }, {})
    },
    (scene) => {
      scene.written.set(2, state(5, 3))
      scene.raft({ ...leading, epoch: 5 }, {})
    },
    (scene) => {
      scene.written.set(1, state(5, 2))
      scene.tell((invariant) => invariant.nodeEnded?.(1, { isLossy: false, isWiped: false, isClean: false, hasRegistered: true }, scene))
      scene.raft({ epoch: 5, life: 2, role: 'unattached' }, {})
    },
  ],
  'R4 log matching': [
    (scene) => {
      scene.rafts.set(2, { ...raft, nodeId: 2, epochs: [{ epoch: 1, startOffset: 2 }] })
      scene.raft({ endOffset: 11, epochs: [{ epoch: 1, startOffset: 3 }] }, {})
    },
  ],
  'R5 leader completeness': [
    (scene) => {
      scene.raft({ ...leading, highWatermark: 8 }, leading)
      scene.raft({ ...leading, nodeId: 2, leaderId: 2, epoch: 2, endOffset: 7, grantingIds: [] }, {})
    },
    (scene) => {
      scene.raft({ ...leading, highWatermark: 8 }, leading)
      const epochs = [
        { epoch: 0, startOffset: 0 },
        { epoch: 2, startOffset: 9 },
      ]
      scene.rafts.clear()
      scene.raft({ ...leading, nodeId: 2, leaderId: 2, epoch: 2, epochs, grantingIds: [] }, {})
    },
  ],
  'R6 state machine safety': [
    (scene) => {
      const batch = { baseOffset: 4, lastOffset: 5, epoch: 1, appendTimestamp: 0, bytes: 10, records: [] }
      scene.tell((invariant) => invariant.committed?.({ nodeId: 1, batch, sum: 1 }, scene))
      scene.tell((invariant) => invariant.committed?.({ nodeId: 2, batch, sum: 2 }, scene))
    },
  ],
  'R7 high watermark on a majority': [
    (scene) => scene.raft({ highWatermark: 11 }),
    (scene) => scene.raft({ highWatermark: 4 }, { highWatermark: 5 }),
    (scene) => scene.raft({ highWatermark: 5, endOffset: 4, epochs: [] }, { highWatermark: 5 }),
    (scene) => {
      for (const id of [2, 3]) scene.rafts.set(id, { ...raft, nodeId: id, endOffset: 8 })
      scene.raft({ ...leading, highWatermark: 9 }, leading)
    },
  ],
  'R7 commits are durable': [
    (scene) => {
      for (const id of [1, 2]) scene.logs.set(id, Buffer.alloc(0))
      scene.raft({ ...leading, grantingIds: [], highWatermark: 8 }, leading)
    },
  ],
  'R8 own epoch first': [(scene) => scene.raft({ ...leading, epochStartOffset: 6, highWatermark: 6 }, leading)],
  'R9 snapshots cover the log': [
    (scene) => scene.raft({ startOffset: 3, snapshotOffset: 2 }),
    (scene) => scene.raft({ highWatermark: 5, snapshotOffset: 6 }),
    (scene) => scene.tell((invariant) => invariant.snapshotLoaded?.(1, 5, true, scene)),
  ],
  'R11 pre-votes are refused': [
    (scene) => {
      for (const nodeId of [1, 2]) scene.raft({ nodeId, isLed: true, leaderId: 1 }, {})
      scene.raft({ nodeId: 3, role: 'prospective' }, {})
      scene.raft({ nodeId: 3, role: 'candidate', epoch: 2 }, { role: 'prospective' })
    },
  ],
  'R10 voters change one by one': [
    (scene) => {
      const set = (...ids: number[]) => ({ ids, voters: ids.map((id) => ({ id, directoryId: `d${id}` })) })
      const control = { votersOffset: 9, voters: set(1, 2), votersAt: () => set(1, 2, 3, 4) }
      scene.drivers.set(1, { parts: { control } })
      scene.raft({}, { voterIds: [1] })
    },
  ],
  'I1 leader completeness': [
    (scene) => {
      scene.replica({ highWatermark: 9 })
      scene.replica({ nodeId: 2, leaderEpoch: 1, endOffset: 8, highWatermark: 8 })
    },
    (scene) => {
      scene.replica({ highWatermark: 9 })
      scene.replica({ nodeId: 2, leaderEpoch: 1, epochs: [{ epoch: 1, startOffset: 0 }] })
    },
  ],
  'I2 candidates are complete': [
    (scene) => {
      scene.replica({ highWatermark: 9 })
      scene.replica({ nodeId: 2, isLeader: false, endOffset: 8 })
    },
    (scene) => {
      scene.replica({ highWatermark: 9 })
      scene.replicas.get('topic-id:0')!.set(3, { ...replica, nodeId: 3, endOffset: 8 })
      scene.partition({ isr: [1, 2, 3] }, { isr: [1, 2] })
    },
  ],
  'I3 joiners hold the beginning of the epoch': [
    (scene) => {
      const epochs = [
        { epoch: 0, startOffset: 0 },
        { epoch: 1, startOffset: 9 },
      ]
      scene.replicas.get('topic-id:0')!.set(1, { ...replica, epochs })
      scene.replicas.get('topic-id:0')!.set(3, { ...replica, nodeId: 3, endOffset: 8 })
      scene.partition({ leaderEpoch: 1 }, { isr: [1, 2], leaderEpoch: 1 })
    },
  ],
  'I3 leaders reckon with the ISR': [
    (scene) => {
      scene.replicas.get('topic-id:0')!.set(1, { ...replica, isr: [1, 2], proposal: [1] })
      scene.partition({ isr: [1, 2, 3] }, { isr: [1, 2] })
    },
    (scene) => scene.replica({ isr: [1, 2] }, { isr: [1, 2], proposal: [1, 2, 3] }),
  ],
  'I3 who is proposed holds the beginning of the epoch': [
    (scene) => {
      const fetch = { key: 'topic-id:0', name: 'orders-0', leaderId: 1, leaderEpoch: 0, followerId: 3 }
      scene.tell((invariant) => invariant.fetchCounted?.({ ...fetch, offset: 4 }, scene))
      scene.place({ ...registration, isr: [1, 2] })
      scene.replica({ isr: [1, 2], proposal: [1, 2, 3] }, { isr: [1, 2] })
    },
  ],
  'I4 only followers of the epoch count': [
    (scene) => {
      const fetch = { key: 'topic-id:0', name: 'orders-0', leaderId: 1, leaderEpoch: 1, followerId: 3, offset: 9 }
      scene.tell((invariant) => invariant.fetchCounted?.(fetch, scene))
    },
  ],
  'I9 other epochs are fenced': [(scene) => scene.tell((invariant) => invariant.epochAccepted?.('orders-0', 3, 4))],
  'I8 epochs of a log rise': [
    (scene) => {
      const epochs = [
        { epoch: 0, startOffset: 3 },
        { epoch: 1, startOffset: 3 },
      ]
      scene.replica({ leaderEpoch: 1, isLeader: false, epochs })
    },
    (scene) => scene.replica({ isLeader: false, epochs: [{ epoch: 1, startOffset: 3 }] }),
  ],
  'I6 strong ISR': [
    (scene) => {
      const epochs = [
        { epoch: 0, startOffset: 0 },
        { epoch: 1, startOffset: 5 },
      ]
      scene.place({ ...registration, leaderEpoch: 1 })
      scene.replicas.get('topic-id:0')!.set(3, { ...replica, nodeId: 3, isLeader: false, leaderEpoch: 1 })
      scene.replica({ leaderEpoch: 1, epochs, highWatermark: 8 }, { leaderEpoch: 1, epochs, highWatermark: 5 })
    },
  ],
  'I10 only its own life speaks for a broker': [
    (scene) => {
      scene.image.brokers.set(3, broker(3, { fenced: true }))
      scene.tell((invariant) => invariant.metadataChanged?.(scene))
      scene.image.brokers.set(3, broker(3))
      scene.tell((invariant) => invariant.metadataChanged?.(scene))
    },
    (scene) => {
      scene.tell((invariant) => invariant.metadataChanged?.(scene))
      scene.image.brokers.set(3, broker(3, { inControlledShutdown: true }))
      scene.tell((invariant) => invariant.metadataChanged?.(scene))
    },
  ],
  'I4 high watermark waits for the ISR': [
    (scene) => {
      scene.partitions.set('topic-id:0', new Map([[1, { log: { acknowledgedOffset: 6 } }]]))
      scene.replica({ highWatermark: 7 }, {})
    },
    (scene) => {
      scene.replicas.get('topic-id:0')!.set(3, { ...replica, nodeId: 3, endOffset: 6 })
      scene.replica({ highWatermark: 7 }, {})
    },
  ],
  'I13 enough replicas': [
    (scene) => {
      scene.place({ ...registration, isr: [1] })
      scene.replica({ isr: [1], highWatermark: 6 }, { isr: [1] })
    },
  ],
  'I5 high watermark rises': [
    (scene) => scene.replica({ highWatermark: 11 }),
    (scene) => scene.replica({ highWatermark: 4 }, {}),
    (scene) => scene.replica({ endOffset: 9 }, {}),
  ],
  'I7 logs match': [
    (scene) => {
      scene.replica({ highWatermark: 9 })
      scene.replica({ nodeId: 2, isLeader: false, highWatermark: 9, epochs: [{ epoch: 0, startOffset: 3 }] })
    },
  ],
  'I10 only active brokers join the ISR': [
    (scene) => {
      scene.image.brokers.set(3, broker(3, { fenced: true }))
      scene.partition({}, { isr: [1, 2] })
    },
    (scene) => {
      scene.image.brokers.set(3, broker(3, { inControlledShutdown: true }))
      scene.partition({}, { isr: [1, 2] })
    },
    (scene) => {
      scene.image.brokers.delete(3)
      scene.partition({}, { isr: [1, 2] })
    },
  ],
  'I11 partition epochs rise': [
    (scene) => scene.partition({ partitionEpoch: 0 }),
    (scene) => scene.partition({ leaderEpoch: 0 }, { leaderEpoch: 1 }),
    (scene) => scene.partition({ leader: 2 }),
  ],
  'I12 ISR is consistent': [
    (scene) => scene.partition({ leader: 1, isr: [2, 3] }, { leaderEpoch: 0 }),
    (scene) => {
      scene.replicas.clear()
      scene.partition({ isr: [1, 4] }, { isr: [1, 4] })
    },
    (scene) => scene.partition({ isr: [1], elr: [4] }),
    (scene) => scene.partition({ isr: [1], elr: [1] }),
    (scene) => scene.partition({ isr: [1, 1] }),
    (scene) => scene.partition({ isr: [1, 2], elr: [3] }),
  ],
  'I10 nobody fenced leads': [
    (scene) => {
      scene.image.brokers.set(1, broker(1, { fenced: true }))
      scene.tell((invariant) => invariant.metadataChanged?.(scene))
    },
  ],
  'I1 who died is out of sync': [
    (scene) => {
      scene.tell((invariant) => invariant.metadataChanged?.(scene))
      scene.tell((invariant) => invariant.nodeEnded?.(3, { isLossy: false, isWiped: false, isClean: false, hasRegistered: true }, scene))
      scene.image.brokers.set(3, broker(3, { epoch: 9 }))
      scene.tell((invariant) => invariant.metadataChanged?.(scene))
    },
  ],
  'S6 clean stops keep everything': [
    (scene) => {
      scene.tell((invariant) => invariant.nodeEnded?.(2, { isLossy: true, isWiped: false, isClean: true, hasRegistered: true }, scene))
      scene.replica({ nodeId: 2, isLeader: false, life: 2, endOffset: 9 }, {})
    },
  ],
  'S7 clean stops count once': [
    (scene) => {
      scene.cleanShutdown = Buffer.from('{}')
      scene.tell((invariant) => invariant.metadataChanged?.(scene))
    },
  ],
  'I15 reassignments are consistent': [
    (scene) => scene.partition({ addingReplicas: [4] }),
    (scene) =>
      scene.partition({ replicas: [1, 2, 4], isr: [1, 2] }, { replicas: [1, 2, 3, 4], addingReplicas: [4], removingReplicas: [3] }),
  ],
}

test('a cluster in which all is well violates nothing', () => {
  const scene = new Scene()
  scene.written.set(1, state(5, 1)).set(2, state(5, 1))
  scene.raft({ ...leading, epoch: 5, endOffset: 10 }, {})
  scene.raft({ ...leading, epoch: 5, highWatermark: 10 }, { ...leading, epoch: 5 })
  scene.replica({ highWatermark: 9 }, {})
  scene.replica({ nodeId: 2, isLeader: false, highWatermark: 9 })
  scene.partition({ isr: [1, 2] })
  scene.partition({ leader: 2, leaderEpoch: 1, isr: [2, 3], partitionEpoch: 2 }, { partitionEpoch: 1 })
  scene.tell((invariant) => invariant.metadataChanged?.(scene))
})

for (const [name, acts] of Object.entries(scenes)) {
  acts.forEach((act, index) => {
    test(`${name}: is noticed (${index + 1})`, () => {
      assert.throws(
        () => act(new Scene()),
        (error) => error instanceof Violation && error.invariant === name,
      )
    })
  })
}

test('I13: an ISR that was large enough may have come and gone in one step of a broker that reads the metadata late', () => {
  const scene = new Scene()
  scene.place({ ...registration, isr: [1], partitionEpoch: 6 })
  scene.replica({ isr: [1], highWatermark: 6, partitionEpoch: 6 }, { isr: [1], partitionEpoch: 4 })
})

test('every invariant is seen to fire', () => {
  const names = allInvariants().map(({ name }) => name)
  assert.deepEqual(
    names.filter((name) => !(name in scenes) && name !== 'committed records'),
    [],
  )
})
