import type { PartitionLog } from '../../src/log/index.ts'
import {
  baseOffset,
  baseSequence,
  batchBytes,
  lastSequence,
  leaderEpoch,
  producerEpoch,
  producerId,
  storedCrc,
} from '../../src/records/index.ts'
import type { Cluster } from './cluster.ts'
import { Violation } from './invariants/index.ts'

const violated = (message: string): never => {
  throw new Violation('I7 logs match', message)
}

const recordsOf = async (log: PartitionLog): Promise<Buffer> => {
  await log.written()
  const parts: Buffer[] = []
  for (const { log: file } of log.segments) parts.push(Buffer.from(await log.context.disk.readFile(file.path)))
  return Buffer.concat(parts)
}

/** Replicas that are whole are equal, byte for byte, since batches travel as they are; and so are their leader epochs. */
export const checkReplicas = async (cluster: Cluster, topic: string): Promise<void> => {
  const partitions = cluster.latest!.image.topic(topic)!.partitions
  for (const [index, { replicas }] of partitions) {
    const logs = replicas.flatMap(
      (id) => cluster.brokers.find(({ nodeId }) => nodeId === id)?.partitions.findByName(topic, index)?.log ?? [],
    )
    const [first, ...others] = logs
    if (first === undefined || logs.length < replicas.length)
      return violated(`partition ${index} has ${logs.length} of ${replicas.length} replicas`)
    const expected = await recordsOf(first)
    const problem = sequenceProblem(expected)
    if (problem !== undefined) throw new Violation('P1 sequences', `partition ${index}: ${problem}`)
    for (const log of others) {
      const [ours, theirs] = [epochsWithRecords(log), epochsWithRecords(first)]
      if (ours !== theirs) violated(`leader epochs of partition ${index}: ${ours} and ${theirs}`)
      const found = await recordsOf(log)
      if (!expected.equals(found)) violated(`records of partition ${index}: ${firstDifference(expected, found)}`)
    }
  }
}

/** P1: what an idempotent producer has sent in an epoch is there without a gap, once, and never an older epoch after a newer one. */
const sequenceProblem = (log: Buffer): string | undefined => {
  const last = new Map<number, { epoch: number; sequence: number }>()
  for (let at = 0; at < log.length; at += batchBytes(log, at)) {
    const id = producerId(log, at)
    if (id < 0) continue
    const before = last.get(id)
    const [epoch, first] = [producerEpoch(log, at), baseSequence(log, at)]
    const here = `offset ${baseOffset(log, at)} holds sequence ${first} of producer ${id}, epoch ${epoch}`
    if (before !== undefined && epoch < before.epoch) return `${here}, after epoch ${before.epoch}`
    const expected = before !== undefined && epoch === before.epoch ? before.sequence + 1 : 0
    if (first !== expected) return `${here}, ${expected} was to come`
    last.set(id, { epoch, sequence: lastSequence(log, at) })
  }
  return undefined
}

const firstDifference = (a: Buffer, b: Buffer): string => {
  const batchesOf = (log: Buffer): string[] => {
    const batches: string[] = []
    for (let at = 0; at + 61 <= log.length && batchBytes(log, at) > 0; at += batchBytes(log, at))
      batches.push(`${baseOffset(log, at)} of epoch ${leaderEpoch(log, at)}, ${batchBytes(log, at)} bytes, sum ${storedCrc(log, at)}`)
    return batches
  }
  const [ours, theirs] = [batchesOf(a), batchesOf(b)]
  const place = ours.findIndex((batch, at) => batch !== theirs[at])
  const byte = a.findIndex((each, at) => each !== b[at])
  return `${a.length} and ${b.length} bytes, at byte ${byte}; ${ours[place]} and ${theirs[place]}`
}

/** An epoch in which nothing was written is known to its leader alone. */
const epochsWithRecords = (log: PartitionLog): string => {
  const { entries } = log.epochs
  return JSON.stringify(entries.filter(({ startOffset }, at) => startOffset < (entries[at + 1]?.startOffset ?? log.logEndOffset)))
}
