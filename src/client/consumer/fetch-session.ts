/** What a fetch asks of one partition. */
export interface FetchTarget {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  readonly offset: number
  readonly currentLeaderEpoch: number
  readonly lastFetchedEpoch: number
  readonly maxBytes: number
  /** Of a follower. */
  readonly logStartOffset?: number
}

export interface SessionRequest {
  readonly sessionId: number
  readonly epoch: number
  readonly send: readonly FetchTarget[]
  readonly forget: readonly FetchTarget[]
}

const initialEpoch = 0
const epochMax = 0x7fffffff

/**
 * The client's half of an incremental fetch session with one broker (KIP-227): only what changed since the last request travels.
 *
 *   none ──full, epoch 0──► session ──changes only, epoch 1, 2, …──► session
 *    ▲                         │ error, lost connection: a full request with the old id and epoch 0 closes it and opens another
 *    └─────────────────────────┘
 */
export class FetchSession {
  #sessionId = 0
  #epoch = initialEpoch
  #targets = new Map<string, FetchTarget>()

  /** The request that makes the broker fetch exactly `targets`. */
  next(targets: ReadonlyMap<string, FetchTarget>): SessionRequest {
    if (this.#epoch === initialEpoch) {
      this.#targets = new Map(targets)
      return { sessionId: this.#sessionId, epoch: initialEpoch, send: [...targets.values()], forget: [] }
    }
    const send: FetchTarget[] = []
    const forget: FetchTarget[] = []
    for (const [key, target] of targets) {
      const known = this.#targets.get(key)
      if (known !== undefined && known.topicId !== target.topicId) forget.push(known)
      if (known === undefined || !sameTarget(known, target)) send.push(target)
    }
    for (const [key, known] of this.#targets) if (!targets.has(key)) forget.push(known)
    this.#targets = new Map(targets)
    return { sessionId: this.#sessionId, epoch: this.#epoch, send, forget }
  }

  /** The broker answered without an error of its own. */
  answered(sessionId: number): void {
    if (this.#epoch === initialEpoch) {
      this.#sessionId = sessionId
      this.#epoch = sessionId === 0 ? initialEpoch : 1
    } else this.#epoch = this.#epoch === epochMax ? 1 : this.#epoch + 1
  }

  /** The session is in doubt; `lost`: the broker does not know it any more. */
  failed(lost: boolean): void {
    if (lost) this.#sessionId = 0
    this.#epoch = initialEpoch
  }

  /** What closes the session on the broker; undefined when there is none. */
  closing(): SessionRequest | undefined {
    return this.#sessionId === 0 ? undefined : { sessionId: this.#sessionId, epoch: -1, send: [], forget: [] }
  }
}

function sameTarget(a: FetchTarget, b: FetchTarget): boolean {
  return (
    a.topicId === b.topicId &&
    a.offset === b.offset &&
    a.currentLeaderEpoch === b.currentLeaderEpoch &&
    a.lastFetchedEpoch === b.lastFetchedEpoch &&
    a.maxBytes === b.maxBytes &&
    a.logStartOffset === b.logStartOffset
  )
}
