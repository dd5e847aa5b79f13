import type { ConfigKeys } from '../config-key.ts'

// biome-ignore format: a table, one line a setting
export const quotaKeys = {
  'alter.log.dirs.replication.quota.window.num': { type: 'int', default: '11', importance: 'low', update: 'read-only', min: 1, doc: 'Alter log dirs replication quota window num.' },
  'alter.log.dirs.replication.quota.window.size.seconds': { type: 'int', default: '1', importance: 'low', update: 'read-only', min: 1, doc: 'Alter log dirs replication quota window size, in seconds.' },
  'controller.quota.window.num': { type: 'int', default: '11', importance: 'low', update: 'read-only', min: 1, doc: 'Controller quota window num.' },
  'controller.quota.window.size.seconds': { type: 'int', default: '1', importance: 'low', update: 'read-only', min: 1, doc: 'Controller quota window size, in seconds.' },
  'follower.replication.throttled.rate': { type: 'long', default: '9223372036854775807', importance: 'medium', update: 'dynamic-only', min: 0, doc: 'Follower replication throttled rate.' },
  'leader.replication.throttled.rate': { type: 'long', default: '9223372036854775807', importance: 'medium', update: 'dynamic-only', min: 0, doc: 'Leader replication throttled rate.' },
  'quota.window.num': { type: 'int', default: '11', importance: 'low', update: 'read-only', min: 1, doc: 'Quota window num.' },
  'quota.window.size.seconds': { type: 'int', default: '1', importance: 'low', update: 'read-only', min: 1, doc: 'Quota window size, in seconds.' },
  'replication.quota.window.num': { type: 'int', default: '11', importance: 'low', update: 'read-only', min: 1, doc: 'Replication quota window num.' },
  'replication.quota.window.size.seconds': { type: 'int', default: '1', importance: 'low', update: 'read-only', min: 1, doc: 'Replication quota window size, in seconds.' },
} as const satisfies ConfigKeys
