import { Errors, KafkaError } from '../protocol/index.ts'

/**
 * How the client's settings are declared. Values come as text (a properties file, a flag) or already typed; `resolveSettings`
 * checks both alike.
 */
export type Setting =
  | { readonly type: 'number'; readonly default: number | null; readonly min?: number; readonly max?: number }
  | { readonly type: 'fraction'; readonly default: number; readonly min: number; readonly max: number }
  /** A text that is never shown; null when it is not set. */
  | { readonly type: 'password' }
  | { readonly type: 'flag'; readonly default: boolean }
  | { readonly type: 'list'; readonly default: readonly string[] }
  | {
      readonly type: 'text'
      readonly default: string | null
      /** Legal values, compared without case. */
      readonly values?: readonly string[]
      /** For values with a syntax of their own: what is legal, in words; undefined from `check` means it is. */
      readonly check?: (value: string) => string | undefined
    }

export type Declarations = Readonly<Record<string, Setting>>

type ValueOf<S extends Setting> = S extends { type: 'number' | 'fraction' }
  ? S extends { default: null }
    ? number | null
    : number
  : S extends { type: 'flag' }
    ? boolean
    : S extends { type: 'list' }
      ? readonly string[]
      : S extends { type: 'password' } | { default: null }
        ? string | null
        : string

/** Every declared key with its typed value. */
export type Settings<D extends Declarations> = { readonly [K in keyof D]: ValueOf<D[K]> }
/** What a caller gives: any key may be left out, texts are parsed. */
export type SettingsInput = Readonly<Record<string, string | number | boolean | readonly string[] | null | undefined>>

export interface ResolvedSettings<D extends Declarations> {
  readonly settings: Settings<D>
  /** Keys that are not declared: a reason to warn, as Kafka does, not to fail. */
  readonly unknown: readonly string[]
}

/** @throws KafkaError INVALID_CONFIG naming the key, the value and what is legal */
export function resolveSettings<D extends Declarations>(declarations: D, input: SettingsInput): ResolvedSettings<D> {
  const settings: Record<string, unknown> = {}
  for (const [key, setting] of Object.entries(declarations)) {
    const given = input[key]
    const byDefault = setting.type === 'password' ? null : setting.default
    settings[key] = given === undefined || (given === null && byDefault !== null) ? byDefault : parseValue(key, setting, given)
  }
  const unknown = Object.keys(input).filter((key) => !Object.hasOwn(declarations, key))
  return { settings: settings as Settings<D>, unknown }
}

function parseValue(key: string, setting: Setting, given: NonNullable<SettingsInput[string]> | null): unknown {
  if (given === null) return null
  switch (setting.type) {
    case 'number':
      return parseNumber(key, setting, given)
    case 'fraction':
      return parseFraction(key, setting, given)
    case 'flag':
      return parseFlag(key, given)
    case 'password':
      return String(given).trim()
    case 'list':
      return typeof given === 'object' ? given : splitList(String(given))
    case 'text':
      return parseText(key, setting, String(given))
  }
}

function parseNumber(key: string, setting: Extract<Setting, { type: 'number' }>, given: unknown): number {
  const value = typeof given === 'string' && /^\s*[+-]?\d+\s*$/.test(given) ? Number(given) : given
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = setting
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
    throw invalid(
      key,
      given,
      `a whole number${setting.min === undefined ? '' : ` from ${min}`}${setting.max === undefined ? '' : ` to ${max}`}`,
    )
  }
  return value
}

function parseFraction(key: string, { min, max }: Extract<Setting, { type: 'fraction' }>, given: unknown): number {
  const value = typeof given === 'string' && given.trim() !== '' ? Number(given) : given
  if (typeof value === 'number' && value >= min && value <= max) return value
  throw invalid(key, given, `a number from ${min} to ${max}`)
}

function parseFlag(key: string, given: unknown): boolean {
  const value = typeof given === 'string' ? given.trim().toLowerCase() : given
  if (value === true || value === 'true') return true
  if (value === false || value === 'false') return false
  throw invalid(key, given, 'true or false')
}

function parseText(key: string, setting: Extract<Setting, { type: 'text' }>, given: string): string {
  const value = given.trim()
  if (setting.values !== undefined) {
    const legal = setting.values.find((each) => each.toLowerCase() === value.toLowerCase())
    if (legal === undefined) throw invalid(key, given, `one of ${setting.values.join(', ')}`)
    return legal
  }
  const wanted = setting.check?.(value)
  if (wanted !== undefined) throw invalid(key, given, wanted)
  return value
}

export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
}

export function invalid(key: string, given: unknown, legal: string): KafkaError {
  return new KafkaError(Errors.INVALID_CONFIG, `${key}=${String(given)} is not legal: expected ${legal}`)
}
