import type { ChaosCluster } from './chaos-cluster.ts'
import type { ChaosNode } from './chaos-node.ts'
import type { Dice } from './dice.ts'
import { type Fault, type FaultKind, faults } from './faults.ts'

export const targets = ['leader', 'follower', 'controller', 'any', 'all'] as const
export type Target = (typeof targets)[number]

/** A fault that was, in milliseconds since the run began. */
export interface FaultRecord {
  readonly kind: FaultKind
  readonly target: Target
  readonly nodes: readonly number[]
  readonly beginMs: number
  endMs: number
  /** Nodes that were not running any more at its end. */
  downCount: number
  /** Until all replicas were in sync again after its end; -1: they were not when the next one began. */
  recoveryMs: number
}

export interface NemesisOptions {
  readonly cluster: ChaosCluster
  readonly dice: Dice
  readonly kinds: readonly FaultKind[]
  readonly nowMs: () => number
  readonly isOver: () => boolean
  readonly say: (line: string) => void
  /** How long a fault lasts, from and to. */
  readonly holdMs: readonly [number, number]
}

const QUIET_SHARE = 0.25
const PAIR_SHARE = 0.25
const RECOVERY_LIMIT_MS = 60_000
const LOOK_EVERY_MS = 200

/** Faults one after the other, a quarter of the time none, mostly on a cluster that has recovered from the last one. */
export class Nemesis {
  readonly records: FaultRecord[] = []
  readonly #options: NemesisOptions
  /** Kinds that have still to come before any comes again. */
  #round: FaultKind[] = []
  #targetRound: Target[] = []

  constructor(options: NemesisOptions) {
    this.#options = options
  }

  async run(): Promise<void> {
    const { dice, isOver, holdMs } = this.#options
    while (!isOver()) {
      if (dice.next() < QUIET_SHARE) {
        this.#options.say('quiet')
        await this.#wait(dice.between(...holdMs))
        continue
      }
      const isPair = dice.next() < PAIR_SHARE
      const first = await this.#begin(this.#nextKind(), undefined)
      const kind = this.#nextKind()
      const canPair =
        isPair && first !== undefined && !faults[first.kind].isAlone && !faults[kind].isAlone && !this.#endsAlike(first.kind, kind)
      const second = canPair ? await this.#begin(kind, first) : undefined
      if (!canPair) this.#round.push(kind)
      await this.#wait(dice.between(...holdMs))
      for (const record of [first, second]) if (record !== undefined) await this.#end(record)
      await this.#recovered([first, second].filter((record) => record !== undefined))
    }
  }

  /** Healing the network heals all of it. */
  #endsAlike(a: FaultKind, b: FaultKind): boolean {
    return faults[a].end === faults[b].end && faults[a].leavesZombies
  }

  #nextKind(): FaultKind {
    if (this.#round.length === 0) this.#round = this.#shuffled(this.#options.kinds)
    return this.#round.pop()!
  }

  #shuffled<T>(list: readonly T[]): T[] {
    const { dice } = this.#options
    const order = [...list]
    for (let n = order.length - 1; n > 0; n--) {
      const other = dice.below(n + 1)
      ;[order[n], order[other]] = [order[other]!, order[n]!]
    }
    return order
  }

  async #begin(kind: FaultKind, beside: FaultRecord | undefined): Promise<FaultRecord | undefined> {
    const { cluster, dice, nowMs, say } = this.#options
    const fault: Fault = faults[kind]
    if (fault.isAlone && !(await this.#inSync())) return undefined
    if (this.#targetRound.length === 0) this.#targetRound = this.#shuffled(targets)
    let target = this.#targetRound.pop()!
    if (target === 'all' && (!fault.mayStrikeAll || beside !== undefined)) target = 'any'
    const found = await this.#nodesOf(target)
    const nodes = found.filter(({ id }) => beside?.nodes.includes(id) !== true)
    if (nodes.length === 0) return undefined
    const record: FaultRecord = {
      kind,
      target,
      nodes: nodes.map(({ id }) => id),
      beginMs: nowMs(),
      endMs: -1,
      downCount: 0,
      recoveryMs: -1,
    }
    say(`${kind} of ${target}: ${record.nodes.join(', ')}`)
    this.records.push(record)
    await fault.begin(cluster, nodes, dice)
    return record
  }

  async #nodesOf(target: Target): Promise<ChaosNode[]> {
    const { cluster, dice } = this.#options
    const partition = dice.below(cluster.options.topics[0]!.partitionCount)
    const any = dice.pick(cluster.nodes)
    if (target === 'all') return [...cluster.nodes]
    if (target === 'controller') return [(await cluster.activeController()) ?? any]
    if (target === 'any') return [any]
    const leader = (await cluster.leaderOf(partition)) ?? dice.pick(cluster.brokers)
    return target === 'leader' ? [leader] : [dice.pick(cluster.brokers.filter((node) => node !== leader))]
  }

  async #end(record: FaultRecord): Promise<void> {
    const { cluster, nowMs } = this.#options
    const nodes = cluster.nodes.filter(({ id }) => record.nodes.includes(id))
    record.downCount = nodes.filter(({ isRunning }) => !isRunning).length
    await faults[record.kind].end(cluster, nodes)
    record.endMs = nowMs()
  }

  async #recovered(records: readonly FaultRecord[]): Promise<void> {
    const { nowMs } = this.#options
    // One time in four the next fault does not wait.
    if (records.length === 0 || this.#options.dice.next() < 0.25) return
    if (await this.#inSync()) for (const record of records) record.recoveryMs = nowMs() - record.endMs
  }

  async #inSync(): Promise<boolean> {
    const { cluster, nowMs, isOver } = this.#options
    const deadlineMs = nowMs() + RECOVERY_LIMIT_MS
    while (!(await cluster.inSync())) {
      if (nowMs() > deadlineMs || isOver()) return false
      this.#revive()
      await this.#wait(LOOK_EVERY_MS)
    }
    return true
  }

  /** A node that ended by itself is a finding; the run goes on with it. */
  #revive(): void {
    for (const node of this.#options.cluster.nodes) if (!node.isRunning) node.start()
  }

  async #wait(ms: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms))
  }
}
