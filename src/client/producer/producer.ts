import { murmur2, positiveHash } from '../../base/index.ts'
import type { Host } from '../../host/index.ts'
import { Errors } from '../../protocol/index.ts'
import { Codec, type CodecName, type Header } from '../../records/index.ts'
import { ClientError } from '../client-error.ts'
import { Cluster, type ClusterOptions } from '../cluster.ts'
import { isUnknownKey, type ProducerSettings, producerSettings } from '../config.ts'
import { invalid, resolveSettings, type SettingsInput } from '../settings.ts'
import { type BatchFormat, type Delivery, type DeliveryCallback, ProducerBatch, recordBytesBound } from './batch.ts'
import { IdempotentIdentity } from './identity.ts'
import { Lines } from './lines.ts'
import type { RecordSupply } from './made-records.ts'
import { newProducerMetrics, type ProducerMetrics } from './metrics.ts'
import type { Numbering } from './numbering.ts'
import { PartitionQueue } from './partition-queue.ts'
import { Sender } from './sender.ts'
import { Sequences } from './sequences.ts'
import { StickyPartitioner } from './sticky-partitioner.ts'
import { TransactionalSequences } from './transactions/transactional-sequences.ts'
import { Transactions } from './transactions/transactions.ts'

export interface OutgoingRecord {
  readonly topic: string
  readonly value: Buffer | null
  readonly key?: Buffer | null
  /** Default: by key, or where the sticky partitioner is. */
  readonly partition?: number
  /** Milliseconds since 1970; default: now. */
  readonly timestamp?: number
  readonly headers?: readonly Header[]
}

export interface ProducerOptions extends ClusterOptions {
  /** Whose id the batches carry of an idempotent producer; default: its own. */
  readonly identity?: (cluster: Cluster, settings: ProducerSettings) => IdempotentIdentity
}

/** One that waits for room, and for how much. */
interface RoomWaiter {
  readonly bytes: number
  wake(): void
}

interface Topic {
  readonly name: string
  readonly queues: PartitionQueue[]
  readonly sticky: StickyPartitioner
  /** Compressed ÷ unpacked, of late. */
  ratio: number
  lastUsedMs: number
}

const batchOverhead = 61
const firstBufferBytesMax = 64 * 1024

/**
 * Sends records: gathered in batches per partition, sent to the leaders, retried within delivery.timeout.ms, in order.
 *
 *     while (!producer.send(record)) await producer.ready(record.topic, record.partition)
 */
export class Producer {
  readonly cluster: Cluster
  readonly settings: ProducerSettings
  readonly metrics: ProducerMetrics = newProducerMetrics()
  readonly unknownKeys: readonly string[]
  #topics = new Map<string, Topic>()
  #wanted = new Set<string>()
  #sender: Sender
  #transactions: Transactions | undefined
  #format: BatchFormat
  #usedBytes = 0
  #roomWaiters = new Set<RoomWaiter>()
  #lines: Lines
  /** Of what found no room since the last `ready`: how much the next one waits for. */
  #refusedBytes = 0
  #state: 'open' | 'closing' | 'closed' = 'open'

  /** Opens nothing yet. @throws KafkaError INVALID_CONFIG */
  constructor(host: Host, config: SettingsInput, options: ProducerOptions = {}) {
    const { settings, unknown } = resolveSettings(producerSettings, config)
    checkSettings(settings, config)
    this.settings = settings
    this.unknownKeys = unknown.filter(isUnknownKey)
    this.cluster = new Cluster(host, settings, { allowAutoTopicCreation: true, interest: () => this.#interest(), ...options })
    const codec = settings['compression.type'] as CodecName
    const level = codec === 'none' || codec === 'snappy' ? undefined : settings[`compression.${codec}.level`]
    const transactionalId = settings['transactional.id']
    this.#format = { codec: Codec[codec], level, transactional: transactionalId !== null }
    const acks = settings.acks === 'all' ? -1 : Number(settings.acks)
    if (transactionalId !== null) this.#transactions = this.#newTransactions(transactionalId)
    const isIdempotent = options.identity !== undefined || (settings['enable.idempotence'] && acks === -1)
    const own = this.#transactions === undefined && isIdempotent ? this.#ownIdentity(options) : undefined
    const numbering = this.#transactions === undefined ? own && this.#newSequences(own) : new TransactionalSequences(this.#transactions)
    this.#sender = new Sender({
      cluster: this.cluster,
      settings,
      acks,
      format: this.#format,
      identity: this.#transactions ?? own ?? null,
      numbering: numbering ?? null,
      ...(this.#transactions === undefined ? {} : { produceVersions: () => this.#transactions!.produceVersions }),
      metrics: this.metrics,
      release: (batch) => this.#release(batch),
      starved: () => this.#roomWaiters.size > 0,
      beforeRound: (isSlow) => this.#updateLoads(isSlow),
    })
    this.#lines = new Lines({
      take: (record, callback) => this.#take(record, callback),
      ready: (record, deadlineMs) => this.#readyBy(deadlineMs, record.topic, record.partition),
      bytesMax: settings['buffer.memory'],
    })
    this.cluster.onView(() => this.#sender.schedule())
    this.cluster.onNodeDown(() => this.cluster.requestRefresh())
  }

