import { type Message, message } from '../schema.ts'

export const IncrementalAlterConfigsRequest = message({
  name: 'IncrementalAlterConfigsRequest',
  kind: 'request',
  apiKey: 44,
  versions: '0-1',
  flexible: '1+',
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
                configOperation: { type: 'int8', versions: '0+', key: true },
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
export type IncrementalAlterConfigsRequest = Message<typeof IncrementalAlterConfigsRequest>

export const IncrementalAlterConfigsResponse = message({
  name: 'IncrementalAlterConfigsResponse',
  kind: 'response',
  apiKey: 44,
  versions: '0-1',
  flexible: '1+',
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
export type IncrementalAlterConfigsResponse = Message<typeof IncrementalAlterConfigsResponse>
