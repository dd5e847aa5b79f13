import type { Timer } from '../../host/index.ts'
import { Apis, type ErrorCode, Errors, type Message } from '../../protocol/index.ts'
import { HeartbeatRequest, HeartbeatResponse } from '../../protocol/messages/heartbeat.ts'
import { JoinGroupRequest, JoinGroupResponse } from '../../protocol/messages/join-group.ts'
import { LeaveGroupRequest, LeaveGroupResponse } from '../../protocol/messages/leave-group.ts'
import { SyncGroupRequest, SyncGroupResponse } from '../../protocol/messages/sync-group.ts'
import type { TopicPartition } from '../admin/routes.ts'
import { Backoff } from '../backoff.ts'
import { type BrokerLink, pause } from '../broker-link.ts'
import { call } from '../call.ts'
import { ClientError } from '../client-error.ts'
import { type Cluster, CoordinatorType, type Lane } from '../cluster.ts'
import type { ConsumerSettings } from '../config.ts'
import { decodeAssignment, decodeSubscription, encodeAssignment, encodeSubscription } from '../consumer-protocol.ts'
import type { Assignor, MemberSubscription } from './assignors.ts'

const joinCall = call(Apis.JoinGroup, JoinGroupRequest, JoinGroupResponse)
const syncCall = call(Apis.SyncGroup, SyncGroupRequest, SyncGroupResponse)
const heartbeatCall = call(Apis.Heartbeat, HeartbeatRequest, HeartbeatResponse)
const leaveCall = call(Apis.LeaveGroup, LeaveGroupRequest, LeaveGroupResponse)

const protocolType = 'consumer'
/** A join is answered when the rebalance is over, a little after the rebalance timeout at the latest. */
const joinSlackMs = 5000
const noGeneration = -1

export interface JoinResult {
  readonly generationId: number
  readonly assignor: Assignor
  readonly isLeader: boolean
  readonly partitions: readonly TopicPartition[]
}

export interface GroupMemberOptions {
  readonly cluster: Cluster
  readonly settings: ConsumerSettings
  readonly groupId: string
  readonly assignors: readonly Assignor[]
  readonly topics: () => readonly string[]
  readonly owned: () => readonly TopicPartition[]
  /** The leader's part: assigns all members' partitions. */
  readonly assign: (assignor: Assignor, members: readonly MemberSubscription[]) => Promise<Map<string, TopicPartition[]>>
  readonly wake: () => void
}

const coordinatorMoved: ReadonlySet<number> = new Set<ErrorCode>([
  Errors.NOT_COORDINATOR,
  Errors.COORDINATOR_NOT_AVAILABLE,
  Errors.NETWORK_EXCEPTION,
  Errors.REQUEST_TIMED_OUT,
])

/**
 * A member of a classic group: joins, syncs, sends heartbeats, leaves.
 *
 *   out ──join──► joining ──sync──► stable ──heartbeat says REBALANCE_IN_PROGRESS──► needs to rejoin ──► joining
 *    ▲              │                  │
 *    └── unknown member, illegal generation, max.poll.interval.ms over ◄──┘
 */
export class GroupMember {
  memberId = ''
  generationId = noGeneration
  needsRejoin = true
  #reason = ''
  #options: GroupMemberOptions
  #joining: Promise<void> | undefined
  #result: JoinResult | undefined
  #failure: Error | undefined
  #heartbeatTimer: Timer | undefined
  #heartbeating = false
  /** JoinGroups sent so far, and whether the last one is still to be answered. */
  #joins = 0
  #awaitsJoin = false
  #lastHeartbeatMs = 0
  #lastPollMs = 0
  #closed = false

  constructor(options: GroupMemberOptions) {
    this.#options = options
  }

  get stable(): boolean {
    return this.generationId !== noGeneration && !this.needsRejoin && this.#joining === undefined
  }

  get joining(): boolean {
    return this.#joining !== undefined
  }

  requestRejoin(reason: string): void {
    this.needsRejoin = true
    this.#reason = reason
    this.#options.wake()
  }

  /** The consumer is alive: max.poll.interval.ms counts from here. */
  polled(): void {
    this.#lastPollMs = this.#options.cluster.host.clock.monotonic()
  }

