import { Apis, Errors } from '../../protocol/index.ts'
import { OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse } from '../../protocol/messages/offset-for-leader-epoch.ts'
import { type FoundOffset, listOffsets, type OffsetQuery, offsetSpecs } from '../admin/offsets.ts'
import { type AdminContext, byTopic, partitionKey, type TopicPartition } from '../admin/routes.ts'
import { call } from '../call.ts'
import { ClientError, type ItemResult } from '../client-error.ts'
import type { Cluster } from '../cluster.ts'
import type { ConsumerSettings } from '../config.ts'
import type { AssignedPartitions } from './assignment.ts'
import { currentLeader } from './current-leader.ts'
import type { OffsetReset } from './offset-reset.ts'
import type { PartitionState } from './partition-state.ts'

const epochCall = call(Apis.OffsetForLeaderEpoch, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse)
const retriesMax = 0x7fffffff

export interface PositionsOptions {
  readonly cluster: Cluster
  readonly settings: ConsumerSettings
  readonly assigned: AssignedPartitions
  readonly reset: OffsetReset
  readonly wake: () => void
  readonly fail: (error: Error) => void
}

/** Finds where to read: offsets for a time or an end, and whether a position still holds after the leader changed (KIP-320). */
export class Positions {
  #options: PositionsOptions
  #admin: AdminContext
  #looking = false
  #validating = false

  constructor(options: PositionsOptions) {
    this.#options = options
    const { cluster, settings } = options
    this.#admin = { cluster, settings: { ...settings, retries: retriesMax } }
  }

  /** Where a partition without a position starts, by auto.offset.reset. @throws ClientError when that says none */
  resetByPolicy(state: PartitionState): void {
    const { reset, cluster } = this.#options
    const where = `${state.topic}-${state.partition}`
    if (reset.kind === 'none') {
      const known = state.phase === 'starting' ? `${where} has no committed offset` : `offset ${state.offset} of ${where} is out of range`
      const code = state.phase === 'starting' ? Errors.UNKNOWN_SERVER_ERROR : Errors.OFFSET_OUT_OF_RANGE
      throw new ClientError(code, `${known}, and auto.offset.reset is none`, { hint: 'Seek, commit an offset, or set auto.offset.reset.' })
    }
    state.reset(reset.kind === 'by_duration' ? cluster.host.clock.now() - reset.durationMs : offsetSpecs[reset.kind])
  }

