import { type Message, message } from '../schema.ts'

export const ShareSnapshotKey = message({
  name: 'ShareSnapshotKey',
  kind: 'coordinator-key',
  apiKey: 0,
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: { type: 'string', versions: '0' },
    topicId: { type: 'uuid', versions: '0' },
    partition: { type: 'int32', versions: '0' },
  },
})
export type ShareSnapshotKey = Message<typeof ShareSnapshotKey>

export const ShareSnapshotValue = message({
  name: 'ShareSnapshotValue',
  kind: 'coordinator-value',
  apiKey: 0,
  versions: '0',
  flexible: '0+',
  fields: {
    snapshotEpoch: { type: 'int32', versions: '0+' },
    stateEpoch: { type: 'int32', versions: '0+' },
    leaderEpoch: { type: 'int32', versions: '0+' },
    startOffset: { type: 'int64', versions: '0+' },
    deliveryCompleteCount: { type: 'int32', versions: '0+', default: -1, tag: 0 },
    createTimestamp: { type: 'int64', versions: '0+' },
    writeTimestamp: { type: 'int64', versions: '0+' },
    stateBatches: {
      type: [
        {
          firstOffset: { type: 'int64', versions: '0+' },
          lastOffset: { type: 'int64', versions: '0+' },
          deliveryState: { type: 'int8', versions: '0+' },
          deliveryCount: { type: 'int16', versions: '0+' },
        },
      ],
      versions: '0+',
    },
  },
})
export type ShareSnapshotValue = Message<typeof ShareSnapshotValue>

export const ShareUpdateKey = message({
  name: 'ShareUpdateKey',
  kind: 'coordinator-key',
  apiKey: 1,
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: { type: 'string', versions: '0' },
    topicId: { type: 'uuid', versions: '0' },
    partition: { type: 'int32', versions: '0' },
  },
})
export type ShareUpdateKey = Message<typeof ShareUpdateKey>

export const ShareUpdateValue = message({
  name: 'ShareUpdateValue',
  kind: 'coordinator-value',
  apiKey: 1,
  versions: '0',
  flexible: '0+',
  fields: {
    snapshotEpoch: { type: 'int32', versions: '0+' },
    leaderEpoch: { type: 'int32', versions: '0+' },
    startOffset: { type: 'int64', versions: '0+' },
    deliveryCompleteCount: { type: 'int32', versions: '0+', default: -1, tag: 0 },
    stateBatches: {
      type: [
        {
          firstOffset: { type: 'int64', versions: '0+' },
          lastOffset: { type: 'int64', versions: '0+' },
          deliveryState: { type: 'int8', versions: '0+' },
          deliveryCount: { type: 'int16', versions: '0+' },
        },
      ],
      versions: '0+',
    },
  },
})
export type ShareUpdateValue = Message<typeof ShareUpdateValue>
