import assert from 'node:assert/strict'
import { LogView } from '../../src/raft/core/log-view.ts'
import type { Entry, FetchReply, OutgoingRequest, RaftReply } from '../../src/raft/core/messages.ts'
import { RaftCore } from '../../src/raft/core/raft-core.ts'
import type { Election, RaftTiming, Ready } from '../../src/raft/core/ready.ts'
import type { OffsetAndEpoch, ReplicaKey } from '../../src/raft/index.ts'
import { VoterSet } from '../../src/raft/index.ts'
import { SeededRandom } from '../../src/sim/index.ts'

const timing: RaftTiming = {
  electionTimeoutMs: 1000,
  fetchTimeoutMs: 2000,
  electionBackoffMaxMs: 1000,
  requestTimeoutMs: 2000,
  retryBackoffMs: 20,
  fetchMaxWaitMs: 500,
  fetchMaxBytes: 3,
}

interface Disk {
  election: Election | undefined
  entries: Entry[]
  snapshot: OffsetAndEpoch | undefined
}

/** A replica: a core, what its disk holds, and what it has not yet made durable. */
export class Replica {
  readonly key!: ReplicaKey
  readonly disk: Disk = { election: undefined, entries: [], snapshot: undefined }
  core!: RaftCore
  alive = true
  life = 0
  committed = 0
}

interface Packet {
  readonly at: number
  readonly deliver: () => void
}

/** What the network does to a message. */
export interface Weather {
  readonly dropPercent: number
  readonly duplicatePercent: number
  readonly delayMsMax: number
}
export const fair: Weather = { dropPercent: 0, duplicatePercent: 0, delayMsMax: 5 }

/**
 * Several cores that exchange messages in memory under any weather, with crashes and restarts, and the invariants of reliability checked
 * after each event: election safety, one vote, log matching, high watermark, leader completeness.
 */
export class Cluster {
  readonly random: SeededRandom
  readonly voters: VoterSet
  readonly replicas: Replica[]
  weather: Weather = fair
  /** Whether a message between the two passes. */
  connected: (from: number, to: number) => boolean = () => true
  now = 0
  #packets: Packet[] = []
  readonly #leaders = new Map<number, number>()
  readonly #votes = new Map<string, number>()
  /** What was committed at each offset, by anyone's word. */
  readonly committed: Entry[] = []
  #nextValue = 0

  constructor(size: number, seed: number) {
    this.random = new SeededRandom(seed)
    const ids = Array.from({ length: size }, (_, n) => n + 1)
    this.voters = new VoterSet(ids.map((id) => ({ id, directoryId: undefined, endpoints: [], kraftVersionMin: 0, kraftVersionMax: 1 })))
    this.replicas = ids.map((id) => Object.assign(new Replica(), { key: { id, directoryId: `directory-${id}` } }))
    for (const replica of this.replicas) this.start(replica)
  }

  get leader(): Replica | undefined {
    const leaders = this.replicas.filter(({ alive, core }) => alive && core.role === 'leader')
    return leaders.sort((a, b) => b.core.epoch - a.core.epoch)[0]
  }

  replica(id: number): Replica {
    return this.replicas[id - 1]!
  }

  start(replica: Replica): void {
    const { disk } = replica
    const startOffset = disk.snapshot?.offset ?? 0
    const log = new LogView(startOffset, startOffset, [], disk.snapshot, disk.snapshot)
    for (const entry of disk.entries) log.append(entry.baseOffset, entry.lastOffset, entry.epoch)
    replica.alive = true
    replica.life++
    replica.committed = startOffset
    const random = (below: number): number => this.random.below(below)
    const { key } = replica
    const { election } = disk
    replica.core = new RaftCore({ self: key, voters: this.voters, votersUnwritten: false, election, log, random, timing }, this.now)
    this.drain(replica)
  }

  crash(replica: Replica): void {
    replica.alive = false
    replica.life++
  }

  append(replica: Replica): void {
    const { core } = replica
    const count = 1 + this.random.below(2)
    const content = Buffer.from(`value ${this.#nextValue++}`)
    core.append({ baseOffset: core.log.endOffset, lastOffset: core.log.endOffset + count - 1, epoch: core.epoch, content }, this.now)
    this.drain(replica)
  }

