import { type Message, message } from '../schema.ts'

export const SaslAuthenticateRequest = message({
  name: 'SaslAuthenticateRequest',
  kind: 'request',
  apiKey: 36,
  versions: '0-2',
  flexible: '2+',
  fields: {
    authBytes: { type: 'bytes', versions: '0+' },
  },
})
export type SaslAuthenticateRequest = Message<typeof SaslAuthenticateRequest>

export const SaslAuthenticateResponse = message({
  name: 'SaslAuthenticateResponse',
  kind: 'response',
  apiKey: 36,
  versions: '0-2',
  flexible: '2+',
  fields: {
    errorCode: { type: 'int16', versions: '0+' },
    errorMessage: { type: 'string', versions: '0+', nullable: '0+' },
    authBytes: { type: 'bytes', versions: '0+' },
    sessionLifetimeMs: { type: 'int64', versions: '1+', ignorable: true },
  },
})
export type SaslAuthenticateResponse = Message<typeof SaslAuthenticateResponse>
