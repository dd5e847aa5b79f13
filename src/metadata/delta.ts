import { type QuotaEntity, quotaEntityKey } from './client-quotas.ts'
import type { ConfigResource } from './configs.ts'
import type { AclEntry } from './credentials.ts'
import type { MetadataImage } from './image.ts'
import type { ImageObserver, TopicImage } from './observer.ts'
import { directoryOf, type PartitionRegistration } from './partition.ts'
import type { BrokerRegistration, ControllerRegistration } from './registration.ts'

export interface Change<T> {
  /** Undefined: it did not exist. */
  readonly before: T | undefined
  /** Undefined: it exists no more. */
  readonly after: T | undefined
}
export interface TopicChange {
  readonly topic: TopicImage
  readonly partitions: ReadonlyMap<number, Change<PartitionRegistration>>
}

/**
 * What changed in an image between two moments, each thing once: as it was at the first and as it is at the second. What came and went
 * in between is not in it. Partitions of deleted topics are under `partitionsByTopic` too, with no `after`.
 */
export interface MetadataDelta {
  readonly topicsCreated: ReadonlyMap<string, TopicImage>
  /** As they were; by id. A topic deleted and created again under its name is in both. */
  readonly topicsDeleted: ReadonlyMap<string, TopicImage>
  /** By topic id. */
  readonly partitionsByTopic: ReadonlyMap<string, TopicChange>
  readonly brokers: ReadonlyMap<number, Change<BrokerRegistration>>
  readonly controllers: ReadonlyMap<number, Change<ControllerRegistration>>
  /** Level 0: not finalized. */
  readonly features: ReadonlyMap<string, Change<number>>
  readonly configs: readonly ConfigResource[]
  readonly clientQuotas: readonly QuotaEntity[]
  readonly scramUsers: readonly { readonly mechanism: number; readonly user: string }[]
  readonly acls: ReadonlyMap<string, Change<AclEntry>>
  readonly delegationTokens: ReadonlySet<string>
  readonly producerIds: boolean
  readonly isEmpty: boolean
}

const note = <K, V>(changes: Map<K, Change<V>>, key: K, before: V | undefined, after: V | undefined): void => {
  const first = changes.has(key) ? changes.get(key)!.before : before
  if (first === after) changes.delete(key)
  else changes.set(key, { before: first, after })
}

class Collected implements MetadataDelta {
  readonly topicsCreated = new Map<string, TopicImage>()
  readonly topicsDeleted = new Map<string, TopicImage>()
  readonly partitionsByTopic = new Map<string, { topic: TopicImage; partitions: Map<number, Change<PartitionRegistration>> }>()
  readonly brokers = new Map<number, Change<BrokerRegistration>>()
  readonly controllers = new Map<number, Change<ControllerRegistration>>()
  readonly features = new Map<string, Change<number>>()
  readonly configsByKey = new Map<string, ConfigResource>()
  readonly quotasByKey = new Map<string, QuotaEntity>()
  readonly scramByKey = new Map<string, { mechanism: number; user: string }>()
  readonly acls = new Map<string, Change<AclEntry>>()
  readonly delegationTokens = new Set<string>()
  producerIds = false

  get configs(): readonly ConfigResource[] {
    return [...this.configsByKey.values()]
  }
  get clientQuotas(): readonly QuotaEntity[] {
    return [...this.quotasByKey.values()]
  }
  get scramUsers(): readonly { mechanism: number; user: string }[] {
    return [...this.scramByKey.values()]
  }
  get isEmpty(): boolean {
    const sized = [
      this.topicsCreated,
      this.topicsDeleted,
      this.partitionsByTopic,
      this.brokers,
      this.controllers,
      this.features,
      this.configsByKey,
      this.quotasByKey,
      this.scramByKey,
      this.acls,
      this.delegationTokens,
    ]
    return !this.producerIds && sized.every(({ size }) => size === 0)
  }
}

/** Collects what changes in an image, until someone takes it. */
export class DeltaRecorder implements ImageObserver {
  private collected = new Collected()
  readonly stop: () => void

  constructor(image: MetadataImage) {
    this.stop = image.observe(this)
  }

