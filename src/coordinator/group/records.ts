import type { RecordForm } from '../../ledger/index.ts'
import {
  DecodeError,
  decode,
  encode,
  type Message,
  type MessageInput,
  parseVersions,
  type Schema,
  Writer,
  write,
} from '../../protocol/index.ts'
import {
  ConsumerGroupCurrentMemberAssignmentKey,
  ConsumerGroupMemberMetadataKey,
  ConsumerGroupMetadataKey,
  ConsumerGroupPartitionMetadataKey,
  ConsumerGroupRegularExpressionKey,
  ConsumerGroupTargetAssignmentMemberKey,
  ConsumerGroupTargetAssignmentMetadataKey,
} from '../../protocol/messages/consumer-group-records.ts'
import {
  GroupMetadataKey,
  GroupMetadataValue,
  LegacyOffsetCommitKey,
  LegacyOffsetCommitValue,
  OffsetCommitKey,
  OffsetCommitValue,
} from '../../protocol/messages/group-records.ts'
import {
  ShareGroupCurrentMemberAssignmentKey,
  ShareGroupMemberMetadataKey,
  ShareGroupMetadataKey,
  ShareGroupStatePartitionMetadataKey,
  ShareGroupTargetAssignmentMemberKey,
  ShareGroupTargetAssignmentMetadataKey,
} from '../../protocol/messages/share-group-records.ts'
import {
  StreamsGroupCurrentMemberAssignmentKey,
  StreamsGroupMemberMetadataKey,
  StreamsGroupMetadataKey,
  StreamsGroupTargetAssignmentMemberKey,
  StreamsGroupTargetAssignmentMetadataKey,
  StreamsGroupTopologyKey,
} from '../../protocol/messages/streams-group-records.ts'

/** Kinds of group whose records this coordinator keeps but does not speak for. */
export type ForeignGroupType = 'consumer' | 'share' | 'streams'

interface RecordBytes {
  readonly key: Buffer
  readonly value: Buffer | null
}
export interface OffsetRecord extends RecordBytes {
  readonly kind: 'offset'
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly commit: OffsetCommitValue | null
}
export interface ClassicGroupRecord extends RecordBytes {
  readonly kind: 'classic'
  readonly group: string
  readonly metadata: GroupMetadataValue | null
}
export interface ForeignGroupRecord extends RecordBytes {
  readonly kind: 'foreign'
  readonly group: string
  readonly type: ForeignGroupType
  /** 'group': the record whose tombstone ends the group. */
  readonly part: 'group' | 'member' | 'other'
  readonly memberId: string
}
/** A record of __consumer_offsets: key and value with their int16 of type or version in front. */
export type GroupRecord = OffsetRecord | ClassicGroupRecord | ForeignGroupRecord

/** Kafka 4.3.1 writes these whatever the features say; version 1 of a commit is the only one that holds an expire timestamp. */
const GROUP_VALUE_VERSION = 3
const OFFSET_VALUE_VERSION = 4
const OFFSET_EXPIRE_VALUE_VERSION = 1
const NO_EXPIRE_TIMESTAMP = -1

const writer = new Writer()

const typed = <S extends Schema>(schema: S, type: number, version: number, message: MessageInput<S>): Buffer => {
  try {
    writer.int16(type)
    write(schema, version, writer, message)
    return writer.finishBytes()
  } finally {
    // Drops what a failed message left behind.
    writer.reset()
  }
}
const keyBytes = <S extends Schema>(schema: S, message: MessageInput<S>): Buffer => typed(schema, schema.apiKey!, 0, message)
const valueBytes = <S extends Schema>(schema: S, version: number, message: MessageInput<S>): Buffer =>
  typed(schema, version, version, message)

export const offsetRecord = (group: string, topic: string, partition: number, commit: OffsetCommitValue | null): OffsetRecord => {
  const version = commit !== null && commit.expireTimestamp !== NO_EXPIRE_TIMESTAMP ? OFFSET_EXPIRE_VALUE_VERSION : OFFSET_VALUE_VERSION
  return {
    kind: 'offset',
    group,
    topic,
    partition,
    commit,
    key: keyBytes(OffsetCommitKey, { group, topic, partition }),
    value: commit === null ? null : valueBytes(OffsetCommitValue, version, commit),
  }
}

export const classicGroupRecord = (group: string, metadata: GroupMetadataValue | null): ClassicGroupRecord => ({
  kind: 'classic',
  group,
  metadata,
  key: keyBytes(GroupMetadataKey, { group }),
  value: metadata === null ? null : valueBytes(GroupMetadataValue, GROUP_VALUE_VERSION, metadata),
})

export const foreignTombstone = (record: ForeignGroupRecord): ForeignGroupRecord => ({ ...record, value: null })

