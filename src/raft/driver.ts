import { assert } from '../base/index.ts'
import type { LinkTraffic } from '../client/index.ts'
import type { Host, Journal, Timer } from '../host/index.ts'
import { Histogram } from '../metrics/index.ts'
import { Errors, KafkaError } from '../protocol/index.ts'
import { BatchBuilder, baseOffset } from '../records/index.ts'
import { leaderBatch } from './control-batches.ts'
import type { ControlHistory } from './control-history.ts'
import type { Entry, OutgoingReply, OutgoingRequest, RaftReply, RaftRequest } from './core/messages.ts'
import type { RaftCore } from './core/raft-core.ts'
import type { LogWriter } from './core/raft-core-options.ts'
import type { RaftTiming, Ready, StorageStep } from './core/ready.ts'
import { entriesOf } from './entries.ts'
import { ListenerFeed } from './listener-feed.ts'
import { type MetadataRetention, shouldDropOldestSnapshot } from './log-cleaning.ts'
import { LogWriters } from './log-writers.ts'
import type { MetadataLog } from './metadata-log.ts'
import { writeQuorumState } from './quorum-state.ts'
import { RecentBatches } from './recent-batches.ts'
import { RoleJournal } from './role-journal.ts'
import { SnapshotFetch } from './snapshot-fetch.ts'
import { type SnapshotLimits, SnapshotPolicy } from './snapshot-policy.ts'
import type { SnapshotStore } from './snapshot-store.ts'
import { batchBytesMax } from './snapshot-writer.ts'
import type { LeaderAndEpoch, LeaderEndpoint, OffsetAndEpoch, RaftListener, ReplicaKey, Voter } from './types.ts'
import type { VoterSet } from './voter-set.ts'

/** How this replica reaches others. A quorum of one needs none. */
export interface RaftTransport {
  readonly traffic: LinkTraffic
  /** Sends to a replica and resolves to its reply; undefined: it could not be had within the request timeout, connecting included. */
  send(to: RemoteReplica, request: RaftRequest): Promise<RaftReply | undefined>
  /** A stretch of a snapshot of the leader; undefined: it could not be had. */
  fetchSnapshot(from: RemoteReplica, request: SnapshotRequest): Promise<SnapshotPiece | undefined>
  /** These are the quorum now: connections to other replicas close, but for bootstrap servers. */
  keepOnly(ids: ReadonlySet<number>): void
}

/** Where a replica is reached. Bootstrap servers have negative ids. */
export type RemoteReplica = Pick<Voter, 'id' | 'endpoints'>

export interface SnapshotRequest {
  readonly id: OffsetAndEpoch
  readonly replica: ReplicaKey
  readonly leaderEpoch: number
  readonly position: number
  readonly maxBytes: number
}

export interface SnapshotPiece {
  readonly bytes: Buffer
  /** Of the whole snapshot. */
  readonly size: number
}

export interface RaftSettings extends RaftTiming, SnapshotLimits, MetadataRetention {
  /** controller.quorum.append.linger.ms. At 0 appends that arrive during a flush leave with the next one: group commit by itself. */
  readonly appendLingerMs: number
  readonly cleaningIntervalMs: number
  /** controller.quorum.fetch.snapshot.max.bytes */
  readonly snapshotFetchMaxBytes: number
  /** Bytes appended and not yet committed; beyond it appends are refused. */
  readonly uncommittedBytesMax: number
}

/** Everything that `openRaft` has opened and read. */
export interface RaftParts {
  readonly host: Pick<Host, 'clock' | 'random' | 'disk' | 'journal'>
  readonly log: MetadataLog
  readonly snapshots: SnapshotStore
  readonly control: ControlHistory
  readonly self: Voter
  readonly bootstrap: readonly RemoteReplica[]
  readonly directory: string
  readonly settings: RaftSettings
  readonly transport: RaftTransport | undefined
  newCore(now: number, writer: LogWriter): RaftCore
}

export interface RecordValue {
  readonly value: Buffer
}

const closedError = (): Error => new Error('raft is closed')

