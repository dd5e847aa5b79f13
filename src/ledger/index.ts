/**
 * ledger: the one runtime under every replicated decider (controller, group, transaction and share coordinator, schema registry).
 * decide(state, request, now) → records + answer; replay(record) is the only mutator of what must survive; records are appended together,
 * and answers leave when they are committed. A failover is a replay.
 *
 * Invariants: records keep the order in which they were decided; an answer never tells of what is not committed; each `answered` is
 * called exactly once; after a failed append nothing of the state that ran ahead of the log is left.
 */
export { Ledger, type LedgerOptions, type LedgerStatus, type TimerDecider } from './ledger.ts'
export { type LoadProgress, PartitionLedger, type PartitionLedgerOptions } from './partition-ledger.ts'
export { type LedgerPartition, PartitionLog, type RecordForm } from './partition-log.ts'
export {
  type Answered,
  type BatchOrigin,
  type Decide,
  type Decision,
  type LedgerLog,
  type LedgerState,
  NO_PRODUCER_ID,
  type TimerChange,
  type TransactionalProducer,
} from './types.ts'
