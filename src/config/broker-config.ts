import { brokerSettings } from './keys/broker.ts'
import { ownSettings } from './keys/own.ts'
import { defaultOf, type Parsed, parseSetting } from './parsing.ts'
import { type ConfigFault, isFault, type Setting, type SettingValue, type ValueOf } from './setting.ts'
import { brokerSynonyms, listenerOverride, type Synonym } from './synonyms.ts'

/** Kafka's settings and ours. */
const nodeSettings = { ...brokerSettings, ...ownSettings } as const

export type BrokerKey = keyof typeof nodeSettings
export type BrokerValue<K extends BrokerKey> = ValueOf<(typeof nodeSettings)[K]>
export type ConfigTexts = ReadonlyMap<string, string>

export const brokerKeys: readonly string[] = Object.keys(nodeSettings)

export const brokerSetting = (key: string): Setting | undefined =>
  Object.hasOwn(nodeSettings, key) ? nodeSettings[key as BrokerKey] : undefined

/** Where settings of a node come from, the strongest first. */
export interface BrokerLayers {
  /** Set for this broker through AlterConfigs. */
  readonly dynamicBroker: ConfigTexts
  /** Set for all brokers through AlterConfigs. */
  readonly dynamicDefault: ConfigTexts
  /** The file it was started with, completed by what must be equal (node.id and broker.id). */
  readonly file: ConfigTexts
}

/** Config providers have parameters of their own, under names that the file gives. */
const isKnown = (key: string): boolean => key.startsWith('config.providers.') || brokerSetting(listenerOverride(key) ?? key) !== undefined

const none: ConfigTexts = new Map()

/**
 * The settings of one node, read-only. A change makes a new object (`withDynamic`); whoever must follow changes asks the one who holds the
 * current object. Values of the dynamic layers that cannot be read are left out and listed in `faults`, as a broker must start with them.
 */
export class BrokerConfig {
  readonly layers: BrokerLayers
  readonly faults: readonly ConfigFault[]
  /** Keys of the file that nobody declared. */
  readonly unknownKeys: readonly string[]
  private readonly effective: ReadonlyMap<string, Parsed>

  private constructor(layers: BrokerLayers, effective: ReadonlyMap<string, Parsed>, faults: readonly ConfigFault[]) {
    this.layers = layers
    this.effective = effective
    this.faults = faults
    this.unknownKeys = [...layers.file.keys()].filter((key) => !isKnown(key))
  }

  /** Reads a file's settings; every fault of them is given back. Settings that must agree with each other: see `nodeFaults`. */
  static read(file: ConfigTexts, dynamic: Partial<Omit<BrokerLayers, 'file'>> = {}): BrokerConfig | readonly ConfigFault[] {
    const layers = { dynamicBroker: dynamic.dynamicBroker ?? none, dynamicDefault: dynamic.dynamicDefault ?? none, file: completed(file) }
    const faults: ConfigFault[] = []
    const effective = new Map<string, Parsed>()
    for (const [key, setting] of Object.entries(nodeSettings)) effective.set(key, defaultOf(setting))
    overlay(effective, layers.file, faults)
    if (layers.file.has('zookeeper.connect') && !layers.file.has('process.roles')) return [ofZooKeeper]
    for (const key of ['process.roles', 'node.id', 'controller.listener.names']) {
      if (!layers.file.has(key)) faults.push(missing(key))
    }
    if (faults.length > 0) return faults
    const dynamicDefault = inForce(layers.dynamicDefault, false, faults)
    const dynamicBroker = inForce(layers.dynamicBroker, true, faults)
    for (const texts of [dynamicDefault, dynamicBroker]) {
      dropSynonyms(effective, texts)
      overlay(effective, texts, faults)
    }
    return new BrokerConfig({ dynamicBroker, dynamicDefault, file: layers.file }, effective, faults)
  }

  /** The same file with other dynamic layers. */
  withDynamic(dynamic: Partial<Omit<BrokerLayers, 'file'>>): BrokerConfig {
    return BrokerConfig.read(this.layers.file, { ...this.layers, ...dynamic }) as BrokerConfig // the file was read before
  }

  /** The value of a key; for a listener, its override `listener.name.<listener>.<key>` when there is one. */
  get<K extends BrokerKey>(key: K, listener?: string): BrokerValue<K> {
    const override = listener === undefined ? undefined : this.effective.get(`listener.name.${listener.toLowerCase()}.${key}`)
    return (override ?? this.effective.get(key)!).value as BrokerValue<K>
  }

