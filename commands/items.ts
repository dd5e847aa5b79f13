import type { ItemTable } from '../src/cli/index.ts'

/** What commands print, by their words: loaded for `--output schema` alone. Commands that are not in the tables print no items. */
const tables: readonly (() => Promise<{ items: ItemTable }>)[] = [
  () => import('./acls/items.ts'),
  () => import('./bench/items.ts'),
  () => import('./broker/items.ts'),
  () => import('./compat-items.ts'),
  () => import('./top-items.ts'),
  () => import('./cluster/items.ts'),
  () => import('./configs/items.ts'),
  () => import('./debug/items.ts'),
  () => import('./desired-items.ts'),
  () => import('./dev/items.ts'),
  () => import('./groups/items.ts'),
  () => import('./metrics/items.ts'),
  () => import('./profile/items.ts'),
  () => import('./quotas/items.ts'),
  () => import('./reassign/items.ts'),
  () => import('./record-items.ts'),
  () => import('./storage/items.ts'),
  () => import('./topics/items.ts'),
  () => import('./tune/items.ts'),
  () => import('./txns/items.ts'),
  () => import('./users/items.ts'),
]

export const itemsOf = async (id: string): Promise<ItemTable[string]> => {
  for (const load of tables) {
    const { items } = await load()
    if (Object.hasOwn(items, id)) return items[id]!
  }
  return []
}
