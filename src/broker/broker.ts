import type { BrokerConfig } from '../config/index.ts'
import type { Controller } from '../controller/index.ts'
import { GROUP_TOPIC, GroupCoordinator } from '../coordinator/group/index.ts'
import type { Host, Journal } from '../host/index.ts'
import { type LogDirectories, type LogDirectory, LogDriver } from '../log/index.ts'
import { KRAFT_VERSION, type MetadataLoader, supportedFeatures } from '../metadata/index.ts'
import type { Server } from '../net/index.ts'
import type { Api } from '../protocol/index.ts'
import { type RaftDriver, RaftHandlers } from '../raft/index.ts'
import { FetchSessions, LogMover, type Partition, Partitions } from '../replica/index.ts'
import { advertisedListeners } from './advertised-listeners.ts'
import { handlers } from './apis/index.ts'
import { AutoTopics } from './auto-topics.ts'
import { BrokerLifecycle } from './broker-lifecycle.ts'
import { BrokerMetrics } from './broker-metrics.ts'
import type { BrokerOptions, CurrentConfig } from './broker-options.ts'
import { ClientSoftwares } from './client-software.ts'
import { ClientTelemetry, TelemetryCounter } from './client-telemetry.ts'
import type { LocalController } from './controller-client.ts'
import { registerController } from './controller-registration.ts'
import { DirectoryAssignments } from './directory-assignments.ts'
import type { DirectoryLocks } from './directory-locks.ts'
import { Dispatcher } from './dispatch.ts'
import { DynamicListeners } from './dynamic-listeners.ts'
import { connectionLimitsOf, followSettings } from './dynamic-settings.ts'
import { GroupLoading } from './group-loading.ts'
import { CoordinatorPartition } from './group-partition.ts'
import { groupConfigOf } from './group-settings.ts'
import type { Loggers } from './loggers.ts'
import { MetadataPublisher } from './metadata-publisher.ts'
import type { NodeSettings } from './node-settings.ts'
import type { NodeStatus } from './node-status.ts'
import { type OpenedParts, openParts } from './opened-parts.ts'
import type { BrokerParts, FeatureLevels } from './parts.ts'
import { allocateProducerIds, ProducerIds } from './producer-ids.ts'
import { TopicJournal } from './topic-journal.ts'

const FETCH_SESSION_EVICTION_MS = 120_000
/** How long requests in progress may take to end when the node stops. */
const DRAIN_MS = 5000
const HIGH_WATERMARK_CHECKPOINT_MS = 5000

/**
 * A node: controller, broker, or both in one process.
 *
 *     open:   raft ─► controller ─► metadata caught up ─► logs ─► partitions ─► coordinators ─► listeners ─► registered ─► unfenced
 *     close:  leaders moved away ─► listeners drained ─► coordinators ─► logs flushed, marked clean ─► controller ─► raft
 */
export class Broker implements BrokerParts {
  readonly host: Host
  readonly journal: Journal
  readonly settings: NodeSettings
  readonly metrics = new BrokerMetrics()
  readonly nodeId: number
  readonly clusterId: string
  readonly raft: RaftDriver
  readonly quorum: RaftHandlers
  readonly loggers: Loggers
  readonly softwares = new ClientSoftwares()
  readonly telemetry: ClientTelemetry
  /** What clients have pushed, by software. */
  readonly telemetryCounter = new TelemetryCounter()
  readonly logs: LogDirectories
  readonly partitions: Partitions
  readonly mover: LogMover
  readonly fetchSessions: FetchSessions
  readonly groups: GroupCoordinator
  readonly controller: LocalController
  readonly producerIds: ProducerIds
  readonly autoTopics: AutoTopics
  readonly lifecycle: BrokerLifecycle
  /** Undefined: no status endpoint is asked for. */
  readonly status: NodeStatus | undefined
  private readonly groupLoading: GroupLoading
  private readonly directoryAssignments: DirectoryAssignments
  private readonly listeners: DynamicListeners
  private readonly loader: MetadataLoader
  private readonly localController: Controller
  private readonly server: Server
  private readonly logDriver: LogDriver
  private readonly current: CurrentConfig
  private readonly locks: DirectoryLocks
  private checkpointTimer: { cancel(): void } | undefined
  private closing: Promise<void> | undefined

