import { type Message, message } from '../schema.ts'

export const EndQuorumEpochRequest = message({
  name: 'EndQuorumEpochRequest',
  kind: 'request',
  apiKey: 54,
  versions: '0-1',
  flexible: '1+',
  fields: {
    clusterId: { type: 'string', versions: '0+', nullable: '0+', default: null },
    topics: {
      type: [
        {
          topicName: { type: 'string', versions: '0+' },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+' },
                leaderId: { type: 'int32', versions: '0+' },
                leaderEpoch: { type: 'int32', versions: '0+' },
                preferredSuccessors: { type: ['int32'], versions: '0', ignorable: true },
                preferredCandidates: {
                  type: [
                    {
                      candidateId: { type: 'int32', versions: '1+' },
                      candidateDirectoryId: { type: 'uuid', versions: '1+' },
                    },
                  ],
                  versions: '1+',
                  ignorable: true,
                },
              },
            ],
            versions: '0+',
          },
        },
      ],
      versions: '0+',
    },
    leaderEndpoints: {
      type: [
        {
          name: { type: 'string', versions: '1+', key: true },
          host: { type: 'string', versions: '1+' },
          port: { type: 'uint16', versions: '1+' },
        },
      ],
      versions: '1+',
      ignorable: true,
    },
  },
})
export type EndQuorumEpochRequest = Message<typeof EndQuorumEpochRequest>

export const EndQuorumEpochResponse = message({
  name: 'EndQuorumEpochResponse',
  kind: 'response',
  apiKey: 54,
  versions: '0-1',
  flexible: '1+',
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
export type EndQuorumEpochResponse = Message<typeof EndQuorumEpochResponse>
