import { type Message, message } from '../schema.ts'

export const ListOffsetsRequest = message({
  name: 'ListOffsetsRequest',
  kind: 'request',
  apiKey: 2,
  versions: '1-11',
  flexible: '6+',
  fields: {
    replicaId: { type: 'int32', versions: '0+' },
    isolationLevel: { type: 'int8', versions: '2+' },
    topics: {
      type: [
        {
          name: { type: 'string', versions: '0+' },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+' },
                currentLeaderEpoch: { type: 'int32', versions: '4+', default: -1, ignorable: true },
                timestamp: { type: 'int64', versions: '0+', wide: true },
              },
            ],
            versions: '0+',
          },
        },
      ],
      versions: '0+',
    },
    timeoutMs: { type: 'int32', versions: '10+', ignorable: true },
  },
})
export type ListOffsetsRequest = Message<typeof ListOffsetsRequest>

export const ListOffsetsResponse = message({
  name: 'ListOffsetsResponse',
  kind: 'response',
  apiKey: 2,
  versions: '1-11',
  flexible: '6+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '2+', ignorable: true },
    topics: {
      type: [
        {
          name: { type: 'string', versions: '0+' },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+' },
                errorCode: { type: 'int16', versions: '0+' },
                timestamp: { type: 'int64', versions: '1+', default: -1, wide: true },
                offset: { type: 'int64', versions: '1+', default: -1 },
                leaderEpoch: { type: 'int32', versions: '4+', default: -1 },
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
export type ListOffsetsResponse = Message<typeof ListOffsetsResponse>
