import { Fault, messageOf, usageFault } from './fault.ts'
import { parsePairs } from './flags.ts'
import type { ChosenProfile } from './profile/profile-files.ts'
import { plainSecret } from './profile/secret-keys.ts'
import type { Shell } from './shell.ts'

export interface ConnectionFlags {
  readonly profile?: string | undefined
  readonly 'bootstrap-server'?: string | undefined
  readonly 'bootstrap-controller'?: string | undefined
  readonly 'command-config'?: string | undefined
  readonly 'command-property'?: string[] | undefined
}

export interface ClientSettings {
  /** Client configuration under Kafka's names. */
  readonly values: Readonly<Record<string, string>>
  /** The address is only our guess: worth saying when nothing answers there. */
  readonly guessed: boolean
}

export const guessedServer = '127.0.0.1:9092'

/**
 * One client configuration from all its sources, the first that says something wins: the address flag, -X, TKAFKA_BOOTSTRAP_SERVER and
 * TKAFKA_X_<KEY> (`request_timeout_ms` for request.timeout.ms), the profile, the file of --command-config or TKAFKA_CONFIG, the guess. A profile
 * that --profile names counts before the environment: whoever names a cluster must not reach another one.
 * @throws Fault
 */
export async function clientSettings(shell: Shell, flags: ConnectionFlags, profile?: ChosenProfile): Promise<ClientSettings> {
  const file = flags['command-config'] ?? shell.env.TKAFKA_CONFIG
  const ofProfile = profile === undefined ? {} : await (await import('./profile/profile-settings.ts')).profileSettings(shell, profile)
  const environment = fromEnvironment(shell.env)
  const values: Record<string, string> = {
    'client.id': 'tkafka',
    ...(file === undefined || file === '' ? {} : await readPropertiesFile(shell, file)),
    ...(flags.profile === undefined ? { ...ofProfile, ...environment } : { ...environment, ...ofProfile }),
    ...parsePairs(flags['command-property'] ?? [], '-X'),
  }
  const { 'bootstrap-server': brokers, 'bootstrap-controller': controllers } = flags
  if (brokers !== undefined && controllers !== undefined)
    throw usageFault('--bootstrap-server and --bootstrap-controller exclude each other', 'Ask the ones or the others.')
  if (brokers !== undefined) values['bootstrap.servers'] = brokers
  if (controllers !== undefined) Object.assign(values, { 'bootstrap.controllers': controllers, 'bootstrap.servers': '' })
  const guessed = (values['bootstrap.servers'] ?? '') === '' && (values['bootstrap.controllers'] ?? '') === ''
  if (guessed) values['bootstrap.servers'] = guessedServer
  const whole = await withoutVariables(shell, values)
  for (const server of (whole['bootstrap.servers'] || whole['bootstrap.controllers'] || '').split(',').map((each) => each.trim())) {
    const [, host, port = ''] = /^(.*):([^:\]]+)$/.exec(server) ?? []
    const hint = `Try ${host ?? server.replace(/:.*/, '')}:9092, where Kafka usually listens.`
    if (port !== '' && !/^\d+$/.test(port)) throw usageFault(`bootstrap server ${server}: ${port} is not a number of a port`, hint)
    if (Number(port) > 65_535) throw usageFault(`bootstrap server ${server}: ports go up to 65535`, hint)
    if (server !== '' && port === '') throw usageFault(`bootstrap server ${server} has no port`, hint)
  }
  for (const [key, value] of Object.entries(whole)) {
    const secret = plainSecret(key, value)
    if (secret !== undefined) shell.secrets?.add(secret)
  }
  return { values: whole, guessed }
}

/**
 * Flags that lead other commands to the cluster that these settings led to, with the same care, whatever becomes the current one meanwhile:
 * profile and address are named in any case.
 */
export const pinningFlags = (flags: ConnectionFlags, profile: string | null, { values }: ClientSettings): string[] => [
  ...['--profile', profile ?? 'none'],
  ...(values['bootstrap.controllers'] ? ['--bootstrap-controller', values['bootstrap.controllers']] : []),
  ...(values['bootstrap.servers'] ? ['-b', values['bootstrap.servers']] : []),
  ...(flags['command-config'] === undefined ? [] : ['-F', flags['command-config']]),
  ...(flags['command-property'] ?? []).flatMap((pair) => ['-X', pair]),
]

function fromEnvironment(env: Shell['env']): Record<string, string> {
  const values: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith('TKAFKA_X_') && value !== undefined) values[name.slice(9).toLowerCase().replace(/_/g, '.')] = value
  }
  const { TKAFKA_BOOTSTRAP_SERVER: servers } = env
  if (servers !== undefined && servers !== '') values['bootstrap.servers'] = servers
  return values
}

/** A Java properties file as it is written. @throws Fault */
export async function readPropertiesFile(shell: Shell, path: string): Promise<Record<string, string>> {
  const { parseProperties } = await import('../config/index.ts')
  return Object.fromEntries(parseProperties(await readPropertiesText(shell, path)))
}

/** @throws Fault */
export async function readPropertiesText(shell: Shell, path: string): Promise<string> {
  const { disk } = await shell.host()
  try {
    return Buffer.from(await disk.readFile(path, 1 << 20)).toString()
  } catch (error) {
    throw new Fault(`cannot read the configuration file ${path}: ${messageOf(error)}`, { cause: error })
  }
}

/**
 * A configuration that is put together from all its sources, with what its config.providers know in the place of variables.
 * @throws Fault
 */
export async function withoutVariables(shell: Shell, values: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  if ((values['config.providers'] ?? '') === '') return { ...values }
  const { resolveVariables } = await import('../config/index.ts')
  const { disk } = await shell.host()
  const resolved = await resolveVariables(new Map(Object.entries(values)), { disk, environment: shell.env })
  if (!(resolved instanceof Map)) throw new Fault(`cannot make sense of the configuration: ${resolved.message}`)
  return Object.fromEntries(resolved)
}
