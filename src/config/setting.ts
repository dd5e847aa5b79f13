import type { CheckName } from './checks.ts'

/** "Never" and "no limit": what Kafka writes as 2^63 − 1. Longs beyond 2^53 read as this; their text is kept as it was written. */
export const UNLIMITED = Number.MAX_SAFE_INTEGER

export type SettingType = 'boolean' | 'string' | 'int' | 'short' | 'long' | 'double' | 'list' | 'class' | 'password'

export type SettingValue = number | boolean | string | readonly string[] | null

/** The declaration of one key. Everything that is said about a setting anywhere comes from here. */
export interface Setting {
  readonly type: SettingType
  /** null: not set. Absent: must be set. */
  readonly default?: SettingValue
  /** Least and greatest legal number, both inclusive. */
  readonly range?: readonly [number, number?]
  /** The legal texts; of a list, its legal entries. */
  readonly values?: readonly string[]
  /** `values` match without regard to case. */
  readonly anyCase?: true
  /** A list whose entries differ and are not empty. */
  readonly distinct?: true
  /** A text or a list that is not empty. */
  readonly filled?: true
  readonly check?: CheckName
  readonly importance: 'high' | 'medium' | 'low'
  /** How a broker's setting changes while it runs (absent: not at all). */
  readonly update?: 'per-broker' | 'cluster-wide'
  /** Taken from dynamic settings alone; in a file it has no effect. */
  readonly dynamicOnly?: true
  /** Not described unless it is set. */
  readonly internal?: true
  /** One sentence. */
  readonly doc: string
}

export type Settings = Readonly<Record<string, Setting>>

type Plain<S extends Setting> = S['type'] extends 'boolean'
  ? boolean
  : S['type'] extends 'int' | 'short' | 'long' | 'double'
    ? number
    : S['type'] extends 'list'
      ? readonly (S extends { values: readonly (infer V)[] } ? V : string)[]
      : S extends { values: readonly (infer V)[]; anyCase?: never }
        ? V
        : string

/** The type of a setting's value: not null unless it may be unset. */
export type ValueOf<S extends Setting> = S extends { default: null } ? Plain<S> | null : Plain<S>

/** A refused value. `fault` is the name of the Kafka error it is answered with. */
export interface ConfigFault {
  readonly fault: 'INVALID_CONFIG' | 'INVALID_REQUEST'
  readonly key: string
  readonly value: string | null
  readonly message: string
}

export const isFault = (result: object): result is ConfigFault => 'fault' in result

export const configFault = (key: string, value: string | null, reason: string): ConfigFault => ({
  fault: 'INVALID_CONFIG',
  key,
  value,
  message: `Invalid value ${value} for configuration ${key}: ${reason}`,
})

/** Only passwords are hidden; so is every key that nobody declared, because nobody knows what it holds. */
export const isSensitive = (setting: Setting | undefined): boolean => setting === undefined || setting.type === 'password'

/** `retention.ms` → `retentionMs`. */
export type CamelCase<K extends string> = K extends `${infer Head}.${infer Tail}` ? `${Head}${Capitalize<CamelCase<Tail>>}` : K

export const camelCase = <K extends string>(key: K): CamelCase<K> =>
  key.replace(/\.(\w)/g, (_, letter) => letter.toUpperCase()) as CamelCase<K>
