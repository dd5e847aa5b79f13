import { editDistance } from '../base/index.ts'
import { type BrokerConfig, type BrokerKey, brokerKeys } from './broker-config.ts'
import { type ListenerAddress, parseListeners } from './listeners.ts'
import { type ConfigFault, configFault, isFault } from './setting.ts'

export interface Voter {
  readonly id: number
  readonly host: string
  readonly port: number
}

/** The static voters of controller.quorum.voters; empty with dynamic membership (KIP-853). The setting has been checked. */
export function voters(config: BrokerConfig): Voter[] {
  return config.get('controller.quorum.voters').map((entry) => {
    const [, id, host, port] = entry.match(/^(\d+)@\[?(.*?)\]?:(\d+)$/)!
    return { id: Number(id), host: host!, port: Number(port) }
  })
}

export interface NodeAddresses {
  readonly listeners: readonly ListenerAddress[]
  /** For clients and brokers: of broker listeners, with the listener's address where nothing else is advertised. */
  readonly advertised: readonly ListenerAddress[]
  readonly advertisedForControllers: readonly ListenerAddress[]
  readonly controllerNames: readonly string[]
  readonly interBrokerName: string
  /** Security protocol of each listener name. */
  readonly protocols: ReadonlyMap<string, string>
}

/** Everything that listeners, advertised.listeners and the names around them say together. */
export function nodeAddresses(config: BrokerConfig): NodeAddresses | ConfigFault {
  const listeners = parseListeners('listeners', config.get('listeners'))
  if (isFault(listeners)) return listeners
  const given = config.get('advertised.listeners')
  const advertised = given === null ? listeners : parseListeners('advertised.listeners', given)
  if (isFault(advertised)) return advertised
  const controllerNames = config.get('controller.listener.names').map((name) => name.toUpperCase())
  const isController = ({ name }: ListenerAddress): boolean => controllerNames.includes(name)
  const ofControllers = listeners.filter(isController).map((listener) => advertised.find(({ name }) => name === listener.name) ?? listener)
  const protocols = protocolsOf(
    config,
    listeners.map(({ name }) => name),
    controllerNames,
  )
  if (isFault(protocols)) return protocols
  const wanted = config.get('inter.broker.listener.name')?.toUpperCase()
  const interBrokerProtocol = config.get('security.inter.broker.protocol')
  return {
    listeners,
    advertised: advertised.filter((listener) => !isController(listener)),
    advertisedForControllers: ofControllers,
    controllerNames,
    interBrokerName: wanted ?? interBrokerProtocol,
    protocols,
  }
}

const MAP_KEY = 'listener.security.protocol.map'
const securityProtocols: readonly string[] = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL']

/** listener.security.protocol.map; controllers speak PLAINTEXT when the map is the default and every other listener does too. */
function protocolsOf(
  config: BrokerConfig,
  listenerNames: readonly string[],
  controllerNames: readonly string[],
): Map<string, string> | ConfigFault {
  const names = [...listenerNames, ...controllerNames]
  const protocols = protocolMap(config)
  if (isFault(protocols)) return protocols
  const untouched = !config.layers.file.has(MAP_KEY)
  const plain = names.every((name) => !protocols.has(name) || protocols.get(name) === 'PLAINTEXT')
  for (const name of names) {
    if (protocols.has(name)) continue
    const isController = controllerNames.includes(name)
    if (!(untouched && plain && isController)) {
      const reason = `No security protocol defined for listener ${name}`
      const astray = controllerNames.find((each) => !listenerNames.includes(each))
      if (astray !== undefined && !isController && config.get('process.roles').includes('controller'))
        return configFault(
          'controller.listener.names',
          astray,
          `${reason}, and listeners has no ${astray}: is ${name} the one that is meant?`,
        )
      return configFault(isController ? 'controller.listener.names' : 'listeners', name, `${reason}: add it to ${MAP_KEY}`)
    }
    protocols.set(name, 'PLAINTEXT')
  }
  return protocols
}

function protocolMap(config: BrokerConfig): Map<string, string> | ConfigFault {
  const protocols = new Map<string, string>()
  for (const entry of config
    .get(MAP_KEY)
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')) {
    const at = entry.lastIndexOf(':')
    const protocol = entry.slice(at + 1).toUpperCase()
    if (at < 1 || !securityProtocols.includes(protocol))
      return configFault(MAP_KEY, entry, `expected NAME:PROTOCOL with one of ${securityProtocols.join(', ')}`)
    protocols.set(entry.slice(0, at).toUpperCase(), protocol)
  }
  return protocols
}

