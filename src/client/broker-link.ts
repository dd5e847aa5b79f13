import { assert } from '../base/index.ts'
import type { Connection, Host } from '../host/index.ts'
import type { ChannelGround } from '../net/index.ts'
import {
  type Api,
  Apis,
  decode,
  Errors,
  type Message,
  parseVersions,
  Reader,
  requestFrame,
  type Schema,
  type VersionRange,
} from '../protocol/index.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../protocol/messages/api-versions.ts'
import { addressText } from './address.ts'
import { Backoff } from './backoff.ts'
import type { Body, Call, CallOptions } from './call.ts'
import { ClientError, notKafka, throwIfError } from './client-error.ts'
import type { ConnectionSettings } from './config.ts'
import { Wire } from './wire.ts'

/** A broker or controller as the cluster names it. Bootstrap servers have negative ids. */
export interface Node {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

export interface Feature {
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
}

/** What a broker said to ApiVersions. */
export interface BrokerVersions {
  /** By API key, those unknown here too. */
  readonly apis: ReadonlyMap<number, VersionRange>
  readonly supportedFeatures: readonly Feature[]
  readonly finalizedFeatures: readonly Feature[]
  /** -1 when the broker does not know yet. */
  readonly finalizedFeaturesEpoch: number
}

/** Gets ready, then gives what turns a fresh byte stream into the one that frames travel on: where TLS comes in. */
export type Transport = () => Promise<(stream: Connection, node: Node) => Promise<Connection>>
/** Sends one request on a connection that is not for others yet, or not at the moment; used by `Authenticate`. */
export type Exchange = <Q extends Schema, R extends Schema>(call: Call<Q, R>, version: number, body: Body<Q>) => Promise<Message<R>>
/** The SASL dialogue of a connection; rejects to refuse it. Gives after how many milliseconds it has to be held again (KIP-368); 0: never. */
export type Authenticate = (exchange: Exchange, node: Node, versions: BrokerVersions) => Promise<number>

/** What went over the connections of those who count it. */
export interface LinkTraffic {
  requests: number
  responses: number
  bytesOut: number
  bytesIn: number
}

export interface LinkContext {
  readonly host: Host
  readonly settings: ConnectionSettings
  readonly ground: ChannelGround
  readonly transport: Transport | undefined
  readonly authenticate: Authenticate | undefined
  /** The connection broke after it had been up, or could not be opened. */
  readonly onDown: (node: Node, error: Error) => void
  readonly traffic?: LinkTraffic
}

const softwareName = 'tkafka'
const softwareVersion = '0.1.0'
const idleCheckMs = 10_000
/** Requests without an answer count as done when no more than this waits for the network. */
const unsentBytesMax = 256 * 1024
const unsentCheckMs = 1

/**
 * The way to one node: opened when first needed, opened again after it broke, with back-off in between.
 *
 *   down ──request──► connect ─► TLS ─► ApiVersions ─► SASL ─► up ──broken──► down (waits reconnect.backoff.ms, doubling)
 *                                                       ▲       │
 *                                                       └───────┘ before the session ends, while requests wait
 */
export class BrokerLink {
  readonly node: Node
  readonly name: string
  versions: BrokerVersions | undefined
  #context: LinkContext
  #wire: Wire | undefined
  /** Connected, and not yet handed over: the broker has still to say which versions it knows. */
  #dialled: Wire | undefined
  #opening: Promise<Wire> | undefined
  #hasBeenUp = false
  #backoff: Backoff
  #setupBackoff: Backoff
  #failures = 0
  #lastFailure: Error | undefined
  #blockedUntilMs = 0
  #throttledUntilMs = 0
  #lastUsedMs: number
  #closed: Error | undefined
  /** Monotonic milliseconds when the login has to be renewed. */
  #loginDueMs = Number.POSITIVE_INFINITY
  #loggingIn: Promise<void> | undefined
  /** Times in a row that it was opened, and nothing answered since. */
  #unheard = 0
  #idle: { set(ms: number): void; clear(): void }

  constructor(node: Node, context: LinkContext) {
    const { settings, host } = context
    this.node = node
    this.name = addressText(node)
    this.#context = context
    this.#backoff = new Backoff(settings['reconnect.backoff.ms'], settings['reconnect.backoff.max.ms'], host.random)
    this.#setupBackoff = new Backoff(
      settings['socket.connection.setup.timeout.ms'],
      settings['socket.connection.setup.timeout.max.ms'],
      host.random,
    )
    this.#lastUsedMs = host.clock.monotonic()
    this.#idle = context.ground.deadlines.deadline(() => this.#checkIdle())
  }

