import { ClientQuotasImage, type QuotaEntity } from './client-quotas.ts'
import { ConfigResourceTypes, ConfigsImage } from './configs.ts'
import { type AclEntry, type DelegationToken, type ScramCredential, ScramImage } from './credentials.ts'
import { ELIGIBLE_LEADER_REPLICAS_VERSION, KRAFT_VERSION, METADATA_VERSION, metadataVersionLevel } from './features.ts'
import type { ImageObserver, TopicImage } from './observer.ts'
import { mergePartition, type PartitionRegistration, partitionFromRecord, withoutElr } from './partition.ts'
import type { MetadataMessage, MetadataRecord } from './records.ts'
import {
  type BrokerRegistration,
  brokerFromRecord,
  type ControllerRegistration,
  changeBroker,
  controllerFromRecord,
  type RegistrationChange,
} from './registration.ts'
import { differenceToRecords } from './snapshot.ts'

/** How far the image reaches: the last record in it, its epoch and when its batch was appended. Offset -1: nothing yet. */
export interface Provenance {
  readonly offset: number
  readonly epoch: number
  readonly timestampMs: number
}
export const NO_PROVENANCE: Provenance = { offset: -1, epoch: -1, timestampMs: -1 }

/** A batch of the metadata log with its records decoded; control batches have none. */
export interface MetadataBatch extends Provenance {
  readonly baseOffset: number
  /** `offset` is the last offset of the batch. */
  readonly records: readonly MetadataRecord[]
}

/** The metadata log contradicts itself or this build: the node cannot go on with it. */
export class ReplayError extends Error {
  override name = 'ReplayError'
}

interface MutableTopic extends TopicImage {
  readonly partitions: Map<number, PartitionRegistration>
}
interface Pending {
  readonly record: MetadataRecord
  readonly offset: number
}

/**
 * Everything the cluster agreed on, as replayed from the metadata log. `replay` is the only mutator; readers look things up in maps and
 * may keep registrations, which are immutable, but not the maps.
 *
 * Invariant: the records of a metadata transaction (KIP-868) take effect together at its end, or never.
 */
export class MetadataImage {
  /** Finalized levels above 0, metadata.version included. kraft.version belongs to the raft log, not to the image. */
  readonly features: Map<string, number> = new Map()
  readonly brokers: Map<number, BrokerRegistration> = new Map()
  readonly controllers: Map<number, ControllerRegistration> = new Map()
  readonly topicsByName: Map<string, TopicImage> = new Map()
  readonly topicsById: Map<string, TopicImage> = new Map()
  readonly configs: ConfigsImage = new ConfigsImage()
  readonly clientQuotas: ClientQuotasImage = new ClientQuotasImage()
  readonly scram: ScramImage = new ScramImage()
  readonly acls: Map<string, AclEntry> = new Map()
  readonly delegationTokens: Map<string, DelegationToken> = new Map()
  /** First producer id that no block handed out contains; -1: none handed out yet. */
  nextProducerId = -1
  provenance: Provenance = NO_PROVENANCE

  /** Records of the transaction under way; null outside of one. */
  private pending: Pending[] | null = null
  /** Offset of the BeginTransactionRecord; -1 outside of a transaction. */
  transactionStartOffset = -1
  private readonly observers = new Set<ImageObserver>()

  get metadataVersion(): number {
    return this.features.get(METADATA_VERSION) ?? 0
  }
  get isElrEnabled(): boolean {
    return (this.features.get(ELIGIBLE_LEADER_REPLICAS_VERSION) ?? 0) >= 1
  }
  topic(name: string): TopicImage | undefined {
    return this.topicsByName.get(name)
  }
  topicById(id: string): TopicImage | undefined {
    return this.topicsById.get(id)
  }
  partition(topicName: string, partitionId: number): PartitionRegistration | undefined {
    return this.topicsByName.get(topicName)?.partitions.get(partitionId)
  }
  /** -1 when the broker is not registered. */
  brokerEpoch(id: number): number {
    return this.brokers.get(id)?.epoch ?? -1
  }

  /** Returns what ends the observation. */
  observe(observer: ImageObserver): () => void {
    this.observers.add(observer)
    return () => this.observers.delete(observer)
  }

  /** Applies a committed batch and moves the provenance, unless a transaction is open at its end. @throws ReplayError */
  replayBatch(batch: MetadataBatch): void {
    let offset = batch.baseOffset
    for (const record of batch.records) {
      this.replay(record, offset)
      if (this.pending === null) this.provenance = { offset, epoch: batch.epoch, timestampMs: batch.timestampMs }
      offset++
    }
    if (this.pending === null) this.provenance = { offset: batch.offset, epoch: batch.epoch, timestampMs: batch.timestampMs }
  }

