import { Apis } from '../../../src/protocol/index.ts'
import { type MessageFate, SeededRandom } from '../../../src/sim/index.ts'
import { type Cluster, idOf, nameOf } from '../cluster.ts'
import type { Watch } from '../watch.ts'
import { afterPowerLoss, DiskFaults } from './disk-faults.ts'
import { slowElection, unsyncedVoter } from './elections.ts'
import { type LinkFault, NetworkFaults } from './network-faults.ts'
import { type End, Nodes } from './nodes.ts'
import { Promised } from './promise.ts'
import { goneJoiner, unheardChanges } from './rejoining.ts'
import type { Fault, FaultKind, Schedule, Target, Victim } from './schedule.ts'

/** Rare among the others, and each of them decides something. */
const decisive: ReadonlySet<number> = new Set([
  Apis.AlterPartition.key,
  Apis.BrokerRegistration.key,
  Apis.BrokerHeartbeat.key,
  Apis.OffsetCommit.key,
  Apis.Vote.key,
  Apis.InitProducerId.key,
])
const plentyBytes = 2 ** 40
/** A lost segment is sent again after so long, and after twice that. */
const retransmissionMs = 200

/** Carries a schedule out. What a fault needs to be within the promise is looked at when it strikes: one that is not passes. */
export class Nemesis {
  readonly nodes: Nodes
  readonly counts = new Map<FaultKind, number>()
  readonly #cluster: Cluster
  readonly #watch: Watch
  readonly #network: NetworkFaults
  readonly #disks = new DiskFaults()
  readonly #topic: string
  readonly #promised: Promised
  readonly #paused = new Set<string>()
  #wipedVoter: number | undefined
  #isOver = false

  constructor(cluster: Cluster, watch: Watch, seed: number, topic: string) {
    this.#cluster = cluster
    this.#watch = watch
    this.#topic = topic
    const random = new SeededRandom(seed ^ 0x11e7)
    this.#network = new NetworkFaults(() => 0.05 + random.fraction() * 0.4)
    const isBroken = (id: number): boolean =>
      this.#disks.hasErrors(nameOf(id)) || (cluster.world.storage(nameOf(id))?.capacityBytes ?? plentyBytes) < plentyBytes
    this.nodes = new Nodes(cluster, watch, isBroken)
    this.#promised = new Promised(
      cluster,
      watch,
      (id) => this.nodes.troubled.has(id),
      () => this.#network.isCut || this.#paused.size > 0,
    )
    cluster.world.faults = Object.defineProperties({ disk: this.#disks.disk }, Object.getOwnPropertyDescriptors(this.#network.faults))
  }

  begin({ faults }: Schedule): void {
    for (const fault of faults) this.#after(fault.atMs, () => this.#isOver || this.#strike(fault))
  }

  /** Everything is well again, or will be as soon as the nodes have started. */
  heal(): void {
    this.#isOver = true
    this.#network.heal()
    this.#disks.active.clear()
    for (const id of this.#cluster.all) {
      const storage = this.#cluster.world.storage(nameOf(id))
      if (storage !== undefined) storage.capacityBytes = plentyBytes
    }
    this.nodes.heal()
  }

  step(host: string): void {
    this.nodes.step(host)
  }

  /** The node that another disk was put into, and that no longer votes for it. */
  get wipedVoter(): number | undefined {
    return this.#wipedVoter
  }

  #strike(fault: Fault): void {
    const undo = this.#act(fault)
    if (undo === undefined) return
    this.counts.set(fault.kind, (this.counts.get(fault.kind) ?? 0) + 1)
    this.#cluster.world.remark('nemesis', describe(fault))
    if (typeof undo === 'function' && 'forMs' in fault) this.#after(fault.forMs, () => this.#isOver || undo())
  }

