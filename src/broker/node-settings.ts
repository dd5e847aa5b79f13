import { assert } from '../base/index.ts'
import {
  type BrokerConfig,
  isFault,
  type ListenerAddress,
  nodeAddresses,
  nodeFaults,
  type SettingRemark,
  securedListeners,
  type Voter,
  voters,
} from '../config/index.ts'
import type { SecurityProtocol } from '../net/index.ts'

export interface NodeListener extends ListenerAddress {
  readonly securityProtocol: SecurityProtocol
  /** Where clients find it; port 0: the port that the listener is bound to. */
  readonly advertised: ListenerAddress
  readonly isController: boolean
  /** Named in advertised.listeners, or nothing is named there: clients are told of it. */
  readonly isAdvertised: boolean
  /** For nodes among themselves: clients cannot take its places (KIP-402). */
  readonly protected: boolean
}

/** What a node's settings mean for how it is put together. */
export interface NodeSettings {
  readonly nodeId: number
  readonly roles: { readonly broker: boolean; readonly controller: boolean }
  readonly listeners: readonly NodeListener[]
  /** Without a slash at the end. */
  readonly logDirs: readonly string[]
  readonly metadataLogDir: string
  /** Of a static quorum; empty when the voters are in the metadata log (KIP-853). */
  readonly voters: readonly Voter[]
  readonly rack: string | null
  /** The listener that brokers use among themselves. */
  readonly interBrokerListener: string
  /** The one at which this node asks controllers: the first of controller.listener.names. */
  readonly controllerListener: string
  /** Advertised where the settings name no host. */
  readonly hostName: string
}

/** The settings contradict each other, or ask for what this version does not do. */
export class NodeSettingsError extends Error {
  override name = 'NodeSettingsError'
  readonly problems: readonly SettingRemark[]
  constructor(problems: readonly SettingRemark[]) {
    super(problems.map(({ message }) => message).join('\n'))
    this.problems = problems
  }
}

const refuse = (key: string, message: string): never => {
  throw new NodeSettingsError([{ key, message }])
}

/** To serve in the clear what shall be protected would be worse than not to serve. @throws NodeSettingsError */
const refuseProtection = (config: BrokerConfig): void => {
  const secured = securedListeners(config)
  const protocols = [...new Set(secured.map(({ protocol }) => protocol))]
  const between = config.get('security.inter.broker.protocol')
  if (protocols.length > 0) {
    const names = secured.map(({ name }) => name).join(', ')
    const mapped = secured.some(({ name, protocol }) => name !== protocol)
    const change = mapped
      ? `use PLAINTEXT listeners, as in listener.security.protocol.map=${secured[0]!.name}:PLAINTEXT,CONTROLLER:PLAINTEXT`
      : 'use PLAINTEXT listeners, as in listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093'
    refuse(
      mapped ? 'listener.security.protocol.map' : 'listeners',
      `${protocols.join(' and ')} ${protocols.length > 1 ? 'are' : 'is'} not supported yet (listener ${names}); ${change}, where only those can reach them whom you trust`,
    )
  }
  if (between !== 'PLAINTEXT' && config.get('inter.broker.listener.name') === null)
    refuse('security.inter.broker.protocol', `${between} is not supported yet (security.inter.broker.protocol); use PLAINTEXT`)
}

/** @throws NodeSettingsError */
export const nodeListenersOf = (config: BrokerConfig, hostName: string): NodeListener[] => {
  refuseProtection(config)
  const addresses = nodeAddresses(config)
  if (isFault(addresses)) throw new NodeSettingsError([addresses])
  const told = [...addresses.advertised, ...addresses.advertisedForControllers]
  const isController = (name: string): boolean => addresses.controllerNames.includes(name)
  const ofBrokers = addresses.listeners.filter(({ name }) => !isController(name)).length
  return addresses.listeners.map((listener): NodeListener => {
    const advertised = told.find(({ name }) => name === listener.name) ?? listener
    return {
      ...listener,
      securityProtocol: addresses.protocols.get(listener.name) as SecurityProtocol,
      advertised: { ...advertised, host: advertised.host === '' ? hostName : advertised.host },
      isController: isController(listener.name),
      isAdvertised: told.some(({ name }) => name === listener.name),
      protected: isController(listener.name) || (listener.name === addresses.interBrokerName && ofBrokers > 1),
    }
  })
}

const listenersBetween = (config: BrokerConfig): Pick<NodeSettings, 'interBrokerListener' | 'controllerListener'> => {
  const addresses = nodeAddresses(config)
  assert(!isFault(addresses), 'addresses with a fault are refused before')
  return { interBrokerListener: addresses.interBrokerName, controllerListener: addresses.controllerNames[0]! }
}

/** `hostName` is advertised where the settings name no host. @throws NodeSettingsError */
export const nodeSettingsOf = (config: BrokerConfig, hostName: string): NodeSettings => {
  refuseProtection(config)
  const faults = nodeFaults(config)
  if (faults.length > 0) throw new NodeSettingsError(faults)
  const listeners = nodeListenersOf(config, hostName)
  // To leave out a guard that the file asks for would open the door that it should keep shut.
  const authorizer = config.get('authorizer.class.name')
  if (authorizer !== '') {
    refuse(
      'authorizer.class.name',
      `authorizer.class.name=${authorizer}: this version has no authorizer, everyone could do everything; remove the setting to accept that`,
    )
  }
  const roles = config.get('process.roles')
  const logDirs = (config.get('log.dirs') ?? config.get('log.dir')).map((path) => path.trim().replace(/(.)\/+$/, '$1'))
  return {
    nodeId: config.get('node.id'),
    roles: { broker: roles.includes('broker'), controller: roles.includes('controller') },
    listeners,
    logDirs,
    metadataLogDir: config.get('metadata.log.dir') ?? logDirs[0]!,
    voters: voters(config),
    rack: config.get('broker.rack'),
    ...listenersBetween(config),
    hostName,
  }
}
