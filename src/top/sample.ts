/**
 * What a look at a cluster found: plain values that nothing changes, and that JSON carries as they are (recording.ts relies on it).
 *
 * Null: not known, because a broker did not answer or does not offer it. Nothing that is unknown is ever 0.
 */
export interface Sample {
  /** Milliseconds since 1970 by this machine's clock, when the look was over. */
  readonly timeMs: number
  readonly clusterId: string | null
  /** -1: none. */
  readonly controllerId: number
  readonly brokers: readonly BrokerSample[]
  readonly topics: readonly TopicSample[]
  /** By topic; the index is the partition. */
  readonly ends: Readonly<Record<string, readonly (number | null)[]>>
  readonly starts: Readonly<Record<string, readonly (number | null)[]>>
  /** Null: no broker listed its groups. */
  readonly groups: readonly GroupSample[] | null
  /** Brokers that listed the groups that they coordinate: of the groups of others nothing is known. */
  readonly groupsFrom: readonly number[]
  /** By group and topic: partition, offset, partition, offset, … A group that could not be asked is missing. */
  readonly commits: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>
  /** By group, topic, in the same form: lag as the coordinator of a share group counts it (KIP-1226). */
  readonly shareLags: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>
  readonly storage: StorageSample | null
  readonly quorum: QuorumSample | null
  readonly moves: readonly MoveSample[] | null
  /** Null: no broker lists transactions. */
  readonly transactions: readonly TransactionSample[] | null
  /** When the records at these offsets were written: asked for what is looked at. */
  readonly recordTimes: readonly RecordTime[]
  /** Log end offsets of each replica of the topic that is looked at: by broker, the index is the partition. */
  readonly replicaEnds: ReplicaEnds | null
  /** From metrics endpoints, by broker; null: none was named. */
  readonly latencies: Readonly<Record<string, BrokerLatency>> | null
  readonly failures: readonly Failure[]
}

export interface BrokerSample {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
  /** Null: the cluster does not say. */
  readonly fenced: boolean | null
}

export interface TopicSample {
  readonly name: string
  readonly internal: boolean
  readonly minInsyncReplicas: number | null
  /** -1: for ever. */
  readonly retentionMs: number | null
  readonly partitions: readonly PlaceSample[]
}

/** Where a partition is. */
export interface PlaceSample {
  /** -1: none. */
  readonly leader: number
  readonly epoch: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  readonly offline: readonly number[]
}

export type GroupType = 'classic' | 'consumer' | 'share' | 'streams'

export interface GroupSample {
  readonly id: string
  readonly type: GroupType
  readonly state: string
  readonly coordinator: number
  /** -1 for classic groups. */
  readonly epoch: number
  readonly assignor: string
  /** Null: could not be described. */
  readonly members: readonly MemberSample[] | null
}

export interface MemberSample {
  readonly id: string
  readonly clientId: string
  readonly host: string
  readonly assignment: Readonly<Record<string, readonly number[]>>
}

export interface StorageSample {
  readonly timeMs: number
  readonly directories: readonly DirectorySample[]
  /** Bytes of replicas by broker and topic: partition, bytes, partition, bytes, … */
  readonly replicaBytes: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>
}

export interface DirectorySample {
  readonly broker: number
  readonly path: string
  readonly online: boolean
  readonly totalBytes: number | null
  readonly usableBytes: number | null
}

export interface QuorumSample {
  readonly leaderId: number
  readonly epoch: number
  readonly highWatermark: number
  readonly replicas: readonly QuorumReplicaSample[]
}

export interface QuorumReplicaSample {
  readonly id: number
  readonly status: 'Leader' | 'Follower' | 'Observer'
  readonly logEndOffset: number
  readonly lag: number
  readonly lagMs: number | null
  readonly silentMs: number | null
  readonly fault: 'lagging' | 'silent' | null
}

export interface MoveSample {
  readonly topic: string
  readonly partition: number
  readonly replicas: readonly number[]
  readonly adding: readonly number[]
  readonly removing: readonly number[]
  readonly bytesTotal: number | null
  readonly bytesMoved: number | null
  /** Bytes a second that the leader side may send, the lowest of its sources; null: not throttled. */
  readonly throttle: number | null
}

export interface TransactionSample {
  readonly id: string
  readonly producerId: number
  readonly state: string
  readonly coordinator: number
  /** Null: not told, or none is open. */
  readonly startedMs: number | null
  readonly timeoutMs: number | null
  readonly partitionCount: number | null
}

export interface RecordTime {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Milliseconds since 1970. */
  readonly timestamp: number
}

export interface ReplicaEnds {
  readonly topic: string
  readonly byBroker: Readonly<Record<string, readonly (number | null)[]>>
}

/** What a metrics endpoint tells that the protocol does not. */
export interface BrokerLatency {
  readonly produceP99Ms: number | null
  readonly fetchP99Ms: number | null
  /** Share of time that request handlers are idle, 0 to 1. */
  readonly handlerIdle: number | null
  /** Since the broker started. */
  readonly requests: number | null
}

export interface Failure {
  readonly what: string
  /** Null: not of one broker. */
  readonly broker: number | null
  readonly name: string
  readonly message: string
}

/** What somebody looks at, which costs more than a look at everything. */
export interface Attention {
  /** Whose oldest unread record is to be dated, the most wanted first. */
  readonly records: readonly { readonly group: string; readonly topic: string; readonly partition: number }[]
  /** The topic whose replicas are compared. */
  readonly topic: string | null
}

export const noAttention: Attention = { records: [], topic: null }
