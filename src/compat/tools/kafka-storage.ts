import { randomUuid } from '../../base/index.ts'
import { BrokerConfig, isFault, nodeAddresses, nodeFaults, voters } from '../../config/index.ts'
import {
  FormatError,
  type FormatOptions,
  formatStorage,
  type MetadataRecord,
  metadataVersionName,
  parseInitialControllers,
  parseReleaseVersion,
  type QuorumKind,
  storageInfo,
  unknownReleaseVersion,
} from '../../metadata/index.ts'
import { loadProperties } from '../admin-session.ts'
import { grammar } from '../declared/kafka-storage.ts'
import { illegalArgument, JavaException, runtimeException } from '../java/exception.ts'
import type { Namespace } from '../options/argument-parser.ts'
import { terse, withArguments } from '../options/arguments-run.ts'
import { guarded, type Tool, type ToolIo, uncaught } from '../tool.ts'
import { dependenciesText, nameAndLevel, versionMappingText } from './feature-tables.ts'

export const kafkaStorage: Tool = (args, io) =>
  withArguments(grammar, args, io, 0, (namespace) =>
    guarded(
      () => run(namespace, io),
      (exception) => {
        if (!exception.is('TerseException')) return uncaught(io)(exception)
        io.err(`${exception.text}\n`)
        return 1
      },
    ),
  )

async function run(namespace: Namespace, io: ToolIo): Promise<number> {
  switch (namespace.command) {
    case 'info':
      return info(io, await nodeOf(namespace, io))
    case 'format':
      await format(namespace, io, await nodeOf(namespace, io))
      return 0
    case 'version-mapping':
      io.out(versionMappingText(namespace.text('release-version')))
      return 0
    case 'feature-dependencies':
      for (const text of namespace.all('feature') ?? []) {
        if (!text.includes('=')) throw terse(`Invalid feature format: ${text}. Expected format: 'feature=version' (e.g. 'group.version=1')`)
        io.out(dependencies(text))
      }
      return 0
    default:
      io.out(`${randomUuid((await io.host()).random)}\n`)
      return 0
  }
}

/** As kafka-features says it, but for what there is not. @throws JavaException */
function dependencies(text: string): string {
  const [feature = '', level = ''] = text.split('=').map((part) => part.trim())
  if (!/^[+-]?\d+$/.test(level)) throw terse(`Invalid version format: ${level} for feature ${feature}`)
  try {
    return dependenciesText([text])
  } catch (error) {
    if (!(error instanceof JavaException) || !error.text?.startsWith('No feature:')) throw error
    throw terse(`Feature level ${level} is not supported for feature ${feature}`)
  }
}

interface NodeSettings {
  readonly config: BrokerConfig
  readonly directories: readonly string[]
  readonly metadataLogDir: string
}

/** @throws JavaException */
async function nodeOf(namespace: Namespace, io: ToolIo): Promise<NodeSettings> {
  const properties = await loadProperties(io, namespace.text('config'))
  const config = BrokerConfig.read(new Map(Object.entries(properties)))
  const [fault] = config instanceof BrokerConfig ? nodeFaults(config) : config
  if (!(config instanceof BrokerConfig) || fault !== undefined)
    throw new JavaException('org.apache.kafka.common.config.ConfigException', fault!.message)
  const logDirs = config.get('log.dirs') ?? config.get('log.dir')
  const metadataLogDir = config.get('metadata.log.dir') ?? logDirs[0]!
  return { config, directories: [...new Set([...logDirs, metadataLogDir])].sort(), metadataLogDir }
}

async function info(io: ToolIo, { directories: paths }: NodeSettings): Promise<number> {
  const { disk } = await io.host()
  const { directories, metadata, problems } = await storageInfo(disk, paths)
  const found = directories.filter(({ state }) => state !== 'missing' && state !== 'not a directory').map(({ path }) => `  ${path}\n`)
  if (found.length > 0) io.out(`Found log director${found.length === 1 ? 'y' : 'ies'}:\n${found.join('')}\n`)
  if (metadata !== undefined) {
    const { clusterId, directoryId, nodeId, version } = metadata
    const directory = directoryId === undefined ? '' : `directory.id=${directoryId}, `
    io.out(`Found metadata: {cluster.id=${clusterId}, ${directory}node.id=${nodeId}, version=${version}}\n\n`)
  }
  if (problems.length === 0) return 0
  io.out(`Found problem${problems.length === 1 ? '' : 's'}:\n${problems.map((each) => `  ${each}\n`).join('')}\n`)
  return 1
}

