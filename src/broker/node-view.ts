import type { BrokerConfig } from '../config/index.ts'
import type { ControllerState } from '../controller/index.ts'
import type { GroupCoordinator } from '../coordinator/group/index.ts'
import type { Address, Clock } from '../host/index.ts'
import type { LogDirectories } from '../log/index.ts'
import type { MetadataImage } from '../metadata/index.ts'
import type { Labels } from '../metrics/index.ts'
import type { ConnectionCounts } from '../net/index.ts'
import type { RaftDriver } from '../raft/index.ts'
import type { FetchSessions, Partition, Partitions } from '../replica/index.ts'
import type { BrokerLifecycle } from './broker-lifecycle.ts'
import type { BrokerMetrics } from './broker-metrics.ts'
import type { LeaderOffsets } from './leader-offsets.ts'
import type { BrokerReplication } from './replication.ts'
import type { ReplicationThrottles } from './replication-throttles.ts'

/** What is shown of a node to those who operate it: looked at, never changed. */
export interface NodeView {
  readonly nodeId: number
  readonly clusterId: string
  readonly clock: Clock
  readonly config: BrokerConfig
  /** Committed metadata, as far as this node has read it. */
  readonly image: MetadataImage
  readonly metrics: BrokerMetrics
  readonly raft: RaftDriver
  readonly connections: ConnectionCounts
  /** Those that are open, as they are bound. */
  readonly listeners: readonly ShownListener[]
  /** Metadata of the active controller; undefined: another node is it. */
  readonly controllerState: ControllerState | undefined
}

/** … and of one that is a broker. */
export interface BrokerView extends NodeView {
  readonly logs: LogDirectories
  readonly partitions: Partitions
  readonly groups: GroupCoordinator
  readonly fetchSessions: FetchSessions
  readonly throttles: ReplicationThrottles
  readonly replication: Pick<BrokerReplication, 'fetchers' | 'failedIsrUpdates'>
  readonly lifecycle: BrokerLifecycle
  readonly leaderOffsets: Pick<LeaderOffsets, 'ask'>
}

export const isBroker = (view: NodeView): view is BrokerView => 'lifecycle' in view

export interface ShownListener extends Address {
  readonly name: string
  readonly isController: boolean
}

/** A partition with the labels that all of its series share. */
export interface ShownPartition {
  readonly labels: Labels
  readonly partition: Partition
}
