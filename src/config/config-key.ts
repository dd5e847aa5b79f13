export type ConfigType = 'boolean' | 'string' | 'int' | 'short' | 'long' | 'double' | 'list' | 'class' | 'password'
export type Importance = 'high' | 'medium' | 'low'
/** How a running broker takes a new value: not at all, one by one, or the whole cluster at once too; `dynamic-only` keys are never in the file. */
export type UpdateMode = 'read-only' | 'per-broker' | 'cluster-wide' | 'dynamic-only'

/** A setting as Kafka declares it (ConfigDef.ConfigKey). */
export interface ConfigKey {
  readonly type: ConfigType
  /** As text; left out: none, null. */
  readonly default?: string
  readonly required?: true
  readonly importance: Importance
  /** Broker keys only. */
  readonly update?: UpdateMode
  /** Legal numbers, ends included. */
  readonly min?: number
  readonly max?: number
  /** A number outside of the range that is legal all the same. */
  readonly or?: number
  /** Legal texts; of a list: legal elements. */
  readonly oneOf?: readonly string[]
  readonly ignoreCase?: true
  /** Neither an empty text, nor an empty list. */
  readonly nonEmpty?: true
  /** Broker keys that say the same in order of precedence, the key itself included, with the factor to this key's unit. */
  readonly synonyms?: readonly (readonly [name: string, factor: number])[]
  /** Not shown unless it is set. */
  readonly internal?: true
  readonly doc: string
}
export type ConfigKeys = Readonly<Record<string, ConfigKey>>
