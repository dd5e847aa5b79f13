import { type Message, message } from '../schema.ts'

export const DescribeUserScramCredentialsRequest = message({
  name: 'DescribeUserScramCredentialsRequest',
  kind: 'request',
  apiKey: 50,
  versions: '0',
  flexible: '0+',
  fields: {
    users: {
      type: [
        {
          name: { type: 'string', versions: '0+' },
        },
      ],
      versions: '0+',
      nullable: '0+',
    },
  },
})
export type DescribeUserScramCredentialsRequest = Message<typeof DescribeUserScramCredentialsRequest>

export const DescribeUserScramCredentialsResponse = message({
  name: 'DescribeUserScramCredentialsResponse',
  kind: 'response',
  apiKey: 50,
  versions: '0',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
    errorMessage: { type: 'string', versions: '0+', nullable: '0+' },
    results: {
      type: [
        {
          user: { type: 'string', versions: '0+' },
          errorCode: { type: 'int16', versions: '0+' },
          errorMessage: { type: 'string', versions: '0+', nullable: '0+' },
          credentialInfos: {
            type: [
              {
                mechanism: { type: 'int8', versions: '0+' },
                iterations: { type: 'int32', versions: '0+' },
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
export type DescribeUserScramCredentialsResponse = Message<typeof DescribeUserScramCredentialsResponse>
