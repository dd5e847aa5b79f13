import { randomUuid } from '../base/index.ts'
import type { Host, Journal, Timer } from '../host/index.ts'
import { type MetadataImage, supportsCordonedLogDirs } from '../metadata/index.ts'
import { complete, type ErrorCode, Errors, errorName, KafkaError, type Message, type MessageInput } from '../protocol/index.ts'
import { BrokerHeartbeatRequest } from '../protocol/messages/broker-heartbeat.ts'
import { BrokerRegistrationRequest } from '../protocol/messages/broker-registration.ts'
import type { ControllerClient } from './controller-client.ts'

export interface LifecycleSettings {
  readonly nodeId: number
  readonly clusterId: string
  readonly rack: string | null
  listeners(): NonNullable<MessageInput<typeof BrokerRegistrationRequest>['listeners']>
  readonly features: NonNullable<MessageInput<typeof BrokerRegistrationRequest>['features']>
  /** Directory ids of the log directories that are online at the start. */
  readonly logDirectoryIds: readonly string[]
  /** Of the directories that take no new replicas, as they are now. */
  cordonedDirectoryIds(): readonly string[]
  /** From the clean-shutdown files of all directories; -1: the last stop was not clean (KIP-966). */
  readonly previousBrokerEpoch: number
  /** broker.heartbeat.interval.ms */
  readonly heartbeatIntervalMs: number
  /** initial.broker.registration.timeout.ms */
  readonly registrationTimeoutMs: number
  /** log.dir.failure.timeout.ms */
  readonly directoryFailureTimeoutMs: number
  /** For that long the controller has not heard of a directory that failed: it leaves leaders there, and this broker must stop. */
  directoryUntold(directoryId: string): void
  /** Resolves when the metadata up to an offset is known here. */
  caughtUpTo(offset: number): Promise<void>
}

export type LifecycleState = 'not running' | 'starting' | 'recovery' | 'running' | 'pending controlled shutdown' | 'shutting down'

/** No later registration of this process fares better: why wait. */
const lastingRefusals: ReadonlySet<number> = new Set<ErrorCode>([
  Errors.INCONSISTENT_CLUSTER_ID,
  Errors.UNSUPPORTED_VERSION,
  Errors.INVALID_REGISTRATION,
  Errors.BROKER_ID_NOT_REGISTERED,
  Errors.CLUSTER_AUTHORIZATION_FAILED,
])

interface Refusal {
  readonly why: string
  /** Asking again may help. */
  readonly passes: boolean
}

/** What a log says of a state; its name is Kafka's. */
const words: Readonly<Record<LifecycleState, string>> = {
  'not running': 'the broker does not run',
  starting: 'the broker asks to be registered',
  recovery: 'the broker is registered and catches up with the metadata',
  running: 'the broker serves',
  'pending controlled shutdown': 'the broker asks to be let go: what it leads moves to others',
  'shutting down': 'the broker stops serving',
}

const REGISTRATION_VERSION = 4
const HEARTBEAT_VERSION = 1
/** From here on a heartbeat names cordoned directories. */
const CORDON_HEARTBEAT_VERSION = 2
const RETRY_MS = 100
const AGAIN_MS = 1000
const WAIT_NOTE_MS = 10_000
const LOOK_MS = 1000
/** Longer than an election, and shorter than what supervisors wait for a process to stop. */
const SILENCE_MS = 20_000

/**
 * The broker's standing in the cluster (KIP-631): registers, then keeps its session by heartbeats; is unfenced once it has caught up, and
 * asks to be let go before it stops.
 *
 *     starting ─ registered ─► recovery ─ caught up ─► running ─ stop ─► pending controlled shutdown ─► shutting down
 */
