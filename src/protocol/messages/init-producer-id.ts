import { type Message, message } from '../schema.ts'

export const InitProducerIdRequest = message({
  name: 'InitProducerIdRequest',
  kind: 'request',
  apiKey: 22,
  versions: '0-6',
  flexible: '2+',
  latestVersionUnstable: true,
  fields: {
    transactionalId: { type: 'string', versions: '0+', nullable: '0+' },
    transactionTimeoutMs: { type: 'int32', versions: '0+' },
    producerId: { type: 'int64', versions: '3+', default: -1 },
    producerEpoch: { type: 'int16', versions: '3+', default: -1 },
    enable2Pc: { type: 'bool', versions: '6+' },
    keepPreparedTxn: { type: 'bool', versions: '6+' },
  },
})
export type InitProducerIdRequest = Message<typeof InitProducerIdRequest>

export const InitProducerIdResponse = message({
  name: 'InitProducerIdResponse',
  kind: 'response',
  apiKey: 22,
  versions: '0-6',
  flexible: '2+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+', ignorable: true },
    errorCode: { type: 'int16', versions: '0+' },
    producerId: { type: 'int64', versions: '0+', default: -1 },
    producerEpoch: { type: 'int16', versions: '0+' },
    ongoingTxnProducerId: { type: 'int64', versions: '6+', default: -1 },
    ongoingTxnProducerEpoch: { type: 'int16', versions: '6+', default: -1 },
  },
})
export type InitProducerIdResponse = Message<typeof InitProducerIdResponse>
