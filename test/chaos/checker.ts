import { Findings } from './anomaly.ts'
import { checkCommits, checkOwners } from './checks/groups.ts'
import { checkPolls } from './checks/polls.ts'
import { checkReplicas, type ReplicaLog } from './checks/replicas.ts'
import { checkWrites } from './checks/writes.ts'
import type { History } from './history.ts'
import { KeyLog } from './key-log.ts'

/** The logs of all replicas, read from disk after the end. */
export interface FinalLogs {
  /** Of one key at a time: all of them at once would be as large as what was written. */
  replicasOf(key: number): readonly ReplicaLog[]
  /** By key, what the leader said when all was healed. */
  readonly highWatermarks: ReadonlyMap<number, number>
}

export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/**
 * Holds a history against what Kafka promises without transactions; the idea of each check is that of jepsen/tests/kafka.clj, and its order:
 *
 *     acks + polls ─► KeyLog ─► writes (lost, twice, made up, order)   polls (skip, back)
 *     rebalances ─► owners       commits + looks ─► a register         files ─► replicas
 *
 * `zombieTimes`: when a coordinator that was deposed may have answered a look at committed offsets from what it knew; Kafka does not
 * prevent that, as it fences writes alone.
 *
 * Transactions come in as one check more: an operation of many sends and polls (`f: 'txn'`), `isCommitted(operation)` in place of
 * `status === ok` in `checkWrites`, own reads (precommitted-read), and cycles of reads-from edges (G1c).
 */
export const checkHistory = (history: History, finalLogs?: FinalLogs, zombieTimes: readonly Span[] = []): Findings => {
  const findings = new Findings()
  const logs = new Map<number, KeyLog>()
  for (const [key, stream] of history.keys) {
    const log = new KeyLog(stream)
    logs.set(key, log)
    checkWrites(key, stream, log, findings)
    checkPolls(key, stream, log, history, findings)
  }
  for (const { process, key, offset, atMs } of history.strays)
    findings.add('stray-poll', () => `key ${key} process ${process}: offset ${offset} at ${atMs} ms`)
  checkOwners(history, findings)
  checkCommits(history, logs, zombieTimes, findings)
  if (finalLogs !== undefined) {
    for (const [key, highWatermark] of finalLogs.highWatermarks)
      checkReplicas(key, finalLogs.replicasOf(key), highWatermark, history.keys.get(key), findings)
  }
  return findings
}
