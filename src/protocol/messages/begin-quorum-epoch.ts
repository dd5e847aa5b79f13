import { type Message, message } from '../schema.ts'

export const BeginQuorumEpochRequest = message({
  name: 'BeginQuorumEpochRequest',
  kind: 'request',
  apiKey: 53,
  versions: '0-1',
  flexible: '1+',
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
                voterDirectoryId: { type: 'uuid', versions: '1+', ignorable: true },
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
export type BeginQuorumEpochRequest = Message<typeof BeginQuorumEpochRequest>

export const BeginQuorumEpochResponse = message({
  name: 'BeginQuorumEpochResponse',
  kind: 'response',
  apiKey: 53,
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
export type BeginQuorumEpochResponse = Message<typeof BeginQuorumEpochResponse>
