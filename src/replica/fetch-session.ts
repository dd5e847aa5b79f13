import { Errors } from '../protocol/index.ts'

/**
 * Incremental fetch sessions (KIP-227). A consumer or follower names its partitions once; later requests carry only what changed, and
 * later answers carry only partitions with news. The broker remembers the rest here.
 *
 *     request   session id   epoch        what the broker does
 *     full      0            0            answers all, may open a session
 *     close     n or 0       -1           forgets session n, answers all, opens none
 *     reopen    n            0            forgets session n, then as a full one
 *     next      n            expected     updates session n, answers what is new
 *
 * A partition that returned data moves to the end, so that one busy partition cannot starve the others of a byte-limited answer.
 */
export interface FetchTarget {
  /** Undefined: the topic id is not known to this broker (yet). */
  topic: string | undefined
  topicId: string
  partition: number
  fetchOffset: number
  currentLeaderEpoch: number
  lastFetchedEpoch: number
  /** The log start offset of a follower; -1 from consumers. */
  logStartOffset: number
  maxBytes: number
}

/** What decides whether a partition is news. */
export interface FetchNews {
  readonly errorCode: number
  readonly highWatermark: number
  readonly logStartOffset: number
  readonly recordBytes: number
  /** Diverging epoch, preferred replica, or leader hints are set: always news. */
  readonly notable: boolean
}

interface CachedPartition extends FetchTarget {
  highWatermark: number
  localLogStartOffset: number
}

const INITIAL_EPOCH = 0
const FINAL_EPOCH = -1
const NO_SESSION = 0
/** From this version on partitions are named by topic id (KIP-516). */
const TOPIC_ID_VERSION = 13

/** In a session without topic ids a name stands for whichever topic has it. */
const keyOf = (target: FetchTarget, usesTopicIds: boolean): string => `${usesTopicIds ? target.topicId : target.topic}\n${target.partition}`

const nextEpoch = (epoch: number): number => (epoch === 0x7fffffff ? 1 : epoch + 1)

class FetchSession {
  readonly id: number
  readonly privileged: boolean
  readonly usesTopicIds: boolean
  readonly createdMs: number
  lastUsedMs: number
  epoch = nextEpoch(INITIAL_EPOCH)
  readonly partitions = new Map<string, CachedPartition>()

  constructor(id: number, privileged: boolean, usesTopicIds: boolean, now: number) {
    this.id = id
    this.privileged = privileged
    this.usesTopicIds = usesTopicIds
    this.createdMs = now
    this.lastUsedMs = now
  }

  update(targets: readonly FetchTarget[], forgotten: readonly FetchTarget[]): void {
    for (const target of targets) {
      const key = keyOf(target, this.usesTopicIds)
      const known = this.partitions.get(key)
      if (known === undefined) this.partitions.set(key, { ...target, highWatermark: -1, localLogStartOffset: -1 })
      else {
        known.topic ??= target.topic
        known.topicId = target.topicId
        known.fetchOffset = target.fetchOffset
        known.currentLeaderEpoch = target.currentLeaderEpoch
        known.lastFetchedEpoch = target.lastFetchedEpoch
        known.logStartOffset = target.logStartOffset
        known.maxBytes = target.maxBytes
      }
    }
    for (const target of forgotten) this.partitions.delete(keyOf(target, this.usesTopicIds))
  }
}

/** One fetch, from its request to its answer. */
export interface FetchContext {
  readonly targets: readonly FetchTarget[]
  /** Another request of the session was taken up while this one waited: it must not answer any more (INVALID_FETCH_SESSION_EPOCH). */
  isOvertaken(): boolean
  /** Tells whether the target's answer belongs into the reply; called once per target, in the order they are answered. */
  include(target: FetchTarget, news: FetchNews): boolean
  /** The session id for the reply; called after the last `include`. */
  finish(now: number): number
}

export type FetchOpening = { readonly errorCode: number } | FetchContext

export const isFetchRefusal = (opening: FetchOpening): opening is { readonly errorCode: number } => 'errorCode' in opening

const everything = (targets: readonly FetchTarget[]): FetchContext => ({
  targets,
  isOvertaken: () => false,
  include: () => true,
  finish: () => NO_SESSION,
})

export interface FetchSessionLimits {
  /** max.incremental.fetch.session.cache.slots */
  readonly slots: number
  /** A session unused for so long may be pushed out by a new one. */
  readonly evictionMs: number
}

/** All sessions of a broker, least recently used first. */
export class FetchSessions {
  private readonly sessions = new Map<number, FetchSession>()
  private readonly limits: FetchSessionLimits
  private readonly randomId: () => number
  private partitionsTotal = 0
  evictions = 0

  /** `randomId` gives a whole number in [0, 2^31 - 1). */
  constructor(limits: FetchSessionLimits, randomId: () => number) {
    this.limits = limits
    this.randomId = randomId
  }

