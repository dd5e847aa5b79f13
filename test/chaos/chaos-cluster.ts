import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Admin, openAdmin } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { formatStorage } from '../../src/metadata/index.ts'
import { eventually } from '../client/broker-at.ts'
import { ChaosNode, type Kind, type Role } from './chaos-node.ts'
import { Namespaces, namespacesMissing } from './namespaces.ts'
import type { Endpoint, Network } from './network.ts'
import { Proxies } from './proxies.ts'
import { FolderVolume, LoopVolume, loopMissing, type Volume } from './volumes.ts'

export interface ClusterOptions {
  readonly folder: string
  readonly kinds: readonly [Kind, Kind, Kind]
  /** Controllers in processes of their own. */
  readonly apart: boolean
  /** acks=1 and unclean elections: what must lose records. */
  readonly unsafe: boolean
  /** As on a machine where nodes can have neither networks nor file systems of their own. */
  readonly proxies: boolean
  /** Of brokers' sessions and of followers that lag: Kafka's defaults, or less. */
  readonly timeouts: 'kafka' | 'short'
  readonly topics: readonly ChaosTopic[]
  readonly say: (line: string) => void
}

export interface ChaosTopic {
  readonly name: string
  readonly partitionCount: number
}

export const offsetsTopic: ChaosTopic = { name: '__consumer_offsets', partitionCount: 3 }

const CLUSTER_ID = 'cHaosCluster-432100000A'
const BROKERS = [1, 2, 3]
const CONTROLLERS = [11, 12, 13]
const PROXIES_WANTED = '--proxies'
const START_LIMIT_MS = 90_000

const listenerNames: Readonly<Record<Role, string>> = { broker: 'PLAINTEXT', controller: 'CONTROLLER' }
const text = ({ host, port }: Endpoint): string => `${host}:${port}`

/** Nodes are missed sooner than by default, so that there is time for many faults. */
const shortTimeouts = { 'broker.session.timeout.ms': 3000, 'broker.heartbeat.interval.ms': 500, 'replica.lag.time.max.ms': 6000 }

/** Three brokers and three controllers, in three processes or in six. */
export class ChaosCluster implements AsyncDisposable {
  readonly options: ClusterOptions
  readonly network: Network
  readonly nodes: readonly ChaosNode[]
  readonly bootstrap: string
  readonly host = nodeHost({ journal: silentJournal })
  readonly admin: Admin
  /** Nodes that ended by themselves. */
  readonly ended: string[] = []
  readonly loopMissing: string | undefined
  readonly #volumes: Volume[] = []

