import { zeroUuid } from '../../base/index.ts'
import type { Timer } from '../../host/index.ts'
import { Apis, type ErrorCode, Errors, errorName, isRetriable, type Message } from '../../protocol/index.ts'
import { ProduceRequest, ProduceResponse } from '../../protocol/messages/produce.ts'
import { Backoff } from '../backoff.ts'
import type { BrokerLink } from '../broker-link.ts'
import { type CallOptions, call } from '../call.ts'
import { ClientError } from '../client-error.ts'
import type { Cluster } from '../cluster.ts'
import type { ProducerSettings } from '../config.ts'
import type { BatchFormat, ProducerBatch } from './batch.ts'
import { hindranceOf } from './hindrance.ts'
import type { ProducerIdentity } from './identity.ts'
import type { ProducerMetrics } from './metrics.ts'
import type { Numbering } from './numbering.ts'
import type { PartitionQueue } from './partition-queue.ts'

const produceCall = call(Apis.Produce, ProduceRequest, ProduceResponse)
/** From this version on topics travel by id (KIP-516). */
const topicIdVersion = 13

type PartitionAnswer = Message<typeof ProduceResponse>['responses'][number]['partitionResponses'][number]
interface Outcome {
  readonly errorCode: number
  readonly message: string | null
  readonly answer: PartitionAnswer | undefined
  readonly hint?: string | undefined
}
interface Sending {
  readonly queue: PartitionQueue
  readonly batch: ProducerBatch
  readonly topicId: string
}

export interface SenderOptions {
  readonly cluster: Cluster
  readonly settings: ProducerSettings
  readonly acks: number
  readonly format: BatchFormat
  /** Null: not idempotent. */
  readonly identity: ProducerIdentity | null
  readonly numbering: Numbering | null
  /** Bounds on Produce: what transactions ask of it. */
  readonly produceVersions?: () => Pick<CallOptions, 'minVersion' | 'maxVersion'>
  readonly metrics: ProducerMetrics
  /** Bytes of a batch are free again. */
  readonly release: (batch: ProducerBatch) => void
  /** Someone waits for room: lingering would only prolong it. */
  readonly starved: () => boolean
  /** Called before each round with the partitions that have batches. */
  readonly beforeRound: (nodeIsSlow: (nodeId: number) => boolean) => void
}

const staleMetadata: ReadonlySet<number> = new Set<ErrorCode>([
  Errors.NOT_LEADER_OR_FOLLOWER,
  Errors.LEADER_NOT_AVAILABLE,
  Errors.UNKNOWN_TOPIC_OR_PARTITION,
  Errors.UNKNOWN_TOPIC_ID,
  Errors.INCONSISTENT_TOPIC_ID,
  Errors.FENCED_LEADER_EPOCH,
  Errors.UNKNOWN_LEADER_EPOCH,
  Errors.KAFKA_STORAGE_ERROR,
  Errors.NETWORK_EXCEPTION,
  Errors.REPLICA_NOT_AVAILABLE,
])

/**
 * Takes batches that are ready to the leaders of their partitions, and deals with the answers.
 *
 *   round: expire ─► sequences ─► ready batches by leader ─► one request per leader ─► answer: done │ retry │ split │ fail
 */
export class Sender {
  /** Partitions with batches to send, the one served longest ago first. */
  readonly waiting = new Set<PartitionQueue>()
  readonly incomplete = new Set<ProducerBatch>()
  flushing = 0
  fatal: ClientError | undefined
  #options: SenderOptions
  #backoff: Backoff
  #inFlight = new Map<number, number>()
  /** Since when a leader with ready batches could not be sent to (KIP-794). */
  #blockedSinceMs = new Map<number, number>()
  #scheduled = false
  #timer: Timer | undefined
  #timerAtMs = Number.POSITIVE_INFINITY
  #closed = false
  #queues = new WeakMap<ProducerBatch, PartitionQueue>()

  constructor(options: SenderOptions) {
    this.#options = options
    const { settings, cluster } = options
    this.#backoff = new Backoff(settings['retry.backoff.ms'], settings['retry.backoff.max.ms'], cluster.host.random)
  }

