import type { ByteSource } from '../base/index.ts'
import type { Clock } from '../host/index.ts'
import { type AbortedTransaction, type ReadBound, type ReadResult, readLog } from '../log/index.ts'
import { type ErrorCode, Errors } from '../protocol/index.ts'
import type { FetchTarget } from './fetch-session.ts'
import type { Partition } from './partition.ts'
import type { ReplicationThrottle } from './replication-quota.ts'

export interface FetchParameters {
  /** -1 from consumers, -2 from debugging tools, else the broker id of a follower. */
  readonly replicaId: number
  /** Broker epoch of a follower; -1: it does not say (KIP-903). */
  readonly replicaEpoch: number
  readonly maxWaitMs: number
  readonly minBytes: number
  readonly maxBytes: number
  readonly upTo: ReadBound
  /** Followers, and clients from before KIP-392, are served by leaders alone. */
  readonly onlyFromLeader: boolean
  /** Where a consumer had better read, asked of the leader; undefined: here. */
  readonly preferredReadReplica?: ((partition: Partition, offset: number) => number | undefined) | undefined
  /** Of what followers are given. */
  readonly throttle?: ReplicationThrottle
}

export interface DivergingEpoch {
  readonly epoch: number
  readonly endOffset: number
}

/** What one partition has to say in a fetch. Offsets are -1 with an error. */
export interface FetchedPartition {
  readonly target: FetchTarget
  readonly errorCode: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStartOffset: number
  /** Undefined: no records. Whoever takes it sends or releases it. */
  readonly records: ByteSource | undefined
  readonly abortedTransactions: readonly AbortedTransaction[] | undefined
  readonly divergingEpoch: DivergingEpoch | undefined
  /** -1: none. Else there are no records: the client shall ask that broker. */
  readonly preferredReadReplica: number
}

/** Whoever asked, as far as waiting goes. */
export interface ClientPresence {
  /** Calls back when the client goes, or is gone, before it has been answered. */
  whenGone(callback: () => void): void
}

export interface PartitionLookup {
  find(topicId: string, index: number): Partition | undefined
  /** Why a partition is not here. With the name of its topic: whether that is another topic by now. */
  missing(topicId: string, index: number, topic?: string): ErrorCode
}

const failed = (target: FetchTarget, errorCode: ErrorCode): FetchedPartition => ({
  target,
  errorCode,
  highWatermark: -1,
  lastStableOffset: -1,
  logStartOffset: -1,
  records: undefined,
  abortedTransactions: undefined,
  divergingEpoch: undefined,
  preferredReadReplica: -1,
})

/** What the partition says of itself, without records. */
const described = (target: FetchTarget, { log: { highWatermark, lastStableOffset, logStartOffset } }: Partition): FetchedPartition => ({
  ...failed(target, Errors.NONE),
  ...{ highWatermark, lastStableOffset, logStartOffset },
})

/** A batch that is cut off before its end is of no use to anyone: clients that get nothing else do not get on (KIP-74). */
const fetched = (target: FetchTarget, read: ReadResult): FetchedPartition => {
  if (read.error !== undefined) return failed(target, Errors[read.error])
  if (read.firstBatchCut) read.records?.release?.()
  return {
    target,
    errorCode: Errors.NONE,
    highWatermark: read.highWatermark,
    lastStableOffset: read.lastStableOffset,
    logStartOffset: read.logStartOffset,
    records: read.firstBatchCut ? undefined : read.records,
    abortedTransactions: read.abortedTransactions,
    divergingEpoch: undefined,
    preferredReadReplica: -1,
  }
}

/**
 * The reader's history parted from this log (KIP-595, 320): where the last epoch that both know ends here. An epoch that this log never
 * knew cannot be placed: OFFSET_OUT_OF_RANGE.
 */
const divergence = (partition: Partition, target: FetchTarget): DivergingEpoch | ErrorCode => {
  const { log } = partition
  const end = log.epochs.endOffsetFor(target.lastFetchedEpoch, log.logEndOffset)
  if (end === undefined || end.endOffset < 0 || target.fetchOffset < log.logStartOffset) return Errors.OFFSET_OUT_OF_RANGE
  if (end.epoch < target.lastFetchedEpoch || end.endOffset < target.fetchOffset) return end
  return Errors.NONE
}

/** While followers get too much: one that is not in sync gets no records of what is throttled (ReplicaManager.shouldLeaderThrottle). */
const isHeldUp = (partition: Partition, { replicaId, throttle }: FetchParameters): boolean =>
  replicaId >= 0 &&
  throttle?.isThrottled(partition) === true &&
  !partition.registration.isr.includes(replicaId) &&
  throttle.quota.isExceeded

