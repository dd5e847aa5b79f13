import { type EmittedCodec, emitCodec } from './emitter.ts'
import { DecodeError, Reader } from './reader.ts'
import type { Message, MessageInput, Schema } from './schema.ts'
import { type Part, Writer } from './writer.ts'

const codecs = new Map<Schema, EmittedCodec[]>()
const exactCodecs = new Map<Schema, EmittedCodec[]>()

/** The codec of one version, emitted on first use. */
export const codecOf = (schema: Schema, version: number, exact = false): EmittedCodec => {
  const known = exact ? exactCodecs : codecs
  let versions = known.get(schema)
  if (versions === undefined) known.set(schema, (versions = []))
  return (versions[version] ??= emitCodec(schema, version, exact))
}

/** Reads one message from the cursor, which stays behind it. @throws DecodeError */
export const read = <S extends Schema>(schema: S, version: number, reader: Reader): Message<S> => {
  try {
    return codecOf(schema, version).read(reader) as Message<S>
  } catch (error) {
    if (error instanceof DecodeError) error.message = `${schema.name} version ${version}: ${error.message}`
    throw error
  }
}

/** Reads a message that must fill `bytes` to the end. @throws DecodeError */
export const decode = <S extends Schema>(schema: S, version: number, bytes: Buffer, at = 0): Message<S> => {
  const reader = new Reader(bytes, at)
  const message = read(schema, version, reader)
  if (reader.remaining > 0) throw new DecodeError(`${schema.name} version ${version}: ${reader.remaining} bytes left over`)
  return message
}

/** Appends one message to the writer. @throws EncodeError */
export const write = <S extends Schema>(schema: S, version: number, writer: Writer, message: MessageInput<S>): void => {
  codecOf(schema, version).write(writer, message)
}

/** The bytes of one message without header or size. @throws EncodeError */
export const encode = <S extends Schema>(schema: S, version: number, message: MessageInput<S>): Buffer => {
  const writer = new Writer()
  write(schema, version, writer, message)
  return writer.finishBytes()
}

/** As `encode`, record sets that are slices of files allowed. */
export const encodeParts = <S extends Schema>(schema: S, version: number, message: MessageInput<S>): Part[] => {
  const writer = new Writer()
  write(schema, version, writer, message)
  return writer.finish()
}

/** A whole message from what is given, by way of its bytes: for requests made in this process. @throws EncodeError */
export const complete = <S extends Schema>(schema: S, version: number, message: MessageInput<S>): Message<S> =>
  decode(schema, version, encode(schema, version, message))
