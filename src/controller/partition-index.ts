import {
  type BrokerRegistration,
  hasCollisionCharacters,
  hasPreferredLeader,
  type ImageObserver,
  isReassigning,
  isReservedDirectory,
  type MetadataImage,
  NO_LEADER,
  type PartitionRegistration,
  type TopicImage,
  unifyCollisionCharacters,
} from '../metadata/index.ts'

/** Partitions as topic id and partition id. */
export class PartitionSet {
  private readonly byTopic = new Map<string, Set<number>>()

  get isEmpty(): boolean {
    return this.byTopic.size === 0
  }
  has(topicId: string, partitionId: number): boolean {
    return this.byTopic.get(topicId)?.has(partitionId) ?? false
  }
  add(topicId: string, partitionId: number): void {
    let partitions = this.byTopic.get(topicId)
    if (partitions === undefined) this.byTopic.set(topicId, (partitions = new Set()))
    partitions.add(partitionId)
  }
  delete(topicId: string, partitionId: number): void {
    const partitions = this.byTopic.get(topicId)
    if (partitions?.delete(partitionId) && partitions.size === 0) this.byTopic.delete(topicId)
  }
  *[Symbol.iterator](): Generator<[topicId: string, partitionId: number]> {
    for (const [topicId, partitions] of this.byTopic) for (const partitionId of partitions) yield [topicId, partitionId]
  }
}
const EMPTY = new PartitionSet()

const moved = <K>(index: Map<K, PartitionSet>, topicId: string, partitionId: number, before: readonly K[], after: readonly K[]): void => {
  if (before === after) return
  for (const key of before)
    if (!after.includes(key)) {
      const set = index.get(key)
      set?.delete(topicId, partitionId)
      if (set?.isEmpty) index.delete(key)
    }
  for (const key of after) {
    let set = index.get(key)
    if (set === undefined) index.set(key, (set = new PartitionSet()))
    set.add(topicId, partitionId)
  }
}
const NONE: readonly never[] = []

/** What the controller looks up by something else than the topic, kept up to date as the image changes. */
export class PartitionIndex implements ImageObserver {
  private readonly byIsrMember = new Map<number, PartitionSet>()
  private readonly byElrMember = new Map<number, PartitionSet>()
  private readonly byDirectory = new Map<string, PartitionSet>()
  private readonly leaderships = new Map<number, number>()
  private readonly byUnifiedName = new Map<string, Set<string>>()
  private readonly directoryOwners = new Map<string, number>()
  readonly leaderless: PartitionSet = new PartitionSet()
  readonly reassigning: PartitionSet = new PartitionSet()
  /** Led by another than the preferred replica. */
  readonly imbalanced: PartitionSet = new PartitionSet()

  constructor(image: MetadataImage) {
    for (const topic of image.topicsById.values()) {
      this.topicCreated(topic)
      for (const [partitionId, partition] of topic.partitions) this.partitionChanged(topic, partitionId, undefined, partition)
    }
    for (const [id, broker] of image.brokers) this.brokerChanged(id, undefined, broker)
    image.observe(this)
  }

  withBrokerInIsr(brokerId: number): PartitionSet {
    return this.byIsrMember.get(brokerId) ?? EMPTY
  }
  withBrokerInElr(brokerId: number): PartitionSet {
    return this.byElrMember.get(brokerId) ?? EMPTY
  }
  inDirectory(directory: string): PartitionSet {
    return this.byDirectory.get(directory) ?? EMPTY
  }
  hasLeaderships(brokerId: number): boolean {
    return (this.leaderships.get(brokerId) ?? 0) > 0
  }
  /** A topic whose metrics would be called the same. */
  collidingTopic(name: string): string | undefined {
    if (!hasCollisionCharacters(name)) return undefined
    return this.byUnifiedName.get(unifyCollisionCharacters(name))?.values().next().value
  }
  directoryOwner(directory: string): number | undefined {
    return this.directoryOwners.get(directory)
  }

  topicCreated(topic: TopicImage): void {
    if (!hasCollisionCharacters(topic.name)) return
    const unified = unifyCollisionCharacters(topic.name)
    const names = this.byUnifiedName.get(unified)
    if (names === undefined) this.byUnifiedName.set(unified, new Set([topic.name]))
    else names.add(topic.name)
  }
  topicDeleted(topic: TopicImage): void {
    const unified = unifyCollisionCharacters(topic.name)
    const names = this.byUnifiedName.get(unified)
    if (names?.delete(topic.name) && names.size === 0) this.byUnifiedName.delete(unified)
  }

  partitionChanged(
    { id }: TopicImage,
    partitionId: number,
    before: PartitionRegistration | undefined,
    after: PartitionRegistration | undefined,
  ): void {
    moved(this.byIsrMember, id, partitionId, before?.isr ?? NONE, after?.isr ?? NONE)
    moved(this.byElrMember, id, partitionId, before?.elr ?? NONE, after?.elr ?? NONE)
    if (before?.directories !== after?.directories) this.directoriesChanged(id, partitionId, before, after)
    if (before !== undefined) this.countLeader(before.leader, -1)
    if (after !== undefined) this.countLeader(after.leader, 1)
    const put = (set: PartitionSet, belongs: boolean): void => (belongs ? set.add(id, partitionId) : set.delete(id, partitionId))
    put(this.leaderless, after?.leader === NO_LEADER)
    put(this.reassigning, after !== undefined && isReassigning(after))
    put(this.imbalanced, after !== undefined && !hasPreferredLeader(after))
  }
  private directoriesChanged(
    topicId: string,
    partitionId: number,
    before: PartitionRegistration | undefined,
    after: PartitionRegistration | undefined,
  ): void {
    const real = (partition: PartitionRegistration | undefined): string[] =>
      partition?.directories.filter((directory) => !isReservedDirectory(directory)) ?? []
    moved(this.byDirectory, topicId, partitionId, real(before), real(after))
  }
  private countLeader(brokerId: number, difference: number): void {
    if (brokerId !== NO_LEADER) this.leaderships.set(brokerId, (this.leaderships.get(brokerId) ?? 0) + difference)
  }

  brokerChanged(id: number, before: BrokerRegistration | undefined, after: BrokerRegistration | undefined): void {
    if (before?.directories === after?.directories) return
    for (const directory of before?.directories ?? [])
      if (this.directoryOwners.get(directory) === id) this.directoryOwners.delete(directory)
    for (const directory of after?.directories ?? []) if (!this.directoryOwners.has(directory)) this.directoryOwners.set(directory, id)
  }
}
