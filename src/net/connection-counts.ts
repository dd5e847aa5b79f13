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
}

export type Admission = 'welcome' | 'total' | 'listener' | 'ip'

/** Who is connected, and whether one more may be. */
export class ConnectionCounts {
  limits: ConnectionLimits
  accepted = 0
  refused = 0
  idleClosed = 0
  failed = 0
  #total = 0
  #byIp = new Map<string, number>()
  #byListener = new Map<string, number>()

  constructor(limits: ConnectionLimits) {
    this.limits = limits
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

  admission(listener: ListenerOptions, ip: string): Admission {
    if (this.fromIp(ip) >= (this.limits.perIpOverrides.get(ip) ?? this.limits.perIpMax)) return 'ip'
    if (this.onListener(listener.name) >= this.listenerMax(listener)) return 'listener'
    return this.#total >= this.limits.connectionsMax ? 'total' : 'welcome'
  }

  private listenerMax({ name, connectionsMax }: ListenerOptions): number {
    return this.limits.perListenerMax?.get(name) ?? connectionsMax ?? Number.POSITIVE_INFINITY
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
