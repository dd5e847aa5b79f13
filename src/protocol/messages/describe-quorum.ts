import { type Message, message } from '../schema.ts'

export const DescribeQuorumRequest = message({
  name: 'DescribeQuorumRequest',
  kind: 'request',
  apiKey: 55,
  versions: '0-2',
  flexible: '0+',
  fields: {
    topics: {
      type: [
        {
          topicName: { type: 'string', versions: '0+' },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+' },
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
export type DescribeQuorumRequest = Message<typeof DescribeQuorumRequest>

const replicaState = {
  replicaId: { type: 'int32', versions: '0+' },
  replicaDirectoryId: { type: 'uuid', versions: '2+' },
  logEndOffset: { type: 'int64', versions: '0+' },
  lastFetchTimestamp: { type: 'int64', versions: '1+', default: -1, ignorable: true },
  lastCaughtUpTimestamp: { type: 'int64', versions: '1+', default: -1, ignorable: true },
} as const

export const DescribeQuorumResponse = message({
  name: 'DescribeQuorumResponse',
  kind: 'response',
  apiKey: 55,
  versions: '0-2',
  flexible: '0+',
  fields: {
    errorCode: { type: 'int16', versions: '0+' },
    errorMessage: { type: 'string', versions: '2+', nullable: '2+', ignorable: true },
    topics: {
      type: [
        {
          topicName: { type: 'string', versions: '0+' },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+' },
                errorCode: { type: 'int16', versions: '0+' },
                errorMessage: { type: 'string', versions: '2+', nullable: '2+', ignorable: true },
                leaderId: { type: 'int32', versions: '0+' },
                leaderEpoch: { type: 'int32', versions: '0+' },
                highWatermark: { type: 'int64', versions: '0+' },
                currentVoters: { type: [replicaState], versions: '0+' },
                observers: { type: [replicaState], versions: '0+' },
              },
            ],
            versions: '0+',
          },
        },
      ],
      versions: '0+',
    },
    nodes: {
      type: [
        {
          nodeId: { type: 'int32', versions: '2+', key: true },
          listeners: {
            type: [
              {
                name: { type: 'string', versions: '2+', key: true },
                host: { type: 'string', versions: '2+' },
                port: { type: 'uint16', versions: '2+' },
              },
            ],
            versions: '2+',
          },
        },
      ],
      versions: '2+',
    },
  },
})
export type DescribeQuorumResponse = Message<typeof DescribeQuorumResponse>
