import type { BrokerConfig } from '../config/index.ts'
import { GROUP_TOPIC, GroupCoordinator } from '../coordinator/group/index.ts'
import type { Host, Journal } from '../host/index.ts'
import { type LogDirectories, type LogDirectory, LogDriver } from '../log/index.ts'
import type { Server } from '../net/index.ts'
import type { Api } from '../protocol/index.ts'
import type { RaftDriver, RaftHandlers } from '../raft/index.ts'
import { FetchSessions, LogMover, type Partition, Partitions } from '../replica/index.ts'
import type { ActiveController } from './active-controller.ts'
import { advertisedListeners } from './advertised-listeners.ts'
import { brokerHandlers } from './apis/index.ts'
import { AutoTopics } from './auto-topics.ts'
import { BrokerLifecycle } from './broker-lifecycle.ts'
import type { BrokerMetrics } from './broker-metrics.ts'
import { type BrokerOptions, directoryPathOf } from './broker-options.ts'
import type { ClientSoftwares } from './client-software.ts'
import { ClientTelemetry, TelemetryCounter } from './client-telemetry.ts'
import { ControllerRegistration } from './controller-registration.ts'
import { DirectoryAssignments } from './directory-assignments.ts'
import type { DirectoryLocks } from './directory-locks.ts'
import { DirectoryRegistration } from './directory-registration.ts'
import { Dispatcher } from './dispatch.ts'
import { DynamicListeners } from './dynamic-listeners.ts'
import { connectionLimitsOf, followSettings } from './dynamic-settings.ts'
import { GroupLoading } from './group-loading.ts'
import { CoordinatorPartition } from './group-partition.ts'
import { groupConfigOf } from './group-settings.ts'
import { LeaderOffsets } from './leader-offsets.ts'
import type { Loggers } from './loggers.ts'
import { lostMajority } from './lost-majority.ts'
import { MetadataPublisher } from './metadata-publisher.ts'
import type { NodeSettings } from './node-settings.ts'
import type { NodeStatus } from './node-status.ts'
import { type OpenedParts, openParts } from './opened-parts.ts'
import type { BrokerParts, FeatureLevels } from './parts.ts'
import { allocateProducerIds, ProducerIds } from './producer-ids.ts'
import type { QuorumNode } from './quorum-node.ts'
import type { QuorumWatch } from './quorum-watch.ts'
import { BrokerReplication } from './replication.ts'
import { ReplicationThrottles } from './replication-throttles.ts'

const FETCH_SESSION_EVICTION_MS = 120_000
/** How long requests in progress may take to end when the node stops. */
const DRAIN_MS = 5000
/** How long a broker that stops asks to be let go, as Apache Kafka: until all others know who leads instead. */
const CONTROLLED_SHUTDOWN_MS = 300_000
/** How long a scrape waits for what others lead. */
const LEADER_OFFSETS_MS = 1000

/**
 * A node: controller, broker, or both in one process.
 *
 *     open:   raft ─► controller ─► metadata caught up ─► logs ─► registered ─► partitions ─► coordinators ─► listeners ─► unfenced
 *     close:  leaders moved away ─► controller handed over ─► listeners drained ─► coordinators ─► logs flushed, marked clean ─► raft
 */
export class Broker implements BrokerParts {
  readonly host: Host
  readonly journal: Journal
  readonly settings: NodeSettings
  readonly metrics: BrokerMetrics
  readonly nodeId: number
  readonly clusterId: string
  readonly raft: RaftDriver
  readonly quorum: RaftHandlers
  readonly loggers: Loggers
  readonly softwares: ClientSoftwares
  readonly telemetry: ClientTelemetry
  /** What clients have pushed, by software. */
  readonly telemetryCounter = new TelemetryCounter()
  readonly logs: LogDirectories
  readonly partitions: Partitions
  readonly mover: LogMover
  readonly fetchSessions: FetchSessions
  readonly throttles: ReplicationThrottles
  readonly groups: GroupCoordinator
  readonly controller: ActiveController
  readonly producerIds: ProducerIds
  readonly autoTopics: AutoTopics
  readonly lifecycle: BrokerLifecycle
  readonly replication: BrokerReplication
  /** Undefined: no status endpoint is asked for. */
  readonly status: NodeStatus | undefined
  private readonly leaderOffsets: LeaderOffsets
  private readonly groupLoading: GroupLoading
  private readonly directoryAssignments: DirectoryAssignments
  private readonly controllerRegistration: ControllerRegistration
  private readonly listeners: DynamicListeners
  private readonly node: QuorumNode
  private readonly quorumWatch: QuorumWatch
  private readonly server: Server
  private readonly logDriver: LogDriver
  private readonly locks: DirectoryLocks
  private checkpointTimer: { cancel(): void } | undefined
  private closing: Promise<void> | undefined