async function format(namespace: Namespace, io: ToolIo, node: NodeSettings): Promise<void> {
  if (namespace.has('add-scram')) throw terse('--add-scram is not there yet: use tkafka storage format --add-scram, which does the same.')
  const options = formatOptions(namespace, node)
  try {
    const { formatted, failed, metadataVersion, bootstrap } = await formatStorage(await io.host(), options)
    for (const path of failed) io.out(`I/O error trying to read log directory ${path}. Ignoring...\n`)
    if (formatted.length === 0) io.out('All of the log directories are already formatted.\n')
    else io.out(`Bootstrap metadata: ${bootstrapText(bootstrap, metadataVersion)}\n`)
    for (const { kind, path } of formatted)
      io.out(`Formatting ${kind} directory ${path} with metadata.version ${metadataVersionName(metadataVersion)}.\n`)
  } catch (error) {
    if (error instanceof FormatError) throw asJava(error)
    throw error
  }
}

/** What Kafka's tool tells with a trace, as nobody catches it there. */
function asJava({ message }: FormatError): JavaException {
  if (/^No feature:|could not be set to|depends on/.test(message)) return illegalArgument(message)
  return /^(?:Invalid |Mismatched )/.test(message) ? runtimeException(message) : terse(message)
}

/** @throws JavaException */
function formatOptions(namespace: Namespace, { config, directories, metadataLogDir }: NodeSettings): FormatOptions {
  const release = namespace.text('release-version')
  const unstableFeatures = config.get('unstable.feature.versions.enable')
  const metadataVersion = release === undefined ? undefined : parseReleaseVersion(release, unstableFeatures)
  if (release !== undefined && metadataVersion === undefined) throw terse(unknownReleaseVersion(release, unstableFeatures))
  const features = new Map((namespace.all('feature') ?? []).map(nameAndLevel).map(({ feature, level }) => [feature, level]))
  return {
    unstableFeatures,
    clusterId: namespace.text('cluster-id') ?? '',
    nodeId: config.get('node.id'),
    directories,
    metadataLogDir,
    quorum: quorumOf(namespace, config),
    controllerListenerName: config.get('controller.listener.names')[0] ?? 'CONTROLLER',
    metadataVersion,
    features,
    ignoreFormatted: namespace.has('ignore-formatted'),
  }
}

/** @throws JavaException */
function quorumOf(namespace: Namespace, config: BrokerConfig): QuorumKind {
  const isStatic = voters(config).length > 0
  const listed = namespace.text('initial-controllers')
  const isController = config.get('process.roles').includes('controller')
  if (isStatic && (listed !== undefined || namespace.has('standalone')))
    throw terse(
      'You cannot specify controller.quorum.voters and format the node with --initial-controllers or --standalone. If you want to use ' +
        'dynamic quorum, please remove controller.quorum.voters and specify controller.quorum.bootstrap.servers instead.',
    )
  if (namespace.has('standalone')) {
    if (!isController) throw terse('You can only use --standalone on a controller.')
    const addresses = nodeAddresses(config)
    const first = isFault(addresses) ? undefined : addresses.advertisedForControllers[0]
    if (first === undefined) throw runtimeException('No controller listeners found.')
    return { kind: 'standalone', host: first.host === '' ? 'localhost' : first.host, port: first.port }
  }
  if (listed !== undefined) {
    const controllers = parseInitialControllers(listed)
    if (typeof controllers === 'string') throw illegalArgument(controllers)
    return { kind: 'initial-controllers', controllers }
  }
  if (isStatic) return { kind: 'static' }
  if (isController && !namespace.has('no-initial-controllers'))
    throw terse(
      'Because controller.quorum.voters is not set on this controller, you must specify one of the following: --standalone, --initial-controllers, or --no-initial-controllers.',
    )
  return { kind: 'no-initial-controllers' }
}

function bootstrapText(records: readonly MetadataRecord[], metadataVersion: number): string {
  const texts = records.map(({ name: type, version, message }) => {
    const fields = Object.entries(message).map(([name, each]) => `${name}=${typeof each === 'string' ? `'${each}'` : each}`)
    return `ApiMessageAndVersion(${type}(${fields.join(', ')}) at version ${version})`
  })
  return `BootstrapMetadata(records=[${texts.join(', ')}], metadataVersionLevel=${metadataVersion}, source=format command)`
}
