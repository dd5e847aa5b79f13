import assert from 'node:assert/strict'
import { ControlHistory } from '../../src/raft/control-history.ts'
import { LogView } from '../../src/raft/core/log-view.ts'
import type { Entry, FetchReply, OutgoingRequest, QuorumChange, RaftReply, RaftRequest } from '../../src/raft/core/messages.ts'
import { RaftCore } from '../../src/raft/core/raft-core.ts'
import type { Election, RaftTiming, Ready } from '../../src/raft/core/ready.ts'
import type { OffsetAndEpoch, Voter } from '../../src/raft/index.ts'
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
  formatted?: QuorumChange
  snapshot: Snapshot | undefined
}
/** A place in the log and what the quorum is there. */
interface Snapshot extends OffsetAndEpoch {
  readonly quorum: QuorumChange
}

/** A replica: a core, what its disk holds, and what it has not yet made durable. */
export class Replica {
  readonly key!: Voter
  autoJoin = false
  readonly disk: Disk = { election: undefined, entries: [], snapshot: undefined }
  core!: RaftCore
  alive = true
  life = 0
  committed = 0
  /** As the core said after its last event. */
  tickAt = 0
  /** What the state machine over the log does before a change of voters is written. */
  flush: (() => void) | undefined
}

export const settledMs = 20_000

