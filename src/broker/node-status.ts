import { assert } from '../base/index.ts'
import type { BrokerConfig } from '../config/index.ts'
import { type Address, type Host, NetworkError, type VitalSigns, type Vitals } from '../host/index.ts'
import { exposition, MetricRegistry, processMetrics } from '../metrics/index.ts'
import { showCluster, showController, showMetadata, showQuorum } from './cluster-metrics.ts'
import { type DirectoryRoom, readRoom, showRoom } from './directory-room.ts'
import { type GroupReading, readGroups, showGroupCoordinator, showGroups } from './group-metrics.ts'
import { isBroker, type NodeView, type ShownPartition } from './node-view.ts'
import { showPartitionCounts, showPartitions, showTopicSizes } from './partition-metrics.ts'
import { showProcess } from './process-metrics.ts'
import type { QuorumWatch } from './quorum-watch.ts'
import { showFetcherLags, showReplication } from './replication-metrics.ts'
import { StatusEndpoint, type StatusPage } from './status-endpoint.ts'
import { statusReport } from './status-report.ts'
import { showConnections, showRequestCounts, showRequests, showTopicTraffic } from './traffic-metrics.ts'

export interface StatusOptions {
  readonly host: Host
  readonly config: BrokerConfig
  readonly listenerNames: readonly string[]
  /** Of tkafka, when it is known. */
  readonly version?: string | undefined
}

/** What is read before a scrape is written: what others have to be asked for, and what has to agree with each other. */
interface Reading {
  readonly signs: VitalSigns | undefined
  readonly room: readonly DirectoryRoom[]
  readonly partitions: readonly ShownPartition[]
  readonly groups: GroupReading | undefined
}

const NOTHING: Reading = { signs: undefined, room: [], partitions: [], groups: undefined }

const json = (status: number, body: object): StatusPage => ({
  status,
  type: 'application/json; charset=utf-8',
  body: `${JSON.stringify(body)}\n`,
})

/**
 * What a node shows over HTTP: /metrics for Prometheus, /health for whoever restarts it, /ready for whoever sends it work,
 * /status for whoever runs it. Open from the
 * first moment, so that a long recovery is seen as "alive, not ready".
 */
export class NodeStatus {
  private readonly options: StatusOptions
  private readonly registry = new MetricRegistry()
  private readonly vitals: Vitals | undefined
  private readonly startedMs: number
  private endpoint: StatusEndpoint | undefined
  private view: NodeView | undefined
  private quorum: QuorumWatch | undefined
  private reading = NOTHING
  private scrape: Promise<StatusPage> | undefined

  private constructor(options: StatusOptions) {
    this.options = options
    this.vitals = options.host.vitals?.()
    this.startedMs = options.host.clock.monotonic()
    showProcess(this.registry, () => this.reading.signs)
    this.registry.gauge(processMetrics.uptime, () => (options.host.clock.monotonic() - this.startedMs) / 1000)
    if (options.version !== undefined) this.registry.gauge(processMetrics.buildInfo, () => 1, { version: options.version })
  }

  /** Undefined: the settings ask for none, or its address cannot be had, which is told: looking on must not keep a node from serving. */
  static async open(options: StatusOptions): Promise<NodeStatus | undefined> {
    const address = addressOf(options.config.get('tkafka.status.listener'))
    if (address === undefined) return undefined
    const status = new NodeStatus(options)
    try {
      status.endpoint = await StatusEndpoint.open(options.host, address, {
        '/metrics': () => status.metrics(),
        '/health': () => status.health(),
        '/ready': () => status.ready(),
        '/status': () => status.report(),
      })
    } catch (error) {
      status.vitals?.close()
      if (!(error instanceof NetworkError)) throw error
      const asked = `tkafka.status.listener=${address.host}:${address.port}`
      options.host.journal.warn(`no status endpoint: ${asked} cannot be had`, { error: error.message })
      return undefined
    }
    return status
  }

  get address(): Address {
    assert(this.endpoint !== undefined, 'an open status has an endpoint')
    return this.endpoint.address
  }

  /** The node takes part in the quorum: what else it needs may wait for that. */
  watchQuorum(quorum: QuorumWatch): void {
    this.quorum = quorum
  }

