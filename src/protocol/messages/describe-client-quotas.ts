import { type Message, message } from '../schema.ts'

export const DescribeClientQuotasRequest = message({
  name: 'DescribeClientQuotasRequest',
  kind: 'request',
  apiKey: 48,
  versions: '0-1',
  flexible: '1+',
  fields: {
    components: {
      type: [
        {
          entityType: { type: 'string', versions: '0+' },
          matchType: { type: 'int8', versions: '0+' },
          match: { type: 'string', versions: '0+', nullable: '0+' },
        },
      ],
      versions: '0+',
    },
    strict: { type: 'bool', versions: '0+' },
  },
})
export type DescribeClientQuotasRequest = Message<typeof DescribeClientQuotasRequest>

export const DescribeClientQuotasResponse = message({
  name: 'DescribeClientQuotasResponse',
  kind: 'response',
  apiKey: 48,
  versions: '0-1',
  flexible: '1+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
    errorMessage: { type: 'string', versions: '0+', nullable: '0+' },
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
          values: {
            type: [
              {
                key: { type: 'string', versions: '0+' },
                value: { type: 'float64', versions: '0+' },
              },
            ],
            versions: '0+',
          },
        },
      ],
      versions: '0+',
      nullable: '0+',
    },
  },
})
export type DescribeClientQuotasResponse = Message<typeof DescribeClientQuotasResponse>
