import { type Message, message } from '../schema.ts'

export const AlterReplicaLogDirsRequest = message({
  name: 'AlterReplicaLogDirsRequest',
  kind: 'request',
  apiKey: 34,
  versions: '1-2',
  flexible: '2+',
  fields: {
    dirs: {
      type: [
        {
          path: { type: 'string', versions: '0+', key: true },
          topics: {
            type: [
              {
                name: { type: 'string', versions: '0+', key: true },
                partitions: { type: ['int32'], versions: '0+' },
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
export type AlterReplicaLogDirsRequest = Message<typeof AlterReplicaLogDirsRequest>

export const AlterReplicaLogDirsResponse = message({
  name: 'AlterReplicaLogDirsResponse',
  kind: 'response',
  apiKey: 34,
  versions: '1-2',
  flexible: '2+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    results: {
      type: [
        {
          topicName: { type: 'string', versions: '0+' },
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
})
export type AlterReplicaLogDirsResponse = Message<typeof AlterReplicaLogDirsResponse>
