import { type Admin, ClientError, openAdmin } from '../../../src/client/index.ts'
import type { SeededRandom } from '../../../src/sim/index.ts'
import { type Cluster, nameOf } from '../cluster.ts'
import { Violation } from '../invariants/index.ts'
import type { Watch } from '../watch.ts'

const TIMEOUT_MS = 5000
const topicsMax = 6

/** `flips`: elections, one upon another, mostly back to who led before. */
type Mode = 'fuzz' | 'elections' | 'flips'
/** Longest pauses between two acts. */
const pausesMs = { fuzz: 2500, elections: 1200, flips: 500 }

/**
 * An administrator without a plan: makes and deletes topics, changes configs, moves replicas and leaders. What was answered with success
 * is part of the metadata from then on (R12), until it is taken back by another request.
 */
export class AdminFuzz {
  readonly #cluster: Cluster
  readonly #watch: Watch
  readonly #random: SeededRandom
  readonly #topic: string
  readonly #mode: Mode
  /** What the metadata must say; undefined: a request came to nothing that anybody knows of. */
  readonly #topics = new Map<string, boolean | undefined>()
  readonly #configs = new Map<string, string | undefined>()
  #next = 0
  #stopped = false
  #running: Promise<void> | undefined
  /** Requests that were answered with success. */
  doneCount = 0

  constructor(cluster: Cluster, watch: Watch, random: SeededRandom, topic: string, mode: Mode) {
    this.#cluster = cluster
    this.#watch = watch
    this.#random = random
    this.#topic = topic
    this.#mode = mode
  }

