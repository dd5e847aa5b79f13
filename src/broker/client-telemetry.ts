import { crc32c, javaStringHash, oneUuid, randomUuid, uuidHash, zeroUuid } from '../base/index.ts'
import { type ClientSelector, type ConfigTexts, clientMetricsSettings, clientPatterns, isFault, parseSetting } from '../config/index.ts'
import type { Clock, Journal, Random } from '../host/index.ts'
import { type ErrorCode, Errors } from '../protocol/index.ts'
import { Codec, decompress, isKnownCodec } from '../records/index.ts'
import type { RequestContext } from './api-handler.ts'
import type { ClientSoftware, ClientSoftwares } from './client-software.ts'

/** Who asks, as far as subscriptions can select by it. */
export interface TelemetryClient {
  readonly connectionId: string
  readonly clientId: string | null
  readonly address: string
  readonly port: number | undefined
  readonly software: ClientSoftware | undefined
}

export const telemetryClientOf = (
  { connectionId, clientId, clientAddress, clientPort }: RequestContext,
  { softwares }: { readonly softwares: ClientSoftwares },
): TelemetryClient => ({
  connectionId,
  clientId,
  address: clientAddress,
  port: clientPort,
  software: softwares.of(connectionId),
})

/** One push of a client's metrics, unpacked: an OpenTelemetry MetricsData message. A view: a receiver that keeps the bytes copies them. */
export interface TelemetryPush {
  readonly clientInstanceId: string
  readonly client: TelemetryClient
  readonly metrics: Buffer
  readonly pushIntervalMs: number
  /** The client's last push. */
  readonly isTerminating: boolean
}

/** Takes what clients push. One that throws makes the push be answered INVALID_RECORD. */
export interface TelemetryReceiver {
  received(push: TelemetryPush): void
}

export interface TelemetrySubscriptionAnswer {
  readonly errorCode: ErrorCode
  readonly clientInstanceId: string
  readonly subscriptionId: number
  readonly acceptedCompressionTypes: number[]
  readonly pushIntervalMs: number
  readonly telemetryMaxBytes: number
  readonly deltaTemporality: boolean
  readonly requestedMetrics: string[]
}

export interface TelemetryPushRequest {
  readonly clientInstanceId: string
  readonly subscriptionId: number
  readonly terminating: boolean
  readonly compressionType: number
  readonly metrics: Buffer
}

interface Subscription {
  readonly metrics: readonly string[]
  readonly intervalMs: number
  /** All must match; undefined: a pattern cannot be read, so the subscription is nobody's. */
  readonly patterns: ReadonlyMap<ClientSelector, RegExp> | undefined
}

interface Instance {
  readonly id: string
  /** As it was when the instance was first seen: a client does not change what it is. */
  readonly client: TelemetryClient
  readonly version: number
  readonly subscriptionId: number
  readonly metrics: readonly string[]
  readonly pushIntervalMs: number
  connectionId: string
  seenMs: number
  lastGetMs: number
  lastPushMs: number
  isTerminating: boolean
  lastError: ErrorCode
}

const ALL_METRICS = '*'
/** Clients that a broker remembers at a time, as many as Kafka. */
const INSTANCES_MAX = 16_384
const EXPIRY_MS_MIN = 60_000
const NEVER_MS = Number.NEGATIVE_INFINITY
const EXPIRED_PER_REQUEST_MAX = 8

/**
 * Metrics that clients push to the broker (KIP-714). An operator subscribes to metrics of clients that match; each client asks what is wanted
 * of it and how often, and pushes that. Source: ClientMetricsManager.
 *
 * Invariant: what is remembered is bounded, whatever clients send; a client is never heard more often than its interval allows.
 */
export class ClientTelemetry {
  /** What went wrong, and how often. */
  readonly counts = { throttled: 0, unknownSubscription: 0, receiverErrors: 0 }
  private readonly host: { readonly clock: Clock; readonly random: Random }
  private readonly journal: Journal
  private readonly maxBytes: number
  private readonly receivers: readonly TelemetryReceiver[]
  private readonly subscriptions = new Map<string, Subscription>()
  /** Least recently heard of first. */
  private readonly instances = new Map<string, Instance>()
  private readonly byConnection = new Map<string, string>()
  /** Of the subscriptions: an instance with another one is looked at again. */
  private version = 0

  /** `maxBytes`: telemetry.max.bytes, of a push as it is sent and as it is unpacked. */
  constructor(
    host: { readonly clock: Clock; readonly random: Random },
    journal: Journal,
    maxBytes: number,
    receivers: readonly TelemetryReceiver[],
  ) {
    this.host = host
    this.journal = journal
    this.maxBytes = maxBytes
    this.receivers = receivers
  }

  get instanceCount(): number {
    return this.instances.size
  }

  /** The settings of a subscription have changed; none: it is gone. */
  subscribe(name: string, texts: ConfigTexts): void {
    if (texts.size === 0) {
      if (!this.subscriptions.delete(name)) return
    } else this.subscriptions.set(name, this.subscription(name, texts))
    this.version++
  }