/** The listeners that are to be encrypted or authenticated, as far as the settings can be read. */
export function securedListeners(config: BrokerConfig): { name: string; protocol: string }[] {
  const listeners = parseListeners('listeners', config.get('listeners'))
  const protocols = protocolMap(config)
  if (isFault(listeners) || isFault(protocols)) return []
  return listeners
    .map(({ name }) => ({ name, protocol: protocols.get(name) ?? 'PLAINTEXT' }))
    .filter(({ protocol }) => protocol !== 'PLAINTEXT')
}

/** What settings must be to each other before a node can start; one fault each, in words that say what to change. Source: KafkaConfig.validateValues. */
export function nodeFaults(config: BrokerConfig): ConfigFault[] {
  const faults: ConfigFault[] = []
  const need = (holds: boolean, key: BrokerKey, reason: string): void => {
    if (!holds) faults.push({ fault: 'INVALID_CONFIG', key, value: config.parsed(key)?.text ?? null, message: reason })
  }
  needNumbers(config, need)
  needQuorum(config, need)
  const addresses = nodeAddresses(config)
  if (isFault(addresses)) faults.push(addresses)
  else needAddresses(config, addresses, need)
  return faults
}

type Need = (holds: boolean, key: BrokerKey, reason: string) => void

function needNumbers(config: BrokerConfig, need: Need): void {
  const number = (key: 'log.roll.ms' | 'log.roll.jitter.ms' | 'log.retention.ms'): number | null => config.get(key)
  need(config.get('node.id') === config.get('broker.id'), 'node.id', 'node.id and broker.id must be the same number: set one of them only')
  need(config.get('node.id') >= 0, 'node.id', `Invalid value ${config.get('node.id')} for configuration node.id: Value must be at least 0`)
  need((number('log.roll.ms') ?? 1) >= 1, 'log.roll.ms', 'log.roll.ms must be greater than or equal to 1')
  need((number('log.roll.jitter.ms') ?? 0) >= 0, 'log.roll.jitter.ms', 'log.roll.jitter.ms must be greater than or equal to 0')
  need(number('log.retention.ms') !== 0, 'log.retention.ms', 'log.retention.ms must be unlimited (-1) or, greater than or equal to 1')
  const perCleaner = config.get('log.cleaner.dedupe.buffer.size') / config.get('log.cleaner.threads')
  need(perCleaner > 1_048_576, 'log.cleaner.dedupe.buffer.size', 'log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.')
  const waitMs = config.get('replica.fetch.wait.max.ms')
  need(
    waitMs <= config.get('replica.socket.timeout.ms'),
    'replica.socket.timeout.ms',
    'replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms to prevent unnecessary socket timeouts',
  )
  need(
    waitMs <= config.get('replica.lag.time.max.ms'),
    'replica.fetch.wait.max.ms',
    'replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms to prevent frequent changes in ISR',
  )
  const queued = config.get('queued.max.request.bytes')
  need(
    queued <= 0 || queued >= config.get('socket.request.max.bytes'),
    'queued.max.request.bytes',
    'queued.max.request.bytes must be larger or equal to socket.request.max.bytes',
  )
  need(
    config.get('max.connections.per.ip') > 0 || config.get('max.connections.per.ip.overrides') !== '',
    'max.connections.per.ip',
    'max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides property is set.',
  )
  const idleMs = config.get('connections.max.idle.ms')
  const delayMs = config.get('connection.failed.authentication.delay.ms')
  need(
    idleMs < 0 || delayMs < idleMs,
    'connection.failed.authentication.delay.ms',
    `connection.failed.authentication.delay.ms=${delayMs} should always be less than connections.max.idle.ms=${idleMs} to prevent failed authentication responses from timing out`,
  )
}

function needQuorum(config: BrokerConfig, need: Need): void {
  const roles = config.get('process.roles')
  const nodeId = config.get('node.id')
  const voterIds = voters(config).map(({ id }) => id)
  need(
    voterIds.length > 0 || config.get('controller.quorum.bootstrap.servers').length > 0,
    'controller.quorum.voters',
    'If using process.roles, either controller.quorum.bootstrap.servers must contain the set of bootstrap controllers or controller.quorum.voters must contain a parseable set of controllers.',
  )
  if (roles.includes('controller')) {
    need(
      voterIds.length === 0 || voterIds.includes(nodeId),
      'controller.quorum.voters',
      `If process.roles contains the 'controller' role, the node id ${nodeId} must be included in the set of voters controller.quorum.voters=${voterIds.join(',')}`,
    )
  } else {
    need(
      !voterIds.includes(nodeId),
      'controller.quorum.voters',
      `If process.roles contains just the 'broker' role, the node id ${nodeId} must not be included in the set of voters controller.quorum.voters=${voterIds.join(',')}`,
    )
    need(
      !config.get('controller.quorum.auto.join.enable'),
      'controller.quorum.auto.join.enable',
      "controller.quorum.auto.join.enable is only supported when process.roles contains the 'controller' role.",
    )
  }
}