  /**
   * Becomes what a snapshot says; observers are told of the differences only. A broker that the snapshot registers counts as registered
   * at the snapshot's end, which is never before its record.
   */
  loadSnapshot(records: Iterable<MetadataRecord>, provenance: Provenance): void {
    const next = new MetadataImage()
    for (const record of records) next.replay(record, provenance.offset)
    if (next.pending !== null) throw new ReplayError('a snapshot cannot end inside of a transaction')
    this.pending = null
    this.transactionStartOffset = -1
    for (const record of [...differenceToRecords(this, next)]) this.replay(record, provenance.offset)
    for (const [id, before] of [...this.controllers])
      if (!next.controllers.has(id)) {
        this.controllers.delete(id)
        for (const observer of this.observers) observer.controllerChanged?.(id, before, undefined)
      }
    this.provenance = provenance
  }

  /** An image with the same contents and no observers; registrations are shared. Costs as much as there are partitions. */
  copy(): MetadataImage {
    const copy = new MetadataImage()
    for (const [name, level] of this.features) copy.features.set(name, level)
    for (const [id, broker] of this.brokers) copy.brokers.set(id, broker)
    for (const [id, controller] of this.controllers) copy.controllers.set(id, controller)
    for (const { name, id, partitions } of this.topicsById.values()) {
      const topic: MutableTopic = { name, id, partitions: new Map(partitions) }
      copy.topicsById.set(id, topic)
      copy.topicsByName.set(name, topic)
    }
    for (const [{ type, name }, configs] of this.configs.entries())
      for (const [key, value] of configs) copy.configs.set(type, name, key, value)
    for (const { entity, quotas } of this.clientQuotas.values())
      for (const [key, value] of quotas) copy.clientQuotas.set(entity, key, value)
    for (const [mechanism, users] of this.scram.byMechanism)
      for (const [user, credential] of users) copy.scram.set(mechanism, user, credential)
    for (const [id, acl] of this.acls) copy.acls.set(id, acl)
    for (const [id, token] of this.delegationTokens) copy.delegationTokens.set(id, token)
    copy.nextProducerId = this.nextProducerId
    copy.provenance = this.provenance
    copy.pending = this.pending === null ? null : [...this.pending]
    copy.transactionStartOffset = this.transactionStartOffset
    return copy
  }

  /** @throws ReplayError when the record cannot follow those before it. */
  replay(record: MetadataRecord, offset: number): void {
    try {
      this.replayOne(record, offset)
    } catch (error) {
      throw new ReplayError(`${record.name} at offset ${offset}: ${(error as Error).message}`, { cause: error })
    }
  }

  private replayOne(record: MetadataRecord, offset: number): void {
    switch (record.name) {
      case 'BeginTransactionRecord':
        if (this.pending !== null) throw new Error(`a transaction is open since offset ${this.transactionStartOffset}`)
        this.pending = []
        this.transactionStartOffset = offset
        return
      case 'EndTransactionRecord': {
        const pending = this.closeTransaction()
        for (const one of pending) this.apply(one.record, one.offset)
        return
      }
      case 'AbortTransactionRecord':
        this.closeTransaction()
        return
      default:
        if (this.pending !== null) this.pending.push({ record, offset })
        else this.apply(record, offset)
    }
  }

  private closeTransaction(): Pending[] {
    const { pending } = this
    if (pending === null) throw new Error('no transaction is open')
    this.pending = null
    this.transactionStartOffset = -1
    return pending
  }

