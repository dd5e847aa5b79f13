import { type Message, message } from '../schema.ts'

export const EndTxnRequest = message({
  name: 'EndTxnRequest',
  kind: 'request',
  apiKey: 26,
  versions: '0-5',
  flexible: '3+',
  fields: {
    transactionalId: { type: 'string', versions: '0+' },
    producerId: { type: 'int64', versions: '0+' },
    producerEpoch: { type: 'int16', versions: '0+' },
    committed: { type: 'bool', versions: '0+' },
  },
})
export type EndTxnRequest = Message<typeof EndTxnRequest>

export const EndTxnResponse = message({
  name: 'EndTxnResponse',
  kind: 'response',
  apiKey: 26,
  versions: '0-5',
  flexible: '3+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
    producerId: { type: 'int64', versions: '5+', default: -1, ignorable: true },
    producerEpoch: { type: 'int16', versions: '5+', default: -1, ignorable: true },
  },
})
export type EndTxnResponse = Message<typeof EndTxnResponse>
