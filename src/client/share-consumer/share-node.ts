import { type ErrorCode, Errors, type Message } from '../../protocol/index.ts'
import { ClientError, errorOf, type ItemError, itemError } from '../client-error.ts'
import type { Cluster } from '../cluster.ts'
import type { ShareConsumerSettings } from '../config.ts'
import {
  type AcknowledgementResult,
  type Acknowledgements,
  type JoinedAcknowledgements,
  joined,
  recordsIn,
  type SharePartition,
} from './acknowledgement.ts'
import { AcquiredRecords } from './acquired-records.ts'
import { acknowledgeBody, fetchBody, hasRenewals, type ShareMembership, shareAcknowledgeCall, shareFetchCall } from './share-requests.ts'
import { ShareSession } from './share-session.ts'

type FetchAnswer = Message<(typeof shareFetchCall)['response']>
type FetchedPartition = FetchAnswer['responses'][number]['partitions'][number]
type AcknowledgeAnswer = Message<(typeof shareAcknowledgeCall)['response']>

export interface ShareNodeOptions {
  readonly cluster: Cluster
  readonly settings: ShareConsumerSettings
  readonly membership: ShareMembership
  /** Records came. */
  readonly arrived: (records: AcquiredRecords) => void
  readonly acknowledged: (result: AcknowledgementResult) => void
  /** How long records are this consumer's, as a broker last said. */
  readonly locked: (timeoutMs: number) => void
  /** To be thrown by the next poll. */
  readonly fail: (error: Error) => void
  readonly metrics: { fetches: number; acknowledges: number; bytes: number }
}

/** Acknowledgements that wait for a request of their own. */
export interface AcknowledgeJob {
  readonly acknowledgements: Acknowledgements
  readonly deadlineMs: number
  attempts: number
  readonly done: (result: AcknowledgementResult) => void
}

const lostSession: ReadonlySet<number> = new Set<ErrorCode>([
  Errors.SHARE_SESSION_NOT_FOUND,
  Errors.INVALID_SHARE_SESSION_EPOCH,
  Errors.SHARE_SESSION_LIMIT_REACHED,
])
/** Errors of a partition that another look at the cluster may mend. */
const refreshCodes: ReadonlySet<number> = new Set<ErrorCode>([
  Errors.NOT_LEADER_OR_FOLLOWER,
  Errors.REPLICA_NOT_AVAILABLE,
  Errors.KAFKA_STORAGE_ERROR,
  Errors.FENCED_LEADER_EPOCH,
  Errors.OFFSET_NOT_AVAILABLE,
  Errors.UNKNOWN_TOPIC_OR_PARTITION,
  Errors.UNKNOWN_TOPIC_ID,
  Errors.INCONSISTENT_TOPIC_ID,
])
/** Errors of a fetch that pass by themselves. */
const passingCodes: ReadonlySet<number> = new Set<ErrorCode>([Errors.UNKNOWN_LEADER_EPOCH, Errors.UNKNOWN_SERVER_ERROR])
/** Of acknowledgements: the records are no longer acquired, so that trying again is of no use. */
const releasedCodes: ReadonlySet<number> = new Set<ErrorCode>([
  Errors.NOT_LEADER_OR_FOLLOWER,
  Errors.FENCED_LEADER_EPOCH,
  Errors.UNKNOWN_TOPIC_OR_PARTITION,
  Errors.UNKNOWN_TOPIC_ID,
])
/** Renewing is known from this version on. */
const renewVersion = 2
/** Before this version brokers give whole batches, whatever the mode. */
const acquireModeVersion = 2

/** One broker: its share session, and what is to be told to it. At most one request is under way, as each counts the session's epoch up. */
export class ShareNode {
  readonly id: number
  readonly session = new ShareSession()
  /** They travel with the next fetch. */
  readonly withFetch: Acknowledgements[] = []
  jobs: AcknowledgeJob[] = []
  isBusy = false
  retryAtMs = 0
  #failures = 0
  #options: ShareNodeOptions

