import { randomUuid } from '../../src/base/index.ts'
import { Broker, type Node, startNode } from '../../src/broker/index.ts'
import { formatStorage } from '../../src/metadata/index.ts'
import { SeededRandom, type SimHost, type Survives, World, type WorldOptions } from '../../src/sim/index.ts'

export const nameOf = (id: number): string => `node-${id}`
/** Undefined: a host that is no node. */
export const idOf = (name: string): number | undefined => (name.startsWith('node-') ? Number(name.slice(5)) : undefined)

const nodeOf = (running: Node['running']): { readonly raft: Broker['raft'] } => (running instanceof Broker ? running : running.node)

export interface ClusterShape {
  readonly brokers: readonly number[]
  /** Voters. One that is no broker is a controller alone. */
  readonly controllers: readonly number[]
  /** The voters are in the metadata log from the start, and may change (KIP-853). Default: they are written in the settings. */
  readonly isDynamic?: boolean
  /** Of every node, beside those that make it one of the cluster. */
  readonly settings?: Readonly<Record<string, string>>
  /** Of one node. */
  settingsOf?(id: number): Readonly<Record<string, string>>
}

/** Nodes in one world: the production code unchanged, every message over the simulated network. */
export class Cluster {
  /** The brokers. */
  readonly ids: readonly number[]
  readonly shape: ClusterShape
  readonly world: World
  readonly clients: SimHost
  readonly running = new Map<number, Node['running']>()
  /** Where clients begin. */
  readonly bootstrap: { readonly 'bootstrap.servers': string }
  /** Nodes that stopped because they could not go on, with what they said. */
  readonly fatal: string[] = []
  onFatal: (id: number, error: Error) => void = (id, error) => void this.fatal.push(`node ${id}: ${error.message}`)
  readonly hosts = new Map<number, SimHost>()
  readonly #directoryIds: ReadonlyMap<number, string>
  readonly #formatted = new Set<number>()

  constructor(options: WorldOptions, shape: ClusterShape = { brokers: [1, 2, 3], controllers: [1, 2, 3] }) {
    this.shape = shape
    this.ids = shape.brokers
    this.world = new World(options)
    this.clients = this.world.host('clients')
    this.bootstrap = { 'bootstrap.servers': shape.brokers.map((id) => `${nameOf(id)}:9092`).join(',') }
    const random = new SeededRandom(1)
    this.#directoryIds = new Map(shape.controllers.map((id) => [id, randomUuid(random)]))
  }

  /** Every node. */
  get all(): number[] {
    return [...new Set([...this.shape.controllers, ...this.shape.brokers])]
  }
  /** As the nodes that run know it; undefined: they know of none, or of several. */
  get activeController(): number | undefined {
    const known = new Set([...this.running.values()].map((running) => nodeOf(running).raft.leaderAndEpoch.leaderId))
    return known.size === 1 ? [...known][0] : undefined
  }
  get brokers(): Broker[] {
    return [...this.running.values()].filter((running) => running instanceof Broker)
  }
  /** The one with the latest metadata. */
  get latest(): Broker | undefined {
    return this.brokers.toSorted((a, b) => b.image.provenance.offset - a.image.provenance.offset)[0]
  }

  /** Resolves when the node serves. Its first start formats its directory. */
  async start(id: number): Promise<void> {
    const host = this.world.host(nameOf(id))
    this.hosts.set(id, host)
    await this.#format(id, host)
    const onFatal = (error: Error): void => this.onFatal(id, error)
    const { running } = await startNode({ host, properties: this.propertiesOf(id), hostName: nameOf(id), onFatal })
    this.running.set(id, running)
  }

  async #format(id: number, host: SimHost): Promise<void> {
    const logDirs = (this.shape.settings?.['log.dirs'] ?? '/data').split(',')
    const metadataLogDir = this.shape.settings?.['metadata.log.dir'] ?? logDirs[0]!
    if ((await host.disk.stat(`${metadataLogDir}/meta.properties`)) !== undefined) return
    // Who was formatted once and finds nothing has got another disk: its directory has another id, and the voters do not know it.
    const isFirst = !this.#formatted.has(id)
    const { controllers, isDynamic } = this.shape
    await formatStorage(host, {
      ...{ clusterId: 'c1uster-in-a-w0rld-000', nodeId: id, directories: [...new Set([...logDirs, metadataLogDir])], metadataLogDir },
      quorum: !isDynamic
        ? { kind: 'static' }
        : isFirst && controllers.includes(id)
          ? { kind: 'initial-controllers', controllers: controllers.map((each) => this.#initialController(each)) }
          : { kind: 'no-initial-controllers' },
      controllerListenerName: 'CONTROLLER',
    })
    this.#formatted.add(id)
  }

  #initialController(id: number) {
    return { nodeId: id, directoryId: this.#directoryIds.get(id)!, host: nameOf(id), port: 9093 }
  }

  async startAll(): Promise<void> {
    await Promise.all(this.all.map((id) => this.start(id)))
  }

  /** Power loss. */
  crash(id: number, survives?: Survives): void {
    this.running.delete(id)
    this.world.crash(nameOf(id), survives)
  }

  /** The process dies, the machine does not. */
  kill(id: number): void {
    this.running.delete(id)
    this.world.kill(nameOf(id))
  }

  /** An orderly stop. */
  async stop(id: number): Promise<void> {
    const running = this.running.get(id)!
    this.running.delete(id)
    await running.close()
    this.world.crash(nameOf(id))
  }

  /** Time passes. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.clients.clock.after(ms, resolve))
  }

  /** Time passes until `condition` holds. */
  async until(condition: () => boolean, what: string, limitMs = 300_000, everyMs = 100): Promise<void> {
    const deadline = this.world.nowMs + limitMs
    while (!condition()) {
      if (this.world.nowMs > deadline) throw new Error(`not within ${limitMs} ms: ${what}`)
      await this.pause(everyMs)
    }
  }

  /** Every replica of the topic is in sync, as the node with the latest metadata has it. */
  isFullyInSync(topic: string): boolean {
    const partitions = this.latest?.image.topic(topic)?.partitions
    return partitions !== undefined && [...partitions.values()].every(({ isr, replicas }) => isr.length === replicas.length)
  }

  /** What server.properties of Apache Kafka says for such a node. */
  private propertiesOf(id: number): Map<string, string> {
    const { brokers, controllers, isDynamic } = this.shape
    const name = nameOf(id)
    const roles = [...(brokers.includes(id) ? ['broker'] : []), ...(controllers.includes(id) ? ['controller'] : [])]
    const listeners = roles.map((role) => (role === 'broker' ? `PLAINTEXT://${name}:9092` : `CONTROLLER://${name}:9093`))
    const addresses = controllers.map((each) => `${isDynamic ? '' : `${each}@`}${nameOf(each)}:9093`).join(',')
    return new Map([
      ['process.roles', roles.join(',')],
      ['node.id', String(id)],
      [isDynamic ? 'controller.quorum.bootstrap.servers' : 'controller.quorum.voters', addresses],
      ['listeners', listeners.join(',')],
      ['controller.listener.names', 'CONTROLLER'],
      ['log.dirs', '/data'],
      ['offsets.topic.num.partitions', '3'],
      ['offsets.topic.replication.factor', String(Math.max(1, Math.min(3, brokers.length)))],
      ...Object.entries(this.shape.settings ?? {}),
      ...Object.entries(this.shape.settingsOf?.(id) ?? {}),
    ])
  }
}
