import { assert } from '../base/index.ts'
import type { BrokerConfig } from '../config/index.ts'
import { apiError, Controller, defaultControllerTiming } from '../controller/index.ts'
import type { Host, Journal, Timer } from '../host/index.ts'
import {
  bootstrapRecords,
  KRAFT_VERSION,
  type LevelRange,
  type MetadataImage,
  MetadataLoader,
  type MetadataRecord,
  newClusterFeatureLevels,
  supportedFeaturesWith,
} from '../metadata/index.ts'
import type { Histogram } from '../metrics/index.ts'
import { type Api, Apis, Errors, type Schema } from '../protocol/index.ts'
import {
  kraftVersionMax,
  kraftVersionMin,
  NetworkTransport,
  openPartitionMetadataLog,
  openRaft,
  type RaftDriver,
  RaftHandlers,
  type Voter,
  VoterSet,
} from '../raft/index.ts'
import { ActiveController } from './active-controller.ts'
import type { ApiHandler } from './api-handler.ts'
import { brokerHandlers, controllerHandlers } from './apis/index.ts'
import { BrokerMetrics } from './broker-metrics.ts'
import type { BrokerOptions, CurrentConfig } from './broker-options.ts'
import { ClientSoftwares } from './client-software.ts'
import { configRules } from './config-rules.ts'
import { type ControllerClient, LocalController } from './controller-client.ts'
import type { Loggers } from './loggers.ts'
import type { NodeSettings } from './node-settings.ts'
import type { FeatureLevels, NodeParts } from './parts.ts'

const WAIT_NOTE_MS = 10_000
/** Kafka's: how long a raft client that is shut down waits for another to lead. */
const HAND_OVER_MS = 5000
const COMMIT_WAIT_MS = 1000

/**
 * What every node is, whatever its roles: a replica of the metadata log, the metadata that it commits, the way to the active controller,
 * and, where it has that role, a controller itself.
 */
export class QuorumNode implements NodeParts {
  readonly host: Host
  readonly journal: Journal
  readonly settings: NodeSettings
  readonly metrics = new BrokerMetrics()
  readonly clusterId: string
  readonly loggers: Loggers
  readonly softwares = new ClientSoftwares()
  readonly raft: RaftDriver
  readonly quorum: RaftHandlers
  readonly loader: MetadataLoader
  /** Undefined: the node has no controller role. */
  readonly localController: Controller | undefined
  readonly controller: ControllerClient
  /** The one that leads, wherever it is. */
  readonly activeController: ActiveController
  readonly current: CurrentConfig
  /** That this node can run. */
  readonly features: ReadonlyMap<string, LevelRange>
  private readonly transport: NetworkTransport
  /** Who waits for metadata: told when the node stops. */
  private readonly waiting = new Set<(error: Error) => void>()

  /** Starts to take part in the quorum; the metadata comes in by and by. `flushMs` measures the syncs of the log. */
  static async open(options: BrokerOptions, flushMs: Histogram): Promise<QuorumNode> {
    const { host, settings, identity } = options
    const self = selfOf(options)
    const transport = new NetworkTransport({
      listenerName: settings.controllerListener,
      ...{ host, self, clusterId: identity.clusterId, journal: host.journal.child('raft', { node: settings.nodeId }) },
      requestTimeoutMs: options.config.get('controller.quorum.request.timeout.ms'),
    })
    try {
      return new QuorumNode(options, await openQuorum(options, self, transport, flushMs), transport)
    } catch (error) {
      transport.close()
      throw error
    }
  }

  private constructor(options: BrokerOptions, raft: RaftDriver, transport: NetworkTransport) {
    const { host, config, settings, identity, loggers } = options
    this.host = host
    this.settings = settings
    this.clusterId = identity.clusterId
    this.loggers = loggers
    this.journal = host.journal.child('broker', { node: settings.nodeId })
    this.current = { config }
    this.features = featuresOf(config)
    this.raft = raft
    this.transport = transport
    this.quorum = new RaftHandlers(raft, identity.clusterId)
    this.loader = new MetadataLoader(raft, host.journal.child('metadata', { node: settings.nodeId }))
    this.localController = settings.roles.controller ? newController(options, this.current, raft, this.loader) : undefined
    this.activeController = new ActiveController({
      ...{ host, local: this.localController, quorum: this.quorum, nodeId: settings.nodeId },
      leader: () => raft.leaderEndpoint,
      handlerOf: (api) => this.controllerHandler(Apis[api].key)!,
      waitMs: config.get('request.timeout.ms'),
      heartbeatMs: config.get('broker.heartbeat.interval.ms'),
    })
    this.loader.subscribe({ onLeaderChange: () => this.activeController.leaderChanged() })
    this.controller = this.localController ? new LocalController(this.localController, raft, this.quorum) : this.activeController
    raft.register(this.loader)
  }

  get config() {
    return this.current.config
  }
  get image() {
    return this.loader.image
  }
  get nodeId(): number {
    return this.settings.nodeId
  }

