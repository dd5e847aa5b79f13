import { randomUuid } from '../../base/index.ts'
import type { Timer } from '../../host/index.ts'
import { Apis, type ErrorCode, Errors, type Message } from '../../protocol/index.ts'
import { ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse } from '../../protocol/messages/share-group-heartbeat.ts'
import type { BrokerLink } from '../broker-link.ts'
import { call } from '../call.ts'
import { ClientError, isRetriableError } from '../client-error.ts'
import { type Cluster, CoordinatorType } from '../cluster.ts'
import type { ShareConsumerSettings } from '../config.ts'
import { backoffOf } from '../retry.ts'

const heartbeatCall = call(Apis.ShareGroupHeartbeat, ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse)

const joinEpoch = 0
const leaveEpoch = -1
const leaveTimeoutMs = 3000

export interface ShareMemberOptions {
  readonly cluster: Cluster
  readonly settings: ShareConsumerSettings
  readonly groupId: string
  readonly topics: () => readonly string[]
  /** The assignment changed. */
  readonly wake: () => void
  /** To be thrown by the next poll. */
  readonly fail: (error: Error) => void
}

/** What the coordinator gave, topics by id. */
export type ShareAssignment = readonly { readonly topicId: string; readonly partition: number }[]

/** Errors after which the coordinator has to be looked for. */
const coordinatorMoved: ReadonlySet<number> = new Set<ErrorCode>([Errors.NOT_COORDINATOR, Errors.COORDINATOR_NOT_AVAILABLE])
/** The coordinator knows this member no more, or not as it is: it joins again. */
const fenced: ReadonlySet<number> = new Set<ErrorCode>([Errors.FENCED_MEMBER_EPOCH, Errors.UNKNOWN_MEMBER_ID])

/**
 * A member of a share group (KIP-932): heartbeats say what it subscribes to, and answers what it is assigned. Partitions are not its own: others
 * may have them too.
 *
 *   out ──first poll──► joining ──► stable ──fenced──► joining
 *    ▲                               │
 *    └──next poll── stale ◄──────────┴── no poll within max.poll.interval.ms          refused for good: failed
 */
export class ShareMember {
  readonly memberId: string
  epoch = joinEpoch
  assignment: ShareAssignment = []
  #options: ShareMemberOptions
  #state: 'out' | 'joining' | 'stable' | 'stale' | 'failed' | 'closed' = 'out'
  #isBeating = false
  #isDue = false
  /** What the coordinator has been told; undefined: all of it is to be said. */
  #said: { readonly topics: string } | undefined
  #timer: Timer | undefined
  #failures = 0
  #lastPollMs = 0
  #failure: Error | undefined

  constructor(options: ShareMemberOptions) {
    this.#options = options
    this.memberId = randomUuid(options.cluster.host.random)
  }

  /** Why the group does not take this member, for good. */
  get failure(): Error | undefined {
    return this.#failure
  }

  /** The consumer is alive: max.poll.interval.ms counts from here, and who is not in the group joins. */
  polled(): void {
    this.#lastPollMs = this.#options.cluster.host.clock.monotonic()
    if (this.#state === 'out' || this.#state === 'stale') this.#join()
    else if (this.#state === 'stable' && this.#said?.topics !== this.#topics()) this.#beat()
  }

  /** Leaves at once. Never rejects. */
  async leave(): Promise<void> {
    this.#timer?.cancel()
    const isMember = this.#state === 'joining' || this.#state === 'stable'
    if (this.#state !== 'failed') this.#state = 'out'
    this.assignment = []
    this.#said = undefined
    if (isMember) await this.#sayGoodbye()
  }

  async close(): Promise<void> {
    const left = this.leave()
    this.#state = 'closed'
    await left
  }

  #join(): void {
    this.#state = 'joining'
    this.epoch = joinEpoch
    this.#said = undefined
    this.#beat()
  }

  #topics(): string {
    return [...this.#options.topics()].sort().join()
  }

  get #isMember(): boolean {
    return this.#state === 'joining' || this.#state === 'stable'
  }

  #schedule(delayMs: number): void {
    this.#timer?.cancel()
    this.#timer = this.#options.cluster.host.clock.after(delayMs, () => this.#beat())
  }

