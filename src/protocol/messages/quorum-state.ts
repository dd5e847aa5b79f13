import { type Message, message } from '../schema.ts'

export const QuorumStateData = message({
  name: 'QuorumStateData',
  kind: 'data',
  versions: '0-1',
  flexible: '0+',
  fields: {
    clusterId: { type: 'string', versions: '0' },
    leaderId: { type: 'int32', versions: '0+', default: -1 },
    leaderEpoch: { type: 'int32', versions: '0+', default: -1 },
    votedId: { type: 'int32', versions: '0+', default: -1 },
    votedDirectoryId: { type: 'uuid', versions: '1+' },
    appliedOffset: { type: 'int64', versions: '0' },
    currentVoters: {
      type: [
        {
          voterId: { type: 'int32', versions: '0' },
        },
      ],
      versions: '0',
      nullable: '0',
    },
  },
})
export type QuorumStateData = Message<typeof QuorumStateData>
