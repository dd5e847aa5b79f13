import { type Message, message } from '../schema.ts'

export const DeleteRecordsRequest = message({
  name: 'DeleteRecordsRequest',
  kind: 'request',
  apiKey: 21,
  versions: '0-2',
  flexible: '2+',
  fields: {
    topics: {
      type: [
        {
          name: { type: 'string', versions: '0+' },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+' },
                offset: { type: 'int64', versions: '0+' },
              },
            ],
            versions: '0+',
          },
        },
      ],
      versions: '0+',
    },
    timeoutMs: { type: 'int32', versions: '0+' },
  },
})
export type DeleteRecordsRequest = Message<typeof DeleteRecordsRequest>

export const DeleteRecordsResponse = message({
  name: 'DeleteRecordsResponse',
  kind: 'response',
  apiKey: 21,
  versions: '0-2',
  flexible: '2+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    topics: {
      type: [
        {
          name: { type: 'string', versions: '0+', key: true },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+', key: true },
                lowWatermark: { type: 'int64', versions: '0+' },
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
export type DeleteRecordsResponse = Message<typeof DeleteRecordsResponse>
