import { type Message, message } from '../schema.ts'

export const AddOffsetsToTxnRequest = message({
  name: 'AddOffsetsToTxnRequest',
  kind: 'request',
  apiKey: 25,
  versions: '0-4',
  flexible: '3+',
  fields: {
    transactionalId: { type: 'string', versions: '0+' },
    producerId: { type: 'int64', versions: '0+' },
    producerEpoch: { type: 'int16', versions: '0+' },
    groupId: { type: 'string', versions: '0+' },
  },
})
export type AddOffsetsToTxnRequest = Message<typeof AddOffsetsToTxnRequest>

export const AddOffsetsToTxnResponse = message({
  name: 'AddOffsetsToTxnResponse',
  kind: 'response',
  apiKey: 25,
  versions: '0-4',
  flexible: '3+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
  },
})
export type AddOffsetsToTxnResponse = Message<typeof AddOffsetsToTxnResponse>
