import { isUtf8 } from 'node:buffer'
import { type Json, parseJson, stringifyJson } from '../../protocol/index.ts'
import { usageFault } from '../fault.ts'
import type { PrintedRecord } from './printer.ts'

/** Bytes in JSON: a text when they are UTF-8, else {"$b64": …}; null stays null, so that nothing is lost on the way back. */
export function bytesToJson(bytes: Buffer | null): Json {
  if (bytes === null) return null
  return isUtf8(bytes) ? bytes.toString() : { $b64: bytes.toString('base64') }
}

/** One record as a line of JSON, without the line break. */
export function recordLine(record: PrintedRecord): string {
  const { topic, partition, offset, timestamp, leaderEpoch, headers, key, value } = record
  return stringifyJson({
    topic,
    partition,
    offset,
    timestamp,
    leaderEpoch,
    headers: headers.map((header) => [header.key, bytesToJson(header.value)]),
    key: bytesToJson(key),
    value: bytesToJson(value),
  })
}

export interface RecordInput {
  readonly topic: string | undefined
  readonly partition: number | undefined
  readonly timestamp: number | undefined
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly { readonly key: string; readonly value: Buffer | null }[]
}

const known = new Set([
  'topic',
  'partition',
  'offset',
  'timestamp',
  'timestampType',
  'leaderEpoch',
  'headers',
  'key',
  'value',
  'keySchemaId',
  'valueSchemaId',
  'txn',
])

/** A line as `recordLine` writes it; what is left out is not said. @throws Fault (usage) */
export function parseRecordLine(line: string): RecordInput {
  let json: Json
  try {
    json = parseJson(line)
  } catch (error) {
    throw usageFault(`not JSON: ${(error as Error).message}`)
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw usageFault('a record is a JSON object')
  const strange = Object.keys(json).find((name) => !known.has(name))
  if (strange !== undefined) throw usageFault(`a record has no ${strange}`)
  const { topic, partition, timestamp, key = null, value = null, headers = [] } = json
  if (topic !== undefined && typeof topic !== 'string') throw usageFault('topic is a text')
  if (partition !== undefined && !(Number.isInteger(partition) && (partition as number) >= 0))
    throw usageFault('partition is a number from 0')
  if (timestamp !== undefined && timestamp !== null && !Number.isSafeInteger(timestamp))
    throw usageFault('timestamp is milliseconds since 1970')
  return {
    topic,
    partition: partition as number | undefined,
    timestamp: typeof timestamp === 'number' ? timestamp : undefined,
    key: bytesFromJson(key, 'key'),
    value: bytesFromJson(value, 'value'),
    headers: headersFromJson(headers),
  }
}

/** A text, {"$b64": …} or null; any other JSON stands for its own text. */
function bytesFromJson(json: Json, what: string): Buffer | null {
  if (json === null) return null
  if (typeof json === 'string') return Buffer.from(json)
  if (typeof json === 'object' && !Array.isArray(json) && Object.keys(json).length === 1 && '$b64' in json) {
    const text = json.$b64
    if (typeof text !== 'string' || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) throw usageFault(`${what}: $b64 is not base64`)
    return Buffer.from(text, 'base64')
  }
  return Buffer.from(stringifyJson(json))
}

function headersFromJson(json: Json): { key: string; value: Buffer | null }[] {
  if (json === null) return []
  const pairs: Json[] = Array.isArray(json) ? json : typeof json === 'object' ? Object.entries(json) : []
  return pairs.map((pair) => {
    if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string') throw usageFault('headers are pairs: [["k","v"]]')
    return { key: pair[0], value: bytesFromJson(pair[1]!, `header ${pair[0]}`) }
  })
}
