import { type Message, message } from '../schema.ts'

export const DescribeShareGroupOffsetsRequest = message({
  name: 'DescribeShareGroupOffsetsRequest',
  kind: 'request',
  apiKey: 90,
  versions: '0-1',
  flexible: '0+',
  fields: {
    groups: {
      type: [
        {
          groupId: { type: 'string', versions: '0+' },
          topics: {
            type: [
              {
                topicName: { type: 'string', versions: '0+' },
                partitions: { type: ['int32'], versions: '0+' },
              },
            ],
            versions: '0+',
            nullable: '0+',
          },
        },
      ],
      versions: '0+',
    },
  },
})
export type DescribeShareGroupOffsetsRequest = Message<typeof DescribeShareGroupOffsetsRequest>

export const DescribeShareGroupOffsetsResponse = message({
  name: 'DescribeShareGroupOffsetsResponse',
  kind: 'response',
  apiKey: 90,
  versions: '0-1',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    groups: {
      type: [
        {
          groupId: { type: 'string', versions: '0+' },
          topics: {
            type: [
              {
                topicName: { type: 'string', versions: '0+' },
                topicId: { type: 'uuid', versions: '0+' },
                partitions: {
                  type: [
                    {
                      partitionIndex: { type: 'int32', versions: '0+' },
                      startOffset: { type: 'int64', versions: '0+' },
                      leaderEpoch: { type: 'int32', versions: '0+' },
                      lag: { type: 'int64', versions: '1+', default: -1, ignorable: true },
                      errorCode: { type: 'int16', versions: '0+' },
                      errorMessage: { type: 'string', versions: '0+', nullable: '0+', default: null },
                    },
                  ],
                  versions: '0+',
                },
              },
            ],
            versions: '0+',
          },
          errorCode: { type: 'int16', versions: '0+' },
          errorMessage: { type: 'string', versions: '0+', nullable: '0+', default: null },
        },
      ],
      versions: '0+',
    },
  },
})
export type DescribeShareGroupOffsetsResponse = Message<typeof DescribeShareGroupOffsetsResponse>