  /** Joins behind the caller's back; `takeResult` gives what came of it. */
  startJoin(): void {
    if (this.#joining !== undefined || this.#closed) return
    this.needsRejoin = false
    this.#joining = this.#join()
      .catch((error: Error) => {
        this.#failure = error
        this.needsRejoin = true
      })
      .finally(() => {
        this.#joining = undefined
        this.#options.wake()
      })
  }

  /** What the last join brought, once. @throws ClientError when it failed for good */
  takeResult(): JoinResult | undefined {
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) throw failure
    const result = this.#result
    this.#result = undefined
    return result
  }

  /** Out of the group without a word: the coordinator no longer knows us, or not as we think. */
  reset(reason: string, keepMemberId = false): void {
    this.generationId = noGeneration
    if (!keepMemberId) this.memberId = ''
    this.#result = undefined
    this.requestRejoin(reason)
  }

  /** The connection to the group's coordinator that nothing else uses; `main`: the one of fetches. */
  async coordinator(lane: Lane = 'group'): Promise<BrokerLink> {
    const { cluster, groupId } = this.#options
    const found = (await cluster.coordinators(CoordinatorType.group, [groupId])).get(groupId)
    if (found === undefined || 'errorCode' in found) {
      throw new ClientError(
        found?.errorCode ?? Errors.COORDINATOR_NOT_AVAILABLE,
        `group ${groupId} has no coordinator: ${found?.errorMessage ?? 'none named'}`,
      )
    }
    return cluster.link(found.id, lane)
  }

  /** Reacts to an error of any group request. True: the coordinator is to be looked up again. */
  coordinatorFailed(code: number): boolean {
    if (!coordinatorMoved.has(code)) return false
    this.#options.cluster.forgetCoordinator(CoordinatorType.group, this.#options.groupId)
    return true
  }

  /** Leaves at once, so that others need not wait for the session timeout. Static members stay (KIP-345). */
  async close(): Promise<void> {
    const { settings, groupId } = this.#options
    this.#closed = true
    this.#heartbeatTimer?.cancel()
    if (this.memberId === '' || settings['group.instance.id'] !== null) return
    await this.#leave(groupId, 'the consumer is being closed').catch(() => {})
  }