  private apply(record: MetadataRecord, offset: number): void {
    switch (record.name) {
      case 'FeatureLevelRecord':
        return this.applyFeature(record.message)
      case 'RegisterBrokerRecord':
        return this.putBroker(record.message.brokerId, brokerFromRecord(record.message, offset))
      case 'UnregisterBrokerRecord':
        this.brokerAt(record.message.brokerId, record.message.brokerEpoch)
        return this.putBroker(record.message.brokerId, undefined)
      case 'FenceBrokerRecord':
        return this.changeBroker(record.message.id, record.message.epoch, { fenced: true })
      case 'UnfenceBrokerRecord':
        return this.changeBroker(record.message.id, record.message.epoch, { fenced: false })
      case 'BrokerRegistrationChangeRecord':
        return this.changeBroker(record.message.brokerId, record.message.brokerEpoch, registrationChange(record.message))
      case 'RegisterControllerRecord':
        return this.applyController(record.message)
      case 'TopicRecord':
        return this.applyTopic(record.message)
      case 'RemoveTopicRecord':
        return this.applyRemoveTopic(record.message)
      case 'PartitionRecord':
        return this.putPartition(record.message.topicId, record.message.partitionId, () => partitionFromRecord(record.message))
      case 'PartitionChangeRecord':
        return this.putPartition(record.message.topicId, record.message.partitionId, (before) => {
          if (before === undefined) throw new Error(`no partition ${record.message.topicId}:${record.message.partitionId}`)
          return mergePartition(before, record.message)
        })
      case 'ClearElrRecord':
        return this.applyClearElr(record.message)
      case 'ConfigRecord':
        return this.applyConfig(record.message)
      case 'ClientQuotaRecord':
        return this.applyClientQuota(record.message)
      case 'ProducerIdsRecord':
        this.nextProducerId = record.message.nextProducerId
        for (const observer of this.observers) observer.producerIdsChanged?.(this.nextProducerId)
        return
      case 'AccessControlEntryRecord':
        return this.putAcl(record.message.id, record.message)
      case 'RemoveAccessControlEntryRecord':
        return this.putAcl(record.message.id, undefined)
      case 'UserScramCredentialRecord':
        this.scram.set(record.message.mechanism, record.message.name, scramCredential(record.message))
        return this.scramChanged(record.message.mechanism, record.message.name)
      case 'RemoveUserScramCredentialRecord':
        this.scram.delete(record.message.mechanism, record.message.name)
        return this.scramChanged(record.message.mechanism, record.message.name)
      case 'DelegationTokenRecord':
        this.delegationTokens.set(record.message.tokenId, record.message)
        return this.tokenChanged(record.message.tokenId)
      case 'RemoveDelegationTokenRecord':
        this.delegationTokens.delete(record.message.tokenId)
        return this.tokenChanged(record.message.tokenId)
      case 'NoOpRecord':
      case 'ZkMigrationStateRecord':
        return
      case 'BeginTransactionRecord':
      case 'EndTransactionRecord':
      case 'AbortTransactionRecord':
        throw new Error('transactions do not nest')
    }
  }

  private applyFeature({ name, featureLevel }: MetadataMessage<'FeatureLevelRecord'>): void {
    // KAFKA-18979: earlier releases wrote it by mistake; the raft log's own record is the truth.
    if (name === KRAFT_VERSION) return
    if (name === METADATA_VERSION && metadataVersionLevel(featureLevel) === undefined)
      throw new Error(`metadata.version ${featureLevel} is not supported by this build`)
    const before = this.features.get(name) ?? 0
    if (featureLevel === 0) this.features.delete(name)
    else this.features.set(name, featureLevel)
    for (const observer of this.observers) observer.featureChanged?.(name, before, featureLevel)
  }

  private brokerAt(id: number, epoch: number): BrokerRegistration {
    const broker = this.brokers.get(id)
    if (broker === undefined) throw new Error(`broker ${id} is not registered`)
    if (broker.epoch !== epoch) throw new Error(`broker ${id} is registered with epoch ${broker.epoch}, not ${epoch}`)
    return broker
  }
  private changeBroker(id: number, epoch: number, change: RegistrationChange): void {
    const before = this.brokerAt(id, epoch)
    const after = changeBroker(before, change)
    if (after !== before) this.putBroker(id, after)
  }
  private putBroker(id: number, after: BrokerRegistration | undefined): void {
    const before = this.brokers.get(id)
    if (after === undefined) this.brokers.delete(id)
    else this.brokers.set(id, after)
    for (const observer of this.observers) observer.brokerChanged?.(id, before, after)
  }
  private applyController(message: MetadataMessage<'RegisterControllerRecord'>): void {
    const before = this.controllers.get(message.controllerId)
    const after = controllerFromRecord(message)
    this.controllers.set(after.id, after)
    for (const observer of this.observers) observer.controllerChanged?.(after.id, before, after)
  }