  /**
   * Resolves when the controller of a new leader has written what starts its term, and this node has read all that it knows to be committed:
   * logs of partitions that are not in the metadata yet would be taken for strays.
   */
  caughtUp(): Promise<void> {
    return this.reached(({ metadataVersion, provenance, transactionStartOffset }) => {
      const isAtEnd = provenance.offset + 1 >= (this.raft.highWatermark ?? Number.POSITIVE_INFINITY)
      return metadataVersion > 0 && isAtEnd && transactionStartOffset < 0
    })
  }

  /** Resolves when this node has read the metadata up to `offset`. */
  caughtUpTo(offset: number): Promise<void> {
    return this.reached(({ provenance, transactionStartOffset }) => provenance.offset >= offset && transactionStartOffset < 0)
  }

  /** As long as it takes: a node that comes before the others of its quorum is one that waits. */
  private reached(isThere: (image: MetadataImage) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      let timer: Timer | undefined
      const end = (): void => {
        timer?.cancel()
        this.waiting.delete(giveUp)
        unsubscribe()
      }
      const giveUp = (error: Error): void => {
        end()
        reject(error)
      }
      // A node that leads itself is told so when it has read all that was committed before.
      let led = this.raft.leaderAndEpoch.leaderId !== undefined
      const look = (): void => {
        if (!led || !isThere(this.image)) return
        end()
        resolve()
      }
      const tell = (): void => {
        const { leaderAndEpoch, voters } = this.raft
        const quorum = { voters: voters.map(({ id }) => id).join(','), leader: leaderAndEpoch.leaderId ?? 'none' }
        this.journal.info('waiting for the metadata of the cluster', { ...quorum, offset: this.image.provenance.offset })
        timer = this.host.clock.after(WAIT_NOTE_MS, tell)
      }
      const unsubscribe = this.loader.subscribe({
        onMetadata: look,
        onLeaderChange: ({ leaderId }) => {
          led = leaderId !== undefined
          look()
        },
        onFatal: giveUp,
      })
      this.waiting.add(giveUp)
      timer = this.host.clock.after(WAIT_NOTE_MS, tell)
      look()
    })
  }

  servedApis(kind: 'broker' | 'controller'): readonly Api[] {
    const handlers: readonly { readonly api: Api }[] = kind === 'broker' ? brokerHandlers : controllerHandlers
    return handlers.map(({ api }) => api)
  }

  controllerHandler(apiKey: number): ApiHandler<Schema, Schema, NodeParts> | undefined {
    return controllerHandlers.find(({ api }) => api.key === apiKey)
  }

  supportedFeatures() {
    return [...this.features].map(([name, { min, max }]) => ({ name, minVersion: min, maxVersion: max }))
  }

  finalizedFeatures(): FeatureLevels {
    const { features, provenance } = this.image
    const levels = [...features].map(([name, level]) => ({ name, maxVersionLevel: level, minVersionLevel: level }))
    const { kraftVersion } = this.raft
    if (kraftVersion > 0) levels.push({ name: KRAFT_VERSION, maxVersionLevel: kraftVersion, minVersionLevel: kraftVersion })
    return { epoch: provenance.offset, levels }
  }

  clientSoftware(connectionId: string, name: string, version: string): void {
    this.softwares.learn(connectionId, { name, version })
    this.journal.debug('client', { connectionId, name, version })
  }

  /**
   * Lets another controller take over, where there is one: resolves when it has, when this node is `alone`, or after a short limit. Until
   * then this node answers.
   */
  handOver(alone: Promise<void>): Promise<void> {
    const { raft, host, nodeId } = this
    const hasSuccessor = raft.voters.some(({ id }) => id !== nodeId)
    if (!raft.isLeader || !hasSuccessor || raft.failure !== undefined) return Promise.resolve()
    return new Promise((resolve) => {
      const resign = (): void => raft.resign(raft.leaderAndEpoch.epoch)
      // Who waits for a commit would be sent elsewhere, to find that it happened.
      const resignWhenCommitted = (): void => {
        if (raft.highWatermark === raft.logEndOffset) resign()
      }
      const end = (): void => {
        for (const timer of [patience, limit]) timer.cancel()
        unsubscribe()
        resolve()
      }
      const patience = host.clock.after(COMMIT_WAIT_MS, resign)
      const limit = host.clock.after(HAND_OVER_MS, end)
      const unsubscribe = this.loader.subscribe({
        onMetadata: resignWhenCommitted,
        onLeaderChange: ({ leaderId }) => {
          if (leaderId === nodeId) resign()
          else if (leaderId !== undefined) end()
        },
        onFatal: end,
      })
      void alone.then(end)
      resignWhenCommitted()
    })
  }

  /** Makes the log durable. */
  async close(): Promise<void> {
    this.stop()
    await this.raft.close()
    this.transport.close()
  }

  /** Stops at once, as a crash would. */
  async kill(): Promise<void> {
    this.stop()
    this.transport.close()
    await this.raft.abandon()
  }

  private stop(): void {
    for (const giveUp of this.waiting) giveUp(new Error('the node stops'))
    this.localController?.close()
    this.activeController.close()
  }
}

