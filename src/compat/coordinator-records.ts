import { bytesToJson, type Schema, stringifyJson } from '../protocol/index.ts'

type Keyed = Schema & { readonly apiKey?: number; readonly kind: string }

export interface CoordinatorRecord {
  readonly type: number
  /** `{"key":{"type":…,"data":…},"value":{"version":…,"data":…}}` */
  readonly json: string
}

/** Records of the internal topics in the JSON of Kafka's converters; undefined for types that are not known. */
export async function coordinatorJson(
  topic: 'offsets' | 'txn' | 'share',
): Promise<(key: Buffer, value: Buffer | null) => CoordinatorRecord | undefined> {
  const schemas = (await schemasOf(topic)) as readonly Keyed[]
  const find = (kind: string, type: number): Schema | undefined => schemas.find((schema) => schema.kind === kind && schema.apiKey === type)
  return (key, value) => {
    if (key.length < 2) return undefined
    const type = key.readInt16BE(0)
    // Offsets have two types of keys, which differ in nothing.
    const keySchema = find('coordinator-key', type)
    const valueSchema = find('coordinator-value', type)
    if (keySchema === undefined) return undefined
    const keyJson = stringifyJson(bytesToJson(keySchema, 0, key.subarray(2)))
    const version = value !== null && value.length >= 2 ? value.readInt16BE(0) : -1
    const valueJson =
      value === null || valueSchema === undefined
        ? 'null'
        : `{"version":${version},"data":${stringifyJson(bytesToJson(valueSchema, version, value.subarray(2)))}}`
    return { type, json: `{"key":{"type":${type},"data":${keyJson}},"value":${valueJson}}` }
  }
}

async function schemasOf(topic: 'offsets' | 'txn' | 'share'): Promise<readonly unknown[]> {
  if (topic === 'txn') return Object.values(await import('../protocol/messages/transaction-records.ts'))
  if (topic === 'share') return Object.values(await import('../protocol/messages/share-state-records.ts'))
  return [
    ...Object.values(await import('../protocol/messages/group-records.ts')),
    ...Object.values(await import('../protocol/messages/consumer-group-records.ts')),
    ...Object.values(await import('../protocol/messages/share-group-records.ts')),
    ...Object.values(await import('../protocol/messages/streams-group-records.ts')),
  ]
}
