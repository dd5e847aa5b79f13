import { type Message, message } from '../schema.ts'

export const DeleteTopicsRequest = message({
  name: 'DeleteTopicsRequest',
  kind: 'request',
  apiKey: 20,
  versions: '1-6',
  flexible: '4+',
  fields: {
    topics: {
      type: [
        {
          name: { type: 'string', versions: '6+', nullable: '6+', default: null },
          topicId: { type: 'uuid', versions: '6+' },
        },
      ],
      versions: '6+',
    },
    topicNames: { type: ['string'], versions: '0-5', ignorable: true },
    timeoutMs: { type: 'int32', versions: '0+' },
  },
})
export type DeleteTopicsRequest = Message<typeof DeleteTopicsRequest>

export const DeleteTopicsResponse = message({
  name: 'DeleteTopicsResponse',
  kind: 'response',
  apiKey: 20,
  versions: '1-6',
  flexible: '4+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '1+', ignorable: true },
    responses: {
      type: [
        {
          name: { type: 'string', versions: '0+', nullable: '6+', key: true },
          topicId: { type: 'uuid', versions: '6+', ignorable: true },
          errorCode: { type: 'int16', versions: '0+' },
          errorMessage: { type: 'string', versions: '5+', nullable: '5+', default: null, ignorable: true },
        },
      ],
      versions: '0+',
    },
  },
})
export type DeleteTopicsResponse = Message<typeof DeleteTopicsResponse>