  private subscription(name: string, texts: ConfigTexts): Subscription {
    const value = (key: keyof typeof clientMetricsSettings): unknown => {
      const text = texts.get(key)
      const parsed = text === undefined ? undefined : parseSetting(key, clientMetricsSettings[key], text)
      return parsed === undefined || isFault(parsed) ? clientMetricsSettings[key].default : parsed.value
    }
    const read = clientPatterns(value('match') as readonly string[])
    const patterns = read instanceof Map ? read : undefined
    if (patterns === undefined) this.journal.warn('a subscription to client metrics matches no client: its match is no pattern', { name })
    return { metrics: value('metrics') as readonly string[], intervalMs: value('interval.ms') as number, patterns }
  }

  /** GetTelemetrySubscriptions. The zero id asks for a new one. */
  subscriptionOf(clientInstanceId: string, client: TelemetryClient): TelemetrySubscriptionAnswer | ErrorCode {
    const nowMs = this.host.clock.monotonic()
    const instance = this.instance(clientInstanceId === zeroUuid ? this.newId() : clientInstanceId, client, nowMs)
    const early = nowMs - Math.max(instance.lastGetMs, instance.lastPushMs) < instance.pushIntervalMs
    const { lastError } = instance
    // After these errors a client has to ask again at once.
    if (early && lastError !== Errors.UNKNOWN_SUBSCRIPTION_ID && lastError !== Errors.UNSUPPORTED_COMPRESSION_TYPE) {
      this.counts.throttled++
      return Errors.THROTTLING_QUOTA_EXCEEDED
    }
    if (!early) instance.lastGetMs = nowMs
    instance.lastError = Errors.NONE
    return {
      errorCode: Errors.NONE,
      clientInstanceId: instance.id,
      subscriptionId: instance.subscriptionId,
      acceptedCompressionTypes: [Codec.zstd, Codec.lz4, Codec.gzip, Codec.snappy],
      pushIntervalMs: instance.pushIntervalMs,
      telemetryMaxBytes: this.maxBytes,
      deltaTemporality: true,
      requestedMetrics: [...instance.metrics],
    }
  }

  /** PushTelemetry. */
  push(request: TelemetryPushRequest, client: TelemetryClient): ErrorCode {
    if (request.clientInstanceId === zeroUuid || request.clientInstanceId === oneUuid) return Errors.INVALID_REQUEST
    const nowMs = this.host.clock.monotonic()
    const instance = this.instance(request.clientInstanceId, client, nowMs)
    const refusal = this.pushProblem(request, instance, nowMs)
    instance.isTerminating = request.terminating
    instance.lastError = refusal !== Errors.NONE || request.metrics.length === 0 ? refusal : this.deliver(request, client, instance)
    return instance.lastError
  }

  private pushProblem(request: TelemetryPushRequest, instance: Instance, nowMs: number): ErrorCode {
    if (instance.isTerminating) return Errors.INVALID_REQUEST
    // The first push after asking may come early: clients spread it over half to one and a half of an interval.
    const mayPush = instance.lastGetMs > instance.lastPushMs || nowMs - instance.lastPushMs >= instance.pushIntervalMs
    if (mayPush) instance.lastPushMs = nowMs
    else if (!request.terminating) {
      this.counts.throttled++
      return Errors.THROTTLING_QUOTA_EXCEEDED
    }
    if (request.subscriptionId !== instance.subscriptionId) {
      this.counts.unknownSubscription++
      return Errors.UNKNOWN_SUBSCRIPTION_ID
    }
    if (!isKnownCodec(request.compressionType)) return Errors.UNSUPPORTED_COMPRESSION_TYPE
    return request.metrics.length > this.maxBytes ? Errors.TELEMETRY_TOO_LARGE : Errors.NONE
  }

  private deliver(request: TelemetryPushRequest, client: TelemetryClient, { id, pushIntervalMs }: Instance): ErrorCode {
    try {
      const metrics = decompress(request.compressionType, request.metrics, 0, request.metrics.length, this.maxBytes)
      const push = { clientInstanceId: id, client, metrics, pushIntervalMs, isTerminating: request.terminating }
      for (const receiver of this.receivers) receiver.received(push)
      return Errors.NONE
    } catch (error) {
      this.counts.receiverErrors++
      this.journal.warn('metrics of a client could not be taken', { error, clientInstanceId: id, clientId: client.clientId })
      return Errors.INVALID_RECORD
    }
  }

  /** A connection is gone, and its client with it. */
  disconnected(connectionId: string): void {
    const id = this.byConnection.get(connectionId)
    this.byConnection.delete(connectionId)
    if (id !== undefined) this.instances.delete(id)
  }

  private newId(): string {
    for (;;) {
      const id = randomUuid(this.host.random)
      if (!this.instances.has(id)) return id
    }
  }

