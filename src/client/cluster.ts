import type { Host, Timer } from '../host/index.ts'
import { ChannelGround, FramePool } from '../net/index.ts'
import { type Api, Apis, Errors, type Message, type Schema } from '../protocol/index.ts'
import { DescribeClusterRequest, DescribeClusterResponse } from '../protocol/messages/describe-cluster.ts'
import { FindCoordinatorRequest, FindCoordinatorResponse } from '../protocol/messages/find-coordinator.ts'
import { MetadataRequest, MetadataResponse } from '../protocol/messages/metadata.ts'
import { parseAddress } from './address.ts'
import { Backoff } from './backoff.ts'
import { BrokerLink, type LinkContext, type Node } from './broker-link.ts'
import { type Body, type Call, type CallOptions, call } from './call.ts'
import { ClientError, isRetriableError, notKafka, throwIfError } from './client-error.ts'
import type { ConnectionSettings } from './config.ts'
import { type ClusterView, emptyView, nextView, withLeader } from './metadata-cache.ts'
import { secureLinks } from './secure-links.ts'
import { invalid } from './settings.ts'

export const metadataCall = call(Apis.Metadata, MetadataRequest, MetadataResponse)
const describeCluster = call(Apis.DescribeCluster, DescribeClusterRequest, DescribeClusterResponse)
const findCoordinator = call(Apis.FindCoordinator, FindCoordinatorRequest, FindCoordinatorResponse)

export const CoordinatorType = { group: 0, transaction: 1, share: 2 } as const
export type CoordinatorTypeId = (typeof CoordinatorType)[keyof typeof CoordinatorType]

/** Requests of different lanes do not wait for each other: a broker works on one request per connection at a time. */
export type Lane = 'main' | 'group'

export interface ClusterOptions {
  /** Gives up when every bootstrap server has failed this often and none was ever reached. Default: only the deadline of each call counts. */
  readonly connectAttempts?: number
  /** Topics that every refresh asks for (null: all). Without it only what a call asks for. */
  readonly interest?: () => readonly string[] | null
  readonly allowAutoTopicCreation?: boolean
  /** Answers come in memory that is used again once who asked lets go of it (`CallOptions.onLease`). */
  readonly reusesMemory?: boolean
}

interface Waiter {
  readonly topics: readonly string[] | null
  readonly resolve: (view: ClusterView) => void
  readonly reject: (error: Error) => void
}

/**
 * The connections to one cluster and what is known of it. Nothing is opened before the first call.
 *
 * Invariant: at most one metadata request is under way; whoever asks meanwhile is answered by the next one.
 */
export class Cluster {
  readonly host: Host
  readonly settings: ConnectionSettings
  view: ClusterView = emptyView
  #options: ClusterOptions
  #context: LinkContext
  #ground: ChannelGround
  #bootstrap: ReadonlyMap<number, Node>
  #rebootstrapped = true
  #links: Record<Lane, Map<number, BrokerLink>> = { main: new Map(), group: new Map() }
  #coordinators = new Map<string, Node>()
  #backoff: Backoff
  #waiters: Waiter[] = []
  #refreshing = false
  #failures = 0
  #lastFailure: Error | undefined
  #failingSinceMs = -1
  #ageTimer: Timer | undefined
  #refreshTimer: Timer | undefined
  #isRefreshWanted = false
  #answeredAtMs = Number.NEGATIVE_INFINITY
  #listeners = new Set<(view: ClusterView) => void>()
  #downListeners = new Set<(node: Node, error: Error) => void>()
  #closed: Error | undefined

