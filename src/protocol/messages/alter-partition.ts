import { type Message, message } from '../schema.ts'

export const AlterPartitionRequest = message({
  name: 'AlterPartitionRequest',
  kind: 'request',
  apiKey: 56,
  versions: '2-3',
  flexible: '0+',
  fields: {
    brokerId: { type: 'int32', versions: '0+' },
    brokerEpoch: { type: 'int64', versions: '0+', default: -1 },
    topics: {
      type: [
        {
          topicId: { type: 'uuid', versions: '2+', ignorable: true },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+' },
                leaderEpoch: { type: 'int32', versions: '0+' },
                newIsr: { type: ['int32'], versions: '0-2' },
                newIsrWithEpochs: {
                  type: [
                    {
                      brokerId: { type: 'int32', versions: '3+' },
                      brokerEpoch: { type: 'int64', versions: '3+', default: -1 },
                    },
                  ],
                  versions: '3+',
                },
                leaderRecoveryState: { type: 'int8', versions: '1+' },
                partitionEpoch: { type: 'int32', versions: '0+' },
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
export type AlterPartitionRequest = Message<typeof AlterPartitionRequest>

export const AlterPartitionResponse = message({
  name: 'AlterPartitionResponse',
  kind: 'response',
  apiKey: 56,
  versions: '2-3',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
    topics: {
      type: [
        {
          topicId: { type: 'uuid', versions: '2+', ignorable: true },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+' },
                errorCode: { type: 'int16', versions: '0+' },
                leaderId: { type: 'int32', versions: '0+' },
                leaderEpoch: { type: 'int32', versions: '0+' },
                isr: { type: ['int32'], versions: '0+' },
                leaderRecoveryState: { type: 'int8', versions: '1+', ignorable: true },
                partitionEpoch: { type: 'int32', versions: '0+' },
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
export type AlterPartitionResponse = Message<typeof AlterPartitionResponse>
