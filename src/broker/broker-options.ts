import type { BrokerConfig } from '../config/index.ts'
import type { Address, Host } from '../host/index.ts'
import type { MetadataRecord } from '../metadata/index.ts'
import type { Loggers } from './loggers.ts'
import type { NodeSettings } from './node-settings.ts'

/** What the data directories of a formatted node say about it. */
export interface NodeIdentity {
  readonly clusterId: string
  /** directory.id by path of the log directory. */
  readonly directoryIds: ReadonlyMap<string, string>
  /** Levels that a new cluster starts with, from the bootstrap checkpoint; the build's own when there is none. */
  readonly bootstrap: readonly MetadataRecord[] | undefined
}

export interface OpeningNode {
  readonly settings: NodeSettings
  readonly clusterId: string
  /** Of the status page, when there is one. */
  readonly status: Address | undefined
}

export interface BrokerOptions {
  readonly host: Host
  readonly config: BrokerConfig
  readonly settings: NodeSettings
  readonly identity: NodeIdentity
  /** What `host.journal` speaks through. */
  readonly loggers: Loggers
  /** Of tkafka, for the status pages. */
  readonly version?: string | undefined
  /** Its directories are this node's alone, and its status page is open: it lives from here on, long before it serves when much is recovered. */
  readonly onOpening?: (opening: OpeningNode) => Promise<void>
  /** The node cannot go on (metadata log failed, no log directory left): whoever runs it ends it. */
  readonly onFatal?: (error: Error) => void
}

/** The settings in force: replaced when dynamic ones change. */
export interface CurrentConfig {
  config: BrokerConfig
}

/** Of one of log.dirs. */
export const directoryPathOf = (
  { settings, identity }: Pick<BrokerOptions, 'settings' | 'identity'>,
  directoryId: string,
): string | undefined => settings.logDirs.find((path) => identity.directoryIds.get(path) === directoryId)
