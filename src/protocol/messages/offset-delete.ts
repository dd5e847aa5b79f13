import { type Message, message } from '../schema.ts'

export const OffsetDeleteRequest = message({
  name: 'OffsetDeleteRequest',
  kind: 'request',
  apiKey: 47,
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: { type: 'string', versions: '0+' },
    topics: {
      type: [
        {
          name: { type: 'string', versions: '0+', key: true },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+' },
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
export type OffsetDeleteRequest = Message<typeof OffsetDeleteRequest>

export const OffsetDeleteResponse = message({
  name: 'OffsetDeleteResponse',
  kind: 'response',
  apiKey: 47,
  versions: '0',
  flexible: 'none',
  fields: {
    errorCode: { type: 'int16', versions: '0+' },
    throttleTimeMs: { type: 'int32', versions: '0+', ignorable: true },
    topics: {
      type: [
        {
          name: { type: 'string', versions: '0+', key: true },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+', key: true },
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
export type OffsetDeleteResponse = Message<typeof OffsetDeleteResponse>
