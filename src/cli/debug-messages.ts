import { nearest } from '../base/index.ts'
import {
  type Api,
  Apis,
  apiByKey,
  bytesToJson,
  codecOf,
  findMessage,
  type Json,
  jsonToBytes,
  messageFromJson,
  messageNames,
  messageToJson,
  parseJson,
  parseVersions,
  Reader,
  requestHeaderVersion,
  responseHeaderVersion,
  type Schema,
  stringifyJson,
  Writer,
} from '../protocol/index.ts'
import { RequestHeader, ResponseHeader } from '../protocol/messages/headers.ts'
import { messageOf, usageFault } from './fault.ts'

/** Captured traffic as JSON and back: the shape of Kafka's own converters, 64-bit integers exact. */

export interface WhichMessage {
  readonly api?: string | undefined
  readonly type?: string | undefined
  readonly message?: string | undefined
  readonly version?: number | undefined
}

export interface MessageKind {
  readonly schema: Schema
  readonly version: number
  /** Undefined for messages that are no API's. */
  readonly api: Api | undefined
  readonly type: 'request' | 'response' | undefined
}

/** Bytes written in hexadecimal; white space, colons and 0x are no part of them. @throws Fault (usage) */
export function parseHex(text: string): Buffer {
  const digits = text.replace(/[\s:]|0x/gi, '')
  const wrong = /[^0-9a-f]/i.exec(digits)
  if (wrong !== null) throw usageFault(`${JSON.stringify(wrong[0])} is not a hexadecimal digit`)
  if (digits.length % 2 !== 0) throw usageFault(`${digits.length} hexadecimal digits are not whole bytes`)
  return Buffer.from(digits, 'hex')
}

/** @throws Fault (usage) when there is no such message or version */
export async function messageKind({ api, type, message, version }: WhichMessage): Promise<MessageKind> {
  if ((api === undefined) === (message === undefined)) {
    throw usageFault('which message?', 'Give --api NAME with --type request|response, or --message NAME.')
  }
  const known = api === undefined ? undefined : apiNamed(api)
  const name = known === undefined ? message! : `${known.name}${type === 'response' ? 'Response' : 'Request'}`
  const schema = await findMessage(name)
  if (schema === undefined) {
    const close = nearest(name, messageNames())
    throw usageFault(`there is no message ${name}`, close === undefined ? '' : `Did you mean ${close}?`)
  }
  const { lowest, highest } = parseVersions(schema.versions)
  const wanted = version ?? highest
  if (wanted < lowest || wanted > highest) throw usageFault(`${name} has versions ${schema.versions}, not ${wanted}`)
  return { schema, version: wanted, ...apiOf(name) }
}

function apiNamed(text: string): Api {
  const named = Object.values(Apis).find((each) => each.name.toLowerCase() === text.toLowerCase())
  const found = named ?? (/^\d+$/.test(text) ? apiByKey(Number(text)) : undefined)
  if (found !== undefined) return found
  const close = nearest(text, Object.keys(Apis))
  throw usageFault(`there is no API ${text}`, close === undefined ? '' : `Did you mean ${close}?`)
}

function apiOf(name: string): Pick<MessageKind, 'api' | 'type'> {
  const match = /^(.*)(Request|Response)$/.exec(name)
  const api = match === null ? undefined : (Apis as Readonly<Record<string, Api>>)[match[1]!]
  return { api, type: api === undefined ? undefined : match![2] === 'Request' ? 'request' : 'response' }
}

export function decodeBody(kind: MessageKind, bytes: Buffer): Json {
  return bytesToJson(kind.schema, kind.version, bytes)
}

export function encodeBody(kind: MessageKind, json: Json): Buffer {
  return jsonToBytes(kind.schema, kind.version, json)
}

/**
 * A whole frame: size, header, body. A request says itself what it is; of a response the version must be known.
 * @throws Fault (usage), DecodeError
 */
export async function decodeFrame(which: WhichMessage, bytes: Buffer): Promise<{ [key: string]: Json }> {
  if (bytes.length < 8) throw usageFault(`a frame has at least 8 bytes, not ${bytes.length}`)
  const size = bytes.readInt32BE(0)
  if (size !== bytes.length - 4) throw usageFault(`the frame announces ${size} bytes after its size field, there are ${bytes.length - 4}`)
  const kind = await frameKind(which, bytes)
  const header = headerOf(kind)
  const reader = new Reader(bytes.subarray(4))
  const decoded = messageToJson(header.schema, header.version, codecOf(header.schema, header.version, true).read(reader))
  const body = decodeBody(kind, bytes.subarray(4 + reader.at))
  return { message: kind.schema.name, version: kind.version, size, header: decoded, body }
}

