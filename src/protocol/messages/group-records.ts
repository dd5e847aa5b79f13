import { type Message, message } from '../schema.ts'

export const GroupMetadataKey = message({
  name: 'GroupMetadataKey',
  kind: 'coordinator-key',
  apiKey: 2,
  versions: '0',
  flexible: 'none',
  fields: {
    group: { type: 'string', versions: '0' },
  },
})
export type GroupMetadataKey = Message<typeof GroupMetadataKey>

const memberMetadata = {
  memberId: { type: 'string', versions: '0+' },
  groupInstanceId: { type: 'string', versions: '3+', nullable: '3+', default: null, ignorable: true },
  clientId: { type: 'string', versions: '0+' },
  clientHost: { type: 'string', versions: '0+' },
  rebalanceTimeout: { type: 'int32', versions: '1+', default: -1, ignorable: true },
  sessionTimeout: { type: 'int32', versions: '0+' },
  subscription: { type: 'bytes', versions: '0+' },
  assignment: { type: 'bytes', versions: '0+' },
} as const

export const GroupMetadataValue = message({
  name: 'GroupMetadataValue',
  kind: 'coordinator-value',
  apiKey: 2,
  versions: '0-4',
  flexible: '4+',
  fields: {
    protocolType: { type: 'string', versions: '0+' },
    generation: { type: 'int32', versions: '0+' },
    protocol: { type: 'string', versions: '0+', nullable: '0+' },
    leader: { type: 'string', versions: '0+', nullable: '0+' },
    currentStateTimestamp: { type: 'int64', versions: '2+', default: -1, ignorable: true },
    members: { type: [memberMetadata], versions: '0+' },
  },
})
export type GroupMetadataValue = Message<typeof GroupMetadataValue>

export const LegacyOffsetCommitKey = message({
  name: 'LegacyOffsetCommitKey',
  kind: 'coordinator-key',
  apiKey: 0,
  versions: '0',
  flexible: 'none',
  fields: {
    group: { type: 'string', versions: '0' },
    topic: { type: 'string', versions: '0' },
    partition: { type: 'int32', versions: '0' },
  },
})
export type LegacyOffsetCommitKey = Message<typeof LegacyOffsetCommitKey>

export const LegacyOffsetCommitValue = message({
  name: 'LegacyOffsetCommitValue',
  kind: 'coordinator-value',
  apiKey: 0,
  versions: '0',
  flexible: 'none',
  fields: {
    offset: { type: 'int64', versions: '0', wide: true },
    metadata: { type: 'string', versions: '0' },
    commitTimestamp: { type: 'int64', versions: '0', wide: true },
  },
})
export type LegacyOffsetCommitValue = Message<typeof LegacyOffsetCommitValue>

export const OffsetCommitKey = message({
  name: 'OffsetCommitKey',
  kind: 'coordinator-key',
  apiKey: 1,
  versions: '0',
  flexible: 'none',
  fields: {
    group: { type: 'string', versions: '0' },
    topic: { type: 'string', versions: '0' },
    partition: { type: 'int32', versions: '0' },
  },
})
export type OffsetCommitKey = Message<typeof OffsetCommitKey>

export const OffsetCommitValue = message({
  name: 'OffsetCommitValue',
  kind: 'coordinator-value',
  apiKey: 1,
  versions: '0-4',
  flexible: '4+',
  fields: {
    offset: { type: 'int64', versions: '0+', wide: true },
    leaderEpoch: { type: 'int32', versions: '3+', default: -1, ignorable: true },
    metadata: { type: 'string', versions: '0+' },
    commitTimestamp: { type: 'int64', versions: '0+', wide: true },
    expireTimestamp: { type: 'int64', versions: '1', default: -1, ignorable: true, wide: true },
    topicId: { type: 'uuid', versions: '4+', tag: 0, ignorable: true },
  },
})
export type OffsetCommitValue = Message<typeof OffsetCommitValue>