  static async start(options: ClusterOptions): Promise<ChaosCluster> {
    const ids = options.apart ? [...BROKERS, ...CONTROLLERS] : BROKERS
    const missing = options.proxies ? PROXIES_WANTED : namespacesMissing()
    if (missing !== undefined) options.say(`nodes share this machine's network, with proxies between them: ${missing}`)
    const cluster = new ChaosCluster(options, missing === undefined ? new Namespaces(ids) : await Proxies.open(ids), ids)
    try {
      for (const node of cluster.nodes) await cluster.#format(node)
      for (const node of cluster.nodes) node.start()
      await eventually('all brokers serve', () => cluster.#allServe(), START_LIMIT_MS)
      await cluster.#createTopics()
      await eventually('all replicas in sync', () => cluster.inSync(), START_LIMIT_MS)
      return cluster
    } catch (error) {
      const words = cluster.nodes.map((node) => `node ${node.id}: ${node.lastWords()}`).join('\n')
      await cluster[Symbol.asyncDispose]()
      throw new Error(`the cluster did not start:\n${words}`, { cause: error })
    }
  }

  private constructor(options: ClusterOptions, network: Network, ids: readonly number[]) {
    this.options = options
    this.loopMissing = options.proxies ? PROXIES_WANTED : loopMissing()
    this.network = network
    this.bootstrap = BROKERS.map((id) => text(network.endpointOf(id, 'broker').advertised)).join(',')
    this.nodes = ids.map((id) => this.#node(id))
    this.admin = openAdmin(this.host, {
      ...{ 'bootstrap.servers': this.bootstrap, 'default.api.timeout.ms': 5000, 'request.timeout.ms': 2000 },
      ...{ 'socket.connection.setup.timeout.ms': 1000, 'socket.connection.setup.timeout.max.ms': 2000 },
    })
  }

  get brokers(): ChaosNode[] {
    return this.nodes.filter(({ options }) => options.roles.includes('broker'))
  }

  get controllers(): ChaosNode[] {
    return this.nodes.filter(({ options }) => options.roles.includes('controller'))
  }

  #node(id: number): ChaosNode {
    const { apart, kinds, folder, unsafe } = this.options
    const roles: Role[] = !apart ? ['broker', 'controller'] : id > 10 ? ['controller'] : ['broker']
    const volume = this.loopMissing === undefined ? new LoopVolume(folder, `disk-${id}`) : new FolderVolume(folder, `disk-${id}`)
    this.#volumes.push(volume)
    const listenersAt = (side: 'listen' | 'advertised'): string =>
      roles.map((role) => `${listenerNames[role]}://${text(this.network.endpointOf(id, role)[side])}`).join(',')
    const voters = apart ? CONTROLLERS : BROKERS
    const voterText = (voter: number): string => `${voter}@${text(this.network.endpointOf(voter, 'controller').advertised)}`
    const properties = {
      'process.roles': roles.join(','),
      'node.id': id,
      'controller.quorum.voters': voters.map(voterText).join(','),
      listeners: listenersAt('listen'),
      'advertised.listeners': listenersAt('advertised'),
      'controller.listener.names': 'CONTROLLER',
      'log.dirs': join(volume.path, 'log'),
      'offsets.topic.replication.factor': 3,
      'offsets.topic.num.partitions': offsetsTopic.partitionCount,
      'group.initial.rebalance.delay.ms': 0,
      'default.replication.factor': 3,
      'min.insync.replicas': unsafe ? 1 : 2,
      'unclean.leader.election.enable': String(unsafe),
      // Segments roll while things fail.
      'log.segment.bytes': 1 << 20,
      'auto.create.topics.enable': 'false',
      ...(this.options.timeouts === 'short' ? shortTimeouts : {}),
    }
    const launcher = this.network.launcherOf(id)
    return new ChaosNode(
      { id, roles, kind: kinds[(id % 10) - 1]!, volume, folder, launcher, properties },
      {
        started: ({ pid }) => this.network.started(id, pid),
        ended: (node, how) => {
          this.ended.push(`node ${node.id} (${node.options.kind}) ended by itself (${how}): ${node.lastWords().slice(-600)}`)
        },
      },
    )
  }

  async #format(node: ChaosNode): Promise<void> {
    const directory = join(node.options.volume.path, 'log')
    mkdirSync(directory, { recursive: true })
    await formatStorage(this.host, {
      ...{ clusterId: CLUSTER_ID, nodeId: node.id, directories: [directory], metadataLogDir: directory },
      ...{ quorum: { kind: 'static' }, controllerListenerName: 'CONTROLLER' },
    })
  }

  async #allServe(): Promise<boolean> {
    const described = await this.admin.describeCluster().catch(() => undefined)
    return described !== undefined && described.nodes.length === BROKERS.length
  }

  async #createTopics(): Promise<void> {
    const topics = [...this.options.topics, { ...offsetsTopic, compacted: true }]
    for (const { name, partitionCount, ...rest } of topics) {
      const configs = 'compacted' in rest ? { 'cleanup.policy': 'compact' } : {}
      const [created] = await this.admin.createTopics([{ name, partitionCount, replicationFactor: 3, configs }], { timeoutMs: 30_000 })
      if (created!.error !== null) throw new Error(`${name}: ${created!.error.message}`)
    }
  }

  /**
   * Whether all nodes are up, and every partition has a leader and all its replicas in sync. Only who has come up again is known to have been
   * away: until then metadata may count a node in that has lost what it held.
   */
  async inSync(): Promise<boolean> {
    if (!this.nodes.every(({ isServing }) => isServing)) return false
    const names = [...this.options.topics.map(({ name }) => name), offsetsTopic.name]
    const described = await this.admin.describeTopics(names, { timeoutMs: 3000 }).catch(() => [])
    return (
      described.length === names.length &&
      described.every(({ value }) => value?.partitions.every(({ leader, isr, replicas }) => leader >= 0 && isr.length === replicas.length))
    )
  }

  /** The broker that leads a partition of the first topic; undefined when none does, or nobody knows. */
  async leaderOf(partition: number): Promise<ChaosNode | undefined> {
    const [described] = await this.admin.describeTopics([this.options.topics[0]!.name], { timeoutMs: 3000 }).catch(() => [])
    const leader = described?.value?.partitions[partition]?.leader
    return this.nodes.find(({ id }) => id === leader)
  }

  async activeController(): Promise<ChaosNode | undefined> {
    const quorum = await this.admin.describeQuorum({ timeoutMs: 3000 }).catch(() => undefined)
    return this.nodes.find(({ id }) => id === quorum?.leaderId)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.admin.close()
    await Promise.all(this.nodes.map((node) => node.kill()))
    for (const volume of this.#volumes) volume.close()
    await this.network[Symbol.asyncDispose]()
  }
}
