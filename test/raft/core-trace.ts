import assert from 'node:assert/strict'
import { Errors, errorName } from '../../src/protocol/index.ts'
import { ControlHistory } from '../../src/raft/control-history.ts'
import { LogView } from '../../src/raft/core/log-view.ts'
import type { Entry, OutgoingReply, OutgoingRequest, QuorumChange, RaftReply, RaftRequest } from '../../src/raft/core/messages.ts'
import { RaftCore } from '../../src/raft/core/raft-core.ts'
import type { Election, Ready } from '../../src/raft/core/ready.ts'
import { type OffsetAndEpoch, type ReplicaKey, type Voter, VoterSet } from '../../src/raft/index.ts'
import type { Command, Play } from '../base/trace.ts'

/**
 * Plays scripts to the cores of a quorum. Time stands still but for `wait` and `settle`, and messages wait until they are delivered:
 *
 *     quorum 1,2,3 [kraft=1] [observers=4] [join=4]   who votes; kraft=1: voters are in the log; join: who asks to vote by itself
 *     disk 2 log=1,1,3 [epoch=4] [voted=1] [leader=1]  what a node holds before it starts: entries by their epochs
 *     start [1]                                        all, or one that crashed
 *     deliver [1>2 …]                                  all messages, and those that come of them; or what is under way on some links
 *     wait 1000 · settle 1000                          time goes on: messages wait; or all go, and only the end of it is told
 *     cut 3 · cut 1>3 · heal                           what a node, or a link, sends and gets is lost
 *     append 1 a b · resign 1 · crash 1 · snapshot 1 · upgrade 1 1 (kraft.version)
 *     hold 1 · release 1                               the disk of a node keeps it waiting: nothing of its next Ready is done
 *     add-voter 1 4 [ack=leader] · remove-voter 1 4 [directory=x] · update-voter 1 2 endpoint=h [epoch=…] [max=…]   asked of node 1
 *     vote 3>1 epoch=2 last=4@1 [pre] [directory=x] · begin 3>1 epoch=2 · end 3>1 epoch=2 successors=1,2 · fetch 9>1 epoch=1 from=2@1
 *                                                      said to node 1 as if by 3
 *     no-pre-vote 2                                    it is of a version that knows no pre-vote
 *     state [1]
 *
 * Messages are told when they arrive, but for the fetches of a replica that looks for a leader and learns of none. Below each stands what the replica made of it: a change of role, what it made durable, how far it
 * knows the log to be committed. Timeouts are 1000 ms for elections and 2000 ms for fetches, with 100 ms more for each node after the first
 * where chance would decide. A fetch carries three batches at most and waits 500 ms.
 */
export const playRaft = (): Play => {
  const player = new Player()
  return (command) => player.play(command)
}

const timing = {
  electionTimeoutMs: 1000,
  fetchTimeoutMs: 2000,
  electionBackoffMaxMs: 1000,
  requestTimeoutMs: 2000,
  retryBackoffMs: 20,
  fetchMaxWaitMs: 500,
  fetchMaxBytes: 3,
}

interface Node {
  readonly id: number
  core: RaftCore | undefined
  election: Election | undefined
  entries: Entry[]
  snapshot: (OffsetAndEpoch & { readonly quorum: QuorumChange }) | undefined
  formatted: QuorumChange | undefined
  /** What a held disk has not done yet. */
  isHeld: boolean
  knowsPreVote: boolean
  seen: Seen
}

/** What was told of a node last. */
interface Seen {
  readonly role: string
  readonly highWatermark: number | undefined
  readonly voters: string
}
const unseen: Seen = { role: '', highWatermark: undefined, voters: '' }

interface Packet {
  readonly from: number
  readonly to: number
  readonly text: string
  /** Not told. */
  readonly isIdle: boolean
  readonly arrive: (target: Node) => void
}

const packetsMax = 500

class Player {
  #now = 0
  #told: string[] = []
  #isQuiet = false
  #nodes = new Map<number, Node>()
  #packets: Packet[] = []
  #cut = new Set<string>()
  #voters = VoterSet.none
  #isDynamic = false
  #joining: number[] = []
  #nextCorrelation = 1
  /** Where answers of a node to what it was asked go. */
  readonly #answers = new Map<number, (reply: RaftReply) => void>()

