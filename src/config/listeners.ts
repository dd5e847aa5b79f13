import { type ConfigFault, configFault, isFault } from './setting.ts'

export interface ListenerAddress {
  /** Upper case, as Kafka normalizes it. */
  readonly name: string
  /** Empty: every interface. */
  readonly host: string
  readonly port: number
}

const endpoint = /^([^:/]+):\/\/(?:\[([0-9a-zA-Z\-%._:]*)\]|([0-9a-zA-Z\-%._]*)):(-?\d{1,6})$/

/** Reads `NAME://host:port` entries of listeners and advertised.listeners. */
export function parseListeners(key: string, entries: readonly string[]): ListenerAddress[] | ConfigFault {
  const listeners = entries.map((entry) => parseListener(key, entry))
  const fault = listeners.find(isFault)
  if (fault !== undefined) return fault
  const addresses = listeners as ListenerAddress[]
  const twice = addresses.find(({ name }, index) => addresses.findIndex((other) => other.name === name) < index)
  if (twice !== undefined)
    return configFault(key, entries.join(','), `Each listener must have a different name, ${twice.name} is there twice`)
  const other =
    key === 'listeners' ? addresses.find((each, index) => addresses.slice(0, index).some((before) => collide(before, each))) : undefined
  return other === undefined
    ? addresses
    : configFault(key, entries.join(','), `Each listener must have a different port, ${other.port} is there twice`)
}

/** Port 0 is any free one; one port may serve an IPv4 address and an IPv6 address. */
const collide = (a: ListenerAddress, b: ListenerAddress): boolean => {
  const families = [a, b].map(({ host }) => (host.includes(':') ? 6 : /^\d+(\.\d+){3}$/.test(host) ? 4 : 0))
  return a.port === b.port && a.port !== 0 && !(families.includes(4) && families.includes(6))
}

function parseListener(key: string, entry: string): ListenerAddress | ConfigFault {
  const match = endpoint.exec(entry.trim())
  if (match === null) return configFault(key, entry, 'expected NAME://host:port, such as PLAINTEXT://127.0.0.1:9092')
  const port = Number(match[4])
  if (port < -1 || port > 65_535) return configFault(key, entry, 'the port must lie between 0 and 65535')
  return { name: match[1]!.toUpperCase(), host: match[2] ?? match[3] ?? '', port }
}
