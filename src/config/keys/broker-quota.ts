import { type Settings, UNLIMITED } from '../setting.ts'

/** Quotas and throttles. */
// biome-ignore format: a table, one line a key
export const quotaSettings = {
  'alter.log.dirs.replication.quota.window.num': { type: 'int', default: 11, range: [1], importance: 'low', doc: 'Alter log directories replication quota window number of.' },
  'alter.log.dirs.replication.quota.window.size.seconds': { type: 'int', default: 1, range: [1], importance: 'low', doc: 'Alter log directories replication quota window size, in seconds.' },
  'client.quota.callback.class': { type: 'class', default: null, importance: 'low', doc: 'Client quota callback: the name of a Java class; reported, not loaded.' },
  'controller.quota.window.num': { type: 'int', default: 11, range: [1], importance: 'low', doc: 'Controller quota window number of.' },
  'controller.quota.window.size.seconds': { type: 'int', default: 1, range: [1], importance: 'low', doc: 'Controller quota window size, in seconds.' },
  'follower.replication.throttled.rate': { type: 'long', default: UNLIMITED, range: [0], importance: 'medium', update: 'dynamic-only', doc: 'Follower replication throttled rate.' },
  'leader.replication.throttled.rate': { type: 'long', default: UNLIMITED, range: [0], importance: 'medium', update: 'dynamic-only', doc: 'Leader replication throttled rate.' },
  'log.cleaner.io.max.bytes.per.second': { type: 'double', default: 179_769_313_486_231_570_814_527_423_731_704_356_798_070_567_525_844_996_598_917_476_803_157_260_780_028_538_760_589_558_632_766_878_171_540_458_953_514_382_464_234_321_326_889_464_182_768_467_546_703_537_516_986_049_910_576_551_282_076_245_490_090_389_328_944_075_868_508_455_133_942_304_583_236_903_222_948_165_808_559_332_123_348_274_797_826_204_144_723_168_738_177_180_919_299_881_250_404_026_184_124_858_368, importance: 'medium', update: 'cluster-wide', doc: 'The most the cleaner reads and writes, in bytes a second.' },
  'quota.window.num': { type: 'int', default: 11, range: [1], importance: 'low', doc: 'Quota window number of.' },
  'quota.window.size.seconds': { type: 'int', default: 1, range: [1], importance: 'low', doc: 'Quota window size, in seconds.' },
  'replica.alter.log.dirs.io.max.bytes.per.second': { type: 'long', default: UNLIMITED, range: [0], importance: 'medium', update: 'dynamic-only', doc: 'Replica alter log directories I/O maximum bytes per second.' },
  'replication.quota.window.num': { type: 'int', default: 11, range: [1], importance: 'low', doc: 'Replication quota window number of.' },
  'replication.quota.window.size.seconds': { type: 'int', default: 1, range: [1], importance: 'low', doc: 'Replication quota window size, in seconds.' },
} as const satisfies Settings
