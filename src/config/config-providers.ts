import { type Disk, isDiskError } from '../host/index.ts'
import type { ConfigTexts } from './broker-config.ts'
import { parseProperties } from './properties.ts'
import { type ConfigFault, configFault } from './setting.ts'

/** What the providers of a configuration may read. */
export interface ProviderSources {
  readonly disk: Pick<Disk, 'readFile' | 'stat'>
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Undefined: nothing is known under this key, and the text stays as it is. */
type Provider = (path: string, key: string) => Promise<string | undefined>
type MakeProvider = (parameters: ConfigTexts, prefix: string, sources: ProviderSources) => Promise<Provider | ConfigFault>

const FILE_BYTES_MAX = 1024 * 1024
const PACKAGE = 'org.apache.kafka.common.config.provider'

/** `${provider:key}` or `${provider:path:key}` (ConfigTransformer). */
const variable = /\$\{([^}]*?):(?:([^}]*?):)?([^}]*?)\}/g

class ProviderFault extends Error {
  readonly fault: ConfigFault
  constructor(fault: ConfigFault) {
    super(fault.message)
    this.fault = fault
  }
}

/** Without `//`, `.` and `..`: what a path comes to. */
const normalized = (path: string): string => {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (part !== '' && part !== '.' && (part !== '..' || !path.startsWith('/'))) parts.push(part)
  }
  return `${path.startsWith('/') ? '/' : ''}${parts.join('/')}`
}

/** The path to read for one that was asked for; undefined: it may not be read. */
type AllowedPath = (path: string) => string | undefined

/**
 * allowed.paths: the files and folders that may be read, with all that is in them; everything when it is not set. What is read is the
 * normalized path, the one that was looked at: behind a link, `..` leads elsewhere.
 */
const allowedPaths = async (parameters: ConfigTexts, prefix: string, { disk }: ProviderSources): Promise<AllowedPath | ConfigFault> => {
  const key = `${prefix}allowed.paths`
  const text = parameters.get(key)
  if (text === undefined || text === '') return (path) => path
  const allowed = text.split(',').map(normalized)
  for (const path of allowed) {
    if (!path.startsWith('/')) return configFault(key, text, `Path ${path} is not absolute`)
    if ((await disk.stat(path).catch(() => undefined)) === undefined) return configFault(key, text, `Path ${path} does not exist`)
  }
  return (path) => {
    const meant = normalized(path)
    return allowed.some((each) => each === '/' || meant === each || meant.startsWith(`${each}/`)) ? meant : undefined
  }
}

const readText = async (path: string, { disk }: ProviderSources): Promise<string> =>
  Buffer.from(await disk.readFile(path, FILE_BYTES_MAX)).toString('utf8')

/** Keys of a properties file. */
const fileProvider: MakeProvider = async (parameters, prefix, sources) => {
  const allowedPath = await allowedPaths(parameters, prefix, sources)
  if (typeof allowedPath !== 'function') return allowedPath
  const files = new Map<string, Promise<Map<string, string>>>()
  return async (given, key) => {
    const path = given === '' ? undefined : allowedPath(given)
    if (path === undefined) return undefined
    let file = files.get(path)
    if (file === undefined) files.set(path, (file = readText(path, sources).then(parseProperties)))
    try {
      return (await file).get(key)
    } catch {
      throw new ProviderFault(configFault('config.providers', null, `Could not read properties from file ${path}`))
    }
  }
}

/** Files of a directory: the name is the key, the contents are the value. */
const directoryProvider: MakeProvider = async (parameters, prefix, sources) => {
  const allowedPath = await allowedPaths(parameters, prefix, sources)
  if (typeof allowedPath !== 'function') return allowedPath
  return async (given, key) => {
    const path = given === '' ? undefined : allowedPath(given)
    if (path === undefined || key === '' || key.includes('/') || key === '.' || key === '..') return undefined
    const file = `${path}/${key}`
    try {
      return (await sources.disk.stat(file))?.kind === 'directory' ? undefined : await readText(file, sources)
    } catch (error) {
      if (isDiskError(error, 'ENOENT') || isDiskError(error, 'ENOTDIR')) return undefined
      throw new ProviderFault(configFault('config.providers', null, `Could not read file ${file} for property ${key}`))
    }
  }
}

/** Variables of the environment, those whose name the whole allowlist.pattern matches. */
const environmentProvider: MakeProvider = async (parameters, prefix, { environment }) => {
  const key = `${prefix}allowlist.pattern`
  let pattern: RegExp
  try {
    pattern = new RegExp(`^(?:${parameters.get(key) ?? '.*'})$`, 's')
  } catch {
    return configFault(key, parameters.get(key) ?? null, 'it is no regular expression')
  }
  return async (path, name) => {
    if (path !== '') throw new ProviderFault(configFault('config.providers', path, 'Path is not supported for EnvVarConfigProvider'))
    return pattern.test(name) && Object.hasOwn(environment, name) ? environment[name] : undefined
  }
}

const providers: Readonly<Record<string, MakeProvider>> = {
  [`${PACKAGE}.FileConfigProvider`]: fileProvider,
  [`${PACKAGE}.DirectoryConfigProvider`]: directoryProvider,
  [`${PACKAGE}.EnvVarConfigProvider`]: environmentProvider,
}

/**
 * Replaces the variables in the values of a configuration by what its config.providers know (KIP-297). One pass: what comes in is not looked
 * at again. A variable that nobody knows stays as it is written, and so does one of a provider without a class.
 */
export async function resolveVariables(texts: ConfigTexts, sources: ProviderSources): Promise<Map<string, string> | ConfigFault> {
  const made = new Map<string, Provider>()
  for (const name of (texts.get('config.providers') ?? '').split(',')) {
    const key = `config.providers.${name}.class`
    const className = texts.get(key)
    if (name === '' || className === undefined) continue
    const make = Object.hasOwn(providers, className) ? providers[className] : undefined
    if (make === undefined)
      return configFault(key, className, `Could not load config provider class; there are ${Object.keys(providers).join(', ')}`)
    const provider = await make(texts, `config.providers.${name}.param.`, sources)
    if (typeof provider !== 'function') return provider
    made.set(name, provider)
  }
  const resolved = new Map(texts)
  try {
    if (made.size > 0) for (const [key, text] of texts) resolved.set(key, await replaced(text, made))
  } catch (error) {
    if (error instanceof ProviderFault) return error.fault
    throw error
  }
  return resolved
}

async function replaced(text: string, made: ReadonlyMap<string, Provider>): Promise<string> {
  let result = ''
  let from = 0
  for (const match of text.matchAll(variable)) {
    const [whole, name, path = '', key] = match
    const value = await made.get(name!)?.(path, key!)
    result += text.slice(from, match.index) + (value ?? whole)
    from = match.index + whole.length
  }
  return result + text.slice(from)
}
