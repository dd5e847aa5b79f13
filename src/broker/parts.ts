import type { BrokerConfig } from '../config/index.ts'
import type { GroupCoordinator } from '../coordinator/group/index.ts'
import type { Host, Journal } from '../host/index.ts'
import type { LogDirectories } from '../log/index.ts'
import type { MetadataImage } from '../metadata/index.ts'
import type { Api, Schema } from '../protocol/index.ts'
import type { RaftHandlers } from '../raft/index.ts'
import type { FetchSessions, LogMover, Partitions } from '../replica/index.ts'
import type { ApiHandler } from './api-handler.ts'
import type { AutoTopics } from './auto-topics.ts'
import type { BrokerMetrics } from './broker-metrics.ts'
import type { ClientSoftwares } from './client-software.ts'
import type { ClientTelemetry } from './client-telemetry.ts'
import type { ControllerClient } from './controller-client.ts'
import type { Loggers } from './loggers.ts'
import type { ProducerIds } from './producer-ids.ts'
import type { ReplicationThrottles } from './replication-throttles.ts'

export interface FeatureLevels {
  /** Offset of the metadata log that the levels were read at; -1: none known yet. */
  readonly epoch: number
  readonly levels: readonly { readonly name: string; readonly maxVersionLevel: number; readonly minVersionLevel: number }[]
}

/** What every node has, broker or controller: what the handlers of controller listeners work with. */
export interface NodeParts {
  readonly host: Host
  readonly journal: Journal
  readonly metrics: BrokerMetrics
  readonly config: BrokerConfig
  readonly nodeId: number
  readonly clusterId: string
  /** Committed metadata, as far as this node has read it. */
  readonly image: MetadataImage
  /** For requests that change metadata: this node's controller on controller listeners, the active one of the cluster on others. */
  readonly controller: ControllerClient
  /** This node's part in the metadata quorum. */
  readonly quorum: RaftHandlers
  readonly loggers: Loggers
  readonly softwares: ClientSoftwares
  /** The APIs that are answered on listeners of a kind. */
  servedApis(kind: 'broker' | 'controller'): readonly Api[]
  /** Who answers an API on controller listeners. */
  controllerHandler(apiKey: number): ApiHandler<Schema, Schema, NodeParts> | undefined
  supportedFeatures(): readonly { readonly name: string; readonly minVersion: number; readonly maxVersion: number }[]
  finalizedFeatures(): FeatureLevels
  /** What a client said of itself (KIP-511). */
  clientSoftware(connectionId: string, name: string, version: string): void
}

/** What the handlers of a broker's APIs work with. */
export interface BrokerParts extends NodeParts {
  readonly logs: LogDirectories
  readonly partitions: Partitions
  readonly mover: LogMover
  readonly fetchSessions: FetchSessions
  readonly throttles: ReplicationThrottles
  readonly groups: GroupCoordinator
  readonly telemetry: ClientTelemetry
  readonly producerIds: ProducerIds
  readonly autoTopics: AutoTopics
}
