import { type Message, message } from '../schema.ts'

export const InitializeShareGroupStateRequest = message({
  name: 'InitializeShareGroupStateRequest',
  kind: 'request',
  apiKey: 83,
  versions: '0',
  flexible: '0+',
  fields: {
    groupId: { type: 'string', versions: '0+' },
    topics: {
      type: [
        {
          topicId: { type: 'uuid', versions: '0+' },
          partitions: {
            type: [
              {
                partition: { type: 'int32', versions: '0+' },
                stateEpoch: { type: 'int32', versions: '0+' },
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
export type InitializeShareGroupStateRequest = Message<typeof InitializeShareGroupStateRequest>

export const InitializeShareGroupStateResponse = message({
  name: 'InitializeShareGroupStateResponse',
  kind: 'response',
  apiKey: 83,
  versions: '0',
  flexible: '0+',
  fields: {
    results: {
      type: [
        {
          topicId: { type: 'uuid', versions: '0+' },
          partitions: {
            type: [
              {
                partition: { type: 'int32', versions: '0+' },
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
export type InitializeShareGroupStateResponse = Message<typeof InitializeShareGroupStateResponse>
