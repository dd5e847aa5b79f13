/**
 * protocol: Kafka's wire language. Message schemas as literals (`messages/`, one file per API, imported one by one), the codecs emitted
 * from them, headers and frames, the API table and the error table.
 *
 * Invariants: a decoded message holds every field; nothing is allocated that a length field merely claims; record sets stay views.
 */
export { type Api, type ApiName, Apis, apiByKey, requestHeaderVersion, responseHeaderVersion } from './apis.ts'
export { findMessage, messageNames } from './catalog.ts'
export { codecOf, complete, decode, encode, encodeParts, read, write } from './codec.ts'
export { errorText } from './error-texts.ts'
export { type ErrorCode, type ErrorName, Errors, errorName, isRetriable, KafkaError } from './errors.ts'
export { type RequestHeader, readClientId, readHeaderStart, readResponseHeader, requestFrame, responseFrame } from './frame.ts'
export { bytesToJson, type Json, jsonToBytes, messageFromJson, messageToJson, parseJson, stringifyJson } from './json.ts'
export { DecodeError, Reader } from './reader.ts'
export {
  type Field,
  type Fields,
  inVersions,
  isFlexible,
  isTagged,
  type Message,
  type MessageInput,
  type MessageKind,
  message,
  parseVersions,
  type RecordsInput,
  type Schema,
  type UnknownTaggedField,
  type VersionRange,
} from './schema.ts'
export { EncodeError, type Part, Writer } from './writer.ts'
