import type { ConfigKeys } from '../config-key.ts'

// biome-ignore format: a table, one line a setting
export const transactionKeys = {
  'add.partitions.to.txn.retry.backoff.max.ms': { type: 'int', default: '100', importance: 'high', update: 'read-only', min: 0, doc: 'Add partitions to txn retry backoff max, in milliseconds.' },
  'add.partitions.to.txn.retry.backoff.ms': { type: 'int', default: '20', importance: 'high', update: 'read-only', min: 1, doc: 'Add partitions to txn retry backoff, in milliseconds.' },
  'producer.id.expiration.check.interval.ms': { type: 'int', default: '600000', importance: 'low', update: 'read-only', min: 1, internal: true, doc: 'Producer id expiration check interval, in milliseconds.' },
  'producer.id.expiration.ms': { type: 'int', default: '86400000', importance: 'low', update: 'cluster-wide', min: 1, doc: 'Producer id expiration, in milliseconds.' },
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': { type: 'int', default: '10000', importance: 'low', update: 'read-only', min: 1, doc: 'Transaction abort timed out transaction cleanup interval, in milliseconds.' },
  'transaction.max.timeout.ms': { type: 'int', default: '900000', importance: 'high', update: 'read-only', min: 1, doc: 'Transaction max timeout, in milliseconds.' },
  'transaction.partition.verification.enable': { type: 'boolean', default: 'true', importance: 'low', update: 'cluster-wide', doc: 'Transaction partition verification enable.' },
  'transaction.remove.expired.transaction.cleanup.interval.ms': { type: 'int', default: '3600000', importance: 'low', update: 'read-only', min: 1, doc: 'Transaction remove expired transaction cleanup interval, in milliseconds.' },
  'transaction.state.log.load.buffer.size': { type: 'int', default: '5242880', importance: 'high', update: 'read-only', min: 1, doc: 'Transaction state log load buffer size, in bytes.' },
  'transaction.state.log.min.isr': { type: 'int', default: '2', importance: 'high', update: 'read-only', min: 1, doc: 'Transaction state log min isr.' },
  'transaction.state.log.num.partitions': { type: 'int', default: '50', importance: 'high', update: 'read-only', min: 1, doc: 'Transaction state log num partitions.' },
  'transaction.state.log.replication.factor': { type: 'short', default: '3', importance: 'high', update: 'read-only', min: 1, doc: 'Transaction state log replication factor.' },
  'transaction.state.log.segment.bytes': { type: 'int', default: '104857600', importance: 'high', update: 'read-only', min: 1, doc: 'Transaction state log segment bytes, in bytes.' },
  'transaction.two.phase.commit.enable': { type: 'boolean', default: 'false', importance: 'low', update: 'read-only', doc: 'Transaction two phase commit enable.' },
  'transactional.id.expiration.ms': { type: 'int', default: '604800000', importance: 'high', update: 'read-only', min: 1, doc: 'Transactional id expiration, in milliseconds.' },
} as const satisfies ConfigKeys
