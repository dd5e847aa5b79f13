import { type Api, requestHeaderVersion, responseHeaderVersion } from './apis.ts'
import { write } from './codec.ts'
import { DecodeError, type Reader } from './reader.ts'
import type { MessageInput, Schema, UnknownTaggedField } from './schema.ts'
import { type Part, Writer } from './writer.ts'

/** What precedes every request (RequestHeader versions 1 and 2). */
export interface RequestHeader {
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  readonly clientId: string | null
  readonly unknownTaggedFields?: UnknownTaggedField[]
}

/** Reads key, version and correlation id: the part that is the same in every header version. Leaves the cursor behind it. */
export const readHeaderStart = (reader: Reader): { apiKey: number; apiVersion: number; correlationId: number } => ({
  apiKey: reader.int16(),
  apiVersion: reader.int16(),
  correlationId: reader.int32(),
})

const skipTaggedFields = (reader: Reader): void => {
  for (let left = reader.taggedCount(); left > 0; left--) {
    reader.uvarint()
    reader.skip(reader.uvarint())
  }
}

/** Reads the rest of a request header. @throws DecodeError */
export const readClientId = (reader: Reader, api: Api, version: number): string | null => {
  const clientId = reader.nullableString()
  if (requestHeaderVersion(api, version) === 2) skipTaggedFields(reader)
  return clientId
}

/** Reads a response header. @throws DecodeError */
export const readResponseHeader = (reader: Reader, api: Api, version: number): number => {
  const correlationId = reader.int32()
  if (responseHeaderVersion(api, version) === 1) skipTaggedFields(reader)
  return correlationId
}

const writer = new Writer()

const finishFrame = (): Part[] => {
  const bytes = writer.length - 4
  if (bytes > 0x7fffffff) throw new DecodeError(`frame of ${bytes} bytes, at most 2147483647 are legal`)
  writer.patchInt32(0, bytes)
  return writer.finish()
}

/** Drops what a failed message left in the shared writer. */
const framed = (fill: () => void): Part[] => {
  try {
    writer.int32(0)
    fill()
    return finishFrame()
  } catch (error) {
    writer.abandon()
    throw error
  }
}

/** A whole request, size first. @throws EncodeError */
export const requestFrame = <S extends Schema>(
  api: Api,
  version: number,
  correlationId: number,
  clientId: string | null,
  schema: S,
  body: MessageInput<S>,
): Part[] =>
  framed(() => {
    writer.int16(api.key)
    writer.int16(version)
    writer.int32(correlationId)
    writer.string(clientId)
    if (requestHeaderVersion(api, version) === 2) writer.uvarint(0)
    write(schema, version, writer, body)
  })

/** A whole response, size first. @throws EncodeError */
export const responseFrame = <S extends Schema>(
  api: Api,
  version: number,
  correlationId: number,
  schema: S,
  body: MessageInput<S>,
): Part[] =>
  framed(() => {
    writer.int32(correlationId)
    if (responseHeaderVersion(api, version) === 1) writer.uvarint(0)
    write(schema, version, writer, body)
  })
