import { type Message, message } from '../schema.ts'

export const EnvelopeRequest = message({
  name: 'EnvelopeRequest',
  kind: 'request',
  apiKey: 58,
  versions: '0',
  flexible: '0+',
  fields: {
    requestData: { type: 'bytes', versions: '0+' },
    requestPrincipal: { type: 'bytes', versions: '0+', nullable: '0+' },
    clientHostAddress: { type: 'bytes', versions: '0+' },
  },
})
export type EnvelopeRequest = Message<typeof EnvelopeRequest>

export const EnvelopeResponse = message({
  name: 'EnvelopeResponse',
  kind: 'response',
  apiKey: 58,
  versions: '0',
  flexible: '0+',
  fields: {
    responseData: { type: 'bytes', versions: '0+', nullable: '0+', default: null },
    errorCode: { type: 'int16', versions: '0+' },
  },
})
export type EnvelopeResponse = Message<typeof EnvelopeResponse>
