import type { ConfigKeys } from '../config-key.ts'

// biome-ignore format: a table, one line a setting
export const generalKeys = {
  'alter.config.policy.class.name': { type: 'class', importance: 'low', update: 'read-only', doc: 'Alter config policy class name.' },
  'auto.create.topics.enable': { type: 'boolean', default: 'true', importance: 'high', update: 'read-only', doc: 'Auto create topics enable.' },
  'background.threads': { type: 'int', default: '10', importance: 'high', update: 'cluster-wide', min: 1, doc: 'Background threads.' },
  'broker.id': { type: 'int', default: '-1', importance: 'high', update: 'read-only', doc: 'Broker id.' },
  'broker.rack': { type: 'string', importance: 'medium', update: 'read-only', doc: 'Broker rack.' },
  'client.quota.callback.class': { type: 'class', importance: 'low', update: 'read-only', doc: 'Client quota callback class.' },
  'config.providers': { type: 'list', default: '', importance: 'low', update: 'cluster-wide', doc: 'Config providers.' },
  'controlled.shutdown.enable': { type: 'boolean', default: 'true', importance: 'medium', update: 'read-only', doc: 'Controlled shutdown enable.' },
  'create.topic.policy.class.name': { type: 'class', importance: 'low', update: 'read-only', doc: 'Create topic policy class name.' },
  'delete.records.purgatory.purge.interval.requests': { type: 'int', default: '1', importance: 'medium', update: 'read-only', doc: 'Delete records purgatory purge interval requests.' },
  'delete.topic.enable': { type: 'boolean', default: 'true', importance: 'high', update: 'read-only', doc: 'Delete topic enable.' },
  'follower.fetch.last.tiered.offset.enable': { type: 'boolean', default: 'false', importance: 'medium', update: 'cluster-wide', doc: 'Follower fetch last tiered offset enable.' },
  'internal.metadata.delete.delay.millis': { type: 'long', default: '60000', importance: 'low', update: 'read-only', internal: true, doc: 'Internal metadata delete delay millis.' },
  'internal.metadata.log.segment.bytes': { type: 'int', importance: 'low', update: 'read-only', internal: true, doc: 'Internal metadata log segment bytes, in bytes.' },
  'internal.metadata.max.batch.size.in.bytes': { type: 'int', default: '8388608', importance: 'low', update: 'read-only', internal: true, doc: 'Internal metadata max batch size in bytes, in bytes.' },
  'max.request.partition.size.limit': { type: 'int', default: '2000', importance: 'medium', update: 'read-only', min: 1, doc: 'Max request partition size limit.' },
  'num.partitions': { type: 'int', default: '1', importance: 'medium', update: 'read-only', min: 1, doc: 'Num partitions.' },
  'producer.purgatory.purge.interval.requests': { type: 'int', default: '1000', importance: 'medium', update: 'read-only', doc: 'Producer purgatory purge interval requests.' },
  'unstable.api.versions.enable': { type: 'boolean', default: 'false', importance: 'high', update: 'read-only', internal: true, doc: 'Unstable api versions enable.' },
  'unstable.feature.versions.enable': { type: 'boolean', default: 'false', importance: 'high', update: 'read-only', internal: true, doc: 'Unstable feature versions enable.' },
} as const satisfies ConfigKeys
