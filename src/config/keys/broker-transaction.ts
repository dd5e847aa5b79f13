import type { Settings } from '../setting.ts'

/** Transactions and producer ids. */
// biome-ignore format: a table, one line a key
export const transactionSettings = {
  'add.partitions.to.txn.retry.backoff.max.ms': { type: 'int', default: 100, range: [0], importance: 'high', doc: 'Add partitions to transaction retry backoff maximum, in milliseconds.' },
  'add.partitions.to.txn.retry.backoff.ms': { type: 'int', default: 20, range: [1], importance: 'high', doc: 'Add partitions to transaction retry backoff, in milliseconds.' },
  'producer.id.expiration.check.interval.ms': { type: 'int', default: 600_000, range: [1], importance: 'low', internal: true, doc: 'Producer id expiration check interval, in milliseconds.' },
  'producer.id.expiration.ms': { type: 'int', default: 86_400_000, range: [1], importance: 'low', update: 'cluster-wide', doc: 'A producer id is forgotten after this long without a write, in milliseconds.' },
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': { type: 'int', default: 10_000, range: [1], importance: 'low', doc: 'Transaction abort timed out transaction cleanup interval, in milliseconds.' },
  'transaction.max.timeout.ms': { type: 'int', default: 900_000, range: [1], importance: 'high', doc: 'The longest transaction timeout that a producer may ask for, in milliseconds.' },
  'transaction.partition.verification.enable': { type: 'boolean', default: true, importance: 'low', update: 'cluster-wide', doc: 'Switches on: transaction partition verification.' },
  'transaction.remove.expired.transaction.cleanup.interval.ms': { type: 'int', default: 3_600_000, range: [1], importance: 'low', doc: 'Transaction remove expired transaction cleanup interval, in milliseconds.' },
  'transaction.state.log.load.buffer.size': { type: 'int', default: 5_242_880, range: [1], importance: 'high', doc: 'Transaction state log load buffer size, in bytes.' },
  'transaction.state.log.min.isr': { type: 'int', default: 2, range: [1], importance: 'high', doc: 'Transaction state log minimum in-sync replicas.' },
  'transaction.state.log.num.partitions': { type: 'int', default: 50, range: [1], importance: 'high', doc: 'Transaction state log number of partitions.' },
  'transaction.state.log.replication.factor': { type: 'short', default: 3, range: [1], importance: 'high', doc: 'Transaction state log replication factor.' },
  'transaction.state.log.segment.bytes': { type: 'int', default: 104_857_600, range: [1], importance: 'high', doc: 'Transaction state log segment, in bytes.' },
  'transaction.two.phase.commit.enable': { type: 'boolean', default: false, importance: 'low', doc: 'Switches on: transaction two phase commit.' },
  'transactional.id.expiration.ms': { type: 'int', default: 604_800_000, range: [1], importance: 'high', doc: 'A transactional id is forgotten after this long without use, in milliseconds.' },
} as const satisfies Settings
