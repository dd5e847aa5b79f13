import { type Message, message } from '../schema.ts'

export const RenewDelegationTokenRequest = message({
  name: 'RenewDelegationTokenRequest',
  kind: 'request',
  apiKey: 39,
  versions: '1-2',
  flexible: '2+',
  fields: {
    hmac: { type: 'bytes', versions: '0+' },
    renewPeriodMs: { type: 'int64', versions: '0+' },
  },
})
export type RenewDelegationTokenRequest = Message<typeof RenewDelegationTokenRequest>

export const RenewDelegationTokenResponse = message({
  name: 'RenewDelegationTokenResponse',
  kind: 'response',
  apiKey: 39,
  versions: '1-2',
  flexible: '2+',
  fields: {
    errorCode: { type: 'int16', versions: '0+' },
    expiryTimestampMs: { type: 'int64', versions: '0+' },
    throttleTimeMs: { type: 'int32', versions: '0+' },
  },
})
export type RenewDelegationTokenResponse = Message<typeof RenewDelegationTokenResponse>