  get count(): number {
    return this.sessions.size
  }
  get partitionCount(): number {
    return this.partitionsTotal
  }

  begin(
    request: { readonly version: number; readonly sessionId: number; readonly sessionEpoch: number; readonly fromFollower: boolean },
    targets: readonly FetchTarget[],
    forgotten: readonly FetchTarget[],
    now: number,
  ): FetchOpening {
    const { sessionId, sessionEpoch } = request
    if (sessionEpoch === INITIAL_EPOCH || sessionEpoch === FINAL_EPOCH) {
      if (sessionId !== NO_SESSION) this.forget(sessionId)
      return sessionEpoch === FINAL_EPOCH ? everything(targets) : this.full(request, targets)
    }
    const session = this.sessions.get(sessionId)
    if (session === undefined) return { errorCode: Errors.FETCH_SESSION_ID_NOT_FOUND }
    if (session.epoch !== sessionEpoch) return { errorCode: Errors.INVALID_FETCH_SESSION_EPOCH }
    if (session.usesTopicIds !== request.version >= TOPIC_ID_VERSION) return { errorCode: Errors.FETCH_SESSION_TOPIC_ID_ERROR }
    const before = session.partitions.size
    session.update(targets, forgotten)
    this.partitionsTotal += session.partitions.size - before
    if (session.partitions.size === 0) {
      this.forget(sessionId)
      return everything([])
    }
    this.touch(session, now)
    session.epoch = nextEpoch(sessionEpoch)
    return this.incremental(session)
  }

  private full(request: { version: number; fromFollower: boolean }, targets: readonly FetchTarget[]): FetchContext {
    const answered = new Map<FetchTarget, FetchNews>()
    return {
      targets,
      isOvertaken: () => false,
      include: (target, news) => {
        answered.set(target, news)
        return true
      },
      finish: (now) => {
        if (targets.length === 0 || request.version < 7) return NO_SESSION
        if (!this.makeRoom(targets.length, request.fromFollower, now)) return NO_SESSION
        const session = new FetchSession(this.freshId(), request.fromFollower, request.version >= TOPIC_ID_VERSION, now)
        for (const target of targets) {
          const news = answered.get(target)
          session.partitions.set(keyOf(target, session.usesTopicIds), {
            ...target,
            highWatermark: news?.highWatermark ?? -1,
            localLogStartOffset: news?.logStartOffset ?? -1,
          })
        }
        this.sessions.set(session.id, session)
        this.partitionsTotal += session.partitions.size
        return session.id
      },
    }
  }

  private incremental(session: FetchSession): FetchContext {
    const partitions = [...session.partitions.values()]
    const { epoch } = session
    return {
      targets: partitions,
      isOvertaken: () => session.epoch !== epoch,
      include: (target, news) => {
        const cached = target as CachedPartition
        let isNews = news.recordBytes > 0 || news.notable
        if (cached.highWatermark !== news.highWatermark) {
          cached.highWatermark = news.highWatermark
          isNews = true
        }
        if (cached.localLogStartOffset !== news.logStartOffset) {
          cached.localLogStartOffset = news.logStartOffset
          isNews = true
        }
        if (news.errorCode !== Errors.NONE) {
          // Forces the partition into the next answer too, when the error is gone.
          cached.highWatermark = -1
          isNews = true
        }
        if (news.recordBytes > 0) {
          const key = keyOf(cached, session.usesTopicIds)
          if (session.partitions.delete(key)) session.partitions.set(key, cached)
        }
        return isNews
      },
      finish: () => session.id,
    }
  }

  private touch(session: FetchSession, now: number): void {
    session.lastUsedMs = now
    this.sessions.delete(session.id)
    this.sessions.set(session.id, session)
  }

  private forget(id: number): void {
    const session = this.sessions.get(id)
    if (session === undefined) return
    this.sessions.delete(id)
    this.partitionsTotal -= session.partitions.size
  }

  /** A free slot, by pushing out a session that is stale, or smaller and old enough; followers may push out consumers. */
  private makeRoom(size: number, privileged: boolean, now: number): boolean {
    if (this.sessions.size < this.limits.slots) return true
    const oldest = this.sessions.values().next().value
    if (oldest === undefined) return false
    let victim: FetchSession | undefined = now - oldest.lastUsedMs > this.limits.evictionMs ? oldest : undefined
    if (victim === undefined) {
      for (const session of this.sessions.values()) {
        const weaker = privileged && !session.privileged
        const smaller =
          session.privileged === privileged && session.partitions.size < size && now - session.createdMs > this.limits.evictionMs
        if ((weaker || smaller) && (victim === undefined || session.partitions.size < victim.partitions.size)) victim = session
      }
    }
    if (victim === undefined) return false
    this.forget(victim.id)
    this.evictions++
    return true
  }

  private freshId(): number {
    for (;;) {
      const id = this.randomId() + 1
      if (!this.sessions.has(id)) return id
    }
  }
}