  /** @throws KafkaError INVALID_CONFIG */
  constructor(host: Host, settings: ConnectionSettings, options: ClusterOptions = {}) {
    this.host = host
    this.settings = settings
    this.#options = options
    this.#bootstrap = bootstrapNodes(settings)
    this.#ground = new ChannelGround(host, options.reusesMemory === true ? new FramePool() : undefined)
    this.#backoff = new Backoff(settings['retry.backoff.ms'], settings['retry.backoff.max.ms'], host.random)
    this.#context = {
      host,
      settings,
      ground: this.#ground,
      ...secureLinks(host, settings),
      onDown: (node, error) => this.#nodeDown(node, error),
    }
  }

  /** Talks to controllers directly (bootstrap.controllers), which know no topics. */
  get ofControllers(): boolean {
    return this.settings['bootstrap.controllers'].length > 0
  }

  get closed(): boolean {
    return this.#closed !== undefined
  }

  /** The nodes to talk to: the cluster's, or the bootstrap servers before they are known. */
  get nodes(): ReadonlyMap<number, Node> {
    return this.#rebootstrapped ? this.#bootstrap : this.view.nodes
  }

  /** Called after every new view. Gives how to stop it. */
  onView(listener: (view: ClusterView) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Called whenever a connection broke or could not be opened. */
  onNodeDown(listener: (node: Node, error: Error) => void): () => void {
    this.#downListeners.add(listener)
    return () => this.#downListeners.delete(listener)
  }

  /** @throws ClientError NETWORK_EXCEPTION for a node that the cluster does not have */
  link(nodeId: number, lane: Lane = 'main'): BrokerLink {
    if (this.#closed !== undefined) throw this.#closed
    const node = this.nodes.get(nodeId) ?? this.#coordinatorNode(nodeId)
    if (node === undefined) throw new ClientError(Errors.NETWORK_EXCEPTION, `the cluster has no broker ${nodeId} at the moment`)
    const links = this.#links[lane]
    const known = links.get(nodeId)
    if (known !== undefined && known.node.host === node.host && known.node.port === node.port) return known
    known?.close(new ClientError(Errors.NETWORK_EXCEPTION, `broker ${nodeId} moved to ${node.host}:${node.port}`))
    const link = new BrokerLink(node, this.#context)
    links.set(nodeId, link)
    return link
  }

  /** One attempt at one broker. */
  async send<Q extends Schema, R extends Schema>(
    nodeId: number,
    call: Call<Q, R>,
    body: Body<Q>,
    options?: CallOptions,
  ): Promise<Message<R>> {
    return this.link(nodeId).request(call, body, options)
  }

  /** One attempt at the least loaded broker. */
  async sendAny<Q extends Schema, R extends Schema>(call: Call<Q, R>, body: Body<Q>, options?: CallOptions): Promise<Message<R>> {
    if (this.view.version === 0 && !this.ofControllers) await this.refresh([])
    return this.leastLoaded().request(call, body, options)
  }

  /** One attempt at the broker that passes requests on to the controller; any does, the one the cluster names comes first. */
  async sendController<Q extends Schema, R extends Schema>(call: Call<Q, R>, body: Body<Q>, options?: CallOptions): Promise<Message<R>> {
    if (this.view.version === 0) await this.refresh([])
    const { controllerId } = this.view
    const link = this.nodes.has(controllerId) ? this.link(controllerId) : this.leastLoaded()
    return (link.failures > 0 ? this.leastLoaded() : link).request(call, body, options)
  }

  /** The link to use when any broker will do: connected and idle before busy before unconnected before failing. */
  leastLoaded(): BrokerLink {
    const nowMs = this.host.clock.monotonic()
    const ids = [...this.nodes.keys()]
    const start = ids.length === 0 ? 0 : this.host.random.below(ids.length)
    let best: BrokerLink | undefined
    let bestRank = Number.POSITIVE_INFINITY
    for (let step = 0; step < ids.length; step++) {
      const link = this.link(ids[(start + step) % ids.length])
      const blockedMs = Math.max(0, link.blockedUntilMs - nowMs)
      const rank = (link.connected ? link.inFlight : link.connecting ? 1e6 : 2e6 + link.failures) + blockedMs * 1e7
      if (rank < bestRank) {
        best = link
        bestRank = rank
      }
    }
    if (best === undefined) throw new ClientError(Errors.NETWORK_EXCEPTION, 'the cluster has no brokers at the moment')
    return best
  }

  /**
   * Asks for metadata again: of the topics given (null: all), and of those of standing interest.
   * @throws ClientError when there is no answer in time; the last failure is its cause
   */
  refresh(topics: readonly string[] | null = [], timeoutMs = 60_000): Promise<ClusterView> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== undefined) {
        reject(this.#closed)
        return
      }
      const deadline = this.#ground.deadlines.deadline(() => {
        this.#waiters = this.#waiters.filter((each) => each !== waiter)
        reject(this.#noAnswer(timeoutMs))
      })
      const settle = (then: () => void): void => {
        deadline.clear()
        then()
      }
      const waiter: Waiter = {
        topics,
        resolve: (view) => settle(() => resolve(view)),
        reject: (error) => settle(() => reject(error)),
      }
      deadline.set(timeoutMs)
      this.#waiters.push(waiter)
      this.#startRefresh()
    })
  }

  /** As `refresh`, behind the caller's back; however often it is asked for, once at a time, and not sooner than retry.backoff.ms after an answer. */
  requestRefresh(): void {
    if (this.#isRefreshWanted || this.#closed !== undefined) return
    this.#isRefreshWanted = true
    const ask = (): void => {
      this.refresh([])
        .catch(() => {})
        .finally(() => (this.#isRefreshWanted = false))
    }
    const pauseMs = this.#answeredAtMs + this.settings['retry.backoff.ms'] - this.host.clock.monotonic()
    if (pauseMs <= 0) ask()
    else this.#refreshTimer = this.host.clock.after(pauseMs, ask)
  }

  /** Refreshes every metadata.max.age.ms from the last answer on. */
  keepFresh(): void {
    this.#ageTimer?.cancel()
    if (this.#closed !== undefined) return
    this.#ageTimer = this.host.clock.after(this.settings['metadata.max.age.ms'], () => {
      this.requestRefresh()
      this.keepFresh()
    })
  }

  /** The leader a broker named along with an error (KIP-951). True when it was news. */
  leaderChanged(topic: string, partition: number, leader: number, leaderEpoch: number, nodes: readonly Node[]): boolean {
    const view = withLeader(this.view, topic, partition, leader, leaderEpoch, nodes)
    if (view === this.view) return false
    this.#replaceView(view)
    return true
  }

  /** The node that coordinates each key; keys without one get the error code. Answers are remembered until `forgetCoordinator`. */
  async coordinators(
    type: CoordinatorTypeId,
    keys: readonly string[],
  ): Promise<Map<string, Node | { errorCode: number; errorMessage: string | null }>> {
    const found = new Map<string, Node | { errorCode: number; errorMessage: string | null }>()
    const missing: string[] = []
    for (const key of keys) {
      const known = this.#coordinators.get(`${type}:${key}`)
      if (known === undefined) missing.push(key)
      else found.set(key, known)
    }
    if (missing.length === 0) return found
    if (this.view.version === 0) await this.refresh([])
    const link = this.leastLoaded()
    await link.open()
    const batches = link.versionOf(Apis.FindCoordinator) >= 4 ? [missing] : missing.map((key) => [key])
    for (const batch of batches) {
      const answer = await link.request(findCoordinator, (version) =>
        version >= 4 ? { keyType: type, coordinatorKeys: batch } : version >= 1 ? { key: batch[0], keyType: type } : { key: batch[0] },
      )
      const entries = answer.coordinators.length > 0 ? answer.coordinators : [{ ...answer, key: batch[0] }]
      for (const { key, errorCode, errorMessage, nodeId, host, port } of entries) {
        if (errorCode !== Errors.NONE) {
          found.set(key, { errorCode, errorMessage })
          continue
        }
        const node = { id: nodeId, host, port, rack: null }
        this.#coordinators.set(`${type}:${key}`, node)
        found.set(key, node)
      }
    }
    return found
  }

  forgetCoordinator(type: CoordinatorTypeId, key: string): void {
    this.#coordinators.delete(`${type}:${key}`)
  }

  /** The level of a feature that the cluster has finalised, as brokers said when they were connected to; 0: none. */
  finalizedLevel(name: string): number {
    let latestEpoch = -1
    let level = 0
    for (const lane of Object.values(this.#links))
      for (const { versions } of lane.values()) {
        if (versions === undefined || versions.finalizedFeaturesEpoch <= latestEpoch) continue
        latestEpoch = versions.finalizedFeaturesEpoch
        level = versions.finalizedFeatures.find((feature) => feature.name === name)?.maxVersion ?? 0
      }
    return level
  }

  /** Opens a link and tells which version of an API a request to that node would have. */
  async versionAt(nodeId: number, api: Api): Promise<number> {
    const link = this.link(nodeId)
    await link.open()
    return link.versionOf(api)
  }

  /** Closes every connection; calls without an answer fail. */
  close(): void {
    if (this.#closed !== undefined) return
    this.#closed = new ClientError(Errors.NETWORK_EXCEPTION, 'the client was closed')
    this.#ageTimer?.cancel()
    this.#refreshTimer?.cancel()
    for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#closed)
    for (const links of Object.values(this.#links)) for (const link of links.values()) link.close(this.#closed)
    this.#ground.close()
    this.#listeners.clear()
    this.#downListeners.clear()
  }

  #coordinatorNode(nodeId: number): Node | undefined {
    for (const node of this.#coordinators.values()) if (node.id === nodeId) return node
    return this.view.nodes.get(nodeId)
  }

  #startRefresh(): void {
    if (this.#refreshing) return
    this.#refreshing = true
    this.#refreshUntilAnswered().finally(() => {
      this.#refreshing = false
      if (this.#waiters.length > 0) this.#startRefresh()
    })
  }

  async #refreshUntilAnswered(): Promise<void> {
    while (this.#waiters.length > 0 && this.#closed === undefined) {
      const batch = this.#waiters
      this.#waiters = []
      try {
        const view = this.ofControllers ? await this.#askControllers() : await this.#askBrokers(batch)
        this.#failures = 0
        this.#failingSinceMs = -1
        this.#answeredAtMs = this.host.clock.monotonic()
        this.#rebootstrapped = false
        this.#replaceView(view)
        for (const waiter of batch) waiter.resolve(view)
      } catch (error) {
        this.#waiters.push(...batch)
        await this.#attemptFailed(error instanceof Error ? error : new Error(String(error)))
      }
    }
  }

  async #attemptFailed(error: Error): Promise<void> {
    const nowMs = this.host.clock.monotonic()
    this.#lastFailure = error
    if (this.#failingSinceMs < 0) this.#failingSinceMs = nowMs
    if (this.#closed !== undefined || !isRetriableError(error) || this.#isHopeless()) {
      const final = this.#closed ?? (error instanceof ClientError ? finalError(error) : error)
      for (const waiter of this.#waiters.splice(0)) waiter.reject(final)
      return
    }
    this.#considerRebootstrap(error, nowMs)
    await new Promise<void>((resolve) => this.host.clock.after(this.#backoff.delayMs(this.#failures++), resolve))
  }

  /** Never reached, and every bootstrap server failed often enough. */
  #isHopeless(): boolean {
    const limit = this.#options.connectAttempts
    if (limit === undefined || this.view.version > 0) return false
    return [...this.#bootstrap.keys()].every((id) => (this.#links.main.get(id)?.failures ?? 0) >= limit)
  }

  /** KIP-899, KIP-1102: back to bootstrap.servers when no known broker can be reached, for too long, or when a broker says so. */
  #considerRebootstrap(error: Error, nowMs: number): void {
    if (this.#rebootstrapped || this.settings['metadata.recovery.strategy'] === 'NONE') return
    const told = error instanceof ClientError && error.code === Errors.REBOOTSTRAP_REQUIRED
    const tooLong = nowMs - this.#failingSinceMs >= this.settings['metadata.recovery.rebootstrap.trigger.ms']
    const links = [...this.view.nodes.keys()].map((id) => this.#links.main.get(id))
    const unreachable = links.every((link) => link !== undefined && !link.connected && link.failures > 0)
    if (!told && !tooLong && !unreachable) return
    this.host.journal.debug('asking the bootstrap servers again', { reason: error.message })
    // One that is closed is of no more use, whoever may come back under its id: coordinators are nodes that no view names.
    for (const [id, link] of this.#links.main) if (id >= 0) link.close(error instanceof ClientError ? error : undefined)
    this.#links.main.clear()
    this.#rebootstrapped = true
    this.#failingSinceMs = nowMs
  }

  async #askBrokers(waiters: readonly Waiter[]): Promise<ClusterView> {
    const standing = this.#options.interest?.() ?? (this.#options.interest === undefined ? [] : null)
    const wanted = new Set<string>(standing ?? [])
    let all = standing === null
    for (const { topics } of waiters) {
      if (topics === null) all = true
      else for (const topic of topics) wanted.add(topic)
    }
    const allowAutoTopicCreation = this.#options.allowAutoTopicCreation ?? false
    const names = all ? null : [...wanted].map((name) => ({ name }))
    const answer = await this.leastLoaded().request(
      metadataCall,
      (version) => (version >= 4 ? { topics: names, allowAutoTopicCreation } : { topics: names }),
      { minVersion: 1 },
    )
    if (answer.errorCode !== Errors.NONE)
      throw new ClientError(answer.errorCode, 'the broker refused the Metadata request', { retriable: true })
    if (answer.brokers.length === 0) throw new ClientError(Errors.LEADER_NOT_AVAILABLE, 'the broker knows no brokers yet')
    return nextView(this.view, answer, (topic) => !all && !wanted.has(topic))
  }

  async #askControllers(): Promise<ClusterView> {
    const answer = await this.leastLoaded().request(describeCluster, { endpointType: 2 }, { minVersion: 1 })
    throwIfError(answer.errorCode, answer.errorMessage, 'DescribeCluster of the controllers')
    const nodes = new Map(
      answer.brokers.map((each) => [each.brokerId, { id: each.brokerId, host: each.host, port: each.port, rack: each.rack }]),
    )
    return { ...this.view, version: this.view.version + 1, clusterId: answer.clusterId, controllerId: answer.controllerId, nodes }
  }

  #replaceView(view: ClusterView): void {
    this.view = view
    for (const lane of Object.values(this.#links)) {
      for (const [id, link] of lane) {
        const gone = id < 0 ? !this.#rebootstrapped && link.inFlight === 0 : !view.nodes.has(id) && this.#coordinatorNode(id) === undefined
        if (!gone) continue
        link.close(new ClientError(Errors.NETWORK_EXCEPTION, `broker ${id} left the cluster`))
        lane.delete(id)
      }
    }
    for (const listener of this.#listeners) listener(view)
  }

  #nodeDown(node: Node, error: Error): void {
    for (const [key, coordinator] of this.#coordinators) if (coordinator.id === node.id) this.#coordinators.delete(key)
    for (const listener of this.#downListeners) listener(node, error)
  }

  /** What a call that is still without an answer waits for, as far as it is known. */
  waitingFor(): string {
    const links = [...this.#links.main.values(), ...this.#links.group.values()]
    return links
      .filter((link) => link.inFlight > 0 || link.connecting)
      .map((link) => link.name)
      .join(', ')
  }

  #noAnswer(timeoutMs: number): ClientError {
    const silent = [...this.#links.main.values()].find((link) => link.unanswered)
    if (silent !== undefined) return notKafka(silent.name, `no answer within ${Math.round(timeoutMs)} ms`, this.#lastFailure)
    const last = this.#lastFailure
    const servers = this.settings[this.ofControllers ? 'bootstrap.controllers' : 'bootstrap.servers'].join(', ')
    const reason = last === undefined ? '' : `: ${last.message}`
    const hint = last instanceof ClientError && last.hint !== '' ? last.hint : 'Check bootstrap.servers and that the cluster is running.'
    return new ClientError(Errors.REQUEST_TIMED_OUT, `no metadata from ${servers} within ${Math.round(timeoutMs)} ms${reason}`, {
      hint,
      cause: last,
    })
  }
}

function finalError(error: ClientError): ClientError {
  const { code, message, hint, broker } = error
  return new ClientError(code, message, { hint, cause: error, retriable: false, ...(broker === undefined ? {} : { broker }) })
}

function bootstrapNodes(settings: ConnectionSettings): ReadonlyMap<number, Node> {
  const controllers = settings['bootstrap.controllers']
  const servers = settings['bootstrap.servers']
  const key = controllers.length > 0 ? 'bootstrap.controllers' : 'bootstrap.servers'
  if (controllers.length > 0 && servers.length > 0)
    throw invalid(key, controllers.join(','), 'only one of bootstrap.servers and bootstrap.controllers')
  const list = controllers.length > 0 ? controllers : servers
  if (list.length === 0) throw invalid('bootstrap.servers', '', 'host:port, several separated by commas')
  return new Map(list.map((text, index) => [-1 - index, { id: -1 - index, ...parseAddress(text, key), rack: null }]))
}