  constructor(id: number, options: ShareNodeOptions) {
    this.id = id
    this.#options = options
  }

  /** Fetches, or with `wantsRecords` false just says what there is to say. Never rejects. */
  async fetch(targets: ReadonlyMap<string, SharePartition>, wantsRecords: boolean): Promise<void> {
    const { cluster, settings, membership, metrics } = this.#options
    this.isBusy = true
    let acknowledgements = new Map<string, JoinedAcknowledgements>()
    try {
      const link = cluster.link(this.id)
      await link.open()
      acknowledgements = joined(this.#sendable(this.withFetch.splice(0)))
      const body = fetchBody(membership, settings, this.session.changes(targets), acknowledgements, wantsRecords)
      this.session.sent(targets)
      const timeoutMs = settings['request.timeout.ms'] + settings['fetch.max.wait.ms']
      const minVersion = settings['share.acquire.mode'] === 'record_limit' ? acquireModeVersion : 0
      const answer = await link.request(shareFetchCall, body, { timeoutMs, minVersion })
      metrics.fetches++
      if (answer.acquisitionLockTimeoutMs > 0) this.#options.locked(answer.acquisitionLockTimeoutMs)
      if (answer.errorCode === Errors.NONE) this.#fetched(answer, acknowledgements)
      else this.#refused(answer.errorCode, answer.errorMessage, 'ShareFetch', acknowledgements)
    } catch (error) {
      this.#broke(error, acknowledgements.values())
    } finally {
      this.isBusy = false
    }
  }

  /** Sends what waits in `jobs`. Never rejects. */
  async acknowledge(): Promise<void> {
    const { cluster, settings, membership, metrics } = this.#options
    const nowMs = cluster.host.clock.monotonic()
    this.isBusy = true
    const jobs = new Map<Acknowledgements, AcknowledgeJob>()
    for (const job of this.jobs.splice(0)) {
      if (job.attempts > 0 && nowMs > job.deadlineMs) this.expire(job)
      else jobs.set(job.acknowledgements, job)
    }
    const settle = (part: Acknowledgements, error: ItemError | null): void => jobs.get(part)?.done(this.#settle(part, error))
    const acknowledgements = joined(this.#sendable(jobs.keys(), settle))
    try {
      if (acknowledgements.size === 0) return
      const body = acknowledgeBody(membership, this.session.epoch, acknowledgements)
      // Nobody waits for longer than the job that may take the longest.
      const deadlineMs = Math.max(...[...jobs.values()].map((job) => job.deadlineMs))
      const timeoutMs = Math.max(1, Math.min(settings['request.timeout.ms'], deadlineMs - nowMs))
      const answer = await cluster
        .link(this.id)
        .request(shareAcknowledgeCall, body, { timeoutMs, ...(hasRenewals(acknowledgements) ? { minVersion: renewVersion } : {}) })
      metrics.acknowledges++
      if (answer.acquisitionLockTimeoutMs > 0) this.#options.locked(answer.acquisitionLockTimeoutMs)
      const again = this.#acknowledged(answer, acknowledgements, settle)
      for (const part of again) {
        const job = jobs.get(part)
        if (job === undefined) continue
        job.attempts++
        this.jobs.push(job)
      }
      if (again.length > 0) this.#backOff()
    } catch (error) {
      this.session.reset()
      this.#backOff()
      for (const { parts } of acknowledgements.values()) for (const part of parts) settle(part, errorOf(error))
    } finally {
      this.isBusy = false
    }
  }

  /** Ends the session, which frees what is acquired, after `last`. Never rejects. */
  async close(last: readonly Acknowledgements[], timeoutMs: number): Promise<void> {
    const { cluster, membership } = this.#options
    const epoch = this.session.closing()
    const acknowledgements = joined(this.#sendable([...this.withFetch.splice(0), ...last]))
    if (epoch === undefined) return
    try {
      if (this.isBusy) throw new ClientError(Errors.REQUEST_TIMED_OUT, 'there is no answer to what was asked before')
      const link = cluster.link(this.id)
      if (!link.connected) throw new ClientError(Errors.NETWORK_EXCEPTION, `${link.name} is not connected`)
      const body = acknowledgeBody(membership, epoch, acknowledgements)
      const answer = await link.request(shareAcknowledgeCall, body, {
        timeoutMs,
        ...(hasRenewals(acknowledgements) ? { minVersion: renewVersion } : {}),
      })
      const overall = answer.errorCode === Errors.NONE ? null : itemError(answer.errorCode, answer.errorMessage)
      const errors = errorsOf(answer)
      for (const [key, { parts }] of acknowledgements)
        for (const part of parts) this.#settle(part, overall ?? errors.get(key) ?? (errors.has(key) ? null : notAnswered))
    } catch (error) {
      for (const { parts } of acknowledgements.values()) for (const part of parts) this.#settle(part, errorOf(error))
    } finally {
      this.session.reset()
    }
  }

  /** Its time was up. */
  expire(job: AcknowledgeJob): void {
    job.done(this.#settle(job.acknowledgements, itemError(Errors.REQUEST_TIMED_OUT)))
  }

  /** Those that make sense here; others fail at once: a session begins without, and a new leader knows nothing of what the old one gave. */
  #sendable(
    parts: Iterable<Acknowledgements>,
    settle: (part: Acknowledgements, error: ItemError) => void = (part, error) => this.#settle(part, error),
  ): Acknowledgements[] {
    const { cluster } = this.#options
    return [...parts].filter((part) => {
      const { topic, partition } = part.of
      const leader = cluster.view.topics.get(topic)?.partitions[partition]?.leader ?? -1
      if (!this.session.isNew && (leader < 0 || leader === this.id)) return true
      settle(part, itemError(Errors.NOT_LEADER_OR_FOLLOWER))
      return false
    })
  }

  #settle(part: Acknowledgements, error: ItemError | null): AcknowledgementResult {
    const { topic, partition } = part.of
    const result = { topic, partition, count: recordsIn(part.codes), error }
    part.settle(error)
    this.#options.acknowledged(result)
    return result
  }

  #refused(code: number, message: string | null, what: string, acknowledgements: ReadonlyMap<string, JoinedAcknowledgements>): void {
    const { cluster, fail } = this.#options
    const error = itemError(code, message)
    for (const { parts } of acknowledgements.values()) for (const part of parts) this.#settle(part, error)
    if (lostSession.has(code)) this.session.reset()
    else this.session.answered()
    this.#backOff()
    if (refreshCodes.has(code)) cluster.requestRefresh()
    else if (!error.retriable) fail(new ClientError(code, `${what}: ${error.message}`))
  }

  #broke(error: unknown, acknowledgements: Iterable<JoinedAcknowledgements>): void {
    const { cluster, fail } = this.#options
    this.session.reset()
    for (const { parts } of acknowledgements) for (const part of parts) this.#settle(part, errorOf(error))
    for (const part of this.withFetch.splice(0)) this.#settle(part, errorOf(error))
    this.#backOff()
    if (cluster.closed) return
    if (error instanceof ClientError && error.retriable) cluster.requestRefresh()
    else fail(error instanceof Error ? error : new Error(String(error)))
  }

  #backOff(): void {
    const { settings, host } = this.#options.cluster
    const backoffMs = Math.min(settings['retry.backoff.ms'] * 2 ** Math.min(this.#failures++, 20), settings['retry.backoff.max.ms'])
    this.retryAtMs = host.clock.monotonic() + backoffMs
  }

  #fetched(answer: FetchAnswer, acknowledgements: Map<string, JoinedAcknowledgements>): void {
    this.session.answered()
    this.#failures = 0
    for (const { topicId, partitions } of answer.responses) {
      for (const each of partitions) {
        const key = `${topicId}-${each.partitionIndex}`
        const known = acknowledgements.get(key)
        acknowledgements.delete(key)
        const { acknowledgeErrorCode: code } = each
        const error = code === Errors.NONE ? null : itemError(code, each.acknowledgeErrorMessage)
        for (const part of known?.parts ?? []) this.#settle(part, error)
        const of = this.session.find(topicId, each.partitionIndex) ?? known?.of
        if (of !== undefined) this.#partitionFetched(of, each, answer)
      }
    }
    for (const { parts } of acknowledgements.values()) for (const part of parts) this.#settle(part, notAnswered)
  }

  #partitionFetched(of: SharePartition, answer: FetchedPartition, { nodeEndpoints }: FetchAnswer): void {
    const { cluster, settings, arrived, metrics, fail } = this.#options
    const { errorCode: code, records } = answer
    this.#leaderTold(of, answer.currentLeader, nodeEndpoints)
    if (code === Errors.NONE) {
      if (records === null || answer.acquiredRecords.length === 0) return
      metrics.bytes += records.length
      const isExplicit = settings['share.acknowledgement.mode'] === 'explicit'
      const source = { of, nodeId: this.id, bytes: records, isExplicit }
      arrived(new AcquiredRecords(source, answer.acquiredRecords, settings['check.crcs']))
      return
    }
    this.retryAtMs = cluster.host.clock.monotonic() + settings['retry.backoff.ms']
    if (refreshCodes.has(code)) cluster.requestRefresh()
    else if (!passingCodes.has(code)) {
      const { message, retriable } = itemError(code, answer.errorMessage)
      if (!retriable) fail(new ClientError(code, `cannot fetch ${of.topic}-${of.partition}: ${message}`))
    }
  }

