import { nearest } from '../../base/index.ts'
import { Fault } from '../fault.ts'
import { type OutputFormat, outputFormats, parseDurationMs } from '../flags.ts'
import { plainSecret } from './secret-keys.ts'

/** What a profile may ask of every command: a schema in the place of what it does is none. */
const defaultOutputs = outputFormats.filter((format) => format !== 'schema')

/** How to reach one cluster, and how careful to be there. */
export interface Profile {
  readonly name: string
  /** Null: not said. */
  readonly bootstrapServers: string | null
  /** Client configuration under Kafka's names; secrets are references, as secrets.ts reads them. */
  readonly properties: Readonly<Record<string, string>>
  readonly registry: { readonly url: string; readonly auth: string | null } | null
  readonly connect: readonly string[]
  readonly metricsUrl: string | null
  /** What destroys asks for the name of the profile. */
  readonly production: boolean
  /** What changes something is refused. */
  readonly readOnly: boolean
  readonly color: Color | null
  readonly defaults: { readonly output: OutputFormat | null; readonly timeout: string | null }
}

export const colors = ['red', 'yellow', 'green', 'cyan', 'blue', 'magenta'] as const
export type Color = (typeof colors)[number]

/** The user's own file, or that of the working directory. */
export type ProfileScope = 'user' | 'project'

export interface ProfileFile {
  readonly path: string
  readonly scope: ProfileScope
  readonly current: string | null
  readonly profiles: readonly Profile[]
  /** What nobody understands, in words. */
  readonly remarks: readonly string[]
}

const fileKeys = ['current', 'profiles']
const profileKeys = [
  ...['name', 'bootstrapServers', 'properties', 'registry', 'connect', 'metricsUrl'],
  ...['production', 'readOnly', 'color', 'defaults'],
]

/** A name that a shell, a file name and a prompt can carry. `none` means no profile. */
export const isProfileName = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name) && name !== 'none'

/** The content of a profile file, as YAML or JSON gave it. @throws Fault that names the place */
export function profileFile(value: unknown, path: string, scope: ProfileScope): ProfileFile {
  const remarks: string[] = []
  const read = new Reading(path, remarks)
  const file = read.object(value ?? {}, '', fileKeys)
  const profiles = read.list(file.profiles ?? [], 'profiles').map((each, index) => profileOf(read, each, index))
  const twice = profiles.find(({ name }, index) => profiles.findIndex((each) => each.name === name) < index)
  if (twice !== undefined) throw read.fault('profiles', `${twice.name} is there twice`)
  return { path, scope, current: read.text(file.current, 'current'), profiles, remarks }
}

function profileOf(read: Reading, value: unknown, index: number): Profile {
  const { name } = read.object(value, `profiles[${index}]`, undefined)
  if (typeof name !== 'string' || !isProfileName(name))
    throw read.fault(`profiles[${index}].name`, 'a name has letters, digits, dots, hyphens and underscores, and is not none')
  const fields = read.object(value, name, profileKeys)
  const at = (field: string): string => `${name}.${field}`
  const servers = Array.isArray(fields.bootstrapServers) ? fields.bootstrapServers.join(',') : fields.bootstrapServers
  const properties = read.object(fields.properties ?? {}, at('properties'), undefined)
  const texts = Object.entries(properties).map(([key, each]) => [key, read.scalar(each, at(`properties.${key}`))] as const)
  const registry = fields.registry == null ? null : read.object(fields.registry, at('registry'), ['url', 'auth'])
  const defaults = read.object(fields.defaults ?? {}, at('defaults'), ['output', 'timeout'])
  const output = read.oneOf(defaults.output, at('defaults.output'), defaultOutputs)
  const timeout = read.text(defaults.timeout, at('defaults.timeout'))
  if (timeout !== null) parseDurationMs(timeout, `${read.path}: ${at('defaults.timeout')}`)
  return {
    name,
    bootstrapServers: read.text(servers, at('bootstrapServers')),
    properties: Object.fromEntries(texts),
    registry:
      registry === null
        ? null
        : { url: read.scalar(registry.url, at('registry.url')), auth: read.text(registry.auth, at('registry.auth')) },
    connect: read.list(fields.connect ?? [], at('connect')).map((each) => read.scalar(each, at('connect'))),
    metricsUrl: read.text(fields.metricsUrl, at('metricsUrl')),
    production: read.flag(fields.production, at('production')),
    readOnly: read.flag(fields.readOnly, at('readOnly')),
    color: read.oneOf(fields.color, at('color'), colors),
    defaults: { output, timeout },
  }
}

