import { type Settings, UNLIMITED } from '../setting.ts'

/** Quotas and throttles. */
// biome-ignore format: a table, one line a key
export const quotaSettings = {
  'alter.log.dirs.replication.quota.window.num': { type: 'int', default: 11, range: [1], importance: 'low', doc: 'Alter log directories replication quota window samples kept.' },
  'alter.log.dirs.replication.quota.window.size.seconds': { type: 'int', default: 1, range: [1], importance: 'low', doc: 'Alter log directories replication quota window size, in seconds.' },
  'client.quota.callback.class': { type: 'class', default: null, importance: 'low', doc: 'Client quota callback: the name of a Java class; reported, not loaded.' },
  'controller.quota.window.num': { type: 'int', default: 11, range: [1], importance: 'low', doc: 'Controller quota window samples kept.' },
  'controller.quota.window.size.seconds': { type: 'int', default: 1, range: [1], importance: 'low', doc: 'Controller quota window size, in seconds.' },
  'follower.replication.throttled.rate': { type: 'long', default: UNLIMITED, range: [0], importance: 'medium', update: 'cluster-wide', dynamicOnly: true, doc: 'Follower replication throttled rate.' },
  'leader.replication.throttled.rate': { type: 'long', default: UNLIMITED, range: [0], importance: 'medium', update: 'cluster-wide', dynamicOnly: true, doc: 'Leader replication throttled rate.' },
  'log.cleaner.io.max.bytes.per.second': { type: 'double', default: Number.MAX_VALUE, importance: 'medium', update: 'cluster-wide', doc: 'The most the cleaner reads and writes, in bytes a second.' },
  'quota.window.num': { type: 'int', default: 11, range: [1], importance: 'low', doc: 'Quota samples kept.' },
  'quota.window.size.seconds': { type: 'int', default: 1, range: [1], importance: 'low', doc: 'Quota window size, in seconds.' },
  'replica.alter.log.dirs.io.max.bytes.per.second': { type: 'long', default: UNLIMITED, range: [0], importance: 'medium', update: 'cluster-wide', dynamicOnly: true, doc: 'Replica alter log directories I/O maximum bytes per second.' },
  'replication.quota.window.num': { type: 'int', default: 11, range: [1], importance: 'low', doc: 'Replication quota window samples kept.' },
  'replication.quota.window.size.seconds': { type: 'int', default: 1, range: [1], importance: 'low', doc: 'Replication quota window size, in seconds.' },
} as const satisfies Settings