  /** Undefined: it did not strike. True: it ends by itself. Else what ends it. */
  #act(fault: Fault): (() => void) | true | undefined {
    switch (fault.kind) {
      case 'kill': {
        const id = this.#node(fault.node)
        return this.#endNow(id, this.#kill(id), fault.forMs)
      }
      case 'kill within': {
        const id = this.#node(fault.node)
        return this.nodes.endWithin(id, fault.steps, () => this.#kill(id), fault.forMs) || undefined
      }
      case 'power loss': {
        const id = this.#node(fault.node)
        return this.nodes.endWithin(id, fault.steps, () => this.#powerLoss(id, fault.lot), fault.forMs) || undefined
      }
      case 'kill all':
        return this.#killAll(fault)
      case 'blackout':
        return this.#blackout(fault.lot, fault.forMs) || undefined
      case 'slow election':
        return this.#slowElection(fault.lot, fault.forMs)
      case 'unsynced voter':
        return this.#unsyncedVoter(fault.lot)
      case 'stop': {
        const id = this.#node(fault.node)
        return (this.#promised.mayEnd(id) && this.nodes.stop(id, fault.forMs)) || undefined
      }
      case 'wipe':
        return this.#wipe(this.#node(fault.node), fault.forMs) || undefined
      case 'pause':
        return this.#pause(nameOf(this.#node(fault.node)))
      case 'cut off':
      case 'split':
      case 'one way':
      case 'no link':
      case 'slow links':
      case 'loss':
        return this.#link(this.#linkFault(fault))
      case 'swizzle':
        return this.#swizzle(fault)
      case 'repeats':
        return this.#repeats(fault.share, fault.lateMs, fault.lot)
      case 'resets':
        return this.#resets(fault.share, fault.lot)
      case 'held':
        return this.#held(fault.share, fault.holdMs, fault.lot)
      case 'late metadata':
        return this.#lateMetadata(fault.node, fault.holdMs)
      case 'ambush':
        return this.#ambush(fault)
      case 'late farewell':
        return this.#lateFarewell(this.#node(fault.node), fault.lateMs)
      case 'rejoining':
        return this.#rejoining(this.#node('follower'), fault.stillMs, fault.lot)
      case 'last words':
        return this.#lastWords(fault)
      case 'slow reader': {
        const host = fault.node === 'clients' ? 'clients' : nameOf(this.#node(fault.node))
        this.#network.slowReaders.set(host, fault.delayMs)
        return () => void this.#network.slowReaders.delete(host)
      }
      case 'slow disk':
      case 'slow sync':
        return this.#disk({
          host: nameOf(this.#node(fault.node)),
          operation: fault.kind === 'slow sync' ? 'sync' : undefined,
          delayMs: fault.delayMs,
        })
      case 'disk error':
        return this.#failingDisk(this.#node(fault.node), fault.operation)
      case 'lying disk':
        return this.#lyingDisk(fault.node, fault.lot)
      case 'disk full':
        return this.#fullDisk(this.#node(fault.node), fault.freeBytes)
      case 'clock jump':
        this.nodes.jump(this.#node(fault.node), fault.byMs)
        return true
    }
  }

  #node(target: Target): number {
    const { all } = this.#cluster
    if (typeof target === 'number') return target
    if (target === 'controller') {
      const leaders = [...this.#watch.rafts.values()].filter(({ role, nodeId }) => role === 'leader' && this.nodes.isAlive(nodeId))
      return leaders.toSorted((a, b) => b.epoch - a.epoch)[0]?.nodeId ?? all[0]!
    }
    const partition = this.#watch.image.partition(this.#topic, 0)
    const leader = partition?.leader ?? -1
    if (target === 'leader') return leader >= 0 ? leader : all[0]!
    return partition?.isr.find((id) => id !== leader) ?? all.at(-1)!
  }

  #powerLoss(id: number, lot: number): End | undefined {
    if (!this.#promised.mayForget(id)) return this.#kill(id)
    this.#promised.forgot(id)
    return { kind: 'power loss', survives: afterPowerLoss(new SeededRandom(lot)) }
  }

  #kill(id: number): End | undefined {
    return this.#promised.mayEnd(id) ? { kind: 'kill' } : undefined
  }

  #endNow(id: number, end: End | undefined, forMs: number): true | undefined {
    return (end !== undefined && this.nodes.end(id, end, forMs)) || undefined
  }

  #killAll({ order, eachMs, forMs, lot }: Extract<Fault, { kind: 'kill all' }>): true {
    const random = new SeededRandom(lot)
    order.forEach((id, at) => {
      const downMs = forMs + random.below(4000)
      this.#after(at * eachMs, () => void (this.#isOver || this.#endNow(id, this.#kill(id), downMs)))
    })
    return true
  }

