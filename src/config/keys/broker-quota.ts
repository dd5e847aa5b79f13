import { type Settings, UNLIMITED } from '../setting.ts'

/** Quotas and throttles. */
// biome-ignore format: a table, one line a key
export const quotaSettings = {
  'alter.log.dirs.replication.quota.window.num': { type: 'int', default: 11, range: [1], importance: 'low', doc: 'Over how many windows the rate of moves between log directories is measured.' },
  'alter.log.dirs.replication.quota.window.size.seconds': { type: 'int', default: 1, range: [1], importance: 'low', doc: 'The length of a window of the rate of moves between log directories, in seconds.' },
  'client.quota.callback.class': { type: 'class', default: null, importance: 'low', doc: 'Client quota callback: the name of a Java class; reported, not loaded.' },
  'controller.quota.window.num': { type: 'int', default: 11, range: [1], importance: 'low', doc: 'Controller quota window samples kept.' },
  'controller.quota.window.size.seconds': { type: 'int', default: 1, range: [1], importance: 'low', doc: 'Controller quota window size, in seconds.' },
  'follower.replication.throttled.rate': { type: 'long', default: UNLIMITED, range: [0], importance: 'medium', update: 'cluster-wide', dynamicOnly: true, doc: 'How much this broker fetches of throttled replicas that are not in sync, in bytes a second.' },
  'leader.replication.throttled.rate': { type: 'long', default: UNLIMITED, range: [0], importance: 'medium', update: 'cluster-wide', dynamicOnly: true, doc: 'How much this broker sends of throttled replicas to followers that are not in sync, in bytes a second.' },
  'log.cleaner.io.max.bytes.per.second': { type: 'double', default: Number.MAX_VALUE, importance: 'medium', update: 'cluster-wide', doc: 'The most the cleaner reads and writes, in bytes a second.' },
  'quota.window.num': { type: 'int', default: 11, range: [1], importance: 'low', doc: 'Quota samples kept.' },
  'quota.window.size.seconds': { type: 'int', default: 1, range: [1], importance: 'low', doc: 'Quota window size, in seconds.' },
  'replica.alter.log.dirs.io.max.bytes.per.second': { type: 'long', default: UNLIMITED, range: [0], importance: 'medium', update: 'cluster-wide', dynamicOnly: true, doc: 'How much all moves between log directories copy together, in bytes a second.' },
  'replication.quota.window.num': { type: 'int', default: 11, range: [1], importance: 'low', doc: 'Over how many windows the rate of throttled replicas is measured.' },
  'replication.quota.window.size.seconds': { type: 'int', default: 1, range: [1], importance: 'low', doc: 'The length of a window of the rate of throttled replicas, in seconds.' },
} as const satisfies Settings