  /** The node is put together: there is something to show. */
  watch(view: NodeView): void {
    const { registry } = this
    const detail = view.config.get('tkafka.metrics.detail')
    const partitions = (): readonly ShownPartition[] => this.reading.partitions
    this.view = view
    showRoom(registry, () => this.reading.room)
    showRequestCounts(registry, view)
    showConnections(registry, view, this.options.listenerNames)
    showController(registry, view)
    showMetadata(registry, view)
    showQuorum(registry, view)
    showCluster(registry, view, detail)
    if (!isBroker(view)) return
    showTopicTraffic(registry, view, detail !== 'broker')
    showReplication(registry, view)
    showPartitionCounts(registry, view)
    if (detail === 'partition') showPartitions(registry, partitions)
    if (detail === 'partition') showFetcherLags(registry, view)
    if (detail === 'topic') showTopicSizes(registry, partitions)
    showGroupCoordinator(registry, () => this.reading.groups)
    if (detail !== 'broker') showGroups(registry, () => this.reading.groups)
  }

  /** Scrapes that come together share one text. */
  private metrics(): Promise<StatusPage> {
    this.scrape ??= this.readMetrics().finally(() => {
      this.scrape = undefined
    })
    return this.scrape
  }

  private async readMetrics(): Promise<StatusPage> {
    const { view, registry, options } = this
    const { clock } = options.host
    const rest = (): Promise<void> => new Promise((resolve) => clock.defer(resolve))
    if (view !== undefined) showRequests(registry, view)
    this.reading = await this.read(view, rest)
    const { contentType: type, chunks: body } = await exposition(
      registry,
      clock.monotonic(),
      options.config.get('tkafka.metrics.naming'),
      rest,
    ).finally(() => {
      this.reading = NOTHING
    })
    return { status: 200, type, body }
  }

  private async read(view: NodeView | undefined, rest: () => Promise<void>): Promise<Reading> {
    const signs = await this.vitals?.read()
    if (view === undefined) return { ...NOTHING, signs }
    const room = await readRoom(this.options.host, view)
    if (!isBroker(view)) return { ...NOTHING, signs, room }
    const detail = view.config.get('tkafka.metrics.detail')
    const groups = await readGroups(view, detail, rest)
    const partitions: ShownPartition[] = []
    if (detail !== 'broker') {
      for (const partition of view.partitions.all())
        partitions.push({ partition, labels: { topic: partition.topic, partition: String(partition.index) } })
    }
    return { signs, room, partitions, groups }
  }

  /**
   * 503: this process will not serve again, a new one might. What a new one would meet too, as a quorum that is lost, or one failed log
   * directory of several, is told, and is no reason to restart.
   */
  private health(): StatusPage {
    const { view, quorum } = this
    const quorumProblems = quorum?.problem === undefined ? [] : [quorum.problem]
    if (view === undefined) return json(200, { status: 'starting', problems: quorumProblems })
    const { raft } = view
    const logs = isBroker(view) ? view.logs : undefined
    const fatal = [
      ...(raft.failure === undefined ? [] : [`the metadata log failed: ${raft.failure.message}`]),
      ...(logs?.online.length === 0 ? ['no log directory is left'] : []),
    ]
    const offline = logs?.directories.filter(({ online }) => !online) ?? []
    const troubled = fatal.length > 0 ? [] : quorumProblems
    const problems = [...fatal, ...troubled, ...offline.map(({ path, failure }) => `log directory ${path} is offline: ${failure?.message}`)]
    const status = fatal.length > 0 ? 'failed' : problems.length > 0 ? 'degraded' : 'healthy'
    return json(fatal.length > 0 ? 503 : 200, { status, nodeId: view.nodeId, clusterId: view.clusterId, problems })
  }

  /** 200 while clients are served: registered, not fenced, not on the way out. Of a controller alone: while it knows who is active. */
  private ready(): StatusPage {
    const { view } = this
    if (view !== undefined && !isBroker(view)) {
      const { leaderId } = view.raft.leaderAndEpoch
      return json(leaderId === undefined ? 503 : 200, { ready: leaderId !== undefined, state: view.raft.core.role })
    }
    const state = view?.lifecycle.state ?? 'starting'
    const fenced = view?.image.brokers.get(view.nodeId)?.fenced ?? true
    const isReady = state === 'running' && !fenced
    return json(isReady ? 200 : 503, { ready: isReady, state, fenced })
  }

  private async report(): Promise<StatusPage> {
    const { options, view, startedMs, quorum } = this
    const { host, version } = options
    return json(200, await statusReport({ host, version, uptimeMs: host.clock.monotonic() - startedMs, view, quorum: quorum?.report }))
  }

  async close(): Promise<void> {
    this.vitals?.close()
    await this.endpoint?.close()
  }
}

/** `host:port`, checked by its declaration. */
const addressOf = (text: string): Address | undefined => {
  if (text === '') return undefined
  const colon = text.lastIndexOf(':')
  return { host: text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: Number(text.slice(colon + 1)) }
}
