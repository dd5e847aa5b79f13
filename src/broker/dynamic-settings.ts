import type { BrokerConfig } from '../config/index.ts'
import type { LogDirectories } from '../log/index.ts'
import { type MetadataImage, QUOTA_IP } from '../metadata/index.ts'
import type { ConnectionLimits, Server } from '../net/index.ts'
import { logRoomConfigOf } from './log-settings.ts'

const INT_MAX = 2_147_483_647

export const connectionLimitsOf = (config: BrokerConfig, listenerNames: readonly string[], image: MetadataImage): ConnectionLimits => {
  const rateMax = config.get('max.connection.creation.rate')
  const rates = listenerNames.map((name) => [name, config.get('max.connection.creation.rate', name)] as const)
  return {
    connectionsMax: config.get('max.connections'),
    perIpMax: config.get('max.connections.per.ip'),
    perIpOverrides: overridesOf(config.get('max.connections.per.ip.overrides')),
    perListenerMax: new Map(listenerNames.map((name) => [name, config.get('max.connections', name)])),
    ...(rateMax < INT_MAX && { rateMax }),
    perListenerRateMax: new Map(rates.filter(([, rate]) => rate < INT_MAX)),
    ipRateMax: (ip) => {
      const rate = ipQuota(image, ip) ?? ipQuota(image, null)
      return rate === undefined || rate >= INT_MAX ? undefined : rate
    },
    rateWindow: { sizeMs: config.get('quota.window.size.seconds') * 1000, count: config.get('quota.window.num') },
  }
}

/** Of an address; null: of all that have none of their own. */
const ipQuota = (image: MetadataImage, ip: string | null): number | undefined =>
  image.clientQuotas.of(new Map([[QUOTA_IP, ip]])).get('connection_creation_rate')

/**
 * Takes over the settings of this node that may change while it runs. Settings of topics, which fall back to these, are the publisher's part;
 * everything else that asks `config` when it needs a value follows by itself. Thread counts (num.io.threads, num.network.threads,
 * background.threads, log.cleaner.threads) are accepted and change nothing: one thread does it all.
 */
export const followSettings = (
  config: BrokerConfig,
  logs: LogDirectories,
  server: Server,
  listenerNames: readonly string[],
  image: MetadataImage,
): void => {
  logs.room = logRoomConfigOf(config)
  logs.cordoned = new Set(config.get('cordoned.log.dirs'))
  server.counts.limits = connectionLimitsOf(config, listenerNames, image)
}

/** `host:count,…`, as max.connections.per.ip.overrides has it. */
const overridesOf = (text: string): Map<string, number> => {
  const overrides = new Map<string, number>()
  for (const entry of text.split(',')) {
    const at = entry.lastIndexOf(':')
    if (at > 0) overrides.set(entry.slice(0, at).trim(), Number(entry.slice(at + 1)))
  }
  return overrides
}
