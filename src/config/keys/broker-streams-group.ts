import type { ConfigKeys } from '../config-key.ts'

// biome-ignore format: a table, one line a setting
export const streamsGroupKeys = {
  'group.streams.assignment.interval.ms': { type: 'int', default: '1000', importance: 'medium', update: 'cluster-wide', min: 0, doc: 'Group streams assignment interval, in milliseconds.' },
  'group.streams.heartbeat.interval.ms': { type: 'int', default: '5000', importance: 'medium', update: 'read-only', min: 1, doc: 'Group streams heartbeat interval, in milliseconds.' },
  'group.streams.initial.rebalance.delay.ms': { type: 'int', default: '3000', importance: 'medium', update: 'read-only', min: 0, doc: 'Group streams initial rebalance delay, in milliseconds.' },
  'group.streams.max.assignment.interval.ms': { type: 'int', default: '15000', importance: 'medium', update: 'read-only', min: 0, doc: 'Group streams max assignment interval, in milliseconds.' },
  'group.streams.max.heartbeat.interval.ms': { type: 'int', default: '15000', importance: 'medium', update: 'read-only', min: 1, doc: 'Group streams max heartbeat interval, in milliseconds.' },
  'group.streams.max.session.timeout.ms': { type: 'int', default: '60000', importance: 'medium', update: 'read-only', min: 1, doc: 'Group streams max session timeout, in milliseconds.' },
  'group.streams.max.size': { type: 'int', default: '2147483647', importance: 'medium', update: 'read-only', min: 1, doc: 'Group streams max size, in bytes.' },
  'group.streams.max.standby.replicas': { type: 'int', default: '2', importance: 'medium', update: 'read-only', min: 0, doc: 'Group streams max standby replicas.' },
  'group.streams.min.assignment.interval.ms': { type: 'int', default: '0', importance: 'medium', update: 'read-only', min: 0, doc: 'Group streams min assignment interval, in milliseconds.' },
  'group.streams.min.heartbeat.interval.ms': { type: 'int', default: '5000', importance: 'medium', update: 'read-only', min: 1, doc: 'Group streams min heartbeat interval, in milliseconds.' },
  'group.streams.min.session.timeout.ms': { type: 'int', default: '45000', importance: 'medium', update: 'read-only', min: 1, doc: 'Group streams min session timeout, in milliseconds.' },
  'group.streams.num.standby.replicas': { type: 'int', default: '0', importance: 'medium', update: 'read-only', min: 0, doc: 'Group streams num standby replicas.' },
  'group.streams.session.timeout.ms': { type: 'int', default: '45000', importance: 'medium', update: 'read-only', min: 1, doc: 'Group streams session timeout, in milliseconds.' },
} as const satisfies ConfigKeys
