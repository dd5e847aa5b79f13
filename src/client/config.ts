import { ignoredSecurityKeys, securitySettings } from './security-settings.ts'
import type { Declarations, Settings } from './settings.ts'

/**
 * The client's settings, with the names, defaults and bounds of Apache Kafka 4.3.1's clients. Keys of the Java clients that have no
 * meaning here (class names, JMX reporters) are in `ignoredKeys`, so that a properties file written for Java raises no warning.
 */
const int32Max = 2 ** 31 - 1

// biome-ignore format: tables, one line a key
export const connectionSettings = {
  ...securitySettings,
  'bootstrap.servers': { type: 'list', default: [] },
  'bootstrap.controllers': { type: 'list', default: [] },
  'client.id': { type: 'text', default: '' },
  'client.rack': { type: 'text', default: '' },
  'client.dns.lookup': { type: 'text', default: 'use_all_dns_ips', values: ['use_all_dns_ips', 'resolve_canonical_bootstrap_servers_only'] },
  'connections.max.idle.ms': { type: 'number', default: 540_000 },
  'socket.connection.setup.timeout.ms': { type: 'number', default: 10_000 },
  'socket.connection.setup.timeout.max.ms': { type: 'number', default: 30_000 },
  'reconnect.backoff.ms': { type: 'number', default: 50, min: 0 },
  'reconnect.backoff.max.ms': { type: 'number', default: 1000, min: 0 },
  'retry.backoff.ms': { type: 'number', default: 100, min: 0 },
  'retry.backoff.max.ms': { type: 'number', default: 1000, min: 0 },
  'request.timeout.ms': { type: 'number', default: 30_000, min: 0, max: int32Max },
  'metadata.max.age.ms': { type: 'number', default: 300_000, min: 0 },
  'metadata.recovery.strategy': { type: 'text', default: 'REBOOTSTRAP', values: ['REBOOTSTRAP', 'NONE'] },
  'metadata.recovery.rebootstrap.trigger.ms': { type: 'number', default: 300_000, min: 0 },
} as const satisfies Declarations

// biome-ignore format: tables, one line a key
export const adminSettings = {
  ...connectionSettings,
  'connections.max.idle.ms': { type: 'number', default: 300_000 },
  'default.api.timeout.ms': { type: 'number', default: 60_000, min: 0, max: int32Max },
  'retries': { type: 'number', default: int32Max, min: 0, max: int32Max },
} as const satisfies Declarations

// biome-ignore format: tables, one line a key
export const producerSettings = {
  ...connectionSettings,
  'acks': { type: 'text', default: 'all', values: ['all', '-1', '0', '1'] },
  'batch.size': { type: 'number', default: 16_384, min: 0, max: int32Max },
  'buffer.memory': { type: 'number', default: 33_554_432, min: 0 },
  'compression.type': { type: 'text', default: 'none', values: ['none', 'gzip', 'snappy', 'lz4', 'zstd'] },
  'compression.gzip.level': { type: 'number', default: -1, min: -1, max: 9 },
  'compression.lz4.level': { type: 'number', default: 9, min: 1, max: 17 },
  'compression.zstd.level': { type: 'number', default: 3, min: -131_072, max: 22 },
  'delivery.timeout.ms': { type: 'number', default: 120_000, min: 0, max: int32Max },
  'enable.idempotence': { type: 'flag', default: true },
  'linger.ms': { type: 'number', default: 5, min: 0 },
  'max.block.ms': { type: 'number', default: 60_000, min: 0 },
  'max.in.flight.requests.per.connection': { type: 'number', default: 5, min: 1, max: int32Max },
  'max.request.size': { type: 'number', default: 1_048_576, min: 0, max: int32Max },
  'metadata.max.idle.ms': { type: 'number', default: 300_000, min: 5000 },
  'partitioner.adaptive.partitioning.enable': { type: 'flag', default: true },
  'partitioner.availability.timeout.ms': { type: 'number', default: 0, min: 0 },
  'partitioner.ignore.keys': { type: 'flag', default: false },
  'retries': { type: 'number', default: int32Max, min: 0, max: int32Max },
  'transaction.timeout.ms': { type: 'number', default: 60_000, max: int32Max },
  'transactional.id': { type: 'text', default: null, check: (value) => (value === '' ? 'a text that is not empty' : undefined) },
} as const satisfies Declarations

