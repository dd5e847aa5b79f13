import { bytesToJson, type Json, type Schema, stringifyJson } from '../protocol/index.ts'

type Keyed = Schema & { readonly apiKey?: number; readonly kind: string }
export type CoordinatorTopic = 'offsets' | 'txn' | 'share'

export interface CoordinatorRecord {
  readonly type: number
  readonly key: Json
  /** null where the record deletes. */
  readonly value: { readonly version: number; readonly data: Json } | null
}

/** Reads records of an internal topic; gives undefined for types that are not known. It throws on bytes that are no such record. */
export async function coordinatorReader(
  topic: CoordinatorTopic,
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
    const keyJson = bytesToJson(keySchema, 0, key.subarray(2))
    if (value === null || valueSchema === undefined) return { type, key: keyJson, value: null }
    const version = value.length >= 2 ? value.readInt16BE(0) : -1
    return { type, key: keyJson, value: { version, data: bytesToJson(valueSchema, version, value.subarray(2)) } }
  }
}

/** Records in the JSON of Kafka's converters: `{"key":{"type":…,"data":…},"value":{"version":…,"data":…}}` */
export async function coordinatorJson(
  topic: CoordinatorTopic,
): Promise<(key: Buffer, value: Buffer | null) => { readonly type: number; readonly json: string } | undefined> {
  const read = await coordinatorReader(topic)
  return (keyBytes, valueBytes) => {
    const record = read(keyBytes, valueBytes)
    if (record === undefined) return undefined
    const { type, key, value } = record
    const valueJson = value === null ? 'null' : `{"version":${value.version},"data":${stringifyJson(value.data)}}`
    return { type, json: `{"key":{"type":${type},"data":${stringifyJson(key)}},"value":${valueJson}}` }
  }
}

async function schemasOf(topic: CoordinatorTopic): Promise<readonly unknown[]> {
  if (topic === 'txn') return Object.values(await import('../protocol/messages/transaction-records.ts'))
  if (topic === 'share') return Object.values(await import('../protocol/messages/share-state-records.ts'))
  return [
    ...Object.values(await import('../protocol/messages/group-records.ts')),
    ...Object.values(await import('../protocol/messages/consumer-group-records.ts')),
    ...Object.values(await import('../protocol/messages/share-group-records.ts')),
    ...Object.values(await import('../protocol/messages/streams-group-records.ts')),
  ]
}
