import { type Message, message } from '../schema.ts'

export const FetchSnapshotRequest = message({
  name: 'FetchSnapshotRequest',
  kind: 'request',
  apiKey: 59,
  versions: '0-1',
  flexible: '0+',
  fields: {
    clusterId: { type: 'string', versions: '0+', nullable: '0+', default: null, tag: 0 },
    replicaId: { type: 'int32', versions: '0+', default: -1 },
    maxBytes: { type: 'int32', versions: '0+', default: 0x7fffffff },
    topics: {
      type: [
        {
          name: { type: 'string', versions: '0+' },
          partitions: {
            type: [
              {
                partition: { type: 'int32', versions: '0+' },
                currentLeaderEpoch: { type: 'int32', versions: '0+' },
                snapshotId: {
                  type: {
                    endOffset: { type: 'int64', versions: '0+' },
                    epoch: { type: 'int32', versions: '0+' },
                  },
                  versions: '0+',
                },
                position: { type: 'int64', versions: '0+' },
                replicaDirectoryId: { type: 'uuid', versions: '1+', tag: 0, ignorable: true },
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
export type FetchSnapshotRequest = Message<typeof FetchSnapshotRequest>

export const FetchSnapshotResponse = message({
  name: 'FetchSnapshotResponse',
  kind: 'response',
  apiKey: 59,
  versions: '0-1',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+', ignorable: true },
    errorCode: { type: 'int16', versions: '0+' },
    topics: {
      type: [
        {
          name: { type: 'string', versions: '0+' },
          partitions: {
            type: [
              {
                index: { type: 'int32', versions: '0+' },
                errorCode: { type: 'int16', versions: '0+' },
                snapshotId: {
                  type: {
                    endOffset: { type: 'int64', versions: '0+' },
                    epoch: { type: 'int32', versions: '0+' },
                  },
                  versions: '0+',
                },
                currentLeader: {
                  type: {
                    leaderId: { type: 'int32', versions: '0+' },
                    leaderEpoch: { type: 'int32', versions: '0+' },
                  },
                  versions: '0+',
                  tag: 0,
                },
                size: { type: 'int64', versions: '0+' },
                position: { type: 'int64', versions: '0+' },
                unalignedRecords: { type: 'records', versions: '0+' },
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
export type FetchSnapshotResponse = Message<typeof FetchSnapshotResponse>