  #beat(): void {
    const { cluster, settings, groupId, wake } = this.#options
    if (!this.#isMember || cluster.closed) return
    if (cluster.host.clock.monotonic() - this.#lastPollMs > settings['max.poll.interval.ms']) {
      cluster.host.journal.warn('the share consumer did not poll within max.poll.interval.ms and leaves its group', { groupId })
      void this.leave()
      this.#state = 'stale'
      wake()
      return
    }
    this.#isDue = this.#isBeating
    if (!this.#isBeating) void this.#exchange()
  }

  async #exchange(): Promise<void> {
    const { settings, groupId, topics } = this.#options
    this.#isBeating = true
    this.#timer?.cancel()
    const said = { topics: this.#topics() }
    const rack = settings['client.rack']
    const { epoch } = this
    const isFirst = this.#said === undefined
    const body = {
      groupId,
      memberId: this.memberId,
      memberEpoch: epoch,
      rackId: isFirst && rack !== '' ? rack : null,
      subscribedTopicNames: isFirst || this.#said?.topics !== said.topics ? [...topics()] : null,
    }
    try {
      const link = await this.#coordinator()
      const answer = await link.request(heartbeatCall, body)
      if (!this.#isMember || epoch !== this.epoch) return
      if (answer.errorCode === Errors.NONE) this.#accepted(answer, said)
      else this.#refused(answer.errorCode, answer.errorMessage)
    } catch (error) {
      if (this.#isMember) this.#broke(error)
    } finally {
      this.#isBeating = false
      if (this.#isDue) this.#beat()
    }
  }

  #accepted(answer: Message<typeof ShareGroupHeartbeatResponse>, said: { readonly topics: string }): void {
    this.#failures = 0
    this.#state = 'stable'
    this.#said = said
    this.#schedule(Math.max(1, answer.heartbeatIntervalMs))
    if (answer.memberEpoch < 0) return
    this.epoch = answer.memberEpoch
    if (answer.assignment === null) return
    this.assignment = answer.assignment.topicPartitions.flatMap(({ topicId, partitions }) =>
      partitions.map((partition) => ({ topicId, partition })),
    )
    this.#options.wake()
  }

  #refused(code: number, message: string | null): void {
    const { cluster, groupId, fail, wake } = this.#options
    this.#said = undefined
    if (coordinatorMoved.has(code)) cluster.forgetCoordinator(CoordinatorType.group, groupId)
    if (fenced.has(code)) {
      this.assignment = []
      this.epoch = joinEpoch
      this.#state = 'joining'
      if (this.#failures === 0) this.#schedule(this.#failures++)
      else this.#retryLater()
      wake()
      return
    }
    this.#retryLater()
    if (coordinatorMoved.has(code) || code === Errors.COORDINATOR_LOAD_IN_PROGRESS) return
    const said = message === null || message === '' ? new ClientError(code, '').errorName : message
    const error = new ClientError(code, `share group ${groupId}: ${said}`, { hint: hints[code] ?? '', retriable: false })
    // Rights may be given while it waits.
    if (code === Errors.TOPIC_AUTHORIZATION_FAILED) fail(error)
    else this.#giveUp(error)
  }

  #broke(error: unknown): void {
    const { cluster, groupId } = this.#options
    this.#said = undefined
    if (isRetriableError(error)) {
      cluster.forgetCoordinator(CoordinatorType.group, groupId)
      this.#retryLater()
      return
    }
    const isOld = error instanceof ClientError && error.code === Errors.UNSUPPORTED_VERSION
    const hint = hints[Errors.UNSUPPORTED_VERSION] ?? ''
    if (isOld) this.#giveUp(new ClientError(Errors.UNSUPPORTED_VERSION, 'the cluster has no share groups', { hint, cause: error }))
    else this.#giveUp(error instanceof Error ? error : new Error(String(error)))
  }

  #giveUp(why: Error): void {
    this.#timer?.cancel()
    this.#state = 'failed'
    this.#failure = why
    this.assignment = []
    this.#options.wake()
  }

  #retryLater(): void {
    this.#schedule(backoffOf(this.#options.cluster).delayMs(this.#failures++))
  }

  async #sayGoodbye(): Promise<void> {
    const { groupId } = this.#options
    this.epoch = joinEpoch
    try {
      const link = await this.#coordinator()
      const body = { groupId, memberId: this.memberId, memberEpoch: leaveEpoch, rackId: null, subscribedTopicNames: null }
      await link.request(heartbeatCall, body, { timeoutMs: leaveTimeoutMs })
    } catch {
      // The group notices by itself.
    }
  }

  async #coordinator(): Promise<BrokerLink> {
    const { cluster, groupId } = this.#options
    const found = (await cluster.coordinators(CoordinatorType.group, [groupId])).get(groupId)
    if (found === undefined || 'errorCode' in found)
      throw new ClientError(
        found?.errorCode ?? Errors.COORDINATOR_NOT_AVAILABLE,
        `share group ${groupId} has no coordinator: ${found?.errorMessage ?? 'none named'}`,
      )
    return cluster.link(found.id, 'group')
  }
}

const hints: Readonly<Record<number, string>> = {
  [Errors.GROUP_AUTHORIZATION_FAILED]: 'The user needs READ on the group.',
  [Errors.TOPIC_AUTHORIZATION_FAILED]: 'The user needs DESCRIBE and READ on the topics.',
  [Errors.GROUP_MAX_SIZE_REACHED]: 'The group has as many members as group.share.max.size of the brokers allows.',
  [Errors.UNSUPPORTED_VERSION]:
    'Share groups need the feature share.version=1, which Apache Kafka has from 4.2 on: see tkafka cluster features describe.',
  [Errors.GROUP_ID_NOT_FOUND]: 'A group of another type may have this name: see tkafka groups list.',
}