/** The weather clears, and all replicas agree on a leader and hold all that it holds. */
export const converge = (cluster: Cluster): Replica => {
  cluster.weather = fair
  cluster.connected = () => true
  for (const replica of cluster.replicas) if (!replica.alive) cluster.start(replica)
  const agreed = (): boolean => {
    const { leader } = cluster
    return (
      leader !== undefined &&
      leader.core.highWatermark === leader.core.log.endOffset &&
      cluster.replicas.every(
        ({ core, committed }) =>
          core.epoch === leader.core.epoch && core.log.endOffset === leader.core.log.endOffset && committed === leader.committed,
      )
    )
  }
  assert.ok(cluster.runFor(settledMs * 3, agreed), `no agreement: ${cluster.replicas.map(({ core }) => `${core.role} ${core.epoch}`)}`)
  return cluster.leader!
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
  readonly #isDynamic: boolean
  #packets: Packet[] = []
  readonly #leaders = new Map<number, number>()
  readonly #votes = new Map<string, number>()
  /** What was committed at each offset, by anyone's word. */
  readonly committed: Entry[] = []
  #nextValue = 0

  /** `observers`: how many more replicas there are that begin without a vote, in a quorum whose voters are in the log (KIP-853). */
  constructor(size: number, seed: number, observers?: number, autoJoin = false) {
    this.random = new SeededRandom(seed)
    const keys = Array.from({ length: size + (observers ?? 0) }, (_, n) => voterOf(n + 1))
    this.#isDynamic = observers !== undefined
    this.voters = new VoterSet(keys.slice(0, size).map((key) => (this.#isDynamic ? key : { ...key, directoryId: undefined })))
    this.replicas = keys.map((key) => Object.assign(new Replica(), { key, autoJoin }))
    for (const replica of this.replicas) {
      const isVoter = this.voters.has(replica.key.id)
      // Kafka's bootstrap checkpoint 0-0: only nodes that were formatted as voters have it.
      if (this.#isDynamic && isVoter) replica.disk.formatted = { kraftVersion: 1, voters: this.voters }
      this.start(replica)
    }
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
    const control = new ControlHistory(this.#isDynamic ? VoterSet.none : this.voters)
    if (disk.snapshot !== undefined) control.restartAt(disk.snapshot.offset, disk.snapshot.quorum)
    else if (disk.formatted !== undefined) control.restartAt(0, disk.formatted)
    for (const { baseOffset, quorum } of disk.entries) if (quorum !== undefined) control.add(baseOffset, quorum)
    const bootstrapIds = this.#isDynamic ? this.replicas.map(({ key: { id } }) => bootstrapIdOf(id)) : []
    const { autoJoin } = replica
    replica.core = new RaftCore(
      {
        self: key,
        control,
        bootstrapIds,
        autoJoin,
        election,
        log,
        random,
        timing,
        writer: { flush: () => replica.flush?.(), skipTo() {} },
      },
      this.now,
    )
    this.drain(replica)
  }

  /** Asks a replica from outside, as a tool does. */
  ask(replica: Replica, request: RaftRequest): { reply: RaftReply | undefined } {
    const asked: { reply: RaftReply | undefined } = { reply: undefined }
    const correlation = this.#nextCorrelation++
    this.#answers.set(correlation, (reply) => {
      asked.reply = reply
    })
    replica.core.stepRequest(correlation, request, this.now)
    this.drain(replica)
    return asked
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
          disk.snapshot = { ...step.behind, quorum: quorumAt(replica, step.behind.offset) }
        }
      }
      if (ready.storage.length > 0) core.synced(core.log.endOffset, this.now)
      for (const request of ready.requests) this.#send(replica, request)
      for (const { correlation, reply } of ready.replies) this.#answers.get(correlation)?.(this.#fill(replica, reply))
      if (ready.wantedSnapshot !== undefined) this.#copySnapshot(replica, ready.wantedSnapshot)
    }
    replica.tickAt = replica.core.nextTickAt(this.now)
    this.#check(replica)
  }

  /** The replica replaces all that it committed by a snapshot. */
  snapshot(replica: Replica): void {
    const { core, disk } = replica
    const last = disk.entries.findLast(({ lastOffset }) => lastOffset < replica.committed)
    if (last === undefined) return
    disk.snapshot = { offset: last.lastOffset + 1, epoch: last.epoch, quorum: quorumAt(replica, last.lastOffset + 1) }
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
        if (!replica.alive || replica.tickAt > this.now) continue
        replica.core.tick(this.now)
        this.drain(replica)
      }
    }
    this.now = end
    return until()
  }

  readonly #answers = new Map<number, (reply: RaftReply) => void>()
  #nextCorrelation = 1

  #send(from: Replica, { to: address, correlation, request }: OutgoingRequest): void {
    const { life } = from
    const to = address < 0 ? bootstrapIdOf(address) : address
    const target = this.replica(to)
    this.#deliver(from.key.id, to, () => {
      if (!target.alive) return
      if (request.type === 'versions') {
        const reply = { type: 'versions', error: 0, kraftVersions: { min: 0, max: target.key.kraftVersionMax } } as const
        return this.#deliver(to, from.key.id, () => {
          if (!from.alive || from.life !== life) return
          from.core.stepReply(address, correlation, reply, this.now)
          this.drain(from)
        })
      }
      const inbound = this.#nextCorrelation++
      this.#answers.set(inbound, (reply) => {
        this.#answers.delete(inbound)
        this.#deliver(to, from.key.id, () => {
          if (!from.alive || from.life !== life) return
          from.core.stepReply(address, correlation, this.#located(reply), this.now)
          this.drain(from)
        })
      })
      target.core.stepRequest(inbound, request, this.now)
      this.drain(target)
    })
  }

  /** In a dynamic quorum answers say where the leader listens. */
  #located(reply: RaftReply): RaftReply {
    return this.#isDynamic && 'leaderId' in reply && reply.leaderId !== undefined ? { ...reply, leaderEndpoints: [] } : reply
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
        if (reached && snapshot?.offset === id.offset && snapshot.epoch === id.epoch)
          replica.core.snapshotCopied(id, snapshot.quorum, this.now)
        else replica.core.snapshotLost(id, this.now)
        this.drain(replica)
      },
    })
  }

  #nextEvent(): number {
    let next = Number.POSITIVE_INFINITY
    for (const { at } of this.#packets) next = Math.min(next, at)
    for (const { alive, tickAt } of this.replicas) if (alive) next = Math.min(next, Math.max(tickAt, this.now + 1))
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
      this.#checkVoterChanges(replica)
    }
    const end = disk.entries.at(-1)?.lastOffset ?? (disk.snapshot?.offset ?? 0) - 1
    assert.equal(end + 1, core.log.endOffset, 'the view shows the log as it is')
    const highWatermark = core.highWatermark ?? 0
    assert.ok(highWatermark <= core.log.endOffset, 'R7: the high watermark is within the log')
    if (highWatermark <= replica.committed) return
    replica.committed = highWatermark
    this.#commit(disk.entries.filter(({ lastOffset }) => lastOffset < highWatermark))
    if (core.role === 'leader') this.#checkMajority(replica, highWatermark)
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
  #checkMajority({ core }: Replica, highWatermark: number): void {
    const holders = core.voters.voters.filter(({ id }) => {
      const { disk } = this.replica(id)
      return (disk.entries.at(-1)?.lastOffset ?? (disk.snapshot?.offset ?? 0) - 1) >= highWatermark - 1
    })
    assert.ok(holders.length * 2 > core.voters.size, `R7: ${holders.length} voters hold all below ${highWatermark}`)
  }

  /** KIP-853: voters change one at a time, and each change is committed before the next. */
  #checkVoterChanges({ disk, core }: Replica): void {
    const changes = disk.entries.filter(({ quorum }) => quorum?.voters !== undefined)
    const uncommitted = changes.filter(({ baseOffset }) => !this.committed.some((entry) => entry.baseOffset === baseOffset))
    assert.ok(uncommitted.length <= 1, `${uncommitted.length} changes of voters are uncommitted in epoch ${core.epoch}`)
    let before = disk.snapshot?.quorum.voters ?? disk.formatted?.voters
    for (const { quorum } of changes) {
      const after = quorum!.voters!
      if (before !== undefined) {
        const joined = after.voters.filter((voter) => !before!.has(voter.id))
        const left = before.voters.filter((voter) => !after.has(voter.id))
        assert.ok(joined.length + left.length <= 1, 'one voter joins or leaves at a time')
      }
      before = after
    }
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

const voterOf = (id: number): Voter => ({ id, directoryId: `directory-${id}`, endpoints: [], kraftVersionMin: 0, kraftVersionMax: 1 })

/** Both ways. */
const bootstrapIdOf = (id: number): number => -1 - id

const quorumAt = ({ core: { control } }: Replica, offset: number): QuorumChange =>
  control.votersAt(offset - 1) === undefined
    ? {}
    : { kraftVersion: control.kraftVersionAt(offset - 1), voters: control.votersAt(offset - 1) }
