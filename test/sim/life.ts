import { crc32c } from '../../src/base/index.ts'
import { openAdmin } from '../../src/client/index.ts'
import type { Journal } from '../../src/host/index.ts'
import { encodeRecord, imageToRecords } from '../../src/metadata/index.ts'
import { SeededRandom, type WorldOptions } from '../../src/sim/index.ts'
import { Cluster, type ClusterShape, idOf } from './cluster.ts'
import { FailureJournal } from './failure-journal.ts'
import { Violation } from './invariants/index.ts'
import { Nemesis } from './nemesis/nemesis.ts'
import { type Profile, type ProfileName, profiles } from './nemesis/profiles.ts'
import { type FaultKind, newSchedule, type Schedule } from './nemesis/schedule.ts'
import { checkReplicas } from './replica-equality.ts'
import { Watch } from './watch.ts'
import { AdminFuzz } from './workloads/admin.ts'
import { AppendLoad } from './workloads/append.ts'
import { Bookmarks } from './workloads/bookmarks.ts'
import { GroupReaders } from './workloads/group.ts'
import { Wanderer } from './workloads/wanderer.ts'

const topic = 'orders'
const PARTITIONS = 3
/** Between two bursts of a producer. */
const loadEveryMs = { busy: 40, steady: 90, light: 250 }
/** In which a cluster without faults must have become whole again. */
const convergenceMs = 120_000
/** More than a session, than the time a follower may lag, than two looks at who leads. */
const calmMs = 15_000

export interface LifeOptions {
  readonly seed: number
  readonly profile: ProfileName
  /** Default: the one that the seed gives. */
  readonly schedule?: Schedule | undefined
  /** Of the schedule that the seed gives these alone, by their place. */
  readonly faults?: readonly number[]
  readonly trace?: ((line: string) => void) | undefined
  /** Told of faults and of what changes at nodes. */
  readonly remarks?: WorldOptions['remarks']
  readonly journal?: ((host: string) => Journal) | undefined
}

/** What became of a cluster. */
export interface Outcome {
  readonly seed: number
  readonly schedule: Schedule
  readonly steps: number
  /** Of all that happened: the same seed gives the same. */
  readonly hash: string
  readonly acknowledgedCount: number
  readonly faults: ReadonlyMap<FaultKind, number>
  readonly virtualMs: number
  /** Undefined: all is well. */
  readonly violation: Violation | undefined
}

/** One cluster from its first start to its last check. */
export const live = async (options: LifeOptions): Promise<Outcome> => {
  const { seed } = options
  const profile: Profile = profiles[options.profile]
  const shape = profile.shapes[seed % profile.shapes.length]!
  const schedule = options.schedule ?? scheduleOf(seed, profile, shape, options.faults)
  const life = new Life(options, profile, shape)
  const violation = await life.run(schedule)
  return {
    ...{ seed, schedule, violation },
    ...{ steps: life.cluster.world.steps, hash: life.cluster.world.hash.value, virtualMs: life.cluster.world.nowMs },
    ...{ acknowledgedCount: life.load.acknowledgedCount, faults: life.nemesis.counts },
  }
}

const scheduleOf = (seed: number, profile: Profile, shape: ClusterShape, chosen: readonly number[] | undefined): Schedule => {
  const schedule = newSchedule(seed, {
    nodes: [...new Set([...shape.controllers, ...shape.brokers])],
    ...{ weights: profile.weights, durationMs: profile.durationMs, everyMs: profile.everyMs },
  })
  return chosen === undefined ? schedule : { ...schedule, faults: chosen.map((index) => schedule.faults[index]!) }
}

class Life {
  readonly cluster: Cluster
  readonly nemesis: Nemesis
  readonly load: AppendLoad
  readonly #seed: number
  readonly #watch: Watch
  readonly #readers: GroupReaders
  readonly #wanderer: Wanderer
  readonly #bookmarks: Bookmarks
  readonly #admin: AdminFuzz
  readonly #hasAdmin: boolean