  /** The value of a key with the text that Kafka prints for it. */
  parsed(key: string): Parsed | undefined {
    return this.effective.get(key)
  }

  /** The first of several synonyms that is set, in the unit of the first one. */
  firstOf(synonyms: readonly Synonym[]): SettingValue {
    for (const { key, factor } of synonyms) {
      const { value } = this.effective.get(key)!
      if (value !== null) return factor === 1 ? value : (value as number) < 0 ? -1 : (value as number) * factor
    }
    return null
  }
}

function overlay(effective: Map<string, Parsed>, texts: ConfigTexts, faults: ConfigFault[]): void {
  for (const [key, text] of texts) {
    const setting = brokerSetting(listenerOverride(key) ?? key)
    if (setting === undefined) continue
    const parsed = parseSetting(key, setting, text)
    if (isFault(parsed)) faults.push(parsed)
    else effective.set(key, parsed)
  }
}

/** A dynamic log.roll.hours would win over log.roll.ms of the file, although milliseconds go first within a layer. */
function dropSynonyms(effective: Map<string, Parsed>, texts: ConfigTexts): void {
  for (const key of texts.keys()) {
    if (listenerOverride(key) !== undefined) continue
    for (const synonym of brokerSynonyms(key)) if (synonym !== key) effective.set(synonym, defaultOf(brokerSetting(synonym)!))
  }
}

/** The dynamic settings that count; of the others it is told why not (DynamicBrokerConfig.fromPersistentProps). */
function inForce(texts: ConfigTexts, perBroker: boolean, faults: ConfigFault[]): ConfigTexts {
  const counting = new Map<string, string>()
  for (const [key, text] of texts) {
    const setting = brokerSetting(listenerOverride(key) ?? key)
    const parsed = setting === undefined ? undefined : parseSetting(key, setting, text)
    const problem = dynamicKeyProblem(key, perBroker)
    if (parsed !== undefined && isFault(parsed)) faults.push(parsed)
    else if (problem !== undefined) faults.push({ fault: 'INVALID_REQUEST', key, value: text, message: `${key} ${ignored[problem]}` })
    else counting.set(key, text)
  }
  return counting
}

/** Why a key cannot be a dynamic setting: never, not without a listener's prefix, not for all brokers at once. */
export type DynamicKeyProblem = 'fixed' | 'per-listener' | 'per-broker'

const ignored: Readonly<Record<DynamicKeyProblem, string>> = {
  fixed: 'is set dynamically, but is only read when a broker starts',
  'per-listener': 'is set dynamically, which has an effect only with the prefix of a listener',
  'per-broker': 'is set for all brokers, but has an effect only when set for one',
}

const clusterLevelOfListeners: readonly string[] = ['max.connections', 'max.connection.creation.rate', 'num.network.threads']

export function dynamicKeyProblem(key: string, perBroker: boolean): DynamicKeyProblem | undefined {
  const base = listenerOverride(key)
  if (base !== undefined) return perBroker || clusterLevelOfListeners.includes(base) ? undefined : 'per-broker'
  const setting = brokerSetting(key)
  if (setting === undefined) return undefined
  if (setting.update === undefined) return 'fixed'
  if (setting.update !== 'per-broker') return undefined
  if (key.startsWith('ssl.')) return 'per-listener'
  return perBroker ? undefined : 'per-broker'
}

/** node.id and broker.id are one number under two names (KafkaConfig.populateSynonyms). */
function completed(file: ConfigTexts): ConfigTexts {
  const texts = new Map(file)
  const nodeId = file.get('node.id')
  const brokerId = file.get('broker.id')
  if (nodeId === undefined && brokerId !== undefined) texts.set('node.id', brokerId)
  if (brokerId === undefined && nodeId !== undefined) texts.set('broker.id', nodeId)
  return texts
}

const ofZooKeeper: ConfigFault = {
  fault: 'INVALID_CONFIG',
  key: 'zookeeper.connect',
  value: null,
  message:
    'zookeeper.connect without process.roles: this file is of the time when clusters needed ZooKeeper, which neither Apache Kafka 4 nor tkafka uses. A cluster that has data is migrated to KRaft first, with Apache Kafka 3.9; for a new one set process.roles, node.id, controller.quorum.voters, controller.listener.names and listeners instead.',
}

const missing = (key: string): ConfigFault => ({
  fault: 'INVALID_CONFIG',
  key,
  value: null,
  message: `Missing required configuration "${key}" which has no default value.`,
})
