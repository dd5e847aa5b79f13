import type { Decision, TimerChange } from '../../ledger/index.ts'
import type { ErrorCode, MessageInput } from '../../protocol/index.ts'
import type { JoinGroupResponse } from '../../protocol/messages/join-group.ts'
import type { SyncGroupResponse } from '../../protocol/messages/sync-group.ts'
import type { GroupConfig } from './config.ts'
import type { GroupRecord } from './records.ts'

/** Names a JoinGroup or SyncGroup whose answer may come with a later decision. */
export type Ticket = number

export type JoinAnswer = MessageInput<typeof JoinGroupResponse>
export type SyncAnswer = MessageInput<typeof SyncGroupResponse>
export interface Delivery {
  readonly ticket: Ticket
  readonly response: JoinAnswer | SyncAnswer
}

export type GroupTimer =
  | { readonly kind: 'session'; readonly groupId: string; readonly memberId: string }
  | { readonly kind: 'join'; readonly groupId: string }
  | { readonly kind: 'initial-join'; readonly groupId: string; readonly delayMs: number; readonly remainingMs: number }
  | { readonly kind: 'sync'; readonly groupId: string; readonly generationId: number }
  | { readonly kind: 'over-capacity'; readonly groupId: string }
  | { readonly kind: 'expiry' }

/** What a decision answers: its own request, and parked ones. */
export interface Outcome<A> {
  readonly response: A
  readonly counts: GroupCounts
  readonly deliveries: readonly Delivery[]
}
export type GroupDecision<A> = Decision<GroupRecord, Outcome<A>, GroupTimer>

export interface RequestContext {
  /** Null when the client sent none. */
  readonly clientId: string | null
  /** Address without port. */
  readonly clientAddress: string
  readonly apiVersion: number
  /** Where the answer of a JoinGroup or SyncGroup goes. */
  readonly ticket: Ticket
  /** A random uuid in its 36 character form: part of the id that a new member gets; '' where none can be needed. */
  readonly freshUuid: string
}

const SEPARATOR = '\0'
const sessionKey = (groupId: string, memberId: string): string => ['session', groupId, memberId].join(SEPARATOR)
const joinKey = (groupId: string): string => ['join', groupId].join(SEPARATOR)
const syncKey = (groupId: string): string => ['sync', groupId].join(SEPARATOR)

/** What happened, for the counters. */
export interface GroupCounts {
  offsetCommits: number
  offsetExpirations: number
  offsetDeletions: number
  completedRebalances: number
}

/** One decision in the making: what it writes, whom it answers, which timers it moves. */
export class Turn {
  readonly config: GroupConfig
  /** Wall clock milliseconds. */
  readonly now: number
  readonly records: GroupRecord[] = []
  readonly deliveries: Delivery[] = []
  readonly timers: TimerChange<GroupTimer>[] = []
  readonly counts: GroupCounts = { offsetCommits: 0, offsetExpirations: 0, offsetDeletions: 0, completedRebalances: 0 }
  /** The records need not reach the log together. */
  divisible = false
  #otherwise: ((turn: Turn, error: ErrorCode) => void) | undefined

  constructor(config: GroupConfig, now: number) {
    this.config = config
    this.now = now
  }

  append(record: GroupRecord): void {
    this.records.push(record)
  }
  deliver(ticket: Ticket, response: JoinAnswer | SyncAnswer): void {
    this.deliveries.push({ ticket, response })
  }
  /** What to decide instead when the records are too large for the log. */
  unlessTooLarge(otherwise: (turn: Turn, error: ErrorCode) => void): void {
    this.#otherwise = otherwise
  }

  setSession(groupId: string, memberId: string, delayMs: number): void {
    this.timers.push({ key: sessionKey(groupId, memberId), delayMs, event: { kind: 'session', groupId, memberId } })
  }
  cancelSession(groupId: string, memberId: string): void {
    this.timers.push({ key: sessionKey(groupId, memberId), cancel: true })
  }
  setJoin(groupId: string, delayMs: number): void {
    this.timers.push({ key: joinKey(groupId), delayMs, event: { kind: 'join', groupId } })
  }
  setInitialJoin(groupId: string, delayMs: number, remainingMs: number): void {
    this.timers.push({ key: joinKey(groupId), delayMs, event: { kind: 'initial-join', groupId, delayMs, remainingMs } })
  }
  cancelJoin(groupId: string): void {
    this.timers.push({ key: joinKey(groupId), cancel: true })
  }
  setSync(groupId: string, generationId: number, delayMs: number): void {
    this.timers.push({ key: syncKey(groupId), delayMs, event: { kind: 'sync', groupId, generationId } })
  }
  cancelSync(groupId: string): void {
    this.timers.push({ key: syncKey(groupId), cancel: true })
  }
  setOverCapacity(groupId: string): void {
    this.timers.push({ key: `capacity${SEPARATOR}${groupId}`, delayMs: 0, event: { kind: 'over-capacity', groupId } })
  }
  setExpiry(): void {
    this.timers.push({ key: 'expiry', delayMs: this.config.offsetsRetentionCheckIntervalMs, event: { kind: 'expiry' } })
  }
  continueExpiry(): void {
    this.timers.push({ key: 'expiry', delayMs: 0, event: { kind: 'expiry' } })
  }

  decision<A>(response: A): GroupDecision<A> {
    const { records, timers, deliveries, counts, divisible } = this
    const decision = { records, timers, divisible, answer: { response, deliveries, counts } }
    const instead = this.#otherwise
    if (instead === undefined) return decision
    const otherwise = (error: ErrorCode): GroupDecision<A> => {
      // Nothing of the first attempt happened: no record, no answer, no timer.
      const turn = new Turn(this.config, this.now)
      instead(turn, error)
      return turn.decision(response)
    }
    return { ...decision, otherwise }
  }
}
