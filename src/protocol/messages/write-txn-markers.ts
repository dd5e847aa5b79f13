import { type Message, message } from '../schema.ts'

export const WriteTxnMarkersRequest = message({
  name: 'WriteTxnMarkersRequest',
  kind: 'request',
  apiKey: 27,
  versions: '1-2',
  flexible: '1+',
  fields: {
    markers: {
      type: [
        {
          producerId: { type: 'int64', versions: '0+' },
          producerEpoch: { type: 'int16', versions: '0+' },
          transactionResult: { type: 'bool', versions: '0+' },
          topics: {
            type: [
              {
                name: { type: 'string', versions: '0+' },
                partitionIndexes: { type: ['int32'], versions: '0+' },
              },
            ],
            versions: '0+',
          },
          coordinatorEpoch: { type: 'int32', versions: '0+' },
          transactionVersion: { type: 'int8', versions: '2+', ignorable: true },
        },
      ],
      versions: '0+',
    },
  },
})
export type WriteTxnMarkersRequest = Message<typeof WriteTxnMarkersRequest>

export const WriteTxnMarkersResponse = message({
  name: 'WriteTxnMarkersResponse',
  kind: 'response',
  apiKey: 27,
  versions: '1-2',
  flexible: '1+',
  fields: {
    markers: {
      type: [
        {
          producerId: { type: 'int64', versions: '0+' },
          topics: {
            type: [
              {
                name: { type: 'string', versions: '0+' },
                partitions: {
                  type: [
                    {
                      partitionIndex: { type: 'int32', versions: '0+' },
                      errorCode: { type: 'int16', versions: '0+' },
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
export type WriteTxnMarkersResponse = Message<typeof WriteTxnMarkersResponse>