  get config(): BrokerConfig {
    return this.current.config
  }
  get image() {
    return this.loader.image
  }

  private constructor(parts: OpenedParts) {
    const { options } = parts
    const { host, settings, identity } = options
    this.host = host
    this.settings = settings
    this.nodeId = settings.nodeId
    this.clusterId = identity.clusterId
    this.journal = host.journal.child('broker', { node: settings.nodeId })
    this.current = parts.current
    this.locks = parts.locks
    this.status = parts.status
    this.raft = parts.raft
    this.quorum = new RaftHandlers(parts.raft, identity.clusterId)
    this.loggers = options.loggers
    this.telemetry = new ClientTelemetry(host, this.journal, options.config.get('telemetry.max.bytes'), [this.telemetryCounter])
    this.loader = parts.loader
    this.localController = parts.localController
    this.controller = parts.controller
    this.logs = parts.logs
    this.server = parts.server
    this.logDriver = new LogDriver(parts.logs)
    this.listeners = new DynamicListeners(settings.listeners, {
      ...{ server: parts.server, hostName: settings.hostName, journal: this.journal },
      changed: () => {
        this.server.counts.limits = connectionLimitsOf(this.config, this.listeners.names, this.image)
        void this.lifecycle.registerAgain()
      },
    })
    this.partitions = new Partitions(settings.nodeId, parts.logs, parts.loader.image, this.journal)
    const { config } = this
    this.mover = new LogMover({
      ...{ clock: host.clock, journal: this.journal, logs: parts.logs },
      bytesPerSecond: () => this.config.get('replica.alter.log.dirs.io.max.bytes.per.second'),
      movesMax: config.get('num.replica.alter.log.dirs.threads') ?? parts.logs.directories.length,
      exchanging: (partition, exchanged) => this.partitions.hold(partition, exchanged),
      exchanged: (partition) => this.partitions.regain(partition),
      claim: (partition, directory) => this.directoryAssignments.claim(partition, directory),
      placed: (partition) => this.directoryAssignments.placed(partition),
    })
    this.fetchSessions = new FetchSessions(
      { slots: config.get('max.incremental.fetch.session.cache.slots'), evictionMs: FETCH_SESSION_EVICTION_MS },
      () => host.random.below(0x7fffffff),
    )
    const groupTopic = parts.loader.image.topic(GROUP_TOPIC)
    this.groups = new GroupCoordinator({ ...host, journal: this.journal, config: groupConfigOf(config, groupTopic?.partitions.size) })
    this.groupLoading = new GroupLoading(host.clock, this.journal, () => this.groups.metrics())
    this.producerIds = new ProducerIds(
      () => allocateProducerIds(parts.controller, { brokerId: settings.nodeId, brokerEpoch: this.lifecycle.epoch }),
      () => host.clock.monotonic(),
    )
    this.autoTopics = new AutoTopics(() => this.config, parts.controller, this.journal)
    this.directoryAssignments = new DirectoryAssignments(
      {
        nodeId: settings.nodeId,
        epoch: () => this.lifecycle.epoch,
        image: () => this.image,
        directoryIdOf: (path) => identity.directoryIds.get(path),
      },
      parts.controller,
      host.clock,
      this.journal,
    )
    this.lifecycle = new BrokerLifecycle(host, parts.controller, parts.loader.image, {
      nodeId: settings.nodeId,
      clusterId: identity.clusterId,
      rack: settings.rack,
      listeners: () => advertisedListeners(this.listeners.current, this.server),
      features: [...supportedFeatures].map(([name, { min, max }]) => ({ name, minSupportedVersion: min, maxSupportedVersion: max })),
      logDirectoryIds: parts.logs.online.map(({ path }) => identity.directoryIds.get(path)!).filter((id) => id !== undefined),
      cordonedDirectoryIds: () =>
        this.config.get('cordoned.log.dirs').flatMap((path) => parts.options.identity.directoryIds.get(path) ?? []),
      previousBrokerEpoch: Math.max(-1, ...parts.logs.directories.map(({ cleanShutdown }) => cleanShutdown?.brokerEpoch ?? -1)),
      heartbeatIntervalMs: config.get('broker.heartbeat.interval.ms'),
      registrationTimeoutMs: config.get('initial.broker.registration.timeout.ms'),
    })
  }

