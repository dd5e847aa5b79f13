import { assert } from '../../base/index.ts'
import { DecodeError, type ErrorCode, Errors, Reader, read } from '../../protocol/index.ts'
import { ConsumerProtocolSubscription } from '../../protocol/messages/consumer-protocol.ts'
import type { GroupMetadataValue } from '../../protocol/messages/group-records.ts'
import { ClassicMember, type Protocol } from './classic-member.ts'

export type ClassicState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead'

/**
 *     Empty ──► PreparingRebalance ──► CompletingRebalance ──► Stable
 *       ▲            │  ▲    ▲                  │                │
 *       └────────────┘  │    └──────────────────┘                │
 *                       └────────────────────────────────────────┘        any ──► Dead (the group is removed)
 */
const cameFrom: Record<ClassicState, readonly ClassicState[]> = {
  Empty: ['PreparingRebalance'],
  PreparingRebalance: ['Stable', 'CompletingRebalance', 'Empty'],
  CompletingRebalance: ['PreparingRebalance'],
  Stable: ['CompletingRebalance'],
  Dead: ['Empty', 'PreparingRebalance', 'CompletingRebalance', 'Stable', 'Dead'],
}

export const CONSUMER_PROTOCOL_TYPE = 'consumer'
const NO_TIMESTAMP = -1

/**
 * A group of the classic protocol: members, generation, the protocol they agreed on. What it says of itself in a GroupMetadata record
 * survives a failover; who waits for what, and who was asked to come back with a member id, does not.
 */
export class ClassicGroup {
  readonly groupId: string
  state: ClassicState
  previousState: ClassicState = 'Dead'
  /** When the state was entered; −1: not known (records before version 2). */
  stateTimestamp: number
  protocolType: string | null = null
  protocolName: string | null = null
  generationId = 0
  leaderId: string | null = null
  readonly members = new Map<string, ClassicMember>()
  /** Ids that were handed out and not used yet (KIP-394). */
  readonly pendingMembers = new Set<string>()
  /** Members that have not sent SyncGroup in this generation. */
  readonly pendingSync = new Set<string>()
  /** The initial rebalance may wait longer: somebody came. */
  newMemberAdded = false
  /** Null: not known, because members are no consumers or their metadata cannot be read. */
  subscribedTopics: ReadonlySet<string> | null = null
  #staticMembers = new Map<string, string>()
  /** Protocol name → members that support it. */
  #support = new Map<string, number>()

  constructor(groupId: string, state: ClassicState, stateTimestamp: number) {
    this.groupId = groupId
    this.state = state
    this.stateTimestamp = stateTimestamp
  }

  /** The group that a record of the log speaks of. */
  static of(groupId: string, value: GroupMetadataValue): ClassicGroup {
    const group = new ClassicGroup(groupId, value.members.length === 0 ? 'Empty' : 'Stable', value.currentStateTimestamp)
    group.generationId = value.generation
    group.protocolType = value.protocolType === '' ? null : value.protocolType
    group.protocolName = value.protocol
    group.leaderId = value.leader
    for (const member of value.members) {
      group.add(
        new ClassicMember({
          memberId: member.memberId,
          groupInstanceId: member.groupInstanceId,
          clientId: member.clientId,
          clientHost: member.clientHost,
          rebalanceTimeoutMs: member.rebalanceTimeout === -1 ? member.sessionTimeout : member.rebalanceTimeout,
          sessionTimeoutMs: member.sessionTimeout,
          protocolType: value.protocolType,
          protocols: [{ name: value.protocol ?? '', metadata: Buffer.from(member.subscription) }],
          assignment: Buffer.from(member.assignment),
        }),
      )
    }
    group.computeSubscribedTopics()
    return group
  }

