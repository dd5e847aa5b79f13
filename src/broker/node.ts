import { randomUuid } from '../base/index.ts'
import { BrokerConfig, brokerSetting, legalValues, listenerOverride, nodeWarnings, type SettingRemark } from '../config/index.ts'
import { type Host, isDiskError } from '../host/index.ts'
import {
  type DirectoryState,
  directoriesProblem,
  formatStorage,
  type QuorumKind,
  readBootstrapCheckpoint,
  readDirectories,
  writeMetaProperties,
} from '../metadata/index.ts'
import { Broker } from './broker.ts'
import type { NodeIdentity, OpeningNode } from './broker-options.ts'
import { ControllerNode } from './controller-node.ts'
import { tryListeners } from './listening.ts'
import { Loggers } from './loggers.ts'
import { type NodeSettings, NodeSettingsError, nodeSettingsOf } from './node-settings.ts'
import { DirectoryError, StorageError } from './storage-error.ts'

export { DirectoryError, StorageError }

/** Where a setting is written, as `server.properties:12`; empty: nobody knows. */
export type PlaceOf = (key: string) => string

export interface NodeOptions {
  readonly host: Host
  /** Texts of the configuration file, and what was set beside it. */
  readonly properties: ReadonlyMap<string, string>
  readonly placeOf?: PlaceOf
  /** The configuration file, to be named in what has to be done next. */
  readonly configFile?: string
  /** Advertised where the settings name no host. */
  readonly hostName: string
  /** Log directories that were never formatted are formatted, as a quorum of one. For a node that nobody configured. */
  readonly formatWhenNew?: boolean
  /** Of tkafka, for those who look at the node from outside. */
  readonly version?: string
  readonly onOpening?: (opening: OpeningNode) => Promise<void>
  readonly onFatal?: (error: Error) => void
}

export interface Node {
  /** Undefined: the node is a controller alone. */
  readonly broker: Broker | undefined
  /** What runs: the broker, or a controller alone. */
  readonly running: Broker | ControllerNode
  readonly settings: NodeSettings
  readonly clusterId: string
  readonly formatted: boolean
}

/** Reads the settings of a node. @throws NodeSettingsError that lists every problem */
export const readSettings = (
  properties: ReadonlyMap<string, string>,
  hostName: string,
  placeOf: PlaceOf = () => '',
): { config: BrokerConfig; settings: NodeSettings } => {
  try {
    const config = BrokerConfig.read(properties)
    if (!(config instanceof BrokerConfig)) throw new NodeSettingsError(config.map(withLegalValues))
    return { config, settings: nodeSettingsOf(config, hostName) }
  } catch (error) {
    if (!(error instanceof NodeSettingsError)) throw error
    const placed = ({ key, message }: SettingRemark): SettingRemark => ({ key, message: `${prefixed(placeOf(key))}${message}` })
    throw new NodeSettingsError(error.problems.map(placed))
  }
}

const prefixed = (place: string): string => (place === '' ? '' : `${place}: `)

const withLegalValues = ({ key, message }: SettingRemark): SettingRemark => {
  const setting = brokerSetting(listenerOverride(key) ?? key)
  const legal = setting === undefined ? '' : legalValues(setting)
  return { key, message: legal === '' ? message : `${message} (${legal})` }
}

