/**
 * broker: a node of a cluster. Opens every room below, answers the APIs (`apis/`, one file each), and closes in order.
 *
 * Invariants: an API is advertised when every one of its versions is answered; each request has one answer, or costs its connection;
 * one request of a connection is in progress at a time.
 */
export { Broker } from './broker.ts'
export type { BrokerOptions, NodeIdentity, OpeningNode } from './broker-options.ts'
export { EMBEDDED_PORT, EMBEDDED_STATUS_PORT, embeddedProperties } from './embedded.ts'
export { ListenerError } from './listening.ts'
export {
  DirectoryError,
  type Node,
  type NodeOptions,
  namingDirectories,
  type PlaceOf,
  readSettings,
  StorageError,
  startNode,
} from './node.ts'
export { type NodeListener, type NodeSettings, NodeSettingsError } from './node-settings.ts'
export { NodeStatus } from './node-status.ts'
export { startSummary } from './start-summary.ts'
export { StatusEndpoint, type StatusPage, type StatusPages } from './status-endpoint.ts'
