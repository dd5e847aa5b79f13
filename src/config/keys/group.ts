import type { ConfigKeys } from '../config-key.ts'

// biome-ignore format: a table, one line a setting
export const groupKeys = {
  'consumer.assignment.interval.ms': { type: 'int', default: '1000', importance: 'medium', min: 0, synonyms: [['group.consumer.assignment.interval.ms', 1]], doc: 'Consumer assignment interval, in milliseconds.' },
  'consumer.heartbeat.interval.ms': { type: 'int', default: '5000', importance: 'medium', min: 1, synonyms: [['group.consumer.heartbeat.interval.ms', 1]], doc: 'Consumer heartbeat interval, in milliseconds.' },
  'consumer.session.timeout.ms': { type: 'int', default: '45000', importance: 'medium', min: 1, synonyms: [['group.consumer.session.timeout.ms', 1]], doc: 'Consumer session timeout, in milliseconds.' },
  'share.assignment.interval.ms': { type: 'int', default: '1000', importance: 'medium', min: 0, synonyms: [['group.share.assignment.interval.ms', 1]], doc: 'Share assignment interval, in milliseconds.' },
  'share.auto.offset.reset': { type: 'string', default: 'latest', importance: 'medium', oneOf: ['latest', 'earliest', 'by_duration:PnDTnHnMn.nS'], doc: 'Share auto offset reset.' },
  'share.delivery.count.limit': { type: 'int', default: '5', importance: 'medium', min: 2, synonyms: [['group.share.delivery.count.limit', 1]], doc: 'Share delivery count limit.' },
  'share.heartbeat.interval.ms': { type: 'int', default: '5000', importance: 'medium', min: 1, synonyms: [['group.share.heartbeat.interval.ms', 1]], doc: 'Share heartbeat interval, in milliseconds.' },
  'share.isolation.level': { type: 'string', default: 'read_uncommitted', importance: 'medium', oneOf: ['read_committed', 'read_uncommitted'], doc: 'Share isolation level.' },
  'share.partition.max.record.locks': { type: 'int', default: '2000', importance: 'medium', min: 100, synonyms: [['group.share.partition.max.record.locks', 1]], doc: 'Share partition max record locks.' },
  'share.record.lock.duration.ms': { type: 'int', default: '30000', importance: 'medium', min: 1000, synonyms: [['group.share.record.lock.duration.ms', 1]], doc: 'Share record lock duration, in milliseconds.' },
  'share.renew.acknowledge.enable': { type: 'boolean', default: 'true', importance: 'medium', doc: 'Share renew acknowledge enable.' },
  'share.session.timeout.ms': { type: 'int', default: '45000', importance: 'medium', min: 1, synonyms: [['group.share.session.timeout.ms', 1]], doc: 'Share session timeout, in milliseconds.' },
  'streams.assignment.interval.ms': { type: 'int', default: '1000', importance: 'medium', min: 0, synonyms: [['group.streams.assignment.interval.ms', 1]], doc: 'Streams assignment interval, in milliseconds.' },
  'streams.heartbeat.interval.ms': { type: 'int', default: '5000', importance: 'medium', min: 1, synonyms: [['group.streams.heartbeat.interval.ms', 1]], doc: 'Streams heartbeat interval, in milliseconds.' },
  'streams.initial.rebalance.delay.ms': { type: 'int', default: '3000', importance: 'medium', min: 0, synonyms: [['group.streams.initial.rebalance.delay.ms', 1]], doc: 'Streams initial rebalance delay, in milliseconds.' },
  'streams.num.standby.replicas': { type: 'int', default: '0', importance: 'medium', min: 0, synonyms: [['group.streams.num.standby.replicas', 1]], doc: 'Streams num standby replicas.' },
  'streams.session.timeout.ms': { type: 'int', default: '45000', importance: 'medium', min: 1, synonyms: [['group.streams.session.timeout.ms', 1]], doc: 'Streams session timeout, in milliseconds.' },
} as const satisfies ConfigKeys