  start(): void {
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async #run(): Promise<void> {
    const { clients, bootstrap } = this.#cluster
    // One attempt each: nobody could say in which order several of them arrive.
    const settings = { 'request.timeout.ms': TIMEOUT_MS, 'default.api.timeout.ms': 2 * TIMEOUT_MS, retries: 0 }
    const admin = openAdmin(clients, { ...bootstrap, ...settings })
    while (!this.#stopped) {
      await new Promise<void>((resolve) => void clients.clock.after(this.#random.below(pausesMs[this.#mode]), resolve))
      try {
        await this.#act(admin)
      } catch (error) {
        if (!(error instanceof ClientError)) throw error
      }
    }
    admin.close()
  }

  async #act(admin: Admin): Promise<void> {
    const lot = this.#mode !== 'fuzz' ? 0 : this.#random.below(7)
    if (lot === 0) {
      const partition = this.#random.below(3)
      // Sometimes again at once: what the first has set going is still on its way.
      for (let turns = 1 + this.#random.below(this.#mode === 'flips' ? 5 : 3); turns > 0; turns--) await this.#elect(admin, partition)
      return
    }
    if (lot === 1 || lot === 2) return this.#create(admin)
    if (lot === 3) return this.#delete(admin)
    if (lot === 4) return this.#configure(admin)
    return this.#reassign(admin)
  }

  /** Another replica is preferred from now on, and leads at once: leaders change without anybody going down. */
  async #elect(admin: Admin, partition: number): Promise<void> {
    const registration = this.#watch.image.partition(this.#topic, partition)
    if (registration !== undefined && registration.addingReplicas.length + registration.removingReplicas.length === 0) {
      const { replicas: before } = registration
      const turn = 1 + this.#random.below(before.length - 1)
      // There and back again: whoever hears late of it takes the second leadership for the first.
      const isBack = this.#mode === 'flips' && this.#random.below(3) > 0
      const replicas = isBack ? [before[1]!, before[0]!, ...before.slice(2)] : [...before.slice(turn), ...before.slice(0, turn)]
      await admin.alterReassignments([{ topic: this.#topic, partition, replicas }], { timeoutMs: TIMEOUT_MS })
    }
    const [elected] = await admin.electLeaders('preferred', [{ topic: this.#topic, partition }], { timeoutMs: TIMEOUT_MS })
    if (elected?.error === null) this.doneCount++
  }

  async #create(admin: Admin): Promise<void> {
    if (this.#topics.size >= topicsMax) return
    const name = `topic-${this.#next++}`
    this.#topics.set(name, undefined)
    const factor = 2 + this.#random.below(2)
    const [created] = await admin.createTopics([{ name, partitionCount: 1 + this.#random.below(3), replicationFactor: factor }], {
      timeoutMs: TIMEOUT_MS,
    })
    if (created!.error === null) this.#knows(name, true)
  }

  async #delete(admin: Admin): Promise<void> {
    const there = [...this.#topics].filter(([, isThere]) => isThere)
    if (there.length === 0) return
    const [name] = there[this.#random.below(there.length)]!
    this.#topics.set(name, undefined)
    const [deleted] = await admin.deleteTopics([name], { timeoutMs: TIMEOUT_MS })
    if (deleted!.error === null) this.#knows(name, false)
  }

  #knows(name: string, isThere: boolean): void {
    this.doneCount++
    this.#topics.set(name, isThere)
  }

  async #configure(admin: Admin): Promise<void> {
    const there = [...this.#topics].filter(([, isThere]) => isThere)
    if (there.length === 0) return
    const [name] = there[this.#random.below(there.length)]!
    // What came to nothing that anybody knows of may still come to pass, after what is done now.
    if (this.#configs.has(name) && this.#configs.get(name) === undefined) return
    const value = String(1000 + this.#random.below(1_000_000))
    this.#configs.set(name, undefined)
    const operations = [{ name: 'flush.messages', operation: 'set' as const, value }]
    const [changed] = await admin.incrementalAlterConfigs([{ type: 'topic', name, operations }], { timeoutMs: TIMEOUT_MS })
    if (changed!.error !== null) return
    this.doneCount++
    this.#configs.set(name, value)
  }

  /** The topic under load, and others, get other replicas, as many as they have. Or a reassignment under way is taken back. */
  async #reassign(admin: Admin): Promise<void> {
    const { image } = this.#watch
    const names = [this.#topic, ...[...this.#topics].filter(([, isThere]) => isThere).map(([name]) => name)]
    const topic = names[this.#random.below(names.length)]!
    const partitions = image.topic(topic)?.partitions
    if (partitions === undefined) return
    const partition = this.#random.below(partitions.size)
    const registration = partitions.get(partition)
    if (registration === undefined) return
    const { brokers } = this.#cluster.shape
    const count = registration.replicas.length - registration.addingReplicas.length
    const left = [...brokers]
    const replicas = Array.from({ length: Math.min(count, brokers.length) }, () => left.splice(this.#random.below(left.length), 1)[0]!)
    // One upon another can leave a replica that is both added and removed, which never ends: Apache Kafka 4.3.1 does so too.
    const isCancel = registration.addingReplicas.length + registration.removingReplicas.length > 0
    if (isCancel && this.#random.below(3) > 0) return
    const [moved] = await admin.alterReassignments([{ topic, partition, replicas: isCancel ? null : replicas }], { timeoutMs: TIMEOUT_MS })
    if (moved!.error === null) this.doneCount++
  }

  /** A reassignment upon another that both adds and removes a replica never ends: somebody takes it back. */
  async undoContradictions(): Promise<void> {
    const { clients, bootstrap } = this.#cluster
    const admin = openAdmin(clients, { ...bootstrap, 'request.timeout.ms': TIMEOUT_MS })
    for (const { name: topic, partitions } of this.#watch.image.topicsById.values()) {
      for (const [partition, { addingReplicas, removingReplicas }] of partitions) {
        if (!addingReplicas.some((id) => removingReplicas.includes(id))) continue
        await admin.alterReassignments([{ topic, partition, replicas: null }], { timeoutMs: TIMEOUT_MS }).catch(() => {})
      }
    }
    admin.close()
  }

  /** A controller that lost its disk votes again: its old directory goes, the new one comes. For an administrator who knows of it. */
  async repairVoter(id: number): Promise<void> {
    const { clients, bootstrap } = this.#cluster
    const admin = openAdmin(clients, { ...bootstrap, 'request.timeout.ms': TIMEOUT_MS })
    const endMs = this.#cluster.world.nowMs + 90_000
    let problem = 'it is not known to the quorum'
    for (;;) {
      try {
        const { voters, observers } = await admin.describeQuorum()
        const { directoryId } = this.#watch.rafts.get(id)!
        const old = voters.find(({ replicaId }) => replicaId === id)
        const young = observers.find((each) => each.replicaId === id && each.directoryId === directoryId)
        if (old?.directoryId === directoryId) break
        if (old !== undefined) await admin.removeRaftVoter({ id, directoryId: old.directoryId! })
        else if (young !== undefined) {
          const listeners = [{ name: 'CONTROLLER', host: nameOf(id), port: 9093 }]
          await admin.addRaftVoter({ id, directoryId: young.directoryId!, listeners })
        }
      } catch (error) {
        if (!(error instanceof ClientError)) throw error
        problem = error.message
      }
      if (this.#cluster.world.nowMs > endMs) throw new Violation('L5 voters can be replaced', `node ${id}: ${problem}`)
      await new Promise<void>((resolve) => void clients.clock.after(500, resolve))
    }
    admin.close()
  }

  /** R12: what was acknowledged is there, in the metadata of every node. */
  check(): void {
    for (const { nodeId, image } of this.#cluster.brokers) {
      for (const [name, isThere] of this.#topics)
        if (isThere !== undefined && (image.topic(name) !== undefined) !== isThere)
          throw new Violation('R12 acknowledged metadata', `topic ${name} is ${isThere ? 'not ' : ''}there on node ${nodeId}`)
      for (const [name, value] of this.#configs) {
        const found = image.topic(name) && image.configs.of(2, name).get('flush.messages')
        if (value !== undefined && found !== undefined && found !== value)
          throw new Violation('R12 acknowledged metadata', `flush.messages of ${name} is ${found} on node ${nodeId}, ${value} was taken`)
      }
    }
  }
}