function needAddresses(
  config: BrokerConfig,
  { listeners, advertised, advertisedForControllers, controllerNames, interBrokerName }: NodeAddresses,
  need: Need,
): void {
  const roles = config.get('process.roles')
  const names = listeners.map(({ name }) => name)
  if (roles.includes('controller')) {
    const inListeners = controllerNames.every((name) => names.includes(name))
    need(
      inListeners,
      'controller.listener.names',
      "controller.listener.names must only contain values appearing in the 'listeners' configuration when running the KRaft controller role",
    )
    if (!roles.includes('broker')) {
      need(
        advertisedForControllers.length === listeners.length,
        'listeners',
        'The listeners config must only contain KRaft controller listeners from controller.listener.names when process.roles=controller',
      )
    }
  } else {
    const apart = controllerNames.every((name) => !names.includes(name))
    need(
      apart,
      'controller.listener.names',
      "controller.listener.names must not contain a value appearing in the 'listeners' configuration when running KRaft with just the broker role",
    )
  }
  const routable = [...advertised, ...advertisedForControllers].every(({ host }) => host !== '0.0.0.0')
  need(routable, 'advertised.listeners', 'advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address.')
  if (!roles.includes('broker')) return
  const advertisedNames = advertised.map(({ name }) => name)
  need(
    advertised.length > 0,
    'advertised.listeners',
    'There must be at least one broker advertised listener. Perhaps all listeners appear in controller.listener.names?',
  )
  need(
    advertisedNames.includes(interBrokerName),
    'inter.broker.listener.name',
    `inter.broker.listener.name must be a listener name defined in advertised.listeners. The valid options based on currently configured listeners are ${advertisedNames.join(',')}`,
  )
  need(
    advertisedNames.every((name) => names.includes(name)),
    'advertised.listeners',
    `advertised.listeners listener names must be equal to or a subset of the ones defined in listeners. Found ${advertisedNames.join(',')}. The valid options based on the current configuration are ${names.join(',')}`,
  )
}

/** Of consumers that say their rack (KIP-392). */
export const RACK_AWARE_SELECTOR = 'org.apache.kafka.common.replica.RackAwareReplicaSelector'

export interface SettingRemark {
  readonly key: string
  /** One sentence. */
  readonly message: string
}

/** What a node starts with although it looks like a mistake. */
export function nodeWarnings(config: BrokerConfig): SettingRemark[] {
  const warnings: SettingRemark[] = config.unknownKeys.map((key) => {
    if (key.startsWith('zookeeper.'))
      return { key, message: `${key} is of the time when clusters needed ZooKeeper; it has no effect: remove it` }
    const meant = closestKey(key)
    const question = meant === undefined ? '' : `. Did you mean ${meant}?`
    return { key, message: `${key} is no setting that Apache Kafka 4.3.1 or tkafka knows; it has no effect${question}` }
  })
  const selector = config.get('replica.selector.class')
  if (selector !== null && selector !== RACK_AWARE_SELECTOR)
    warnings.push({
      key: 'replica.selector.class',
      message: `replica.selector.class=${selector} is not ${RACK_AWARE_SELECTOR}, the only one that is here: consumers read from leaders`,
    })
  const [heartbeatMs, sessionMs] = [config.get('broker.heartbeat.interval.ms'), config.get('broker.session.timeout.ms')]
  if (heartbeatMs * 2 > sessionMs)
    warnings.push({
      key: 'broker.heartbeat.interval.ms',
      message: `broker.heartbeat.interval.ms=${heartbeatMs} should be at most half of broker.session.timeout.ms=${sessionMs}, or brokers lose their lease`,
    })
  return warnings
}

/** The one key that was probably meant; undefined when none is near, or several are as near. */
function closestKey(word: string): string | undefined {
  let best: readonly string[] = []
  let bestDistance = Math.max(2, Math.floor(word.length / 6))
  for (const key of brokerKeys) {
    const distance = editDistance(word.toLowerCase(), key)
    if (distance < bestDistance) [best, bestDistance] = [[key], distance]
    else if (distance === bestDistance) best = [...best, key]
  }
  return best.length === 1 ? best[0] : undefined
}
