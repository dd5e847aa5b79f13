import { type Message, message } from '../schema.ts'

export const OffsetCommitRequest = message({
  name: 'OffsetCommitRequest',
  kind: 'request',
  apiKey: 8,
  versions: '2-10',
  flexible: '8+',
  fields: {
    groupId: { type: 'string', versions: '0+' },
    generationIdOrMemberEpoch: { type: 'int32', versions: '1+', default: -1, ignorable: true },
    memberId: { type: 'string', versions: '1+', ignorable: true },
    groupInstanceId: { type: 'string', versions: '7+', nullable: '7+', default: null },
    retentionTimeMs: { type: 'int64', versions: '2-4', default: -1, ignorable: true },
    topics: {
      type: [
        {
          name: { type: 'string', versions: '0-9', ignorable: true },
          topicId: { type: 'uuid', versions: '10+', ignorable: true },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+' },
                committedOffset: { type: 'int64', versions: '0+', wide: true },
                committedLeaderEpoch: { type: 'int32', versions: '6+', default: -1, ignorable: true },
                committedMetadata: { type: 'string', versions: '0+', nullable: '0+' },
              },
            ],
            versions: '0+',
          },
        },
      ],
      versions: '0+',
    },
  },
})
export type OffsetCommitRequest = Message<typeof OffsetCommitRequest>

export const OffsetCommitResponse = message({
  name: 'OffsetCommitResponse',
  kind: 'response',
  apiKey: 8,
  versions: '2-10',
  flexible: '8+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '3+', ignorable: true },
    topics: {
      type: [
        {
          name: { type: 'string', versions: '0-9', ignorable: true },
          topicId: { type: 'uuid', versions: '10+', ignorable: true },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+' },
                errorCode: { type: 'int16', versions: '0+' },
              },
            ],
            versions: '0+',
          },
        },
      ],
      versions: '0+',
    },
  },
})
export type OffsetCommitResponse = Message<typeof OffsetCommitResponse>
