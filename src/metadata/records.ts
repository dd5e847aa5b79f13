import { DecodeError, type Field, type Fields, type Message, type MessageInput, Reader, read, Writer, write } from '../protocol/index.ts'
import {
  AbortTransactionRecord,
  AccessControlEntryRecord,
  BeginTransactionRecord,
  BrokerRegistrationChangeRecord,
  ClearElrRecord,
  ClientQuotaRecord,
  ConfigRecord,
  DelegationTokenRecord,
  EndTransactionRecord,
  FeatureLevelRecord,
  FenceBrokerRecord,
  NoOpRecord,
  PartitionChangeRecord,
  PartitionRecord,
  ProducerIdsRecord,
  RegisterBrokerRecord,
  RegisterControllerRecord,
  RemoveAccessControlEntryRecord,
  RemoveDelegationTokenRecord,
  RemoveTopicRecord,
  RemoveUserScramCredentialRecord,
  TopicRecord,
  UnfenceBrokerRecord,
  UnregisterBrokerRecord,
  UserScramCredentialRecord,
  ZkMigrationStateRecord,
} from '../protocol/messages/metadata-records.ts'
import { ZERO_UUID } from './directory-id.ts'

const schemas = {
  AbortTransactionRecord,
  AccessControlEntryRecord,
  BeginTransactionRecord,
  BrokerRegistrationChangeRecord,
  ClearElrRecord,
  ClientQuotaRecord,
  ConfigRecord,
  DelegationTokenRecord,
  EndTransactionRecord,
  FeatureLevelRecord,
  FenceBrokerRecord,
  NoOpRecord,
  PartitionChangeRecord,
  PartitionRecord,
  ProducerIdsRecord,
  RegisterBrokerRecord,
  RegisterControllerRecord,
  RemoveAccessControlEntryRecord,
  RemoveDelegationTokenRecord,
  RemoveTopicRecord,
  RemoveUserScramCredentialRecord,
  TopicRecord,
  UnfenceBrokerRecord,
  UnregisterBrokerRecord,
  UserScramCredentialRecord,
  ZkMigrationStateRecord,
}
type Schemas = typeof schemas

export type MetadataRecordName = keyof Schemas
export type MetadataMessage<N extends MetadataRecordName> = Message<Schemas[N]>

/** A record of the metadata log: which one, in which version it is (to be) written, and every one of its fields. */
export type MetadataRecord<N extends MetadataRecordName = MetadataRecordName> = {
  [K in N]: { readonly name: K; readonly version: number; readonly message: MetadataMessage<K> }
}[N]

const nameByType = new Map<number, MetadataRecordName>(
  Object.values(schemas).map((schema) => [schema.apiKey, schema.name as MetadataRecordName]),
)

/** The framing of every metadata record: frame version, record type, record version, each an unsigned varint, then the message. */
const FRAME_VERSION = 1

/** @throws DecodeError when the bytes are not one metadata record that this build knows. */
export const decodeRecord = (bytes: Buffer): MetadataRecord => {
  const reader = new Reader(bytes)
  const frameVersion = reader.uvarint()
  if (frameVersion !== FRAME_VERSION)
    throw new DecodeError(`metadata record of frame version ${frameVersion}; only ${FRAME_VERSION} is known`)
  const type = reader.uvarint()
  const name = nameByType.get(type)
  if (name === undefined) throw new DecodeError(`metadata record of unknown type ${type}`)
  const version = reader.uvarint()
  const highest = highestVersion(name)
  if (version > highest) throw new DecodeError(`${name} of version ${version}; versions up to ${highest} are known`)
  const message = read(schemas[name], version, reader)
  if (reader.remaining > 0) throw new DecodeError(`${name} version ${version}: ${reader.remaining} bytes left over`)
  return { name, version, message } as MetadataRecord
}

/** @throws EncodeError when a field that its version lacks is set. */
export const encodeRecord = (record: MetadataRecord): Buffer => {
  const schema = schemas[record.name]
  const writer = new Writer()
  writer.uvarint(FRAME_VERSION)
  writer.uvarint(schema.apiKey)
  writer.uvarint(record.version)
  write(schema, record.version, writer, record.message)
  return writer.finishBytes()
}

const highestVersion = (name: MetadataRecordName): number => Number(schemas[name].versions.split('-').at(-1))

/** A record to be written, fields that are left out at their defaults. */
export const metadataRecord = <N extends MetadataRecordName>(name: N, version: number, message: MessageInput<Schemas[N]>): MetadataRecord =>
  ({ name, version, message: { ...defaultsOf(name), ...message } }) as unknown as MetadataRecord

const defaults = new Map<MetadataRecordName, Record<string, unknown>>()
const defaultsOf = (name: MetadataRecordName): Record<string, unknown> => {
  let known = defaults.get(name)
  if (known === undefined) {
    known = Object.fromEntries(Object.entries(schemas[name].fields as Fields).map(([key, field]) => [key, defaultOf(field)]))
    defaults.set(name, known)
  }
  return known
}
const defaultOf = (field: Field): unknown => {
  if (field.default !== undefined) return field.default
  switch (field.type) {
    case 'bool':
      return false
    case 'string':
      return ''
    case 'bytes':
      return Buffer.alloc(0)
    case 'uuid':
      return ZERO_UUID
    default:
      return typeof field.type === 'string' ? 0 : []
  }
}
