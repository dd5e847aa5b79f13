/** What can have a configuration, by Kafka's ids (ConfigResource.Type). */
export const ConfigResourceTypes = { UNKNOWN: 0, TOPIC: 2, BROKER: 4, BROKER_LOGGER: 8, CLIENT_METRICS: 16, GROUP: 32 } as const

export interface ConfigResource {
  readonly type: number
  /** The empty name of a broker is the default of all brokers. */
  readonly name: string
}

export const NO_CONFIGS: ReadonlyMap<string, string> = new Map()

/** The dynamic configuration of every resource. Reading one resource costs two lookups, however many there are. */
export class ConfigsImage {
  readonly byType: Map<number, Map<string, Map<string, string>>> = new Map()

  /** The values set on a resource; empty when none are. Reads through to later changes, so callers that keep it copy it. */
  of(type: number, name: string): ReadonlyMap<string, string> {
    return this.byType.get(type)?.get(name) ?? NO_CONFIGS
  }

  names(type: number): string[] {
    return [...(this.byType.get(type)?.keys() ?? [])]
  }

  *entries(): Generator<[ConfigResource, ReadonlyMap<string, string>]> {
    for (const [type, byName] of this.byType) for (const [name, configs] of byName) yield [{ type, name }, configs]
  }

  set(type: number, name: string, key: string, value: string | null): void {
    let byName = this.byType.get(type)
    if (byName === undefined) this.byType.set(type, (byName = new Map()))
    let configs = byName.get(name)
    if (configs === undefined) byName.set(name, (configs = new Map()))
    if (value === null) configs.delete(key)
    else configs.set(key, value)
    if (configs.size === 0) byName.delete(name)
  }

  /** Whether there was something to delete. */
  delete(type: number, name: string): boolean {
    return this.byType.get(type)?.delete(name) ?? false
  }
}
