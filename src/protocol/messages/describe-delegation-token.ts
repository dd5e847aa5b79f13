import { type Message, message } from '../schema.ts'

export const DescribeDelegationTokenRequest = message({
  name: 'DescribeDelegationTokenRequest',
  kind: 'request',
  apiKey: 41,
  versions: '1-3',
  flexible: '2+',
  fields: {
    owners: {
      type: [
        {
          principalType: { type: 'string', versions: '0+' },
          principalName: { type: 'string', versions: '0+' },
        },
      ],
      versions: '0+',
      nullable: '0+',
    },
  },
})
export type DescribeDelegationTokenRequest = Message<typeof DescribeDelegationTokenRequest>

export const DescribeDelegationTokenResponse = message({
  name: 'DescribeDelegationTokenResponse',
  kind: 'response',
  apiKey: 41,
  versions: '1-3',
  flexible: '2+',
  fields: {
    errorCode: { type: 'int16', versions: '0+' },
    tokens: {
      type: [
        {
          principalType: { type: 'string', versions: '0+' },
          principalName: { type: 'string', versions: '0+' },
          tokenRequesterPrincipalType: { type: 'string', versions: '3+' },
          tokenRequesterPrincipalName: { type: 'string', versions: '3+' },
          issueTimestamp: { type: 'int64', versions: '0+' },
          expiryTimestamp: { type: 'int64', versions: '0+' },
          maxTimestamp: { type: 'int64', versions: '0+' },
          tokenId: { type: 'string', versions: '0+' },
          hmac: { type: 'bytes', versions: '0+' },
          renewers: {
            type: [
              {
                principalType: { type: 'string', versions: '0+' },
                principalName: { type: 'string', versions: '0+' },
              },
            ],
            versions: '0+',
          },
        },
      ],
      versions: '0+',
    },
    throttleTimeMs: { type: 'int32', versions: '0+' },
  },
})
export type DescribeDelegationTokenResponse = Message<typeof DescribeDelegationTokenResponse>