/** Starts a node on its log directories; resolves when it serves. @throws NodeSettingsError, StorageError, DirectoryError, ListenerError */
export const startNode = async (options: NodeOptions): Promise<Node> => {
  const loggers = new Loggers(options.host.journal)
  const host = { ...options.host, journal: loggers.journal }
  const { placeOf = () => '' } = options
  const { config, settings } = readSettings(options.properties, options.hostName, placeOf)
  for (const { key, message } of nodeWarnings(config)) {
    const place = placeOf(key)
    host.journal.warn(message, place === '' ? {} : { place })
  }
  const paths = [...new Set([...settings.logDirs, settings.metadataLogDir])]
  let states = await readDirectories(host.disk, paths)
  const isNew = states.every(({ kind }) => kind === 'empty')
  const formatted = isNew && options.formatWhenNew === true
  await tryListeners(host.network, settings.listeners)
  if (formatted) {
    const format = formatStorage(host, {
      clusterId: randomUuid(host.random),
      nodeId: settings.nodeId,
      directories: paths,
      metadataLogDir: settings.metadataLogDir,
      quorum: quorumOf(settings),
      controllerListenerName: settings.controllerListener,
      unstableFeatures: config.get('unstable.feature.versions.enable'),
    })
    await namingDirectories(config, settings, format)
    states = await readDirectories(host.disk, paths)
  }
  const identity = await namingDirectories(config, settings, identityOf(host, settings, states, options.configFile))
  const { onFatal, onOpening, version } = options
  const hooks = { ...(onFatal && { onFatal }), ...(onOpening && { onOpening }) }
  const opening = { host, config, settings, identity, loggers, ...hooks, ...(version && { version }) }
  const running = await (settings.roles.broker ? Broker.open(opening) : ControllerNode.open(opening))
  return { broker: running instanceof Broker ? running : undefined, running, settings, clusterId: identity.clusterId, formatted }
}

/** @throws DirectoryError for a DiskError of one of the node's directories */
export const namingDirectories = async <T>(config: BrokerConfig, settings: NodeSettings, work: Promise<T>): Promise<T> => {
  try {
    return await work
  } catch (error) {
    if (!isDiskError(error)) throw error
    const { logDirs, metadataLogDir } = settings
    const path = [...logDirs, metadataLogDir].find((each) => error.path === each || error.path.startsWith(`${each}/`))
    if (path === undefined) throw error
    const key = logDirs.includes(path) ? (config.get('log.dirs') === null ? 'log.dir' : 'log.dirs') : 'metadata.log.dir'
    throw new DirectoryError(key, path, error)
  }
}

const quorumOf = (settings: NodeSettings): QuorumKind => {
  if (settings.voters.length > 0) return { kind: 'static' }
  const controller = settings.listeners.find(({ name }) => name === settings.controllerListener)!
  return { kind: 'standalone', host: controller.advertised.host, port: controller.advertised.port }
}

/** Directories that older releases formatted have no id yet; one that was added to log.dirs is taken into the node (KIP-858). */
const identityOf = async (
  host: Host,
  settings: NodeSettings,
  states: readonly DirectoryState[],
  configFile = 'FILE',
): Promise<NodeIdentity> => {
  const { nodeId, metadataLogDir } = settings
  const first = states.find((state) => state.kind === 'formatted')
  if (first === undefined) {
    for (const state of states) if (state.kind === 'failed' && isDiskError(state.error)) throw state.error
    const reasons = states.flatMap((state) => (state.kind === 'failed' ? [`${state.path}: ${state.error.message}`] : []))
    if (reasons.length > 0)
      throw new StorageError(`No log directory can be used. meta.properties could not be read in ${reasons.join('; ')}`)
    throw new StorageError(
      `No meta.properties in ${states.map(({ path }) => path).join(', ')}: format first, with tkafka storage format --config ${configFile} --cluster-id "$(tkafka storage random-uuid)"${settings.voters.length > 0 ? '' : ' --standalone'}`,
    )
  }
  const clusterId = first.properties.clusterId
  const problem = directoriesProblem(states, { nodeId, metadataLogDir })
  if (problem !== undefined) throw new StorageError(problem)
  if (clusterId === undefined) throw new StorageError(`meta.properties in ${first.path} has no cluster.id`)
  const directoryIds = new Map<string, string>()
  for (const state of states) {
    if (state.kind === 'failed') continue
    let directoryId = state.kind === 'formatted' ? state.properties.directoryId : undefined
    if (directoryId === undefined) {
      directoryId = randomUuid(host.random)
      await host.disk.makeDirectory(state.path)
      await writeMetaProperties(host.disk, state.path, { version: 1, clusterId, nodeId, directoryId }, host.clock.now())
    }
    directoryIds.set(state.path, directoryId)
  }
  const bootstrap = await readBootstrapCheckpoint(host.disk, metadataLogDir)
  if (bootstrap?.problem !== undefined)
    throw new StorageError(`bootstrap.checkpoint in ${metadataLogDir} cannot be read: ${bootstrap.problem}`)
  return { clusterId, directoryIds, bootstrap: bootstrap?.records }
}
