import { type Message, message } from '../schema.ts'

export const DescribeProducersRequest = message({
  name: 'DescribeProducersRequest',
  kind: 'request',
  apiKey: 61,
  versions: '0',
  flexible: '0+',
  fields: {
    topics: {
      type: [
        {
          name: { type: 'string', versions: '0+' },
          partitionIndexes: { type: ['int32'], versions: '0+' },
        },
      ],
      versions: '0+',
    },
  },
})
export type DescribeProducersRequest = Message<typeof DescribeProducersRequest>

export const DescribeProducersResponse = message({
  name: 'DescribeProducersResponse',
  kind: 'response',
  apiKey: 61,
  versions: '0',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    topics: {
      type: [
        {
          name: { type: 'string', versions: '0+' },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+' },
                errorCode: { type: 'int16', versions: '0+' },
                errorMessage: { type: 'string', versions: '0+', nullable: '0+', default: null },
                activeProducers: {
                  type: [
                    {
                      producerId: { type: 'int64', versions: '0+' },
                      producerEpoch: { type: 'int32', versions: '0+' },
                      lastSequence: { type: 'int32', versions: '0+', default: -1 },
                      lastTimestamp: { type: 'int64', versions: '0+', default: -1, wide: true },
                      coordinatorEpoch: { type: 'int32', versions: '0+' },
                      currentTxnStartOffset: { type: 'int64', versions: '0+', default: -1 },
                    },
                  ],
                  versions: '0+',
                },
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
export type DescribeProducersResponse = Message<typeof DescribeProducersResponse>
