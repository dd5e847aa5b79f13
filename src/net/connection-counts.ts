import { CreationRate, type RateWindow } from './creation-rate.ts'
import type { ListenerOptions } from './listener-options.ts'

export interface ConnectionLimits {
  /** `max.connections`, all listeners together. */
  readonly connectionsMax: number
  /** `max.connections.per.ip`. */
  readonly perIpMax: number
  /** `max.connections.per.ip.overrides`. */
  readonly perIpOverrides: ReadonlyMap<string, number>
  /** `listener.name.<name>.max.connections`, by listener; wins over what the listener was opened with. */
  readonly perListenerMax?: ReadonlyMap<string, number>
  /** `max.connection.creation.rate`: new connections a second. */
  readonly rateMax?: number
  /** `listener.name.<name>.max.connection.creation.rate`, by listener. */
  readonly perListenerRateMax?: ReadonlyMap<string, number>
  /** The quota `connection_creation_rate` of an address; undefined: none. */
  readonly ipRateMax?: (ip: string) => number | undefined
  readonly rateWindow?: RateWindow
}

const KAFKA_WINDOW: RateWindow = { sizeMs: 1000, count: 11 }
/** Addresses whose rate is remembered; beyond it the quiet ones are forgotten. */
const IP_RATES_MAX = 10_000

/** Who is connected, whether one more may be, and when (ConnectionQuotas). */
export class ConnectionCounts {
  accepted = 0
  refused = 0
  idleClosed = 0
  failed = 0
  /** Told when limits change: who waits may come in, or there may be too many. */
  onLimits: (() => void) | undefined
  #limits: ConnectionLimits
  #total = 0
  #byIp = new Map<string, number>()
  #byListener = new Map<string, number>()
  #rate = new CreationRate()
  #rateByListener = new Map<string, CreationRate>()
  #rateByIp = new Map<string, CreationRate>()

  constructor(limits: ConnectionLimits) {
    this.#limits = limits
  }

  get limits(): ConnectionLimits {
    return this.#limits
  }
  set limits(limits: ConnectionLimits) {
    this.#limits = limits
    this.onLimits?.()
  }

  get total(): number {
    return this.#total
  }

  onListener(name: string): number {
    return this.#byListener.get(name) ?? 0
  }

  fromIp(ip: string): number {
    return this.#byIp.get(ip) ?? 0
  }

  /** Connections above the total. */
  get excess(): number {
    return Math.max(0, this.#total - this.#limits.connectionsMax)
  }

  /** A listener of brokers among themselves is not bound by the total (KIP-402). */
  hasSlot(listener: ListenerOptions): boolean {
    if (this.onListener(listener.name) >= this.#listenerMax(listener)) return false
    return listener.protected === true || this.#total < this.#limits.connectionsMax
  }

  hasSlotForIp(ip: string): boolean {
    return this.fromIp(ip) < (this.#limits.perIpOverrides.get(ip) ?? this.#limits.perIpMax)
  }

  #listenerMax({ name, connectionsMax }: ListenerOptions): number {
    return this.#limits.perListenerMax?.get(name) ?? connectionsMax ?? Number.POSITIVE_INFINITY
  }

  /** Counts a connection that comes, and tells how long it has to wait for the rates of the broker and of its listener (KIP-612). */
  arrivalDelayMs(listener: ListenerOptions, nowMs: number): number {
    const { rateMax = Number.POSITIVE_INFINITY, perListenerRateMax, rateWindow = KAFKA_WINDOW } = this.#limits
    const listenerRateMax = perListenerRateMax?.get(listener.name) ?? Number.POSITIVE_INFINITY
    let delayMs = 0
    if (rateMax !== Number.POSITIVE_INFINITY && !listener.protected) {
      this.#rate.record(nowMs, rateWindow)
      delayMs = this.#rate.excessMs(rateMax, nowMs, rateWindow)
    }
    if (listenerRateMax === Number.POSITIVE_INFINITY) return delayMs
    const rate = rateOf(this.#rateByListener, listener.name)
    rate.record(nowMs, rateWindow)
    return Math.max(delayMs, rate.excessMs(listenerRateMax, nowMs, rateWindow))
  }

  /** 0: an address may come in, and is counted. Else how long it is to wait, in vain: then it counts nowhere. */
  ipDelayMs(listener: ListenerOptions, ip: string, nowMs: number): number {
    const { ipRateMax, rateMax, perListenerRateMax, rateWindow = KAFKA_WINDOW } = this.#limits
    const limit = ipRateMax?.(ip)
    if (limit === undefined) return 0
    if (this.#rateByIp.size >= IP_RATES_MAX)
      for (const [each, rate] of this.#rateByIp) if (rate.isQuiet(nowMs, rateWindow)) this.#rateByIp.delete(each)
    const rate = rateOf(this.#rateByIp, ip)
    rate.record(nowMs, rateWindow)
    const delayMs = rate.excessMs(limit, nowMs, rateWindow)
    if (delayMs === 0) return 0
    rate.record(nowMs, rateWindow, -1)
    if (rateMax !== undefined && !listener.protected) this.#rate.record(nowMs, rateWindow, -1)
    if (perListenerRateMax?.has(listener.name)) rateOf(this.#rateByListener, listener.name).record(nowMs, rateWindow, -1)
    return delayMs
  }

  add(listener: ListenerOptions, ip: string): void {
    this.accepted++
    this.#total++
    this.#byIp.set(ip, this.fromIp(ip) + 1)
    this.#byListener.set(listener.name, this.onListener(listener.name) + 1)
  }

  remove(listener: ListenerOptions, ip: string): void {
    this.#total--
    const fromIp = this.fromIp(ip) - 1
    if (fromIp === 0) this.#byIp.delete(ip)
    else this.#byIp.set(ip, fromIp)
    this.#byListener.set(listener.name, this.onListener(listener.name) - 1)
  }
}

const rateOf = (rates: Map<string, CreationRate>, key: string): CreationRate => {
  let rate = rates.get(key)
  if (rate === undefined) rates.set(key, (rate = new CreationRate()))
  return rate
}
