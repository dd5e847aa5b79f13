import type { Settings } from '../setting.ts'

/** What a group can be given of its own (KIP-848, KIP-932, KIP-1071). */
// biome-ignore format: a table, one line a key
export const groupOverrides = {
  'consumer.assignment.interval.ms': { type: 'int', default: 1000, range: [0], importance: 'medium', doc: 'Consumer assignment interval, in milliseconds.' },
  'consumer.heartbeat.interval.ms': { type: 'int', default: 5000, range: [1], importance: 'medium', doc: 'Consumer heartbeat interval, in milliseconds.' },
  'consumer.session.timeout.ms': { type: 'int', default: 45_000, range: [1], importance: 'medium', doc: 'Consumer session timeout, in milliseconds.' },
  'share.assignment.interval.ms': { type: 'int', default: 1000, range: [0], importance: 'medium', doc: 'Share assignment interval, in milliseconds.' },
  'share.auto.offset.reset': { type: 'string', default: 'latest', check: 'offset reset', importance: 'medium', doc: 'Share auto offset reset.' },
  'share.delivery.count.limit': { type: 'int', default: 5, range: [2], importance: 'medium', doc: 'Share delivery count limit.' },
  'share.heartbeat.interval.ms': { type: 'int', default: 5000, range: [1], importance: 'medium', doc: 'Share heartbeat interval, in milliseconds.' },
  'share.isolation.level': { type: 'string', default: 'read_uncommitted', values: ['read_committed', 'read_uncommitted'], importance: 'medium', doc: 'Share isolation level.' },
  'share.partition.max.record.locks': { type: 'int', default: 2000, range: [100], importance: 'medium', doc: 'Share partition maximum record locks.' },
  'share.record.lock.duration.ms': { type: 'int', default: 30_000, range: [1000], importance: 'medium', doc: 'Share record lock duration, in milliseconds.' },
  'share.renew.acknowledge.enable': { type: 'boolean', default: true, importance: 'medium', doc: 'Switches on: share renew acknowledge.' },
  'share.session.timeout.ms': { type: 'int', default: 45_000, range: [1], importance: 'medium', doc: 'Share session timeout, in milliseconds.' },
  'streams.assignment.interval.ms': { type: 'int', default: 1000, range: [0], importance: 'medium', doc: 'Streams assignment interval, in milliseconds.' },
  'streams.heartbeat.interval.ms': { type: 'int', default: 5000, range: [1], importance: 'medium', doc: 'Streams heartbeat interval, in milliseconds.' },
  'streams.initial.rebalance.delay.ms': { type: 'int', default: 3000, range: [0], importance: 'medium', doc: 'Streams initial rebalance delay, in milliseconds.' },
  'streams.num.standby.replicas': { type: 'int', default: 0, range: [0], importance: 'medium', doc: 'Streams number of standby replicas.' },
  'streams.session.timeout.ms': { type: 'int', default: 45_000, range: [1], importance: 'medium', doc: 'Streams session timeout, in milliseconds.' },
} as const satisfies Settings
