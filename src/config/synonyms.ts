import type { BrokerKey } from './broker-config.ts'
import type { groupOverrides } from './keys/group.ts'
import type { topicSettings } from './keys/topic.ts'

export interface Synonym {
  readonly key: BrokerKey
  /** What a number of this key is multiplied with to be one of the first. */
  readonly factor: number
}

const one = (key: BrokerKey): readonly Synonym[] => [{ key, factor: 1 }]
const hourMs = 3_600_000
const minuteMs = 60_000

const roll: readonly Synonym[] = [...one('log.roll.ms'), { key: 'log.roll.hours', factor: hourMs }]
const jitter: readonly Synonym[] = [...one('log.roll.jitter.ms'), { key: 'log.roll.jitter.hours', factor: hourMs }]
const flush: readonly Synonym[] = [...one('log.flush.interval.ms'), ...one('log.flush.scheduler.interval.ms')]
const retention: readonly Synonym[] = [
  ...one('log.retention.ms'),
  { key: 'log.retention.minutes', factor: minuteMs },
  { key: 'log.retention.hours', factor: hourMs },
]

/**
 * The broker settings that a topic's setting falls back to, in order of precedence. Empty: a topic's own default.
 * Source: ServerTopicConfigSynonyms.
 */
export const topicSynonyms: Readonly<Record<keyof typeof topicSettings, readonly Synonym[]>> = {
  'cleanup.policy': one('log.cleanup.policy'),
  'compression.gzip.level': one('compression.gzip.level'),
  'compression.lz4.level': one('compression.lz4.level'),
  'compression.type': one('compression.type'),
  'compression.zstd.level': one('compression.zstd.level'),
  'delete.retention.ms': one('log.cleaner.delete.retention.ms'),
  'file.delete.delay.ms': one('log.segment.delete.delay.ms'),
  'flush.messages': one('log.flush.interval.messages'),
  'flush.ms': flush,
  'follower.replication.throttled.replicas': [],
  'index.interval.bytes': one('log.index.interval.bytes'),
  'internal.segment.bytes': [],
  'leader.replication.throttled.replicas': [],
  'local.retention.bytes': one('log.local.retention.bytes'),
  'local.retention.ms': one('log.local.retention.ms'),
  'max.compaction.lag.ms': one('log.cleaner.max.compaction.lag.ms'),
  'max.message.bytes': one('message.max.bytes'),
  'message.timestamp.after.max.ms': one('log.message.timestamp.after.max.ms'),
  'message.timestamp.before.max.ms': one('log.message.timestamp.before.max.ms'),
  'message.timestamp.type': one('log.message.timestamp.type'),
  'min.cleanable.dirty.ratio': one('log.cleaner.min.cleanable.ratio'),
  'min.compaction.lag.ms': one('log.cleaner.min.compaction.lag.ms'),
  'min.insync.replicas': one('min.insync.replicas'),
  preallocate: one('log.preallocate'),
  'remote.log.copy.disable': [],
  'remote.log.delete.on.disable': [],
  'remote.storage.enable': [],
  'retention.bytes': one('log.retention.bytes'),
  'retention.ms': retention,
  'segment.bytes': one('log.segment.bytes'),
  'segment.index.bytes': one('log.index.size.max.bytes'),
  'segment.jitter.ms': jitter,
  'segment.ms': roll,
  'unclean.leader.election.enable': one('unclean.leader.election.enable'),
}

const groupDefaultsOfTheirOwn: readonly string[] = ['share.auto.offset.reset', 'share.isolation.level', 'share.renew.acknowledge.enable']

/** The broker setting that a group's setting falls back to. */
export const groupSynonym = (key: keyof typeof groupOverrides): BrokerKey | undefined =>
  groupDefaultsOfTheirOwn.includes(key) ? undefined : (`group.${key}` as BrokerKey)

/** Settings that say the same in other units, and listener overrides with their base. Source: DynamicBrokerConfig.brokerConfigSynonyms. */
export function brokerSynonyms(key: string): readonly string[] {
  for (const family of [roll, jitter, retention])
    if (family.some((synonym) => synonym.key === key)) return family.map((synonym) => synonym.key)
  if (key === 'log.flush.interval.ms') return flush.map((synonym) => synonym.key)
  const base = listenerOverride(key)
  return base === undefined ? [key] : [key, base]
}

const mechanismKeys = [
  'sasl.jaas.config',
  'sasl.login.callback.handler.class',
  'sasl.login.class',
  'sasl.server.callback.handler.class',
  'connections.max.reauth.ms',
]

/** `listener.name.<listener>.[<mechanism>.]<key>` → `<key>`; undefined for a key without that prefix. */
export function listenerOverride(key: string): string | undefined {
  const base = key.match(/^listener\.name\.[^.]*\.(.*)$/)?.[1]
  return base && (mechanismKeys.find((name) => base.endsWith(name)) ?? base)
}
