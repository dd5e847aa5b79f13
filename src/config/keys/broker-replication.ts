import type { Settings } from '../setting.ts'

/** Followers, fetches and waiting requests. */
// biome-ignore format: a table, one line a key
export const replicationSettings = {
  'auto.leader.rebalance.enable': { type: 'boolean', default: true, importance: 'high', doc: 'Lets the controller move leadership back to preferred replicas from time to time.' },
  'delete.records.purgatory.purge.interval.requests': { type: 'int', default: 1, importance: 'medium', doc: 'Delete records purgatory purge interval requests.' },
  'fetch.max.bytes': { type: 'int', default: 57_671_680, range: [1024], importance: 'medium', doc: 'The most that one fetch answer of this broker may hold, in bytes; the first batch is always returned.' },
  'fetch.purgatory.purge.interval.requests': { type: 'int', default: 1000, importance: 'medium', doc: 'Fetch purgatory purge interval requests.' },
  'leader.imbalance.check.interval.seconds': { type: 'long', default: 300, range: [1], importance: 'high', doc: 'How often the controller looks for leadership to move back, in seconds.' },
  'max.incremental.fetch.session.cache.slots': { type: 'int', default: 1000, range: [0], importance: 'medium', doc: 'The most fetch sessions that are remembered.' },
  'num.replica.alter.log.dirs.threads': { type: 'int', default: null, importance: 'high', doc: 'How many replicas move between log directories at the same time; the number of directories when not set.' },
  'num.replica.fetchers': { type: 'int', default: 1, range: [1], importance: 'high', update: 'cluster-wide', doc: 'Connections to each leader from which replicas are fetched.' },
  'producer.purgatory.purge.interval.requests': { type: 'int', default: 1000, importance: 'medium', doc: 'Producer purgatory purge interval requests.' },
  'replica.fetch.backoff.ms': { type: 'int', default: 1000, range: [0], importance: 'medium', doc: 'The wait after a failed fetch from a leader, in milliseconds.' },
  'replica.fetch.max.bytes': { type: 'int', default: 1_048_576, range: [0], importance: 'medium', doc: 'How much is fetched of one partition at once, in bytes; a larger first batch is fetched whole.' },
  'replica.fetch.min.bytes': { type: 'int', default: 1, importance: 'high', doc: 'A leader answers a follower\'s fetch when this many bytes are there.' },
  'replica.fetch.response.max.bytes': { type: 'int', default: 10_485_760, range: [0], importance: 'medium', doc: 'The most that one fetch of a follower returns, in bytes.' },
  'replica.fetch.wait.max.ms': { type: 'int', default: 500, importance: 'high', doc: 'How long a leader holds a follower\'s fetch, in milliseconds.' },
  'replica.high.watermark.checkpoint.interval.ms': { type: 'long', default: 5000, importance: 'high', doc: 'How often high watermarks are written down, in milliseconds.' },
  'replica.lag.time.max.ms': { type: 'long', default: 30_000, importance: 'high', doc: 'A follower that has not caught up for this long leaves the in-sync replicas, in milliseconds.' },
  'replica.selector.class': { type: 'string', default: null, importance: 'medium', doc: 'Who names the replica that a consumer had better read from; the one for racks is org.apache.kafka.common.replica.RackAwareReplicaSelector.' },
  'replica.socket.receive.buffer.bytes': { type: 'int', default: 65_536, importance: 'high', doc: 'Replica socket receive buffer, in bytes.' },
  'replica.socket.timeout.ms': { type: 'int', default: 30_000, importance: 'high', doc: 'How long a request to a leader may take, in milliseconds.' },
} as const satisfies Settings
