import { type Message, message } from '../schema.ts'

export const DescribeTransactionsRequest = message({
  name: 'DescribeTransactionsRequest',
  kind: 'request',
  apiKey: 65,
  versions: '0',
  flexible: '0+',
  fields: {
    transactionalIds: { type: ['string'], versions: '0+' },
  },
})
export type DescribeTransactionsRequest = Message<typeof DescribeTransactionsRequest>

export const DescribeTransactionsResponse = message({
  name: 'DescribeTransactionsResponse',
  kind: 'response',
  apiKey: 65,
  versions: '0',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    transactionStates: {
      type: [
        {
          errorCode: { type: 'int16', versions: '0+' },
          transactionalId: { type: 'string', versions: '0+' },
          transactionState: { type: 'string', versions: '0+' },
          transactionTimeoutMs: { type: 'int32', versions: '0+' },
          transactionStartTimeMs: { type: 'int64', versions: '0+' },
          producerId: { type: 'int64', versions: '0+' },
          producerEpoch: { type: 'int16', versions: '0+' },
          topics: {
            type: [
              {
                topic: { type: 'string', versions: '0+', key: true },
                partitions: { type: ['int32'], versions: '0+' },
              },
            ],
            versions: '0+',
          },
        },
      ],
      versions: '0+',
    },
  },
})
export type DescribeTransactionsResponse = Message<typeof DescribeTransactionsResponse>