  constructor({ seed, trace, remarks, journal }: LifeOptions, profile: Profile, shape: ClusterShape) {
    const watch = new Watch(() => this.cluster, Number(shape.settings?.['min.insync.replicas'] ?? 1))
    this.#watch = watch
    this.#seed = seed
    this.cluster = new Cluster(
      {
        seed,
        ...(trace && { trace }),
        ...(remarks && { remarks }),
        journal: (host) => new FailureJournal(journal?.(host), (message) => this.#failed(host, message)),
        onStep: (host) => {
          watch.step(host)
          this.nemesis.step(host)
        },
      },
      shape,
    )
    this.nemesis = new Nemesis(this.cluster, watch, seed, topic)
    const random = new SeededRandom(seed ^ 0x10ad)
    this.load = new AppendLoad(this.cluster, {
      ...{ topic, partitionCount: PARTITIONS, random: random.fork() },
      everyMs: loadEveryMs[profile.load],
      acknowledged: (partition, offset) => {
        const end = watch.replicatedEnd(topic, partition)
        if (offset >= end) watch.fail('I1 acknowledged records', `${topic}-${partition}: ${offset} is acknowledged, ${end} are replicated`)
      },
    })
    this.#readers = new GroupReaders(this.cluster, topic)
    this.#hasAdmin = profile.admin !== 'none'
    this.#admin = new AdminFuzz(this.cluster, watch, random.fork(), topic, profile.admin === 'none' ? 'elections' : profile.admin)
    this.#wanderer = new Wanderer(this.cluster, watch, random.fork(), topic, PARTITIONS)
    this.#bookmarks = new Bookmarks(this.cluster, watch, random.fork(), topic, 'bookmarks')
  }

  async run(schedule: Schedule): Promise<Violation | undefined> {
    try {
      await this.cluster.world.run(() => this.#phases(schedule), 3_600_000)
      return this.#watch.violation
    } catch (error) {
      if (error instanceof Violation) return error
      return new Violation('L0 the world goes on', (error as Error).stack ?? String(error))
    } finally {
      this.#watch.end()
    }
  }

  async #phases(schedule: Schedule): Promise<void> {
    const { cluster, nemesis, load } = this
    for (const id of cluster.all) nemesis.nodes.boot(id)
    await cluster.until(() => cluster.all.every((id) => nemesis.nodes.isUp(id)), 'all nodes serve', 60_000)
    await this.#createTopic()
    load.start()
    this.#readers.start()
    this.#wanderer.start()
    this.#bookmarks.start()
    if (this.#hasAdmin) this.#admin.start()
    nemesis.begin(schedule)
    await cluster.pause(schedule.durationMs)
    nemesis.heal()
    await this.#admin.stop()
    await this.#becomesWhole()
    await this.#check()
  }

  async #createTopic(): Promise<void> {
    const admin = openAdmin(this.cluster.clients, this.cluster.bootstrap)
    const [created] = await admin.createTopics([{ name: topic, partitionCount: PARTITIONS, replicationFactor: 3 }])
    admin.close()
    if (created!.error !== null) throw created!.error
  }

  /** Liveness: without faults everybody comes back, in sync, and everything that was begun comes to an end. */
  async #becomesWhole(): Promise<void> {
    const { cluster, nemesis, load } = this
    const endMs = cluster.world.nowMs + convergenceMs
    const soon = async (isSo: () => boolean, name: string, what: () => string): Promise<void> => {
      while (!isSo()) {
        if (cluster.world.nowMs > endMs) throw new Violation(name, `not within ${convergenceMs / 1000} s after the last fault: ${what()}`)
        await cluster.pause(100)
      }
    }
    const down = (): number[] => cluster.all.filter((id) => !nemesis.nodes.isUp(id))
    await soon(
      () => down().length === 0,
      'L1 nodes start',
      () => `nodes ${down()} do not serve`,
    )
    const { wipedVoter } = nemesis
    if (wipedVoter !== undefined) await this.#admin.repairVoter(wipedVoter)
    await soon(
      () => cluster.activeController !== undefined,
      'L3 a controller leads',
      () => 'nodes do not agree on one',
    )
    await this.#admin.undoContradictions()
    await soon(
      () => this.#outOfSync().length === 0,
      'L3 replicas are in sync',
      () => this.#outOfSync().slice(0, 5).join('; '),
    )
    let isStopped = false
    const stopped = load.stop().then(() => {
      isStopped = true
    })
    await soon(
      () => isStopped,
      'L4 clients are done',
      () => `${load.unsettledCount} records have come to nothing`,
    )
    await stopped
    await soon(
      () => this.#readers.missing(load) === 0,
      'L4 clients are done',
      () => `the group has not read ${this.#readers.missing(load)} records`,
    )
    this.#wanderer.settle()
    await soon(
      () => this.#wanderer.behind(this.#replicatedEnds()) === 0,
      'L4 clients are done',
      () => `a reader has not read ${this.#wanderer.behind(this.#replicatedEnds())} records`,
    )
    await this.#wanderer.stop()
    await this.#bookmarks.stop()
    if (this.#seed % 4 === 1) await this.#staysCalm()
    await soon(
      () => this.#unreplicated().length === 0,
      'L3 high watermarks reach the end',
      () => this.#unreplicated().slice(0, 5).join('; '),
    )
  }

  #replicatedEnds(): number[] {
    return Array.from({ length: PARTITIONS }, (_, partition) => this.#watch.replicatedEnd(topic, partition))
  }

  /** Where all is well nothing changes: nobody stands for election, nobody is dropped. */
  async #staysCalm(): Promise<void> {
    const state = (): string => {
      const epochs = [...this.#watch.rafts.values()].map(({ epoch }) => epoch)
      const partitions = [...this.#watch.image.topicsById.values()].flatMap((each) =>
        [...each.partitions].map(
          ([index, { partitionEpoch, isr, leader }]) => `${each.name}-${index} ${partitionEpoch}: ${leader} of ${isr}`,
        ),
      )
      return [`epochs ${epochs}`, ...partitions].join(', ')
    }
    // What is preferred leads again by then.
    await this.cluster.pause(calmMs)
    const before = state()
    await this.cluster.pause(calmMs)
    if (state() !== before) throw new Violation('L7 a whole cluster is calm', `${before} became ${state()}`)
  }

  #outOfSync(): string[] {
    const { image } = this.#watch
    const texts: string[] = []
    for (const { name, partitions } of image.topicsById.values()) {
      for (const [index, { isr, replicas, leader, addingReplicas, removingReplicas }] of partitions) {
        if (leader < 0 || isr.length < replicas.length || addingReplicas.length + removingReplicas.length > 0)
          texts.push(
            `${name}-${index}: leader ${leader}, ISR ${isr} of ${replicas}, adding ${addingReplicas}, removing ${removingReplicas}`,
          )
      }
    }
    return texts
  }