  play(command: Command): string[] {
    this.#told = []
    this.#run(command)
    return this.#told
  }

  #say(line: string): void {
    if (!this.#isQuiet) this.#told.push(line)
  }

  #run(command: Command): void {
    switch (command.name) {
      case 'quorum':
        return this.#quorum(command)
      case 'disk':
        return this.#disk(command)
      case 'start': {
        const id = command.maybeWord()
        if (id !== undefined) return this.#start(this.#node(id))
        this.#isQuiet = true
        for (const node of this.#nodes.values()) this.#start(node)
        this.#isQuiet = false
        return this.#tellStates()
      }
      case 'deliver':
        return this.#deliver(command.words())
      case 'wait':
        return this.#wait(command.number())
      case 'settle':
        return this.#settle(command.number())
      case 'cut':
        for (const word of command.words()) this.#cut.add(word)
        return
      case 'heal':
        this.#cut.clear()
        return
      case 'append':
        return this.#append(this.#running(command.word()), command.words())
      case 'resign':
        return this.#act(this.#running(command.word()), (core) => core.resign(this.#now))
      case 'crash': {
        const node = this.#running(command.word())
        node.core = undefined
        node.isHeld = false
        this.#packets = this.#packets.filter(({ from, to }) => from !== node.id && to !== node.id)
        return
      }
      case 'snapshot':
        return this.#snapshot(this.#running(command.word()))
      case 'upgrade': {
        const node = this.#running(command.word())
        const level = command.number()
        return this.#act(node, (core) =>
          this.#say(core.changes === undefined ? 'does not lead' : (core.changes.upgrade(level, false, this.#now) ?? 'ok')),
        )
      }
      case 'hold':
        this.#running(command.word()).isHeld = true
        return
      case 'release': {
        const node = this.#running(command.word())
        node.isHeld = false
        return this.#drain(node)
      }
      case 'no-pre-vote':
        this.#node(command.word()).knowsPreVote = false
        return
      case 'state': {
        const id = command.maybeWord()
        if (id === undefined) this.#tellStates()
        else this.#say(stateText(this.#node(id)))
        return
      }
      default:
        return this.#ask(command)
    }
  }

  // Nodes

  #quorum(command: Command): void {
    const ids = command.word().split(',').map(Number)
    const observers = command.numbersOption('observers') ?? []
    this.#isDynamic = command.numberOption('kraft') === 1
    this.#joining = command.numbersOption('join') ?? []
    this.#voters = new VoterSet(ids.map((id) => ({ ...voterOf(id), ...(this.#isDynamic ? {} : { directoryId: undefined }) })))
    for (const id of [...ids, ...observers]) {
      const formatted = this.#isDynamic && ids.includes(id) ? { kraftVersion: 1, voters: this.#voters } : undefined
      const empty = {
        core: undefined,
        election: undefined,
        entries: [],
        snapshot: undefined,
        isHeld: false,
        knowsPreVote: true,
        seen: unseen,
      }
      this.#nodes.set(id, { id, ...empty, formatted })
    }
  }

  #node(id: string | number): Node {
    const node = this.#nodes.get(Number(id))
    assert.ok(node !== undefined, `there is no node ${id}`)
    return node
  }
  #running(id: string): Node {
    const node = this.#node(id)
    assert.ok(node.core !== undefined, `node ${id} does not run`)
    return node
  }

  #disk(command: Command): void {
    const node = this.#node(command.word())
    const epochs = command.numbersOption('log') ?? []
    node.entries = epochs.map((epoch, offset) => ({ baseOffset: offset, lastOffset: offset, epoch, content: Buffer.from(`old ${offset}`) }))
    const voted = command.numberOption('voted')
    const leaderId = command.numberOption('leader')
    const epoch = command.numberOption('epoch') ?? epochs.at(-1) ?? 0
    node.election = { epoch, leaderId, votedKey: voted === undefined ? undefined : { id: voted, directoryId: undefined } }
  }

  #start(node: Node): void {
    const { snapshot, election } = node
    const start = snapshot?.offset ?? 0
    const log = new LogView(start, start, [], snapshot, snapshot)
    const control = new ControlHistory(this.#isDynamic ? VoterSet.none : this.#voters)
    if (snapshot !== undefined) control.restartAt(start, snapshot.quorum)
    else if (node.formatted !== undefined) control.restartAt(0, node.formatted)
    for (const { baseOffset, lastOffset, epoch, quorum } of node.entries) {
      log.append(baseOffset, lastOffset, epoch)
      if (quorum !== undefined) control.add(baseOffset, quorum)
    }
    const bootstrapIds = this.#isDynamic ? [...this.#nodes.keys()].map(bootstrapIdOf) : []
    const random = (below: number): number => Math.min((node.id - 1) * 100, below - 1)
    const writer = { flush() {}, skipTo() {} }
    const autoJoin = this.#joining.includes(node.id)
    const options = { self: voterOf(node.id), control, bootstrapIds, autoJoin, election, log, random, timing, writer }
    node.core = new RaftCore(options, this.#now)
    node.seen = unseen
    this.#drain(node)
  }

  #act(node: Node, act: (core: RaftCore) => void): void {
    act(node.core!)
    this.#drain(node)
  }

  #append(node: Node, texts: readonly string[]): void {
    this.#act(node, (core) => {
      for (const text of texts) {
        const { endOffset } = core.log
        core.append({ baseOffset: endOffset, lastOffset: endOffset, epoch: core.epoch, content: Buffer.from(text) }, this.#now)
      }
    })
  }

  /** Of all that is committed. */
  #snapshot(node: Node): void {
    const { log, highWatermark = 0 } = node.core!
    node.snapshot = { offset: highWatermark, epoch: log.epochBefore(highWatermark)!, quorum: quorumAt(node.core!, highWatermark) }
    node.entries = node.entries.filter(({ baseOffset }) => baseOffset >= highWatermark)
    log.cutBefore(node.snapshot)
    log.latestSnapshot = node.snapshot
    this.#say(`${node.id}: snapshot ${placeText(node.snapshot)}`)
  }

  // What a core wants done

  #drain(node: Node): void {
    if (!node.isHeld) this.#look(node)
    while (!node.isHeld && node.core !== undefined) {
      const ready = node.core.ready()
      if (ready === undefined) break
      this.#carryOut(node, node.core, ready)
      this.#look(node)
    }
  }

  #carryOut(node: Node, core: RaftCore, ready: Ready): void {
    if (ready.election !== undefined) {
      node.election = ready.election
      this.#say(`${node.id}: writes ${electionText(ready.election)}`)
    }
    for (const step of ready.storage) {
      if (step.type === 'append') {
        node.entries.push(step.entry)
        this.#say(`${node.id}: log ${entryText(step.entry)}`)
      } else if (step.type === 'truncate') {
        node.entries = node.entries.filter(({ lastOffset }) => lastOffset < step.offset)
        this.#say(`${node.id}: log cut at ${step.offset}`)
      } else {
        node.entries = []
        node.snapshot = { ...step.behind, quorum: quorumAt(core, step.behind.offset) }
        this.#say(`${node.id}: log begins behind ${placeText(step.behind)}`)
      }
    }
    if (ready.storage.length > 0) core.synced(core.log.endOffset, this.#now)
    for (const request of ready.requests) this.#send(node, core, request)
    for (const reply of ready.replies) this.#reply(node, reply)
    if (ready.wantedSnapshot !== undefined) this.#copy(node, core, ready.wantedSnapshot)
  }

  /** What has changed since the last look. */
  #look(node: Node): void {
    const { core, seen } = node
    if (core === undefined) return
    const now: Seen = { role: roleText(core), highWatermark: core.highWatermark, voters: core.voters.ids.join() }
    if (now.role !== seen.role) this.#say(`${node.id}: ${now.role}`)
    if (now.highWatermark !== seen.highWatermark) this.#say(`${node.id}: committed ${now.highWatermark ?? 'unknown'}`)
    if (now.voters !== seen.voters && seen.voters !== '') this.#say(`${node.id}: voters ${now.voters || 'none'}`)
    node.seen = now
  }

  #send(node: Node, core: RaftCore, { to: address, correlation, request }: OutgoingRequest): void {
    const to = address < 0 ? bootstrapIdOf(address) : address
    const isLooking = request.type === 'fetch' && core.role !== 'follower'
    const back = (reply: RaftReply, text: string): void => {
      const arrive = (): void => {
        if (node.core === core) this.#act(node, () => core.stepReply(address, correlation, reply, this.#now))
      }
      this.#post(to, node.id, text, arrive, isLooking && !('leaderId' in reply && reply.leaderId !== undefined))
    }
    const arrive = (target: Node): void => {
      if (request.type === 'versions') {
        const reply = { type: 'versions', error: Errors.NONE, kraftVersions: { min: 0, max: 1 } } as const
        return back(reply, 'versions kraft.version 0 to 1')
      }
      if (request.type === 'vote' && request.preVote && !target.knowsPreVote) {
        const { epoch } = target.core!
        const reply = { type: 'vote', error: Errors.UNSUPPORTED_VERSION, epoch, leaderId: undefined, granted: false } as const
        return back(reply, 'vote UNSUPPORTED_VERSION')
      }
      this.#step(target, request, (reply) => back(this.#located(reply), replyText(reply)))
    }
    this.#post(node.id, to, requestText(request), arrive, isLooking)
  }

  #step(target: Node, request: RaftRequest, answered: (reply: RaftReply) => void): void {
    const correlation = this.#nextCorrelation++
    this.#answers.set(correlation, answered)
    this.#act(target, (core) => core.stepRequest(correlation, request, this.#now))
  }

  #reply(node: Node, { correlation, reply }: OutgoingReply): void {
    const answered = this.#answers.get(correlation)
    this.#answers.delete(correlation)
    if (reply.type !== 'fetch' || reply.read === undefined) return answered?.(reply)
    const { read, ...rest } = reply
    answered?.({ ...rest, entries: node.entries.filter(({ lastOffset }) => lastOffset >= read.offset).slice(0, read.maxBytes) })
  }

  /** In a dynamic quorum answers say where the leader listens. */
  #located(reply: RaftReply): RaftReply {
    return this.#isDynamic && 'leaderId' in reply && reply.leaderId !== undefined ? { ...reply, leaderEndpoints: [] } : reply
  }

  #copy(node: Node, core: RaftCore, { id, from }: NonNullable<Ready['wantedSnapshot']>): void {
    const arrive = (): void => {
      if (node.core !== core) return
      const { snapshot } = this.#node(from)
      if (snapshot?.offset === id.offset && snapshot.epoch === id.epoch)
        this.#act(node, () => core.snapshotCopied(id, snapshot.quorum, this.#now))
      else this.#act(node, () => core.snapshotLost(id, this.#now))
    }
    this.#post(from, node.id, `snapshot ${placeText(id)}`, arrive)
  }

  // Messages and time

  #post(from: number, to: number, text: string, arrive: Packet['arrive'], isIdle = false): void {
    this.#packets.push({ from, to, text, arrive, isIdle })
  }

  #isLost({ from, to }: Packet): boolean {
    return [String(from), String(to), `${from}>${to}`].some((cut) => this.#cut.has(cut)) || this.#nodes.get(to)?.core === undefined
  }

  /** All messages, and what comes of them; of some links only what is under way there. */
  #deliver(links: readonly string[]): void {
    const canArrive = ({ to }: Packet): boolean => !this.#nodes.get(to)?.isHeld
    if (links.length > 0) {
      const due = this.#packets.filter((packet) => links.includes(`${packet.from}>${packet.to}`) && canArrive(packet))
      for (const packet of due) this.#arrive(packet)
      return
    }
    for (let count = 0; count < packetsMax; count++) {
      const packet = this.#packets.find(canArrive)
      if (packet === undefined) return
      this.#arrive(packet)
    }
    assert.fail('messages go on and on')
  }

  #arrive(packet: Packet): void {
    this.#packets.splice(this.#packets.indexOf(packet), 1)
    const isLost = this.#isLost(packet)
    if (!packet.isIdle) this.#say(`${packet.from}>${packet.to} ${packet.text}${isLost ? ' (lost)' : ''}`)
    if (!isLost) packet.arrive(this.#node(packet.to))
  }

  #wait(durationMs: number, each?: () => void): void {
    const end = this.#now + durationMs
    for (let count = 0; ; count++) {
      assert.ok(count < 100_000, 'timers go on and on')
      const ticks = [...this.#nodes.values()].flatMap(({ core }) => (core === undefined ? [] : [core.nextTickAt(this.#now)]))
      const next = Math.max(Math.min(...ticks), this.#now + 1)
      if (next > end) break
      this.#now = next
      for (const node of this.#nodes.values()) {
        if (node.core !== undefined && node.core.nextTickAt(this.#now - 1) <= this.#now) this.#act(node, (core) => core.tick(this.#now))
      }
      each?.()
    }
    this.#now = end
  }

  #settle(durationMs: number): void {
    this.#isQuiet = true
    this.#deliver([])
    this.#wait(durationMs, () => this.#deliver([]))
    this.#isQuiet = false
    this.#tellStates()
  }

  #tellStates(): void {
    for (const node of this.#nodes.values()) this.#say(stateText(node))
  }

  // Requests from outside

  #ask(command: Command): void {
    const { name } = command
    const first = command.word()
    if (name === 'add-voter' || name === 'remove-voter' || name === 'update-voter') {
      const request = this.#voterRequest(command, this.#running(first))
      return this.#step(this.#running(first), request, (reply) => this.#say(`${first}: answers ${replyText(reply)}`))
    }
    const [from, to] = first.split('>')
    const target = this.#running(to)
    this.#step(target, this.#foreignRequest(command, Number(from), target), (reply) => this.#say(`${to}>${from} ${replyText(reply)}`))
  }

  #voterRequest(command: Command, leader: Node): RaftRequest {
    const id = command.number()
    const directoryId = command.option('directory') ?? directoryOf(id)
    if (command.name === 'remove-voter') return { type: 'removeVoter', voter: { id, directoryId } }
    if (command.name === 'add-voter') {
      return { type: 'addVoter', voter: { ...voterOf(id), directoryId }, ackWhenCommitted: command.option('ack') !== 'leader' }
    }
    const endpoint = command.option('endpoint')
    const endpoints = endpoint === undefined ? [] : [{ name: 'CONTROLLER', host: endpoint, port: 9093 }]
    const voter: Voter = { ...voterOf(id), directoryId, endpoints, kraftVersionMax: command.numberOption('max') ?? 1 }
    return { type: 'updateVoter', epoch: command.numberOption('epoch') ?? leader.core!.epoch, voter }
  }

  #foreignRequest(command: Command, from: number, target: Node): RaftRequest {
    const epoch = command.numberOption('epoch') ?? target.core!.epoch
    const replica: ReplicaKey = { id: from, directoryId: command.option('directory') ?? directoryOf(from) }
    const place = (text: string): OffsetAndEpoch => {
      const [offset, epochOf] = text.split('@')
      return { offset: Number(offset), epoch: Number(epochOf) }
    }
    switch (command.name) {
      case 'vote':
        return {
          ...{ type: 'vote', epoch, candidate: replica, preVote: command.flag('pre') },
          last: place(command.option('last') ?? '0@0'),
          voter: { id: target.id, directoryId: command.option('voter') },
        }
      case 'begin':
        return {
          ...{ type: 'beginEpoch', epoch, leaderId: from },
          voter: { id: target.id, directoryId: command.option('voter') },
          ...(this.#isDynamic && { leaderEndpoints: [] }),
        }
      case 'end':
        return { type: 'endEpoch', epoch, leaderId: from, successors: (command.numbersOption('successors') ?? []).map(keyOf) }
      case 'fetch': {
        const { offset, epoch: lastFetchedEpoch } = place(command.option('from') ?? '0@0')
        const waits = { highWatermark: -1, maxWaitMs: command.numberOption('wait') ?? 0, maxBytes: 3 }
        return { type: 'fetch', replica, leaderEpoch: epoch, fetchOffset: offset, lastFetchedEpoch, ...waits }
      }
      default:
        return command.unknown()
    }
  }
}