  /** What changed since the last call. */
  take(): MetadataDelta {
    const taken = this.collected
    this.collected = new Collected()
    return taken
  }

  topicCreated(topic: TopicImage): void {
    this.collected.topicsCreated.set(topic.id, topic)
  }
  topicDeleted(topic: TopicImage): void {
    if (this.collected.topicsCreated.delete(topic.id)) this.collected.partitionsByTopic.delete(topic.id)
    else this.collected.topicsDeleted.set(topic.id, topic)
  }
  partitionChanged(
    topic: TopicImage,
    partitionId: number,
    before: PartitionRegistration | undefined,
    after: PartitionRegistration | undefined,
  ): void {
    let change = this.collected.partitionsByTopic.get(topic.id)
    if (change === undefined) this.collected.partitionsByTopic.set(topic.id, (change = { topic, partitions: new Map() }))
    note(change.partitions, partitionId, before, after)
  }
  brokerChanged(id: number, before: BrokerRegistration | undefined, after: BrokerRegistration | undefined): void {
    note(this.collected.brokers, id, before, after)
  }
  controllerChanged(id: number, before: ControllerRegistration | undefined, after: ControllerRegistration | undefined): void {
    note(this.collected.controllers, id, before, after)
  }
  featureChanged(name: string, before: number, after: number): void {
    note(this.collected.features, name, before, after)
  }
  configChanged(resource: ConfigResource): void {
    this.collected.configsByKey.set(`${resource.type}:${resource.name}`, resource)
  }
  clientQuotaChanged(entity: QuotaEntity): void {
    this.collected.quotasByKey.set(quotaEntityKey(entity), entity)
  }
  scramChanged(mechanism: number, user: string): void {
    this.collected.scramByKey.set(`${mechanism}:${user}`, { mechanism, user })
  }
  aclChanged(id: string, before: AclEntry | undefined, after: AclEntry | undefined): void {
    note(this.collected.acls, id, before, after)
  }
  delegationTokenChanged(tokenId: string): void {
    this.collected.delegationTokens.add(tokenId)
  }
  producerIdsChanged(): void {
    this.collected.producerIds = true
  }
}

export interface LocalPartition {
  readonly topic: TopicImage
  readonly partitionId: number
  readonly partition: PartitionRegistration
  /** It has another leader epoch than before, or is new here. */
  readonly isNewLeaderEpoch: boolean
}
/** What a broker has to do about its own replicas. */
export interface LocalReplicaChanges {
  /** Replicas to give up: of deleted topics, and of partitions that were moved elsewhere (`isTopicDeleted` false). */
  readonly deleted: readonly { readonly topic: TopicImage; readonly partitionId: number; readonly isTopicDeleted: boolean }[]
  readonly leaders: readonly LocalPartition[]
  readonly followers: readonly LocalPartition[]
  /** Replicas whose directory the controller now records differently. */
  readonly directories: readonly { readonly topic: TopicImage; readonly partitionId: number; readonly directory: string }[]
}

export const localChanges = (delta: MetadataDelta, brokerId: number): LocalReplicaChanges => {
  const deleted: LocalReplicaChanges['deleted'][number][] = []
  const leaders: LocalPartition[] = []
  const followers: LocalPartition[] = []
  const directories: LocalReplicaChanges['directories'][number][] = []
  for (const { topic, partitions } of delta.partitionsByTopic.values())
    for (const [partitionId, { before, after }] of partitions) {
      const wasHere = before?.replicas.includes(brokerId) ?? false
      if (after === undefined || !after.replicas.includes(brokerId)) {
        if (wasHere) deleted.push({ topic, partitionId, isTopicDeleted: after === undefined })
        continue
      }
      if (before?.partitionEpoch !== after.partitionEpoch) {
        const isNewLeaderEpoch = before?.leaderEpoch !== after.leaderEpoch
        const list = after.leader === brokerId ? leaders : followers
        list.push({ topic, partitionId, partition: after, isNewLeaderEpoch })
      }
      const directory = directoryOf(after, brokerId)
      if (!wasHere || directoryOf(before!, brokerId) !== directory) directories.push({ topic, partitionId, directory })
    }
  return { deleted, leaders, followers, directories }
}
