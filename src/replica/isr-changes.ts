import type { Clock, Journal, Timer } from '../host/index.ts'
import { RECOVERED } from '../metadata/index.ts'
import { Errors, errorName } from '../protocol/index.ts'
import type { AlterPartitionRequest, AlterPartitionResponse } from '../protocol/messages/alter-partition.ts'
import type { IsrChange, Partition } from './partition.ts'

const RETRY_MS = 50
/** While no controller can be asked, the pauses double up to this: it mostly takes an election. */
const RETRY_MS_MAX = 1000

export interface IsrChangesOptions {
  readonly clock: Clock
  readonly journal: Journal
  readonly nodeId: number
  brokerEpoch(): number
  /** Rejects when no controller could be asked. */
  send(request: AlterPartitionRequest): Promise<AlterPartitionResponse>
}

/**
 * Brings changes of in-sync replicas to the controller, one request at a time; what comes up meanwhile travels with the next one
 * (AlterPartitionManager). What the controller accepts comes back as metadata; what it surely has not made is taken back.
 */
export class IsrChanges {
  readonly #options: IsrChangesOptions
  /** Changes that the controller refused, and that are not sent again. */
  failedCount = 0
  readonly #waiting = new Map<Partition, IsrChange>()
  #sending = false
  /** Since when no controller could be asked, and how often it was tried; monotonic milliseconds. */
  #lost: { readonly sinceMs: number; attempts: number } | undefined
  /** Of whole requests by the controller, the last time; told once. */
  #refusal: number | undefined
  #timer: Timer | undefined
  #closed = false

  constructor(options: IsrChangesOptions) {
    this.#options = options
  }

  add(partition: Partition, change: IsrChange): void {
    this.#waiting.set(partition, change)
    this.#soon(0)
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#waiting.clear()
  }

  /** All that come up in one turn go together. */
  #soon(delayMs: number): void {
    if (this.#sending || this.#closed || this.#timer !== undefined) return
    this.#timer = this.#options.clock.after(delayMs, () => {
      this.#timer = undefined
      void this.#send()
    })
  }

  async #send(): Promise<void> {
    if (this.#waiting.size === 0 || this.#closed) return
    const changes = new Map(
      [...this.#waiting].filter(([partition, { leaderEpoch }]) => partition.isLeader && partition.leaderEpoch === leaderEpoch),
    )
    this.#waiting.clear()
    if (changes.size === 0) {
      this.#lost = undefined
      return
    }
    this.#sending = true
    let again = false
    try {
      const answer = await this.#options.send(this.#requestOf(changes))
      again = this.#heard(answer, changes)
    } catch (error) {
      this.#lose(error instanceof Error ? error.message : String(error))
      again = this.#keep(changes)
    }
    this.#sending = false
    if (this.#waiting.size > 0) this.#soon(again ? this.#pauseMs : 0)
  }

  get #pauseMs(): number {
    return Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** Math.min(10, (this.#lost?.attempts ?? 1) - 1))
  }

  /** Told once, however often it is tried. */
  #lose(reason: string): void {
    const { clock, journal } = this.#options
    if (this.#lost !== undefined) {
      this.#lost.attempts++
      return
    }
    this.#lost = { sinceMs: clock.monotonic(), attempts: 1 }
    if (this.#closed) return
    journal.warn('no controller takes changes of in-sync replicas; they are sent again until one does', { reason })
  }

  #found(): void {
    if (this.#lost === undefined) return
    const { sinceMs, attempts } = this.#lost
    this.#lost = undefined
    const afterMs = Math.round(this.#options.clock.monotonic() - sinceMs)
    this.#options.journal.info('a controller takes changes of in-sync replicas again', { afterMs, attempts: attempts + 1 })
  }

  /** True: some are to be sent again, after a pause. */
  #heard(answer: AlterPartitionResponse, changes: Map<Partition, IsrChange>): boolean {
    if (answer.errorCode !== Errors.NONE) {
      this.#found()
      // A broker epoch that is stale now comes right with the next registration.
      if (this.#refusal !== answer.errorCode)
        this.#options.journal.info('the controller refuses changes of in-sync replicas', { error: errorName(answer.errorCode) })
      this.#refusal = answer.errorCode
      return this.#keep(changes)
    }
    this.#found()
    this.#refusal = undefined
    const errors = new Map<string, number>()
    for (const { topicId, partitions } of answer.topics)
      for (const { partitionIndex, errorCode } of partitions) errors.set(`${topicId}:${partitionIndex}`, errorCode)
    const rest = new Map<Partition, IsrChange>()
    for (const [partition, change] of changes) {
      const errorCode = errors.get(`${partition.topicId}:${partition.index}`) ?? Errors.UNKNOWN_SERVER_ERROR
      if (errorCode === Errors.NONE) continue
      const isFinal = refusals.has(errorCode) || overtaken.has(errorCode)
      if (!isFinal) rest.set(partition, change)
      else {
        this.failedCount++
        this.#options.journal.info('the controller did not take a change of in-sync replicas', {
          ...{ partition: partition.name, isr: change.isr, error: errorName(errorCode) },
        })
      }
      if (refusals.has(errorCode)) change.refused()
    }
    return this.#keep(rest)
  }

  #keep(changes: Map<Partition, IsrChange>): boolean {
    for (const [partition, change] of changes) if (!this.#waiting.has(partition)) this.#waiting.set(partition, change)
    return changes.size > 0
  }

  #requestOf(changes: ReadonlyMap<Partition, IsrChange>): AlterPartitionRequest {
    const topics = new Map<string, AlterPartitionRequest['topics'][number]['partitions'][number][]>()
    for (const [{ topicId, index }, change] of changes) {
      const list = topics.get(topicId) ?? []
      topics.set(topicId, list)
      list.push({
        partitionIndex: index,
        leaderEpoch: change.leaderEpoch,
        newIsr: [],
        newIsrWithEpochs: change.members.map(({ brokerId, brokerEpoch }) => ({ brokerId, brokerEpoch })),
        // Who leads after an unclean election has recovered as soon as it leads (KIP-704).
        leaderRecoveryState: RECOVERED,
        partitionEpoch: change.partitionEpoch,
      })
    }
    return {
      brokerId: this.#options.nodeId,
      brokerEpoch: this.#options.brokerEpoch(),
      topics: [...topics].map(([topicId, partitions]) => ({ topicId, partitions })),
    }
  }
}

/** The controller has not made the change, and never will (Partition.handleAlterPartitionError). */
const refusals: ReadonlySet<number> = new Set([Errors.INELIGIBLE_REPLICA, Errors.OPERATION_NOT_ATTEMPTED])

/**
 * The change is out of date, or was even made and its answer lost: which of the two only the metadata can tell. Until it does the leader
 * reckons with both sets. All other errors may pass.
 */
const overtaken: ReadonlySet<number> = new Set([
  Errors.FENCED_LEADER_EPOCH,
  Errors.INVALID_REQUEST,
  Errors.INVALID_UPDATE_VERSION,
  Errors.NEW_LEADER_ELECTED,
  Errors.UNKNOWN_TOPIC_ID,
  Errors.UNKNOWN_TOPIC_OR_PARTITION,
])