  /** Gives what is worth another attempt. */
  #acknowledged(
    answer: AcknowledgeAnswer,
    acknowledgements: ReadonlyMap<string, JoinedAcknowledgements>,
    settle: (part: Acknowledgements, error: ItemError | null) => void,
  ): Acknowledgements[] {
    const { errorCode: code, errorMessage } = answer
    const overall = code === Errors.NONE ? undefined : itemError(code, errorMessage)
    if (lostSession.has(code)) this.session.reset()
    else this.session.answered()
    if (overall === undefined) this.#failures = 0
    const errors = errorsOf(answer)
    for (const { topicId, partitions } of answer.responses)
      for (const each of partitions) {
        const known = acknowledgements.get(`${topicId}-${each.partitionIndex}`)
        if (known !== undefined) this.#leaderTold(known.of, each.currentLeader, answer.nodeEndpoints)
      }
    const again: Acknowledgements[] = []
    for (const [key, { parts }] of acknowledgements) {
      const error = overall ?? (errors.has(key) ? errors.get(key)! : notAnswered)
      const isWorthIt = error?.retriable === true && (overall !== undefined || !releasedCodes.has(error.code))
      for (const part of parts) {
        if (isWorthIt) again.push(part)
        else settle(part, error)
      }
    }
    return again
  }

  #leaderTold(
    { topic, partition }: SharePartition,
    leader: { readonly leaderId: number; readonly leaderEpoch: number },
    endpoints: FetchAnswer['nodeEndpoints'],
  ): void {
    if (leader.leaderId < 0 || leader.leaderEpoch < 0) return
    const nodes = endpoints.map((each) => ({ id: each.nodeId, host: each.host, port: each.port, rack: each.rack }))
    this.#options.cluster.leaderChanged(topic, partition, leader.leaderId, leader.leaderEpoch, nodes)
  }
}

const notAnswered = itemError(Errors.INVALID_RECORD_STATE, 'the broker did not say what came of the acknowledgement')

/** By partition, null for those that went well. */
const errorsOf = ({ responses }: AcknowledgeAnswer): Map<string, ItemError | null> =>
  new Map(
    responses.flatMap(({ topicId, partitions }) =>
      partitions.map(({ partitionIndex, errorCode, errorMessage }) => [
        `${topicId}-${partitionIndex}`,
        errorCode === Errors.NONE ? null : itemError(errorCode, errorMessage),
      ]),
    ),
  )