  #blackout(lot: number, forMs: number): boolean {
    const { brokers, controllers } = this.#cluster.shape
    if (controllers.some((id) => brokers.includes(id))) return false
    const random = new SeededRandom(lot)
    for (const id of controllers) this.nodes.end(id, { kind: 'power loss', survives: afterPowerLoss(random) }, forMs + random.below(3000))
    return true
  }

  #slowElection(lot: number, forMs: number): (() => void) | undefined {
    const leader = this.#node('controller')
    if (this.#endNow(leader, this.#kill(leader), forMs) === undefined) return undefined
    const { link, syncMs } = slowElection(this.#cluster.shape.controllers, leader, lot)
    const undo = [this.#link(link), ...[...syncMs].map(([id, delayMs]) => this.#disk({ host: nameOf(id), operation: 'sync', delayMs }))]
    return () => {
      for (const each of undo) each?.()
    }
  }

  #unsyncedVoter(lot: number): (() => void) | undefined {
    const { victim, link, syncMs, inMs, downMs } = unsyncedVoter(this.#cluster.shape.controllers, this.#node('controller'), lot)
    const undoLink = this.#link(link)
    if (undoLink === undefined) return undefined
    const undoDisk = this.#disk({ host: nameOf(victim), operation: 'sync', delayMs: syncMs })
    this.#after(inMs, () => {
      undoDisk()
      if (!this.#isOver) this.#endNow(victim, this.#kill(victim), downMs)
    })
    return undoLink
  }

  #wipe(id: number, forMs: number): boolean {
    const { controllers, isDynamic } = this.#cluster.shape
    if (!this.#promised.mayForget(id) || !this.nodes.isUp(id)) return false
    if (controllers.includes(id)) {
      // A static quorum would take the empty disk for the old one; and the others must be enough without it.
      if (!isDynamic || this.#wipedVoter !== undefined) return false
      this.#wipedVoter = id
    }
    this.#promised.forgot(id)
    return this.nodes.end(id, { kind: 'wipe' }, forMs)
  }

  #pause(host: string): (() => void) | undefined {
    const { world } = this.#cluster
    if (!world.isAlive(host) || !this.#promised.mayCut()) return undefined
    world.pause(host)
    this.#paused.add(host)
    return () => {
      world.resume(host)
      this.#paused.delete(host)
    }
  }

  #linkFault(fault: Fault): LinkFault {
    switch (fault.kind) {
      case 'cut off': {
        const host = nameOf(this.#node(fault.node))
        return { down: (from, to) => from === host || to === host }
      }
      case 'split': {
        const isHere = (host: string): boolean => host === 'clients' || fault.side.includes(idOf(host) ?? -1)
        return { down: (from, to) => isHere(from) !== isHere(to) }
      }
      case 'one way': {
        const host = nameOf(this.#node(fault.node))
        return { down: (from, to) => (fault.direction === 'in' ? to : from) === host }
      }
      case 'no link': {
        const pair = [nameOf(this.#node(fault.from)), nameOf(this.#node(fault.to))]
        return { down: (from, to) => from !== to && pair.includes(from) && pair.includes(to) }
      }
      case 'slow links': {
        const host = nameOf(this.#node(fault.node))
        return { delayMs: (from, to) => (from === host || to === host ? fault.delayMs : 0) }
      }
      case 'loss': {
        const random = new SeededRandom(fault.lot)
        return { delayMs: () => (random.fraction() < fault.share ? retransmissionMs * (1 + random.below(3)) : 0) }
      }
      default:
        throw new Error(`${fault.kind} is no fault of a link`)
    }
  }

  #link(fault: LinkFault): (() => void) | undefined {
    if (fault.down !== undefined && !this.#promised.mayCut()) return undefined
    this.#network.links.add(fault)
    return () => void this.#network.links.delete(fault)
  }

  #swizzle({ order, healing, forMs }: Extract<Fault, { kind: 'swizzle' }>): true {
    const heals = new Map<number, () => void>()
    const eachMs = forMs / (2 * order.length)
    order.forEach((id, at) => {
      this.#after(at * eachMs, () => {
        const heal = this.#isOver ? undefined : this.#link({ down: (from, to) => from === nameOf(id) || to === nameOf(id) })
        if (heal !== undefined) heals.set(id, heal)
      })
    })
    healing.forEach((id, at) => void this.#after(forMs / 2 + at * eachMs, () => heals.get(id)?.()))
    return true
  }

  #repeats(share: number, lateMs: number, lot: number): () => void {
    const random = new SeededRandom(lot)
    const fault = (apiKey: number): number | undefined =>
      random.fraction() < (decisive.has(apiKey) ? 0.8 : share) ? random.fraction() * lateMs : undefined
    this.#network.repeats.add(fault)
    return () => void this.#network.repeats.delete(fault)
  }

  #resets(share: number, lot: number): () => void {
    const random = new SeededRandom(lot)
    return this.#fate((apiKey) => {
      if (random.fraction() >= (decisive.has(apiKey) ? 0.5 : share)) return undefined
      return { breakMs: random.below(4) === 0 ? random.fraction() * 600 : 0.2 + random.fraction() * 4 }
    })
  }

  #held(share: number, longestMs: number, lot: number): () => void {
    const random = new SeededRandom(lot)
    return this.#fate((apiKey) =>
      random.fraction() < (decisive.has(apiKey) ? 0.6 : share) ? { holdMs: random.fraction() * longestMs } : undefined,
    )
  }

  #fate(fault: (apiKey: number, from: string, to: string) => MessageFate | undefined): () => void {
    this.#network.fates.add(fault)
    return () => void this.#network.fates.delete(fault)
  }

  /** Only where metadata does not travel with records. */
  #lateMetadata(id: number, holdMs: number): (() => void) | undefined {
    const { brokers, controllers } = this.#cluster.shape
    if (controllers.includes(id) || controllers.some((each) => brokers.includes(each))) return undefined
    const host = nameOf(id)
    const apart = new Set(controllers.map(nameOf))
    return this.#fate((apiKey, from, to) => (apiKey === Apis.Fetch.key && from === host && apart.has(to) ? { holdMs } : undefined))
  }

  #victim(node: Victim, sender: number | undefined, receiver: number | undefined): number | undefined {
    if (node === 'sender') return sender
    if (node === 'receiver') return receiver
    if (node !== 'joiner') return this.#node(node)
    for (const views of this.#watch.replicas.values()) {
      const view = sender === undefined ? undefined : views.get(sender)
      const joiner = view?.proposal?.find((id) => !view.isr.includes(id))
      if (joiner !== undefined) return joiner
    }
    return undefined
  }

  #ambush({ api, node, holdMs, inMs, downMs }: Extract<Fault, { kind: 'ambush' }>): () => void {
    const { key } = Apis[api as keyof typeof Apis]
    const undo = this.#fate((apiKey, from, to) => {
      if (apiKey !== key) return undefined
      undo()
      const id = this.#victim(node, idOf(from), idOf(to))
      this.#after(inMs, () => {
        if (id !== undefined && !this.#isOver) this.#endNow(id, this.#kill(id), downMs)
      })
      return { holdMs }
    })
    return undo
  }

  #lastWords({ api, inMs, downMs }: Extract<Fault, { kind: 'last words' }>): () => void {
    const { key } = Apis[api as keyof typeof Apis]
    let undoLink: (() => void) | undefined
    let isHeard = false
    const undoFate = this.#fate((apiKey, from, to) => {
      const id = idOf(to)
      if (apiKey !== key || isHeard || id === undefined) return undefined
      isHeard = true
      undoLink = this.#link({ down: (one, other) => one === to && other !== from && other !== 'clients' })
      this.#after(inMs, () => void (this.#isOver || this.#endNow(id, this.#kill(id), downMs)))
      return undefined
    })
    return () => {
      undoFate()
      undoLink?.()
    }
  }

  #lateFarewell(id: number, lateMs: number): (() => void) | undefined {
    if (!this.#cluster.shape.brokers.includes(id) || !this.nodes.isUp(id) || !this.#promised.mayEnd(id)) return undefined
    const repeat = (apiKey: number, from: string): number | undefined =>
      apiKey === Apis.BrokerHeartbeat.key && from === nameOf(id) ? lateMs : undefined
    this.#network.repeats.add(repeat)
    this.nodes.stop(id, 100)
    return () => void this.#network.repeats.delete(repeat)
  }

  #rejoining(follower: number, stillMs: number, lot: number): (() => void) | undefined {
    const resume = this.#pause(nameOf(follower))
    if (resume === undefined) return undefined
    const fate =
      lot % 2 === 0
        ? unheardChanges(this.#cluster.shape.controllers, lot)
        : goneJoiner(
            {
              joiner: (sender) => this.#victim('joiner', idOf(sender), undefined),
              stop: (id, inMs) => this.#after(inMs, () => void (!this.#isOver && this.#promised.mayEnd(id) && this.nodes.stop(id, 100))),
            },
            lot,
          )
    let undo = resume
    this.#after(stillMs, () => {
      resume()
      if (!this.#isOver) undo = this.#fate(fate)
    })
    return () => undo()
  }

  #disk(fault: Parameters<DiskFaults['active']['add']>[0]): () => void {
    this.#disks.active.add(fault)
    return () => void this.#disks.active.delete(fault)
  }

  /** The node ends when it notices; when it has not by the end of the fault, somebody ends it. */
  #failingDisk(id: number, operation: string): (() => void) | undefined {
    if (!this.nodes.isAlive(id) || !this.#promised.mayEnd(id)) return undefined
    this.nodes.troubled.add(id)
    const undo = this.#disk({ host: nameOf(id), operation, isError: true })
    return () => {
      undo()
      if (this.nodes.troubled.has(id)) this.nodes.end(id, { kind: 'kill' }, 200)
    }
  }

  /** Only where replication is what is relied upon: the log of the quorum is promised to be on disk. */
  #lyingDisk(id: number, lot: number): (() => void) | undefined {
    const { brokers, controllers } = this.#cluster.shape
    if (!brokers.includes(id) || controllers.includes(id) || this.nodes.troubled.has(id) || !this.#promised.mayForget(id)) return undefined
    this.nodes.troubled.add(id)
    const undo = this.#disk({ host: nameOf(id), operation: undefined, lies: true })
    return () => {
      undo()
      this.nodes.troubled.delete(id)
      const end = this.#powerLoss(id, lot)
      if (end !== undefined) this.nodes.end(id, end, 200)
    }
  }

  #fullDisk(id: number, freeBytes: number): (() => void) | undefined {
    const storage = this.#cluster.world.storage(nameOf(id))
    if (storage === undefined || !this.nodes.isAlive(id) || !this.#promised.mayEnd(id)) return undefined
    this.nodes.troubled.add(id)
    storage.capacityBytes = storage.usedBytes() + freeBytes
    return () => {
      storage.capacityBytes = plentyBytes
      if (this.nodes.troubled.has(id)) this.nodes.end(id, { kind: 'kill' }, 200)
    }
  }

  #after(ms: number, act: () => void): void {
    this.#cluster.clients.clock.after(ms, act)
  }
}

export const describe = ({ kind, ...rest }: Fault): string => `${kind} ${JSON.stringify(rest)}`
