import type { ConfigKeys } from '../config-key.ts'

// biome-ignore format: a table, one line a setting
export const replicationKeys = {
  'auto.leader.rebalance.enable': { type: 'boolean', default: 'true', importance: 'high', update: 'read-only', doc: 'Auto leader rebalance enable.' },
  'default.replication.factor': { type: 'int', default: '1', importance: 'medium', update: 'read-only', doc: 'Default replication factor.' },
  'fetch.max.bytes': { type: 'int', default: '57671680', importance: 'medium', update: 'read-only', min: 1024, doc: 'Fetch max bytes, in bytes.' },
  'fetch.purgatory.purge.interval.requests': { type: 'int', default: '1000', importance: 'medium', update: 'read-only', doc: 'Fetch purgatory purge interval requests.' },
  'leader.imbalance.check.interval.seconds': { type: 'long', default: '300', importance: 'high', update: 'read-only', min: 1, doc: 'Leader imbalance check interval, in seconds.' },
  'max.incremental.fetch.session.cache.slots': { type: 'int', default: '1000', importance: 'medium', update: 'read-only', min: 0, doc: 'Max incremental fetch session cache slots.' },
  'num.replica.alter.log.dirs.threads': { type: 'int', importance: 'high', update: 'read-only', doc: 'Num replica alter log dirs threads.' },
  'num.replica.fetchers': { type: 'int', default: '1', importance: 'high', update: 'cluster-wide', min: 1, doc: 'Num replica fetchers.' },
  'replica.alter.log.dirs.io.max.bytes.per.second': { type: 'long', default: '9223372036854775807', importance: 'medium', update: 'dynamic-only', min: 0, doc: 'Replica alter log dirs io max bytes per second.' },
  'replica.fetch.backoff.ms': { type: 'int', default: '1000', importance: 'medium', update: 'read-only', min: 0, doc: 'Replica fetch backoff, in milliseconds.' },
  'replica.fetch.max.bytes': { type: 'int', default: '1048576', importance: 'medium', update: 'read-only', min: 0, doc: 'Replica fetch max bytes, in bytes.' },
  'replica.fetch.min.bytes': { type: 'int', default: '1', importance: 'high', update: 'read-only', doc: 'Replica fetch min bytes, in bytes.' },
  'replica.fetch.response.max.bytes': { type: 'int', default: '10485760', importance: 'medium', update: 'read-only', min: 0, doc: 'Replica fetch response max bytes, in bytes.' },
  'replica.fetch.wait.max.ms': { type: 'int', default: '500', importance: 'high', update: 'read-only', doc: 'Replica fetch wait max, in milliseconds.' },
  'replica.high.watermark.checkpoint.interval.ms': { type: 'long', default: '5000', importance: 'high', update: 'read-only', doc: 'Replica high watermark checkpoint interval, in milliseconds.' },
  'replica.lag.time.max.ms': { type: 'long', default: '30000', importance: 'high', update: 'read-only', doc: 'Replica lag time max, in milliseconds.' },
  'replica.selector.class': { type: 'string', importance: 'medium', update: 'read-only', doc: 'Replica selector class.' },
  'replica.socket.receive.buffer.bytes': { type: 'int', default: '65536', importance: 'high', update: 'read-only', doc: 'Replica socket receive buffer bytes, in bytes.' },
  'replica.socket.timeout.ms': { type: 'int', default: '30000', importance: 'high', update: 'read-only', doc: 'Replica socket timeout, in milliseconds.' },
  'request.timeout.ms': { type: 'int', default: '30000', importance: 'high', update: 'read-only', doc: 'Request timeout, in milliseconds.' },
  'unclean.leader.election.enable': { type: 'boolean', default: 'false', importance: 'high', update: 'cluster-wide', doc: 'Unclean leader election enable.' },
  'unclean.leader.election.interval.ms': { type: 'long', default: '300000', importance: 'medium', update: 'read-only', min: 1, internal: true, doc: 'Unclean leader election interval, in milliseconds.' },
} as const satisfies ConfigKeys
