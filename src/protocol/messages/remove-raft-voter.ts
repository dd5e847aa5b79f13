import { type Message, message } from '../schema.ts'

export const RemoveRaftVoterRequest = message({
  name: 'RemoveRaftVoterRequest',
  kind: 'request',
  apiKey: 81,
  versions: '0',
  flexible: '0+',
  fields: {
    clusterId: { type: 'string', versions: '0+', nullable: '0+' },
    voterId: { type: 'int32', versions: '0+' },
    voterDirectoryId: { type: 'uuid', versions: '0+' },
  },
})
export type RemoveRaftVoterRequest = Message<typeof RemoveRaftVoterRequest>

export const RemoveRaftVoterResponse = message({
  name: 'RemoveRaftVoterResponse',
  kind: 'response',
  apiKey: 81,
  versions: '0',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
    errorMessage: { type: 'string', versions: '0+', nullable: '0+', ignorable: true },
  },
})
export type RemoveRaftVoterResponse = Message<typeof RemoveRaftVoterResponse>
