import { type Message, message } from '../schema.ts'

export const OffsetFetchRequest = message({
  name: 'OffsetFetchRequest',
  kind: 'request',
  apiKey: 9,
  versions: '1-10',
  flexible: '6+',
  fields: {
    groupId: { type: 'string', versions: '0-7' },
    topics: {
      type: [
        {
          name: { type: 'string', versions: '0-7' },
          partitionIndexes: { type: ['int32'], versions: '0-7' },
        },
      ],
      versions: '0-7',
      nullable: '2-7',
    },
    groups: {
      type: [
        {
          groupId: { type: 'string', versions: '8+' },
          memberId: { type: 'string', versions: '9+', nullable: '9+', default: null, ignorable: true },
          memberEpoch: { type: 'int32', versions: '9+', default: -1, ignorable: true },
          topics: {
            type: [
              {
                name: { type: 'string', versions: '8-9', ignorable: true },
                topicId: { type: 'uuid', versions: '10+', ignorable: true },
                partitionIndexes: { type: ['int32'], versions: '8+' },
              },
            ],
            versions: '8+',
            nullable: '8+',
          },
        },
      ],
      versions: '8+',
    },
    requireStable: { type: 'bool', versions: '7+' },
  },
})
export type OffsetFetchRequest = Message<typeof OffsetFetchRequest>

export const OffsetFetchResponse = message({
  name: 'OffsetFetchResponse',
  kind: 'response',
  apiKey: 9,
  versions: '1-10',
  flexible: '6+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '3+', ignorable: true },
    topics: {
      type: [
        {
          name: { type: 'string', versions: '0-7' },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0-7' },
                committedOffset: { type: 'int64', versions: '0-7', wide: true },
                committedLeaderEpoch: { type: 'int32', versions: '5-7', default: -1, ignorable: true },
                metadata: { type: 'string', versions: '0-7', nullable: '0-7' },
                errorCode: { type: 'int16', versions: '0-7' },
              },
            ],
            versions: '0-7',
          },
        },
      ],
      versions: '0-7',
    },
    errorCode: { type: 'int16', versions: '2-7', ignorable: true },
    groups: {
      type: [
        {
          groupId: { type: 'string', versions: '8+' },
          topics: {
            type: [
              {
                name: { type: 'string', versions: '8-9', ignorable: true },
                topicId: { type: 'uuid', versions: '10+', ignorable: true },
                partitions: {
                  type: [
                    {
                      partitionIndex: { type: 'int32', versions: '8+' },
                      committedOffset: { type: 'int64', versions: '8+', wide: true },
                      committedLeaderEpoch: { type: 'int32', versions: '8+', default: -1, ignorable: true },
                      metadata: { type: 'string', versions: '8+', nullable: '8+' },
                      errorCode: { type: 'int16', versions: '8+' },
                    },
                  ],
                  versions: '8+',
                },
              },
            ],
            versions: '8+',
          },
          errorCode: { type: 'int16', versions: '8+' },
        },
      ],
      versions: '8+',
    },
  },
})
export type OffsetFetchResponse = Message<typeof OffsetFetchResponse>
