import { type Message, message } from '../schema.ts'

export const UnregisterBrokerRequest = message({
  name: 'UnregisterBrokerRequest',
  kind: 'request',
  apiKey: 64,
  versions: '0',
  flexible: '0+',
  fields: {
    brokerId: { type: 'int32', versions: '0+' },
  },
})
export type UnregisterBrokerRequest = Message<typeof UnregisterBrokerRequest>

export const UnregisterBrokerResponse = message({
  name: 'UnregisterBrokerResponse',
  kind: 'response',
  apiKey: 64,
  versions: '0',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
    errorMessage: { type: 'string', versions: '0+', nullable: '0+' },
  },
})
export type UnregisterBrokerResponse = Message<typeof UnregisterBrokerResponse>
