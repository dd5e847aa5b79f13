import { nearest } from '../base/index.ts'
import type { Admin } from '../client/index.ts'

/** Settings of brokers that no broker knows, with a remark on each. They are kept all the same, as they may be known to a plugin. */
export async function unknownBrokerSettings(admin: Admin, keys: readonly string[]): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map()
  const { nodes } = await admin.describeCluster()
  const [described] = await admin.describeConfigs([{ type: 'broker', name: String(nodes[0]?.id ?? '') }])
  const known = described?.value?.map((each) => each.name) ?? []
  if (known.length === 0) return new Map()
  const unknown = [...new Set(keys)].filter((key) => !known.includes(key.replace(/^listener\.name\.[^.]+\./, '')))
  return new Map(
    unknown.map((key) => {
      const close = nearest(key, known)
      return [key, `brokers know no setting ${key}${close === undefined ? '' : `; did you mean ${close}?`}`]
    }),
  )
}
