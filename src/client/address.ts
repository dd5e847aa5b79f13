import type { Address } from '../host/index.ts'
import { invalid } from './settings.ts'

/** `host:port`, `[v6]:port`, with an optional `protocol://` before it, as Kafka accepts in bootstrap.servers. */
const pattern = /^(?:.*:\/\/)?\[?([0-9a-zA-Z\-%._:]*)\]?:([0-9]+)$/

/** @throws KafkaError INVALID_CONFIG */
export function parseAddress(text: string, key = 'bootstrap.servers'): Address {
  const match = pattern.exec(text.trim())
  const port = match === null ? 0 : Number(match[2])
  if (match === null || match[1] === '' || port < 1 || port > 65_535) throw invalid(key, text, 'host:port, several separated by commas')
  return { host: match[1], port }
}

export function addressText(address: Address): string {
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}