  /** Does what the core asks for, at once; messages go into the weather. */
  drain(replica: Replica): void {
    for (let ready = replica.core.ready(); ready !== undefined; ready = replica.core.ready()) {
      const { disk, core } = replica
      if (ready.election !== undefined) this.#persist(replica, ready.election)
      for (const step of ready.storage) {
        if (step.type === 'append') disk.entries.push(step.entry)
        else if (step.type === 'truncate') disk.entries = disk.entries.filter(({ lastOffset }) => lastOffset < step.offset)
        else {
          disk.entries = []
          disk.snapshot = step.behind
        }
      }
      if (ready.storage.length > 0) core.synced(core.log.endOffset, this.now)
      for (const request of ready.requests) this.#send(replica, request)
      for (const { correlation, reply } of ready.replies) this.#answers.get(correlation)?.(this.#fill(replica, reply))
      if (ready.wantedSnapshot !== undefined) this.#copySnapshot(replica, ready.wantedSnapshot)
    }
    this.#check(replica)
  }

  /** The replica replaces all that it committed by a snapshot. */
  snapshot(replica: Replica): void {
    const { core, disk } = replica
    const last = disk.entries.findLast(({ lastOffset }) => lastOffset < replica.committed)
    if (last === undefined) return
    disk.snapshot = { offset: last.lastOffset + 1, epoch: last.epoch }
    disk.entries = disk.entries.filter(({ lastOffset }) => lastOffset > last.lastOffset)
    core.log.cutBefore(disk.snapshot)
    core.log.latestSnapshot = disk.snapshot
  }

  /** Lets time pass, event by event. */
  runFor(durationMs: number, until: () => boolean = () => false): boolean {
    const end = this.now + durationMs
    for (let steps = 0; steps < 200_000; steps++) {
      if (until()) return true
      const next = this.#nextEvent()
      if (next > end) break
      this.now = Math.max(this.now, next)
      const due = this.#packets.filter(({ at }) => at <= this.now)
      this.#packets = this.#packets.filter(({ at }) => at > this.now)
      for (const packet of due) packet.deliver()
      for (const replica of this.replicas) {
        if (!replica.alive || replica.core.nextTickAt(this.now) > this.now) continue
        replica.core.tick(this.now)
        this.drain(replica)
      }
    }
    this.now = end
    return until()
  }

  readonly #answers = new Map<number, (reply: RaftReply) => void>()
  #nextCorrelation = 1

