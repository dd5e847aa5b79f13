import { type Message, message } from '../schema.ts'

export const AlterClientQuotasRequest = message({
  name: 'AlterClientQuotasRequest',
  kind: 'request',
  apiKey: 49,
  versions: '0-1',
  flexible: '1+',
  fields: {
    entries: {
      type: [
        {
          entity: {
            type: [
              {
                entityType: { type: 'string', versions: '0+' },
                entityName: { type: 'string', versions: '0+', nullable: '0+' },
              },
            ],
            versions: '0+',
          },
          ops: {
            type: [
              {
                key: { type: 'string', versions: '0+' },
                value: { type: 'float64', versions: '0+' },
                remove: { type: 'bool', versions: '0+' },
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
export type AlterClientQuotasRequest = Message<typeof AlterClientQuotasRequest>

export const AlterClientQuotasResponse = message({
  name: 'AlterClientQuotasResponse',
  kind: 'response',
  apiKey: 49,
  versions: '0-1',
  flexible: '1+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    entries: {
      type: [
        {
          errorCode: { type: 'int16', versions: '0+' },
          errorMessage: { type: 'string', versions: '0+', nullable: '0+' },
          entity: {
            type: [
              {
                entityType: { type: 'string', versions: '0+' },
                entityName: { type: 'string', versions: '0+', nullable: '0+' },
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
export type AlterClientQuotasResponse = Message<typeof AlterClientQuotasResponse>