  #ownIdentity({ identity }: ProducerOptions): IdempotentIdentity {
    return identity?.(this.cluster, this.settings) ?? new IdempotentIdentity(this.cluster, this.settings['max.block.ms'])
  }

  #newSequences(identity: IdempotentIdentity): Numbering {
    return new Sequences({
      identity,
      onChange: () => this.#sender.schedule(),
      retryLater: () => this.#sender.scheduleLater(),
      onFatal: (error) => this.#sender.giveUp(error),
    })
  }

  #newTransactions(transactionalId: string): Transactions {
    const hooks = {
      cluster: this.cluster,
      settings: this.settings,
      discard: (error: ClientError, which: 'unsent' | 'unanswered') => this.#sender.discard(error, which),
      giveUp: (error: ClientError) => this.#sender.giveUp(error),
      settled: () => this.flush(),
      schedule: () => this.#sender.schedule(),
    }
    return new Transactions(hooks, transactionalId)
  }

  /** Of a producer with transactional.id. @throws ClientError of another one */
  get transactions(): Transactions {
    if (this.#transactions === undefined)
      throw new ClientError(Errors.INVALID_TXN_STATE, 'a producer without transactional.id has no transactions')
    return this.#transactions
  }

  /** Bytes of records that are not acknowledged yet, against buffer.memory. */
  get bufferedBytes(): number {
    return this.#usedBytes
  }

  /**
   * Takes a record, or not: false while buffer.memory is full or the topic is not known yet; then `await ready(topic)` and send again.
   * @throws ClientError when the record can never be sent, or the producer can send no more
   */
  send(record: OutgoingRecord, callback?: DeliveryCallback): boolean {
    this.#checkSend()
    return this.#take(record, callback)
  }

  #checkSend(): void {
    if (this.#state !== 'open') throw producerClosed()
    this.#transactions?.checkSend()
    if (this.#sender.fatal !== undefined) throw this.#sender.fatal
  }

  /** A record that can never be taken is missing in its transaction. */
  #take(record: OutgoingRecord, callback: DeliveryCallback | undefined): boolean {
    if (this.#transactions === undefined) return this.#takeNow(record, callback)
    this.#transactions.checkTake()
    try {
      return this.#takeNow(record, callback)
    } catch (error) {
      throw this.#missing(error)
    }
  }

  /** The transaction that is under way lacks a record. Gives why. */
  #missing(error: unknown): unknown {
    if (error instanceof ClientError) this.#transactions?.batchFailed(error)
    return error
  }

  #takeNow(record: OutgoingRecord, callback: DeliveryCallback | undefined): boolean {
    if (this.#state === 'closed') throw producerClosed()
    if (this.#sender.fatal !== undefined) throw this.#sender.fatal
    const { value, key = null, headers } = record
    const bytes = recordBytesBound(key, value, headers)
    this.#checkSize(bytes)
    if (record.partition !== undefined && !(record.partition >= 0 && Number.isInteger(record.partition))) throw noPartition(record)
    if (this.#usedBytes > 0 && this.#usedBytes + bytes > this.settings['buffer.memory']) {
      this.#refusedBytes = Math.max(this.#refusedBytes, bytes)
      return false
    }
    const topic = this.#topics.get(record.topic) ?? this.#newTopic(record.topic)
    if (topic === undefined) return false
    const queue = this.#place(topic, record, key, bytes)
    if (queue === undefined) return false
    this.#append(topic, queue, record, key, bytes, callback)
    return true
  }

  /**
   * Takes up to `count` records of a supply, into batches that hold nothing else; gives how many: fewer while buffer.memory is full or the
   * topic is not known yet; then `await ready(topic)`. Without a partition they go where records without a key go.
   * @throws ClientError when the producer can send no more
   */
  sendMade(topic: string, supply: RecordSupply, count: number, partition?: number): number {
    this.#checkSend()
    const known = this.#topics.get(topic) ?? this.#newTopic(topic)
    if (known === undefined) return 0
    let taken = 0
    while (taken < count && this.#usedBytes < this.settings['buffer.memory'])
      taken += this.#takeMade(known, supply, count - taken, partition)
    return taken
  }

  #takeMade(topic: Topic, supply: RecordSupply, count: number, partition: number | undefined): number {
    const available = (): number[] => this.#available(topic)
    const queue = this.#queue(topic, partition ?? topic.sticky.current(available))
    let batch = queue.last
    if (batch?.made === undefined || batch.closedForAppend) {
      const made = supply.open(queue.partition)
      batch = new ProducerBatch(topic.name, queue.partition, this.cluster.host.clock.monotonic(), this.#format, 0, made)
      this.#enqueue(queue, batch)
    }
    const made = batch.made!
    const sizeBefore = batch.accountedBytes
    const taken = made.take(count)
    batch.accountedBytes = made.sizeInBytes
    const bytes = batch.accountedBytes - sizeBefore
    this.#transactions?.enlist(queue)
    this.#usedBytes += bytes
    this.metrics.records += taken
    topic.lastUsedMs = batch.createdMs
    if (made.isFull) {
      batch.closedForAppend = true
      this.#sender.schedule()
    }
    if (partition === undefined) topic.sticky.produced(bytes, made.isFull, available)
    return taken
  }

  /**
   * As `send`, waiting for room and for the acknowledgement. Records of a topic go in the order of the calls, and so do those that name one
   * partition of it. At most as much as buffer.memory again waits for room; what is more is refused after retry.backoff.ms, retriably.
   * Rejects with a ClientError.
   */
  sendAsync(record: OutgoingRecord): Promise<Delivery> {
    return new Promise<Delivery>((resolve, reject) => {
      const callback: DeliveryCallback = (error, delivery) => {
        if (error === null) resolve(delivery as Delivery)
        else reject(error)
      }
      this.#checkSend()
      if (!this.#lines.mustWait(record) && this.#take(record, callback)) return
      const bytes = recordBytesBound(record.key ?? null, record.value, record.headers)
      try {
        this.#checkSize(bytes)
      } catch (error) {
        throw this.#missing(error)
      }
      const { clock } = this.cluster.host
      const deadlineMs = clock.monotonic() + this.settings['max.block.ms']
      const full = this.#lines.join(record, bytes, deadlineMs, callback, reject)
      if (full === undefined) return
      this.#missing(full)
      // Who tries again at once would let nothing else happen.
      clock.after(this.settings['retry.backoff.ms'], () => reject(full))
    })
  }

  /**
   * Resolves when there is room for more and, with a topic, its partitions are known. Rejects with a ClientError after max.block.ms; a
   * transaction that is under way lacks the record then, and can only be aborted.
   */
  ready(topic?: string, partition = 0): Promise<void> {
    return this.#readyBy(this.cluster.host.clock.monotonic() + this.settings['max.block.ms'], topic, partition)
  }

  async #readyBy(deadlineMs: number, topic: string | undefined, partition = 0): Promise<void> {
    try {
      await this.#becomesReady(deadlineMs, topic, partition)
    } catch (error) {
      throw this.#missing(error)
    }
  }

  async #becomesReady(deadlineMs: number, topic: string | undefined, partition: number): Promise<void> {
    const { clock } = this.cluster.host
    const limitMs = this.settings['max.block.ms']
    const bytes = this.#refusedBytes
    this.#refusedBytes = 0
    if (topic !== undefined) await this.#known(topic, partition, deadlineMs)
    if (this.#hasRoom(bytes)) return
    await new Promise<void>((resolve, reject) => {
      const wake = (): void => {
        timer.cancel()
        resolve()
      }
      const waiter: RoomWaiter = { bytes, wake }
      const timer = clock.after(Math.max(0, deadlineMs - clock.monotonic()), () => {
        this.#roomWaiters.delete(waiter)
        this.#wakeForRoom()
        reject(
          new ClientError(Errors.REQUEST_TIMED_OUT, `no room in buffer.memory within ${limitMs} ms`, {
            hint: 'The cluster takes records more slowly than they come, or is gone.',
          }),
        )
      })
      this.#roomWaiters.add(waiter)
      this.#sender.schedule()
    })
  }

  /** Half of buffer.memory is free, and `bytes` fit, and the most that anybody waits for. */
  #hasRoom(bytes: number): boolean {
    const limit = this.settings['buffer.memory']
    if (this.#usedBytes === 0) return true
    if (this.#usedBytes >= limit / 2) return false
    let most = bytes
    for (const waiter of this.#roomWaiters) most = Math.max(most, waiter.bytes)
    return this.#usedBytes + most <= limit
  }

  #wakeForRoom(): void {
    if (this.#roomWaiters.size === 0 || !this.#hasRoom(0)) return
    const waiters = this.#roomWaiters
    this.#roomWaiters = new Set()
    for (const { wake } of waiters) wake()
  }

  /** Sends everything now and resolves when all records sent before are acknowledged or have failed. */
  async flush(): Promise<void> {
    this.#sender.flushing++
    this.#sender.schedule()
    await this.#lines.passed()
    const batches = [...this.#sender.incomplete]
    await Promise.all(batches.map((batch) => new Promise<void>((resolve) => (batch.done ? resolve() : batch.waiters.push(resolve)))))
    this.#sender.flushing--
  }

  /** Flushes (or aborts the transaction that is under way) for at most `timeoutMs`, fails what is left, and closes the connections. */
  async close(timeoutMs = Number.MAX_SAFE_INTEGER): Promise<void> {
    if (this.#state !== 'open') return
    this.#state = 'closing'
    let timer: { cancel(): void } | undefined
    const late = new Promise<void>(
      (resolve) => (timer = this.cluster.host.clock.after(Math.min(timeoutMs, this.settings['delivery.timeout.ms'] + 1000), resolve)),
    )
    await Promise.race([this.#transactions?.close() ?? this.flush(), late])
    timer?.cancel()
    this.#state = 'closed'
    this.#sender.close(new ClientError(Errors.REQUEST_TIMED_OUT, 'the producer was closed before the record was delivered'))
    this.cluster.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #checkSize(bytes: number): void {
    const limit = Math.min(this.settings['max.request.size'], this.settings['buffer.memory'])
    if (bytes + batchOverhead <= limit) return
    const key = limit === this.settings['max.request.size'] ? 'max.request.size' : 'buffer.memory'
    throw new ClientError(Errors.MESSAGE_TOO_LARGE, `a record of about ${bytes} bytes is larger than ${key}=${limit}`, {
      hint: `Raise ${key} here, and max.message.bytes of the topic.`,
    })
  }

  /** Metadata of topics that are idle is not asked for any more; their queues stay, as their sequences go on. */
  #interest(): string[] {
    const idleMs = this.settings['metadata.max.idle.ms']
    const nowMs = this.cluster.host.clock.monotonic()
    const inUse = [...this.#topics.values()].filter((topic) => nowMs - topic.lastUsedMs <= idleMs || topic.queues.some(isBusy))
    return [...new Set([...this.#wanted, ...inUse.map((topic) => topic.name)])]
  }

  #newTopic(name: string): Topic | undefined {
    const known = this.cluster.view.topics.get(name)
    if (known === undefined || known.partitions.length === 0) return undefined
    if (this.#topics.size === 0) this.cluster.keepFresh()
    const sticky = new StickyPartitioner(this.cluster.host.random, this.settings['batch.size'])
    const topic: Topic = { name, queues: [], sticky, ratio: 1, lastUsedMs: this.cluster.host.clock.monotonic() }
    this.#topics.set(name, topic)
    return topic
  }

  async #known(topic: string, partition: number, deadlineMs: number): Promise<void> {
    const { clock } = this.cluster.host
    this.#wanted.add(topic)
    try {
      for (;;) {
        const known = this.cluster.view.topics.get(topic)
        if (known !== undefined && known.partitions.length > partition) return
        const code = known?.errorCode ?? Errors.NONE
        if (code === Errors.INVALID_TOPIC_EXCEPTION || code === Errors.TOPIC_AUTHORIZATION_FAILED)
          throw new ClientError(code, `topic ${topic}: ${new ClientError(code, '').errorName}`)
        const leftMs = deadlineMs - clock.monotonic()
        if (leftMs <= 0) throw notKnown(topic, partition, known?.partitions.length ?? 0, this.settings['max.block.ms'])
        if (known !== undefined)
          await new Promise<void>((resolve) => clock.after(Math.min(leftMs, this.settings['retry.backoff.ms']), resolve))
        await this.cluster.refresh([topic], Math.max(1, deadlineMs - clock.monotonic()))
      }
    } finally {
      this.#wanted.delete(topic)
    }
  }

  #place(topic: Topic, record: OutgoingRecord, key: Buffer | null, bytes: number): PartitionQueue | undefined {
    const partitions = this.cluster.view.topics.get(topic.name)?.partitions
    if (partitions === undefined || partitions.length === 0) return undefined
    const byKey = key !== null && !this.settings['partitioner.ignore.keys']
    if (record.partition !== undefined) return record.partition >= partitions.length ? undefined : this.#queue(topic, record.partition)
    if (byKey) return this.#queue(topic, positiveHash(murmur2(key)) % partitions.length)
    const available = (): number[] => this.#available(topic)
    let queue = this.#queue(topic, topic.sticky.current(available))
    // The last batch is full with this record: the time to move on, if enough went here.
    if (!this.#fits(topic, queue, bytes) && topic.sticky.produced(0, true, available))
      queue = this.#queue(topic, topic.sticky.current(available))
    return queue
  }

  #available(topic: Topic): number[] {
    const partitions = this.cluster.view.topics.get(topic.name)?.partitions ?? []
    const led = partitions.filter((each) => each.leader >= 0)
    return (led.length > 0 ? led : partitions).map((each) => each.partition)
  }

  #queue(topic: Topic, partition: number): PartitionQueue {
    let queue = topic.queues[partition]
    if (queue === undefined) {
      queue = new PartitionQueue(topic.name, partition)
      topic.queues[partition] = queue
    }
    return queue
  }

  #fits(topic: Topic, queue: PartitionQueue, bytes: number): boolean {
    const { last } = queue
    return (
      last !== undefined &&
      last.made === undefined &&
      !last.closedForAppend &&
      last.sizeInBytes * topic.ratio + bytes <= this.settings['batch.size']
    )
  }

  #append(
    topic: Topic,
    queue: PartitionQueue,
    record: OutgoingRecord,
    key: Buffer | null,
    bytes: number,
    callback: DeliveryCallback | undefined,
  ): void {
    const { clock } = this.cluster.host
    const nowMs = clock.monotonic()
    let batch = queue.last
    if (batch === undefined || !this.#fits(topic, queue, bytes)) {
      const initialBytes = Math.max(bytes + batchOverhead, Math.min(this.settings['batch.size'], firstBufferBytesMax))
      batch = new ProducerBatch(topic.name, queue.partition, nowMs, this.#format, initialBytes)
      this.#enqueue(queue, batch)
    }
    batch.append(record.timestamp ?? clock.now(), key, record.value, record.headers, callback)
    this.#transactions?.enlist(queue)
    batch.accountedBytes += bytes
    this.#usedBytes += bytes
    this.metrics.records++
    topic.lastUsedMs = nowMs
    const full = batch.sizeInBytes * topic.ratio >= this.settings['batch.size']
    if (full) {
      batch.closedForAppend = true
      this.#sender.schedule()
    }
    if (record.partition === undefined && (key === null || this.settings['partitioner.ignore.keys'])) {
      topic.sticky.produced(bytes, full, () => this.#available(topic))
    }
  }

  #enqueue(queue: PartitionQueue, batch: ProducerBatch): void {
    const { last } = queue
    if (last !== undefined) last.closedForAppend = true
    queue.batches.push(batch)
    this.#sender.queued(queue, batch)
    if (queue.batches.length > 1 || this.settings['linger.ms'] === 0) this.#sender.schedule()
    else this.#sender.scheduleIn(this.settings['linger.ms'])
  }

  #release(batch: ProducerBatch): void {
    this.#usedBytes -= batch.accountedBytes
    if (this.#format.codec !== Codec.none) this.#learnRatio(batch)
    this.#wakeForRoom()
  }

  /** Quickly up, slowly down, so that batches seldom come out too large (Kafka's estimator). */
  #learnRatio(batch: ProducerBatch): void {
    const topic = this.#topics.get(batch.topic)
    if (topic === undefined || batch.sizeInBytes === 0) return
    const observed = batch.bytes().length / batch.sizeInBytes
    topic.ratio = observed > topic.ratio ? Math.max(topic.ratio + 0.05, observed) : Math.max(topic.ratio - 0.005, observed)
  }

  #updateLoads(isSlow: (nodeId: number) => boolean): void {
    if (!this.settings['partitioner.adaptive.partitioning.enable']) return
    for (const topic of this.#topics.values()) {
      const partitions = this.cluster.view.topics.get(topic.name)?.partitions ?? []
      if (partitions.length < 2 || topic.queues.filter((queue) => queue !== undefined).length < partitions.length) continue
      const ids: number[] = []
      const queued: number[] = []
      for (const each of partitions) {
        if (each.leader < 0 || isSlow(each.leader)) continue
        ids.push(each.partition)
        queued.push(topic.queues[each.partition]?.batches.length ?? 0)
      }
      topic.sticky.updateLoad(ids, queued, partitions.length)
    }
  }
}

const isBusy = (queue: PartitionQueue | undefined): boolean => queue !== undefined && queue.batches.length + queue.tracked.length > 0
const producerClosed = (): ClientError => new ClientError(Errors.INVALID_REQUEST, 'the producer is closed')

const noPartition = ({ topic, partition }: OutgoingRecord): ClientError =>
  new ClientError(Errors.INVALID_REQUEST, `a record names partition ${partition} of topic ${topic}; partitions count from 0`)

function notKnown(topic: string, partition: number, count: number, limitMs: number): ClientError {
  const what = count > 0 ? `partition ${partition} of topic ${topic} with ${count} partitions` : `topic ${topic}`
  return new ClientError(Errors.UNKNOWN_TOPIC_OR_PARTITION, `the cluster had no ${what} within ${limitMs} ms`, {
    hint: 'Create the topic, or check auto.create.topics.enable of the brokers.',
    retriable: false,
  })
}

function checkSettings(settings: ProducerSettings, config: SettingsInput): void {
  const given = (key: string): boolean => config[key] !== undefined && config[key] !== null
  const idempotenceWanted = settings['enable.idempotence'] && given('enable.idempotence')
  if (idempotenceWanted && settings.acks !== 'all' && settings.acks !== '-1')
    throw invalid('acks', settings.acks, 'all, as enable.idempotence needs it')
  const inFlight = settings['max.in.flight.requests.per.connection']
  if (settings['enable.idempotence'] && inFlight > 5)
    throw invalid('max.in.flight.requests.per.connection', inFlight, 'at most 5, or enable.idempotence=false')
  if (settings['compression.gzip.level'] === 0) throw invalid('compression.gzip.level', 0, '1 to 9, or -1')
  const least = settings['linger.ms'] + settings['request.timeout.ms']
  if (settings['delivery.timeout.ms'] < least && given('delivery.timeout.ms'))
    throw invalid('delivery.timeout.ms', settings['delivery.timeout.ms'], `at least linger.ms + request.timeout.ms, ${least}`)
  const isIdempotent = settings['enable.idempotence'] && (settings.acks === 'all' || settings.acks === '-1') && settings.retries > 0
  if (settings['transactional.id'] !== null && !isIdempotent)
    throw invalid('transactional.id', settings['transactional.id'], 'none without enable.idempotence=true, acks=all and retries')
}
