import { type Message, message } from '../schema.ts'

export const DescribeTopicPartitionsRequest = message({
  name: 'DescribeTopicPartitionsRequest',
  kind: 'request',
  apiKey: 75,
  versions: '0',
  flexible: '0+',
  fields: {
    topics: {
      type: [
        {
          name: { type: 'string', versions: '0+' },
        },
      ],
      versions: '0+',
    },
    responsePartitionLimit: { type: 'int32', versions: '0+', default: 2000 },
    cursor: {
      type: {
        topicName: { type: 'string', versions: '0+' },
        partitionIndex: { type: 'int32', versions: '0+' },
      },
      versions: '0+',
      nullable: '0+',
      default: null,
    },
  },
})
export type DescribeTopicPartitionsRequest = Message<typeof DescribeTopicPartitionsRequest>

export const DescribeTopicPartitionsResponse = message({
  name: 'DescribeTopicPartitionsResponse',
  kind: 'response',
  apiKey: 75,
  versions: '0',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+', ignorable: true },
    topics: {
      type: [
        {
          errorCode: { type: 'int16', versions: '0+' },
          name: { type: 'string', versions: '0+', nullable: '0+', key: true },
          topicId: { type: 'uuid', versions: '0+', ignorable: true },
          isInternal: { type: 'bool', versions: '0+', ignorable: true },
          partitions: {
            type: [
              {
                errorCode: { type: 'int16', versions: '0+' },
                partitionIndex: { type: 'int32', versions: '0+' },
                leaderId: { type: 'int32', versions: '0+' },
                leaderEpoch: { type: 'int32', versions: '0+', default: -1, ignorable: true },
                replicaNodes: { type: ['int32'], versions: '0+' },
                isrNodes: { type: ['int32'], versions: '0+' },
                eligibleLeaderReplicas: { type: ['int32'], versions: '0+', nullable: '0+', default: null },
                lastKnownElr: { type: ['int32'], versions: '0+', nullable: '0+', default: null },
                offlineReplicas: { type: ['int32'], versions: '0+', ignorable: true },
              },
            ],
            versions: '0+',
          },
          topicAuthorizedOperations: { type: 'int32', versions: '0+', default: -2147483648 },
        },
      ],
      versions: '0+',
    },
    nextCursor: {
      type: {
        topicName: { type: 'string', versions: '0+' },
        partitionIndex: { type: 'int32', versions: '0+' },
      },
      versions: '0+',
      nullable: '0+',
      default: null,
    },
  },
})
export type DescribeTopicPartitionsResponse = Message<typeof DescribeTopicPartitionsResponse>
