import type { Quota } from '../client/index.ts'
import { usageFault } from './fault.ts'
import { quotaTypeOf } from './quota-flags.ts'
import type { Column } from './render/view.ts'
import type { Shell } from './shell.ts'
import { readTextFile } from './text-file.ts'

const nameIn = (type: 'user' | 'client-id' | 'ip'): Column<Quota>['value'] => {
  return ({ entity }) => (type in entity ? (entity[type] ?? '<default>') : null)
}

export const quotaColumns: readonly Column<Quota>[] = [
  { name: 'USER', value: nameIn('user') },
  { name: 'CLIENT-ID', value: nameIn('client-id') },
  { name: 'IP', value: nameIn('ip') },
  {
    name: 'QUOTAS',
    value: ({ values }) =>
      Object.entries(values)
        .map(([quota, value]) => `${quota}=${value}`)
        .join(','),
  },
]

/** A number, or of bytes a rate like 10MB/s. @throws Fault (usage) */
export async function quotaValue(quota: string, text: string): Promise<number> {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  if (!quota.endsWith('_byte_rate')) throw usageFault(`${quota}=${text} is not a number`)
  return (await import('./reassignment-file.ts')).parseRate(text, quota)
}

/** The items of `quotas describe --json`, or a list of the same. @throws Fault */
export async function readQuotas(shell: Shell, path: string): Promise<Quota[]> {
  const wrong = usageFault(
    `${path} holds no quotas`,
    'Write [{"entity":{"user":"billing"},"values":{"producer_byte_rate":1048576}}]; null is the default.',
  )
  let json: unknown
  try {
    json = JSON.parse(await readTextFile(shell, path))
  } catch (error) {
    if (error instanceof SyntaxError) throw wrong
    throw error
  }
  const items: unknown = Array.isArray(json) ? json : (json as { items?: unknown } | null)?.items
  if (!Array.isArray(items)) throw wrong
  return items.map(({ entity, values }: Partial<Quota>) => {
    if (typeof entity !== 'object' || typeof values !== 'object' || entity === null || values === null) throw wrong
    if (Object.keys(entity).length === 0) throw wrong
    for (const [type, name] of Object.entries(entity))
      if (quotaTypeOf(type) !== type || (typeof name !== 'string' && name !== null)) throw wrong
    for (const value of Object.values(values)) if (typeof value !== 'number') throw wrong
    return { entity, values }
  })
}
