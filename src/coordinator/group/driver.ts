import { DeadlineWheel } from '../../base/index.ts'
import type { Clock, Journal, Random } from '../../host/index.ts'
import type { LedgerPartition } from '../../ledger/index.ts'
import { type ErrorCode, Errors, type Message, type MessageInput } from '../../protocol/index.ts'
import type { DeleteGroupsRequest } from '../../protocol/messages/delete-groups.ts'
import type { DescribeGroupsRequest } from '../../protocol/messages/describe-groups.ts'
import type { HeartbeatRequest, HeartbeatResponse } from '../../protocol/messages/heartbeat.ts'
import type { JoinGroupRequest } from '../../protocol/messages/join-group.ts'
import type { LeaveGroupRequest, LeaveGroupResponse } from '../../protocol/messages/leave-group.ts'
import type { ListGroupsRequest, ListGroupsResponse } from '../../protocol/messages/list-groups.ts'
import type { SyncGroupRequest } from '../../protocol/messages/sync-group.ts'
import { fetchCoordinatorError, joinAnswerOf, leaveAnswerOf, normalJoin, normalLeave } from './answers.ts'
import { ClassicGroup, type ClassicState } from './classic-group.ts'
import { type GroupConfig, groupPartition } from './config.ts'
import { type DeletedGroup, type DescribedGroup, deleteGroups, describeGroup, type ListedGroup, listGroups } from './inspection.ts'
import { joinGroup } from './join.ts'
import { heartbeat, leaveGroup } from './membership.ts'
import {
  type CommitAnswer,
  type CommitRequest,
  commitError,
  commitOffsets,
  type DeleteOffsetsAnswer,
  type DeleteOffsetsRequest,
  deleteOffsets,
  type FetchAnswer,
  type FetchGroup,
  fetchError,
  fetchOffsets,
  forgetTopics,
} from './offsets.ts'
import type { ForeignGroupType } from './records.ts'
import { Shard } from './shard.ts'
import { syncGroup } from './sync.ts'
import type { GroupCounts, JoinAnswer, RequestContext, SyncAnswer } from './turn.ts'

export interface GroupCoordinatorOptions {
  readonly clock: Clock
  readonly random: Random
  readonly journal: Journal
  readonly config: GroupConfig
}

/** Who asks. */
export interface GroupClient {
  readonly clientId: string | null
  /** Address without port. */
  readonly clientAddress: string
  readonly apiVersion: number
}

export interface GroupMetrics extends Readonly<GroupCounts> {
  readonly groups: number
  readonly groupsByState: Readonly<Record<ClassicState, number>>
  readonly offsets: number
  readonly partitions: { readonly active: number; readonly loading: number }
  /** JoinGroup and SyncGroup requests that wait. */
  readonly parkedRequests: number
}

/** A group as metrics show it; `offsets` by topic and partition. */
export interface InspectedGroup {
  readonly groupId: string
  readonly protocol: 'classic' | ForeignGroupType
  readonly memberCount: number
  readonly offsets: ReadonlyMap<string, ReadonlyMap<number, { readonly offset: number | bigint }>>
}

const NO_OFFSETS: InspectedGroup['offsets'] = new Map()

/** From this SyncGroup version on a member says which protocol it joined with (KIP-559). */
const PROTOCOL_REQUIRED_VERSION = 5
/** Sessions may end this much late. */
const TIMER_TICK_MS = 250

/**
 * The group coordinator of a broker: sends each request to the ledger of its group's partition. Requests come decoded and authorized;
 * topics of commits and fetches are resolved (name and id). Every answer comes, sooner or later, and none is an exception.
 */
export class GroupCoordinator {
  readonly config: GroupConfig
  readonly #options: GroupCoordinatorOptions
  readonly #wheel: DeadlineWheel
  readonly #shards = new Map<number, Shard>()
  readonly #counts: GroupCounts = { offsetCommits: 0, offsetExpirations: 0, offsetDeletions: 0, completedRebalances: 0 }
  #nextTicket = 0
  #closed = false

  constructor(options: GroupCoordinatorOptions) {
    this.#options = options
    this.config = options.config
    this.#wheel = new DeadlineWheel(options.clock, TIMER_TICK_MS)
  }

  // ── partitions ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The partition of __consumer_offsets that a group belongs to: FindCoordinator answers its leader. */
  partitionFor(groupId: string): number {
    return groupPartition(groupId, this.config.partitionCount)
  }

