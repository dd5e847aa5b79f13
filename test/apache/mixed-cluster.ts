import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Admin, openAdmin } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { formatStorage } from '../../src/metadata/index.ts'
import { eventually } from '../client/broker-at.ts'
import { startApacheKafka } from './apache-kafka.ts'
import { freePorts } from './free-port.ts'
import { startTkafka } from './tkafka-node.ts'

export type Kind = 'tkafka' | 'apache'

interface Running {
  readonly kind: Kind
  readonly pid: number
  log(): string
  stop(): Promise<void>
  kill(): Promise<void>
}

const CLUSTER_ID = 'mIxedCluster-43210000A'

/** Three nodes, each broker and controller, each of either kind, from one set of server.properties and directories. */
export class MixedCluster implements AsyncDisposable {
  readonly ids = [1, 2, 3]
  readonly host = nodeHost({ journal: silentJournal })
  readonly bootstrap: { readonly 'bootstrap.servers': string }
  readonly admin: Admin
  readonly folder: string
  readonly #ports: readonly (readonly [number, number])[]
  readonly #settings: Readonly<Record<string, string | number>>
  readonly #settingsOf: (id: number) => Readonly<Record<string, string | number>>
  readonly #running = new Map<number, Running>()
  #readyWithinMs = 60_000

  /** Formats the directories, and starts a node of the given kind on each. `settings` go over the usual ones, those of a node over all. */
  static async start(
    kinds: readonly [Kind, Kind, Kind],
    settings: Readonly<Record<string, string | number>> = {},
    settingsOf: (id: number) => Readonly<Record<string, string | number>> = () => ({}),
  ): Promise<MixedCluster> {
    const ports = await freePorts(6)
    const pairs = [0, 1, 2].map((index) => [ports[2 * index]!, ports[2 * index + 1]!] as const)
    const cluster = new MixedCluster(pairs, settings, settingsOf)
    for (const id of cluster.ids) await cluster.#format(id)
    await Promise.all(cluster.ids.map((id) => cluster.run(id, kinds[id - 1]!)))
    return cluster
  }

  private constructor(
    ports: readonly (readonly [number, number])[],
    settings: Readonly<Record<string, string | number>>,
    settingsOf: (id: number) => Readonly<Record<string, string | number>>,
  ) {
    this.#ports = ports
    this.#settings = settings
    this.#settingsOf = settingsOf
    this.folder = mkdtempSync(join(tmpdir(), 'tkafka-mixed-'))
    this.bootstrap = { 'bootstrap.servers': ports.map(([port]) => `127.0.0.1:${port}`).join(',') }
    this.admin = openAdmin(this.host, this.bootstrap)
  }

  #folderOf(id: number): string {
    return join(this.folder, String(id))
  }

  #propertiesOf(id: number): Record<string, string | number> {
    const [port, controllerPort] = this.#ports[id - 1]!
    return {
      'process.roles': 'broker,controller',
      'node.id': id,
      'controller.quorum.voters': this.ids.map((each) => `${each}@127.0.0.1:${this.#ports[each - 1]![1]}`).join(','),
      listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
      'controller.listener.names': 'CONTROLLER',
      'log.dirs': join(this.#folderOf(id), 'data'),
      'offsets.topic.replication.factor': 3,
      'offsets.topic.num.partitions': 3,
      'group.initial.rebalance.delay.ms': 0,
      // A node that was killed is missed sooner than by default.
      'broker.session.timeout.ms': 3000,
      'broker.heartbeat.interval.ms': 500,
      ...this.#settings,
      ...this.#settingsOf(id),
    }
  }

  async #format(id: number): Promise<void> {
    const directory = join(this.#folderOf(id), 'data')
    mkdirSync(directory, { recursive: true })
    const text = Object.entries(this.#propertiesOf(id)).map(([key, value]) => `${key}=${value}\n`)
    writeFileSync(join(this.#folderOf(id), 'server.properties'), text.join(''))
    await formatStorage(this.host, {
      ...{ clusterId: CLUSTER_ID, nodeId: id, directories: [directory], metadataLogDir: directory },
      ...{ quorum: { kind: 'static' }, controllerListenerName: 'CONTROLLER' },
    })
  }

  /** Resolves when the node serves. */
  async run(id: number, kind: Kind): Promise<void> {
    const running =
      kind === 'tkafka'
        ? await startTkafka(join(this.#folderOf(id), 'server.properties'), this.#readyWithinMs)
        : await startApacheKafka({
            ...{ folder: this.#folderOf(id), properties: this.#propertiesOf(id), ports: this.#ports[id - 1]! },
            readyWithinMs: this.#readyWithinMs,
          })
    const { pid, log, stop, kill } = running
    this.#running.set(id, { kind, pid, log, stop, kill })
  }

  /** Nodes that hold much take longer to start. */
  set readyWithinMs(limitMs: number) {
    this.#readyWithinMs = limitMs
  }

  kindOf(id: number): Kind | undefined {
    return this.#running.get(id)?.kind
  }

  /** Process ids of those that run. */
  get pids(): number[] {
    return [...this.#running.values()].map(({ pid }) => pid)
  }

  async stop(id: number): Promise<void> {
    const running = this.#running.get(id)!
    this.#running.delete(id)
    await running.stop()
  }

  /** kill -9. */
  async kill(id: number): Promise<void> {
    const running = this.#running.get(id)!
    this.#running.delete(id)
    await running.kill()
  }

  /** Waits until every replica of the topic is in sync. */
  async inSync(topic: string): Promise<void> {
    await eventually(
      `all replicas of ${topic} in sync`,
      async () => {
        const [described] = await this.admin.describeTopics([topic])
        const { value } = described!
        return value?.partitions.every(({ isr, replicas }) => isr.length === replicas.length) === true
      },
      90_000,
    )
  }

  log(): string {
    return [...this.#running].map(([id, { kind, log }]) => `node ${id} (${kind}):\n${log().slice(-4000)}`).join('\n')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.admin.close()
    await Promise.all([...this.#running.values()].map((running) => running.kill()))
    rmSync(this.folder, { recursive: true, force: true })
  }
}
