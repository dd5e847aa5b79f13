import { type Message, message } from '../schema.ts'

export const CreatePartitionsRequest = message({
  name: 'CreatePartitionsRequest',
  kind: 'request',
  apiKey: 37,
  versions: '0-3',
  flexible: '2+',
  fields: {
    topics: {
      type: [
        {
          name: { type: 'string', versions: '0+', key: true },
          count: { type: 'int32', versions: '0+' },
          assignments: {
            type: [
              {
                brokerIds: { type: ['int32'], versions: '0+' },
              },
            ],
            versions: '0+',
            nullable: '0+',
          },
        },
      ],
      versions: '0+',
    },
    timeoutMs: { type: 'int32', versions: '0+' },
    validateOnly: { type: 'bool', versions: '0+' },
  },
})
export type CreatePartitionsRequest = Message<typeof CreatePartitionsRequest>

export const CreatePartitionsResponse = message({
  name: 'CreatePartitionsResponse',
  kind: 'response',
  apiKey: 37,
  versions: '0-3',
  flexible: '2+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    results: {
      type: [
        {
          name: { type: 'string', versions: '0+' },
          errorCode: { type: 'int16', versions: '0+' },
          errorMessage: { type: 'string', versions: '0+', nullable: '0+', default: null },
        },
      ],
      versions: '0+',
    },
  },
})
export type CreatePartitionsResponse = Message<typeof CreatePartitionsResponse>
