import { loadProperties, withAdmin, withBootstrap } from '../admin-session.ts'
import { options } from '../declared/kafka-configs.ts'
import { illegalArgument, stackTrace } from '../java/exception.ts'
import { CommandLine } from '../options/command-line.ts'
import { guarded, type Tool } from '../tool.ts'
import { alterConfig } from './config-alteration.ts'
import { describeConfig } from './config-description.ts'
import { type Entities, entitiesOf, entityFlags, entityTypes } from './config-entities.ts'

/** Exceptions of which only the message is told; a name that is none for a topic is an invalid configuration to Java. */
const plainly = ['IllegalArgumentException', 'InvalidConfigurationException', 'InvalidTopicException', 'UnsupportedVersionException']

export const kafkaConfigs: Tool = (args, io) =>
  guarded(
    async () => {
      const line = CommandLine.parse(options, args, io)
      line.helpOrVersion(
        'This tool helps to manipulate and describe entity config for a topic, client, user, broker, ip, client-metrics or group',
      )
      const entities = checkedEntities(line)
      const file = await loadProperties(io, line.text('command-config'))
      const properties = withBootstrap(file, line.text('bootstrap-server'), line.text('bootstrap-controller'))
      await withAdmin(io, properties, async (admin) => {
        if (!line.has('alter')) return describeConfig(line, admin, entities)
        if (entities.types.length !== entities.names.length) throw illegalArgument('An entity name must be specified for every entity type')
        await alterConfig(line, admin, entities)
      })
      return 0
    },
    (exception) => {
      const isPlain = exception.type.startsWith('joptsimple.') || plainly.some((name) => exception.is(name))
      io.err(
        isPlain ? `${exception.text}\n` : `Error while executing config command with args '${args.join(' ')}'\n${stackTrace(exception)}`,
      )
      return 1
    },
  )

/** @throws JavaException */
function checkedEntities(line: CommandLine): Entities {
  if (line.count('alter', 'describe') !== 1) line.usage('Command must include exactly one action: --describe, --alter')
  line.checkInvalid('alter', 'describe')
  line.checkInvalid('describe', 'alter', 'add-config', 'delete-config')
  const entities = entitiesOf(line)
  checkTypes(line, entities)
  const { types, names } = entities
  const hasName = names.some((name) => name !== '')
  if (line.count('bootstrap-server', 'bootstrap-controller') > 1)
    throw illegalArgument('Only one of --bootstrap-server or --bootstrap-controller can be specified')
  if (hasName && types.some((type) => type === 'brokers' || type === 'broker-loggers'))
    checkNames(
      line,
      ['entity-name', 'broker', 'broker-logger'],
      (name) => /^[+-]?\d+$/.test(name),
      `The entity name for ${types[0]} must be a valid integer broker id, but it is`,
    )
  if (hasName && types.includes('ips'))
    checkNames(line, ['entity-name', 'ip'], isAddress, `The entity name for ${types[0]} must be a valid IP or resolvable host, but it is`)
  if (line.has('describe')) checkDescribe(line, entities, hasName)
  else checkAlter(line, entities, hasName)
  return entities
}

function checkTypes(line: CommandLine, { types, names: _ }: Entities): void {
  const repeated = types.filter((type, index) => types.indexOf(type) !== index)
  if (repeated.length > 0) throw illegalArgument(`Duplicate entity type(s) specified: ${repeated.join(',')}`)
  if (line.count('bootstrap-server', 'bootstrap-controller') === 0)
    throw illegalArgument('Either --bootstrap-server or --bootstrap-controller must be specified.')
  const unknown = types.find((type) => !entityTypes.includes(type))
  if (unknown !== undefined)
    throw illegalArgument(
      `Invalid entity type ${unknown}, the entity type must be one of ${entityTypes.join(', ')} with a --bootstrap-server or --bootstrap-controller argument`,
    )
  if (types.length === 0) throw illegalArgument('At least one entity type must be specified')
  if (types.length > 1 && [...types].sort().join() !== 'clients,users')
    throw illegalArgument("Only 'users' and 'clients' entity types may be specified together")
  if (line.count('entity-name', 'entity-type', 'entity-default') > 0 && entityFlags.some(([flag]) => line.has(flag)))
    throw illegalArgument('--entity-{type,name,default} should not be used in conjunction with specific entity flags')
}

function checkNames(line: CommandLine, flags: readonly string[], isLegal: (name: string) => boolean, what: string): void {
  for (const flag of flags.filter((each) => line.has(each))) {
    const name = line.required(flag)
    if (!isLegal(name)) throw illegalArgument(`${what}: ${name}`)
  }
}

/** Java asks the resolver; here a name counts when it looks like one of a domain. */
const isAddress = (name: string): boolean => name === 'localhost' || name.includes(':') || (/^[\w.-]+$/.test(name) && name.includes('.'))

const withDefaults = ['users', 'clients', 'brokers', 'ips']

function checkDescribe(line: CommandLine, { types }: Entities, hasName: boolean): void {
  if (!types.some((type) => withDefaults.includes(type)) && line.has('entity-default'))
    throw illegalArgument(`--entity-default must not be specified with --describe of ${types.join(',')}`)
  if (types.includes('broker-loggers') && !hasName)
    throw illegalArgument(`An entity name must be specified with --describe of ${types.join(',')}`)
}

function checkAlter(line: CommandLine, { types, names }: Entities, hasName: boolean): void {
  if (types.some((type) => withDefaults.includes(type))) {
    if (!hasName && !names.includes(''))
      throw illegalArgument('An entity-name or default entity must be specified with --alter of users, clients, brokers or ips')
  } else if (!hasName) throw illegalArgument(`An entity name must be specified with --alter of ${types.join(',')}`)
  if (line.has('add-config') && line.has('add-config-file'))
    throw illegalArgument('Only one of --add-config or --add-config-file must be specified')
  if (line.count('add-config', 'add-config-file', 'delete-config') === 0)
    throw illegalArgument('At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter')
}