  /** Starts a formatted node; resolves when it serves. What was opened is closed again when that fails. */
  static async open(options: BrokerOptions): Promise<Broker> {
    await using opened = new AsyncDisposableStack()
    const parts = await openParts(options, opened)
    const broker = new Broker(parts)
    opened.defer(() => broker.kill())
    await broker.start(parts)
    opened.move()
    return broker
  }

  private async start(parts: OpenedParts): Promise<void> {
    const { options } = parts
    this.showStatus()
    this.partitions.observe({
      placed: (partition) => this.directoryAssignments.placed(partition),
      led: (partition) => this.led(partition),
      resigned: (topic, index) => this.resigned(topic, index),
    })
    const publisher = new MetadataPublisher({
      ...{ nodeId: this.nodeId, journal: this.journal, logs: this.logs, partitions: this.partitions, metrics: this.metrics },
      currentConfig: () => this.config,
      configChanged: (config) => {
        this.current.config = config
        this.listeners.follow(config)
        followSettings(config, this.logs, this.server, this.listeners.names, this.image)
      },
      subscriptionChanged: (name, texts) => this.telemetry.subscribe(name, texts),
      topicsDeleted: (topics) => void this.groups.onTopicsDeleted(topics),
    })
    publisher.begin(this.image)
    this.loader.subscribe(publisher)
    const controllerJournal = this.host.journal.child('controller', { node: this.nodeId })
    this.loader.subscribe(new TopicJournal(controllerJournal, () => this.localController.state !== undefined))
    this.loader.subscribe({ onFatal: (error) => options.onFatal?.(error) })
    await this.listeners.settled()
    parts.directoryFailed.callback = (directory) => this.directoryFailed(directory, options)
    await this.partitions.loadAll()
    this.mover.resume((topic, index) => this.partitions.findByName(topic, index))
    this.logDriver.start()
    this.checkpointHighWatermarks()
    const controllerListeners = new Set(this.settings.listeners.filter(({ isController }) => isController).map(({ name }) => name))
    parts.frames.onClose = ({ number }) => {
      this.softwares.disconnected(String(number))
      this.telemetry.disconnected(String(number))
    }
    parts.frames.open(new Dispatcher(handlers, this, controllerListeners))
    void registerController(
      this.host,
      this.controller,
      {
        nodeId: this.nodeId,
        listeners: advertisedListeners(this.listeners.current, this.server, true),
        isClosing: () => this.closing !== undefined,
      },
      this.journal,
    )
    await this.lifecycle.register()
    await this.lifecycle.unfence()
  }

  private showStatus(): void {
    const { nodeId, clusterId, image, metrics, logs, partitions, groups, raft, lifecycle, current, localController } = this
    const { server, listeners } = this
    this.status?.watch({
      ...{ nodeId, clusterId, image, metrics, logs, partitions, groups, raft, lifecycle },
      clock: this.host.clock,
      connections: server.counts,
      get listeners() {
        return listeners.current.flatMap(({ name, isController }) => {
          const bound = server.address(name)
          return bound === undefined ? [] : [{ name, isController, ...bound }]
        })
      },
      get config() {
        return current.config
      },
      get controllerState() {
        return localController.state
      },
    })
  }

  /** Where a listener is bound. */
  address(listenerName: string) {
    return this.server.address(listenerName)
  }
  get connectionCount(): number {
    return this.server.connections.size
  }

