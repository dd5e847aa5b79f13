import type { BrokerConfig } from '../config/index.ts'
import type { LogDirectories } from '../log/index.ts'
import type { ConnectionLimits, Server } from '../net/index.ts'
import { logRoomConfigOf } from './log-settings.ts'

export const connectionLimitsOf = (config: BrokerConfig, listenerNames: readonly string[]): ConnectionLimits => ({
  connectionsMax: config.get('max.connections'),
  perIpMax: config.get('max.connections.per.ip'),
  perIpOverrides: overridesOf(config.get('max.connections.per.ip.overrides')),
  perListenerMax: new Map(
    listenerNames.flatMap((name) => {
      const value = config.parsed(`listener.name.${name.toLowerCase()}.max.connections`)?.value
      return typeof value === 'number' ? [[name, value] as const] : []
    }),
  ),
})

/**
 * Takes over the settings of this node that may change while it runs. Settings of topics, which fall back to these, are the publisher's part;
 * everything else that asks `config` when it needs a value follows by itself. Thread counts (num.io.threads, num.network.threads,
 * num.replica.fetchers, background.threads, log.cleaner.threads) are accepted and change nothing: one thread does it all.
 */
export const followSettings = (config: BrokerConfig, logs: LogDirectories, server: Server, listenerNames: readonly string[]): void => {
  logs.room = logRoomConfigOf(config)
  logs.cordoned = new Set(config.get('cordoned.log.dirs'))
  server.counts.limits = connectionLimitsOf(config, listenerNames)
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
