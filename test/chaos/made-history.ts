import type { ReplicaLog, StoredBatch } from './checks/replicas.ts'
import type { Dice } from './dice.ts'
import type { Operation, Position, Read } from './operation.ts'

/** A record of the made-up cluster's log. */
interface Entry {
  readonly offset: number
  readonly value: number
  readonly process: number
}

export interface MadeHistory {
  readonly operations: Operation[]
  readonly finalLogs: { readonly replicas: ReplicaLog[]; readonly highWatermarks: Map<number, number> }
}

interface Member {
  process: number
  positions: Map<number, number>
}

const REPLICAS = 3
const FINAL_READERS = 2

/**
 * A history as a faultless cluster makes it, drawn at random: producers whose sends succeed, fail or stay unknown, readers who seek about,
 * groups that rebalance and commit, and in the end everybody reads everything.
 */
export class HistoryMaker {
  readonly #dice: Dice
  readonly #operations: Operation[] = []
  readonly #logs: Entry[][]
  readonly #nextOffset: number[]
  readonly #nextValue: number[]
  /** Sends without an end, by process. */
  readonly #pending: { process: number; key: number; value: number; offset: number }[] = []
  readonly #producers: number[] = []
  readonly #readers: Member[] = []
  readonly #groups: { generation: number; members: Member[]; committed: Map<number, number> }[] = []
  #process = 0
  #nowMs = 0

  static make(dice: Dice): MadeHistory {
    const maker = new HistoryMaker(dice)
    maker.#live()
    return { operations: maker.#operations, finalLogs: maker.#finalLogs() }
  }

  private constructor(dice: Dice) {
    this.#dice = dice
    const keyCount = 1 + dice.below(3)
    this.#logs = Array.from({ length: keyCount }, () => [])
    this.#nextOffset = Array.from({ length: keyCount }, () => 0)
    this.#nextValue = Array.from({ length: keyCount }, () => 0)
    for (let n = 1 + dice.below(2); n > 0; n--) this.#producers.push(this.#process++)
    for (let n = 1 + dice.below(2); n > 0; n--) this.#readers.push({ process: this.#process++, positions: new Map() })
    for (let n = 1 + dice.below(2); n > 0; n--) this.#groups.push({ generation: 0, members: [], committed: new Map() })
  }

  get #keys(): number[] {
    return this.#logs.map((_, key) => key)
  }

  #tick(): number {
    return (this.#nowMs += this.#dice.below(3))
  }

  #live(): void {
    const dice = this.#dice
    for (let steps = 60 + dice.below(120); steps > 0; steps--) {
      const group = dice.below(this.#groups.length)
      const choice = dice.below(20)
      if (choice < 7) this.#send(dice.below(this.#producers.length), dice.below(this.#logs.length))
      else if (choice < 11) this.#endSend()
      else if (choice < 14) this.#pollAssigned(dice.pick(this.#readers))
      else if (choice < 17) this.#pollGroup(group)
      else if (choice < 18) this.#rebalance(group)
      else if (choice < 19) this.#look(group)
      else this.#assign(dice.pick(this.#readers), false)
    }
    while (this.#pending.length > 0) this.#endSend()
    for (let n = 0; n < FINAL_READERS; n++) {
      const reader = { process: this.#process++, positions: new Map() }
      this.#assign(reader, true)
      while (this.#keys.some((key) => this.#logs[key]!.some(({ offset }) => offset >= reader.positions.get(key)!))) this.#poll(reader)
    }
    this.#groups.forEach((_, group) => void this.#look(group))
  }

  #send(producer: number, key: number): void {
    const process = this.#producers[producer]!
    const value = this.#nextValue[key]!++
    this.#operations.push({ f: 'send', type: 'invoke', process, atMs: this.#tick(), key, value, offset: -1 })
    const fate = this.#dice.below(20)
    if (fate === 0) {
      this.#operations.push({ f: 'send', type: 'fail', process, atMs: this.#tick(), key, value, offset: -1 })
      return
    }
    const offset = fate === 1 ? -1 : this.#append(key, value, process)
    if (fate > 2) {
      this.#pending.push({ process, key, value, offset })
      return
    }
    // Unknown, whether it was appended or not: whoever saw that begins anew, and what it had under way is unknown too.
    for (const each of this.#pending.splice(0)) {
      if (each.process !== process) this.#pending.push(each)
      else this.#operations.push({ f: 'send', type: 'info', process, atMs: this.#tick(), key: each.key, value: each.value, offset: -1 })
    }
    this.#operations.push({ f: 'send', type: 'info', process, atMs: this.#tick(), key, value, offset: -1 })
    this.#operations.push({ f: 'crash', process, atMs: this.#tick() })
    this.#producers[producer] = this.#process++
  }

  #append(key: number, value: number, process: number): number {
    if (this.#dice.below(20) === 0) this.#nextOffset[key]!++
    const offset = this.#nextOffset[key]!++
    this.#logs[key]!.push({ offset, value, process })
    return offset
  }

  #endSend(): void {
    if (this.#pending.length === 0) return
    const { process, key, value, offset } = this.#pending.splice(this.#dice.below(this.#pending.length), 1)[0]!
    // A duplicate whose place is forgotten is acknowledged without it.
    const told = this.#dice.below(25) === 0 ? -1 : offset
    this.#operations.push({ f: 'send', type: 'ok', process, atMs: this.#tick(), key, value, offset: told })
  }

  #assign(reader: Member, fromStart: boolean): void {
    reader.positions = new Map(this.#keys.map((key) => [key, fromStart ? 0 : this.#dice.below(this.#nextOffset[key]! + 1)]))
    this.#operations.push({ f: 'assign', process: reader.process, atMs: this.#tick(), keys: this.#keys })
  }

  #pollAssigned(reader: Member): void {
    if (reader.positions.size === 0) this.#assign(reader, true)
    this.#poll(reader)
  }

  #poll(reader: Member): boolean {
    const invokedMs = this.#tick()
    const reads: Read[] = []
    for (const [key, position] of reader.positions) {
      const there = this.#logs[key]!.filter(({ offset }) => offset >= position).slice(0, this.#dice.below(6))
      for (const { offset, value } of there) reads.push({ key, offset, value })
      if (there.length > 0) reader.positions.set(key, there.at(-1)!.offset + 1)
    }
    if (reads.length > 0) this.#operations.push({ f: 'poll', process: reader.process, invokedMs, atMs: this.#tick(), reads })
    return reads.length > 0
  }

