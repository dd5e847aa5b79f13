import { assert } from '../base/index.ts'
import type { Journal, Timer } from '../host/index.ts'
import type { Histogram } from '../metrics/index.ts'
import { Errors, KafkaError } from '../protocol/index.ts'
import { BatchBuilder } from '../records/index.ts'
import { CommitLatency } from './commit-latency.ts'
import type { Entry, OutgoingReply, OutgoingRequest, RaftReply, RaftRequest } from './core/messages.ts'
import type { RaftCore } from './core/raft-core.ts'
import type { LogWriter } from './core/raft-core-options.ts'
import type { Ready } from './core/ready.ts'
import { entriesOf } from './entries.ts'
import { ListenerFeeds } from './listener-feeds.ts'
import { LogCleaning } from './log-cleaning.ts'
import { LogWriters } from './log-writers.ts'
import type { RaftParts } from './raft-parts.ts'
import { RecentBatches } from './recent-batches.ts'
import { RoleJournal } from './role-journal.ts'
import { SnapshotCreation } from './snapshot-creation.ts'
import { SnapshotFetch } from './snapshot-fetch.ts'
import { batchBytesMax } from './snapshot-writer.ts'
import { Storage } from './storage.ts'
import type { RemoteReplica } from './transport.ts'
import type { LeaderAndEpoch, LeaderEndpoint, OffsetAndEpoch, RaftListener, Voter } from './types.ts'
import type { VoterSet } from './voter-set.ts'

export interface RecordValue {
  readonly value: Buffer
}

const closedError = (): Error => new Error('raft is closed')

/**
 * Gives the core what it asks for: quorum state and log made durable, then messages sent, one Ready after the other. Appends that
 * arrive meanwhile wait in the core and go to disk together.
 */
export class RaftDriver {
  readonly #parts: RaftParts
  readonly #journal: Journal
  readonly #core: RaftCore
  readonly #recent = new RecentBatches()
  readonly #feeds: ListenerFeeds
  readonly #commitLatency = new CommitLatency()
  readonly #writers = new LogWriters()
  readonly #snapshotFetch: SnapshotFetch
  readonly #snapshotCreation: SnapshotCreation
  readonly #cleaning: LogCleaning
  readonly #storage: Storage
  readonly #roles: RoleJournal
  readonly #waiting = new Map<number, PromiseWithResolvers<RaftReply>>()
  #nextCorrelation = 1
  #running: Promise<void> | undefined
  #timer: Timer | undefined
  #linger: Timer | undefined
  #lingering = false
  /** To whom connections are kept. */
  #linked: { readonly voters: VoterSet; readonly leaderId: number | undefined } | undefined
  #failure: Error | undefined
  #closed = false

  constructor(parts: RaftParts) {
    this.#parts = parts
    this.#journal = parts.host.journal
    this.#core = parts.newCore(parts.host.clock.monotonic(), this.#writers)
    this.#roles = new RoleJournal(this.#journal, this.#core)
    this.#snapshotFetch = this.#newSnapshotFetch()
    this.#snapshotCreation = new SnapshotCreation(parts, this.#core)
    this.#storage = new Storage(parts, this.#recent)
    this.#feeds = new ListenerFeeds(parts, this.#core, this.#recent, (error) => this.#fail(error))
    this.#cleaning = new LogCleaning(parts, this.#core, this.#feeds)
    this.#wake()
  }

