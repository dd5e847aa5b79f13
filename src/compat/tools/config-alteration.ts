import type { Admin, ScramChange } from '../../client/index.ts'
import { userQuotaSettings } from '../../config/index.ts'
import { loadProperties } from '../admin-session.ts'
import { allAnswered } from '../java/client-failure.ts'
import { illegalArgument, JavaException } from '../java/exception.ts'
import { parseDouble } from '../java/number-text.ts'
import type { CommandLine } from '../options/command-line.ts'
import { clientQuotas, resourceConfig, resourceOf } from './config-description.ts'
import { type Entities, quotaType, singular } from './config-entities.ts'

type Mechanism = ScramChange['mechanism']
const leastIterations: Readonly<Record<Mechanism, number>> = { 'SCRAM-SHA-256': 4096, 'SCRAM-SHA-512': 4096 }

const isScram = (key: string): key is Mechanism => Object.hasOwn(leastIterations, key)
const isQuota = (key: string): boolean => Object.hasOwn(userQuotaSettings, key)
const invalidConfiguration = (text: string): JavaException =>
  new JavaException('org.apache.kafka.common.errors.InvalidConfigurationException', text)

export async function alterConfig(line: CommandLine, admin: Admin, entities: Entities): Promise<void> {
  const [type = ''] = entities.types
  const [name = ''] = entities.names
  const added = await configsToAdd(line)
  const deleted = line.has('delete-config') ? line.all('delete-config').map((key) => key.trim()) : []
  if (type === 'users' || type === 'clients') await alterClients(admin, entities, added, deleted)
  else if (type === 'ips') {
    const unknown = [...added.keys(), ...deleted].filter((key) => key !== 'connection_creation_rate')
    if (unknown.length > 0)
      throw illegalArgument(
        `Only connection quota configs can be added for 'ips' using --bootstrap-server. Unexpected config names: ${unknown.join(',')}`,
      )
    await alterQuotas(admin, entities, added, deleted)
  } else {
    if (type === 'broker-loggers') await checkLoggers(admin, name, added, deleted)
    const operations = [
      ...deleted.map((key) => ({ name: key, operation: 'delete' as const })),
      ...[...added].map(([key, value]) => ({ name: key, operation: 'set' as const, value })),
    ]
    await allAnswered('incrementalAlterConfigs', admin.incrementalAlterConfigs([{ ...resourceOf(type, name), operations }]))
  }
  line.io.out(
    name === ''
      ? `Completed updating default config for ${type} in the cluster.\n`
      : `Completed updating config for ${singular(type)} ${name}.\n`,
  )
}

/** Commas and equals signs within square brackets belong to a value. */
const outsideBrackets = '(?=[^\\]]*(?:\\[|$))'
const betweenPairs = new RegExp(`,${outsideBrackets}`)
const withinPair = new RegExp(`\\s*=\\s*${outsideBrackets}`)

/** @throws JavaException */
async function configsToAdd(line: CommandLine): Promise<Map<string, string>> {
  const configs = new Map(line.has('add-config-file') ? Object.entries(await loadProperties(line.io, line.text('add-config-file'))) : [])
  if (line.has('add-config')) {
    for (const pair of line.required('add-config').split(betweenPairs)) {
      const [key, value, ...more] = pair.split(withinPair)
      if (key === undefined || value === undefined || more.length > 0)
        throw illegalArgument(
          'requirement failed: Invalid entity config: all configs to be added must be in the format "key=val" or  "key=[val1,val2]" to group values which contain commas.',
        )
      configs.set(key.trim(), value.replace(/\[?\]?/g, '').trim())
    }
  }
  for (const key of configs.keys()) {
    if (!/^[$a-zA-Z0-9._-]*$/.test(key)) throw illegalArgument(`Invalid character found for config key: ${key}`)
  }
  return configs
}

async function checkLoggers(admin: Admin, name: string, added: ReadonlyMap<string, string>, deleted: readonly string[]): Promise<void> {
  const loggers = new Set((await resourceConfig(admin, 'broker-loggers', name, false, false)).map((each) => each.name))
  const invalid = [...deleted, ...added.keys()].filter((key) => !loggers.has(key))
  if (invalid.length > 0) throw invalidConfiguration(`Invalid broker logger(s): ${invalid.join(',')}`)
}

