import type { ConfigKey, ConfigKeys } from './config-key.ts'
import { type ConfigValue, parseValue } from './config-value.ts'
import { type BrokerKeyName, brokerKeys } from './keys/broker.ts'

type Keys = typeof brokerKeys
type NamesOf<T extends string> = { [K in BrokerKeyName]: Keys[K]['type'] extends T ? K : never }[BrokerKeyName]

/** DescribeConfigs: where a value comes from. */
export const ConfigSource = {
  UNKNOWN: 0,
  TOPIC: 1,
  DYNAMIC_BROKER: 2,
  DYNAMIC_DEFAULT_BROKER: 3,
  STATIC_BROKER: 4,
  DEFAULT: 5,
  DYNAMIC_BROKER_LOGGER: 6,
  CLIENT_METRICS: 7,
  GROUP: 8,
} as const

/** One layer's word on a setting. */
export interface BrokerSetting {
  readonly name: string
  readonly text: string | null
  readonly source: number
}

const NONE: ReadonlyMap<string, string> = new Map()
const all: ConfigKeys = brokerKeys

/**
 * The settings of one broker in their layers: set for this broker while it runs, for all brokers while they run, in its file, by default.
 * Reading one is a map look-up; values are parsed once.
 */
export class BrokerConfig {
  readonly fromFile: ReadonlyMap<string, string>
  private perBroker: ReadonlyMap<string, string> = NONE
  private clusterDefault: ReadonlyMap<string, string> = NONE
  private parsed = new Map<string, ConfigValue>()
  private readonly listeners = new Set<(changed: ReadonlySet<string>) => void>()

  /** `fromFile` has been checked (`checkBrokerConfig`); keys that Kafka does not know may be among it. */
  constructor(fromFile: ReadonlyMap<string, string>) {
    this.fromFile = fromFile
  }

  /** What was set while running; values that do not parse are left out and given back by name, so that a bad record cannot stop a broker. */
  setDynamic(perBroker: ReadonlyMap<string, string>, clusterDefault: ReadonlyMap<string, string>): string[] {
    const rejected: string[] = []
    const valid = (layer: ReadonlyMap<string, string>): Map<string, string> => {
      const kept = new Map<string, string>()
      for (const [name, text] of layer) {
        const key = Object.hasOwn(all, name) ? all[name] : undefined
        try {
          if (key !== undefined) parseValue(name, key, text)
          kept.set(name, text)
        } catch {
          rejected.push(name)
        }
      }
      return kept
    }
    const before = [this.perBroker, this.clusterDefault]
    this.perBroker = valid(perBroker)
    this.clusterDefault = valid(clusterDefault)
    this.parsed = new Map()
    const changed = new Set<string>()
    for (const [layer, old] of [
      [this.perBroker, before[0]!],
      [this.clusterDefault, before[1]!],
    ] as const) {
      for (const name of new Set([...layer.keys(), ...old.keys()])) if (layer.get(name) !== old.get(name)) changed.add(name)
    }
    if (changed.size > 0) for (const listener of this.listeners) listener(changed)
    return rejected
  }

  /** Told the names of keys whose dynamic value changed. */
  onChange(listener: (changed: ReadonlySet<string>) => void): void {
    this.listeners.add(listener)
  }

  /** All layers that set a key, the one in force first, the default last. */
  layersOf(name: string): BrokerSetting[] {
    const settings: BrokerSetting[] = []
    for (const [layer, source] of [
      [this.perBroker, ConfigSource.DYNAMIC_BROKER],
      [this.clusterDefault, ConfigSource.DYNAMIC_DEFAULT_BROKER],
      [this.fromFile, ConfigSource.STATIC_BROKER],
    ] as const) {
      const text = layer.get(name)
      if (text !== undefined) settings.push({ name, text, source })
    }
    const fallback = Object.hasOwn(all, name) ? all[name]!.default : undefined
    if (fallback !== undefined) settings.push({ name, text: fallback, source: ConfigSource.DEFAULT })
    return settings
  }

  /** Whether anything but the default says something. */
  isSet(name: BrokerKeyName): boolean {
    return this.perBroker.has(name) || this.clusterDefault.has(name) || this.fromFile.has(name)
  }

  text(name: string): string | null {
    return this.layersOf(name)[0]?.text ?? null
  }

  private value(name: BrokerKeyName): ConfigValue {
    let value = this.parsed.get(name)
    if (value === undefined) {
      const text = this.text(name)
      value = text === null ? null : parseValue(name, all[name] as ConfigKey, text)
      this.parsed.set(name, value)
    }
    return value
  }

  /** A whole number; those beyond 2^53, which stand for "no limit", as the nearest number. */
  int(name: NamesOf<'int' | 'short' | 'long'>): number {
    return Number(this.value(name))
  }
  double(name: NamesOf<'double'>): number {
    return Number(this.value(name))
  }
  boolean(name: NamesOf<'boolean'>): boolean {
    return this.value(name) === true
  }
  /** Undefined when nothing is set and there is no default. */
  string(name: NamesOf<'string' | 'class' | 'password'>): string | undefined {
    return (this.value(name) as string | null) ?? undefined
  }
  list(name: NamesOf<'list'>): readonly string[] {
    return (this.value(name) as readonly string[] | null) ?? []
  }
  /** A number that may be left out: undefined then. */
  optionalInt(name: NamesOf<'int' | 'short' | 'long'>): number | undefined {
    const value = this.value(name)
    return value === null ? undefined : Number(value)
  }
}

/** Keys that belong to plugins, listeners or clients, which Kafka takes without knowing them by name. */
const isPrefixed = (name: string): boolean => /^(listener\.name\.|confluent\.|kafka\.|rsm\.config\.|rlmm\.config\.)/.test(name)

export interface BrokerConfigCheck {
  /** Every problem found, each a sentence with key, value and what is legal. */
  readonly errors: readonly string[]
  /** Keys that nobody knows: a typing error most likely. */
  readonly unknown: readonly string[]
}

/** Checks the texts of a configuration file, key by key. */
export const checkBrokerConfig = (fromFile: ReadonlyMap<string, string>): BrokerConfigCheck => {
  const errors: string[] = []
  const unknown: string[] = []
  for (const [name, text] of fromFile) {
    const key = Object.hasOwn(all, name) ? all[name] : undefined
    if (key === undefined) {
      if (!isPrefixed(name)) unknown.push(name)
      continue
    }
    try {
      parseValue(name, key, text)
    } catch (error) {
      errors.push((error as Error).message)
    }
  }
  for (const [name, key] of Object.entries(all)) {
    if (key.required && !fromFile.has(name)) errors.push(`Missing required configuration ${name} which has no default value`)
  }
  return { errors, unknown }
}
