import type { ConfigKey, ConfigType } from './config-key.ts'

export type ConfigValue = string | number | bigint | boolean | readonly string[] | null

/** A value that a key does not allow: which key, which value, what is legal. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly key: string
  constructor(key: string, value: string | null, legal: string) {
    super(`Invalid value ${value} for configuration ${key}: ${legal}`)
    this.key = key
  }
}

const INTEGER_BITS: Partial<Record<ConfigType, number>> = { short: 16, int: 32, long: 64 }

/**
 * A text as the type says (ConfigDef.parseType): trimmed, but for passwords; lists split at commas; booleans in any case; whole numbers
 * exact, as bigint beyond 2^53. Checks the key's bounds too. @throws ConfigError
 */
export const parseValue = (name: string, key: ConfigKey, text: string | null): ConfigValue => {
  if (text === null) {
    if (key.default !== undefined || key.required) throw new ConfigError(name, text, 'entry must be non null')
    return null
  }
  const value = parseType(name, key.type, text)
  checkValue(name, key, value, text)
  return value
}

const parseType = (name: string, type: ConfigType, text: string): ConfigValue => {
  const trimmed = text.trim()
  const bits = INTEGER_BITS[type]
  if (bits !== undefined) {
    if (!/^[+-]?\d+$/.test(trimmed)) throw new ConfigError(name, text, `Not a number of type ${type.toUpperCase()}`)
    const exact = BigInt(trimmed.replace(/^\+/, ''))
    if (BigInt.asIntN(bits, exact) !== exact) throw new ConfigError(name, text, `Not a number of type ${type.toUpperCase()}`)
    const number = Number(exact)
    return Number.isSafeInteger(number) ? number : exact
  }
  switch (type) {
    case 'boolean': {
      const lower = trimmed.toLowerCase()
      if (lower !== 'true' && lower !== 'false') throw new ConfigError(name, text, 'Expected value to be either true or false')
      return lower === 'true'
    }
    case 'double': {
      if (trimmed === '' || Number.isNaN(Number(trimmed))) throw new ConfigError(name, text, 'Not a number of type DOUBLE')
      return Number(trimmed)
    }
    case 'list':
      return trimmed === '' ? [] : trimmed.split(/\s*,\s*/)
    case 'password':
      return text
    default:
      return trimmed
  }
}

const checkValue = (name: string, key: ConfigKey, value: ConfigValue, text: string): void => {
  if (typeof value === 'number' || typeof value === 'bigint') {
    if (key.or !== undefined && value === key.or) return
    if (key.min !== undefined && value < key.min) throw new ConfigError(name, text, `Value must be at least ${key.min}`)
    if (key.max !== undefined && value > key.max) throw new ConfigError(name, text, `Value must be no more than ${key.max}`)
    return
  }
  if (key.nonEmpty && (value === '' || (Array.isArray(value) && value.length === 0)) && key.default !== '') {
    throw new ConfigError(name, text, Array.isArray(value) ? 'Configuration can not be empty' : 'String must be non-empty')
  }
  if (key.oneOf === undefined) return
  const legal = key.ignoreCase ? key.oneOf.map((one) => one.toLowerCase()) : key.oneOf
  for (const one of Array.isArray(value) ? value : [String(value)]) {
    if (legal.includes(key.ignoreCase ? one.toLowerCase() : one)) continue
    throw new ConfigError(name, text, `String must be one of: ${key.oneOf.join(', ')}`)
  }
}

/** A value as DescribeConfigs shows it (ConfigDef.convertToString). */
export const formatValue = (value: ConfigValue): string | null =>
  value === null ? null : Array.isArray(value) ? value.join(',') : String(value)
