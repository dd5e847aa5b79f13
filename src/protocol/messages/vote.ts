import { type Message, message } from '../schema.ts'

export const VoteRequest = message({
  name: 'VoteRequest',
  kind: 'request',
  apiKey: 52,
  versions: '0-2',
  flexible: '0+',
  fields: {
    clusterId: { type: 'string', versions: '0+', nullable: '0+', default: null },
    voterId: { type: 'int32', versions: '1+', default: -1, ignorable: true },
    topics: {
      type: [
        {
          topicName: { type: 'string', versions: '0+' },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+' },
                replicaEpoch: { type: 'int32', versions: '0+' },
                replicaId: { type: 'int32', versions: '0+' },
                replicaDirectoryId: { type: 'uuid', versions: '1+', ignorable: true },
                voterDirectoryId: { type: 'uuid', versions: '1+', ignorable: true },
                lastOffsetEpoch: { type: 'int32', versions: '0+' },
                lastOffset: { type: 'int64', versions: '0+' },
                preVote: { type: 'bool', versions: '2+' },
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
export type VoteRequest = Message<typeof VoteRequest>

export const VoteResponse = message({
  name: 'VoteResponse',
  kind: 'response',
  apiKey: 52,
  versions: '0-2',
  flexible: '0+',
  fields: {
    errorCode: { type: 'int16', versions: '0+' },
    topics: {
      type: [
        {
          topicName: { type: 'string', versions: '0+' },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+' },
                errorCode: { type: 'int16', versions: '0+' },
                leaderId: { type: 'int32', versions: '0+' },
                leaderEpoch: { type: 'int32', versions: '0+' },
                voteGranted: { type: 'bool', versions: '0+' },
              },
            ],
            versions: '0+',
          },
        },
      ],
      versions: '0+',
    },
    nodeEndpoints: {
      type: [
        {
          nodeId: { type: 'int32', versions: '1+', key: true },
          host: { type: 'string', versions: '1+' },
          port: { type: 'uint16', versions: '1+' },
        },
      ],
      versions: '1+',
      tag: 0,
    },
  },
})
export type VoteResponse = Message<typeof VoteResponse>