const readPartition = (
  lookup: PartitionLookup,
  target: FetchTarget,
  maxBytes: number,
  minOneMessage: boolean,
  parameters: FetchParameters,
  isFirst: boolean,
): FetchedPartition | Promise<FetchedPartition> => {
  if (target.topic === undefined) return failed(target, Errors.UNKNOWN_TOPIC_ID)
  const partition = lookup.find(target.topicId, target.partition)
  if (partition === undefined) return failed(target, lookup.missing(target.topicId, target.partition, target.topic))
  const preferredReadReplica = parameters.preferredReadReplica?.(partition, target.fetchOffset)
  const epochError = partition.checkLeaderEpoch(target.currentLeaderEpoch, parameters.onlyFromLeader)
  if (epochError !== Errors.NONE) return failed(target, epochError)
  if (preferredReadReplica !== undefined) return { ...described(target, partition), preferredReadReplica }
  if (parameters.replicaId >= 0 && !partition.registration.replicas.includes(parameters.replicaId)) {
    // With the right epoch the replica is one that is not known here yet: it asks again.
    return failed(target, target.currentLeaderEpoch >= 0 ? Errors.UNKNOWN_LEADER_EPOCH : Errors.NOT_LEADER_OR_FOLLOWER)
  }
  const { log } = partition
  if (target.lastFetchedEpoch >= 0) {
    const diverging = divergence(partition, target)
    if (typeof diverging === 'object') return { ...described(target, partition), divergingEpoch: diverging }
    if (diverging !== Errors.NONE) return failed(target, diverging)
  }
  // One that fetches from beyond this log holds something else than what is below.
  const isWithin = target.fetchOffset >= log.logStartOffset && target.fetchOffset <= log.logEndOffset
  if (isFirst && isWithin && parameters.replicaId >= 0) {
    const { replicaId, replicaEpoch: brokerEpoch } = parameters
    const error = partition.followerFetched({ replicaId, brokerEpoch, offset: target.fetchOffset, logStartOffset: target.logStartOffset })
    if (error !== Errors.NONE) return failed(target, error)
  }
  const read = isHeldUp(partition, parameters)
    ? readLog(log, target.fetchOffset, 0, { upTo: parameters.upTo, minOneMessage: false })
    : readLog(log, target.fetchOffset, maxBytes, { upTo: parameters.upTo, minOneMessage })
  return read instanceof Promise ? read.then((result) => fetched(target, result)) : fetched(target, read)
}

export const release = (results: readonly FetchedPartition[]): void => {
  for (const { records } of results) records?.release?.()
}

/** One pass over the partitions, in their order, until the bytes are used up. Only the first records found may exceed the limits (KIP-74). */
const readAll = (
  lookup: PartitionLookup,
  targets: readonly FetchTarget[],
  parameters: FetchParameters,
  isFirst = false,
): FetchedPartition[] | Promise<FetchedPartition[]> => {
  const results: FetchedPartition[] = []
  let bytesLeft = parameters.maxBytes
  let minOneMessage = true
  const take = (result: FetchedPartition): void => {
    results.push(result)
    if (result.records === undefined) return
    minOneMessage = false
    bytesLeft = Math.max(0, bytesLeft - result.records.bytes)
  }
  const readFrom = async (first: number, pending: Promise<FetchedPartition>): Promise<FetchedPartition[]> => {
    take(await pending)
    for (let i = first; i < targets.length; i++) {
      const read = readPartition(lookup, targets[i]!, Math.min(targets[i]!.maxBytes, bytesLeft), minOneMessage, parameters, isFirst)
      take(read instanceof Promise ? await read : read)
    }
    return results
  }
  for (let i = 0; i < targets.length; i++) {
    const read = readPartition(lookup, targets[i]!, Math.min(targets[i]!.maxBytes, bytesLeft), minOneMessage, parameters, isFirst)
    if (read instanceof Promise) return readFrom(i + 1, read)
    take(read)
  }
  return results
}

const isReady = (results: readonly FetchedPartition[], minBytes: number): boolean => {
  let bytes = 0
  for (const result of results) {
    if (result.errorCode !== Errors.NONE || result.divergingEpoch !== undefined || result.preferredReadReplica >= 0) return true
    if (result.records !== undefined) bytes += result.records.bytes
  }
  return bytes >= minBytes
}

/** The cluster has no such partition. */
const isUnknown = ({ errorCode }: FetchedPartition): boolean =>
  errorCode === Errors.UNKNOWN_TOPIC_ID || errorCode === Errors.UNKNOWN_TOPIC_OR_PARTITION

