import { assert } from '../base/index.ts'
import { type BrokerRegistration, hasUncordonedDirectory, type ImageObserver, type MetadataImage } from '../metadata/index.ts'

interface BrokerState {
  fenced: boolean
  /** How far the broker had read the metadata log when it last spoke; -1: it has not. */
  metadataOffset: number
  /** Once all active brokers have read this far, a broker in controlled shutdown may go; -1: it is in none. */
  controlledShutdownOffset: number
}
interface Session {
  readonly epoch: number
  lastContactMs: number
  /** Begun by the controller alone, for the broker of its own node: that one may be of a process that is gone. */
  presumed: boolean
}

/** What a broker that could take a new replica looks like to placement. */
export interface UsableBroker {
  readonly id: number
  readonly rack: string | null
  readonly fenced: boolean
}

export type BrokerControlState = 'fenced' | 'unfenced' | 'controlled-shutdown' | 'shutdown-now'

/**
 * Who has been heard of lately. Only the active controller keeps it, and it is not in the log: a new controller gives every unfenced
 * broker a whole session from its activation on.
 */
export class BrokerHeartbeats implements ImageObserver {
  private readonly brokers = new Map<number, BrokerState>()
  private readonly sessions = new Map<number, Session>()
  private readonly image: MetadataImage
  private readonly sessionTimeoutMs: number
  /** Sessions that ran out. */
  timedOut = 0

  constructor(image: MetadataImage, sessionTimeoutMs: number) {
    this.image = image
    this.sessionTimeoutMs = sessionTimeoutMs
    for (const [id, broker] of image.brokers) this.brokerChanged(id, undefined, broker)
    image.observe(this)
  }

  /**
   * The controller becomes active: sessions of unfenced brokers begin. That of the broker in this controller's own node runs out like
   * any other, but keeps nobody from registering until the broker speaks: it may be that of the process before this one, which cannot
   * live while this one holds its directories. Apache Kafka makes such a node wait out its own session after a crash.
   */
  activate(nowMs: number, ownNodeId: number): void {
    for (const { id, epoch, fenced } of this.image.brokers.values())
      if (!fenced) this.sessions.set(id, { epoch, lastContactMs: nowMs, presumed: id === ownNodeId })
  }

  brokerChanged(id: number, before: BrokerRegistration | undefined, after: BrokerRegistration | undefined): void {
    if (after === undefined) {
      this.brokers.delete(id)
      this.sessions.delete(id)
      return
    }
    const known = this.brokers.get(id)
    if (known === undefined || (before !== undefined && before.recordOffset !== after.recordOffset))
      this.brokers.set(id, { fenced: after.fenced, metadataOffset: -1, controlledShutdownOffset: -1 })
    else if (known.fenced !== after.fenced) this.touch(id, after.fenced, known.metadataOffset)
  }

  contact(id: number, epoch: number, nowMs: number): void {
    const session = this.sessions.get(id)
    if (session?.epoch === epoch) {
      session.lastContactMs = nowMs
      session.presumed = false
    } else this.sessions.set(id, { epoch, lastContactMs: nowMs, presumed: false })
  }
  /** Whether another incarnation has to wait. */
  hasValidSession(id: number, epoch: number, nowMs: number): boolean {
    const session = this.sessions.get(id)
    return session !== undefined && session.epoch === epoch && !session.presumed && !this.isExpired(session, nowMs)
  }
  private isExpired(session: Session, nowMs: number): boolean {
    return session.lastContactMs + this.sessionTimeoutMs < nowMs
  }
  /** Forgets one session that ran out and says whose it was. */
  takeExpired(nowMs: number): { readonly id: number; readonly epoch: number } | undefined {
    for (const [id, session] of this.sessions)
      if (this.isExpired(session, nowMs)) {
        this.sessions.delete(id)
        this.timedOut++
        return { id, epoch: session.epoch }
      }
    return undefined
  }
  /** Milliseconds until the first session runs out unless its broker speaks before; undefined: there is none. */
  untilExpiryMs(nowMs: number): number | undefined {
    let first: number | undefined
    for (const { lastContactMs } of this.sessions.values()) first = Math.min(first ?? lastContactMs, lastContactMs)
    return first === undefined ? undefined : Math.max(0, first + this.sessionTimeoutMs - nowMs)
  }
  /** Milliseconds since a broker was last heard of; undefined: never. */
  silenceMs(id: number, nowMs: number): number | undefined {
    const session = this.sessions.get(id)
    return session === undefined ? undefined : nowMs - session.lastContactMs
  }

  touch(id: number, fenced: boolean, metadataOffset: number): void {
    const broker = this.stateOf(id)
    broker.fenced = fenced
    broker.metadataOffset = metadataOffset
    if (fenced) broker.controlledShutdownOffset = -1
  }
  beginControlledShutdown(id: number, offset: number): void {
    const broker = this.stateOf(id)
    assert(!broker.fenced, 'a fenced broker has nothing to shut down')
    if (broker.controlledShutdownOffset < 0) broker.controlledShutdownOffset = offset
  }
  currentState(id: number): BrokerControlState {
    const broker = this.stateOf(id)
    if (broker.controlledShutdownOffset >= 0) return 'controlled-shutdown'
    return broker.fenced ? 'fenced' : 'unfenced'
  }
  /** Every broker that is neither fenced nor shutting down has read past the offset from which this one leads nothing. */
  mayFinishShutdown(id: number): boolean {
    const { controlledShutdownOffset } = this.stateOf(id)
    for (const broker of this.brokers.values())
      if (!broker.fenced && broker.controlledShutdownOffset < 0 && broker.metadataOffset < controlledShutdownOffset) return false
    return true
  }

  /** Brokers that placement may use: not shutting down, with a directory that takes replicas. */
  usableBrokers(): UsableBroker[] {
    const usable: UsableBroker[] = []
    for (const [id, { fenced, controlledShutdownOffset }] of this.brokers) {
      const registration = this.image.brokers.get(id)!
      if (controlledShutdownOffset < 0 && hasUncordonedDirectory(registration)) usable.push({ id, rack: registration.rack, fenced })
    }
    return usable
  }

  private stateOf(id: number): BrokerState {
    const broker = this.brokers.get(id)
    assert(broker !== undefined, 'only registered brokers have heartbeats')
    return broker
  }
}
