import { crc32c } from '../../src/base/index.ts'
import { BrokerLifecycle } from '../../src/broker/broker-lifecycle.ts'
import type { Broker } from '../../src/broker/index.ts'
import { decodeRecord, type ImageObserver, MetadataImage, type PartitionRegistration, type TopicImage } from '../../src/metadata/index.ts'
import { Errors } from '../../src/protocol/index.ts'
import { type CommittedBatch, RaftDriver, type RaftListener, type SnapshotReader } from '../../src/raft/index.ts'
import { Partition, Partitions } from '../../src/replica/index.ts'
import { type Cluster, idOf, nameOf } from './cluster.ts'
import {
  allInvariants,
  type BrokerLife,
  CommittedRecords,
  type Invariant,
  type NodeEnd,
  type Observed,
  type RaftView,
  type ReplicaView,
  Violation,
} from './invariants/index.ts'

/** What a node is made of, as far as it is looked at. */
interface Parts {
  driver: RaftDriver | undefined
  partitions: Partitions | undefined
  life: BrokerLife | undefined
}

/** Whoever watches the cluster that runs in this thread: nodes are noticed when they are made, long before they serve. */
let watching: Watch | undefined

const register = RaftDriver.prototype.register
RaftDriver.prototype.register = function (listener: RaftListener): void {
  register.call(this, listener)
  watching?.raftMade(this)
}
const observe = Partitions.prototype.observe
Partitions.prototype.observe = function (observer): void {
  observe.call(this, observer)
  watching?.partitionsMade(this)
}
const registerBroker = BrokerLifecycle.prototype.register
BrokerLifecycle.prototype.register = function (): Promise<void> {
  watching?.brokerRegisters(this)
  return registerBroker.call(this)
}
const { followerFetched, checkLeaderEpoch } = Partition.prototype
Partition.prototype.followerFetched = function (fetch) {
  const errorCode = followerFetched.call(this, fetch)
  if (errorCode === Errors.NONE) watching?.fetchCounted(this, fetch)
  return errorCode
}
Partition.prototype.checkLeaderEpoch = function (requested, onlyFromLeader) {
  const errorCode = checkLeaderEpoch.call(this, requested, onlyFromLeader)
  if (errorCode === Errors.NONE) watching?.epochAccepted(this, requested)
  return errorCode
}

/** Fields that are nobody else's concern. */
interface Insides {
  readonly nodeId: number
  readonly leadership: { readonly isr: { readonly proposal: { readonly isr: readonly number[] } | undefined } } | undefined
  readonly settings: { readonly nodeId: number }
}
const insidesOf = (value: object): Insides => value as Insides
const proposalOf = (partition: Partition): readonly number[] | undefined => insidesOf(partition).leadership?.isr.proposal?.isr

/**
 * Looks at every node after each of its steps, and tells the invariants what has changed. It sees what the nodes themselves see (views of
 * their raft cores, logs and partitions), all of them at once, and keeps what no node keeps: what was committed and by whom.
 */
export class Watch implements Observed {
  readonly rafts = new Map<number, RaftView>()
  readonly replicas = new Map<string, Map<number, ReplicaView>>()
  readonly drivers = new Map<number, RaftDriver>()
  readonly partitions = new Map<string, Map<number, Partition>>()
  readonly image = new MetadataImage()
  readonly #invariants: readonly Invariant[]
  readonly #records = new CommittedRecords()
  readonly #cluster: () => Cluster
  readonly #parts = new Map<number, Parts>()
  readonly #lives = new Map<number, number>()
  readonly #views = new Map<Partition, ReplicaView>()
  #nextOffset = 0
  #changes: { topic: TopicImage; index: number; before: PartitionRegistration | undefined; after: PartitionRegistration | undefined }[] = []
  /** The first thing that did not hold. */
  violation: Violation | undefined
  readonly defaultMinIsr: number

