import type { BrokerConfig, BrokerKey } from './broker-config.ts'
import { nodeAddresses, nodeFaults } from './node-rules.ts'
import { type ConfigFault, isFault } from './setting.ts'
import { topicSynonyms } from './synonyms.ts'

const pools = [
  'num.io.threads',
  'num.network.threads',
  'num.replica.fetchers',
  'num.recovery.threads.per.data.dir',
  'background.threads',
  'log.cleaner.threads',
  'remote.log.reader.threads',
  'remote.log.manager.copier.thread.pool.size',
  'remote.log.manager.expiration.thread.pool.size',
  'remote.log.manager.follower.thread.pool.size',
] as const satisfies readonly BrokerKey[]

const positive = [
  'remote.log.index.file.cache.total.size.bytes',
  'remote.log.manager.copy.max.bytes.per.second',
  'remote.log.manager.fetch.max.bytes.per.second',
] as const satisfies readonly BrokerKey[]

const refused = (key: BrokerKey, config: BrokerConfig, message: string): ConfigFault => ({
  fault: 'INVALID_REQUEST',
  key,
  value: config.parsed(key)?.text ?? null,
  message,
})

/**
 * Why a running node cannot go from one configuration to the next, although each value is legal by itself; or undefined. Source: the
 * reconfigurable parts of DynamicBrokerConfig, and KafkaConfig.validateValues, which each change runs through.
 */
export function dynamicFault(now: BrokerConfig, next: BrokerConfig): ConfigFault | undefined {
  const known = new Set(nodeFaults(now).map(({ message }) => message))
  const contradiction = nodeFaults(next).find(({ message }) => !known.has(message))
  if (contradiction !== undefined) return { ...contradiction, fault: 'INVALID_REQUEST' }
  return poolFault(now, next) ?? positiveFault(now, next) ?? localRetentionFault(now, next) ?? cordonFault(next) ?? listenerFault(now, next)
}

/** Pools grow and shrink step by step, so that a slip of a digit does not drown a broker in threads. */
function poolFault(now: BrokerConfig, next: BrokerConfig): ConfigFault | undefined {
  for (const key of pools) {
    const [before, after] = [now.get(key), next.get(key)]
    if (after === before) continue
    const start = `Dynamic thread count update validation failed for ${key}=${after}, value should `
    if (after <= 0) return refused(key, next, `${start}be at least 1`)
    if (after < Math.floor(before / 2)) return refused(key, next, `${start}be at least half the current value ${before}`)
    if (after > before * 2) return refused(key, next, `${start}not be greater than double the current value ${before}`)
  }
  return undefined
}

function positiveFault(now: BrokerConfig, next: BrokerConfig): ConfigFault | undefined {
  const key = positive.find((each) => next.get(each) !== now.get(each) && next.get(each) <= 0)
  if (key === undefined) return undefined
  return refused(
    key,
    next,
    `Dynamic remote log manager config update validation failed for ${key}=${next.get(key)}, value should be at least 1`,
  )
}

function localRetentionFault(now: BrokerConfig, next: BrokerConfig): ConfigFault | undefined {
  const limits = [
    ['log.local.retention.ms', 'log.retention.ms', (config: BrokerConfig) => config.firstOf(topicSynonyms['retention.ms'])],
    ['log.local.retention.bytes', 'log.retention.bytes', (config: BrokerConfig) => config.get('log.retention.bytes')],
  ] as const
  for (const [key, wholeKey, wholeOf] of limits) {
    const [local, whole] = [next.get(key), wholeOf(next) as number]
    if ((local === now.get(key) && whole === wholeOf(now)) || whole === -1 || local === -2) continue
    const start = `Invalid value ${local} for configuration ${key}: Value must not be `
    if (local === -1) return refused(key, next, `${start}-1 as ${wholeKey} value is set as ${whole}.`)
    if (local > whole) return refused(key, next, `${start}more than ${wholeKey} property value: ${whole}`)
  }
  return undefined
}

function cordonFault(next: BrokerConfig): ConfigFault | undefined {
  const directories: readonly string[] = next.get('log.dirs') ?? next.get('log.dir')
  const bad = next.get('cordoned.log.dirs').find((each) => !directories.includes(each))
  if (bad === undefined) return undefined
  const message = `Invalid entry in cordoned.log.dirs: ${bad}. All cordoned log dirs must be entries of log.dirs or log.dir.`
  return refused('cordoned.log.dirs', next, message)
}

/** Listeners come and go, but one that stays keeps what its connections were made with. */
function listenerFault(now: BrokerConfig, next: BrokerConfig): ConfigFault | undefined {
  if (now.parsed('listeners')?.text === next.parsed('listeners')?.text) return undefined
  const [before, after] = [nodeAddresses(now), nodeAddresses(next)]
  if (isFault(before)) return undefined
  if (isFault(after)) return { ...after, fault: 'INVALID_REQUEST' }
  const names = after.listeners.map(({ name }) => name)
  const lost = before.advertised.find(({ name }) => !names.includes(name))
  if (lost !== undefined)
    return refused('listeners', next, `Advertised listener ${lost.name} must be one of the listeners ${names.join(', ')}`)
  const changed = before.listeners.find(({ name }) => names.includes(name) && before.protocols.get(name) !== after.protocols.get(name))
  return changed && refused('listeners', next, `Security protocol cannot be updated for existing listener ${changed.name}`)
}
