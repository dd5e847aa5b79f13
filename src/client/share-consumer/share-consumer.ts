import type { Host } from '../../host/index.ts'
import { Errors } from '../../protocol/index.ts'
import { ClientError } from '../client-error.ts'
import { Cluster, type ClusterOptions } from '../cluster.ts'
import { isUnknownKey, type ShareConsumerSettings, shareConsumerSettings, shareUnsupportedKeys } from '../config.ts'
import { Signal } from '../consumer/signal.ts'
import { resolveSettings, type SettingsInput } from '../settings.ts'
import type { AcknowledgementResult, Acknowledgements, AcknowledgeType, SharePartition } from './acknowledgement.ts'
import { type Delivery, implicitMode, notInFlight } from './delivery.ts'
import type { ShareChunk } from './share-chunk.ts'
import { ShareFetcher } from './share-fetcher.ts'
import { ShareMember } from './share-member.ts'

export interface ShareConsumerOptions extends ClusterOptions {
  /** Told of every acknowledgement that came to an end. */
  readonly onAcknowledged?: (result: AcknowledgementResult) => void
}

/** Errors kept for polls to throw. */
const errorsMax = 16

/**
 * Reads topics as a member of a share group (KIP-932): records, not partitions, are shared out, and each is acknowledged.
 *
 *     for (const chunk of await consumer.poll(1000)) while (chunk.next()) use(chunk.cursor)
 *
 * The next poll accepts what the last one gave; with share.acknowledgement.mode=explicit `acknowledge` says what becomes of each record, before
 * the next poll. One call at a time, but for `wakeup` and what only reads.
 */
export class ShareConsumer {
  readonly cluster: Cluster
  readonly settings: ShareConsumerSettings
  readonly unknownKeys: readonly string[]
  readonly groupId: string
  #member: ShareMember
  #fetcher: ShareFetcher
  #signal: Signal
  #topics: readonly string[] = []
  #deliveries: Delivery[] = []
  #errors: Error[] = []
  #nextLookMs = 0
  #isExplicit: boolean
  #closed = false
  #woken = false