  /** What is remembered of a client; looked at anew when subscriptions have changed, which lets it ask again at once. */
  private instance(id: string, client: TelemetryClient, nowMs: number): Instance {
    this.expire(nowMs)
    let known = this.instances.get(id)
    if (known !== undefined && isExpired(known, nowMs)) {
      this.forget(known)
      known = undefined
    }
    const isCurrent = known?.version === this.version
    const instance = isCurrent ? known! : this.newInstance(id, known?.client ?? client, client.connectionId, nowMs)
    instance.seenMs = nowMs
    this.instances.delete(id)
    this.instances.set(id, instance)
    if (!isCurrent) this.byConnection.set(client.connectionId, id)
    if (this.instances.size > INSTANCES_MAX) this.forget(this.instances.values().next().value!)
    return instance
  }

  /** A few at a time, the longest unheard of first. */
  private expire(nowMs: number): void {
    let left = EXPIRED_PER_REQUEST_MAX
    for (const instance of this.instances.values()) {
      if (left-- === 0 || !isExpired(instance, nowMs)) return
      this.forget(instance)
    }
  }

  private forget({ id, connectionId }: Instance): void {
    this.instances.delete(id)
    if (this.byConnection.get(connectionId) === id) this.byConnection.delete(connectionId)
  }

  private newInstance(id: string, client: TelemetryClient, connectionId: string, nowMs: number): Instance {
    const wanted = new Set<string>()
    let pushIntervalMs: number = clientMetricsSettings['interval.ms'].default
    for (const { metrics, intervalMs, patterns } of this.subscriptions.values()) {
      if (patterns === undefined || !matches(id, client, patterns)) continue
      for (const metric of metrics) wanted.add(metric)
      pushIntervalMs = Math.min(pushIntervalMs, intervalMs)
    }
    const metrics = wanted.has(ALL_METRICS) ? [ALL_METRICS] : inHashSetOrder([...wanted])
    const subscriptionId = subscriptionIdOf(metrics, pushIntervalMs, id)
    const never = { lastGetMs: NEVER_MS, lastPushMs: NEVER_MS, isTerminating: false, lastError: Errors.NONE as ErrorCode }
    return { id, client, connectionId, version: this.version, subscriptionId, metrics, pushIntervalMs, seenMs: nowMs, ...never }
  }
}

const isExpired = ({ seenMs, pushIntervalMs }: Instance, nowMs: number): boolean =>
  nowMs - seenMs > Math.max(EXPIRY_MS_MIN, pushIntervalMs * 3)

const attribute = (id: string, { clientId, software, address, port }: TelemetryClient, name: ClientSelector): string | null | undefined => {
  switch (name) {
    case 'client_instance_id':
      return id
    case 'client_id':
      return clientId
    case 'client_software_name':
      return software?.name
    case 'client_software_version':
      return software?.version
    case 'client_source_address':
      return address
    case 'client_source_port':
      return port === undefined ? undefined : String(port)
  }
}

const matches = (id: string, client: TelemetryClient, patterns: ReadonlyMap<ClientSelector, RegExp>): boolean => {
  for (const [name, pattern] of patterns) {
    const value = attribute(id, client, name)
    if (value === undefined || value === null || !pattern.test(value)) return false
  }
  return true
}

/** In the order of a java.util.HashSet, so that brokers of both kinds give a client the same subscription id. */
const inHashSetOrder = (texts: readonly string[]): string[] => {
  let capacity = 16
  while (texts.length > capacity * 0.75) capacity *= 2
  const bucket = (text: string): number => {
    const hash = javaStringHash(text)
    return (hash ^ (hash >>> 16)) & (capacity - 1)
  }
  return [...texts].sort((a, b) => bucket(a) - bucket(b))
}

/** Changes with what is asked of a client: CRC-32C over metrics and interval, mixed with the client's id. */
const subscriptionIdOf = (metrics: readonly string[], pushIntervalMs: number, id: string): number =>
  (crc32c(Buffer.from(`[${metrics.join(', ')}]${pushIntervalMs}`)) | 0) ^ uuidHash(id)

export interface TelemetryTraffic {
  readonly software: string
  readonly version: string
  pushes: number
  /** Unpacked. */
  bytes: number
}

const SOFTWARE_MAX = 256
const OTHERS: ClientSoftware = { name: 'other', version: 'other' }

/** The receiver that every broker has: counts what comes, by client software. */
export class TelemetryCounter implements TelemetryReceiver {
  private readonly traffic = new Map<string, TelemetryTraffic>()

  received({ client, metrics }: TelemetryPush): void {
    const traffic = this.of(client.software ?? { name: 'unknown', version: 'unknown' })
    traffic.pushes++
    traffic.bytes += metrics.length
  }

  all(): readonly TelemetryTraffic[] {
    return [...this.traffic.values()]
  }

  /** Names come from clients: beyond a number of them they count as others. */
  private of({ name, version }: ClientSoftware): TelemetryTraffic {
    const key = `${name}/${version}`
    const known = this.traffic.get(key)
    if (known !== undefined) return known
    if (this.traffic.size >= SOFTWARE_MAX && name !== OTHERS.name) return this.of(OTHERS)
    const traffic = { software: name, version, pushes: 0, bytes: 0 }
    this.traffic.set(key, traffic)
    return traffic
  }
}