  #unreplicated(): string[] {
    const texts: string[] = []
    for (const broker of this.cluster.brokers) {
      for (const { name, log } of broker.partitions.all())
        if (log.highWatermark < log.logEndOffset)
          texts.push(`${name} on node ${broker.nodeId}: ${log.highWatermark} of ${log.logEndOffset}`)
    }
    return texts
  }

  async #check(): Promise<void> {
    const { cluster, load } = this
    await cluster.until(() => this.#unreplicated().length === 0, 'high watermarks reach the end')
    await checkReplicas(cluster, topic)
    await load.check()
    await this.#readers.stop()
    await this.#readers.check()
    if (this.#hasAdmin) this.#admin.check()
    this.#checkImages()
  }

  /** R6 at the end: who has read as far has read the same. */
  #checkImages(): void {
    const sums = new Map<number, { sum: number; nodeId: number }>()
    for (const [nodeId, running] of this.cluster.running) {
      const image = 'image' in running ? running.image : running.node.image
      let sum = 0
      const records = Array.from(imageToRecords(image), encodeRecord).map((record) => crc32c(record))
      for (const each of records.sort((a, b) => a - b)) sum = (Math.imul(sum, 31) + each) | 0
      const known = sums.get(image.provenance.offset)
      if (known === undefined) sums.set(image.provenance.offset, { sum, nodeId })
      else if (known.sum !== sum)
        throw new Violation(
          'R6 state machine safety',
          `nodes ${known.nodeId} and ${nodeId} have other metadata at ${image.provenance.offset}`,
        )
    }
  }

  /** A node says `error` only when its machine fails it, or when it has a bug. */
  #failed(host: string, message: string): void {
    const id = idOf(host)
    if (id === undefined || this.nemesis.nodes.troubled.has(id)) return
    this.#watch.fail('L2 nothing fails without a reason', `${host}: ${message}`)
  }
}