  #rebalance(index: number): void {
    const group = this.#groups[index]!
    for (const { process, positions } of group.members) {
      const change = this.#dice.below(5) === 0 ? 'lost' : 'revoked'
      const { generation } = group
      this.#operations.push({ f: 'subscribe', process, atMs: this.#tick(), group: index, generation, change, keys: [...positions.keys()] })
    }
    group.generation++
    const count = 1 + this.#dice.below(3)
    const old = group.members.slice(0, count)
    group.members = Array.from({ length: count }, (_, n) => ({ process: old[n]?.process ?? this.#process++, positions: new Map() }))
    for (const key of this.#keys) this.#dice.pick(group.members).positions.set(key, group.committed.get(key) ?? 0)
    for (const { process, positions } of group.members) {
      const { generation } = group
      const keys = [...positions.keys()]
      this.#operations.push({ f: 'subscribe', process, atMs: this.#tick(), group: index, generation, change: 'assigned', keys })
    }
    this.#nowMs++
  }

  #pollGroup(index: number): void {
    const group = this.#groups[index]!
    if (group.members.length === 0) this.#rebalance(index)
    const member = this.#dice.pick(group.members)
    if (!this.#poll(member) || this.#dice.below(3) === 0) return
    const offsets: Position[] = [...member.positions].map(([key, offset]) => ({ key, offset }))
    const type = (['ok', 'ok', 'ok', 'ok', 'info', 'fail'] as const)[this.#dice.below(6)]!
    if (type === 'ok' || (type === 'info' && this.#dice.below(2) === 0))
      for (const { key, offset } of offsets) group.committed.set(key, offset)
    const invokedMs = this.#tick()
    const { generation } = group
    this.#operations.push({ f: 'commit', type, process: member.process, invokedMs, atMs: this.#tick(), group: index, generation, offsets })
  }

  #look(index: number): void {
    const { committed } = this.#groups[index]!
    const offsets = this.#keys.map((key) => ({ key, offset: committed.get(key) ?? -1 }))
    const invokedMs = this.#tick()
    this.#operations.push({ f: 'committed', process: -1, invokedMs, atMs: this.#tick(), group: index, offsets })
  }

  #finalLogs(): { replicas: ReplicaLog[]; highWatermarks: Map<number, number> } {
    const replicas: ReplicaLog[] = []
    for (const key of this.#keys) {
      const entries = this.#logs[key]!
      for (let node = 1; node <= REPLICAS; node++) {
        const values = new Int32Array(this.#nextOffset[key]!).fill(-2)
        const batchSums = new Int32Array(this.#nextOffset[key]!)
        const nextSequence = new Map<number, number>()
        const batches: StoredBatch[] = []
        for (const { offset, value, process } of entries) {
          values[offset] = value
          batchSums[offset] = value * 31 + process
          const baseSequence = nextSequence.get(process) ?? 0
          nextSequence.set(process, baseSequence + 1)
          batches.push({ producerId: 1000 + process, producerEpoch: 0, baseSequence, baseOffset: offset, count: 1 })
        }
        replicas.push({ node, key, values, startOffset: 0, batchSums, batches })
      }
    }
    return { replicas, highWatermarks: new Map(this.#keys.map((key) => [key, this.#nextOffset[key]!])) }
  }
}
