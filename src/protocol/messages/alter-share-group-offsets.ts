import { type Message, message } from '../schema.ts'

export const AlterShareGroupOffsetsRequest = message({
  name: 'AlterShareGroupOffsetsRequest',
  kind: 'request',
  apiKey: 91,
  versions: '0',
  flexible: '0+',
  fields: {
    groupId: { type: 'string', versions: '0+' },
    topics: {
      type: [
        {
          topicName: { type: 'string', versions: '0+', key: true },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+' },
                startOffset: { type: 'int64', versions: '0+' },
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
export type AlterShareGroupOffsetsRequest = Message<typeof AlterShareGroupOffsetsRequest>

export const AlterShareGroupOffsetsResponse = message({
  name: 'AlterShareGroupOffsetsResponse',
  kind: 'response',
  apiKey: 91,
  versions: '0',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
    errorMessage: { type: 'string', versions: '0+', nullable: '0+', default: null },
    responses: {
      type: [
        {
          topicName: { type: 'string', versions: '0+', key: true },
          topicId: { type: 'uuid', versions: '0+' },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+' },
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
  },
})
export type AlterShareGroupOffsetsResponse = Message<typeof AlterShareGroupOffsetsResponse>