  /** The record that makes another coordinator see this group. `assignmentOf`: what each member is to get. */
  toRecordValue(assignmentOf: (member: ClassicMember) => Buffer): GroupMetadataValue {
    return {
      protocolType: this.protocolType ?? '',
      generation: this.generationId,
      protocol: this.protocolName,
      leader: this.leaderId,
      currentStateTimestamp: this.stateTimestamp,
      members: [...this.members.values()].map((member) => {
        const subscription = member.metadata(this.protocolName)
        assert(subscription !== undefined, 'members of a stored group support its protocol')
        return {
          memberId: member.memberId,
          groupInstanceId: member.groupInstanceId,
          clientId: member.clientId,
          clientHost: member.clientHost,
          rebalanceTimeout: member.rebalanceTimeoutMs,
          sessionTimeout: member.sessionTimeoutMs,
          subscription,
          assignment: assignmentOf(member),
        }
      }),
    }
  }

  // ── state ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

  is(...states: readonly ClassicState[]): boolean {
    return states.includes(this.state)
  }
  get canRebalance(): boolean {
    return cameFrom.PreparingRebalance.includes(this.state)
  }
  get usesConsumerProtocol(): boolean {
    return this.protocolType === CONSUMER_PROTOCOL_TYPE
  }

  transitionTo(state: ClassicState, now: number): void {
    assert(cameFrom[state].includes(this.state), `a group does not go from ${this.state} to ${state}`)
    this.previousState = this.state
    this.state = state
    this.stateTimestamp = now
  }

  /** The next generation: of those who came, on the protocol they voted for. */
  startGeneration(now: number): void {
    this.generationId++
    this.protocolName = this.members.size === 0 ? null : this.selectProtocol()
    this.computeSubscribedTopics()
    this.transitionTo(this.members.size === 0 ? 'Empty' : 'CompletingRebalance', now)
    this.pendingSync.clear()
  }

  // ── members ────────────────────────────────────────────────────────────────────────────────────────────────────────────

