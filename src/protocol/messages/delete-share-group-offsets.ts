import { type Message, message } from '../schema.ts'

export const DeleteShareGroupOffsetsRequest = message({
  name: 'DeleteShareGroupOffsetsRequest',
  kind: 'request',
  apiKey: 92,
  versions: '0',
  flexible: '0+',
  fields: {
    groupId: { type: 'string', versions: '0+' },
    topics: {
      type: [
        {
          topicName: { type: 'string', versions: '0+' },
        },
      ],
      versions: '0+',
    },
  },
})
export type DeleteShareGroupOffsetsRequest = Message<typeof DeleteShareGroupOffsetsRequest>

export const DeleteShareGroupOffsetsResponse = message({
  name: 'DeleteShareGroupOffsetsResponse',
  kind: 'response',
  apiKey: 92,
  versions: '0',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
    errorMessage: { type: 'string', versions: '0+', nullable: '0+', default: null },
    responses: {
      type: [
        {
          topicName: { type: 'string', versions: '0+' },
          topicId: { type: 'uuid', versions: '0+' },
          errorCode: { type: 'int16', versions: '0+' },
          errorMessage: { type: 'string', versions: '0+', nullable: '0+', default: null },
        },
      ],
      versions: '0+',
    },
  },
})
export type DeleteShareGroupOffsetsResponse = Message<typeof DeleteShareGroupOffsetsResponse>
