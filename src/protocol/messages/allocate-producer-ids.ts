import { type Message, message } from '../schema.ts'

export const AllocateProducerIdsRequest = message({
  name: 'AllocateProducerIdsRequest',
  kind: 'request',
  apiKey: 67,
  versions: '0',
  flexible: '0+',
  fields: {
    brokerId: { type: 'int32', versions: '0+' },
    brokerEpoch: { type: 'int64', versions: '0+', default: -1 },
  },
})
export type AllocateProducerIdsRequest = Message<typeof AllocateProducerIdsRequest>

export const AllocateProducerIdsResponse = message({
  name: 'AllocateProducerIdsResponse',
  kind: 'response',
  apiKey: 67,
  versions: '0',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
    producerIdStart: { type: 'int64', versions: '0+' },
    producerIdLen: { type: 'int32', versions: '0+' },
  },
})
export type AllocateProducerIdsResponse = Message<typeof AllocateProducerIdsResponse>