const directoryOf = (id: number): string => `directory-${id}`
const keyOf = (id: number): ReplicaKey => ({ id, directoryId: undefined })
const voterOf = (id: number): Voter => ({ id, directoryId: directoryOf(id), endpoints: [], kraftVersionMin: 0, kraftVersionMax: 1 })
/** Both ways. */
const bootstrapIdOf = (id: number): number => -1 - id

const quorumAt = ({ control }: RaftCore, offset: number): QuorumChange =>
  control.votersAt(offset - 1) === undefined
    ? {}
    : { kraftVersion: control.kraftVersionAt(offset - 1), voters: control.votersAt(offset - 1) }

// What is told

const placeText = ({ offset, epoch }: OffsetAndEpoch): string => `${offset}@${epoch}`
const idText = (id: number | undefined): string => (id === undefined ? '-' : String(id))

const electionText = ({ epoch, leaderId, votedKey }: Election): string =>
  `epoch=${epoch} leader=${idText(leaderId)} voted=${idText(votedKey?.id)}`

const roleText = ({ role, epoch, leader }: RaftCore): string =>
  role === 'follower' ? `follower of ${leader.leaderId} in epoch ${epoch}` : `${role} in epoch ${epoch}`

const stateText = ({ id, core }: Node): string => {
  if (core === undefined) return `${id}: does not run`
  const { log, voters, highWatermark } = core
  const start = log.startOffset > 0 ? ` from ${log.startOffset}` : ''
  return `${id}: ${roleText(core)}, log to ${placeText(log.end)}${start}, committed ${highWatermark ?? 'unknown'}, voters ${voters.ids.join() || 'none'}`
}