  get config(): BrokerConfig {
    return this.node.config
  }
  get image() {
    return this.node.image
  }

  private constructor(parts: OpenedParts) {
    const { options, node } = parts
    const { host, settings, identity } = options
    this.host = host
    this.settings = settings
    this.nodeId = settings.nodeId
    this.clusterId = identity.clusterId
    this.node = node
    this.quorumWatch = parts.quorumWatch
    this.journal = node.journal
    this.metrics = node.metrics
    this.softwares = node.softwares
    this.locks = parts.locks
    this.status = parts.status
    this.raft = node.raft
    this.quorum = node.quorum
    this.controller = node.activeController
    this.loggers = options.loggers
    this.telemetry = new ClientTelemetry(host, this.journal, options.config.get('telemetry.max.bytes'), [this.telemetryCounter])
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
    const { config } = this
    this.throttles = new ReplicationThrottles(this.nodeId, host.clock, () => this.config)
    this.replication = new BrokerReplication(this)
    this.partitions = new Partitions(settings.nodeId, parts.logs, node.image, this.journal, this.replication, (id) =>
      directoryPathOf(options, id),
    )
    this.mover = new LogMover({
      ...{ clock: host.clock, journal: this.journal, logs: parts.logs },
      quota: this.throttles.alterLogDirs,
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
    const groupTopic = node.image.topic(GROUP_TOPIC)
    this.groups = new GroupCoordinator({ ...host, journal: this.journal, config: groupConfigOf(config, groupTopic?.partitions.size) })
    this.leaderOffsets = new LeaderOffsets({
      ...{ host, nodeId: this.nodeId, limitMs: LEADER_OFFSETS_MS },
      addressOf: (id) => this.replication.addressOf(id),
    })
    this.groupLoading = new GroupLoading(host.clock, this.journal, () => this.groups.metrics())
    this.producerIds = new ProducerIds(
      () => allocateProducerIds(this.controller, { brokerId: settings.nodeId, brokerEpoch: this.lifecycle.epoch }),
      () => host.clock.monotonic(),
    )
    this.autoTopics = new AutoTopics(() => this.config, this.controller, this.journal)
    this.directoryAssignments = new DirectoryAssignments(
      {
        nodeId: settings.nodeId,
        epoch: () => this.lifecycle.epoch,
        image: () => this.image,
        directoryIdOf: (path) => identity.directoryIds.get(path),
      },
      this.controller,
      host.clock,
      this.journal,
    )
    this.controllerRegistration = new ControllerRegistration(host, this.controller, this.journal)
    this.lifecycle = new BrokerLifecycle(host, parts.quorumWatch.watched(this.controller), node.image, {
      nodeId: settings.nodeId,
      clusterId: identity.clusterId,
      rack: settings.rack,
      listeners: () => advertisedListeners(this.listeners.current, this.server),
      features: [...node.features].map(([name, { min, max }]) => ({ name, minSupportedVersion: min, maxSupportedVersion: max })),
      logDirectoryIds: parts.logs.online.map(({ path }) => identity.directoryIds.get(path)!).filter((id) => id !== undefined),
      cordonedDirectoryIds: () =>
        this.config.get('cordoned.log.dirs').flatMap((path) => parts.options.identity.directoryIds.get(path) ?? []),
      previousBrokerEpoch: parts.logs.previousBrokerEpoch,
      heartbeatIntervalMs: config.get('broker.heartbeat.interval.ms'),
      directoryFailureTimeoutMs: config.get('log.dir.failure.timeout.ms'),
      directoryUntold: (id) => this.directoryUntold(id, options),
      registrationTimeoutMs: config.get('initial.broker.registration.timeout.ms'),
      caughtUpTo: (offset) => node.caughtUpTo(offset),
    })
    // In the turn in which the registration takes those that are online: one that fails later is reported.
    parts.directoryFailed.callback = (directory) => this.directoryFailed(directory, options)
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
      followed: (partition) => this.replication.follow(partition),
      resigned: (partition) => this.resigned(partition),
    })
    const publisher = new MetadataPublisher({
      placed: (partition) => this.directoryAssignments.placed(partition),
      ...{ nodeId: this.nodeId, journal: this.journal, logs: this.logs, partitions: this.partitions, metrics: this.metrics },
      currentConfig: () => this.config,
      configChanged: (config) => {
        this.node.current.config = config
        this.listeners.follow(config)
        this.replication.followSettings(config)
        followSettings(config, this.logs, this.server, this.listeners.names, this.image)
      },
      subscriptionChanged: (name, texts) => this.telemetry.subscribe(name, texts),
      topicsDeleted: (topics) => void this.groups.onTopicsDeleted(topics),
    })
    publisher.begin(this.image)
    const { loader } = this.node
    loader.subscribe(publisher)
    loader.subscribe({ onMetadata: (delta) => this.replication.onMetadata(delta) })
    const directories = new DirectoryRegistration(
      {
        ...{ nodeId: this.nodeId, directoryCount: this.logs.directories.length },
        registerAgain: () => void this.lifecycle.registerAgain(),
        directoriesKnown: () => {
          for (const partition of this.partitions.all()) this.directoryAssignments.placed(partition)
        },
      },
      this.journal,
    )
    directories.begin(this.image)
    loader.subscribe(directories)
    loader.subscribe({ onFatal: (error) => options.onFatal?.(error) })
    await this.listeners.settled()
    await this.lifecycle.register()
    // Only what the controller knows at the registration says which partitions are this broker's.
    await this.logs.setAsideStrays((log) => {
      const { topicId, partition } = log
      // A topic's id is on disk before its first record. An empty log in its place could be elected, and all others cut back to it.
      if (topicId === undefined && log.logEndOffset > log.logStartOffset) {
        log.fail(new Error(`${log.home.path} holds records and no partition.metadata: restore it, or move it out of the log directory`))
        return false
      }
      const found = topicId === undefined ? undefined : this.image.topicById(topicId)
      return !(found?.partitions.get(partition)?.replicas.includes(this.nodeId) ?? false)
    })
    await publisher.loadPartitions()
    this.mover.resume((topic, index) => this.partitions.findByName(topic, index))
    this.logDriver.start()
    this.replication.start()
    this.checkpointHighWatermarks()
    parts.frames.onClose = ({ number }) => {
      this.softwares.disconnected(String(number))
      this.telemetry.disconnected(String(number))
    }
    parts.frames.open(new Dispatcher(brokerHandlers, this, 'broker'))
    if (this.settings.roles.controller) {
      void this.controllerRegistration.register(
        this.nodeId,
        advertisedListeners(this.listeners.current, this.server, true),
        this.node.features,
      )
    }
    await this.lifecycle.unfence()
  }

