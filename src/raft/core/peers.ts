/**
 * Requests under way to other replicas: one at a time to each, a deadline on each, a pause after a failure (Kafka's RequestManager).
 * An answer that is no longer waited for is not for us.
 */
export class Peers {
  readonly #requestTimeoutMs: number
  readonly #retryBackoffMs: number
  readonly #peers = new Map<number, { correlation: number; sentAt: number; backoffUntil: number }>()
  #nextCorrelation = 1

  constructor(requestTimeoutMs: number, retryBackoffMs: number) {
    this.#requestTimeoutMs = requestTimeoutMs
    this.#retryBackoffMs = retryBackoffMs
  }

  canSend(id: number, now: number): boolean {
    const peer = this.#peers.get(id)
    if (peer === undefined) return true
    if (peer.correlation !== 0) return now >= peer.sentAt + this.#requestTimeoutMs
    return now >= peer.backoffUntil
  }

  /** The request to the peer has been under way for too long. */
  isOverdue(id: number, now: number): boolean {
    const peer = this.#peers.get(id)
    return peer !== undefined && peer.correlation !== 0 && now >= peer.sentAt + this.#requestTimeoutMs
  }

  isBackingOff(id: number, now: number): boolean {
    const peer = this.#peers.get(id)
    return peer !== undefined && peer.correlation === 0 && now < peer.backoffUntil
  }

  sent(id: number, now: number): number {
    const correlation = this.#nextCorrelation++
    this.#peers.set(id, { correlation, sentAt: now, backoffUntil: 0 })
    return correlation
  }

  /** False: nobody waits for this answer. */
  answered(id: number, correlation: number): boolean {
    const peer = this.#peers.get(id)
    if (peer === undefined || peer.correlation !== correlation) return false
    peer.correlation = 0
    return true
  }

  failed(id: number, now: number): void {
    const peer = this.#peers.get(id)
    if (peer !== undefined) peer.backoffUntil = now + this.#retryBackoffMs
  }

  /** Whoever let its time pass is paused, and its answer counts no more. */
  giveUpOverdue(now: number): void {
    for (const [id, peer] of this.#peers) {
      if (!this.isOverdue(id, now)) continue
      peer.correlation = 0
      peer.backoffUntil = now + this.#retryBackoffMs
    }
  }

  get anyInFlight(): boolean {
    for (const peer of this.#peers.values()) if (peer.correlation !== 0) return true
    return false
  }

  forgetAll(): void {
    this.#peers.clear()
  }

  /** When a peer that cannot be asked now can be again; Infinity: all can. */
  nextChangeAt(now: number): number {
    let at = Number.POSITIVE_INFINITY
    for (const peer of this.#peers.values()) {
      const change = peer.correlation !== 0 ? peer.sentAt + this.#requestTimeoutMs : peer.backoffUntil
      if (change > now) at = Math.min(at, change)
    }
    return at
  }
}