  private applyTopic({ name, topicId }: MetadataMessage<'TopicRecord'>): void {
    const known = this.topicsByName.get(name)
    if (known !== undefined) throw new Error(`topic ${name} exists with id ${known.id}`)
    if (this.topicsById.has(topicId)) throw new Error(`topic id ${topicId} is taken`)
    const topic: MutableTopic = { name, id: topicId, partitions: new Map() }
    this.topicsByName.set(name, topic)
    this.topicsById.set(topicId, topic)
    for (const observer of this.observers) observer.topicCreated?.(topic)
  }
  private applyRemoveTopic({ topicId }: MetadataMessage<'RemoveTopicRecord'>): void {
    const topic = this.topicAt(topicId)
    this.topicsByName.delete(topic.name)
    this.topicsById.delete(topicId)
    for (const observer of this.observers)
      for (const [partitionId, partition] of topic.partitions) observer.partitionChanged?.(topic, partitionId, partition, undefined)
    for (const observer of this.observers) observer.topicDeleted?.(topic)
    if (this.configs.delete(ConfigResourceTypes.TOPIC, topic.name)) this.configChanged(ConfigResourceTypes.TOPIC, topic.name)
  }
  private topicAt(topicId: string): MutableTopic {
    const topic = this.topicsById.get(topicId)
    if (topic === undefined) throw new Error(`no topic with id ${topicId}`)
    return topic as MutableTopic
  }
  private putPartition(
    topicId: string,
    partitionId: number,
    next: (before: PartitionRegistration | undefined) => PartitionRegistration,
  ): void {
    const topic = this.topicAt(topicId)
    const before = topic.partitions.get(partitionId)
    const after = next(before)
    if (after === before) return
    topic.partitions.set(partitionId, after)
    for (const observer of this.observers) observer.partitionChanged?.(topic, partitionId, before, after)
  }
  private applyClearElr({ topicName }: MetadataMessage<'ClearElrRecord'>): void {
    const topic = this.topicsByName.get(topicName)
    if (topicName !== '' && topic === undefined) throw new Error(`no topic ${topicName}`)
    for (const one of topic === undefined ? this.topicsById.values() : [topic])
      for (const [partitionId, partition] of one.partitions) this.putPartition(one.id, partitionId, () => withoutElr(partition))
  }

  private applyConfig({ resourceType, resourceName, name, value }: MetadataMessage<'ConfigRecord'>): void {
    this.configs.set(resourceType, resourceName, name, value)
    this.configChanged(resourceType, resourceName)
  }
  private configChanged(type: number, name: string): void {
    for (const observer of this.observers) observer.configChanged?.({ type, name })
  }
  private applyClientQuota(message: MetadataMessage<'ClientQuotaRecord'>): void {
    const entity: QuotaEntity = new Map(message.entity.map((one) => [one.entityType, one.entityName]))
    this.clientQuotas.set(entity, message.key, message.remove ? null : message.value)
    for (const observer of this.observers) observer.clientQuotaChanged?.(entity)
  }
  private putAcl(id: string, after: AclEntry | undefined): void {
    const before = this.acls.get(id)
    if (after === undefined) this.acls.delete(id)
    else this.acls.set(id, after)
    for (const observer of this.observers) observer.aclChanged?.(id, before, after)
  }
  private scramChanged(mechanism: number, user: string): void {
    for (const observer of this.observers) observer.scramChanged?.(mechanism, user)
  }
  private tokenChanged(tokenId: string): void {
    for (const observer of this.observers) observer.delegationTokenChanged?.(tokenId)
  }
}

/** Copies: decoded bytes are views of what they were read from. */
const scramCredential = ({ salt, storedKey, serverKey, iterations }: MetadataMessage<'UserScramCredentialRecord'>): ScramCredential => ({
  salt: Buffer.from(salt),
  storedKey: Buffer.from(storedKey),
  serverKey: Buffer.from(serverKey),
  iterations,
})

/** Field values as in Kafka's BrokerRegistrationFencingChange and …InControlledShutdownChange: 0 no change, 1 yes, -1 no (fencing only). */
const registrationChange = (message: MetadataMessage<'BrokerRegistrationChangeRecord'>): RegistrationChange => {
  const { fenced, inControlledShutdown, logDirs, cordonedLogDirs } = message
  if (fenced < -1 || fenced > 1) throw new Error(`unknown value ${fenced} of fenced`)
  if (inControlledShutdown < 0 || inControlledShutdown > 1) throw new Error(`unknown value ${inControlledShutdown} of inControlledShutdown`)
  return {
    fenced: fenced === 0 ? undefined : fenced === 1,
    inControlledShutdown: inControlledShutdown === 1 ? true : undefined,
    directories: logDirs.length === 0 ? undefined : logDirs,
    cordonedDirectories: cordonedLogDirs ?? undefined,
  }
}