  /** Opens nothing yet. @throws KafkaError INVALID_CONFIG */
  constructor(host: Host, config: SettingsInput, options: ShareConsumerOptions = {}) {
    const refused = shareUnsupportedKeys.filter((key) => config[key] !== undefined && config[key] !== null)
    if (refused.length > 0) throw new ClientError(Errors.INVALID_CONFIG, `${refused.join(', ')} cannot be set when using a share group.`)
    const { settings, unknown } = resolveSettings(shareConsumerSettings, config)
    this.settings = settings
    this.unknownKeys = unknown.filter((key) => isUnknownKey(key))
    this.groupId = settings['group.id'] ?? ''
    this.#isExplicit = settings['share.acknowledgement.mode'] === 'explicit'
    this.#signal = new Signal(host.clock)
    const cluster = new Cluster(host, settings, {
      allowAutoTopicCreation: settings['allow.auto.create.topics'],
      interest: () => this.#topics,
      ...options,
    })
    this.cluster = cluster
    const wake = (): void => this.#signal.raise()
    const fail = (error: Error): void => {
      if (this.#errors.length < errorsMax && !this.#errors.some(({ message }) => message === error.message)) this.#errors.push(error)
      wake()
    }
    this.#member = new ShareMember({ cluster, settings, groupId: this.groupId, topics: () => this.#topics, wake, fail })
    const { memberId } = this.#member
    this.#fetcher = new ShareFetcher({
      ...{ cluster, settings, wake, fail },
      membership: { groupId: this.groupId, memberId },
      partitions: () => this.#assigned(),
      acknowledged: (result) => options.onAcknowledged?.(result),
    })
    cluster.onView(() => {
      this.#fetcher.pump()
      wake()
    })
    cluster.onNodeDown(() => cluster.requestRefresh())
  }

  get metrics(): Readonly<ShareFetcher['metrics']> {
    return this.#fetcher.metrics
  }

  /** This member's id in the group, and its epoch there; 0 before it is in. */
  get membership(): { readonly memberId: string; readonly memberEpoch: number } {
    return { memberId: this.#member.memberId, memberEpoch: this.#member.epoch }
  }

  /** How long a record is this consumer's before others get it; undefined before a broker said it. */
  get acquisitionLockTimeoutMs(): number | undefined {
    return this.#fetcher.acquisitionLockTimeoutMs
  }

  subscription(): readonly string[] {
    return this.#topics
  }

  /** What the group gave this member; others may have the same partitions. */
  assignment(): { readonly topic: string; readonly partition: number }[] {
    return this.#assigned().map(({ topic, partition }) => ({ topic, partition }))
  }

  /** In the place of what was subscribed to. Takes effect in `poll`. */
  subscribe(topics: readonly string[]): void {
    if (this.groupId === '') throw new ClientError(Errors.INVALID_GROUP_ID, 'a share group needs group.id')
    this.#topics = [...new Set(topics)]
    this.cluster.keepFresh()
    this.cluster.refresh([]).catch((error: Error) => {
      if (!this.#closed && !(error instanceof ClientError && error.retriable)) this.#errors.push(error)
      this.#signal.raise()
    })
  }

  /** Leaves the group; what was given can still be acknowledged. */
  async unsubscribe(): Promise<void> {
    this.#topics = []
    await this.#member.leave()
  }

  /**
   * Records that are there, or that come within `timeoutMs`; empty when none did. Renewed records come again before others do. Call it at least
   * every max.poll.interval.ms. @throws ClientError what went wrong meanwhile; INVALID_REQUEST in explicit mode while records wait for their
   * acknowledgement
   */
  async poll(timeoutMs: number): Promise<ShareChunk[]> {
    const { clock } = this.cluster.host
    const deadlineMs = clock.monotonic() + timeoutMs
    this.#checkOpen()
    this.#throwError()
    if (this.#topics.length === 0) throw new ClientError(Errors.INVALID_REQUEST, 'the consumer is not subscribed to any topics')
    this.#acknowledgeImplicitly()
    if (this.#isExplicit && this.#deliveries.some(({ isAcknowledged }) => !isAcknowledged))
      throw new ClientError(Errors.INVALID_REQUEST, 'all records must be acknowledged in explicit acknowledgement mode')
    let acknowledgements = this.#takeAcknowledgements()
    for (;;) {
      this.#member.polled()
      const chunks = this.#collect(acknowledgements)
      acknowledgements = []
      if (chunks.length > 0) return chunks
      const leftMs = deadlineMs - clock.monotonic()
      if (leftMs <= 0 || this.#woken) {
        this.#woken = false
        return []
      }
      await this.#signal.wait(Math.min(leftMs, this.#lookForTopics()))
      this.#checkOpen()
      this.#throwError()
    }
  }

  /** Makes a poll that waits come back, empty if need be. */
  wakeup(): void {
    this.#woken = true
    this.#signal.raise()
  }

  /**
   * Says what becomes of a record that the last poll gave; it travels with the next poll or commit.
   * @throws ClientError INVALID_RECORD_STATE for a record that is not in flight, INVALID_REQUEST in implicit mode
   */
  acknowledge(
    record: { readonly topic: string; readonly partition: number; readonly offset: number },
    type: AcknowledgeType = 'accept',
  ): void {
    this.#checkOpen()
    if (!this.#isExplicit) throw implicitMode()
    const { topic, partition, offset } = record
    const delivery = this.#deliveries.find((each) => each.holds(topic, partition, offset))
    if (delivery === undefined) throw notInFlight(record, offset)
    delivery.acknowledge(offset, type)
  }

  /** Sends what is acknowledged, in implicit mode all that was given, and waits for the answers: one for each partition. */
  async commitSync(timeoutMs = this.settings['default.api.timeout.ms']): Promise<AcknowledgementResult[]> {
    this.#checkOpen()
    this.#acknowledgeImplicitly()
    return this.#fetcher.acknowledge(this.#takeAcknowledgements(), timeoutMs)
  }

  /** As `commitSync`, behind the caller's back. */
  commitAsync(): void {
    void this.commitSync().catch(() => {})
  }

  /** Sends what is acknowledged, frees the other records for others, leaves the group, closes connections, in this order. */
  async close(timeoutMs = 30_000): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    let timer: { cancel(): void } | undefined
    const late = new Promise<void>((resolve) => (timer = this.cluster.host.clock.after(timeoutMs, resolve)))
    await Promise.race([this.#closeInOrder(Math.min(timeoutMs, this.settings['request.timeout.ms'])), late])
    timer?.cancel()
    this.cluster.close()
    this.#signal.raise()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #closeInOrder(timeoutMs: number): Promise<void> {
    await this.#fetcher.close(this.#takeAcknowledgements(), timeoutMs)
    await this.#member.close()
  }

  /** Renewed records first; else what has come; else it asks for more. */
  #collect(acknowledgements: readonly Acknowledgements[]): ShareChunk[] {
    const { settings } = this
    const apiTimeoutMs = settings['default.api.timeout.ms']
    if (this.#deliveries.some(({ hasRenewals }) => hasRenewals)) {
      if (acknowledgements.length > 0) void this.#fetcher.acknowledge(acknowledgements, apiTimeoutMs)
      for (const delivery of this.#deliveries) delivery.takeRenewed()
      return this.#chunks()
    }
    const { deliveries, error } = this.#fetcher.take(settings['max.poll.records'])
    this.#deliveries = deliveries
    const chunks = this.#chunks()
    if (error !== undefined) {
      if (chunks.length > 0) this.#errors.unshift(error)
      else {
        if (acknowledgements.length > 0) void this.#fetcher.acknowledge(acknowledgements, apiTimeoutMs)
        throw error
      }
    }
    if (chunks.length > 0) {
      if (acknowledgements.length > 0) void this.#fetcher.acknowledge(acknowledgements, apiTimeoutMs)
      return chunks
    }
    // Only offsets without records came: they are acknowledged, and more is asked for.
    this.#fetcher.want([...acknowledgements, ...this.#takeAcknowledgements()])
    return chunks
  }

  #chunks(): ShareChunk[] {
    return this.#deliveries.filter(({ inFlightCount }) => inFlightCount > 0).map((each) => each.chunk())
  }

  #acknowledgeImplicitly(): void {
    if (!this.#isExplicit) for (const delivery of this.#deliveries) delivery.acknowledgeAll('accept')
  }

  #takeAcknowledgements(): Acknowledgements[] {
    const taken = this.#deliveries.flatMap((each) => each.take() ?? [])
    this.#deliveries = this.#deliveries.filter(({ isOver }) => !isOver)
    return taken
  }

  /** Partitions whose topics are known by name; others are looked for. */
  #assigned(): SharePartition[] {
    const { names } = this.cluster.view
    return this.#member.assignment.flatMap(({ topicId, partition }) => {
      const topic = names.get(topicId)
      return topic === undefined ? [] : [{ topicId, topic, partition }]
    })
  }

  /** Topics that were assigned before they were known here, or are not there yet. Gives after how long to look again. */
  #lookForTopics(): number {
    const { view, host } = this.cluster
    const isKnown = (topic: string): boolean => (view.topics.get(topic)?.partitions.length ?? 0) > 0
    if (this.#topics.every(isKnown) && this.#member.assignment.every(({ topicId }) => view.names.has(topicId)))
      return Number.POSITIVE_INFINITY
    const nowMs = host.clock.monotonic()
    if (nowMs >= this.#nextLookMs) {
      this.#nextLookMs = nowMs + this.settings['retry.backoff.max.ms']
      this.cluster.requestRefresh()
    }
    return this.#nextLookMs - nowMs
  }

  #checkOpen(): void {
    if (this.#closed) throw new ClientError(Errors.INVALID_REQUEST, 'the consumer is closed')
  }

  #throwError(): void {
    const error = this.#errors.shift() ?? this.#member.failure
    if (error !== undefined) throw error
  }
}
