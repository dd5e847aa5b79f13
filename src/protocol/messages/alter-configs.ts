import { type Message, message } from '../schema.ts'

export const AlterConfigsRequest = message({
  name: 'AlterConfigsRequest',
  kind: 'request',
  apiKey: 33,
  versions: '0-2',
  flexible: '2+',
  fields: {
    resources: {
      type: [
        {
          resourceType: { type: 'int8', versions: '0+', key: true },
          resourceName: { type: 'string', versions: '0+', key: true },
          configs: {
            type: [
              {
                name: { type: 'string', versions: '0+', key: true },
                value: { type: 'string', versions: '0+', nullable: '0+' },
              },
            ],
            versions: '0+',
          },
        },
      ],
      versions: '0+',
    },
    validateOnly: { type: 'bool', versions: '0+' },
  },
})
export type AlterConfigsRequest = Message<typeof AlterConfigsRequest>

export const AlterConfigsResponse = message({
  name: 'AlterConfigsResponse',
  kind: 'response',
  apiKey: 33,
  versions: '0-2',
  flexible: '2+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    responses: {
      type: [
        {
          errorCode: { type: 'int16', versions: '0+' },
          errorMessage: { type: 'string', versions: '0+', nullable: '0+' },
          resourceType: { type: 'int8', versions: '0+' },
          resourceName: { type: 'string', versions: '0+' },
        },
      ],
      versions: '0+',
    },
  },
})
export type AlterConfigsResponse = Message<typeof AlterConfigsResponse>