export class BrokerLifecycle {
  private readonly host: Host
  private readonly journal: Journal
  private readonly controller: Pick<ControllerClient, 'decide'>
  private readonly image: MetadataImage
  private readonly settings: LifecycleSettings
  private readonly incarnationId: string
  private readonly offlineDirectories = new Set<string>()
  /** Those that the controller has moved leaders away from: one that a registration left out before would never be. */
  private toldOffline: ReadonlySet<string> = new Set()
  private readonly untold = new Map<string, Timer>()
  private timer: Timer | undefined
  private sending = false
  /** Why heartbeats have not been accepted since the last that was: each reason is said once. */
  private readonly complaints = new Set<string>()
  private registrations = 0
  /** There is news that the heartbeat under way does not carry. */
  private hasNews = false
  /** When a controller answered a heartbeat the last time. */
  private heardMs = 0
  private readyToUnfence = false
  private wantsShutdown = false
  private closed = false
  private waiters: { resolve: () => void; reject: (error: Error) => void; state: LifecycleState }[] = []
  state: LifecycleState = 'not running'
  epoch = -1

  constructor(host: Host, controller: Pick<ControllerClient, 'decide'>, image: MetadataImage, settings: LifecycleSettings) {
    this.host = host
    this.journal = host.journal.child('lifecycle', { node: settings.nodeId })
    this.controller = controller
    this.image = image
    this.settings = settings
    this.incarnationId = randomUuid(host.random)
  }

  /**
   * Registers, and resolves when the metadata says so: with a registration the controller takes from a broker that did not stop cleanly what
   * it led and where it was in sync, and until that is known here, the broker must not take itself for a leader. Rejects with what the
   * controller says when it will not have this broker, or nobody answers in time.
   */
  async register(): Promise<void> {
    this.state = 'starting'
    const { nodeId, registrationTimeoutMs } = this.settings
    const request = this.registration()
    const deadlineMs = this.host.clock.monotonic() + registrationTimeoutMs
    for (;;) {
      const refusal = await this.refusalOf(request)
      if (this.closed) throw new Error('the broker is shutting down')
      if (refusal === undefined) break
      if (!refusal.passes) throw new Error(`the controller refuses to register broker ${nodeId}: ${refusal.why}`)
      if (this.host.clock.monotonic() >= deadlineMs) {
        const limit = `${registrationTimeoutMs} ms (initial.broker.registration.timeout.ms)`
        throw new Error(`broker ${nodeId} could not be registered within ${limit}, the last time because of this: ${refusal.why}`)
      }
      await new Promise<void>((resolve) => void this.host.clock.after(RETRY_MS, resolve))
    }
    this.move('recovery')
    this.hurry()
    await this.settings.caughtUpTo(this.epoch)
  }

  /** Undefined: the broker is registered. */
  private async refusalOf(request: Message<typeof BrokerRegistrationRequest>): Promise<Refusal | undefined> {
    try {
      const { errorCode = Errors.NONE, brokerEpoch } = await this.controller.decide('BrokerRegistration', request, REGISTRATION_VERSION)
      if (errorCode === Errors.NONE) {
        this.epoch = Number(brokerEpoch)
        return undefined
      }
      // All else may pass, as the session of another incarnation of this id does, and Kafka tries again after any error until the time is up.
      return { why: `${errorName(errorCode)} (${errorCode})`, passes: !lastingRefusals.has(errorCode) }
    } catch (error) {
      return { why: (error as Error).message, passes: error instanceof KafkaError }
    }
  }

  /**
   * Another registration of this id came after this one, and nobody speaks for it: one of the process before, which was long on its way.
   * Apache Kafka's broker would be refused for ever. Where somebody does speak for it, the controller says so.
   */
  private async registerInstead(): Promise<void> {
    const turn = ++this.registrations
    const refusal = await this.refusalOf(this.registration())
    // The next heartbeat carries the new epoch.
    if (refusal !== undefined && turn === this.registrations)
      this.complain('the controller does not take the registration again', refusal.why)
  }

