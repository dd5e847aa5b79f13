import { type Broker, startNode } from '../../src/broker/index.ts'
import { formatStorage } from '../../src/metadata/index.ts'
import { type SimHost, World, type WorldOptions } from '../../src/sim/index.ts'

export const nameOf = (id: number): string => `node-${id}`

/** Combined nodes with static voters in one world: the production code unchanged, every message over the simulated network. */
export class Cluster {
  readonly ids: readonly number[]
  readonly world: World
  readonly clients: SimHost
  readonly brokers = new Map<number, Broker>()
  /** Where clients begin. */
  readonly bootstrap: { readonly 'bootstrap.servers': string }
  /** Nodes that stopped because they could not go on, with what they said. */
  readonly fatal: string[] = []

  constructor(options: WorldOptions, ids: readonly number[] = [1, 2, 3]) {
    this.ids = ids
    this.world = new World(options)
    this.clients = this.world.host('clients')
    this.bootstrap = { 'bootstrap.servers': ids.map((id) => `${nameOf(id)}:9092`).join(',') }
  }

  /** Resolves when the node serves. Its first start formats its directory. */
  async start(id: number): Promise<void> {
    const host = this.world.host(nameOf(id))
    if ((await host.disk.stat('/data')) === undefined) {
      await formatStorage(host, {
        ...{ clusterId: 'c1uster-in-a-w0rld-000', nodeId: id, directories: ['/data'], metadataLogDir: '/data' },
        ...{ quorum: { kind: 'static' }, controllerListenerName: 'CONTROLLER' },
      })
    }
    const onFatal = (error: Error): void => void this.fatal.push(`node ${id}: ${error.message}`)
    const { broker } = await startNode({ host, properties: this.propertiesOf(id), hostName: nameOf(id), onFatal })
    this.brokers.set(id, broker)
  }

  async startAll(): Promise<void> {
    await Promise.all(this.ids.map((id) => this.start(id)))
  }

  /** Power loss. */
  crash(id: number): void {
    this.brokers.delete(id)
    this.world.crash(nameOf(id))
  }

  /** Time passes. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.clients.clock.after(ms, resolve))
  }

  /** Time passes until `condition` holds. */
  async until(condition: () => boolean, what: string, limitMs = 300_000): Promise<void> {
    const deadline = this.world.nowMs + limitMs
    while (!condition()) {
      if (this.world.nowMs > deadline) throw new Error(`not within ${limitMs} ms: ${what}`)
      await this.pause(100)
    }
  }

  /** Every replica of the topic is in sync, as the node with the latest metadata has it. */
  isFullyInSync(topic: string): boolean {
    const latest = [...this.brokers.values()].toSorted((a, b) => b.image.provenance.offset - a.image.provenance.offset)[0]
    const partitions = latest?.image.topic(topic)?.partitions
    return partitions !== undefined && [...partitions.values()].every(({ isr, replicas }) => isr.length === replicas.length)
  }

  /** What server.properties of Apache Kafka says for such a node. */
  private propertiesOf(id: number): Map<string, string> {
    return new Map([
      ['process.roles', 'broker,controller'],
      ['node.id', String(id)],
      ['controller.quorum.voters', this.ids.map((each) => `${each}@${nameOf(each)}:9093`).join(',')],
      ['listeners', `PLAINTEXT://${nameOf(id)}:9092,CONTROLLER://${nameOf(id)}:9093`],
      ['controller.listener.names', 'CONTROLLER'],
      ['log.dirs', '/data'],
      ['offsets.topic.num.partitions', '3'],
    ])
  }
}