  constructor(cluster: () => Cluster, defaultMinIsr: number) {
    this.#cluster = cluster
    this.#invariants = allInvariants(this.#records)
    this.defaultMinIsr = defaultMinIsr
    const observer: ImageObserver = {
      partitionChanged: (topic, index, before, after) => void this.#changes.push({ topic, index, before, after }),
    }
    this.image.observe(observer)
    watching = this
  }

  end(): void {
    if (watching === this) watching = undefined
  }

  isAlive(nodeId: number): boolean {
    return this.#cluster().world.isAlive(nameOf(nodeId))
  }
  durable(nodeId: number, path: string): Buffer | undefined {
    return this.#cluster().world.storage(nameOf(nodeId))?.durable(path)
  }
  servingEpoch(nodeId: number): number | undefined {
    const running = this.#cluster().running.get(nodeId) as Partial<Broker> | undefined
    return running?.lifecycle?.state === 'running' ? running.lifecycle.epoch : undefined
  }
  brokerLife(nodeId: number): BrokerLife | undefined {
    return this.#parts.get(nodeId)?.life
  }
  minIsr({ name }: TopicImage, { replicas }: PartitionRegistration): number {
    const value = this.image.configs.of(2, name).get('min.insync.replicas')
    return Math.min(value === undefined ? this.defaultMinIsr : Number(value), replicas.length)
  }