  /** Why the last connection failed or ended. */
  get lastFailure(): Error | undefined {
    return this.#lastFailure
  }
  get connected(): boolean {
    return this.#wire !== undefined
  }

  get connecting(): boolean {
    return this.#opening !== undefined
  }

  /** Monotonic milliseconds before which no request should be sent: back-off after a failure, or a throttle (KIP-219). */
  get blockedUntilMs(): number {
    return Math.max(this.#throttledUntilMs, this.#wire === undefined ? this.#blockedUntilMs : 0)
  }

  /** Whoever listens there has taken the connection, and has not answered yet. */
  get unanswered(): boolean {
    return this.#dialled !== undefined
  }

  get inFlight(): number {
    return this.#wire?.inFlight ?? 0
  }

  /** Failed attempts in a row to open it, or to have an answer on it. */
  get failures(): number {
    return Math.max(this.#failures, this.connected ? this.#unheard - 1 : this.#unheard)
  }

  get lastUsedMs(): number {
    return this.#lastUsedMs
  }

  /**
   * The highest version that both sides know. @throws ClientError UNSUPPORTED_VERSION. The link must have been open.
   */
  versionOf(api: Api, minVersion = 0, maxVersion = 32_767): number {
    const theirs = this.versions?.apis.get(api.key)
    const ours = parseVersions(api.versions)
    const highest = Math.min(ours.highest, api.stableMax, theirs?.highest ?? -1, maxVersion)
    const lowest = Math.max(ours.lowest, theirs?.lowest ?? 0, minVersion)
    if (theirs === undefined || highest < lowest) {
      const said = theirs === undefined ? 'does not offer it' : `offers ${theirs.lowest} to ${theirs.highest}`
      throw new ClientError(
        Errors.UNSUPPORTED_VERSION,
        `${api.name} is needed in a version from ${Math.max(ours.lowest, minVersion)} to ${Math.min(ours.highest, maxVersion)}, ${this.name} ${said}`,
        {
          hint: 'The broker is older than this function needs, or the address is that of a controller.',
          broker: this.name,
        },
      )
    }
    return highest
  }

  supports(api: Api, version: number): boolean {
    const theirs = this.versions?.apis.get(api.key)
    return theirs !== undefined && version >= theirs.lowest && version <= theirs.highest
  }

  /** Opens the connection when it is down, after the back-off. Rejects with a ClientError. */
  open(): Promise<Wire> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed)
    if (this.#wire !== undefined) return Promise.resolve(this.#wire)
    this.#opening ??= this.#connect().finally(() => (this.#opening = undefined))
    return this.#opening
  }

  async request<Q extends Schema, R extends Schema>(call: Call<Q, R>, body: Body<Q>, options: CallOptions = {}): Promise<Message<R>> {
    let wire = this.#wire ?? (await this.open())
    if (this.#throttledUntilMs > 0) await this.#waitForThrottle()
    if (this.#loginDueMs !== Number.POSITIVE_INFINITY) wire = await this.#loggedIn(wire)
    const version = this.versionOf(call.api, options.minVersion, options.maxVersion)
    const answer = await this.#exchange(wire, call, version, body, options)
    this.#unheard = 0
    const throttleMs = (answer as { throttleTimeMs?: number }).throttleTimeMs ?? 0
    if (throttleMs > 0) this.#throttledUntilMs = Math.max(this.#throttledUntilMs, this.#context.host.clock.monotonic() + throttleMs)
    return answer
  }

  /** Asks for the versions again: finalized features change while a connection is open. */
  async refreshVersions(): Promise<BrokerVersions> {
    this.versions = await this.#askVersions(await this.#loggedIn(await this.open()))
    return this.versions
  }

  /** One request of any API and version, its body and its answer's body as bytes. */
  async requestBytes(api: Api, version: number, body: Buffer, timeoutMs = this.#context.settings['request.timeout.ms']): Promise<Buffer> {
    const wire = await this.#loggedIn(await this.open())
    const empty: Schema = { name: api.name, kind: 'request', versions: '0+', flexible: 'none', fields: {} }
    const head = requestFrame(api, version, 0, this.#context.settings['client.id'], empty, {})[0] as Buffer
    head.writeInt32BE(head.length - 4 + body.length, 0)
    const reader = await wire.exchange(api, version, [head, body], timeoutMs)
    return reader.bytes.subarray(reader.at, reader.end)
  }

  /** Closes for good; requests without an answer fail. */
  close(error: Error = new ClientError(Errors.NETWORK_EXCEPTION, 'the client was closed')): void {
    this.#closed = error
    this.#idle.clear()
    this.#wire?.close(error)
    this.#dialled?.close(error)
  }

  async #connect(): Promise<Wire> {
    const { host, settings } = this.#context
    const waitMs = this.#blockedUntilMs - host.clock.monotonic()
    if (waitMs > 0) await pause(host, waitMs)
    let wire: Wire | undefined
    try {
      if (this.#closed !== undefined) throw this.#closed
      wire = await this.#dial()
      if (this.#closed !== undefined) throw this.#closed
      this.#dialled = wire
      this.versions = await this.#askVersions(wire)
      await this.#authenticate(wire)
      if (wire.closed !== undefined) throw wire.closed
    } catch (error) {
      const failure = this.#failureOf(error, wire)
      wire?.close(failure)
      this.#failed(failure)
      throw failure
    } finally {
      this.#dialled = undefined
    }
    this.#failures = 0
    this.#hasBeenUp = true
    this.#unheard++
    this.#wire = wire
    this.#lastUsedMs = host.clock.monotonic()
    if (settings['connections.max.idle.ms'] >= 0) this.#idle.set(Math.min(idleCheckMs, settings['connections.max.idle.ms']))
    return wire
  }

  async #authenticate(wire: Wire): Promise<void> {
    const { authenticate, host } = this.#context
    if (authenticate === undefined || this.versions === undefined) return
    const startedMs = host.clock.monotonic()
    const exchange: Exchange = (call, version, body) => this.#exchange(wire, call, version, body, {})
    const lifetimeMs = await authenticate(exchange, this.node, this.versions)
    // As Java does it: not all clients of a cluster at once, and with time to spare.
    this.#loginDueMs = lifetimeMs > 0 ? startedMs + lifetimeMs * (0.85 + 0.1 * host.random.fraction()) : Number.POSITIVE_INFINITY
  }

  /**
   * KIP-368: the broker cuts off who goes on when his session has ended. Answers to what was asked before come first; what is to be asked
   * meanwhile waits, and leaves in its order.
   */
  async #loggedIn(wire: Wire): Promise<Wire> {
    if (this.#loggingIn === undefined && this.#context.host.clock.monotonic() < this.#loginDueMs) return wire
    this.#loggingIn ??= this.#authenticate(wire)
      .catch((error: Error) => {
        wire.close(error)
        this.#down(error)
        throw error
      })
      .finally(() => (this.#loggingIn = undefined))
    await this.#loggingIn
    return this.open()
  }

  /** Who takes a connection and says nothing of Kafka is perhaps no broker. */
  #failureOf(error: unknown, wire: Wire | undefined): Error {
    const failure = error instanceof Error ? error : new Error(String(error))
    const silent =
      failure instanceof ClientError &&
      failure.retriable &&
      (failure.code === Errors.NETWORK_EXCEPTION || failure.code === Errors.REQUEST_TIMED_OUT)
    if (wire === undefined || this.#closed !== undefined || this.#hasBeenUp || !silent) return failure
    return notKafka(this.name, failure.message.replace(/^answer of \S+: frame size [^:]+: /, ''), failure)
  }

  async #dial(): Promise<Wire> {
    const { ground, transport, settings } = this.#context
    const secure = await transport?.()
    const options = {
      address: { host: this.node.host, port: this.node.port },
      connectTimeoutMs: this.#setupBackoff.delayMs(this.#failures),
      requestTimeoutMs: settings['request.timeout.ms'],
      ...(secure === undefined ? {} : { secure: (stream: Connection) => secure(stream, this.node) }),
    }
    return Wire.open(ground, this.name, options, (error) => this.#down(error))
  }

  /** KIP-511: a broker that does not know our version answers in version 0 and says which it knows. */
  async #askVersions(wire: Wire): Promise<BrokerVersions> {
    let version: number = Apis.ApiVersions.stableMax
    for (let attempts = 0; attempts < 3; attempts++) {
      const body = { clientSoftwareName: softwareName, clientSoftwareVersion: softwareVersion }
      const frame = requestFrame(Apis.ApiVersions, version, 0, this.#context.settings['client.id'], ApiVersionsRequest, body)
      const reader = await wire.exchange(Apis.ApiVersions, version, frame as Buffer[], this.#context.settings['request.timeout.ms'])
      const errorCode = new Reader(reader.bytes, reader.at, reader.end).int16()
      const answer = decodeBody(ApiVersionsResponse, errorCode === Errors.UNSUPPORTED_VERSION ? 0 : version, reader, this.name)
      if (errorCode !== Errors.UNSUPPORTED_VERSION) {
        throwIfError(errorCode, undefined, `${this.name} refused ApiVersions`)
        return brokerVersions(answer)
      }
      const theirs = answer.apiKeys.find((each) => each.apiKey === Apis.ApiVersions.key)
      version = Math.min(theirs?.maxVersion ?? 0, version - 1)
      if (version < 0) break
    }
    throw new ClientError(Errors.UNSUPPORTED_VERSION, `${this.name} and this client have no version of ApiVersions in common`, {
      broker: this.name,
    })
  }

  async #exchange<Q extends Schema, R extends Schema>(
    wire: Wire,
    call: Call<Q, R>,
    version: number,
    body: Body<Q>,
    options: CallOptions,
  ): Promise<Message<R>> {
    const { settings, host } = this.#context
    const input = typeof body === 'function' ? body(version) : body
    const frame = requestFrame(call.api, version, 0, settings['client.id'], call.request, input) as Buffer[]
    this.#lastUsedMs = host.clock.monotonic()
    if (options.oneWay === true) {
      wire.post(frame)
      while (wire.closed === undefined && wire.queuedBytes > unsentBytesMax) await pause(host, unsentCheckMs)
      return { throttleTimeMs: 0 } as unknown as Message<R>
    }
    const { traffic } = this.#context
    if (traffic !== undefined) {
      traffic.requests++
      for (const part of frame) traffic.bytesOut += part.length
    }
    const reader = await wire.exchange(call.api, version, frame, options.timeoutMs ?? settings['request.timeout.ms'], options.onLease)
    if (traffic !== undefined) {
      traffic.responses++
      traffic.bytesIn += reader.bytes.length
    }
    return decodeBody(call.response, version, reader, this.name)
  }

  async #waitForThrottle(): Promise<void> {
    const { host } = this.#context
    const waitMs = this.#throttledUntilMs - host.clock.monotonic()
    if (waitMs > 0) await pause(host, waitMs)
    else this.#throttledUntilMs = 0
  }

  /** The wire is gone; before it was handed over `#connect` deals with it. */
  #down(error: Error): void {
    if (this.#wire === undefined) return
    this.#wire = undefined
    this.#idle.clear()
    if (this.#closed === undefined) this.#failed(error)
  }

  #failed(error: Error): void {
    const { host, onDown } = this.#context
    this.#blockedUntilMs = host.clock.monotonic() + this.#backoff.delayMs(this.#failures)
    this.#failures++
    this.#lastFailure = error
    if (this.#closed === undefined) onDown(this.node, error)
  }

  #checkIdle(): void {
    const wire = this.#wire
    const limitMs = this.#context.settings['connections.max.idle.ms']
    if (wire === undefined) return
    const idleMs = this.#context.host.clock.monotonic() - this.#lastUsedMs
    if (wire.inFlight > 0 || idleMs < limitMs) {
      this.#idle.set(wire.inFlight > 0 ? idleCheckMs : Math.max(1, limitMs - idleMs))
      return
    }
    // An orderly end of an unused connection: no failure, no back-off.
    this.#wire = undefined
    this.#unheard = 0
    wire.close(new ClientError(Errors.NETWORK_EXCEPTION, `${this.name} was idle`))
  }
}

export function pause(host: Host, delayMs: number): Promise<void> {
  return new Promise((resolve) => host.clock.after(delayMs, resolve))
}

function decodeBody<R extends Schema>(schema: R, version: number, reader: Reader, broker: string): Message<R> {
  try {
    return decode(schema, version, reader.bytes.subarray(0, reader.end), reader.at)
  } catch (cause) {
    throw new ClientError(Errors.NETWORK_EXCEPTION, `${broker} sent a malformed ${schema.name}: ${(cause as Error).message}`, {
      broker,
      cause,
    })
  }
}

function brokerVersions(answer: Message<typeof ApiVersionsResponse>): BrokerVersions {
  assert(answer.errorCode === Errors.NONE, 'an answer with an error has no versions')
  return {
    apis: new Map(answer.apiKeys.map((each) => [each.apiKey, { lowest: each.minVersion, highest: each.maxVersion }])),
    supportedFeatures: answer.supportedFeatures.map(({ name, minVersion, maxVersion }) => ({ name, minVersion, maxVersion })),
    finalizedFeatures: answer.finalizedFeatures.map((each) => ({
      name: each.name,
      minVersion: each.minVersionLevel,
      maxVersion: each.maxVersionLevel,
    })),
    finalizedFeaturesEpoch: answer.finalizedFeaturesEpoch,
  }
}
