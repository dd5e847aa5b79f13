import { type Message, message } from '../schema.ts'

export const FetchRequest = message({
  name: 'FetchRequest',
  kind: 'request',
  apiKey: 1,
  versions: '4-18',
  flexible: '12+',
  fields: {
    clusterId: { type: 'string', versions: '12+', nullable: '12+', default: null, tag: 0, ignorable: true },
    replicaId: { type: 'int32', versions: '0-14', default: -1 },
    replicaState: {
      type: {
        replicaId: { type: 'int32', versions: '15+', default: -1 },
        replicaEpoch: { type: 'int64', versions: '15+', default: -1 },
      },
      versions: '15+',
      tag: 1,
    },
    maxWaitMs: { type: 'int32', versions: '0+' },
    minBytes: { type: 'int32', versions: '0+' },
    maxBytes: { type: 'int32', versions: '3+', default: 0x7fffffff, ignorable: true },
    isolationLevel: { type: 'int8', versions: '4+', ignorable: true },
    sessionId: { type: 'int32', versions: '7+', ignorable: true },
    sessionEpoch: { type: 'int32', versions: '7+', default: -1, ignorable: true },
    topics: {
      type: [
        {
          topic: { type: 'string', versions: '0-12', ignorable: true },
          topicId: { type: 'uuid', versions: '13+', ignorable: true },
          partitions: {
            type: [
              {
                partition: { type: 'int32', versions: '0+' },
                currentLeaderEpoch: { type: 'int32', versions: '9+', default: -1, ignorable: true },
                fetchOffset: { type: 'int64', versions: '0+' },
                lastFetchedEpoch: { type: 'int32', versions: '12+', default: -1 },
                logStartOffset: { type: 'int64', versions: '5+', default: -1, ignorable: true },
                partitionMaxBytes: { type: 'int32', versions: '0+' },
                replicaDirectoryId: { type: 'uuid', versions: '17+', tag: 0, ignorable: true },
                highWatermark: { type: 'int64', versions: '18+', default: '9223372036854775807', tag: 1, ignorable: true },
              },
            ],
            versions: '0+',
          },
        },
      ],
      versions: '0+',
    },
    forgottenTopicsData: {
      type: [
        {
          topic: { type: 'string', versions: '7-12', ignorable: true },
          topicId: { type: 'uuid', versions: '13+', ignorable: true },
          partitions: { type: ['int32'], versions: '7+' },
        },
      ],
      versions: '7+',
    },
    rackId: { type: 'string', versions: '11+', ignorable: true },
  },
})
export type FetchRequest = Message<typeof FetchRequest>

export const FetchResponse = message({
  name: 'FetchResponse',
  kind: 'response',
  apiKey: 1,
  versions: '4-18',
  flexible: '12+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '1+', ignorable: true },
    errorCode: { type: 'int16', versions: '7+', ignorable: true },
    sessionId: { type: 'int32', versions: '7+' },
    responses: {
      type: [
        {
          topic: { type: 'string', versions: '0-12', ignorable: true },
          topicId: { type: 'uuid', versions: '13+', ignorable: true },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+' },
                errorCode: { type: 'int16', versions: '0+' },
                highWatermark: { type: 'int64', versions: '0+' },
                lastStableOffset: { type: 'int64', versions: '4+', default: -1, ignorable: true },
                logStartOffset: { type: 'int64', versions: '5+', default: -1, ignorable: true },
                divergingEpoch: {
                  type: {
                    epoch: { type: 'int32', versions: '12+', default: -1 },
                    endOffset: { type: 'int64', versions: '12+', default: -1 },
                  },
                  versions: '12+',
                  tag: 0,
                },
                currentLeader: {
                  type: {
                    leaderId: { type: 'int32', versions: '12+', default: -1 },
                    leaderEpoch: { type: 'int32', versions: '12+', default: -1 },
                  },
                  versions: '12+',
                  tag: 1,
                },
                snapshotId: {
                  type: {
                    endOffset: { type: 'int64', versions: '0+', default: -1 },
                    epoch: { type: 'int32', versions: '0+', default: -1 },
                  },
                  versions: '12+',
                  tag: 2,
                },
                abortedTransactions: {
                  type: [
                    {
                      producerId: { type: 'int64', versions: '4+' },
                      firstOffset: { type: 'int64', versions: '4+' },
                    },
                  ],
                  versions: '4+',
                  nullable: '4+',
                  ignorable: true,
                },
                preferredReadReplica: { type: 'int32', versions: '11+', default: -1 },
                records: { type: 'records', versions: '0+', nullable: '0+' },
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
          nodeId: { type: 'int32', versions: '16+', key: true },
          host: { type: 'string', versions: '16+' },
          port: { type: 'int32', versions: '16+' },
          rack: { type: 'string', versions: '16+', nullable: '16+', default: null },
        },
      ],
      versions: '16+',
      tag: 0,
    },
  },
})
export type FetchResponse = Message<typeof FetchResponse>