  #send(from: Replica, { to, correlation, request }: OutgoingRequest): void {
    const { life } = from
    const target = this.replica(to)
    this.#deliver(from.key.id, to, () => {
      if (!target.alive) return
      const inbound = this.#nextCorrelation++
      this.#answers.set(inbound, (reply) => {
        this.#answers.delete(inbound)
        this.#deliver(to, from.key.id, () => {
          if (!from.alive || from.life !== life) return
          from.core.stepReply(to, correlation, reply, this.now)
          this.drain(from)
        })
      })
      target.core.stepRequest(inbound, request, this.now)
      this.drain(target)
    })
  }

  #deliver(from: number, to: number, deliver: () => void): void {
    const { dropPercent, duplicatePercent, delayMsMax } = this.weather
    const copies = this.random.below(100) < duplicatePercent ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      if (this.random.below(100) < dropPercent || !this.connected(from, to)) continue
      this.#packets.push({ at: this.now + 1 + this.random.below(delayMsMax), deliver })
    }
  }

  /** Reads what a fetch reply promises, as a driver does. `maxBytes` counts entries here. */
  #fill(replica: Replica, reply: RaftReply): RaftReply {
    if (reply.type !== 'fetch' || reply.read === undefined) return reply
    const { read, ...rest } = reply
    const entries = replica.disk.entries.filter(({ lastOffset }) => lastOffset >= read.offset).slice(0, read.maxBytes)
    return { ...rest, entries } satisfies FetchReply
  }

  /** The copy comes, or is lost: when the leader is away, or has a later one by now. */
  #copySnapshot(replica: Replica, { id, from }: NonNullable<Ready['wantedSnapshot']>): void {
    const { life } = replica
    this.#packets.push({
      at: this.now + 10,
      deliver: () => {
        if (!replica.alive || replica.life !== life) return
        const { snapshot } = this.replica(from).disk
        const reached = this.replica(from).alive && this.connected(from, replica.key.id)
        if (reached && snapshot?.offset === id.offset && snapshot.epoch === id.epoch) replica.core.snapshotCopied(id, this.now)
        else replica.core.snapshotLost(id, this.now)
        this.drain(replica)
      },
    })
  }

  #nextEvent(): number {
    let next = Number.POSITIVE_INFINITY
    for (const { at } of this.#packets) next = Math.min(next, at)
    for (const { alive, core } of this.replicas) if (alive) next = Math.min(next, Math.max(core.nextTickAt(this.now), this.now + 1))
    return next
  }

  // Invariants

  #persist(replica: Replica, election: Election): void {
    const last = replica.disk.election
    assert.ok(last === undefined || election.epoch >= last.epoch, 'R2: the epoch of a replica never falls')
    replica.disk.election = election
    if (election.leaderId !== undefined) this.#noteLeader(election.epoch, election.leaderId)
    if (election.votedKey === undefined) return
    const ballot = `${replica.key.id}@${election.epoch}`
    const voted = this.#votes.get(ballot)
    assert.ok(voted === undefined || voted === election.votedKey.id, `R3: ${ballot} voted for ${voted} and ${election.votedKey.id}`)
    this.#votes.set(ballot, election.votedKey.id)
  }

  #noteLeader(epoch: number, leaderId: number): void {
    const known = this.#leaders.get(epoch)
    assert.ok(known === undefined || known === leaderId, `R1: epoch ${epoch} has leaders ${known} and ${leaderId}`)
    this.#leaders.set(epoch, leaderId)
  }

  #check(replica: Replica): void {
    const { core, disk } = replica
    if (core.role === 'leader') {
      this.#noteLeader(core.epoch, core.leader.leaderId!)
      this.#checkCompleteness(replica)
    }
    const end = disk.entries.at(-1)?.lastOffset ?? (disk.snapshot?.offset ?? 0) - 1
    assert.equal(end + 1, core.log.endOffset, 'the view shows the log as it is')
    const highWatermark = core.highWatermark ?? 0
    assert.ok(highWatermark <= core.log.endOffset, 'R7: the high watermark is within the log')
    if (highWatermark <= replica.committed) return
    replica.committed = highWatermark
    this.#commit(disk.entries.filter(({ lastOffset }) => lastOffset < highWatermark))
    if (core.role === 'leader') this.#checkMajority(highWatermark)
  }

  /** R4, R6: what anyone says is committed at an offset is what all say. */
  #commit(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const known = this.committed.find(({ baseOffset }) => baseOffset === entry.baseOffset)
      if (known === undefined) {
        this.committed.push(entry)
        continue
      }
      assert.equal(known.epoch, entry.epoch, `R4: offset ${entry.baseOffset} committed in two epochs`)
      assert.equal(known.content, entry.content, `R4: offset ${entry.baseOffset} committed with two contents`)
    }
  }

  /** R7: a majority holds what the leader says is committed. */
  #checkMajority(highWatermark: number): void {
    const holders = this.replicas.filter(
      ({ disk }) => (disk.entries.at(-1)?.lastOffset ?? (disk.snapshot?.offset ?? 0) - 1) >= highWatermark - 1,
    )
    assert.ok(holders.length * 2 > this.replicas.length, `R7: ${holders.length} replicas hold all below ${highWatermark}`)
  }

  /** R5: a leader holds every entry that was committed in an earlier epoch. */
  #checkCompleteness({ core, disk }: Replica): void {
    const start = disk.snapshot?.offset ?? 0
    for (const entry of this.committed) {
      if (entry.baseOffset < start || entry.epoch >= core.epoch) continue
      const own = disk.entries.find(({ baseOffset }) => baseOffset === entry.baseOffset)
      assert.equal(own?.content, entry.content, `R5: the leader of epoch ${core.epoch} lacks offset ${entry.baseOffset}`)
    }
  }
}