interface ForeignKey {
  readonly schema: Schema
  readonly type: ForeignGroupType
  readonly part: ForeignGroupRecord['part']
}
const foreign = (type: ForeignGroupType, part: ForeignGroupRecord['part'], schema: Schema): [number, ForeignKey] => [
  schema.apiKey!,
  { schema, type, part },
]
const foreignKeys = new Map<number, ForeignKey>([
  foreign('consumer', 'group', ConsumerGroupMetadataKey),
  foreign('consumer', 'other', ConsumerGroupPartitionMetadataKey),
  foreign('consumer', 'member', ConsumerGroupMemberMetadataKey),
  foreign('consumer', 'other', ConsumerGroupTargetAssignmentMetadataKey),
  foreign('consumer', 'other', ConsumerGroupTargetAssignmentMemberKey),
  foreign('consumer', 'other', ConsumerGroupCurrentMemberAssignmentKey),
  foreign('consumer', 'other', ConsumerGroupRegularExpressionKey),
  foreign('share', 'group', ShareGroupMetadataKey),
  foreign('share', 'member', ShareGroupMemberMetadataKey),
  foreign('share', 'other', ShareGroupTargetAssignmentMetadataKey),
  foreign('share', 'other', ShareGroupTargetAssignmentMemberKey),
  foreign('share', 'other', ShareGroupCurrentMemberAssignmentKey),
  foreign('share', 'other', ShareGroupStatePartitionMetadataKey),
  foreign('streams', 'group', StreamsGroupMetadataKey),
  foreign('streams', 'member', StreamsGroupMemberMetadataKey),
  foreign('streams', 'other', StreamsGroupTargetAssignmentMetadataKey),
  foreign('streams', 'other', StreamsGroupTargetAssignmentMemberKey),
  foreign('streams', 'other', StreamsGroupCurrentMemberAssignmentKey),
  foreign('streams', 'other', StreamsGroupTopologyKey),
])

/** Undefined: a version that this schema does not have. Later versions come from a cluster that was downgraded. */
const decodeValue = <S extends Schema>(schema: S, bytes: Buffer): Message<S> | undefined => {
  if (bytes.length < 2) return undefined
  const version = bytes.readInt16BE(0)
  const { lowest, highest } = parseVersions(schema.versions)
  if (version < lowest || version > highest) return undefined
  return decode(schema, version, bytes, 2)
}

const decodeOffset = (key: Buffer, value: Buffer | null): OffsetRecord | undefined => {
  const { group, topic, partition } = decode(OffsetCommitKey, 0, key, 2)
  const commit = value === null ? null : decodeValue(OffsetCommitValue, value)
  return commit === undefined ? undefined : { kind: 'offset', group, topic, partition, commit, key, value }
}

/** Type 0, before Kafka 0.9: a commit without expiry of its own. */
const decodeLegacyOffset = (key: Buffer, value: Buffer | null): OffsetRecord | undefined => {
  const { group, topic, partition } = decode(LegacyOffsetCommitKey, 0, key, 2)
  const legacy = value === null ? null : decodeValue(LegacyOffsetCommitValue, value)
  if (legacy === undefined) return undefined
  const commit = legacy === null ? null : decode(OffsetCommitValue, 0, encode(OffsetCommitValue, 0, legacy))
  return { kind: 'offset', group, topic, partition, commit, key, value }
}

const decodeClassic = (key: Buffer, value: Buffer | null): ClassicGroupRecord | undefined => {
  const { group } = decode(GroupMetadataKey, 0, key, 2)
  const metadata = value === null ? null : decodeValue(GroupMetadataValue, value)
  return metadata === undefined ? undefined : { kind: 'classic', group, metadata, key, value }
}

const decodeForeign = ({ schema, type, part }: ForeignKey, key: Buffer, value: Buffer | null): ForeignGroupRecord => {
  const fields = decode(schema, 0, key, 2) as { groupId: string; memberId?: string }
  return { kind: 'foreign', group: fields.groupId, type, part, memberId: fields.memberId ?? '', key, value }
}

const decodeKind = (key: Buffer, value: Buffer | null): GroupRecord | undefined => {
  if (key.length < 2) return undefined
  const type = key.readInt16BE(0)
  if (type === OffsetCommitKey.apiKey) return decodeOffset(key, value)
  if (type === GroupMetadataKey.apiKey) return decodeClassic(key, value)
  if (type === LegacyOffsetCommitKey.apiKey) return decodeLegacyOffset(key, value)
  const known = foreignKeys.get(type)
  return known === undefined ? undefined : decodeForeign(known, key, value)
}

/** Undefined for what cannot be read: one unreadable record must not keep the groups beside it from loading. */
export const decodeGroupRecord = (key: Buffer, value: Buffer | null): GroupRecord | undefined => {
  try {
    return decodeKind(key, value)
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}

export const groupRecordForm: RecordForm<GroupRecord> = {
  keyOf: (record) => record.key,
  valueOf: (record) => record.value,
  decode: decodeGroupRecord,
}
