import {
  ConfigResourceTypes,
  DIRECTORY_MIGRATING,
  DIRECTORY_UNASSIGNED,
  directoryOf,
  hasOnlineDirectory,
  isActiveBroker,
  type MetadataImage,
  type MetadataRecord,
  type PartitionRegistration,
  supportsDirectoryAssignment,
  type TopicImage,
} from '../metadata/index.ts'
import { Errors } from '../protocol/index.ts'
import { BrokerHeartbeats } from './heartbeats.ts'
import { PartitionIndex } from './partition-index.ts'
import type { ControllerSettings, TopicConfigKey } from './settings.ts'
import { type ApiError, apiError } from './types.ts'

export interface EffectiveConfig {
  readonly value: string | null
  /** As in DescribeConfigs: 1 topic, 2 broker, 4 static, 3 cluster default, 5 default. */
  readonly source: number
}
const TOPIC_CONFIG = 1
const DYNAMIC_BROKER_CONFIG = 2
const DYNAMIC_DEFAULT_BROKER_CONFIG = 3
const STATIC_BROKER_CONFIG = 4
const DEFAULT_CONFIG = 5

/**
 * What the active controller decides from: the image, ahead of the committed log by the decisions under way, what it indexes of it, and
 * who has been heard of. Only `replay` changes the image; deciders touch nothing but heartbeats.
 */
export class ControllerState {
  readonly image: MetadataImage
  readonly settings: ControllerSettings
  readonly index: PartitionIndex
  readonly heartbeats: BrokerHeartbeats
  /** Offset that the next record gets. */
  nextOffset: number

  constructor(image: MetadataImage, settings: ControllerSettings) {
    this.image = image
    this.settings = settings
    this.index = new PartitionIndex(image)
    this.heartbeats = new BrokerHeartbeats(image, settings.sessionTimeoutMs)
    this.nextOffset = image.provenance.offset + 1
  }

  replay(record: MetadataRecord, offset: number): void {
    this.image.replay(record, offset)
    this.nextOffset = offset + 1
  }

  get metadataVersion(): number {
    return this.image.metadataVersion
  }

  /** Registered, neither fenced nor shutting down. */
  isActive(brokerId: number): boolean {
    return isActiveBroker(this.image.brokers.get(brokerId))
  }
  /** Where a new replica on the broker lies: in its only directory, or where it chooses. */
  defaultDirectory(brokerId: number): string {
    if (!supportsDirectoryAssignment(this.metadataVersion)) return DIRECTORY_MIGRATING
    const broker = this.image.brokers.get(brokerId)
    if (broker === undefined) return DIRECTORY_UNASSIGNED
    if (broker.directories.length === 0) return DIRECTORY_MIGRATING
    return broker.directories.length === 1 ? broker.directories[0] : DIRECTORY_UNASSIGNED
  }
  /** Whether a replica may lead: its broker is acceptable, and its directory is online there. */
  canLead(partition: PartitionRegistration, brokerId: number, isAcceptable = (id: number) => this.isActive(id)): boolean {
    if (!isAcceptable(brokerId) || !partition.replicas.includes(brokerId)) return false
    return hasOnlineDirectory(this.image.brokers.get(brokerId), directoryOf(partition, brokerId))
  }

  brokerEpochProblem(brokerId: number, epoch: number): ApiError | undefined {
    const broker = this.image.brokers.get(brokerId)
    if (broker === undefined) return apiError(Errors.STALE_BROKER_EPOCH, `No broker registration found for broker id ${brokerId}`)
    if (broker.epoch === epoch) return undefined
    return apiError(Errors.STALE_BROKER_EPOCH, `Expected broker epoch ${broker.epoch}, but got broker epoch ${epoch}`)
  }

  /** The value in force for a topic: its own, or that of this node, of all brokers, of the file, or the default. */
  effectiveTopicConfig(key: TopicConfigKey, ownConfigs: ReadonlyMap<string, string | null>): EffectiveConfig {
    const own = ownConfigs.get(key.name)
    if (own !== undefined) return { value: own, source: TOPIC_CONFIG }
    const { configs } = this.image
    const layers: readonly (readonly [ReadonlyMap<string, string>, number])[] = [
      [configs.of(ConfigResourceTypes.BROKER, String(this.settings.nodeId)), DYNAMIC_BROKER_CONFIG],
      [configs.of(ConfigResourceTypes.BROKER, ''), DYNAMIC_DEFAULT_BROKER_CONFIG],
      [this.settings.staticConfig, STATIC_BROKER_CONFIG],
    ]
    for (const [layer, source] of layers)
      for (const synonym of key.synonyms) {
        const value = layer.get(synonym.name)
        if (value !== undefined) return { value: synonym.convert(value), source }
      }
    return { value: key.defaultValue, source: DEFAULT_CONFIG }
  }
  private topicConfig(topicName: string, name: string): string | null {
    const key = this.settings.configRules.topicKeys.get(name)
    if (key === undefined) return null
    return this.effectiveTopicConfig(key, this.image.configs.of(ConfigResourceTypes.TOPIC, topicName)).value
  }
  /** min.insync.replicas, never more than there are replicas. */
  effectiveMinIsr(topic: TopicImage): number {
    const configured = Number.parseInt(this.topicConfig(topic.name, 'min.insync.replicas') ?? '1', 10)
    const replicationFactor = (topic.partitions.get(0) ?? topic.partitions.values().next().value)?.replicas.length ?? 1
    return Math.min(configured, replicationFactor)
  }
  allowsUncleanElection(topicName: string): boolean {
    return this.topicConfig(topicName, 'unclean.leader.election.enable')?.trim().toLowerCase() === 'true'
  }
  /** min.insync.replicas as the file, or the default, has it. */
  staticMinIsr(): number {
    const key = this.settings.configRules.topicKeys.get('min.insync.replicas')
    const synonym = key?.synonyms.find((one) => this.settings.staticConfig.has(one.name))
    const value = synonym === undefined ? key?.defaultValue : synonym.convert(this.settings.staticConfig.get(synonym.name)!)
    return Number.parseInt(value ?? '1', 10)
  }
}
