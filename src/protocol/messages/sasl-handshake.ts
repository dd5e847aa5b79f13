import { type Message, message } from '../schema.ts'

export const SaslHandshakeRequest = message({
  name: 'SaslHandshakeRequest',
  kind: 'request',
  apiKey: 17,
  versions: '0-1',
  flexible: 'none',
  fields: {
    mechanism: { type: 'string', versions: '0+' },
  },
})
export type SaslHandshakeRequest = Message<typeof SaslHandshakeRequest>

export const SaslHandshakeResponse = message({
  name: 'SaslHandshakeResponse',
  kind: 'response',
  apiKey: 17,
  versions: '0-1',
  flexible: 'none',
  fields: {
    errorCode: { type: 'int16', versions: '0+' },
    mechanisms: { type: ['string'], versions: '0+' },
  },
})
export type SaslHandshakeResponse = Message<typeof SaslHandshakeResponse>
