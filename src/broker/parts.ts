import type { BrokerConfig } from '../config/index.ts'
import type { GroupCoordinator } from '../coordinator/group/index.ts'
import type { Host, Journal } from '../host/index.ts'
import type { LogDirectories } from '../log/index.ts'
import type { MetadataImage } from '../metadata/index.ts'
import type { Api } from '../protocol/index.ts'
import type { RaftHandlers } from '../raft/index.ts'
import type { FetchSessions, LogMover, Partitions } from '../replica/index.ts'
import type { AutoTopics } from './auto-topics.ts'
import type { BrokerMetrics } from './broker-metrics.ts'
import type { ClientSoftwares } from './client-software.ts'
import type { ClientTelemetry } from './client-telemetry.ts'
import type { ControllerClient } from './controller-client.ts'
import type { Loggers } from './loggers.ts'
import type { ProducerIds } from './producer-ids.ts'

export interface FeatureLevels {
  /** Offset of the metadata log that the levels were read at; -1: none known yet. */
  readonly epoch: number
  readonly levels: readonly { readonly name: string; readonly maxVersionLevel: number; readonly minVersionLevel: number }[]
}

/** What the handlers of a broker's APIs work with. */
export interface BrokerParts {
  readonly host: Host
  readonly journal: Journal
  readonly metrics: BrokerMetrics
  readonly config: BrokerConfig
  readonly nodeId: number
  readonly clusterId: string
  /** Committed metadata, as far as this broker has read it. */
  readonly image: MetadataImage
  readonly logs: LogDirectories
  readonly partitions: Partitions
  readonly mover: LogMover
  readonly fetchSessions: FetchSessions
  readonly groups: GroupCoordinator
  /** The active controller of the cluster, wherever it is. */
  readonly controller: ControllerClient
  /** This node's part in the metadata quorum. */
  readonly quorum: RaftHandlers
  readonly loggers: Loggers
  readonly softwares: ClientSoftwares
  readonly telemetry: ClientTelemetry
  readonly producerIds: ProducerIds
  readonly autoTopics: AutoTopics
  /** The APIs that are answered on listeners of a kind. */
  servedApis(kind: 'broker' | 'controller'): readonly Api[]
  supportedFeatures(): readonly { readonly name: string; readonly minVersion: number; readonly maxVersion: number }[]
  finalizedFeatures(): FeatureLevels
  /** What a client said of itself (KIP-511). */
  clientSoftware(connectionId: string, name: string, version: string): void
}