async function frameKind(which: WhichMessage, bytes: Buffer): Promise<MessageKind> {
  if (which.type === 'response' || which.message?.endsWith('Response') === true) return messageKind(which)
  if (bytes.length < 12) throw usageFault(`a request has at least 12 bytes, not ${bytes.length}`)
  const api = apiByKey(bytes.readInt16BE(4))
  if (api === undefined) {
    throw usageFault(`no API has the key ${bytes.readInt16BE(4)}`, 'For a response, say --type response and --api and --version.')
  }
  return messageKind({ api: api.name, type: 'request', version: bytes.readInt16BE(6) })
}

function headerOf({ api, type, version }: MessageKind): { schema: Schema; version: number } {
  if (api === undefined) throw usageFault('only requests and responses have a header', 'Leave --frame out.')
  return type === 'request'
    ? { schema: RequestHeader, version: requestHeaderVersion(api, version) }
    : { schema: ResponseHeader, version: responseHeaderVersion(api, version) }
}

/** The frame of what `decodeFrame` gives; size, message and version may be left out. @throws Fault (usage), EncodeError */
export async function encodeFrame(which: WhichMessage, json: Json): Promise<Buffer> {
  if (typeof json !== 'object' || json === null || Array.isArray(json) || json.body === undefined) {
    throw usageFault('a frame is {"header": {…}, "body": {…}}')
  }
  const named = which.api === undefined && which.message === undefined && typeof json.message === 'string'
  const version = which.version ?? (typeof json.version === 'number' ? json.version : undefined)
  const kind = await messageKind({ ...which, ...(named ? { message: json.message as string } : {}), version })
  const header = headerOf(kind)
  const defaults: { [key: string]: Json } = kind.type === 'request' ? { requestApiKey: kind.api!.key, requestApiVersion: kind.version } : {}
  const writer = new Writer()
  const given = (json.header ?? {}) as { [key: string]: Json }
  codecOf(header.schema, header.version, true).write(writer, messageFromJson(header.schema, header.version, { ...defaults, ...given }))
  const bytes = Buffer.concat([writer.finishBytes(), encodeBody(kind, json.body)])
  const size = Buffer.alloc(4)
  size.writeInt32BE(bytes.length)
  return Buffer.concat([size, bytes])
}

/** One line of `--input ndjson`; the answer names what the line named, and `error` where it failed. */
export async function convertLine(
  direction: 'decode' | 'encode',
  line: string,
  frame: boolean,
  which: WhichMessage,
): Promise<{ text: string; failed: boolean }> {
  let named: { message?: Json | undefined; version?: Json | undefined } = {}
  try {
    const given = parseJson(line)
    if (typeof given !== 'object' || given === null || Array.isArray(given)) throw usageFault('a line is a JSON object')
    named = { message: given.message, version: given.version }
    return { text: stringifyJson(await converted(direction, given, frame, which)), failed: false }
  } catch (error) {
    return { text: stringifyJson({ ...named, error: messageOf(error) }), failed: true }
  }
}

async function converted(
  direction: 'decode' | 'encode',
  line: { [key: string]: Json },
  frame: boolean,
  which: WhichMessage,
): Promise<Json> {
  const wanted = lineMessage(line, which)
  const { message, version } = line
  if (direction === 'decode') {
    if (typeof line.hex !== 'string') throw usageFault('the line has no "hex"')
    const bytes = parseHex(line.hex)
    if (frame) return decodeFrame(wanted, bytes)
    const kind = await messageKind(wanted)
    return { message: message ?? kind.schema.name, version: version ?? kind.version, json: decodeBody(kind, bytes) }
  }
  const json = frame && line.json === undefined ? line : line.json
  if (json === undefined) throw usageFault('the line has no "json"')
  if (frame)
    return {
      ...(message === undefined ? {} : { message }),
      ...(version === undefined ? {} : { version }),
      hex: (await encodeFrame(wanted, json)).toString('hex'),
    }
  const kind = await messageKind(wanted)
  return { message: message ?? kind.schema.name, version: version ?? kind.version, hex: encodeBody(kind, json).toString('hex') }
}

function lineMessage({ message, version }: { [key: string]: Json }, which: WhichMessage): WhichMessage {
  if (message !== undefined && typeof message !== 'string') throw usageFault('"message" is a text')
  if (version !== undefined && typeof version !== 'number') throw usageFault('"version" is a number')
  const named = message === undefined ? which : { message }
  return version === undefined ? { ...named, version: which.version } : { ...named, version }
}

/** @throws Fault (usage) */
export function readJson(text: string): Json {
  try {
    return parseJson(text)
  } catch (error) {
    throw usageFault(`this is not JSON: ${messageOf(error)}`)
  }
}

/** On one line for programs, else indented. */
export function printJson(json: Json, format: string): string {
  return `${stringifyJson(json, format === 'text' || format === 'wide' ? 2 : undefined)}\n`
}
