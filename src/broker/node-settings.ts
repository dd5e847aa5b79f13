import { assert } from '../base/index.ts'
import { type BrokerConfig, isFault, type ListenerAddress, nodeAddresses, nodeFaults, type Voter, voters } from '../config/index.ts'
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
  /** Advertised where the settings name no host. */
  readonly hostName: string
}

/** The settings contradict each other, or ask for what this version does not do; one sentence each. */
export class NodeSettingsError extends Error {
  override name = 'NodeSettingsError'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** @throws NodeSettingsError */
export const nodeListenersOf = (config: BrokerConfig, hostName: string): NodeListener[] => {
  const addresses = nodeAddresses(config)
  if (isFault(addresses)) throw new NodeSettingsError([addresses.message])
  const told = [...addresses.advertised, ...addresses.advertisedForControllers]
  const isController = (name: string): boolean => addresses.controllerNames.includes(name)
  const ofBrokers = addresses.listeners.filter(({ name }) => !isController(name)).length
  const listeners = addresses.listeners.map((listener): NodeListener => {
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
  const secured = listeners.filter(({ securityProtocol }) => securityProtocol !== 'PLAINTEXT')
  if (secured.length > 0) {
    const names = secured.map(({ name, securityProtocol }) => `${name} (${securityProtocol})`).join(', ')
    throw new NodeSettingsError([
      `listeners: ${names}: this version serves PLAINTEXT only; change listener.security.protocol.map or listeners`,
    ])
  }
  return listeners
}

const interBrokerListenerOf = (config: BrokerConfig): string => {
  const addresses = nodeAddresses(config)
  assert(!isFault(addresses), 'addresses with a fault are refused before')
  return addresses.interBrokerName
}

/** `hostName` is advertised where the settings name no host. @throws NodeSettingsError */
export const nodeSettingsOf = (config: BrokerConfig, hostName: string): NodeSettings => {
  const faults = nodeFaults(config)
  if (faults.length > 0) throw new NodeSettingsError(faults.map(({ message }) => message))
  const listeners = nodeListenersOf(config, hostName)
  // To leave out a guard that the file asks for would open the door that it should keep shut.
  const authorizer = config.get('authorizer.class.name')
  if (authorizer !== '') {
    throw new NodeSettingsError([
      `authorizer.class.name=${authorizer}: this version has no authorizer, everyone could do everything; remove the setting to accept that`,
    ])
  }
  const roles = config.get('process.roles')
  if (!roles.includes('controller')) {
    throw new NodeSettingsError([
      'process.roles=broker: this version runs broker and controller in one node; set process.roles=broker,controller',
    ])
  }
  const logDirs = (config.get('log.dirs') ?? config.get('log.dir')).map((path) => path.trim().replace(/(.)\/+$/, '$1'))
  return {
    nodeId: config.get('node.id'),
    roles: { broker: roles.includes('broker'), controller: true },
    listeners,
    logDirs,
    metadataLogDir: config.get('metadata.log.dir') ?? logDirs[0]!,
    voters: voters(config),
    rack: config.get('broker.rack'),
    interBrokerListener: interBrokerListenerOf(config),
    hostName,
  }
}