  async #leave(groupId: string, reason: string): Promise<void> {
    const { memberId } = this
    this.memberId = ''
    this.generationId = noGeneration
    const own = await this.coordinator()
    // Behind a join that waits for others nothing on the same connection would be heard.
    const link = own.inFlight === 0 ? own : await this.coordinator('main')
    await link.request(
      leaveCall,
      (version) => (version >= 3 ? { groupId, members: [{ memberId, ...(version >= 5 ? { reason } : {}) }] } : { groupId, memberId }),
      { timeoutMs: 3000 },
    )
  }

  async #join(): Promise<void> {
    const { cluster } = this.#options
    const { settings, host } = cluster
    const backoff = new Backoff(settings['retry.backoff.ms'], settings['retry.backoff.max.ms'], host.random)
    for (let attempts = 0; !this.#closed; attempts++) {
      try {
        const result = await this.#joinOnce()
        if (result !== undefined) {
          this.#result = result
          this.#startHeartbeats()
          return
        }
      } catch (error) {
        if (!(error instanceof ClientError) || !error.retriable) throw error
        this.coordinatorFailed(error.code)
      }
      await pause(host, backoff.delayMs(Math.min(attempts, 10)))
    }
  }

  /** Undefined: try again. */
  async #joinOnce(): Promise<JoinResult | undefined> {
    const { settings, groupId, assignors } = this.#options
    const link = await this.coordinator()
    this.#joins++
    this.#awaitsJoin = true
    const joined = await this.#sendJoin(link).finally(() => (this.#awaitsJoin = false))
    if (joined === undefined) return undefined
    const assignor = assignors.find((each) => each.name === joined.protocolName)
    if (assignor === undefined)
      throw new ClientError(
        Errors.INCONSISTENT_GROUP_PROTOCOL,
        `group ${groupId} chose the assignor ${joined.protocolName}, which this consumer did not offer`,
      )
    this.generationId = joined.generationId
    this.memberId = joined.memberId
    this.#startHeartbeats()
    const isLeader = joined.leader === joined.memberId
    // Also when the coordinator keeps the old assignment: the leader must know what it was made for.
    const computed = isLeader ? await this.#assignAll(assignor, joined) : []
    const assignments = joined.skipAssignment ? [] : computed
    const answer = await link.request(
      syncCall,
      (version) => ({
        groupId,
        generationId: joined.generationId,
        memberId: joined.memberId,
        ...(version >= 3 ? { groupInstanceId: settings['group.instance.id'] } : {}),
        ...(version >= 5 ? { protocolType, protocolName: assignor.name } : {}),
        assignments,
      }),
      { timeoutMs: this.#joinTimeoutMs },
    )
    if (answer.errorCode !== Errors.NONE) return this.#refused(answer.errorCode, 'SyncGroup')
    const { partitions } = answer.assignment.length === 0 ? { partitions: [] } : decodeAssignment(answer.assignment)
    return { generationId: joined.generationId, assignor, isLeader, partitions }
  }

  async #sendJoin(link: BrokerLink): Promise<Message<typeof JoinGroupResponse> | undefined> {
    const { settings, groupId } = this.#options
    const reason = this.#reason.slice(0, 255)
    const answer = await link.request(
      joinCall,
      (version) => ({
        groupId,
        sessionTimeoutMs: settings['session.timeout.ms'],
        ...(version >= 1 ? { rebalanceTimeoutMs: settings['max.poll.interval.ms'] } : {}),
        memberId: this.memberId,
        ...(version >= 5 ? { groupInstanceId: settings['group.instance.id'] } : {}),
        protocolType,
        protocols: this.#protocols(),
        ...(version >= 8 ? { reason } : {}),
      }),
      { timeoutMs: this.#joinTimeoutMs, ...(settings['group.instance.id'] === null ? {} : { minVersion: 5 }) },
    )
    if (answer.errorCode === Errors.NONE) return answer
    if (answer.errorCode === Errors.MEMBER_ID_REQUIRED) {
      this.memberId = answer.memberId
      return this.#sendJoin(link)
    }
    return this.#refused(answer.errorCode, 'JoinGroup')
  }

  get #joinTimeoutMs(): number {
    const { settings } = this.#options
    return Math.max(settings['request.timeout.ms'], settings['max.poll.interval.ms'] + joinSlackMs)
  }

  #protocols(): { name: string; metadata: Buffer }[] {
    const { assignors, topics, owned, settings } = this.#options
    const rackId = settings['client.rack'] === '' ? null : settings['client.rack']
    return assignors.map((assignor) => ({
      name: assignor.name,
      metadata: encodeSubscription({
        topics: topics(),
        userData: assignor.userData(this.generationId),
        ownedPartitions: owned(),
        generationId: this.generationId,
        rackId,
      }),
    }))
  }

  async #assignAll(assignor: Assignor, joined: Message<typeof JoinGroupResponse>): Promise<{ memberId: string; assignment: Buffer }[]> {
    const members = joined.members.map((member): MemberSubscription => {
      const subscription = decodeSubscription(member.metadata)
      const generation =
        subscription.generationId >= 0 || subscription.userData?.length !== 4
          ? subscription.generationId
          : subscription.userData.readInt32BE(0)
      return { memberId: member.memberId, groupInstanceId: member.groupInstanceId, ...subscription, generationId: generation }
    })
    const assigned = await this.#options.assign(assignor, members)
    return members.map(({ memberId }) => ({
      memberId,
      assignment: encodeAssignment({ partitions: assigned.get(memberId) ?? [], userData: null }),
    }))
  }

  /** Undefined when another attempt makes sense. */
  #refused(code: number, what: string): undefined {
    switch (code) {
      case Errors.UNKNOWN_MEMBER_ID:
        this.memberId = ''
        this.generationId = noGeneration
        return undefined
      case Errors.ILLEGAL_GENERATION:
        this.generationId = noGeneration
        return undefined
      case Errors.REBALANCE_IN_PROGRESS:
      case Errors.COORDINATOR_LOAD_IN_PROGRESS:
        return undefined
      default:
        if (this.coordinatorFailed(code)) return undefined
        throw new ClientError(code, `${what} of group ${this.#options.groupId}: ${new ClientError(code, '').errorName}`, {
          hint: joinHints[code] ?? '',
          retriable: false,
        })
    }
  }

  #startHeartbeats(): void {
    this.#lastHeartbeatMs = this.#options.cluster.host.clock.monotonic()
    if (this.#heartbeatTimer === undefined) this.#scheduleHeartbeat()
  }

  #scheduleHeartbeat(): void {
    const { cluster, settings } = this.#options
    this.#heartbeatTimer = cluster.host.clock.after(settings['heartbeat.interval.ms'], () => {
      this.#heartbeatTimer = undefined
      if (this.#closed || this.generationId === noGeneration) return
      void this.#heartbeat()
      this.#scheduleHeartbeat()
    })
  }

  async #heartbeat(): Promise<void> {
    const { settings, groupId, cluster } = this.#options
    const nowMs = cluster.host.clock.monotonic()
    if (nowMs - this.#lastPollMs > settings['max.poll.interval.ms']) {
      cluster.host.journal.warn('the consumer did not poll within max.poll.interval.ms and leaves its group', { groupId })
      const leaving = settings['group.instance.id'] === null ? this.#leave(groupId, 'max.poll.interval.ms is over') : Promise.resolve()
      this.reset('max.poll.interval.ms is over')
      await leaving.catch(() => {})
      return
    }
    // Behind a JoinGroup it would be answered after it, and say of the generation before that it is over (Kafka pauses heartbeats as well).
    if (this.#heartbeating || this.#awaitsJoin) return
    this.#heartbeating = true
    const { generationId, memberId } = this
    const joins = this.#joins
    try {
      const link = await this.coordinator()
      const answer = await link.request(
        heartbeatCall,
        (version) => ({ groupId, generationId, memberId, ...(version >= 3 ? { groupInstanceId: settings['group.instance.id'] } : {}) }),
        { timeoutMs: Math.min(settings['request.timeout.ms'], settings['session.timeout.ms']) },
      )
      if (joins === this.#joins && generationId === this.generationId && memberId === this.memberId)
        this.#heartbeatAnswered(answer.errorCode)
    } catch (error) {
      this.coordinatorFailed(error instanceof ClientError ? error.code : Errors.NETWORK_EXCEPTION)
      if (joins === this.#joins && cluster.host.clock.monotonic() - this.#lastHeartbeatMs > settings['session.timeout.ms'])
        this.requestRejoin('no heartbeat for session.timeout.ms')
    } finally {
      this.#heartbeating = false
    }
  }

  #heartbeatAnswered(code: number): void {
    if (code === Errors.NONE || code === Errors.REBALANCE_IN_PROGRESS) this.#lastHeartbeatMs = this.#options.cluster.host.clock.monotonic()
    switch (code) {
      case Errors.NONE:
      case Errors.COORDINATOR_LOAD_IN_PROGRESS:
        return
      case Errors.REBALANCE_IN_PROGRESS:
        if (this.#joining === undefined) this.requestRejoin('the group is rebalancing')
        return
      case Errors.ILLEGAL_GENERATION:
        this.reset('the generation is over', true)
        return
      case Errors.UNKNOWN_MEMBER_ID:
        this.reset('the coordinator does not know this member')
        return
      default:
        if (this.coordinatorFailed(code)) return
        this.#failure = new ClientError(code, `heartbeat of group ${this.#options.groupId}: ${new ClientError(code, '').errorName}`, {
          hint: joinHints[code] ?? '',
          retriable: false,
        })
        this.#options.wake()
    }
  }
}

const joinHints: Readonly<Record<number, string>> = {
  [Errors.INCONSISTENT_GROUP_PROTOCOL]: 'The members share no assignor: compare partition.assignment.strategy, and that all are consumers.',
  [Errors.INVALID_SESSION_TIMEOUT]:
    'session.timeout.ms must lie between group.min.session.timeout.ms and group.max.session.timeout.ms of the brokers.',
  [Errors.GROUP_MAX_SIZE_REACHED]: 'The group has as many members as group.max.size of the brokers allows.',
  [Errors.FENCED_INSTANCE_ID]: 'Another consumer joined with the same group.instance.id.',
  [Errors.GROUP_AUTHORIZATION_FAILED]: 'The user needs READ on the group.',
}
