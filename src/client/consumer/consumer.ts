import type { Host } from '../../host/index.ts'
import { Errors } from '../../protocol/index.ts'
import type { CommittedOffset, OffsetToCommit } from '../admin/group-offsets.ts'
import { partitionKey, type TopicPartition } from '../admin/routes.ts'
import { ClientError, type ItemResult } from '../client-error.ts'
import { Cluster, type ClusterOptions } from '../cluster.ts'
import { type ConsumerSettings, consumerSettings, isUnknownKey } from '../config.ts'
import { invalid, resolveSettings, type SettingsInput } from '../settings.ts'
import { AssignedPartitions } from './assignment.ts'
import { type Assignor, findAssignor, type MemberSubscription, type TopicLayout } from './assignors.ts'
import { Commits } from './commits.ts'
import type { RecordChunk } from './fetched-partition.ts'
import { Fetcher } from './fetcher.ts'
import { GroupMember, type JoinResult } from './group-member.ts'
import { type OffsetReset, parseOffsetReset } from './offset-reset.ts'
import type { PartitionState } from './partition-state.ts'
import { type FoundOffset, type OffsetQuery, Positions } from './positions.ts'
import { Signal } from './signal.ts'

/** Told within `poll` and `close`, and waited for. */
export interface RebalanceListener {
  /** Before partitions go to others: the time to commit. */
  revoked?(partitions: readonly TopicPartition[]): void | Promise<void>
  assigned?(partitions: readonly TopicPartition[]): void | Promise<void>
  /** Partitions that others may own already. Default: as `revoked`. */
  lost?(partitions: readonly TopicPartition[]): void | Promise<void>
}

export interface ConsumerOptions extends ClusterOptions {
  /** What a poll gives is not looked at any more when the next one begins, nor kept: its memory is used again. */
  readonly reusesMemory?: boolean
}

type Subscription = { readonly topics: readonly string[] } | { readonly pattern: RegExp }

/**
 * Reads partitions, chosen by hand (`assign`) or shared out in a group (`subscribe`).
 *
 *     for (const chunk of await consumer.poll(1000)) while (chunk.next()) use(chunk.cursor)
 *
 * One call at a time, but for `wakeup`, `pause`, `resume` and what only reads.
 */
export class Consumer {
  readonly cluster: Cluster
  readonly settings: ConsumerSettings
  readonly unknownKeys: readonly string[]
  #assigned = new AssignedPartitions()
  #subscription: Subscription | undefined
  #listener: RebalanceListener = {}
  #fetcher: Fetcher
  #positions: Positions
  #member: GroupMember | undefined
  #commits: Commits | undefined
  #assignors: readonly Assignor[]
  #reset: OffsetReset
  #signal: Signal
  #errors: Error[] = []
  #joinPrepared = false
  #layoutAtAssignment = ''
  #isLeader = false
  #committing = false
  #lookingUpCommitted = false
  #nextAutoCommitMs = 0
  #nextLookMs = 0
  #closed = false
  #woken = false

