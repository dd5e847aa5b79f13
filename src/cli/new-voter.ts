import { hostname } from 'node:os'
import type { NewVoter } from '../client/index.ts'
import { readPropertiesFile, withoutVariables } from './client-settings.ts'
import { Fault, messageOf, usageFault } from './fault.ts'
import type { Shell } from './shell.ts'

/**
 * The voter that a controller would be: from its server.properties and the directory that was formatted for its metadata log.
 * @throws Fault
 */
export async function voterOfFile(shell: Shell, path: string): Promise<NewVoter> {
  const { BrokerConfig, isFault, nodeAddresses } = await import('../config/index.ts')
  const config = BrokerConfig.read(new Map(Object.entries(await withoutVariables(shell, await readPropertiesFile(shell, path)))))
  if (!(config instanceof BrokerConfig)) throw new Fault(`${path}: ${config.map(({ message }) => message).join('\n')}`)
  if (!config.get('process.roles').includes('controller'))
    throw usageFault(`${path} is not of a controller`, 'process.roles must name controller.')
  const addresses = nodeAddresses(config)
  if (isFault(addresses)) throw new Fault(`${path}: ${addresses.message}`)
  const listeners = addresses.advertisedForControllers.map(({ name, host, port }) => ({ name, host: host || hostname(), port }))
  if (listeners.length === 0)
    throw usageFault(`${path} has no controller listener`, 'listeners must have those of controller.listener.names.')
  const directory = config.get('metadata.log.dir') ?? (config.get('log.dirs') ?? config.get('log.dir'))[0]!
  return { id: config.get('node.id'), directoryId: await directoryIdOf(shell, directory.trim()), listeners }
}

async function directoryIdOf(shell: Shell, directory: string): Promise<string> {
  const { readDirectories } = await import('../metadata/index.ts')
  const { disk } = await shell.host()
  const [state] = await readDirectories(disk, [directory])
  if (state!.kind === 'failed') throw new Fault(`cannot read ${directory}/meta.properties: ${messageOf(state.error)}`)
  const directoryId = state!.kind === 'formatted' ? state!.properties.directoryId : undefined
  if (directoryId !== undefined) return directoryId
  throw new Fault(`${directory} has no directory id`, {
    hint: 'Format it with tkafka storage format --no-initial-controllers, and start the controller, before it gets a vote.',
  })
}

/** `CONTROLLER://host:9093`. @throws Fault (usage) */
export async function listenersOf(texts: readonly string[]): Promise<NewVoter['listeners']> {
  const { isFault, parseListeners } = await import('../config/index.ts')
  const listeners = parseListeners('--listener', texts)
  if (isFault(listeners)) throw usageFault(listeners.message, 'Write CONTROLLER://host-4:9093.')
  const incomplete = listeners.find(({ host, port }) => host === '' || port === 0)
  if (incomplete !== undefined)
    throw usageFault(`--listener ${incomplete.name}: a host and a port are needed`, 'Write CONTROLLER://host-4:9093.')
  return listeners.map(({ name, host, port }) => ({ name, host, port }))
}
