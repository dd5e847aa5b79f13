import { checks } from './checks.ts'
import { type ConfigFault, configFault, type Setting, type SettingType, type SettingValue, UNLIMITED } from './setting.ts'

/** A value and the text that Kafka would print for it. */
export interface Parsed {
  readonly value: SettingValue
  readonly text: string | null
}

const integerBounds = { short: 2n ** 15n, int: 2n ** 31n, long: 2n ** 63n } as const

/** Java's String.trim: everything up to the space. */
export function trimmed(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && text.charCodeAt(start) <= 32) start++
  while (end > start && text.charCodeAt(end - 1) <= 32) end--
  return text.slice(start, end)
}

/** Reads a text as Kafka's ConfigDef does: conversion by type, then the checks of the declaration. */
export function parseSetting(key: string, setting: Setting, raw: string): Parsed | ConfigFault {
  const parsed = convert(setting.type, trimmed(raw))
  if (typeof parsed === 'string') return configFault(key, raw, parsed)
  const reason = refusal(setting, parsed)
  return reason === undefined ? parsed : configFault(key, parsed.text, reason)
}

/** The default as value and text. */
export function defaultOf(setting: Setting): Parsed {
  const value = setting.default ?? null
  return { value, text: textOf(setting.type, value) }
}

export function textOf(type: SettingType, value: SettingValue): string | null {
  if (value === null) return null
  if (typeof value === 'object') return value.join(',')
  if (type === 'long' && Math.abs(value as number) === UNLIMITED)
    return (value as number) > 0 ? '9223372036854775807' : '-9223372036854775808'
  return type === 'double' ? javaDouble(value as number) : String(value)
}

/** A parsed value, or the reason why the text is none. */
function convert(type: SettingType, text: string): Parsed | string {
  switch (type) {
    case 'boolean': {
      const lower = text.toLowerCase()
      return lower === 'true' || lower === 'false' ? { value: lower === 'true', text: lower } : 'Expected value to be either true or false'
    }
    case 'string':
    case 'class':
    case 'password':
      return { value: text, text }
    case 'list': {
      const value = text === '' ? [] : text.split(/[ \t\n\v\f\r]*,[ \t\n\v\f\r]*/)
      return { value, text: value.join(',') }
    }
    case 'double':
      return convertDouble(text)
    default:
      return convertInteger(type, text)
  }
}

function convertInteger(type: 'int' | 'short' | 'long', text: string): Parsed | string {
  const reason = `Not a number of type ${type.toUpperCase()}`
  if (!/^[+-]?\d{1,40}$/.test(text)) return reason
  const exact = BigInt(text.replace(/^\+/, ''))
  const bound = integerBounds[type]
  if (exact >= bound || exact < -bound) return reason
  const value = exact > UNLIMITED ? UNLIMITED : exact < -UNLIMITED ? -UNLIMITED : Number(exact)
  return { value, text: exact.toString() }
}

function convertDouble(text: string): Parsed | string {
  if (!/^[+-]?(\d{1,400}(\.\d{0,400})?|\.\d{1,400})([eE][+-]?\d{1,5})?[dDfF]?$/.test(text)) return 'Not a number of type DOUBLE'
  const value = Number(text.replace(/[dDfF]$/, ''))
  return { value, text: javaDouble(value) }
}

/** Java's Double.toString: always a fraction, powers of ten outside [10^-3, 10^7). */
export function javaDouble(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const size = Math.abs(value)
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value)
  const [digits, exponent] = value.toExponential().split('e') as [string, string]
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`
}

function refusal(setting: Setting, { value }: Parsed): string | undefined {
  const { range, values, filled, distinct, check } = setting
  if (range !== undefined && typeof value === 'number') {
    const [least, greatest] = range
    if (value < least) return `Value must be at least ${least}`
    if (greatest !== undefined && value > greatest) return `Value must be no more than ${greatest}`
  }
  const entries = Array.isArray(value) ? (value as readonly string[]) : undefined
  if (filled && (value === '' || entries?.length === 0)) {
    return entries === undefined
      ? 'String must be non-empty'
      : `must not be empty. Valid values include: ${values === undefined ? 'any non-empty value' : `[${values.join(', ')}]`}`
  }
  if (entries !== undefined && distinct) {
    if (new Set(entries).size !== entries.length) return 'values must not be duplicated.'
    if (entries.includes('')) return 'values must not be empty.'
  }
  if (values !== undefined) {
    const legal = (text: string): boolean =>
      setting.anyCase ? values.some((each) => each.toLowerCase() === text.toLowerCase()) : values.includes(text)
    const texts = entries ?? [String(value)]
    if (!texts.every(legal)) return `String must be one of${setting.anyCase ? ' (case insensitive)' : ''}: ${values.join(', ')}`
  }
  return check === undefined ? undefined : checks[check](value)
}
