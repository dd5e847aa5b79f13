import { editDistance, nearest } from '../base/index.ts'
import { type EntityType, entityTypes } from '../ops/index.ts'
import { usageFault } from './fault.ts'
import { Flags } from './flags.ts'

/** kafka-configs' ways to say whose settings are meant, besides the positional TYPE NAME. */
export const entityFlags = {
  'entity-type': Flags.string({ hidden: true }),
  'entity-name': Flags.string({ hidden: true }),
  default: Flags.boolean({ aliases: ['entity-default'], summary: 'the default of all of this type' }),
  topic: Flags.string({ hidden: true }),
  broker: Flags.string({ hidden: true }),
  'broker-defaults': Flags.boolean({ hidden: true }),
  'broker-logger': Flags.string({ hidden: true }),
  client: Flags.string({ hidden: true }),
  'client-defaults': Flags.boolean({ hidden: true }),
  user: Flags.string({ hidden: true }),
  'user-defaults': Flags.boolean({ hidden: true }),
  ip: Flags.string({ hidden: true }),
  'ip-defaults': Flags.boolean({ hidden: true }),
  group: Flags.string({ hidden: true }),
  'client-metrics': Flags.string({ hidden: true }),
}

export interface Entity {
  readonly type: EntityType
  /** Null: the default of all; undefined: not said. */
  readonly name: string | null | undefined
}

/** @throws Fault (usage) */
export function entityOf(args: readonly string[], flags: Readonly<Record<string, unknown>>): Entity {
  for (const type of entityTypes) {
    const short = type.replace(/s$/, '')
    const name = flags[type === 'client-metrics' ? type : short]
    if (typeof name === 'string') return { type, name }
    if (flags[`${short}-defaults`] === true) return { type, name: null }
  }
  const [first = flags['entity-type'], second = flags['entity-name']] = args
  if (typeof first !== 'string') throw usageFault('settings of what?', `One of ${entityTypes.join(', ')}, then a name.`)
  const type = entityTypes.find((each) => each === first || each.replace(/s$/, '') === first)
  if (type === undefined) {
    const near = nearest(first, entityTypes)
    // A word alone is rather a name without its type.
    const close = near !== undefined && (second !== undefined || editDistance(first, near) <= 2) ? near : undefined
    const types = `The type comes first, then the name, as in: topics ${second ?? first}. Types: ${entityTypes.join(', ')}.`
    throw usageFault(
      `${first} is no type of what has settings`,
      close === undefined ? types : `Did you mean ${[close, second].filter((word) => word !== undefined).join(' ')}?`,
    )
  }
  if (flags.default === true) return { type, name: null }
  return { type, name: second as string | undefined }
}