const entryText = ({ baseOffset, lastOffset, epoch, content, quorum }: Entry): string => {
  const offsets = baseOffset === lastOffset ? `${baseOffset}` : `${baseOffset}..${lastOffset}`
  const parts: string[] = []
  if (Buffer.isBuffer(content)) parts.push(`'${content}'`)
  else if (content !== undefined) parts.push(`leader ${content.leaderId} by ${content.grantingIds}`)
  if (quorum?.kraftVersion !== undefined) parts.push(`kraft.version ${quorum.kraftVersion}`)
  if (quorum?.voters !== undefined) parts.push(`voters ${quorum.voters.ids}`)
  return `${offsets}@${epoch} ${parts.join(', ')}`
}

const requestText = (request: RaftRequest): string => {
  switch (request.type) {
    case 'vote':
      return `${request.preVote ? 'pre-vote' : 'vote'}? epoch=${request.epoch} last=${placeText(request.last)}`
    case 'beginEpoch':
      return `begin epoch=${request.epoch}`
    case 'endEpoch':
      return `end epoch=${request.epoch} successors=${request.successors.map(({ id }) => id)}`
    case 'fetch':
      return `fetch? epoch=${request.leaderEpoch} from=${request.fetchOffset}@${request.lastFetchedEpoch}`
    case 'updateVoter':
      return `update voter? epoch=${request.epoch} ${request.voter.id}`
    case 'addVoter':
      return `add voter? ${request.voter.id}/${request.voter.directoryId}`
    case 'removeVoter':
      return `remove voter? ${request.voter.id}/${request.voter.directoryId}`
    case 'versions':
      return 'versions?'
  }
}

const replyText = (reply: RaftReply): string => {
  const error = reply.error === Errors.NONE ? '' : ` ${errorName(reply.error)}`
  if (!('epoch' in reply)) return `${error.trim() || 'ok'}${'message' in reply && reply.message ? `: ${reply.message}` : ''}`
  const head = `epoch=${reply.epoch} leader=${idText(reply.leaderId)}`
  switch (reply.type) {
    case 'vote':
      return `vote${error || (reply.granted ? ' granted' : ' refused')} ${head}`
    case 'fetch': {
      if (error !== '') return `fetched${error} ${head}`
      if (reply.diverging !== undefined) return `fetched diverging=${placeText(reply.diverging)} ${head}`
      if (reply.snapshotId !== undefined) return `fetched snapshot=${placeText(reply.snapshotId)} ${head}`
      const entries = reply.entries?.map(({ baseOffset, epoch }) => `${baseOffset}@${epoch}`).join() ?? 'nothing'
      return `fetched ${entries} committed=${reply.highWatermark < 0 ? 'unknown' : reply.highWatermark} ${head}`
    }
    default:
      return `${error.trim() || 'ok'} ${head}`
  }
}
