import { type Message, message } from '../schema.ts'

export const OffsetForLeaderEpochRequest = message({
  name: 'OffsetForLeaderEpochRequest',
  kind: 'request',
  apiKey: 23,
  versions: '2-4',
  flexible: '4+',
  fields: {
    replicaId: { type: 'int32', versions: '3+', default: -2, ignorable: true },
    topics: {
      type: [
        {
          topic: { type: 'string', versions: '0+', key: true },
          partitions: {
            type: [
              {
                partition: { type: 'int32', versions: '0+' },
                currentLeaderEpoch: { type: 'int32', versions: '2+', default: -1, ignorable: true },
                leaderEpoch: { type: 'int32', versions: '0+' },
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
export type OffsetForLeaderEpochRequest = Message<typeof OffsetForLeaderEpochRequest>

export const OffsetForLeaderEpochResponse = message({
  name: 'OffsetForLeaderEpochResponse',
  kind: 'response',
  apiKey: 23,
  versions: '2-4',
  flexible: '4+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '2+', ignorable: true },
    topics: {
      type: [
        {
          topic: { type: 'string', versions: '0+', key: true },
          partitions: {
            type: [
              {
                errorCode: { type: 'int16', versions: '0+' },
                partition: { type: 'int32', versions: '0+' },
                leaderEpoch: { type: 'int32', versions: '1+', default: -1, ignorable: true },
                endOffset: { type: 'int64', versions: '0+', default: -1 },
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
export type OffsetForLeaderEpochResponse = Message<typeof OffsetForLeaderEpochResponse>