  /** The listeners have changed, or what a registration names: the same incarnation registers again, and keeps its epoch and its state. */
  async registerAgain(): Promise<void> {
    const turn = ++this.registrations
    // A later call knows of later ones. Who leaves is not registered anew: the controller would forget what it has to wait for.
    while (this.epoch >= 0 && !this.closed && !this.wantsShutdown && turn === this.registrations) {
      const request = this.registration()
      const refusal = await this.refusalOf(request)
      if (refusal === undefined) {
        // A heartbeat that was under way may have told of it before: the last word counts.
        if (request.logDirs.some((id) => this.offlineDirectories.has(id))) this.hurry()
        return
      }
      this.journal.warn('the controller does not take the new registration', { error: refusal.why })
      await new Promise<void>((resolve) => void this.host.clock.after(AGAIN_MS, resolve))
    }
  }

  private registration(): Message<typeof BrokerRegistrationRequest> {
    const { settings } = this
    return complete(BrokerRegistrationRequest, REGISTRATION_VERSION, {
      brokerId: settings.nodeId,
      clusterId: settings.clusterId,
      incarnationId: this.incarnationId,
      listeners: settings.listeners(),
      features: settings.features,
      rack: settings.rack,
      logDirs: settings.logDirectoryIds.filter((id) => !this.toldOffline.has(id)),
      previousBrokerEpoch: settings.previousBrokerEpoch,
    })
  }

  /** The broker has loaded what it holds and may serve as soon as the controller has seen it catch up. Resolves when it is unfenced. */
  unfence(): Promise<void> {
    this.readyToUnfence = true
    this.hurry()
    return this.reached('running')
  }

  /** Asks the controller to move leaders away; resolves when this broker may stop, when it is `alone` or nobody answers, or after `limitMs`. */
  async shutDown(limitMs: number, alone?: Promise<void>): Promise<void> {
    if (this.state === 'not running' || this.closed) return
    if (this.state === 'running' && limitMs > 0) {
      this.wantsShutdown = true
      this.move('pending controlled shutdown')
      this.hurry()
      const patience = this.patience(limitMs)
      await Promise.race([this.reached('shutting down').catch(() => {}), patience.ends, ...(alone === undefined ? [] : [alone])])
      patience.cancel()
    }
    this.close()
  }

  /** Ends after `limitMs`, or when no controller has answered for a while: who asks a quorum that is gone asks in vain. */
  private patience(limitMs: number): { readonly ends: Promise<void>; cancel(): void } {
    const { clock } = this.host
    const startedMs = clock.monotonic()
    this.heardMs = startedMs
    const { promise: ends, resolve } = Promise.withResolvers<void>()
    let toldMs = 0
    const look = (): void => {
      const forMs = Math.round(clock.monotonic() - startedMs)
      const silentMs = Math.round(clock.monotonic() - this.heardMs)
      if (forMs >= limitMs || silentMs >= SILENCE_MS) {
        this.journal.warn('the controller does not let the broker go: it stops all the same', { forMs, silentMs })
        return resolve()
      }
      if (forMs - toldMs >= WAIT_NOTE_MS) {
        toldMs = forMs
        this.journal.info('the broker waits to be let go', { forMs, silentMs })
      }
      timer = clock.after(Math.min(LOOK_MS, limitMs - forMs), look)
    }
    let timer = clock.after(Math.min(LOOK_MS, limitMs), look)
    return { ends, cancel: () => timer.cancel() }
  }

  close(): void {
    this.closed = true
    this.timer?.cancel()
    for (const timer of this.untold.values()) timer.cancel()
    this.move('shutting down')
  }

  directoryFailed(directoryId: string): void {
    if (this.closed || this.offlineDirectories.has(directoryId)) return
    this.offlineDirectories.add(directoryId)
    const { directoryFailureTimeoutMs } = this.settings
    const tell = (): void => this.settings.directoryUntold(directoryId)
    this.untold.set(directoryId, this.host.clock.after(directoryFailureTimeoutMs, tell))
    this.hurry()
  }

  private told(offline: readonly string[]): void {
    this.toldOffline = new Set(offline)
    for (const id of offline) {
      this.untold.get(id)?.cancel()
      this.untold.delete(id)
    }
  }

