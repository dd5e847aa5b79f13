import { ConfigError } from './config-value.ts'

export interface ListenerAddress {
  /** Upper case, as Kafka normalizes it. */
  readonly name: string
  readonly host: string
  readonly port: number
}

const ENDPOINT = /^(.*):\/\/(?:\[([0-9a-zA-Z\-%._:]*)\]|([0-9a-zA-Z\-%._]*)):(-?\d+)$/

/** `NAME://host:port,…` of listeners and advertised.listeners; an empty host stands for all addresses. @throws ConfigError */
export const parseListeners = (key: string, values: readonly string[]): ListenerAddress[] => {
  const listeners = values.map((value) => {
    const match = ENDPOINT.exec(value.trim())
    if (match === null) throw new ConfigError(key, value, 'expected NAME://host:port, such as PLAINTEXT://127.0.0.1:9092')
    const port = Number(match[4])
    if (port < -1 || port > 65535) throw new ConfigError(key, value, 'the port must lie between 0 and 65535')
    return { name: match[1]!.toUpperCase(), host: match[2] ?? match[3] ?? '', port }
  })
  const names = new Set<string>()
  for (const { name } of listeners) {
    if (names.has(name)) throw new ConfigError(key, values.join(','), `Each listener must have a different name, ${name} is there twice`)
    names.add(name)
  }
  return listeners
}