  /** Opens nothing yet. @throws KafkaError INVALID_CONFIG */
  constructor(host: Host, config: SettingsInput, options: ConsumerOptions = {}) {
    const { settings, unknown } = resolveSettings(consumerSettings, config)
    this.settings = settings
    this.unknownKeys = unknown.filter(isUnknownKey)
    this.#reset = parseOffsetReset(settings['auto.offset.reset'])
    this.#assignors = assignorsOf(settings)
    this.#signal = new Signal(host.clock)
    this.cluster = new Cluster(host, settings, {
      allowAutoTopicCreation: settings['allow.auto.create.topics'],
      interest: () => this.#interest(),
      ...options,
    })
    const { cluster } = this
    const wake = (): void => this.#signal.raise()
    const fail = (error: Error): void => {
      this.#errors.push(error)
      wake()
    }
    const shared = { cluster, settings, assigned: this.#assigned, reset: this.#reset, wake, fail }
    this.#positions = new Positions(shared)
    const reusesMemory = options.reusesMemory === true
    this.#fetcher = new Fetcher({ ...shared, reusesMemory, resetPosition: (state) => this.#resetPosition(state) })
    const groupId = settings['group.id']
    if (groupId !== null && groupId !== '') {
      const { topics, owned } = { topics: () => this.#topics(), owned: () => this.#assigned.list() }
      const assign = (assignor: Assignor, members: readonly MemberSubscription[]) => this.#assignGroup(assignor, members)
      this.#member = new GroupMember({ cluster, settings, groupId, assignors: this.#assignors, topics, owned, assign, wake })
      this.#commits = new Commits(cluster, settings, groupId, this.#member, () => this.#subscription !== undefined)
    }
    cluster.onView(wake)
    cluster.onNodeDown(() => cluster.requestRefresh())
  }

  get metrics(): Readonly<Fetcher['metrics']> {
    return this.#fetcher.metrics
  }

  /** The group's id of this member and its generation; undefined outside of a group. */
  get membership(): { readonly memberId: string; readonly generationId: number } | undefined {
    return this.#member === undefined ? undefined : { memberId: this.#member.memberId, generationId: this.#member.generationId }
  }

  /** Shares the topics (or all that match) with the other members of group.id. Takes effect in `poll`. */
  subscribe(topics: readonly string[] | RegExp, listener: RebalanceListener = {}): void {
    if (this.#member === undefined) throw new ClientError(Errors.INVALID_GROUP_ID, 'subscribe needs group.id')
    this.#subscription = topics instanceof RegExp ? { pattern: topics } : { topics: [...new Set(topics)] }
    this.#listener = listener
    this.#member.requestRejoin('the subscription changed')
    this.#lookAround()
  }

  /** Takes exactly these partitions, without a group. */
  assign(partitions: readonly TopicPartition[]): void {
    this.#subscription = undefined
    this.#assigned.replace(partitions)
    this.#lookAround()
    this.#signal.raise()
  }

  assignment(): TopicPartition[] {
    return this.#assigned.list()
  }

  /**
   * Records that are there, or that come within `timeoutMs`; empty when none did. Runs the group's business, so call it at least every
   * max.poll.interval.ms. @throws ClientError what went wrong meanwhile
   */
  async poll(timeoutMs: number): Promise<RecordChunk[]> {
    const { clock } = this.cluster.host
    const deadlineMs = clock.monotonic() + timeoutMs
    this.#checkOpen()
    if (this.#subscription === undefined && this.#assigned.count === 0)
      throw new ClientError(Errors.INVALID_REQUEST, 'the consumer has neither a subscription nor partitions')
    for (;;) {
      this.#member?.polled()
      const joinLeftMs = await this.#groupBusiness()
      this.#throwError()
      this.#startPositions()
      this.#positions.advance()
      const chunks = this.#fetcher.take()
      const retryMs = this.#fetcher.send()
      if (chunks.length > 0) return chunks
      const leftMs = deadlineMs - clock.monotonic()
      if (leftMs <= 0 || this.#woken) {
        this.#woken = false
        return []
      }
      await this.#signal.wait(Math.min(leftMs, retryMs, joinLeftMs, this.settings['retry.backoff.ms']))
      this.#checkOpen()
    }
  }

  /** Makes a poll that waits come back, empty if need be. */
  wakeup(): void {
    this.#woken = true
    this.#signal.raise()
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const each of partitions) this.#state(each).paused = true
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const each of partitions) this.#state(each).paused = false
    this.#signal.raise()
  }

  paused(): TopicPartition[] {
    return [...this.#assigned].filter((each) => each.paused).map(({ topic, partition }) => ({ topic, partition }))
  }

  seek(partition: TopicPartition, offset: number, leaderEpoch = -1): void {
    if (!Number.isSafeInteger(offset) || offset < 0) throw new ClientError(Errors.INVALID_REQUEST, `cannot seek to offset ${offset}`)
    this.#state(partition).seek(offset, leaderEpoch)
    this.#signal.raise()
  }

  /** To the first or behind the last record, once they are looked up by `poll`; default: all partitions. */
  seekTo(end: 'earliest' | 'latest', partitions: readonly TopicPartition[] = this.assignment()): void {
    for (const each of partitions) this.#state(each).reset(end === 'earliest' ? -2 : -1)
    this.#signal.raise()
  }

  /** The next offset that poll gives, looked up when there is none yet. Rejects with a ClientError. */
  async position(partition: TopicPartition, timeoutMs = this.settings['default.api.timeout.ms']): Promise<number> {
    const { clock } = this.cluster.host
    const deadlineMs = clock.monotonic() + timeoutMs
    const state = this.#state(partition)
    for (;;) {
      this.#checkOpen()
      if (state.phase === 'fetching' || state.phase === 'validating') return state.offset
      this.#throwError()
      const leftMs = deadlineMs - clock.monotonic()
      if (leftMs <= 0) throw new ClientError(Errors.REQUEST_TIMED_OUT, `no position of ${partitionKey(partition)} within ${timeoutMs} ms`)
      this.#startPositions()
      this.#positions.advance()
      await this.#signal.wait(Math.min(leftMs, this.settings['retry.backoff.ms']))
    }
  }

  /** The same as far as it is known by now. */
  knownPosition(partition: TopicPartition): number | undefined {
    const { phase, offset } = this.#state(partition)
    return phase === 'fetching' || phase === 'validating' ? offset : undefined
  }

  /** Records between the position and the end that this isolation level can see; undefined before the first fetch. */
  lag(partition: TopicPartition): number | undefined {
    const state = this.#state(partition)
    const end = this.settings['isolation.level'] === 'read_committed' ? state.lastStableOffset : state.highWatermark
    return end < 0 || state.offset < 0 ? undefined : Math.max(0, end - state.offset)
  }

  /** The first offset at or after each time; offset -1 where there is none. */
  offsetsForTimes(
    queries: readonly OffsetQuery[],
    timeoutMs = this.settings['default.api.timeout.ms'],
  ): Promise<ItemResult<OffsetQuery, FoundOffset>[]> {
    return this.#positions.find(queries, timeoutMs)
  }

  beginningOffsets(partitions: readonly TopicPartition[], timeoutMs?: number): Promise<ItemResult<OffsetQuery, FoundOffset>[]> {
    return this.offsetsForTimes(
      partitions.map(({ topic, partition }) => ({ topic, partition, at: 'earliest' as const })),
      timeoutMs,
    )
  }

  endOffsets(partitions: readonly TopicPartition[], timeoutMs?: number): Promise<ItemResult<OffsetQuery, FoundOffset>[]> {
    return this.offsetsForTimes(
      partitions.map(({ topic, partition }) => ({ topic, partition, at: 'latest' as const })),
      timeoutMs,
    )
  }

  /** The group's committed offsets; partitions without one are left out. */
  committed(partitions: readonly TopicPartition[], timeoutMs = this.settings['default.api.timeout.ms']): Promise<CommittedOffset[]> {
    return this.#group().fetch(partitions, timeoutMs)
  }

  /** Commits, by default all positions, and tries again until it holds. */
  commitSync(
    offsets: readonly OffsetToCommit[] = this.#offsetsToCommit(),
    timeoutMs = this.settings['default.api.timeout.ms'],
  ): Promise<void> {
    return this.#group().commit(offsets, timeoutMs)
  }

  /** Commits once, behind the caller's back. */
  commitAsync(offsets: readonly OffsetToCommit[] = this.#offsetsToCommit(), callback?: (error: Error | null) => void): void {
    this.#group()
      .commitOnce(offsets)
      .then(
        () => callback?.(null),
        (error: Error) => callback?.(error),
      )
  }

  /** Commits (with enable.auto.commit), tells the listener, leaves the group, closes sessions and connections, in this order. */
  async close(timeoutMs = 30_000): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    let timer: { cancel(): void } | undefined
    const late = new Promise<void>((resolve) => (timer = this.cluster.host.clock.after(timeoutMs, resolve)))
    await Promise.race([this.#closeInOrder(timeoutMs), late])
    timer?.cancel()
    this.cluster.close()
    this.#signal.raise()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #closeInOrder(timeoutMs: number): Promise<void> {
    if (this.#autoCommits && this.#assigned.count > 0) await this.commitSync(undefined, timeoutMs).catch(() => {})
    if (this.#subscription !== undefined && this.#assigned.count > 0) await this.#listener.revoked?.(this.#assigned.list())
    await this.#member?.close()
    await this.#fetcher.close()
  }

  /** Metadata of what is wanted now; only a failure for good is worth telling, others are tried again. */
  #lookAround(): void {
    this.cluster.keepFresh()
    this.cluster.refresh([]).catch((error: Error) => {
      if (!this.#closed && !(error instanceof ClientError && error.retriable)) this.#errors.push(error)
      this.#signal.raise()
    })
  }

  get #autoCommits(): boolean {
    return this.settings['enable.auto.commit'] && this.#commits !== undefined
  }

  #checkOpen(): void {
    if (this.#closed) throw new ClientError(Errors.INVALID_REQUEST, 'the consumer is closed')
  }

  #throwError(): void {
    const error = this.#errors.shift()
    if (error !== undefined) throw error
  }

  #state(partition: TopicPartition): PartitionState {
    const state = this.#assigned.get(partition.topic, partition.partition)
    if (state === undefined) throw new ClientError(Errors.INVALID_REQUEST, `${partitionKey(partition)} is not assigned to this consumer`)
    return state
  }

  #group(): Commits {
    if (this.#commits === undefined) throw new ClientError(Errors.INVALID_GROUP_ID, 'committed offsets need group.id')
    return this.#commits
  }

  #offsetsToCommit(): OffsetToCommit[] {
    return [...this.#assigned]
      .filter((each) => each.offset >= 0 && (each.phase === 'fetching' || each.phase === 'validating'))
      .map(({ topic, partition, offset, offsetEpoch }) => ({ topic, partition, offset, leaderEpoch: offsetEpoch }))
  }

  /** Topics of standing interest; null: all. */
  #interest(): readonly string[] | null {
    const subscription = this.#subscription
    if (subscription === undefined) return [...new Set([...this.#assigned].map((each) => each.topic))]
    return 'pattern' in subscription ? null : [...new Set([...subscription.topics, ...this.#groupTopics])]
  }

  /** As leader: what the other members subscribed to. */
  #groupTopics = new Set<string>()

  #topics(): string[] {
    const subscription = this.#subscription
    if (subscription === undefined) return []
    if ('topics' in subscription) return [...subscription.topics]
    const { pattern } = subscription
    const names: string[] = []
    for (const topic of this.cluster.view.topics.values()) {
      pattern.lastIndex = 0
      if ((!topic.internal || !this.settings['exclude.internal.topics']) && topic.partitions.length > 0 && pattern.test(topic.name))
        names.push(topic.name)
    }
    return names
  }

  #resetPosition(state: PartitionState): void {
    try {
      this.#positions.resetByPolicy(state)
    } catch (error) {
      this.#errors.push(error as Error)
    }
  }

  /** Gives partitions that just came their committed offset, or what auto.offset.reset says. */
  #startPositions(): void {
    const fresh = [...this.#assigned].filter((each) => each.phase === 'starting')
    if (fresh.length === 0 || this.#lookingUpCommitted) return
    if (this.#commits === undefined) {
      for (const state of fresh) this.#positions.resetByPolicy(state)
      return
    }
    this.#lookingUpCommitted = true
    this.#commits
      .fetch(fresh, this.settings['default.api.timeout.ms'])
      .then((found) => this.#startAt(fresh, found))
      .catch((error: Error) => {
        if (!this.#closed) this.#errors.push(error)
      })
      .finally(() => {
        this.#lookingUpCommitted = false
        this.#signal.raise()
      })
  }

  #startAt(states: readonly PartitionState[], found: readonly CommittedOffset[]): void {
    const offsets = new Map(found.map((each) => [partitionKey(each), each]))
    for (const state of states) {
      if (state.phase !== 'starting') continue
      const committed = offsets.get(partitionKey(state))
      if (committed === undefined) this.#resetPosition(state)
      // Beyond 2^53 there are no records: the broker answers what it answers to any offset out of range.
      else state.seek(Number(committed.offset), committed.leaderEpoch)
    }
  }

  /** Joins, rejoins, takes over what the group decided, commits from time to time. Gives after how long to come back. */
  async #groupBusiness(): Promise<number> {
    this.#autoCommit()
    const member = this.#member
    if (member === undefined || this.#subscription === undefined) return Number.POSITIVE_INFINITY
    const result = member.takeResult()
    if (result !== undefined) await this.#joined(member, result)
    if (member.joining) return Number.POSITIVE_INFINITY
    if (this.cluster.view.version === 0) return this.settings['retry.backoff.ms']
    if (this.#isLeader && member.stable && this.#layout() !== this.#layoutAtAssignment) member.requestRejoin('topics changed')
    if (member.needsRejoin) {
      await this.#prepareJoin(member)
      member.startJoin()
    }
    return this.#lookForTopics()
  }

  /** Topics that nobody knew when they were asked for may be there a moment later. Gives after how long to look again. */
  #lookForTopics(): number {
    const { view, host } = this.cluster
    const isKnown = (topic: string): boolean => (view.topics.get(topic)?.partitions.length ?? 0) > 0
    if (this.#interest()?.every(isKnown) ?? true) return Number.POSITIVE_INFINITY
    const nowMs = host.clock.monotonic()
    if (nowMs >= this.#nextLookMs) {
      this.#nextLookMs = nowMs + this.settings['retry.backoff.max.ms']
      this.cluster.requestRefresh()
    }
    return this.#nextLookMs - nowMs
  }

  #autoCommit(): void {
    const nowMs = this.cluster.host.clock.monotonic()
    if (!this.#autoCommits || this.#committing) return
    if (this.#nextAutoCommitMs === 0) this.#nextAutoCommitMs = nowMs + this.settings['auto.commit.interval.ms']
    if (nowMs < this.#nextAutoCommitMs) return
    const offsets = this.#offsetsToCommit()
    this.#nextAutoCommitMs = nowMs + this.settings['auto.commit.interval.ms']
    if (offsets.length === 0 || this.#member?.joining === true) return
    this.#committing = true
    this.#commits
      ?.commitOnce(offsets)
      .catch((error: Error) => this.cluster.host.journal.debug('automatic commit failed', { error }))
      .finally(() => (this.#committing = false))
  }

  /** Eager members give everything back before they join, cooperative ones only what they no longer subscribe to (KIP-429). */
  async #prepareJoin(member: GroupMember): Promise<void> {
    if (this.#joinPrepared) return
    this.#joinPrepared = true
    const lost = member.generationId < 0
    const all = this.#assigned.list()
    if (all.length === 0) return
    if (this.#autoCommits && !lost) {
      await this.commitSync(undefined, this.settings['default.api.timeout.ms']).catch((error: Error) =>
        this.cluster.host.journal.warn('commit before a rebalance failed', { error }),
      )
    }
    const topics = new Set(this.#topics())
    const going = lost || !this.#cooperative ? all : all.filter((each) => !topics.has(each.topic))
    if (going.length === 0) return
    const staying = new Set(going.map(partitionKey))
    for (const each of going) this.#state(each).pendingRevocation = true
    if (lost) await (this.#listener.lost ?? this.#listener.revoked)?.call(this.#listener, going)
    else await this.#listener.revoked?.(going)
    this.#assigned.replace(all.filter((each) => !staying.has(partitionKey(each))))
  }

  /** All assignors cooperative: only then may a member keep partitions while it joins. */
  get #cooperative(): boolean {
    return this.#assignors.every((each) => each.cooperative)
  }

  async #joined(member: GroupMember, result: JoinResult): Promise<void> {
    this.#joinPrepared = false
    this.#isLeader = result.isLeader
    const owned = this.#assigned.list()
    const had = new Set(owned.map(partitionKey))
    const has = new Set(result.partitions.map(partitionKey))
    const added = result.partitions.filter((each) => !had.has(partitionKey(each)))
    const revoked = owned.filter((each) => !has.has(partitionKey(each)))
    if (revoked.length > 0) {
      for (const each of revoked) this.#state(each).pendingRevocation = true
      if (this.#autoCommits) await this.commitSync(undefined, this.settings['default.api.timeout.ms']).catch(() => {})
      await this.#listener.revoked?.(revoked)
      // What we let go can be given to its new owner in another round.
      if (this.#cooperative) member.requestRejoin('gave partitions back')
    }
    this.#assigned.replace(result.partitions)
    if (added.some(({ topic }) => !this.cluster.view.topics.has(topic))) this.cluster.requestRefresh()
    await this.#listener.assigned?.(added)
  }

  async #assignGroup(assignor: Assignor, members: readonly MemberSubscription[]): Promise<Map<string, TopicPartition[]>> {
    this.#groupTopics = new Set(members.flatMap((each) => each.topics))
    const missing = [...this.#groupTopics].some((topic) => !this.cluster.view.topics.has(topic))
    if (missing) await this.cluster.refresh([...this.#groupTopics], this.settings['request.timeout.ms'])
    this.#layoutAtAssignment = this.#layout()
    const { view } = this.cluster
    const topics: TopicLayout[] = []
    for (const topic of [...this.#groupTopics].sort()) {
      const partitions = view.topics.get(topic)?.partitions ?? []
      if (partitions.length === 0) continue
      const racks = partitions.map((each) => each.replicas.flatMap((id) => view.nodes.get(id)?.rack ?? []))
      topics.push({ topic, partitionCount: partitions.length, racks })
    }
    return assignor.assign(topics, members)
  }

  /** What an assignment depends on: when it changes, the leader has the group rebalance. */
  #layout(): string {
    const topics = new Set([...this.#groupTopics, ...this.#topics()])
    return [...topics]
      .sort()
      .map((topic) => `${topic}:${this.cluster.view.topics.get(topic)?.partitions.length ?? 0}`)
      .join()
  }
}

function assignorsOf(settings: ConsumerSettings): Assignor[] {
  const names = settings['partition.assignment.strategy']
  return names.map((name) => {
    const assignor = findAssignor(name)
    if (assignor === undefined) throw invalid('partition.assignment.strategy', name, 'range, cooperative-sticky')
    return assignor
  })
}