  raftMade(driver: RaftDriver): void {
    const { id } = driver.parts.self
    if (this.drivers.get(id) === driver) return
    this.drivers.set(id, driver)
    this.#partsOf(id).driver = driver
    this.#lives.set(id, (this.#lives.get(id) ?? 0) + 1)
    register.call(driver, this.#listener(id, driver))
  }

  partitionsMade(partitions: Partitions): void {
    this.#partsOf(insidesOf(partitions).nodeId).partitions = partitions
  }

  brokerRegisters(lifecycle: BrokerLifecycle): void {
    this.#partsOf(insidesOf(lifecycle).settings.nodeId).life = lifecycle as unknown as BrokerLife
  }

  fetchCounted(partition: Partition, { replicaId: followerId, offset }: { readonly replicaId: number; readonly offset: number }): void {
    const { name, leaderEpoch, topicId, index } = partition
    const fetch = { key: `${topicId}:${index}`, name, leaderId: insidesOf(partition).nodeId, leaderEpoch, followerId, offset }
    this.#guarded(() => this.#tell((invariant) => invariant.fetchCounted?.(fetch, this)))
  }

  epochAccepted({ name, leaderEpoch }: Partition, requested: number): void {
    this.#guarded(() => this.#tell((invariant) => invariant.epochAccepted?.(name, requested, leaderEpoch)))
  }

  /** Up to where some leader has ever known the partition to be replicated. */
  replicatedEnd(topic: string, partition: number): number {
    return this.#records.endOf(`${this.image.topic(topic)?.id}:${partition}`)
  }

  /** Something did not hold that others than the invariants look after. */
  fail(invariant: string, message: string): void {
    this.violation ??= new Violation(invariant, message)
  }

  /** The process of a node is gone. */
  ended(nodeId: number, how: Omit<NodeEnd, 'hasRegistered'>): void {
    const hasRegistered = this.#parts.get(nodeId)?.life !== undefined
    this.#parts.delete(nodeId)
    for (const invariant of this.#invariants) invariant.nodeEnded?.(nodeId, { ...how, hasRegistered }, this)
  }

  /** After a step of a host. Cheap when nothing has changed, as mostly. */
  step(host: string): void {
    const id = idOf(host)
    const parts = id === undefined ? undefined : this.#parts.get(id)
    if (this.violation !== undefined) throw this.violation
    if (id === undefined || parts === undefined) return
    if (parts.driver !== undefined) this.#lookAtRaft(id, parts.driver)
    if (parts.partitions !== undefined) for (const partition of parts.partitions.all()) this.#lookAtReplica(id, partition)
  }

  #partsOf(id: number): Parts {
    let parts = this.#parts.get(id)
    if (parts === undefined) this.#parts.set(id, (parts = { driver: undefined, partitions: undefined, life: undefined }))
    return parts
  }

  #lookAtRaft(nodeId: number, driver: RaftDriver): void {
    const { core } = driver
    const before = this.rafts.get(nodeId)
    const { log } = core
    const life = this.#lives.get(nodeId)!
    if (
      before !== undefined &&
      before.life === life &&
      before.endOffset === log.endOffset &&
      before.highWatermark === core.highWatermark &&
      before.epoch === core.epoch &&
      before.role === core.role &&
      before.isLed === core.isLed &&
      before.leaderId === core.leader.leaderId &&
      before.votedId === core.votedId &&
      before.startOffset === log.startOffset &&
      before.snapshotOffset === log.latestSnapshot?.offset &&
      before.epochs.length === log.epochs.length
    )
      return
    const { progress } = core
    const now: RaftView = {
      ...{ nodeId, life, epoch: core.epoch, role: core.role, leaderId: core.leader.leaderId, votedId: core.votedId },
      directoryId: core.self.directoryId,
      ...{ startOffset: log.startOffset, endOffset: log.endOffset, highWatermark: core.highWatermark },
      snapshotOffset: log.latestSnapshot?.offset,
      epochs: before !== undefined && sameEpochs(before.epochs, log.epochs) ? before.epochs : log.epochs.map((entry) => ({ ...entry })),
      voterIds: core.voters.ids,
      isLed: core.isLed,
      epochStartOffset: progress?.epochStartOffset,
      grantingIds: progress?.grantingIds ?? [],
    }
    if (this.#cluster().world.isRemarked) this.#remark(nodeId, describeRaft(now))
    for (const invariant of this.#invariants) invariant.raftChanged?.(now, before, this)
    this.rafts.set(nodeId, now)
  }

  #lookAtReplica(nodeId: number, partition: Partition): void {
    const { log, registration } = partition
    const seen = this.#views.get(partition)
    const proposal = proposalOf(partition)
    if (
      seen !== undefined &&
      seen.endOffset === log.logEndOffset &&
      seen.highWatermark === log.highWatermark &&
      seen.partitionEpoch === registration.partitionEpoch &&
      seen.startOffset === log.logStartOffset &&
      seen.proposal === proposal &&
      seen.epochs.length === log.epochs.entries.length
    )
      return
    const key = `${partition.topicId}:${partition.index}`
    let views = this.replicas.get(key)
    if (views === undefined) this.replicas.set(key, (views = new Map()))
    const before = views.get(nodeId)
    const now: ReplicaView = {
      ...{ nodeId, life: this.#lives.get(nodeId)!, key, name: partition.name },
      ...{
        isLeader: partition.isLeader,
        leaderEpoch: partition.leaderEpoch,
        partitionEpoch: registration.partitionEpoch,
        isr: registration.isr,
        proposal,
      },
      minInsyncReplicas: partition.minInsyncReplicas,
      ...{ startOffset: log.logStartOffset, endOffset: log.logEndOffset, highWatermark: log.highWatermark },
      epochs: before !== undefined && sameEpochs(before.epochs, log.epochs.entries) ? before.epochs : [...log.epochs.entries],
    }
    let parts = this.partitions.get(key)
    if (parts === undefined) this.partitions.set(key, (parts = new Map()))
    parts.set(nodeId, partition)
    views.set(nodeId, now)
    this.#views.set(partition, now)
    if (this.#cluster().world.isRemarked) this.#remark(nodeId, describeReplica(now))
    for (const invariant of this.#invariants) invariant.replicaChanged?.(now, before, this)
  }

  #remark(nodeId: number, text: string): void {
    this.#cluster().world.remark(nameOf(nodeId), text)
  }

  #listener(nodeId: number, driver: RaftDriver): RaftListener {
    let isFirst = true
    return {
      onCommit: (batch) => {
        isFirst = false
        this.#guarded(() => this.#committed(nodeId, batch))
      },
      onLoadSnapshot: (snapshot) => {
        const { offset } = snapshot.snapshotId
        if (!isFirst) this.#guarded(() => this.#tell((invariant) => invariant.snapshotLoaded?.(nodeId, offset, driver.isLeader, this)))
        isFirst = false
        return this.#snapshotLoaded(snapshot)
      },
      onLeaderChange: () => {},
    }
  }

  /** In a listener nobody would hear of it. */
  #guarded(look: () => void): void {
    if (this.violation !== undefined) return
    try {
      look()
    } catch (error) {
      if (!(error instanceof Violation)) throw error
      this.violation = error
    }
  }

  #committed(nodeId: number, batch: CommittedBatch): void {
    let sum = 0
    for (const record of batch.records) sum = crc32c(record, 0, record.length, sum)
    for (const invariant of this.#invariants) invariant.committed?.({ nodeId, batch, sum }, this)
    if (batch.baseOffset !== this.#nextOffset) return
    const { baseOffset, lastOffset, epoch, appendTimestamp } = batch
    // Records are views: what the image keeps is decoded from them here.
    const records = batch.records.map((record) => decodeRecord(Buffer.from(record)))
    this.image.replayBatch({ baseOffset, offset: lastOffset, epoch, timestampMs: appendTimestamp, records })
    this.#nextOffset = lastOffset + 1
    this.#tellOfChanges()
  }

  #tell(of: (invariant: Invariant) => void): void {
    for (const invariant of this.#invariants) of(invariant)
  }

  /** What nobody has told of batch by batch. */
  async #snapshotLoaded(snapshot: SnapshotReader): Promise<void> {
    const { offset, epoch } = snapshot.snapshotId
    if (snapshot.isBootstrap || offset <= this.#nextOffset) return
    const records = []
    for await (const values of snapshot.batches()) for (const value of values) records.push(decodeRecord(Buffer.from(value)))
    if (offset <= this.#nextOffset) return
    this.image.loadSnapshot(records, { offset: offset - 1, epoch, timestampMs: snapshot.lastContainedLogTimestamp })
    this.#nextOffset = offset
    this.#guarded(() => this.#tellOfChanges())
  }

  #tellOfChanges(): void {
    const changes = this.#changes
    this.#changes = []
    for (const { topic, index, before, after } of changes)
      for (const invariant of this.#invariants) invariant.partitionChanged?.(topic, index, before, after, this)
    for (const invariant of this.#invariants) invariant.metadataChanged?.(this)
  }
}

const describeRaft = ({ role, epoch, leaderId, votedId, endOffset, highWatermark, startOffset }: RaftView): string =>
  `metadata ${role} of epoch ${epoch}, leader ${leaderId ?? '–'}, vote ${votedId ?? '–'}, ${startOffset} ≤ ${highWatermark ?? '?'} ≤ ${endOffset}`

const describeReplica = ({
  name,
  isLeader,
  leaderEpoch,
  partitionEpoch,
  isr,
  startOffset,
  endOffset,
  highWatermark,
  epochs,
}: ReplicaView): string =>
  `${name} ${isLeader ? 'leads' : 'follows'} epoch ${leaderEpoch}.${partitionEpoch}, ISR ${isr}, ${startOffset} ≤ ${highWatermark} ≤ ${endOffset}, epochs ${epochs.map(({ epoch, startOffset: start }) => `${epoch}@${start}`).join(' ')}`

const sameEpochs = (a: readonly { epoch: number; startOffset: number }[], b: readonly { epoch: number; startOffset: number }[]): boolean =>
  a.length === b.length && a.every(({ epoch, startOffset }, at) => epoch === b[at]!.epoch && startOffset === b[at]!.startOffset)
