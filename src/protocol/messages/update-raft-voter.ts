import { type Message, message } from '../schema.ts'

export const UpdateRaftVoterRequest = message({
  name: 'UpdateRaftVoterRequest',
  kind: 'request',
  apiKey: 82,
  versions: '0',
  flexible: '0+',
  fields: {
    clusterId: { type: 'string', versions: '0+', nullable: '0+' },
    currentLeaderEpoch: { type: 'int32', versions: '0+' },
    voterId: { type: 'int32', versions: '0+' },
    voterDirectoryId: { type: 'uuid', versions: '0+' },
    listeners: {
      type: [
        {
          name: { type: 'string', versions: '0+', key: true },
          host: { type: 'string', versions: '0+' },
          port: { type: 'uint16', versions: '0+' },
        },
      ],
      versions: '0+',
    },
    kRaftVersionFeature: {
      type: {
        minSupportedVersion: { type: 'int16', versions: '0+' },
        maxSupportedVersion: { type: 'int16', versions: '0+' },
      },
      versions: '0+',
    },
  },
})
export type UpdateRaftVoterRequest = Message<typeof UpdateRaftVoterRequest>

export const UpdateRaftVoterResponse = message({
  name: 'UpdateRaftVoterResponse',
  kind: 'response',
  apiKey: 82,
  versions: '0',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
    currentLeader: {
      type: {
        leaderId: { type: 'int32', versions: '0+', default: -1 },
        leaderEpoch: { type: 'int32', versions: '0+', default: -1 },
        host: { type: 'string', versions: '0+' },
        port: { type: 'int32', versions: '0+' },
      },
      versions: '0+',
      tag: 0,
    },
  },
})
export type UpdateRaftVoterResponse = Message<typeof UpdateRaftVoterResponse>