  private reached(state: LifecycleState): Promise<void> {
    if (this.state === state) return Promise.resolve()
    return new Promise((resolve, reject) => this.waiters.push({ resolve, reject, state }))
  }

  private move(state: LifecycleState): void {
    if (this.state === state) return
    this.journal.info(words[state], { epoch: this.epoch })
    this.state = state
    const waiting = this.waiters
    this.waiters = waiting.filter((waiter) => waiter.state !== state && state !== 'shutting down')
    for (const waiter of waiting) {
      if (waiter.state === state) waiter.resolve()
      else if (state === 'shutting down') waiter.reject(new Error('the broker is shutting down'))
    }
  }

  private hurry(): void {
    if (this.sending) this.hasNews = true
    else this.schedule(0)
  }

  private schedule(delayMs: number): void {
    if (this.closed) return
    this.timer?.cancel()
    this.timer = this.host.clock.after(delayMs, () => void this.beat())
  }

  private async beat(): Promise<void> {
    if (this.sending || this.closed || this.epoch < 0) return
    this.sending = true
    this.hasNews = false
    let nextMs = RETRY_MS
    try {
      const cordons = supportsCordonedLogDirs(this.image.metadataVersion)
      const version = cordons ? CORDON_HEARTBEAT_VERSION : HEARTBEAT_VERSION
      const offlineLogDirs = [...this.offlineDirectories]
      // In one and the same heartbeat the controller would have it lead first, also what lies there.
      const isFirstWord = this.state === 'recovery' && offlineLogDirs.some((id) => !this.toldOffline.has(id))
      const request = complete(BrokerHeartbeatRequest, version, {
        brokerId: this.settings.nodeId,
        brokerEpoch: this.epoch,
        currentMetadataOffset: this.image.provenance.offset,
        wantFence: !this.readyToUnfence || isFirstWord,
        wantShutDown: this.wantsShutdown,
        offlineLogDirs,
        ...(cordons && { cordonedLogDirs: [...this.settings.cordonedDirectoryIds()] }),
      })
      const answer = await this.controller.decide('BrokerHeartbeat', request, version)
      this.heardMs = this.host.clock.monotonic()
      if (!answer.errorCode) this.told(offlineLogDirs)
      nextMs = this.heard(answer)
    } catch (error) {
      this.complain('a heartbeat was not answered', error instanceof KafkaError ? errorName(error.code) : String(error), error)
    } finally {
      this.sending = false
    }
    this.schedule(this.hasNews ? 0 : nextMs)
  }

  /** Milliseconds until the next one. */
  private heard(answer: { errorCode?: number | undefined; isFenced?: boolean | undefined; shouldShutDown?: boolean | undefined }): number {
    const { heartbeatIntervalMs } = this.settings
    const errorCode = answer.errorCode ?? Errors.NONE
    // Unregistered: the controller has nothing to move away, and will never let it go either.
    if (this.wantsShutdown && errorCode === Errors.STALE_BROKER_EPOCH) {
      this.move('shutting down')
      return heartbeatIntervalMs
    }
    if (errorCode !== Errors.NONE) {
      this.complain('the controller refuses heartbeats', errorName(errorCode))
      if (errorCode === Errors.STALE_BROKER_EPOCH && this.state === 'recovery') void this.registerInstead()
      return heartbeatIntervalMs
    }
    if (this.complaints.size > 0) this.journal.info('the controller accepts heartbeats again', { after: [...this.complaints].join(', ') })
    this.complaints.clear()
    if (this.wantsShutdown) {
      if (answer.shouldShutDown) this.move('shutting down')
      return answer.shouldShutDown ? heartbeatIntervalMs : RETRY_MS
    }
    if (!this.readyToUnfence) return heartbeatIntervalMs
    if (answer.isFenced) return RETRY_MS
    this.move('running')
    return heartbeatIntervalMs
  }

  private complain(message: string, reason: string, error: unknown = reason): void {
    if (this.closed || this.complaints.has(reason)) return
    this.complaints.add(reason)
    this.journal.warn(message, { error })
  }
}
