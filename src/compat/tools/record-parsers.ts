import { bytesToJson, type Json, Reader, type Schema, stringifyJson } from '../../protocol/index.ts'
import { ConsumerProtocolAssignment, ConsumerProtocolSubscription } from '../../protocol/messages/consumer-protocol.ts'
import type { ReadRecord } from '../../records/index.ts'
import { type CoordinatorTopic, coordinatorReader } from '../coordinator-records.ts'
import { JavaException, runtimeException } from '../java/exception.ts'
import { doubleText } from '../java/number-text.ts'

/** What is shown of a record's key and value; undefined is not shown. */
export type RecordParser = (record: ReadRecord) => { readonly key: string | undefined; readonly value: string | undefined }

const decoders: Readonly<Record<string, (bytes: Buffer) => string>> = {
  'org.apache.kafka.tools.api.StringDecoder': (bytes) => bytes.toString('utf8'),
  'org.apache.kafka.tools.api.IntegerDecoder': (bytes) => String(bytes.readInt32BE(0)),
  'org.apache.kafka.tools.api.LongDecoder': (bytes) => String(bytes.readBigInt64BE(0)),
}

/** By the names of classes of Kafka's. @throws JavaException */
export function decodedParser(keyClass: string, valueClass: string): RecordParser {
  const [value, key] = [valueClass, keyClass].map((name) => {
    const decoder = decoders[name]
    if (decoder !== undefined) return decoder
    const causedBy = new JavaException('java.lang.ClassNotFoundException', name)
    throw new JavaException('java.lang.RuntimeException', 'Failed to load decoder class', { causedBy })
  })
  return (record) => ({
    key: record.key === null ? undefined : key!(record.key),
    value: record.value === null ? undefined : value!(record.value),
  })
}

export async function coordinatorParser(topic: CoordinatorTopic): Promise<RecordParser> {
  const read = await coordinatorReader(topic)
  return ({ offset, key, value }) => {
    if (key === null)
      throw runtimeException(`Failed to decode message at offset ${offset} using the specified decoder (message had a missing key)`)
    try {
      const record = read(key, value)
      if (record === undefined) return { key: `Unknown record type ${key.readInt16BE(0)} at offset ${offset}, skipping.`, value: undefined }
      const data = record.value === null ? null : withMembers(record.value.data)
      return {
        key: `{"type":"${record.type}","data":${stringifyJson(record.key)}}`,
        value: record.value === null ? '<DELETE>' : `{"version":"${record.value.version}","data":${stringifyJson(data)}}`,
      }
    } catch (error) {
      return { key: `Error at offset ${offset}, skipping. ${(error as Error).message}`, value: undefined }
    }
  }
}

/** A classic group of consumers: what its members subscribe to and were assigned is no longer bytes. */
function withMembers(data: Json): Json {
  const { protocolType, members } = data as { protocolType?: Json; members?: Json }
  if (protocolType !== 'consumer' || !Array.isArray(members)) return data
  return {
    ...(data as object),
    members: members.map((member) => ({
      ...(member as object),
      subscription: embedded((member as Record<string, Json>).subscription!, ConsumerProtocolSubscription),
      assignment: embedded((member as Record<string, Json>).assignment!, ConsumerProtocolAssignment),
    })),
  }
}

/** Bytes that begin with the version of what they hold; what cannot be read stays what it was. */
function embedded(base64: Json, schema: Schema): Json {
  try {
    const bytes = Buffer.from(base64 as string, 'base64')
    return bytesToJson(schema, bytes.readInt16BE(0), bytes.subarray(2))
  } catch {
    return base64
  }
}

/** Frame version, type and version as unsigned varints, then the record. */
export async function metadataParser(): Promise<RecordParser> {
  const schemas = Object.values(await import('../../protocol/messages/metadata-records.ts')) as readonly (Schema & { apiKey?: number })[]
  return ({ offset, value }) => {
    try {
      const reader = new Reader(value!)
      const frame = reader.uvarint()
      if (frame !== 1)
        throw new Error(`Could not deserialize metadata record due to unknown frame version ${frame}(only frame version 1 is supported)`)
      const type = reader.uvarint()
      const version = reader.uvarint()
      const schema = schemas.find(({ apiKey }) => apiKey === type)
      if (schema === undefined) throw new Error(`Unknown metadata id ${type}`)
      const name = schema.name.replaceAll(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
      const data = bytesToJson(schema, version, value!.subarray(reader.at))
      return { key: undefined, value: `{"type":"${name}","version":${version},"data":${dataText(schema, data)}}` }
    } catch (error) {
      return { key: undefined, value: `Error at ${offset}, skipping. ${(error as Error).message}` }
    }
  }
}

/** Numbers of floating point as Java writes them: `10.0`. */
function dataText(schema: Schema, data: Json): string {
  const fields = Object.entries(data as Record<string, Json>).map(([name, value]) => {
    const isDouble = schema.fields[name]?.type === 'float64' && typeof value === 'number'
    return `${JSON.stringify(name)}:${isDouble ? doubleText(value) : stringifyJson(value)}`
  })
  return `{${fields.join(',')}}`
}