// biome-ignore format: tables, one line a key
export const consumerSettings = {
  ...connectionSettings,
  'allow.auto.create.topics': { type: 'flag', default: true },
  'auto.commit.interval.ms': { type: 'number', default: 5000, min: 0, max: int32Max },
  'auto.offset.reset': { type: 'text', default: 'latest', check: (value) => (/^(latest|earliest|none|by_duration:P.+)$/i.test(value) ? undefined : 'latest, earliest, none or by_duration:PnDTnHnMn.nS') },
  'check.crcs': { type: 'flag', default: true },
  'default.api.timeout.ms': { type: 'number', default: 60_000, min: 0, max: int32Max },
  'enable.auto.commit': { type: 'flag', default: true },
  'exclude.internal.topics': { type: 'flag', default: true },
  'fetch.max.bytes': { type: 'number', default: 52_428_800, min: 0, max: int32Max },
  'fetch.max.wait.ms': { type: 'number', default: 500, min: 0, max: int32Max },
  'fetch.min.bytes': { type: 'number', default: 1, min: 0, max: int32Max },
  'group.id': { type: 'text', default: null },
  'group.instance.id': { type: 'text', default: null, check: (value) => (value === '' ? 'a text that is not empty' : undefined) },
  'group.protocol': { type: 'text', default: 'classic', values: ['classic'] },
  'heartbeat.interval.ms': { type: 'number', default: 3000, min: 1, max: int32Max },
  'isolation.level': { type: 'text', default: 'read_uncommitted', values: ['read_uncommitted', 'read_committed'] },
  'max.partition.fetch.bytes': { type: 'number', default: 1_048_576, min: 0, max: int32Max },
  'max.poll.interval.ms': { type: 'number', default: 300_000, min: 1, max: int32Max },
  'max.poll.records': { type: 'number', default: 500, min: 1, max: int32Max },
  'partition.assignment.strategy': { type: 'list', default: ['range', 'cooperative-sticky'] },
  'session.timeout.ms': { type: 'number', default: 45_000, min: 1, max: int32Max },
} as const satisfies Declarations

/** Keys of consumers that a share group decides itself, or that make no sense in one: Kafka's share consumers refuse them. */
export const shareUnsupportedKeys = [
  'auto.offset.reset',
  'enable.auto.commit',
  'group.instance.id',
  'isolation.level',
  'partition.assignment.strategy',
  'interceptor.classes',
  'session.timeout.ms',
  'heartbeat.interval.ms',
  'group.protocol',
  'group.remote.assignor',
]

// biome-ignore format: tables, one line a key
export const shareConsumerSettings = {
  ...connectionSettings,
  'allow.auto.create.topics': consumerSettings['allow.auto.create.topics'],
  'check.crcs': consumerSettings['check.crcs'],
  'default.api.timeout.ms': consumerSettings['default.api.timeout.ms'],
  'fetch.max.bytes': consumerSettings['fetch.max.bytes'],
  'fetch.max.wait.ms': consumerSettings['fetch.max.wait.ms'],
  'fetch.min.bytes': consumerSettings['fetch.min.bytes'],
  'group.id': consumerSettings['group.id'],
  'max.poll.interval.ms': consumerSettings['max.poll.interval.ms'],
  'max.poll.records': consumerSettings['max.poll.records'],
  'share.acknowledgement.mode': { type: 'text', default: 'implicit', values: ['implicit', 'explicit'] },
  'share.acquire.mode': { type: 'text', default: 'batch_optimized', values: ['batch_optimized', 'record_limit'] },
} as const satisfies Declarations

export type ConnectionSettings = Settings<typeof connectionSettings>
export type AdminSettings = Settings<typeof adminSettings>
export type ProducerSettings = Settings<typeof producerSettings>
export type ConsumerSettings = Settings<typeof consumerSettings>
export type ShareConsumerSettings = Settings<typeof shareConsumerSettings>

/** Keys of the Java clients that say nothing to this one. */
const ignoredKeys: ReadonlySet<string> = new Set([
  ...ignoredSecurityKeys,
  'config.providers',
  'enable.metrics.push',
  'group.remote.assignor',
  'interceptor.classes',
  'key.deserializer',
  'key.serializer',
  'metric.reporters',
  'metrics.num.samples',
  'metrics.recording.level',
  'metrics.sample.window.ms',
  'partitioner.class',
  'receive.buffer.bytes',
  'send.buffer.bytes',
  'value.deserializer',
  'value.serializer',
])

/** A key that says nothing to this client, though it is one of Kafka's. */
export function isIgnoredKey(key: string): boolean {
  return ignoredKeys.has(key)
}

const declared = [adminSettings, producerSettings, consumerSettings, shareConsumerSettings]

/** A key that deserves a warning: one that no client has, for one file often serves producers, consumers and administrators. */
export function isUnknownKey(key: string): boolean {
  return !isIgnoredKey(key) && !declared.some((settings) => key in settings)
}
