import { type Message, message } from '../schema.ts'

export const TransactionLogKey = message({
  name: 'TransactionLogKey',
  kind: 'coordinator-key',
  apiKey: 0,
  versions: '0',
  flexible: 'none',
  fields: {
    transactionalId: { type: 'string', versions: '0' },
  },
})
export type TransactionLogKey = Message<typeof TransactionLogKey>

export const TransactionLogValue = message({
  name: 'TransactionLogValue',
  kind: 'coordinator-value',
  apiKey: 0,
  versions: '0-1',
  flexible: '1+',
  fields: {
    producerId: { type: 'int64', versions: '0+' },
    previousProducerId: { type: 'int64', versions: '1+', default: -1, tag: 0 },
    nextProducerId: { type: 'int64', versions: '1+', default: -1, tag: 1 },
    producerEpoch: { type: 'int16', versions: '0+' },
    nextProducerEpoch: { type: 'int16', versions: '1+', default: -1, tag: 3 },
    transactionTimeoutMs: { type: 'int32', versions: '0+' },
    transactionStatus: { type: 'int8', versions: '0+' },
    transactionPartitions: {
      type: [
        {
          topic: { type: 'string', versions: '0+' },
          partitionIds: { type: ['int32'], versions: '0+' },
        },
      ],
      versions: '0+',
      nullable: '0+',
    },
    transactionLastUpdateTimestampMs: { type: 'int64', versions: '0+' },
    transactionStartTimestampMs: { type: 'int64', versions: '0+' },
    clientTransactionVersion: { type: 'int16', versions: '1+', tag: 2 },
  },
})
export type TransactionLogValue = Message<typeof TransactionLogValue>
