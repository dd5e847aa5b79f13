import type { Findings } from '../anomaly.ts'
import { type KeyStream, SendStatus } from '../history.ts'

/** A partition as it lies on one node's disk. */
export interface ReplicaLog {
  readonly node: number
  readonly key: number
  /** By offset from `startOffset` on: the value, -1 for what is no value of the key, -2 for an offset without a record. */
  readonly values: Int32Array
  readonly startOffset: number
  /** By offset: a checksum of the record's batch as it is stored, so that replicas that agree on values agree on all else too. */
  readonly batchSums: Int32Array
  /** Batches of idempotent producers, in the order of the log. */
  readonly batches: readonly StoredBatch[]
}

export interface StoredBatch {
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly baseOffset: number
  readonly count: number
}

const SEQUENCES = 2 ** 31

/** All replicas of one key: equal below the high watermark, gapless by producer, and all that was acknowledged is there. */
export const checkReplicas = (
  key: number,
  replicas: readonly ReplicaLog[],
  highWatermark: number,
  stream: KeyStream | undefined,
  findings: Findings,
): void => {
  const [first, ...others] = replicas
  if (first === undefined) return
  for (const replica of replicas) {
    const end = replica.startOffset + replica.values.length
    if (end < highWatermark)
      findings.add('short-replica', () => `key ${key} node ${replica.node}: ends at ${end}, the high watermark is ${highWatermark}`)
    checkSequences(key, replica, findings)
  }
  for (const other of others) {
    const offset = firstDifference(first, other, highWatermark)
    if (offset >= 0)
      findings.add(
        'diverged-replicas',
        () =>
          `key ${key} offset ${offset}: value ${valueAt(first, offset)} on node ${first.node}, ${valueAt(other, offset)} on node ${other.node}`,
      )
  }
  if (stream !== undefined) checkAcknowledged(key, replicas, stream, findings)
}

const valueAt = (replica: ReplicaLog, offset: number): number => replica.values[offset - replica.startOffset] ?? -2

const firstDifference = (a: ReplicaLog, b: ReplicaLog, end: number): number => {
  const last = Math.min(end, a.startOffset + a.values.length, b.startOffset + b.values.length)
  for (let offset = Math.max(a.startOffset, b.startOffset); offset < last; offset++) {
    const [inA, inB] = [offset - a.startOffset, offset - b.startOffset]
    if (a.values[inA] !== b.values[inB] || a.batchSums[inA] !== b.batchSums[inB]) return offset
  }
  return -1
}

/** Sequences count records from 0 for every producer and epoch, and begin again at 0 behind 2^31 - 1. */
const checkSequences = (key: number, { node, batches, startOffset }: ReplicaLog, findings: Findings): void => {
  const nextOf = new Map<string, number>()
  for (const { producerId, producerEpoch, baseSequence, baseOffset, count } of batches) {
    const producer = `${producerId}/${producerEpoch}`
    // What lies before the log's start may have held the first ones.
    const expected = nextOf.get(producer) ?? (startOffset > 0 ? baseSequence : 0)
    if (baseSequence !== expected)
      findings.add(
        'sequence-gap',
        () =>
          `key ${key} node ${node} offset ${baseOffset}: producer ${producer} has sequence ${baseSequence} where ${expected} was to come`,
      )
    nextOf.set(producer, (baseSequence + count) % SEQUENCES)
  }
}

/** Looked at in the longest log: what others lack has its own names. */
const checkAcknowledged = (key: number, replicas: readonly ReplicaLog[], stream: KeyStream, findings: Findings): void => {
  const longest = replicas.reduce((a, b) => (b.startOffset + b.values.length > a.startOffset + a.values.length ? b : a))
  const offsetOf = new Int32Array(stream.status.length).fill(-1)
  for (let n = 0; n < longest.values.length; n++) {
    const value = longest.values[n]!
    if (value >= 0 && value < offsetOf.length && offsetOf[value] === -1) offsetOf[value] = longest.startOffset + n
  }
  for (let value = 0; value < offsetOf.length; value++) {
    if (stream.status.values[value] !== SendStatus.ok) continue
    const acked = stream.ackedOffset.at(value)
    if (acked >= 0 && acked < longest.startOffset) continue
    if (offsetOf[value]! < 0) findings.add('lost-from-log', () => `key ${key} value ${value}: acknowledged at offset ${acked}`)
    else if (acked >= 0 && valueAt(longest, acked) !== value)
      findings.add('moved-in-log', () => `key ${key} value ${value}: acknowledged at offset ${acked}, lies at ${offsetOf[value]}`)
  }
}