/** Reads fields of a file, and says where it cannot. */
class Reading {
  readonly path: string
  readonly #remarks: string[]

  constructor(path: string, remarks: string[]) {
    this.path = path
    this.#remarks = remarks
  }

  fault(place: string, message: string): Fault {
    return new Fault(`${this.path}: ${place === '' ? '' : `${place}: `}${message}`, { hint: 'tkafka profile edit opens the file.' })
  }

  /** `keys`: those that are known, undefined: any. */
  object(value: unknown, place: string, keys: readonly string[] | undefined): Record<string, unknown> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.fault(place, 'must be a map of keys and values')
    for (const key of keys === undefined ? [] : Object.keys(value)) {
      if (keys!.includes(key)) continue
      const close = nearest(key, keys!)
      const meant = close === undefined ? '' : `; did you mean ${close}?`
      this.#remarks.push(`${this.path}: ${place === '' ? '' : `${place}: `}${key} means nothing here${meant}`)
    }
    return value as Record<string, unknown>
  }

  list(value: unknown, place: string): unknown[] {
    if (!Array.isArray(value)) throw this.fault(place, 'must be a list')
    return value
  }

  scalar(value: unknown, place: string): string {
    if (!['string', 'number', 'boolean'].includes(typeof value)) throw this.fault(place, 'must be a text')
    return String(value)
  }

  text(value: unknown, place: string): string | null {
    return value == null || value === '' ? null : this.scalar(value, place)
  }

  flag(value: unknown, place: string): boolean {
    if (value != null && typeof value !== 'boolean') throw this.fault(place, 'must be true or false')
    return value === true
  }

  oneOf<T extends string>(value: unknown, place: string, values: readonly T[]): T | null {
    if (value == null) return null
    if (!values.includes(value as T)) throw this.fault(place, `must be one of ${values.join(', ')}`)
    return value as T
  }
}

/** A profile as it stands in a file: only what it says. */
export function profileFields(profile: Profile): Record<string, unknown> {
  const { name, bootstrapServers, properties, registry, connect, metricsUrl, production, readOnly, color, defaults } = profile
  const said = Object.fromEntries(Object.entries(defaults).filter(([, value]) => value !== null))
  return {
    name,
    ...(bootstrapServers !== null && { bootstrapServers }),
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(registry !== null && { registry: registry.auth === null ? { url: registry.url } : registry }),
    ...(connect.length > 0 && { connect }),
    ...(metricsUrl !== null && { metricsUrl }),
    ...(production && { production }),
    ...(readOnly && { readOnly }),
    ...(color !== null && { color }),
    ...(Object.keys(said).length > 0 && { defaults: said }),
  }
}

export const emptyProfile = (name: string): Profile => ({
  ...{ name, bootstrapServers: null, properties: {}, registry: null, connect: [], metricsUrl: null },
  ...{ production: false, readOnly: false, color: null, defaults: { output: null, timeout: null } },
})

/** The fields of a profile that hold a secret as it is, which none may. */
export const plainSecretsOf = ({ properties, registry }: Profile): string[] => [
  ...Object.entries(properties).flatMap(([key, value]) => (plainSecret(key, value) === undefined ? [] : [`properties.${key}`])),
  ...(registry?.auth != null && plainSecret('auth.password', registry.auth) !== undefined ? ['registry.auth'] : []),
]

/** For people and programs: references stay, secrets that should not be there do not. */
export function redactedProfile(profile: Profile): Profile {
  const { properties, registry } = profile
  const shown = Object.entries(properties).map(([key, value]) => [
    key,
    plainSecret(key, value) === undefined ? withoutLogin(value) : '(hidden)',
  ])
  const auth = registry?.auth == null || plainSecret('auth.password', registry.auth) === undefined ? (registry?.auth ?? null) : '(hidden)'
  return {
    ...profile,
    properties: Object.fromEntries(shown),
    registry: registry === null ? null : { url: withoutLogin(registry.url), auth },
    connect: profile.connect.map(withoutLogin),
    metricsUrl: profile.metricsUrl === null ? null : withoutLogin(profile.metricsUrl),
  }
}

const withoutLogin = (url: string): string => url.replace(/\/\/[^/?#\s]*@/, '//(hidden)@')