  private showStatus(): void {
    const { nodeId, clusterId, image, metrics, logs, partitions, groups, raft, lifecycle, node } = this
    const { server, listeners, fetchSessions, throttles, replication, leaderOffsets } = this
    this.status?.watch({
      ...{
        nodeId,
        clusterId,
        image,
        metrics,
        logs,
        partitions,
        groups,
        raft,
        lifecycle,
        fetchSessions,
        throttles,
        replication,
        leaderOffsets,
      },
      clock: this.host.clock,
      connections: server.counts,
      get listeners() {
        return listeners.current.flatMap(({ name, isController }) => {
          const bound = server.address(name)
          return bound === undefined ? [] : [{ name, isController, ...bound }]
        })
      },
      get config() {
        return node.config
      },
      get controllerState() {
        return node.localController?.state
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
    this.replication.unfollow(partition.topicId, partition.index)
    if (partition.topic !== GROUP_TOPIC) return
    partition.onHighWatermark = (highWatermark) => this.groups.onHighWatermark(partition.index, highWatermark)
    const ledgerPartition = new CoordinatorPartition(partition, () => this.host.clock.now(), this.metrics)
    this.groupLoading.follow(this.groups.onElection(partition.index, ledgerPartition))
  }

  private resigned({ topic, topicId, index }: { topic: string; topicId: string; index: number }): void {
    this.replication.unfollow(topicId, index)
    if (topic === GROUP_TOPIC) this.groups.onResignation(index)
  }

  private directoryFailed(directory: LogDirectory, options: BrokerOptions): void {
    this.partitions.directoryFailed(directory)
    const id = options.identity.directoryIds.get(directory.path)
    if (id !== undefined) this.lifecycle.directoryFailed(id)
    const lost = directory.path === this.settings.metadataLogDir || this.logs.online.length === 0
    if (lost) options.onFatal?.(new Error(`log directory ${directory.path} failed, and the node cannot go on without it`))
  }

  private directoryUntold(id: string, options: BrokerOptions): void {
    const limit = `${this.config.get('log.dir.failure.timeout.ms')} ms (log.dir.failure.timeout.ms)`
    const path = directoryPathOf(options, id)
    options.onFatal?.(
      new Error(`log directory ${path} failed, and no controller could be told of it within ${limit}: others shall lead instead`),
    )
  }

  private checkpointHighWatermarks(): void {
    const intervalMs = this.config.get('replica.high.watermark.checkpoint.interval.ms')
    // As with Apache Kafka: then only the stop writes them down.
    if (intervalMs <= 0) return
    this.checkpointTimer = this.host.clock.after(intervalMs, () => {
      this.logs
        .checkpointHighWatermarks()
        .catch((error) => this.journal.error('high watermarks could not be checkpointed', { error }))
        .finally(() => {
          if (this.closing === undefined) this.checkpointHighWatermarks()
        })
    })
  }

  servedApis(kind: 'broker' | 'controller'): readonly Api[] {
    return this.node.servedApis(kind)
  }

  controllerHandler(apiKey: number) {
    return this.node.controllerHandler(apiKey)
  }

  supportedFeatures() {
    return this.node.supportedFeatures()
  }

  finalizedFeatures(): FeatureLevels {
    return this.node.finalizedFeatures()
  }

  clientSoftware(connectionId: string, name: string, version: string): void {
    this.node.clientSoftware(connectionId, name, version)
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
    rest.defer(() => this.node.close())
    rest.defer(() => this.logs.close(this.lifecycle.epoch))
    this.controllerRegistration.close()
    this.quorumWatch.close()
    const leaving = new AbortController()
    try {
      const alone = lostMajority(this.host, this.raft, this.settings, leaving.signal)
      await this.lifecycle.shutDown(config.get('controlled.shutdown.enable') ? CONTROLLED_SHUTDOWN_MS : 0, alone)
      await this.node.handOver(alone)
    } finally {
      leaving.abort()
    }
    await this.listeners.settled()
    await this.server.close(DRAIN_MS)
    this.checkpointTimer?.cancel()
    await this.replication.close()
    this.directoryAssignments.close()
    this.leaderOffsets.close()
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
    this.controllerRegistration.close()
    this.quorumWatch.close()
    this.lifecycle.close()
    await this.server.destroy()
    void this.replication.close()
    this.directoryAssignments.close()
    this.leaderOffsets.close()
    this.groupLoading.close()
    this.groups.close()
    void this.mover.close()
    const upkeep = this.logDriver.stop()
    await this.logs.abandon()
    await upkeep
    await this.node.kill()
    await this.locks.release()
    await this.status?.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
