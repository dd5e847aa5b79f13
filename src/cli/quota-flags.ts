import type { QuotaEntity, QuotaEntityType } from '../client/index.ts'
import { usageFault } from './fault.ts'
import { Flags, parsePairs } from './flags.ts'

const types = ['user', 'client-id', 'ip'] as const satisfies QuotaEntityType[]
const several = { multiple: true, multipleNonGreedy: true } as const

/** Whose quotas; kcl's `--name TYPE=NAME` and `--default TYPE`, and the names of kafka-configs. */
export const quotaEntityFlags = {
  user: Flags.string({ summary: 'of a user', helpValue: 'NAME' }),
  'client-id': Flags.string({ aliases: ['client'], summary: 'of a client id; with --user: of this client of the user', helpValue: 'NAME' }),
  ip: Flags.string({ summary: 'of an address', helpValue: 'ADDRESS' }),
  default: Flags.string({
    ...several,
    summary: 'of all of this type that have none of their own: user, client-id or ip',
    helpValue: 'TYPE',
  }),
  name: Flags.string({ ...several, hidden: true }),
  'user-defaults': Flags.boolean({ aliases: ['user-default'], hidden: true }),
  'client-defaults': Flags.boolean({ aliases: ['client-id-default'], hidden: true }),
  'ip-defaults': Flags.boolean({ aliases: ['ip-default'], hidden: true }),
}

export interface QuotaEntityValues {
  readonly user?: string | undefined
  readonly 'client-id'?: string | undefined
  readonly ip?: string | undefined
  readonly default?: string[] | undefined
  readonly name?: string[] | undefined
  readonly 'user-defaults': boolean
  readonly 'client-defaults': boolean
  readonly 'ip-defaults': boolean
}

/** @throws Fault (usage) */
export function quotaTypeOf(text: string): QuotaEntityType {
  const found = types.find((each) => each === text || (each === 'client-id' && text === 'client'))
  if (found === undefined) throw usageFault(`${text} is no type of what has quotas`, `One of ${types.join(', ')}.`)
  return found
}

/** What was named; empty: nothing. @throws Fault (usage) */
export function quotaEntityOf(flags: QuotaEntityValues): QuotaEntity {
  const parts: [QuotaEntityType, string | null][] = [
    ...types.flatMap((type): [QuotaEntityType, string][] => (flags[type] === undefined ? [] : [[type, flags[type]]])),
    ...Object.entries(parsePairs(flags.name ?? [], '--name')).map(([type, name]): [QuotaEntityType, string] => [quotaTypeOf(type), name]),
    ...(flags.default ?? []).map((type): [QuotaEntityType, null] => [quotaTypeOf(type), null]),
  ]
  for (const [type, isDefault] of [
    ['user', flags['user-defaults']],
    ['client-id', flags['client-defaults']],
    ['ip', flags['ip-defaults']],
  ] as const)
    if (isDefault) parts.push([type, null])
  const entity = Object.fromEntries(parts)
  if (Object.keys(entity).length < parts.length)
    throw usageFault('a type is named twice', 'A quota is of one user, of one client id, or of both.')
  if ('ip' in entity && parts.length > 1) throw usageFault('an address stands alone', 'Quotas of addresses know no users and clients.')
  return entity
}

/** `user=billing, client-id=<default>` */
export const entityText = (entity: QuotaEntity): string =>
  Object.entries(entity)
    .map(([type, name]) => `${type}=${name ?? '<default>'}`)
    .join(', ')
