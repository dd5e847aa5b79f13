import { type Message, message } from '../schema.ts'

export const DescribeConfigsRequest = message({
  name: 'DescribeConfigsRequest',
  kind: 'request',
  apiKey: 32,
  versions: '1-4',
  flexible: '4+',
  fields: {
    resources: {
      type: [
        {
          resourceType: { type: 'int8', versions: '0+' },
          resourceName: { type: 'string', versions: '0+' },
          configurationKeys: { type: ['string'], versions: '0+', nullable: '0+' },
        },
      ],
      versions: '0+',
    },
    includeSynonyms: { type: 'bool', versions: '1+' },
    includeDocumentation: { type: 'bool', versions: '3+' },
  },
})
export type DescribeConfigsRequest = Message<typeof DescribeConfigsRequest>

export const DescribeConfigsResponse = message({
  name: 'DescribeConfigsResponse',
  kind: 'response',
  apiKey: 32,
  versions: '1-4',
  flexible: '4+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    results: {
      type: [
        {
          errorCode: { type: 'int16', versions: '0+' },
          errorMessage: { type: 'string', versions: '0+', nullable: '0+' },
          resourceType: { type: 'int8', versions: '0+' },
          resourceName: { type: 'string', versions: '0+' },
          configs: {
            type: [
              {
                name: { type: 'string', versions: '0+' },
                value: { type: 'string', versions: '0+', nullable: '0+' },
                readOnly: { type: 'bool', versions: '0+' },
                configSource: { type: 'int8', versions: '1+', default: -1, ignorable: true },
                isSensitive: { type: 'bool', versions: '0+' },
                synonyms: {
                  type: [
                    {
                      name: { type: 'string', versions: '1+' },
                      value: { type: 'string', versions: '1+', nullable: '0+' },
                      source: { type: 'int8', versions: '1+' },
                    },
                  ],
                  versions: '1+',
                  ignorable: true,
                },
                configType: { type: 'int8', versions: '3+', ignorable: true },
                documentation: { type: 'string', versions: '3+', nullable: '0+', ignorable: true },
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
export type DescribeConfigsResponse = Message<typeof DescribeConfigsResponse>
