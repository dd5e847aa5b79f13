import type { BrokerConfig } from '../config/index.ts'
import type { Journal } from '../host/index.ts'
import type { LogDirectories } from '../log/index.ts'
import {
  ConfigResourceTypes,
  type LocalReplicaChanges,
  localChanges,
  type MetadataDelta,
  type MetadataImage,
  type MetadataSubscriber,
} from '../metadata/index.ts'
import type { Partition, Partitions } from '../replica/index.ts'
import type { BrokerMetrics } from './broker-metrics.ts'
import { logConfigOf } from './log-settings.ts'

export interface Published {
  readonly nodeId: number
  readonly journal: Journal
  currentConfig(): BrokerConfig
  readonly logs: LogDirectories
  readonly partitions: Partitions
  readonly metrics: BrokerMetrics
  /** Where a replica lies may not be where the metadata has it. */
  placed(partition: Partition): void
  /** The settings in force from now on. */
  configChanged(config: BrokerConfig): void
  /** What is wanted of the metrics of clients under this name; none: nothing any more. */
  subscriptionChanged(name: string, texts: ReadonlyMap<string, string>): void
  /** Topics are gone from the cluster: so are the offsets that groups committed for them. */
  topicsDeleted(topics: readonly { readonly name: string; readonly id: string }[]): void
}

/** Brings the broker in line with each step of the committed metadata: its partitions, the settings of logs, its own settings. */
export class MetadataPublisher implements MetadataSubscriber {
  private readonly broker: Published
  private hasPartitions = false

  constructor(broker: Published) {
    this.broker = broker
  }

  /** From now on the replicas of this broker are as the metadata has them; resolves when those are that it has now. */
  loadPartitions(): Promise<void> {
    this.hasPartitions = true
    return this.broker.partitions.loadAll()
  }

  onMetadata(delta: MetadataDelta, image: MetadataImage): void {
    if (delta.isEmpty) return
    this.settings(delta, image)
    if (this.hasPartitions && delta.partitionsByTopic.size > 0) this.replicas(localChanges(delta, this.broker.nodeId))
    if (delta.topicsDeleted.size > 0) {
      for (const { name } of delta.topicsDeleted.values()) this.broker.metrics.forget(name)
      this.broker.topicsDeleted([...delta.topicsDeleted.values()])
    }
  }

  private replicas(changes: LocalReplicaChanges): void {
    const { partitions, logs, placed } = this.broker
    void partitions.apply(changes)
    for (const { topic, partitionId } of changes.directories) {
      const partition = partitions.find(topic.id, partitionId)
      // One that moves is recorded where it will be, and told of when it is there, or not.
      const isMoving = partition?.settling !== undefined || logs.getFuture(topic.name, partitionId) !== undefined
      if (partition !== undefined && !isMoving) placed(partition)
    }
  }

  /** Settings first: a log made in the same step is made with them. */
  private settings(delta: MetadataDelta, image: MetadataImage): void {
    const own = String(this.broker.nodeId)
    let all = false
    for (const { type, name } of delta.configs) {
      if (type === ConfigResourceTypes.BROKER && (name === '' || name === own)) all = true
      if (type === ConfigResourceTypes.TOPIC && !all) this.topic(name, image)
      if (type === ConfigResourceTypes.CLIENT_METRICS) this.broker.subscriptionChanged(name, image.configs.of(type, name))
    }
    if (all) this.reload(image)
  }

  /** At start: everything that the image says already. */
  begin(image: MetadataImage): void {
    this.reload(image)
    const type = ConfigResourceTypes.CLIENT_METRICS
    for (const name of image.configs.names(type)) this.broker.subscriptionChanged(name, image.configs.of(type, name))
  }

  /** Takes over the dynamic settings of this broker and of all brokers, and with them those of every topic. */
  reload(image: MetadataImage): void {
    const { broker } = this
    const { nodeId, journal, logs } = broker
    const of = (name: string): ReadonlyMap<string, string> => new Map(image.configs.of(ConfigResourceTypes.BROKER, name))
    const config = broker.currentConfig().withDynamic({ dynamicBroker: of(String(nodeId)), dynamicDefault: of('') })
    for (const { message } of config.faults) journal.error(`a dynamic setting is ignored: ${message}`)
    broker.configChanged(config)
    for (const topic of new Set([...logs.logs].map((log) => log.topic))) this.topic(topic, image)
  }

  private topic(name: string, image: MetadataImage): void {
    this.broker.logs.updateConfig(name, logConfigOf(image.configs.of(ConfigResourceTypes.TOPIC, name), this.broker.currentConfig()))
  }
}
