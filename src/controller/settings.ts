import type { LevelRange, MetadataRecord } from '../metadata/index.ts'
import type { ApiError } from './types.ts'

/** How a topic setting follows from broker settings, in order of precedence (`log.retention.ms`, then `log.retention.minutes` × 60000, …). */
export interface ConfigSynonym {
  readonly name: string
  /** A value of the broker setting in the unit of the topic setting. */
  convert(value: string): string
}
export interface TopicConfigKey {
  readonly name: string
  /** As text; null: none. */
  readonly defaultValue: string | null
  readonly isSensitive: boolean
  /** Shown only where it is set. */
  readonly isInternal: boolean
  readonly synonyms: readonly ConfigSynonym[]
}

/** What the controller needs to know of settings; `src/config` has the declarations. */
export interface ConfigRules {
  readonly topicKeys: ReadonlyMap<string, TopicConfigKey>
  /** Whether APPEND and SUBTRACT work on the key. */
  isList(resourceType: number, key: string): boolean
  /** The default as text; null: none, or an unknown key. */
  defaultValue(resourceType: number, key: string): string | null
  /**
   * Checks what a resource's settings would become. Types of resources: TOPIC, CLIENT_METRICS, GROUP; the controller itself checks names,
   * and a broker's values are checked by the broker that forwards them.
   */
  validate(
    resourceType: number,
    resourceName: string,
    proposed: ReadonlyMap<string, string>,
    existing: ReadonlyMap<string, string>,
  ): ApiError | undefined
}

/** Seams for create.topic.policy.class.name and alter.config.policy.class.name. */
export interface TopicCreationPolicy {
  check(topic: {
    readonly name: string
    /** Null with a manual assignment. */
    readonly partitionCount: number | null
    readonly replicationFactor: number | null
    readonly assignments: ReadonlyMap<number, readonly number[]> | null
    readonly configs: ReadonlyMap<string, string | null>
  }): ApiError | undefined
}
export interface ConfigAlterationPolicy {
  check(resourceType: number, resourceName: string, altered: ReadonlyMap<string, string | null>): ApiError | undefined
}

/** kraft.version lives in the raft log; the controller asks the quorum for it. */
export interface KraftVersionAccess {
  readonly level: number
  /** Starts the upgrade; the error when it cannot be. */
  upgrade(level: number, validateOnly: boolean): ApiError | undefined
}

export interface ControllerSettings {
  readonly clusterId: string
  readonly nodeId: number
  /** Ids of the quorum's voters, this one included. */
  readonly voterIds: readonly number[]
  /** Features that this build supports. */
  readonly supportedFeatures: ReadonlyMap<string, LevelRange>
  /** What starts an empty metadata log; from the bootstrap checkpoint of the format. */
  readonly bootstrapRecords: readonly MetadataRecord[]
  /** default.replication.factor */
  readonly defaultReplicationFactor: number
  /** num.partitions */
  readonly defaultPartitionCount: number
  /** broker.session.timeout.ms */
  readonly sessionTimeoutMs: number
  /** delete.topic.enable */
  readonly deleteTopicEnable: boolean
  /** The node's static settings as texts: the last but one layer under a topic's settings. */
  readonly staticConfig: ReadonlyMap<string, string>
  readonly configRules: ConfigRules
  readonly kraftVersion: KraftVersionAccess
  readonly topicCreationPolicy?: TopicCreationPolicy
  readonly configAlterationPolicy?: ConfigAlterationPolicy
}

/** Most elections that one round of balancing or of unclean elections makes. */
export const ELECTIONS_PER_ROUND_MAX = 1000
/** Most delegation tokens that one round removes. */
export const TOKENS_PER_ROUND_MAX = 1000
/** Most partitions that one CreateTopics request may ask for. */
export const PARTITIONS_PER_REQUEST_MAX = 10_000