  /** Starts what look-ups are due, behind the caller's back. */
  advance(): void {
    const { assigned, cluster } = this.#options
    const nowMs = cluster.host.clock.monotonic()
    const due = [...assigned].filter((state) => state.phase === 'resetting' && state.retryAtMs <= nowMs)
    if (due.length > 0 && !this.#looking) void this.#lookUp(due)
    this.#noticeNewLeaders()
    const doubtful = [...assigned].filter((state) => state.phase === 'validating' && state.retryAtMs <= nowMs)
    if (doubtful.length > 0 && !this.#validating) void this.#validate(doubtful)
  }

  find(queries: readonly OffsetQuery[], timeoutMs: number): Promise<ItemResult<OffsetQuery, FoundOffset>[]> {
    const isolationLevel = this.#options.settings['isolation.level'] as 'read_committed' | 'read_uncommitted'
    return listOffsets(this.#admin, queries, { timeoutMs, isolationLevel })
  }

  async #lookUp(states: readonly PartitionState[]): Promise<void> {
    const { settings, wake, fail, cluster, assigned } = this.#options
    this.#looking = true
    try {
      const queries = states.map(({ topic, partition, resetTimestamp }) => ({ topic, partition, at: resetTimestamp }))
      const results = await this.find(queries, settings['request.timeout.ms'])
      // A time after the last record means the end.
      const late = results
        .filter((each) => each.error === null && each.value.offset < 0)
        .map(({ item }) => ({ ...item, at: 'latest' as const }))
      const ends = late.length === 0 ? [] : await this.find(late, settings['request.timeout.ms'])
      const found = new Map([...results, ...ends].map((each) => [partitionKey(each.item), each]))
      for (const state of states) {
        const result = found.get(partitionKey(state))
        if (state.phase !== 'resetting' || assigned.get(state.topic, state.partition) !== state || result === undefined) continue
        if (result.error === null) {
          state.seek(result.value.offset, result.value.leaderEpoch)
          state.leaderEpoch = cluster.view.topics.get(state.topic)?.partitions[state.partition]?.leaderEpoch ?? -1
          continue
        }
        state.retryAtMs = cluster.host.clock.monotonic() + settings['retry.backoff.max.ms']
        if (!result.error.retriable)
          fail(new ClientError(result.error.code, `cannot find the start of ${state.topic}-${state.partition}: ${result.error.message}`))
      }
    } catch (error) {
      for (const state of states) state.retryAtMs = cluster.host.clock.monotonic() + settings['retry.backoff.max.ms']
      if (!cluster.closed && !(error instanceof ClientError && error.retriable)) fail(error as Error)
    } finally {
      this.#looking = false
      wake()
    }
  }

  /** A position is checked when its partition has a new leader epoch, if we know the epoch of what we read last. */
  #noticeNewLeaders(): void {
    const { assigned, cluster } = this.#options
    for (const state of assigned) {
      const id = cluster.view.topics.get(state.topic)?.id
      if (state.topicId !== undefined && id !== undefined && id !== state.topicId) {
        state.isRecreated = true
        state.leaderEpoch = -1
      }
      state.topicId = id ?? state.topicId
      if (state.phase !== 'fetching' && state.phase !== 'validating') continue
      const epoch = cluster.view.topics.get(state.topic)?.partitions[state.partition]?.leaderEpoch ?? -1
      if (epoch <= state.leaderEpoch) continue
      // The leader that was to be asked is none any more: the next one is.
      if (state.phase === 'validating') {
        state.leaderEpoch = epoch
        continue
      }
      const first = state.leaderEpoch < 0 && state.offsetEpoch < 0
      state.leaderEpoch = epoch
      state.preferredReplica = -1
      if (state.offsetEpoch >= 0 && !first && state.offsetEpoch !== epoch && state.buffered === undefined) state.phase = 'validating'
    }
  }

  async #validate(states: readonly PartitionState[]): Promise<void> {
    const { cluster, settings, wake, fail } = this.#options
    this.#validating = true
    const byLeader = new Map<number, PartitionState[]>()
    for (const state of states) {
      const leader = currentLeader(cluster.view, state)
      byLeader.set(leader, [...(byLeader.get(leader) ?? []), state])
    }
    const later = (list: readonly PartitionState[]): void => {
      for (const state of list) state.retryAtMs = cluster.host.clock.monotonic() + settings['retry.backoff.ms']
      cluster.requestRefresh()
    }
    for (const [leader, list] of byLeader) {
      if (leader < 0) {
        later(list)
        continue
      }
      try {
        await this.#validateAt(leader, list, later)
      } catch (error) {
        if (error instanceof ClientError && error.code === Errors.UNSUPPORTED_VERSION) for (const state of list) state.phase = 'fetching'
        else if (error instanceof ClientError && error.retriable) later(list)
        else fail(error as Error)
      }
    }
    this.#validating = false
    wake()
  }

  async #validateAt(leader: number, states: readonly PartitionState[], later: (list: readonly PartitionState[]) => void): Promise<void> {
    const asked = states.map((state) => {
      const { topic, partition, offset, leaderEpoch } = state
      return { topic, partition, state, offset, leaderEpoch }
    })
    const answer = await this.#options.cluster.send(leader, epochCall, (version) => ({
      ...(version >= 3 ? { replicaId: -1 } : {}),
      topics: byTopic(asked, (topic, list) => ({
        topic,
        partitions: list.map((each) => ({
          partition: each.partition,
          currentLeaderEpoch: each.leaderEpoch,
          leaderEpoch: each.state.offsetEpoch,
        })),
      })),
    }))
    const answers = new Map(answer.topics.flatMap((topic) => topic.partitions.map((each) => [`${topic.topic}-${each.partition}`, each])))
    for (const { state, offset, leaderEpoch } of asked) {
      const each = answers.get(partitionKey(state))
      if (state.phase !== 'validating' || state.offset !== offset || state.leaderEpoch !== leaderEpoch) continue
      if (each === undefined || each.errorCode !== Errors.NONE) later([state])
      else if (each.endOffset >= 0 && each.endOffset < offset) this.#truncated(state, each.endOffset, each.leaderEpoch)
      else if (each.endOffset < 0) this.#reset(state)
      else state.phase = 'fetching'
    }
  }

  #truncated(state: PartitionState, endOffset: number, epoch: number): void {
    const { reset, fail } = this.#options
    const { leaderEpoch, offset } = state
    if (reset.kind === 'none') {
      fail(
        new ClientError(
          Errors.OFFSET_OUT_OF_RANGE,
          `the log of ${state.topic}-${state.partition} was cut at ${endOffset}, before position ${offset}`,
        ),
      )
      return
    }
    state.seek(endOffset, epoch)
    state.leaderEpoch = leaderEpoch
  }

  #reset(state: PartitionState): void {
    try {
      this.resetByPolicy(state)
    } catch (error) {
      this.#options.fail(error as Error)
    }
  }
}

export type { FoundOffset, OffsetQuery, TopicPartition }