  /** This broker leads a partition of __consumer_offsets in a new epoch. Resolves when its groups are loaded, or others took over. */
  onElection(index: number, partition: LedgerPartition): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false)
    let shard = this.#shards.get(index)
    if (shard === undefined) {
      const { clock, journal } = this.#options
      shard = new Shard({
        clock,
        wheel: this.#wheel,
        journal: journal.child('group', { partition: index }),
        config: this.config,
        counts: this.#counts,
      })
      this.#shards.set(index, shard)
    }
    return shard.binding.elect(partition)
  }

  onResignation(index: number): void {
    const shard = this.#shards.get(index)
    this.#shards.delete(index)
    shard?.binding.resign()
  }

  onHighWatermark(index: number, highWatermark: number): void {
    this.#shards.get(index)?.binding.onHighWatermark(highWatermark)
  }

  /** Topics were deleted from the cluster: their offsets go too. */
  async onTopicsDeleted(topics: readonly { name: string; id: string }[]): Promise<void> {
    const nothing = (): void => {}
    await Promise.all([...this.#shards.values()].map((shard) => shard.ask((state, turn) => forgetTopics(state, turn, topics), nothing)))
  }

  close(): void {
    this.#closed = true
    for (const index of [...this.#shards.keys()]) this.onResignation(index)
    this.#wheel.close()
  }

  // ── membership ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  async joinGroup(request: Message<typeof JoinGroupRequest>, client: GroupClient): Promise<JoinAnswer> {
    const { groupId, memberId, sessionTimeoutMs } = request
    const { sessionTimeoutMinMs, sessionTimeoutMaxMs } = this.config
    const shard = this.#shardOf(groupId)
    let answer: JoinAnswer
    if (groupId === '') answer = { memberId, errorCode: Errors.INVALID_GROUP_ID }
    else if (sessionTimeoutMs < sessionTimeoutMinMs || sessionTimeoutMs > sessionTimeoutMaxMs) {
      answer = { memberId, errorCode: Errors.INVALID_SESSION_TIMEOUT }
    } else if (shard === undefined) answer = { memberId, errorCode: this.#absent() }
    else {
      const context = this.#context(client, memberId === '' ? uuidText(this.#options.random.bytes(16)) : '')
      const join = normalJoin(request, client.apiVersion)
      answer = await shard.park<JoinAnswer>(context.ticket, (state, turn) => joinGroup(state, turn, join, context))
    }
    return joinAnswerOf(answer, client.apiVersion)
  }

  async syncGroup(request: Message<typeof SyncGroupRequest>, client: GroupClient): Promise<SyncAnswer> {
    const shard = this.#shardOf(request.groupId)
    if (request.groupId === '') return { errorCode: Errors.INVALID_GROUP_ID }
    if (client.apiVersion >= PROTOCOL_REQUIRED_VERSION && (request.protocolType === null || request.protocolName === null)) {
      return { errorCode: Errors.INCONSISTENT_GROUP_PROTOCOL }
    }
    if (shard === undefined) return { errorCode: this.#absent() }
    const context = this.#context(client)
    return shard.park<SyncAnswer>(context.ticket, (state, turn) => syncGroup(state, turn, request, context))
  }

  async heartbeat(request: Message<typeof HeartbeatRequest>): Promise<MessageInput<typeof HeartbeatResponse>> {
    const shard = this.#shardOf(request.groupId)
    if (request.groupId === '') return { errorCode: Errors.INVALID_GROUP_ID }
    if (shard === undefined) return { errorCode: this.#absent() }
    // While groups load nobody's session runs: the member need not look elsewhere.
    const refuse = (error: ErrorCode): ErrorCode => (error === Errors.COORDINATOR_LOAD_IN_PROGRESS ? Errors.NONE : error)
    return { errorCode: await shard.ask((state, turn) => heartbeat(state, turn, request), refuse) }
  }

  async leaveGroup(request: Message<typeof LeaveGroupRequest>, client: GroupClient): Promise<MessageInput<typeof LeaveGroupResponse>> {
    const shard = this.#shardOf(request.groupId)
    if (request.groupId === '') return { errorCode: Errors.INVALID_GROUP_ID }
    if (shard === undefined) return { errorCode: this.#absent() }
    const leave = normalLeave(request, client.apiVersion)
    const answer = await shard.ask(
      (state, turn) => leaveGroup(state, turn, leave),
      (errorCode) => ({ errorCode }),
    )
    return leaveAnswerOf(answer, client.apiVersion)
  }

  // ── offsets ────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Topics with name and id, existing and readable by the client; the broker answers for the others. */
  async commitOffsets(request: CommitRequest, client: GroupClient): Promise<CommitAnswer> {
    const shard = this.#shardOf(request.groupId)
    if (shard === undefined) return commitError(request, this.#absent())
    const context = this.#context(client)
    return shard.ask(
      (state, turn) => commitOffsets(state, turn, request, context),
      (error) => commitError(request, error),
    )
  }

  /** One group of an OffsetFetch; see groupsOfFetch and fetchResponseOf. Offsets of all topics come without topic ids. */
  async fetchOffsets(request: FetchGroup, requireStable: boolean, apiVersion: number): Promise<FetchAnswer> {
    const shard = this.#shardOf(request.groupId)
    if (shard === undefined) return fetchError(request, this.#absent(), apiVersion)
    const answer = await shard.read(
      (state) => fetchOffsets(state, request, requireStable),
      (error): FetchAnswer => ({ groupId: request.groupId, errorCode: fetchCoordinatorError(error) }),
    )
    const { errorCode = Errors.NONE } = answer
    return errorCode === Errors.NONE ? answer : fetchError(request, errorCode as ErrorCode, apiVersion)
  }

  async deleteOffsets(request: DeleteOffsetsRequest): Promise<DeleteOffsetsAnswer> {
    const shard = this.#shardOf(request.groupId)
    if (request.groupId === '') return { errorCode: Errors.INVALID_GROUP_ID }
    if (shard === undefined) return { errorCode: this.#absent() }
    return shard.ask(
      (state, turn) => deleteOffsets(state, turn, request),
      (errorCode) => ({ errorCode }),
    )
  }

  // ── groups ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** In the order asked for. */
  describeGroups(groupIds: Message<typeof DescribeGroupsRequest>['groups'], client: GroupClient): Promise<DescribedGroup[]> {
    return Promise.all(
      groupIds.map(async (groupId): Promise<DescribedGroup> => {
        const shard = this.#shardOf(groupId)
        if (shard === undefined) return { groupId, errorCode: this.#absent() }
        return shard.read(
          (state) => describeGroup(state, groupId, client.apiVersion),
          (errorCode): DescribedGroup => ({ groupId, errorCode }),
        )
      }),
    )
  }

  async listGroups(request: Message<typeof ListGroupsRequest>): Promise<MessageInput<typeof ListGroupsResponse>> {
    if (this.#closed) return { errorCode: Errors.COORDINATOR_NOT_AVAILABLE }
    const lists = await Promise.all(
      [...this.#shards.values()].map((shard) =>
        shard.read<ListedGroup[] | ErrorCode>(
          (state) => listGroups(state, request.statesFilter, request.typesFilter),
          (error) => error,
        ),
      ),
    )
    const groups: ListedGroup[] = []
    for (const list of lists) {
      if (typeof list !== 'number') groups.push(...list)
      else if (list !== Errors.NOT_COORDINATOR) return { errorCode: list }
    }
    return { groups }
  }

  async deleteGroups(groupIds: Message<typeof DeleteGroupsRequest>['groupsNames']): Promise<DeletedGroup[]> {
    const byShard = new Map<Shard | undefined, string[]>()
    for (const groupId of groupIds) {
      const shard = this.#shardOf(groupId)
      const ids = byShard.get(shard)
      if (ids === undefined) byShard.set(shard, [groupId])
      else ids.push(groupId)
    }
    const results = [...byShard].map(async ([shard, ids]): Promise<DeletedGroup[]> => {
      const refuse = (errorCode: ErrorCode): DeletedGroup[] => ids.map((groupId) => ({ groupId, errorCode }))
      return shard === undefined ? refuse(this.#absent()) : shard.ask((state, turn) => deleteGroups(state, turn, ids), refuse)
    })
    return (await Promise.all(results)).flat()
  }

  // ── numbers ────────────────────────────────────────────────────────────────────────────────────────────────────────────

  metrics(): GroupMetrics {
    const groupsByState: Record<ClassicState, number> = { Empty: 0, PreparingRebalance: 0, CompletingRebalance: 0, Stable: 0, Dead: 0 }
    const partitions = { active: 0, loading: 0 }
    let groups = 0
    let offsets = 0
    let parkedRequests = 0
    for (const shard of this.#shards.values()) {
      parkedRequests += shard.parkedCount
      if (!shard.isActive) {
        partitions.loading++
        continue
      }
      partitions.active++
      groups += shard.state.groups.size
      offsets += shard.state.offsets.count
      const counts = shard.state.countStates()
      for (const state of Object.keys(counts) as ClassicState[]) groupsByState[state] += counts[state]
    }
    return { ...this.#counts, groups, groupsByState, offsets, partitions, parkedRequests }
  }

  /** Every group coordinated here with what it has committed, as it is now: read it in one go. */
  *inspect(): Generator<InspectedGroup> {
    for (const shard of this.#shards.values()) {
      if (!shard.isActive) continue
      const { groups, offsets } = shard.state
      for (const group of groups.values()) {
        const isClassic = group instanceof ClassicGroup
        const members = isClassic ? group.members.size : group.memberCount
        const protocol = isClassic ? 'classic' : group.type
        yield { groupId: group.groupId, protocol, memberCount: members, offsets: offsets.of(group.groupId) ?? NO_OFFSETS }
      }
    }
  }

  #shardOf(groupId: string): Shard | undefined {
    return this.#shards.get(this.partitionFor(groupId))
  }

  #absent(): ErrorCode {
    return this.#closed ? Errors.COORDINATOR_NOT_AVAILABLE : Errors.NOT_COORDINATOR
  }

  #context({ clientId, clientAddress, apiVersion }: GroupClient, freshUuid = ''): RequestContext {
    return { clientId, clientAddress, apiVersion, ticket: this.#nextTicket++, freshUuid }
  }
}

/** A random uuid in the form of java.util.UUID, as member ids carry it. */
const uuidText = (random: Uint8Array): string => {
  const bytes = Buffer.from(random)
  bytes[6] = (bytes[6] & 0x0f) | 0x40
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