const selfOf = ({ settings, identity }: BrokerOptions): Voter => ({
  id: settings.nodeId,
  directoryId: identity.directoryIds.get(settings.metadataLogDir)!,
  endpoints: settings.listeners
    .filter(({ isController }) => isController)
    .map(({ advertised }) => advertised)
    .sort((a, b) => Number(b.name === settings.controllerListener) - Number(a.name === settings.controllerListener)),
  kraftVersionMin,
  kraftVersionMax,
})

const openQuorum = (
  { host, config, settings }: BrokerOptions,
  self: Voter,
  transport: NetworkTransport,
  flushMs: Histogram,
): Promise<RaftDriver> =>
  openRaft({
    host,
    transport,
    logDirectory: settings.metadataLogDir,
    nodeId: self.id,
    directoryId: self.directoryId!,
    staticVoters: staticVotersOf(settings),
    endpoints: self.endpoints,
    listenerName: settings.controllerListener,
    bootstrapServers: config.get('controller.quorum.bootstrap.servers').map(addressOf),
    autoJoin: settings.roles.controller && config.get('controller.quorum.auto.join.enable'),
    settings: {
      electionTimeoutMs: config.get('controller.quorum.election.timeout.ms'),
      fetchTimeoutMs: config.get('controller.quorum.fetch.timeout.ms'),
      electionBackoffMaxMs: config.get('controller.quorum.election.backoff.max.ms'),
      requestTimeoutMs: config.get('controller.quorum.request.timeout.ms'),
      retryBackoffMs: config.get('controller.quorum.retry.backoff.ms'),
      fetchMaxBytes: config.get('controller.quorum.fetch.max.bytes'),
      snapshotFetchMaxBytes: config.get('controller.quorum.fetch.snapshot.max.bytes'),
      maxBytesBetween: config.get('metadata.log.max.record.bytes.between.snapshots'),
      maxIntervalMs: config.get('metadata.log.max.snapshot.interval.ms'),
      retentionBytes: config.get('metadata.max.retention.bytes'),
      retentionMs: config.get('metadata.max.retention.ms'),
    },
    openLog: (directory, recoveryPoint) =>
      openPartitionMetadataLog(
        host,
        directory,
        recoveryPoint,
        { segmentBytes: config.get('metadata.log.segment.bytes'), segmentMs: config.get('metadata.log.segment.ms') },
        flushMs,
      ),
  })

const featuresOf = (config: BrokerConfig): ReadonlyMap<string, LevelRange> =>
  supportedFeaturesWith(config.get('unstable.feature.versions.enable'))

const newController = (options: BrokerOptions, current: CurrentConfig, raft: RaftDriver, loader: MetadataLoader): Controller => {
  const { host, config, settings, identity } = options
  return new Controller({
    host,
    quorum: raft,
    loader,
    upgradeKraftVersion: (level, validateOnly) => {
      const refusal = raft.upgradeKraftVersion(level, validateOnly)
      return refusal === undefined ? undefined : apiError(Errors.INVALID_UPDATE_VERSION, refusal)
    },
    settings: {
      clusterId: identity.clusterId,
      nodeId: settings.nodeId,
      supportedFeatures: featuresOf(config),
      bootstrapRecords: identity.bootstrap ?? ownBootstrap(),
      defaultReplicationFactor: config.get('default.replication.factor'),
      defaultPartitionCount: config.get('num.partitions'),
      sessionTimeoutMs: config.get('broker.session.timeout.ms'),
      deleteTopicEnable: config.get('delete.topic.enable'),
      staticConfig: config.layers.file,
      configRules: configRules(() => current.config),
    },
    timing: {
      ...defaultControllerTiming,
      idleIntervalMs: config.get('metadata.max.idle.interval.ms') || undefined,
      imbalanceCheckIntervalMs: config.get('auto.leader.rebalance.enable')
        ? config.get('leader.imbalance.check.interval.seconds') * 1000
        : undefined,
      uncleanElectionIntervalMs: config.get('unclean.leader.election.interval.ms'),
      tokenExpiryCheckIntervalMs: config.get('delegation.token.expiry.check.interval.ms'),
    },
  })
}

/** A directory without bootstrap.checkpoint starts at the levels of this build. */
const ownBootstrap = (): MetadataRecord[] => {
  const levels = newClusterFeatureLevels()
  assert(typeof levels !== 'string', 'the levels of this build agree with each other')
  return bootstrapRecords(levels)
}

/** `host:port` or `[v6]:port`, as the settings have checked. */
const addressOf = (text: string): { host: string; port: number } => {
  const colon = text.lastIndexOf(':')
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) }
}

const staticVotersOf = ({ voters, controllerListener }: NodeSettings): VoterSet =>
  new VoterSet(
    voters.map(({ id, host, port }) => ({
      id,
      directoryId: undefined,
      endpoints: [{ name: controllerListener, host, port }],
      kraftVersionMin: 0,
      kraftVersionMax: 0,
    })),
  )
