import { type Message, message } from '../schema.ts'

export const DeleteShareGroupStateRequest = message({
  name: 'DeleteShareGroupStateRequest',
  kind: 'request',
  apiKey: 86,
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
export type DeleteShareGroupStateRequest = Message<typeof DeleteShareGroupStateRequest>

export const DeleteShareGroupStateResponse = message({
  name: 'DeleteShareGroupStateResponse',
  kind: 'response',
  apiKey: 86,
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
export type DeleteShareGroupStateResponse = Message<typeof DeleteShareGroupStateResponse>
