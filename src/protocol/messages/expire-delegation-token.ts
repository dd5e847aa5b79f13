import { type Message, message } from '../schema.ts'

export const ExpireDelegationTokenRequest = message({
  name: 'ExpireDelegationTokenRequest',
  kind: 'request',
  apiKey: 40,
  versions: '1-2',
  flexible: '2+',
  fields: {
    hmac: { type: 'bytes', versions: '0+' },
    expiryTimePeriodMs: { type: 'int64', versions: '0+' },
  },
})
export type ExpireDelegationTokenRequest = Message<typeof ExpireDelegationTokenRequest>

export const ExpireDelegationTokenResponse = message({
  name: 'ExpireDelegationTokenResponse',
  kind: 'response',
  apiKey: 40,
  versions: '1-2',
  flexible: '2+',
  fields: {
    errorCode: { type: 'int16', versions: '0+' },
    expiryTimestampMs: { type: 'int64', versions: '0+' },
    throttleTimeMs: { type: 'int32', versions: '0+' },
  },
})
export type ExpireDelegationTokenResponse = Message<typeof ExpireDelegationTokenResponse>
