import { type Message, message } from '../schema.ts'

export const AssignReplicasToDirsRequest = message({
  name: 'AssignReplicasToDirsRequest',
  kind: 'request',
  apiKey: 73,
  versions: '0',
  flexible: '0+',
  fields: {
    brokerId: { type: 'int32', versions: '0+' },
    brokerEpoch: { type: 'int64', versions: '0+', default: -1 },
    directories: {
      type: [
        {
          id: { type: 'uuid', versions: '0+' },
          topics: {
            type: [
              {
                topicId: { type: 'uuid', versions: '0+' },
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
      ],
      versions: '0+',
    },
  },
})
export type AssignReplicasToDirsRequest = Message<typeof AssignReplicasToDirsRequest>

export const AssignReplicasToDirsResponse = message({
  name: 'AssignReplicasToDirsResponse',
  kind: 'response',
  apiKey: 73,
  versions: '0',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
    directories: {
      type: [
        {
          id: { type: 'uuid', versions: '0+' },
          topics: {
            type: [
              {
                topicId: { type: 'uuid', versions: '0+' },
                partitions: {
                  type: [
                    {
                      partitionIndex: { type: 'int32', versions: '0+' },
                      errorCode: { type: 'int16', versions: '0+' },
                    },
                  ],
                  versions: '0+',
                },
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
export type AssignReplicasToDirsResponse = Message<typeof AssignReplicasToDirsResponse>