async function alterClients(
  admin: Admin,
  entities: Entities,
  added: ReadonlyMap<string, string>,
  deleted: readonly string[],
): Promise<void> {
  const keys = [...added.keys()]
  const unknownAdded = keys.filter((key) => !isScram(key) && !isQuota(key))
  const unknownDeleted = deleted.filter((key) => !isScram(key) && !isQuota(key))
  const scramAdded = keys.filter(isScram)
  const scramDeleted = deleted.filter(isScram)
  const refuse = (verb: string, kinds: string, type: string, shown: string): never => {
    throw illegalArgument(`Only ${kinds} can be ${verb} for '${type}' using --bootstrap-server. Unexpected config names: ${shown}`)
  }
  const isOfUserAlone = entities.types[0] !== 'clients' && entities.types.length < 2
  const hasQuotas = keys.some(isQuota) || deleted.some(isQuota)
  if (!isOfUserAlone) {
    if (unknownAdded.length + scramAdded.length > 0)
      refuse('added', 'quota configs', 'clients', `Set(${[...unknownAdded, ...scramAdded].join(', ')})`)
    if (unknownDeleted.length + scramDeleted.length > 0)
      refuse('deleted', 'quota configs', 'clients', `ArrayBuffer(${[...unknownDeleted, ...scramDeleted].join(', ')})`)
  } else {
    if (unknownAdded.length > 0) refuse('added', 'quota and SCRAM credential configs', 'users', `Set(${unknownAdded.join(', ')})`)
    if (unknownDeleted.length > 0)
      refuse('deleted', 'quota and SCRAM credential configs', 'users', `ArrayBuffer(${unknownDeleted.join(', ')})`)
    if (scramAdded.length + scramDeleted.length > 0) {
      if (entities.names.includes(''))
        throw illegalArgument(
          'The use of --entity-default or --user-defaults is not allowed with User SCRAM Credentials using --bootstrap-server.',
        )
      if (hasQuotas)
        throw illegalArgument("Cannot alter both quota and SCRAM credential configs simultaneously for 'users' using --bootstrap-server.")
    }
  }
  if (hasQuotas) await alterQuotas(admin, entities, added, deleted)
  else await alterScram(admin, entities.names[0] ?? '', added, scramDeleted)
}

async function alterQuotas(
  admin: Admin,
  entities: Entities,
  added: ReadonlyMap<string, string>,
  deleted: readonly string[],
): Promise<void> {
  if (entities.types.length !== entities.names.length)
    throw illegalArgument('Exactly one entity name must be specified for every entity type')
  const [old] = await clientQuotas(admin, entities)
  const invalid = deleted.filter((key) => !Object.hasOwn(old?.values ?? {}, key))
  if (invalid.length > 0) throw invalidConfiguration(`Invalid config(s): ${invalid.join(',')}`)
  const values: Record<string, number | null> = {}
  for (const [key, text] of added) {
    const value = parseDouble(text)
    if (value === undefined) throw illegalArgument(`Cannot parse quota configuration value for ${key}: ${text}`)
    values[key] = value
  }
  for (const key of deleted) values[key] = null
  const entity = Object.fromEntries(entities.types.map((type, index) => [quotaType(type), entities.names[index] || null]))
  await allAnswered('alterClientQuotas', admin.alterClientQuotas([{ entity, values }]))
}

async function alterScram(admin: Admin, user: string, added: ReadonlyMap<string, string>, deleted: readonly Mechanism[]): Promise<void> {
  const changes: ScramChange[] = deleted.map((mechanism) => ({ user, mechanism, remove: true }))
  for (const [mechanism, credential] of added) {
    if (!isScram(mechanism)) continue
    const match = /^(?:iterations=(-?[0-9]*),)?password=(.*)$/.exec(credential)
    if (match === null) throw illegalArgument(`Invalid credential property ${mechanism}=${credential}`)
    const iterations = match[1] !== undefined && match[1] !== '-1' ? Number(match[1]) : 4096
    const least = leastIterations[mechanism]
    if (iterations < least) throw illegalArgument(`Iterations ${iterations} is less than the minimum ${least} required for ${mechanism}`)
    changes.push({ user, mechanism, password: match[2] ?? '', iterations })
  }
  await allAnswered('alterUserScramCredentials', admin.alterScramUsers(changes))
}