  get leaderAndEpoch(): LeaderAndEpoch {
    return this.#core.leader
  }
  /** The leader, with where it listens; undefined: not known. */
  get leaderEndpoint(): LeaderEndpoint | undefined {
    const { leaderId } = this.#core.leader
    if (leaderId === undefined) return undefined
    const { self, listenerName } = this.#parts
    const endpoints = leaderId === self.id ? self.endpoints : (this.#core.endpointsOf(leaderId) ?? [])
    const endpoint = endpoints.find(({ name }) => name === listenerName) ?? endpoints[0]
    return endpoint === undefined ? undefined : { id: leaderId, host: endpoint.host, port: endpoint.port }
  }
  get isLeader(): boolean {
    return this.#core.role === 'leader'
  }
  /** Exclusive end of what is committed; undefined until it is known in this run. Never falls. */
  get highWatermark(): number | undefined {
    return this.#feeds.committedOffset
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
  /** From an append until it is committed. */
  get commitLatencyMs(): Histogram {
    return this.#commitLatency.valuesMs
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
    const feed = this.#feeds.register(listener)
    if (this.#failure !== undefined) listener.onFatal?.(this.#failure)
    else feed.wake()
  }

  /** Whoever decides ahead of the log says so, to be told when raft itself appends. Gives the way to end that. */
  addWriter(writer: LogWriter): () => void {
    return this.#writers.add(writer)
  }

  unregister(listener: RaftListener): void {
    this.#feeds.unregister(listener)
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
    if (this.#recent.uncommittedBytes(this.highWatermark ?? 0) + bytes.length > this.#parts.settings.uncommittedBytesMax) {
      throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR, 'too many records wait to be committed')
    }
    this.#core.append({ baseOffset: base, lastOffset: base + records.length - 1, epoch, content: bytes }, this.#now())
    this.#commitLatency.appended(epoch, base + records.length, this.#now())
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
  createSnapshot(
    id: OffsetAndEpoch,
    lastContainedLogTimestamp: number,
    records: Iterable<Buffer> | AsyncIterable<Buffer>,
  ): Promise<boolean> {
    return this.#snapshotCreation.create({ id, lastContainedLogTimestamp, records }, this.highWatermark ?? 0)
  }

  /** Removes old snapshots, and the log that newer ones cover, beyond the retention limits. True: something was removed. */
  clean(): Promise<boolean> {
    return this.#cleaning.clean()
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
    while (this.#failure === undefined && (this.#running !== undefined || this.#cleaning.running !== undefined)) {
      await this.#running
      await this.#cleaning.running
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
    await this.#snapshotCreation.close()
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
      this.#wakeFeeds(this.#core.highWatermark)
    } catch (error) {
      this.#fail(error)
    }
  }

  async #carryOut(ready: Ready): Promise<void> {
    const { highWatermark } = this.#core
    this.#forgetStrangers()
    if (ready.election !== undefined) {
      await this.#storage.writeElection(ready.election)
      this.#snapshotFetch.epochChanged()
      this.#journal.debug('the quorum state is written', { role: this.#core.role, ...ready.election })
    }
    this.#roles.tell(this.#now())
    if (ready.storage.length > 0) this.#core.synced(await this.#storage.write(ready.storage), this.#now())
    for (const reply of ready.replies) this.#sendReply(reply)
    for (const request of ready.requests) this.#sendRequest(request)
    if (ready.wantedSnapshot !== undefined) this.#snapshotFetch.want(ready.wantedSnapshot)
    // What a follower has heard meanwhile may speak of entries that only the next Ready brings to the log; a leader counts what was read from it.
    this.#wakeFeeds(this.isLeader ? this.#core.highWatermark : highWatermark)
  }

  /** The leader may be a voter no more, until the record that says so is committed. */
  #forgetStrangers(): void {
    const { voters, leader } = this.#core
    if (voters === this.#linked?.voters && leader.leaderId === this.#linked.leaderId) return
    this.#linked = { voters, leaderId: leader.leaderId }
    this.#parts.transport?.keepOnly(new Set([...voters.ids, ...(leader.leaderId === undefined ? [] : [leader.leaderId])]))
  }

  #sendReply({ correlation, reply }: OutgoingReply): void {
    const waiting = this.#waiting.get(correlation)
    if (waiting === undefined) return
    this.#waiting.delete(correlation)
    if (reply.type !== 'fetch' || reply.read === undefined) return waiting.resolve(reply)
    const { read, ...rest } = reply
    // The log may have been cut by the time it is read: what another leader wrote there does not follow what the replica has.
    const entries = (bytes: Buffer): Entry[] => (this.#core.epoch === rest.epoch ? entriesOf(bytes) : [])
    this.#parts.log.read(read.offset, read.maxBytes).then((bytes) => waiting.resolve({ ...rest, entries: entries(bytes) }), waiting.reject)
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

  #wakeFeeds(highWatermark: number | undefined): void {
    if (this.#feeds.wake(highWatermark)) this.#commitLatency.committed(this.#core.epoch, this.#feeds.committedOffset!, this.#now())
  }

  /** Undefined: nobody has told where the replica listens. */
  #remote(id: number): RemoteReplica | undefined {
    if (id < 0) return this.#parts.bootstrap.find((server) => server.id === id)
    const endpoints = this.#core.endpointsOf(id)
    return endpoints === undefined ? undefined : { id, endpoints }
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

  // The end

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = error instanceof Error ? error : new Error(String(error))
    this.#journal.fatal('raft stops', { error: this.#failure })
    this.#stop()
    this.#feeds.fail(this.#failure)
  }

  #stop(): void {
    this.#closed = true
    this.#snapshotFetch.stop()
    this.#snapshotCreation.stop()
    this.#cleaning.stop()
    this.#stopTimers()
    this.#feeds.stop()
    for (const { reject } of this.#waiting.values()) reject(this.#failure ?? closedError())
    this.#waiting.clear()
  }

  #stopTimers(): void {
    for (const timer of [this.#timer, this.#linger]) timer?.cancel()
    this.#cleaning.cancel()
  }
}