/**
 * Reads what the targets hold; below `minBytes` waits up to `maxWaitMs` for more, for an error, or for leadership to move, and reads again.
 * At once when that is possible. Nothing is waited for when `client` is gone.
 */
export const fetch = (
  lookup: PartitionLookup,
  targets: readonly FetchTarget[],
  parameters: FetchParameters,
  clock: Clock,
  client?: ClientPresence,
): FetchedPartition[] | Promise<FetchedPartition[]> => {
  const first = readAll(lookup, targets, parameters, true)
  if (first instanceof Promise) return first.then((results) => finishOrWait(lookup, parameters, clock, client, results, true))
  return finishOrWait(lookup, parameters, clock, client, first, false)
}

/**
 * Partitions that the cluster does not have are told together with the rest, last; they do not cut its waiting short, or a client that goes on
 * asking for a deleted topic would do so without a pause (KafkaApis.handleFetchRequest). `isStale`: time has passed since the first was read.
 */
const finishOrWait = (
  lookup: PartitionLookup,
  parameters: FetchParameters,
  clock: Clock,
  client: ClientPresence | undefined,
  results: FetchedPartition[],
  isStale: boolean,
): FetchedPartition[] | Promise<FetchedPartition[]> => {
  if (parameters.maxWaitMs <= 0) return results
  const unknown = results.some(isUnknown) ? results.filter(isUnknown) : []
  const known = unknown.length === 0 ? results : results.filter((result) => !isUnknown(result))
  if (known.length === 0 || isReady(known, parameters.minBytes)) return results
  const targets = known.map(({ target }) => target)
  return new Promise((resolve, reject) => {
    const answer = (found: FetchedPartition[]): void => resolve(unknown.length === 0 ? found : [...found, ...unknown])
    new WaitingFetch(lookup, targets, parameters, known, answer, reject).start(clock, client, isStale)
  })
}

/** A fetch below its minimum, until something moves. Holds the last results, so that the deadline needs no read. */
class WaitingFetch {
  private readonly lookup: PartitionLookup
  private readonly targets: readonly FetchTarget[]
  private readonly parameters: FetchParameters
  private readonly resolve: (results: FetchedPartition[]) => void
  private readonly reject: (error: unknown) => void
  private readonly watched: Partition[] = []
  private results: FetchedPartition[]
  private reading = false
  private woken = false
  private done = false
  private stopTimer: () => void = () => {}

  constructor(
    lookup: PartitionLookup,
    targets: readonly FetchTarget[],
    parameters: FetchParameters,
    results: FetchedPartition[],
    resolve: (results: FetchedPartition[]) => void,
    reject: (error: unknown) => void,
  ) {
    this.lookup = lookup
    this.targets = targets
    this.parameters = parameters
    this.results = results
    this.resolve = resolve
    this.reject = reject
  }

  /** `isStale`: something may have moved since the results were read, with nobody watching. */
  start(clock: Clock, client: ClientPresence | undefined, isStale: boolean): void {
    for (const target of this.targets) {
      const partition = this.lookup.find(target.topicId, target.partition)
      if (partition === undefined) continue
      partition.watch(this.wake, this.parameters.replicaId >= 0)
      this.watched.push(partition)
    }
    const timer = clock.after(this.parameters.maxWaitMs, () => this.finish())
    this.stopTimer = () => timer.cancel()
    client?.whenGone(() => this.finish())
    if (isStale) this.wake()
  }

  /** Reads again at the end of this turn: one pass, however many of its partitions move. A follower of thousands has them all move at once. */
  private readonly wake = (): void => {
    if (this.done || this.woken) return
    this.woken = true
    if (!this.reading) Promise.resolve().then(this.look).catch(this.fail)
  }

  private readonly look = (): void => {
    this.woken = false
    if (this.done) return
    const read = readAll(this.lookup, this.targets, this.parameters)
    if (!(read instanceof Promise)) {
      this.take(read)
      return
    }
    this.reading = true
    read
      .then((results) => {
        this.reading = false
        this.take(results)
        if (this.woken) this.look()
      })
      .catch(this.fail)
  }

  private readonly fail = (error: unknown): void => {
    this.stop()
    this.reject(error)
  }

  private take(results: FetchedPartition[]): void {
    if (this.done) {
      release(results)
      return
    }
    release(this.results)
    this.results = results
    if (isReady(results, this.parameters.minBytes)) this.finish()
  }

  private finish(): void {
    if (this.done) return
    this.stop()
    this.resolve(this.results)
  }

  private stop(): void {
    this.done = true
    this.stopTimer()
    for (const partition of this.watched) partition.unwatch(this.wake)
  }
}