/**
 * Gives the core what it asks for: quorum state and log made durable, then messages sent, one Ready after the other. Appends that
 * arrive meanwhile wait in the core and go to disk together.
 */
export class RaftDriver {
  /** From an append until it is committed; of the appends that wait together the first. */
  readonly commitLatencyMs = new Histogram(1000)
  readonly #parts: RaftParts
  readonly #journal: Journal
  readonly #core: RaftCore
  readonly #recent = new RecentBatches()
  readonly #feeds = new Map<RaftListener, ListenerFeed>()
  readonly #writers = new LogWriters()
  readonly #snapshotFetch: SnapshotFetch
  readonly #creations = new Set<Promise<boolean>>()
  readonly #roles: RoleJournal
  readonly #waiting = new Map<number, PromiseWithResolvers<RaftReply>>()
  #nextCorrelation = 1
  #running: Promise<void> | undefined
  #timer: Timer | undefined
  #linger: Timer | undefined
  #lingering = false
  #cleaning: Timer | undefined
  #cleaningRun: Promise<void> | undefined
  /** To whom connections are kept. */
  #linked: { readonly voters: VoterSet; readonly leaderId: number | undefined } | undefined
  #committedOffset: number | undefined
  /** End and time of the append whose commit is measured. */
  #measured: { readonly endOffset: number; readonly atMs: number } | undefined
  #failure: Error | undefined
  #closed = false

  constructor(parts: RaftParts) {
    this.#parts = parts
    this.#journal = parts.host.journal
    this.#core = parts.newCore(parts.host.clock.monotonic(), this.#writers)
    this.#roles = new RoleJournal(this.#journal, this.#core)
    this.#snapshotFetch = this.#newSnapshotFetch()
    this.#scheduleCleaning()
    this.#wake()
  }

