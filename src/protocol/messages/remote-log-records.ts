import { type Message, message } from '../schema.ts'

export const RemoteLogSegmentMetadataRecord = message({
  name: 'RemoteLogSegmentMetadataRecord',
  kind: 'metadata',
  apiKey: 0,
  versions: '0',
  flexible: '0+',
  fields: {
    remoteLogSegmentId: {
      type: {
        topicIdPartition: {
          type: {
            name: { type: 'string', versions: '0+' },
            id: { type: 'uuid', versions: '0+' },
            partition: { type: 'int32', versions: '0+' },
          },
          versions: '0+',
        },
        id: { type: 'uuid', versions: '0+' },
      },
      versions: '0+',
    },
    startOffset: { type: 'int64', versions: '0+' },
    endOffset: { type: 'int64', versions: '0+' },
    brokerId: { type: 'int32', versions: '0+' },
    maxTimestampMs: { type: 'int64', versions: '0+' },
    eventTimestampMs: { type: 'int64', versions: '0+' },
    segmentLeaderEpochs: {
      type: [
        {
          leaderEpoch: { type: 'int32', versions: '0+' },
          offset: { type: 'int64', versions: '0+' },
        },
      ],
      versions: '0+',
    },
    segmentSizeInBytes: { type: 'int32', versions: '0+' },
    customMetadata: { type: 'bytes', versions: '0+', nullable: '0+', default: null },
    remoteLogSegmentState: { type: 'int8', versions: '0+' },
    txnIndexEmpty: { type: 'bool', versions: '0+', tag: 0 },
  },
})
export type RemoteLogSegmentMetadataRecord = Message<typeof RemoteLogSegmentMetadataRecord>

export const RemoteLogSegmentMetadataSnapshotRecord = message({
  name: 'RemoteLogSegmentMetadataSnapshotRecord',
  kind: 'metadata',
  apiKey: 3,
  versions: '0',
  flexible: '0+',
  fields: {
    segmentId: { type: 'uuid', versions: '0+' },
    startOffset: { type: 'int64', versions: '0+' },
    endOffset: { type: 'int64', versions: '0+' },
    brokerId: { type: 'int32', versions: '0+' },
    maxTimestampMs: { type: 'int64', versions: '0+' },
    eventTimestampMs: { type: 'int64', versions: '0+' },
    segmentLeaderEpochs: {
      type: [
        {
          leaderEpoch: { type: 'int32', versions: '0+' },
          offset: { type: 'int64', versions: '0+' },
        },
      ],
      versions: '0+',
    },
    segmentSizeInBytes: { type: 'int32', versions: '0+' },
    customMetadata: { type: 'bytes', versions: '0+', nullable: '0+', default: null },
    remoteLogSegmentState: { type: 'int8', versions: '0+' },
    txnIndexEmpty: { type: 'bool', versions: '0+', tag: 0 },
  },
})
export type RemoteLogSegmentMetadataSnapshotRecord = Message<typeof RemoteLogSegmentMetadataSnapshotRecord>

export const RemoteLogSegmentMetadataUpdateRecord = message({
  name: 'RemoteLogSegmentMetadataUpdateRecord',
  kind: 'metadata',
  apiKey: 1,
  versions: '0',
  flexible: '0+',
  fields: {
    remoteLogSegmentId: {
      type: {
        topicIdPartition: {
          type: {
            name: { type: 'string', versions: '0+' },
            id: { type: 'uuid', versions: '0+' },
            partition: { type: 'int32', versions: '0+' },
          },
          versions: '0+',
        },
        id: { type: 'uuid', versions: '0+' },
      },
      versions: '0+',
    },
    brokerId: { type: 'int32', versions: '0+' },
    eventTimestampMs: { type: 'int64', versions: '0+' },
    customMetadata: { type: 'bytes', versions: '0+', nullable: '0+', default: null },
    remoteLogSegmentState: { type: 'int8', versions: '0+' },
  },
})
export type RemoteLogSegmentMetadataUpdateRecord = Message<typeof RemoteLogSegmentMetadataUpdateRecord>

export const RemotePartitionDeleteMetadataRecord = message({
  name: 'RemotePartitionDeleteMetadataRecord',
  kind: 'metadata',
  apiKey: 2,
  versions: '0',
  flexible: '0+',
  fields: {
    topicIdPartition: {
      type: {
        name: { type: 'string', versions: '0+' },
        id: { type: 'uuid', versions: '0+' },
        partition: { type: 'int32', versions: '0+' },
      },
      versions: '0+',
    },
    brokerId: { type: 'int32', versions: '0+' },
    eventTimestampMs: { type: 'int64', versions: '0+' },
    remotePartitionDeleteState: { type: 'int8', versions: '0+' },
  },
})
export type RemotePartitionDeleteMetadataRecord = Message<typeof RemotePartitionDeleteMetadataRecord>