  /** Makes a round at the end of this turn of the loop. */
  schedule(): void {
    if (this.#scheduled || this.#closed) return
    this.#scheduled = true
    this.#options.cluster.host.clock.defer(() => {
      this.#scheduled = false
      if (!this.#closed) this.#round()
    })
  }

  /** Makes a round in `delayMs` at the latest. */
  scheduleIn(delayMs: number): void {
    const { clock } = this.#options.cluster.host
    const atMs = clock.monotonic() + delayMs
    if (this.#closed || atMs >= this.#timerAtMs) return
    this.#timer?.cancel()
    this.#timerAtMs = atMs
    this.#timer = clock.after(delayMs, () => {
      this.#timerAtMs = Number.POSITIVE_INFINITY
      this.#timer = undefined
      if (!this.#closed) this.#round()
    })
  }

  /** As `scheduleIn`, after a pause for who tries again and again. */
  scheduleLater(): void {
    this.scheduleIn(this.#backoff.delayMs(3))
  }

  /** Fails what is left. */
  close(error: ClientError): void {
    this.#closed = true
    this.#timer?.cancel()
    this.discard(error, 'all')
  }

  /** Nothing can be sent any more: fails what is left, and what comes. */
  giveUp(error: ClientError): void {
    this.fatal = error
    this.discard(error, 'all')
  }

  #round(): void {
    const { cluster, settings, beforeRound } = this.#options
    const nowMs = cluster.host.clock.monotonic()
    this.#expire(nowMs)
    if (this.#options.numbering?.upkeep() === false) return
    const slowMs = settings['partitioner.availability.timeout.ms']
    beforeRound((nodeId) => slowMs > 0 && nowMs - (this.#blockedSinceMs.get(nodeId) ?? nowMs) > slowMs)
    const byLeader = this.#readyByLeader(nowMs)
    for (const [nodeId, queues] of byLeader) this.#sendTo(nodeId, queues, nowMs)
  }

  /** Ready partitions by leader; looks for leaders that are missing and sets the timer for those not ready yet. */
  #readyByLeader(nowMs: number): Map<number, PartitionQueue[]> {
    const { cluster } = this.#options
    const byLeader = new Map<number, PartitionQueue[]>()
    let leaderless = false
    for (const queue of this.waiting) {
      const batch = queue.batches[0]
      if (batch === undefined) {
        this.waiting.delete(queue)
        continue
      }
      if (queue.muted) continue
      const known = cluster.view.topics.get(queue.topic)?.partitions[queue.partition]
      if (known === undefined || known.leader < 0) {
        leaderless = true
        continue
      }
      const waitMs = this.#waitMs(queue, batch, known.leaderEpoch, nowMs)
      if (waitMs > 0) {
        this.scheduleIn(waitMs)
        continue
      }
      const list = byLeader.get(known.leader)
      if (list === undefined) byLeader.set(known.leader, [queue])
      else list.push(queue)
    }
    if (leaderless) {
      cluster.requestRefresh()
      this.scheduleIn(this.#backoff.delayMs(0))
    }
    return byLeader
  }

  /** How long the first batch still has to wait: retries their back-off, fresh ones for more records. */
  #waitMs(queue: PartitionQueue, batch: ProducerBatch, leaderEpoch: number, nowMs: number): number {
    const { settings, starved } = this.#options
    if (batch.attempts > 0) {
      const leaderChanged = leaderEpoch > batch.leaderEpoch && batch.leaderEpoch >= 0
      return leaderChanged || batch.split ? 0 : batch.lastAttemptMs + this.#backoff.delayMs(batch.attempts - 1) - nowMs
    }
    // Whoever made the records of a batch knows how large they become; then it is closed.
    const isLarge = batch.made === undefined && batch.sizeInBytes >= settings['batch.size']
    const full = queue.batches.length > 1 || batch.closedForAppend || isLarge
    if (full || this.flushing > 0 || starved()) return 0
    return batch.createdMs + settings['linger.ms'] - nowMs
  }

  #sendTo(nodeId: number, queues: readonly PartitionQueue[], nowMs: number): void {
    const { cluster, settings } = this.#options
    let link: BrokerLink
    try {
      link = cluster.link(nodeId)
    } catch {
      cluster.requestRefresh()
      this.scheduleIn(this.#backoff.delayMs(0))
      return
    }
    if (!link.connected) {
      this.#blockedSinceMs.set(nodeId, this.#blockedSinceMs.get(nodeId) ?? nowMs)
      const wake = (): void => this.schedule()
      if (!link.connecting) link.open().then(wake, wake)
      else this.scheduleIn(settings['reconnect.backoff.ms'] + 1)
      return
    }
    if (link.blockedUntilMs > nowMs) {
      this.scheduleIn(link.blockedUntilMs - nowMs)
      return
    }
    const rest = [...queues]
    while (rest.length > 0) {
      if ((this.#inFlight.get(nodeId) ?? 0) >= settings['max.in.flight.requests.per.connection']) {
        this.#blockedSinceMs.set(nodeId, this.#blockedSinceMs.get(nodeId) ?? nowMs)
        return
      }
      this.#blockedSinceMs.delete(nodeId)
      const sendings = this.#drain(rest, nowMs)
      if (sendings.length === 0) return
      void this.#request(link, sendings, nowMs)
    }
  }

  /** One batch of each partition, up to max.request.size. Takes the partitions it looked at off `queues`. */
  #drain(queues: PartitionQueue[], nowMs: number): Sending[] {
    const { cluster, settings, numbering } = this.#options
    const sendings: Sending[] = []
    let bytes = 0
    while (queues.length > 0) {
      const queue = queues[0]
      const batch = queue.batches[0]
      const blocked = numbering?.admit(queue, batch) === false
      if (!blocked) {
        const size = batch.bytes().length
        if (bytes > 0 && bytes + size > settings['max.request.size']) break
        bytes += size
        queue.batches.shift()
        batch.inFlight = true
        batch.lastAttemptMs = nowMs
        const view = cluster.view.topics.get(queue.topic)
        batch.leaderEpoch = view?.partitions[queue.partition]?.leaderEpoch ?? -1
        sendings.push({ queue, batch, topicId: view?.id ?? zeroUuid })
        if (settings['max.in.flight.requests.per.connection'] === 1) queue.muted = true
        // Behind the others, for the next round.
        this.waiting.delete(queue)
        if (queue.batches.length > 0) this.waiting.add(queue)
      }
      queues.shift()
      if (!blocked && queue.batches.length > 0 && !queue.muted) this.schedule()
    }
    return sendings
  }

  async #request(link: BrokerLink, sendings: readonly Sending[], nowMs: number): Promise<void> {
    const { settings, acks, identity, metrics, cluster, produceVersions } = this.#options
    const nodeId = link.node.id
    const byId = sendings.every((each) => each.topicId !== zeroUuid)
    this.#inFlight.set(nodeId, (this.#inFlight.get(nodeId) ?? 0) + 1)
    metrics.requests++
    for (const { batch } of sendings) {
      metrics.batches++
      metrics.batchBytes += batch.bytes().length
    }
    try {
      const answer = await link.request(
        produceCall,
        (version) => ({
          transactionalId: identity?.transactionalId ?? null,
          acks,
          timeoutMs: settings['request.timeout.ms'],
          topicData: topicData(sendings, version >= topicIdVersion),
        }),
        { oneWay: acks === 0, ...(byId ? {} : { maxVersion: topicIdVersion - 1 }), ...produceVersions?.() },
      )
      metrics.requestLatencyMs += cluster.host.clock.monotonic() - nowMs
      this.#answered(sendings, acks === 0 ? undefined : answer)
    } catch (error) {
      const failure =
        error instanceof ClientError ? error : new ClientError(Errors.UNKNOWN_SERVER_ERROR, (error as Error).message, { cause: error })
      for (const sending of sendings) this.#settle(sending, { errorCode: failure.code, message: failure.message, answer: undefined })
    } finally {
      this.#inFlight.set(nodeId, (this.#inFlight.get(nodeId) ?? 1) - 1)
      this.schedule()
    }
  }

  #answered(sendings: readonly Sending[], answer: Message<typeof ProduceResponse> | undefined): void {
    const { cluster } = this.#options
    const answers = new Map<string, PartitionAnswer>()
    for (const topic of answer?.responses ?? []) {
      for (const each of topic.partitionResponses) answers.set(`${topic.name === '' ? topic.topicId : topic.name}-${each.index}`, each)
    }
    for (const sending of sendings) {
      const { queue, topicId } = sending
      const each = answers.get(`${queue.topic}-${queue.partition}`) ?? answers.get(`${topicId}-${queue.partition}`)
      if (answer !== undefined && each === undefined) {
        this.#settle(sending, {
          errorCode: Errors.UNKNOWN_SERVER_ERROR,
          message: 'the broker did not answer for this partition',
          answer: undefined,
        })
        continue
      }
      if (each !== undefined && each.currentLeader.leaderId >= 0) {
        const nodes = answer?.nodeEndpoints.map((node) => ({ id: node.nodeId, host: node.host, port: node.port, rack: node.rack })) ?? []
        cluster.leaderChanged(queue.topic, queue.partition, each.currentLeader.leaderId, each.currentLeader.leaderEpoch, nodes)
      }
      this.#settle(sending, { errorCode: each?.errorCode ?? Errors.NONE, message: each?.errorMessage ?? null, answer: each })
    }
  }

  #settle(sending: Sending, outcome: Outcome): void {
    const { queue, batch } = sending
    const { metrics, cluster } = this.#options
    batch.inFlight = false
    queue.muted = false
    if (staleMetadata.has(outcome.errorCode)) cluster.requestRefresh()
    // Given up while it was on the wire: only the sequence bookkeeping is left.
    if (batch.done) {
      if (outcome.errorCode === Errors.NONE) queue.acknowledged(batch, outcome.answer?.baseOffset ?? -1)
      else queue.untrack(batch)
    } else if (outcome.errorCode === Errors.NONE || outcome.errorCode === Errors.DUPLICATE_SEQUENCE_NUMBER) this.#succeed(sending, outcome)
    else if (outcome.errorCode === Errors.MESSAGE_TOO_LARGE && batch.count > 1) this.#split(sending)
    else if (this.#mayRetry(sending, outcome)) {
      batch.attempts++
      batch.lastFailure = failureOf(outcome)
      metrics.retries += batch.count
      queue.reenqueue(batch)
    } else {
      const { attempts } = batch
      this.#fail(sending, outcome, attempts < this.#options.settings.retries)
    }
    if (queue.batches.length > 0) this.waiting.add(queue)
  }

  #succeed({ queue, batch }: Sending, outcome: Outcome): void {
    const baseOffset = outcome.errorCode === Errors.NONE ? (outcome.answer?.baseOffset ?? -1) : -1
    queue.acknowledged(batch, baseOffset)
    this.#options.metrics.acknowledged += batch.count
    this.#release(batch)
    this.#report(batch.succeed(baseOffset, Number(outcome.answer?.logAppendTimeMs ?? -1)))
  }

  #split({ queue, batch }: Sending): void {
    const { settings, format, identity, metrics } = this.#options
    metrics.splits++
    const limit = Math.max(1, Math.min(settings['batch.size'], Math.floor(batch.sizeInBytes / 2)))
    const parts = batch.splitInto(limit, format)
    this.incomplete.delete(batch)
    const share = Math.floor(batch.accountedBytes / parts.length)
    for (const part of parts) {
      part.accountedBytes = share
      this.queued(queue, part)
    }
    parts[parts.length - 1].accountedBytes += batch.accountedBytes - share * parts.length
    // Whoever waits for the batch waits for all its parts.
    let undone = parts.length
    const partDone = (): void => {
      if (--undone === 0) for (const waiter of batch.waiters) waiter()
    }
    for (const part of parts) part.waiters.push(partDone)
    queue.replaceBySplits(batch, parts, identity !== null)
  }

  #mayRetry({ queue, batch }: Sending, { errorCode, answer }: Outcome): boolean {
    const { settings, cluster, numbering } = this.#options
    const late = cluster.host.clock.monotonic() - batch.createdMs >= settings['delivery.timeout.ms']
    if (this.#closed || late || batch.attempts >= settings.retries || this.fatal !== undefined) return false
    return numbering?.mayRetry(queue, batch, errorCode, answer?.logStartOffset ?? -1) ?? isRetriable(errorCode)
  }

  #fail({ queue, batch }: { queue: PartitionQueue; batch: ProducerBatch }, outcome: Outcome, isUnwritten: boolean): void {
    const { metrics, numbering } = this.#options
    const { errorCode, message, answer } = outcome
    const where = `${batch.topic}-${batch.partition}`
    const error = failureOf(outcome, `${where}: `)
    const recordErrors = new Map((answer?.recordErrors ?? []).map((each) => [each.batchIndex, each.batchIndexErrorMessage]))
    metrics.failed += batch.count
    queue.untrack(batch)
    this.#release(batch)
    const thrown = batch.fail((index) => {
      if (recordErrors.size === 0) return error
      const own = recordErrors.get(index)
      if (own === undefined) return new ClientError(Errors.INVALID_RECORD, `${where}: another record of the same batch is invalid`)
      return new ClientError(recordErrors.size === 1 ? errorCode : Errors.INVALID_RECORD, `${where}: ${own ?? message ?? 'invalid record'}`)
    })
    this.#report(thrown)
    numbering?.failed(queue, error, isUnwritten)
  }

  /** A callback's own mistake stays its own. */
  #report(thrown: unknown): void {
    if (thrown !== undefined) this.#options.cluster.host.journal.error('a delivery callback threw', { error: thrown })
  }

  #release(batch: ProducerBatch): void {
    this.incomplete.delete(batch)
    this.#options.release(batch)
  }

  /** delivery.timeout.ms counts from the first record on, wherever the batch is. */
  #expire(nowMs: number): void {
    const timeoutMs = this.#options.settings['delivery.timeout.ms']
    for (const batch of this.incomplete) {
      const leftMs = batch.createdMs + timeoutMs - nowMs
      if (leftMs > 0) {
        // In order of creation, but for retries: one deadline is enough to come back.
        this.scheduleIn(leftMs)
        if (batch.attempts === 0) break
        continue
      }
      const queue = this.#queueOf(batch)
      const index = queue.batches.indexOf(batch)
      if (index >= 0) queue.batches.splice(index, 1)
      if (batch.hasSequence) queue.unresolvedSequence = Math.max(queue.unresolvedSequence ?? 0, batch.nextSequence)
      const { cluster, identity } = this.#options
      const hindrance = hindranceOf(cluster, identity, batch)
      const message = `not delivered within ${timeoutMs} ms of being sent${hindrance === undefined ? '' : `: ${hindrance.why}`}`
      this.#fail({ queue, batch }, { errorCode: Errors.REQUEST_TIMED_OUT, message, answer: undefined, hint: hindrance?.hint }, false)
    }
  }

  /** A new batch stands in its queue. */
  queued(queue: PartitionQueue, batch: ProducerBatch): void {
    this.#queues.set(batch, queue)
    this.incomplete.add(batch)
    this.waiting.add(queue)
  }

  #queueOf(batch: ProducerBatch): PartitionQueue {
    return this.#queues.get(batch) as PartitionQueue
  }

  /** Fails batches: all, those that never went (`unsent`), or those that are not on the wire (`unanswered`). */
  discard(error: ClientError, which: 'all' | 'unsent' | 'unanswered'): void {
    for (const batch of [...this.incomplete]) {
      if (batch.done || (which === 'unsent' && batch.hasSequence) || (which === 'unanswered' && batch.inFlight)) continue
      const queue = this.#queueOf(batch)
      const index = queue.batches.indexOf(batch)
      if (index >= 0) queue.batches.splice(index, 1)
      queue.untrack(batch)
      this.#options.metrics.failed += batch.count
      this.#release(batch)
      this.#report(batch.fail(() => error))
    }
    if (which === 'all') this.waiting.clear()
  }
}

const failureOf = ({ errorCode, message, hint = '' }: Outcome, where = ''): ClientError =>
  new ClientError(errorCode, `${where}${message ?? errorName(errorCode)}`, { hint })

type TopicData = { topicId?: string; name?: string; partitionData: { index: number; records: Buffer }[] }

function topicData(sendings: readonly Sending[], byId: boolean): TopicData[] {
  const topics = new Map<string, TopicData>()
  for (const { queue, batch, topicId } of sendings) {
    let topic = topics.get(queue.topic)
    if (topic === undefined) {
      topic = { ...(byId ? { topicId } : { name: queue.topic }), partitionData: [] }
      topics.set(queue.topic, topic)
    }
    topic.partitionData.push({ index: queue.partition, records: batch.bytes() })
  }
  return [...topics.values()]
}
