import { type Message, message } from '../schema.ts'

export const AddRaftVoterRequest = message({
  name: 'AddRaftVoterRequest',
  kind: 'request',
  apiKey: 80,
  versions: '0-1',
  flexible: '0+',
  fields: {
    clusterId: { type: 'string', versions: '0+', nullable: '0+' },
    timeoutMs: { type: 'int32', versions: '0+' },
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
    ackWhenCommitted: { type: 'bool', versions: '1+', default: true },
  },
})
export type AddRaftVoterRequest = Message<typeof AddRaftVoterRequest>

export const AddRaftVoterResponse = message({
  name: 'AddRaftVoterResponse',
  kind: 'response',
  apiKey: 80,
  versions: '0-1',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
    errorMessage: { type: 'string', versions: '0+', nullable: '0+', ignorable: true },
  },
})
export type AddRaftVoterResponse = Message<typeof AddRaftVoterResponse>
