import { basename, dirname } from 'node:path'
import { bytesToJson, type Json, Reader, type Schema } from '../protocol/index.ts'
import {
  EndTxnMarker,
  KRaftVersionRecord,
  LeaderChangeMessage,
  SnapshotFooterRecord,
  SnapshotHeaderRecord,
  VotersRecord,
} from '../protocol/messages/control-records.ts'

export const dumpDecoders = ['auto', 'none', 'offsets', 'txn', 'metadata', 'share', 'remote'] as const
export type DumpDecoder = (typeof dumpDecoders)[number]

/** Key and value of a record of an internal topic as JSON; undefined where they say nothing. */
export type RecordDecoder = (key: Buffer | null, value: Buffer | null) => { key?: Json; value?: Json }

/** The decoder that a file calls for, by its folder; snapshots of metadata also lie elsewhere. */
export function decoderOfFile(path: string): Exclude<DumpDecoder, 'auto'> {
  const folder = basename(dirname(path))
  if (path.endsWith('.checkpoint')) return 'metadata'
  if (folder.startsWith('__consumer_offsets-')) return 'offsets'
  if (folder.startsWith('__transaction_state-')) return 'txn'
  if (folder.startsWith('__cluster_metadata-')) return 'metadata'
  if (folder.startsWith('__remote_log_metadata-')) return 'remote'
  return folder.startsWith('__share_group_state-') ? 'share' : 'none'
}

export async function recordDecoder(name: Exclude<DumpDecoder, 'auto'>): Promise<RecordDecoder | undefined> {
  switch (name) {
    case 'none':
      return undefined
    case 'metadata':
      return metadataDecoder(Object.values(await import('../protocol/messages/metadata-records.ts')))
    case 'remote':
      return metadataDecoder(Object.values(await import('../protocol/messages/remote-log-records.ts')))
    case 'txn':
      return coordinatorDecoder(Object.values(await import('../protocol/messages/transaction-records.ts')))
    case 'share':
      return coordinatorDecoder(Object.values(await import('../protocol/messages/share-state-records.ts')))
    case 'offsets':
      return coordinatorDecoder([
        ...Object.values(await import('../protocol/messages/group-records.ts')),
        ...Object.values(await import('../protocol/messages/consumer-group-records.ts')),
        ...Object.values(await import('../protocol/messages/share-group-records.ts')),
        ...Object.values(await import('../protocol/messages/streams-group-records.ts')),
      ])
  }
}

type Keyed = Schema & { readonly apiKey?: number; readonly kind: string }

/** Keys begin with their type, values with their version, both int16. */
function coordinatorDecoder(schemas: readonly unknown[]): RecordDecoder {
  const find = (kind: string, type: number): Schema | undefined =>
    (schemas as readonly Keyed[]).find((schema) => schema.kind === kind && schema.apiKey === type)
  return (key, value) => {
    if (key === null || key.length < 2) return {}
    const type = key.readInt16BE(0)
    const keySchema = find('coordinator-key', type)
    const valueSchema = find('coordinator-value', type)
    if (keySchema === undefined || valueSchema === undefined) return {}
    const decodedKey = { type: keySchema.name, ...(bytesToJson(keySchema, 0, key.subarray(2)) as object) }
    if (value === null || value.length < 2) return { key: decodedKey, value: null }
    const version = value.readInt16BE(0)
    return { key: decodedKey, value: { version, ...(bytesToJson(valueSchema, version, value.subarray(2)) as object) } }
  }
}

/** Frame version, type and version as unsigned varints, then the record. */
function metadataDecoder(schemas: readonly unknown[]): RecordDecoder {
  const byType = new Map((schemas as readonly Keyed[]).map((schema) => [schema.apiKey, schema]))
  return (_key, value) => {
    if (value === null) return {}
    const reader = new Reader(value)
    reader.uvarint()
    const schema = byType.get(reader.uvarint())
    const version = reader.uvarint()
    return schema === undefined
      ? {}
      : { value: { type: schema.name, version, ...(bytesToJson(schema, version, value.subarray(reader.at)) as object) } }
  }
}

/** By the type in the key: Kafka's name of it, and what the value is. */
const controlTypes: readonly (readonly [string, Schema])[] = [
  ['ABORT', EndTxnMarker],
  ['COMMIT', EndTxnMarker],
  ['LEADER_CHANGE', LeaderChangeMessage],
  ['SNAPSHOT_HEADER', SnapshotHeaderRecord],
  ['SNAPSHOT_FOOTER', SnapshotFooterRecord],
  ['KRAFT_VERSION', KRaftVersionRecord],
  ['KRAFT_VOTERS', VotersRecord],
]

/** A record of a control batch: key of version and type, both int16; a value that begins with its version. */
export const decodeControlRecord: RecordDecoder = (key, value) => {
  if (key === null || key.length < 4 || value === null || value.length < 2) return {}
  const [name, schema] = controlTypes[key.readInt16BE(2)] ?? []
  if (name === undefined || schema === undefined) return { key: { control: key.readInt16BE(2) } }
  const version = value.readInt16BE(0)
  // A marker's version stands before the message, that of the others is its first field.
  if (schema !== EndTxnMarker) return { key: { control: name }, value: bytesToJson(schema, version, value) }
  return { key: { control: name }, value: { version, ...(bytesToJson(schema, version, value.subarray(2)) as object) } }
}