  add(member: ClassicMember): void {
    if (member.groupInstanceId !== null) {
      assert(!this.#staticMembers.has(member.groupInstanceId), 'one member per group instance id')
      this.#staticMembers.set(member.groupInstanceId, member.memberId)
    }
    if (this.members.size === 0) this.protocolType = member.protocolType
    this.leaderId ??= member.memberId
    this.members.set(member.memberId, member)
    this.#count(member, 1)
    this.pendingMembers.delete(member.memberId)
  }

  remove(memberId: string): void {
    const member = this.members.get(memberId)
    if (member !== undefined) {
      this.members.delete(memberId)
      this.#count(member, -1)
      if (member.groupInstanceId !== null) this.#staticMembers.delete(member.groupInstanceId)
    }
    if (this.leaderId === memberId) this.leaderId = this.members.keys().next().value ?? null
    this.pendingMembers.delete(memberId)
    this.pendingSync.delete(memberId)
  }

  /** The same instance came back under a new id (KIP-345). The old member object is gone: its waiting requests are the caller's. */
  replaceStatic(groupInstanceId: string, oldMember: ClassicMember, newMemberId: string): ClassicMember {
    this.members.delete(oldMember.memberId)
    const member = new ClassicMember({ ...oldMember, memberId: newMemberId })
    this.members.set(newMemberId, member)
    if (this.leaderId === oldMember.memberId) this.leaderId = newMemberId
    this.#staticMembers.set(groupInstanceId, newMemberId)
    return member
  }

  updateProtocols(member: ClassicMember, protocols: readonly Protocol[]): void {
    this.#count(member, -1)
    member.protocols = protocols
    this.#count(member, 1)
  }

  staticMember(groupInstanceId: string): ClassicMember | undefined {
    const memberId = this.#staticMembers.get(groupInstanceId)
    return memberId === undefined ? undefined : this.members.get(memberId)
  }

  /** UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID or NONE. */
  checkMember(memberId: string, groupInstanceId: string | null): ErrorCode {
    if (groupInstanceId !== null) {
      const owner = this.#staticMembers.get(groupInstanceId)
      if (owner === undefined) return Errors.UNKNOWN_MEMBER_ID
      if (owner !== memberId) return Errors.FENCED_INSTANCE_ID
    }
    return this.members.has(memberId) ? Errors.NONE : Errors.UNKNOWN_MEMBER_ID
  }

  get joinCount(): number {
    let count = 0
    for (const member of this.members.values()) if (member.awaitsJoin) count++
    return count
  }
  get allJoined(): boolean {
    return this.pendingMembers.size === 0 && this.joinCount === this.members.size
  }
  get rebalanceTimeoutMs(): number {
    let longest = 0
    for (const member of this.members.values()) longest = Math.max(longest, member.rebalanceTimeoutMs)
    return longest
  }

  /** True when there is a leader that came to this generation: the old one, or the first of those who did. */
  electLeader(): boolean {
    if (this.leaderId === null) return false
    if (this.members.get(this.leaderId)?.awaitsJoin === true) return true
    for (const member of this.members.values()) {
      if (!member.awaitsJoin) continue
      this.leaderId = member.memberId
      return true
    }
    return false
  }

  // ── protocols ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Whether a member with these protocols fits to the others. */
  supports(protocolType: string, protocols: readonly Protocol[]): boolean {
    if (this.is('Empty')) return protocolType !== '' && protocols.length > 0
    return this.protocolType === protocolType && protocols.some(({ name }) => (this.#support.get(name) ?? 0) === this.members.size)
  }

  /** The protocol most members prefer, of those all support; the first one voted for when votes are even. */
  selectProtocol(): string {
    const candidates = new Set<string>()
    for (const [name, count] of this.#support) if (count === this.members.size) candidates.add(name)
    const votes = new Map<string, number>()
    for (const member of this.members.values()) {
      const name = member.vote(candidates)
      assert(name !== undefined, 'members of a group share a protocol')
      votes.set(name, (votes.get(name) ?? 0) + 1)
    }
    let best: string | undefined
    for (const [name, count] of votes) if (best === undefined || count > votes.get(best)!) best = name
    assert(best !== undefined, 'a group with members selects a protocol')
    return best
  }

  #count(member: ClassicMember, by: number): void {
    for (const name of new Set(member.protocols.map((protocol) => protocol.name))) {
      const count = (this.#support.get(name) ?? 0) + by
      if (count === 0) this.#support.delete(name)
      else this.#support.set(name, count)
    }
  }

  // ── topics ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Offsets of topics that a consumer group is subscribed to are neither deleted nor expired. Not knowing counts as subscribed. */
  isSubscribed(topic: string): boolean {
    return this.subscribedTopics === null ? this.usesConsumerProtocol : this.subscribedTopics.has(topic)
  }

  computeSubscribedTopics(): void {
    this.subscribedTopics = this.usesConsumerProtocol ? this.#readTopics() : null
  }

  #readTopics(): ReadonlySet<string> | null {
    if (this.members.size === 0) return new Set()
    if (this.protocolName === null) return null
    const topics = new Set<string>()
    try {
      for (const member of this.members.values()) {
        const reader = new Reader(member.metadata(this.protocolName) ?? Buffer.alloc(0))
        reader.int16()
        for (const topic of read(ConsumerProtocolSubscription, 0, reader).topics) topics.add(topic)
      }
      return topics
    } catch (error) {
      if (error instanceof DecodeError) return null
      throw error
    }
  }

  // ── offsets ────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Since when an offset of this group ages (KIP-211): a callback from its commit timestamp to a time; null while none may expire.
   */
  expiryBase(): ((commitTimestamp: number) => number) | null {
    const sinceCommit = (commitTimestamp: number): number => commitTimestamp
    if (this.protocolType === null) return sinceCommit
    if (this.is('Empty')) return this.stateTimestamp === NO_TIMESTAMP ? sinceCommit : () => this.stateTimestamp
    return this.is('Stable') && this.usesConsumerProtocol && this.subscribedTopics !== null ? sinceCommit : null
  }
}