  private led(partition: Partition): void {
    if (partition.topic !== GROUP_TOPIC) return
    partition.onHighWatermark = (highWatermark) => this.groups.onHighWatermark(partition.index, highWatermark)
    const ledgerPartition = new CoordinatorPartition(partition, () => this.host.clock.now(), this.metrics)
    this.groupLoading.follow(this.groups.onElection(partition.index, ledgerPartition))
  }

  private resigned(topic: string, index: number): void {
    if (topic === GROUP_TOPIC) this.groups.onResignation(index)
  }

  private directoryFailed(directory: LogDirectory, options: BrokerOptions): void {
    this.partitions.directoryFailed(directory)
    const id = options.identity.directoryIds.get(directory.path)
    if (id !== undefined) this.lifecycle.directoryFailed(id)
    const lost = directory.path === this.settings.metadataLogDir || this.logs.online.length === 0
    if (lost) options.onFatal?.(new Error(`log directory ${directory.path} failed, and the node cannot go on without it`))
  }

  private checkpointHighWatermarks(): void {
    this.checkpointTimer = this.host.clock.after(HIGH_WATERMARK_CHECKPOINT_MS, () => {
      this.logs
        .checkpointHighWatermarks()
        .catch((error) => this.journal.error('high watermarks could not be checkpointed', { error }))
        .finally(() => {
          if (this.closing === undefined) this.checkpointHighWatermarks()
        })
    })
  }

  servedApis(kind: 'broker' | 'controller'): readonly Api[] {
    return handlers.map(({ api }) => api).filter(({ listeners }) => listeners.includes(kind))
  }

  supportedFeatures() {
    return [...supportedFeatures].map(([name, { min, max }]) => ({ name, minVersion: min, maxVersion: max }))
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

  /** Stops in order; what was acknowledged is on disk, and the directories are marked as cleanly shut down. Bounded in time. */
  close(): Promise<void> {
    this.closing ??= this.closeInTime()
    return this.closing
  }

  private async closeInTime(): Promise<void> {
    const startMs = this.host.clock.monotonic()
    await this.closeNow()
    const lost = this.logs.directories.filter(({ online }) => !online).map(({ path }) => path)
    const tookMs = Math.round(this.host.clock.monotonic() - startMs)
    if (lost.length === 0 && this.raft.failure === undefined) this.journal.info('stopped cleanly', { tookMs })
    else this.journal.warn('stopped; what failed before is recovered by the next start', { tookMs, offline: lost })
  }

  private async closeNow(): Promise<void> {
    const { config } = this
    // Each step is taken whatever the ones before it came to: a node never keeps its locks because a log did not close.
    await using rest = new AsyncDisposableStack()
    rest.defer(() => this.status?.close())
    rest.defer(() => this.locks.release())
    rest.defer(() => this.raft.close())
    rest.defer(() => {
      this.localController.close()
      this.controller.close()
    })
    rest.defer(() => this.logs.close(this.lifecycle.epoch))
    await this.lifecycle.shutDown(config.get('controlled.shutdown.enable') ? DRAIN_MS : 0)
    await this.listeners.settled()
    await this.server.close(DRAIN_MS)
    this.checkpointTimer?.cancel()
    this.directoryAssignments.close()
    this.groupLoading.close()
    this.groups.close()
    await this.mover.close()
    await this.logDriver.stop()
    await this.partitions.settled()
  }

  /** Stops at once, as a crash would: what is not on disk is lost. For the simulated world. */
  async kill(): Promise<void> {
    this.closing ??= Promise.resolve()
    this.checkpointTimer?.cancel()
    this.lifecycle.close()
    await this.server.destroy()
    this.directoryAssignments.close()
    this.groupLoading.close()
    this.groups.close()
    this.localController.close()
    this.controller.close()
    void this.mover.close()
    const upkeep = this.logDriver.stop()
    await this.logs.abandon()
    await upkeep
    await this.raft.abandon()
    await this.locks.release()
    await this.status?.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