  get leaderAndEpoch(): LeaderAndEpoch {
    return this.#core.leader
  }
  /** The leader, with where it listens; undefined: not known. */
  get leaderEndpoint(): LeaderEndpoint | undefined {
    const { leaderId } = this.#core.leader
    if (leaderId === undefined) return undefined
    const { self } = this.#parts
    const endpoints = leaderId === self.id ? self.endpoints : (this.#core.endpointsOf(leaderId) ?? [])
    const endpoint = endpoints.find(({ name }) => name === self.endpoints[0]?.name) ?? endpoints[0]
    return endpoint === undefined ? undefined : { id: leaderId, host: endpoint.host, port: endpoint.port }
  }
  get isLeader(): boolean {
    return this.#core.role === 'leader'
  }
  /** Exclusive end of what is committed; undefined until it is known in this run. Never falls. */
  get highWatermark(): number | undefined {
    return this.#committedOffset
  }
  /** Exclusive end of all that was appended here. */
  get logEndOffset(): number {
    return this.#core.log.endOffset
  }
  get logStartOffset(): number {
    return this.#core.log.startOffset
  }
  get latestSnapshotId(): OffsetAndEpoch | undefined {
    return this.#parts.snapshots.latest
  }
  get kraftVersion(): number {
    return this.#parts.control.kraftVersion
  }
  get voters(): readonly Voter[] {
    return this.#core.voters.voters
  }
  get failure(): Error | undefined {
    return this.#failure
  }
  /** For the request handlers of this room. */
  get core(): RaftCore {
    return this.#core
  }
  get parts(): RaftParts {
    return this.#parts
  }

  /** The listener hears from the latest snapshot on. */
  register(listener: RaftListener): void {
    assert(!this.#feeds.has(listener), 'a listener registers once')
    const policy = new SnapshotPolicy(this.#parts.settings, this.#parts.host.clock.monotonic())
    const feed = new ListenerFeed(listener, this.#feedSource(), policy, (error) => this.#fail(error))
    this.#feeds.set(listener, feed)
    if (this.#failure !== undefined) listener.onFatal?.(this.#failure)
    else feed.wake()
  }

  /** Whoever decides ahead of the log says so, to be told when raft itself appends. Gives the way to end that. */
  addWriter(writer: LogWriter): () => void {
    return this.#writers.add(writer)
  }

  unregister(listener: RaftListener): void {
    this.#feeds.get(listener)?.stop()
    this.#feeds.delete(listener)
  }

  /**
   * Appends the records as one batch, all or none, and gives the offset of the last. They count once `onCommit` brings them.
   * @throws KafkaError NOT_LEADER_OR_FOLLOWER (not the leader of this epoch), RECORD_LIST_TOO_LARGE (over 8 MiB),
   *   UNKNOWN_SERVER_ERROR (too much is waiting for the disk, or the log has failed)
   */
  append(epoch: number, records: readonly RecordValue[]): number {
    assert(records.length > 0, 'an append holds records')
    if (this.#failure !== undefined) throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR, `the metadata log failed: ${this.#failure.message}`)
    if (this.#closed || this.#core.role !== 'leader' || this.#core.epoch !== epoch) {
      throw new KafkaError(Errors.NOT_LEADER_OR_FOLLOWER, `not the leader of epoch ${epoch}`)
    }
    const base = this.#core.log.endOffset
    const builder = new BatchBuilder({ baseOffset: base, leaderEpoch: epoch })
    const timestamp = this.#parts.host.clock.now()
    for (const { value } of records) builder.append(timestamp, null, value)
    if (builder.sizeInBytes > batchBytesMax) {
      throw new KafkaError(Errors.RECORD_LIST_TOO_LARGE, `${builder.sizeInBytes} bytes of records exceed a batch of ${batchBytesMax}`)
    }
    const bytes = builder.close()
    if (this.#recent.uncommittedBytes(this.#committedOffset ?? 0) + bytes.length > this.#parts.settings.uncommittedBytesMax) {
      throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR, 'too many records wait to be committed')
    }
    this.#core.append({ baseOffset: base, lastOffset: base + records.length - 1, epoch, content: bytes }, this.#now())
    this.#measured ??= { endOffset: base + records.length, atMs: this.#now() }
    this.#recent.add(bytes)
    this.#wakeAfterLinger()
    return base + records.length - 1
  }

  /** A request of another replica. Resolves once its reply may be sent; rejects when raft closes first. */
  request(request: RaftRequest): Promise<RaftReply> {
    if (this.#closed || this.#failure !== undefined) return Promise.reject(this.#failure ?? closedError())
    const correlation = this.#nextCorrelation++
    const waiting = Promise.withResolvers<RaftReply>()
    this.#waiting.set(correlation, waiting)
    this.#core.stepRequest(correlation, request, this.#now())
    this.#wake()
    return waiting.promise
  }

  /**
   * Writes the snapshot of the state machine at `id`: everything before `id.offset`, whose last record is of `id.epoch`.
   * False: there is one already, the log begins later, or raft is closed. @throws Error when `id` is no place between committed batches.
   */
  async createSnapshot(
    id: OffsetAndEpoch,
    lastContainedLogTimestamp: number,
    records: Iterable<Buffer> | AsyncIterable<Buffer>,
  ): Promise<boolean> {
    const { log, snapshots, control } = this.#parts
    if (id.offset < log.startOffset || snapshots.has(id)) return false
    if (id.offset > (this.#committedOffset ?? 0))
      throw new Error(`snapshot ${id.offset} is beyond the high watermark ${this.#committedOffset}`)
    if (this.#core.log.epochBefore(id.offset) !== id.epoch) throw new Error(`the record before ${id.offset} is not of epoch ${id.epoch}`)
    if (!(await this.#isBatchStart(id.offset))) throw new Error(`offset ${id.offset} lies within a batch`)
    if (this.#closed) return false
    const quorum = { kraftVersion: control.kraftVersionAt(id.offset - 1), voters: control.votersAt(id.offset - 1) }
    const creation = snapshots.create({ id, lastContainedLogTimestamp, quorum, records })
    this.#creations.add(creation)
    const created = await creation.finally(() => this.#creations.delete(creation))
    if (created) {
      this.#noteSnapshots()
      this.#journal.info('a snapshot of the metadata log is written', { offset: id.offset, epoch: id.epoch })
    }
    return created
  }

  /** Raises kraft.version; it counts at once. Gives why not; undefined: done, or needless. `validateOnly`: nothing is written. */
  upgradeKraftVersion(level: number, validateOnly: boolean): string | undefined {
    const { changes } = this.#core
    if (changes === undefined) return 'This node does not lead the quorum.'
    const refusal = changes.upgrade(level, validateOnly, this.#now())
    this.#wake()
    return refusal
  }

  /** Steps down when it leads this epoch: others elect a successor, or this node again when it is the only voter. */
  resign(epoch: number): void {
    if (this.#core.role !== 'leader' || this.#core.epoch !== epoch) return
    this.#roles.handsOver()
    this.#core.resign(this.#now())
    this.#wake()
  }

  /** Hands the leadership over when there are others, makes everything durable and closes the log. */
  async close(): Promise<void> {
    if (this.#closed) return this.#endSnapshots()
    if (this.#core.voters.others(this.#core.self.id).length > 0) this.resign(this.#core.epoch)
    this.#stopTimers()
    this.#wake()
    while (this.#failure === undefined && (this.#running !== undefined || this.#cleaningRun !== undefined)) {
      await this.#running
      await this.#cleaningRun
    }
    this.#stop()
    await this.#endSnapshots()
    await this.#parts.log.close()
  }

  /** Drops what is not durable: a kill. */
  async abandon(): Promise<void> {
    this.#stop()
    await this.#endSnapshots()
    await this.#parts.log.abandon()
  }

  /** Whoever closes may give the directory away: nothing is written there afterwards. */
  async #endSnapshots(): Promise<void> {
    await this.#snapshotFetch.close()
    await Promise.allSettled(this.#creations)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  // The loop

  #now(): number {
    return this.#parts.host.clock.monotonic()
  }

  #wakeAfterLinger(): void {
    const { host, settings } = this.#parts
    if (this.#running !== undefined || this.#lingering) return
    this.#lingering = true
    const wake = (): void => {
      this.#lingering = false
      this.#wake()
    }
    // Even without linger what is appended in one turn is written as one.
    if (settings.appendLingerMs > 0) this.#linger = host.clock.after(settings.appendLingerMs, wake)
    else host.clock.defer(wake)
  }

  #wake(): void {
    if (this.#running !== undefined || this.#closed || this.#failure !== undefined) return
    this.#running = this.#run().finally(() => {
      this.#running = undefined
      if (this.#closed || this.#failure !== undefined) return
      // A listener may have appended in answer to what it just heard.
      if (this.#core.hasReady) this.#wakeAfterLinger()
      this.#scheduleTick()
    })
  }

  async #run(): Promise<void> {
    try {
      for (let ready = this.#core.ready(); ready !== undefined && !this.#closed; ready = this.#core.ready()) await this.#carryOut(ready)
      this.#wakeFeeds()
    } catch (error) {
      this.#fail(error)
    }
  }

  async #carryOut(ready: Ready): Promise<void> {
    const { host, control, directory } = this.#parts
    this.#forgetStrangers()
    if (ready.election !== undefined) {
      await writeQuorumState(host.disk, directory, ready.election, control.kraftVersion, this.#core.voters.ids)
      this.#snapshotFetch.epochChanged()
      this.#journal.debug('the quorum state is written', { role: this.#core.role, ...ready.election })
    }
    this.#roles.tell(this.#now())
    if (ready.storage.length > 0) await this.#store(ready.storage)
    for (const reply of ready.replies) this.#sendReply(reply)
    for (const request of ready.requests) this.#sendRequest(request)
    if (ready.wantedSnapshot !== undefined) this.#snapshotFetch.want(ready.wantedSnapshot)
    this.#wakeFeeds()
  }

  /** The leader may be a voter no more, until the record that says so is committed. */
  #forgetStrangers(): void {
    const { voters, leader } = this.#core
    if (voters === this.#linked?.voters && leader.leaderId === this.#linked.leaderId) return
    this.#linked = { voters, leaderId: leader.leaderId }
    this.#parts.transport?.keepOnly(new Set([...voters.ids, ...(leader.leaderId === undefined ? [] : [leader.leaderId])]))
  }

  async #store(steps: readonly StorageStep[]): Promise<void> {
    const { log } = this.#parts
    for (const step of steps) {
      if (step.type === 'truncate') {
        await log.truncateTo(step.offset)
        this.#recent.clear()
      } else if (step.type === 'restart') {
        await this.#restartBehind(step.behind)
      } else {
        log.append(this.#bytesOf(step.entry), step.entry.epoch)
      }
    }
    const end = log.endOffset
    await log.flush()
    this.#core.synced(end, this.#now())
  }

  #bytesOf({ content, quorum, baseOffset: base, epoch }: Entry): Buffer {
    if (Buffer.isBuffer(content)) return content
    this.#recent.clear()
    return leaderBatch({ baseOffset: base, epoch, timestamp: this.#parts.host.clock.now() }, content, quorum)
  }

  #sendReply({ correlation, reply }: OutgoingReply): void {
    const waiting = this.#waiting.get(correlation)
    if (waiting === undefined) return
    this.#waiting.delete(correlation)
    if (reply.type !== 'fetch' || reply.read === undefined) return waiting.resolve(reply)
    const { read, ...rest } = reply
    this.#parts.log
      .read(read.offset, read.maxBytes)
      .then((bytes) => waiting.resolve({ ...rest, entries: entriesOf(bytes) }), waiting.reject)
  }

  #sendRequest({ to, correlation, request }: OutgoingRequest): void {
    const { transport } = this.#parts
    const replica = request.type === 'versions' ? { id: to, endpoints: request.endpoints } : this.#remote(to)
    const answered = (reply: RaftReply | undefined): void => {
      if (this.#closed || this.#failure !== undefined) return
      if (reply !== undefined && to === this.#core.leader.leaderId) this.#roles.heard(this.#now())
      this.#core.stepReply(to, correlation, reply, this.#now())
      this.#wake()
    }
    if (replica === undefined || transport === undefined) return answered(undefined)
    transport.send(replica, request).then(answered, (error) => {
      this.#journal.debug('a raft request failed', { to, request: request.type, error })
      answered(undefined)
    })
  }

  /** Undefined: nobody has told where the replica listens. */
  #remote(id: number): RemoteReplica | undefined {
    if (id < 0) return this.#parts.bootstrap.find((server) => server.id === id)
    const endpoints = this.#core.endpointsOf(id)
    return endpoints === undefined ? undefined : { id, endpoints }
  }

  /** The snapshot counts before the log goes, and the older ones go last: nobody finds a log without what stands for its beginning. */
  async #restartBehind(id: OffsetAndEpoch): Promise<void> {
    const { log, snapshots } = this.#parts
    snapshots.adopt(id)
    await log.restartAt(id.offset)
    await snapshots.dropBefore(id)
    this.#recent.clear()
  }

  #scheduleTick(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    const now = this.#now()
    const at = this.#core.nextTickAt(now)
    if (at === Number.POSITIVE_INFINITY) return
    this.#timer = this.#parts.host.clock.after(Math.max(1, Math.ceil(at - now)), () => {
      this.#core.tick(this.#now())
      this.#wake()
    })
  }

  // Listeners

  #wakeFeeds(): void {
    const highWatermark = this.#core.highWatermark
    if (highWatermark !== undefined && highWatermark > (this.#committedOffset ?? -1)) {
      this.#committedOffset = highWatermark
      this.#parts.log.setHighWatermark(highWatermark)
      this.#measureCommit(highWatermark)
    }
    for (const feed of this.#feeds.values()) feed.wake()
    this.#forgetRecent()
  }

  #measureCommit(highWatermark: number): void {
    if (this.#measured === undefined || this.#measured.endOffset > highWatermark) return
    this.commitLatencyMs.record(this.#now() - this.#measured.atMs)
    this.#measured = undefined
  }

  #forgetRecent(): void {
    let needed = this.#committedOffset ?? 0
    for (const feed of this.#feeds.values()) needed = Math.min(needed, feed.nextOffset ?? needed)
    this.#recent.forgetBefore(needed)
    this.#recent.forgetCommitted(this.#committedOffset ?? 0)
  }

  #feedSource(): ConstructorParameters<typeof ListenerFeed>[1] {
    const driver = this
    const { clock } = this.#parts.host
    return {
      get committedOffset() {
        return driver.#committedOffset
      },
      get logStartOffset() {
        return driver.#parts.log.startOffset
      },
      get latestSnapshot() {
        return driver.#parts.snapshots.latest
      },
      get leader() {
        const { role } = driver.#core
        if (role === 'resigned') return undefined
        return { ...driver.#core.leader, startOffset: driver.#core.progress?.epochStartOffset }
      },
      openSnapshot: (id) => this.#parts.snapshots.read(id),
      readLog: (offset, maxBytes) => this.#parts.log.read(offset, maxBytes),
      recentBatch: (offset) => this.#recent.get(offset),
      monotonic: () => clock.monotonic(),
      yield: () => new Promise((resolve) => clock.defer(resolve)),
    }
  }

  // Snapshots and cleaning

  #newSnapshotFetch(): SnapshotFetch {
    const { host, snapshots, settings, transport } = this.#parts
    return new SnapshotFetch({
      ...{ clock: host.clock, journal: this.#journal, core: this.#core, snapshots, settings, transport },
      remote: (id) => this.#remote(id),
      heard: () => this.#roles.heard(this.#now()),
      changed: () => this.#wake(),
      failed: (error) => this.#fail(error),
    })
  }

  async #isBatchStart(offset: number): Promise<boolean> {
    const { log } = this.#parts
    if (offset === log.startOffset || offset === log.endOffset) return true
    const bytes = await log.read(offset, 1)
    return bytes.length > 0 && baseOffset(bytes, 0) === offset
  }

  #noteSnapshots(): void {
    const { snapshots } = this.#parts
    this.#core.log.earliestSnapshot = snapshots.earliest
    this.#core.log.latestSnapshot = snapshots.latest
  }

  #scheduleCleaning(): void {
    if (this.#closed) return
    this.#cleaning = this.#parts.host.clock.after(this.#parts.settings.cleaningIntervalMs, () => {
      this.#cleaningRun = this.#cleanNow()
    })
  }

  async #cleanNow(): Promise<void> {
    try {
      await this.clean()
    } catch (error) {
      this.#journal.error('cleaning the metadata log failed', { error })
    }
    this.#cleaningRun = undefined
    this.#scheduleCleaning()
  }

  /** Removes old snapshots, and the log that newer ones cover, beyond the retention limits. True: something was removed. */
  async clean(): Promise<boolean> {
    const { log, snapshots, settings, host, control } = this.#parts
    let cleaned = false
    while (!this.#closed && shouldDropOldestSnapshot(await snapshots.sizes(), log.bytes, settings, host.clock.now())) {
      const next = snapshots.ids[1]
      if (next === undefined || next.offset <= log.startOffset || next.offset > (this.#committedOffset ?? 0)) break
      // A listener that lags would have to start over from a snapshot, which a leader must not (R9).
      if ([...this.#feeds.values()].some((feed) => (feed.nextOffset ?? 0) < next.offset)) break
      await log.deleteBefore(next.offset)
      await snapshots.dropBefore(next)
      this.#core.log.cutBefore(next)
      this.#noteSnapshots()
      control.forgetBefore(next.offset)
      this.#journal.info('the metadata log begins later now', { logStartOffset: next.offset })
      cleaned = true
    }
    return cleaned
  }

  // The end

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = error instanceof Error ? error : new Error(String(error))
    this.#journal.fatal('raft stops', { error: this.#failure })
    const listeners = [...this.#feeds.keys()]
    this.#stop()
    for (const listener of listeners) listener.onFatal?.(this.#failure)
  }

  #stop(): void {
    this.#closed = true
    this.#snapshotFetch.stop()
    this.#stopTimers()
    for (const feed of this.#feeds.values()) feed.stop()
    for (const { reject } of this.#waiting.values()) reject(this.#failure ?? closedError())
    this.#waiting.clear()
  }

  #stopTimers(): void {
    for (const timer of [this.#timer, this.#linger, this.#cleaning]) timer?.cancel()
  }
}
