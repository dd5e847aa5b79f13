import { Broker, type Node, startNode } from '../../src/broker/index.ts'
import { formatStorage } from '../../src/metadata/index.ts'
import { type SimHost, World, type WorldOptions } from '../../src/sim/index.ts'

export const nameOf = (id: number): string => `node-${id}`

const nodeOf = (running: Node['running']): { readonly raft: Broker['raft'] } => (running instanceof Broker ? running : running.node)

export interface ClusterShape {
  readonly brokers: readonly number[]
  /** Static voters. One that is no broker is a controller alone. */
  readonly controllers: readonly number[]
  /** Of every node, beside those that make it one of the cluster. */
  readonly settings?: Readonly<Record<string, string>>
  /** Of one node. */
  settingsOf?(id: number): Readonly<Record<string, string>>
}

/** Nodes with static voters in one world: the production code unchanged, every message over the simulated network. */
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

  constructor(options: WorldOptions, shape: ClusterShape = { brokers: [1, 2, 3], controllers: [1, 2, 3] }) {
    this.shape = shape
    this.ids = shape.brokers
    this.world = new World(options)
    this.clients = this.world.host('clients')
    this.bootstrap = { 'bootstrap.servers': shape.brokers.map((id) => `${nameOf(id)}:9092`).join(',') }
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

  /** Resolves when the node serves. Its first start formats its directory. */
  async start(id: number): Promise<void> {
    const host = this.world.host(nameOf(id))
    const metadataLogDir = this.shape.settings?.['metadata.log.dir'] ?? '/data'
    if ((await host.disk.stat('/data')) === undefined) {
      await formatStorage(host, {
        ...{ clusterId: 'c1uster-in-a-w0rld-000', nodeId: id, directories: [...new Set(['/data', metadataLogDir])], metadataLogDir },
        ...{ quorum: { kind: 'static' }, controllerListenerName: 'CONTROLLER' },
      })
    }
    const onFatal = (error: Error): void => void this.fatal.push(`node ${id}: ${error.message}`)
    const { running } = await startNode({ host, properties: this.propertiesOf(id), hostName: nameOf(id), onFatal })
    this.running.set(id, running)
  }

  async startAll(): Promise<void> {
    await Promise.all(this.all.map((id) => this.start(id)))
  }

  /** Power loss. */
  crash(id: number): void {
    this.running.delete(id)
    this.world.crash(nameOf(id))
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
    const latest = this.brokers.toSorted((a, b) => b.image.provenance.offset - a.image.provenance.offset)[0]
    const partitions = latest?.image.topic(topic)?.partitions
    return partitions !== undefined && [...partitions.values()].every(({ isr, replicas }) => isr.length === replicas.length)
  }

  /** What server.properties of Apache Kafka says for such a node. */
  private propertiesOf(id: number): Map<string, string> {
    const { brokers, controllers } = this.shape
    const name = nameOf(id)
    const roles = [...(brokers.includes(id) ? ['broker'] : []), ...(controllers.includes(id) ? ['controller'] : [])]
    const listeners = roles.map((role) => (role === 'broker' ? `PLAINTEXT://${name}:9092` : `CONTROLLER://${name}:9093`))
    return new Map([
      ['process.roles', roles.join(',')],
      ['node.id', String(id)],
      ['controller.quorum.voters', controllers.map((each) => `${each}@${nameOf(each)}:9093`).join(',')],
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
