import type { BrokerConfig } from '../config/index.ts'
import type { Host } from '../host/index.ts'
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

export interface BrokerOptions {
  readonly host: Host
  readonly config: BrokerConfig
  readonly settings: NodeSettings
  readonly identity: NodeIdentity
  /** What `host.journal` speaks through. */
  readonly loggers: Loggers
  /** Of tkafka, for the status pages. */
  readonly version?: string | undefined
  /** The node cannot go on (metadata log failed, no log directory left): whoever runs it ends it. */
  readonly onFatal?: (error: Error) => void
}

/** The settings in force: replaced when dynamic ones change. */
export interface CurrentConfig {
  config: BrokerConfig
}
