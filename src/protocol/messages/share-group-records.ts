import { type Message, message } from '../schema.ts'

export const ShareGroupCurrentMemberAssignmentKey = message({
  name: 'ShareGroupCurrentMemberAssignmentKey',
  kind: 'coordinator-key',
  apiKey: 14,
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: { type: 'string', versions: '0' },
    memberId: { type: 'string', versions: '0' },
  },
})
export type ShareGroupCurrentMemberAssignmentKey = Message<typeof ShareGroupCurrentMemberAssignmentKey>

const topicPartitions = {
  topicId: { type: 'uuid', versions: '0+' },
  partitions: { type: ['int32'], versions: '0+' },
} as const

export const ShareGroupCurrentMemberAssignmentValue = message({
  name: 'ShareGroupCurrentMemberAssignmentValue',
  kind: 'coordinator-value',
  apiKey: 14,
  versions: '0',
  flexible: '0+',
  fields: {
    memberEpoch: { type: 'int32', versions: '0+' },
    previousMemberEpoch: { type: 'int32', versions: '0+' },
    state: { type: 'int8', versions: '0+' },
    assignedPartitions: { type: [topicPartitions], versions: '0+' },
  },
})
export type ShareGroupCurrentMemberAssignmentValue = Message<typeof ShareGroupCurrentMemberAssignmentValue>

export const ShareGroupMemberMetadataKey = message({
  name: 'ShareGroupMemberMetadataKey',
  kind: 'coordinator-key',
  apiKey: 10,
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: { type: 'string', versions: '0' },
    memberId: { type: 'string', versions: '0' },
  },
})
export type ShareGroupMemberMetadataKey = Message<typeof ShareGroupMemberMetadataKey>

export const ShareGroupMemberMetadataValue = message({
  name: 'ShareGroupMemberMetadataValue',
  kind: 'coordinator-value',
  apiKey: 10,
  versions: '0',
  flexible: '0+',
  fields: {
    rackId: { type: 'string', versions: '0+', nullable: '0+' },
    clientId: { type: 'string', versions: '0+' },
    clientHost: { type: 'string', versions: '0+' },
    subscribedTopicNames: { type: ['string'], versions: '0+' },
  },
})
export type ShareGroupMemberMetadataValue = Message<typeof ShareGroupMemberMetadataValue>

export const ShareGroupMetadataKey = message({
  name: 'ShareGroupMetadataKey',
  kind: 'coordinator-key',
  apiKey: 11,
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: { type: 'string', versions: '0' },
  },
})
export type ShareGroupMetadataKey = Message<typeof ShareGroupMetadataKey>

export const ShareGroupMetadataValue = message({
  name: 'ShareGroupMetadataValue',
  kind: 'coordinator-value',
  apiKey: 11,
  versions: '0',
  flexible: '0+',
  fields: {
    epoch: { type: 'int32', versions: '0+' },
    metadataHash: { type: 'int64', versions: '0+' },
  },
})
export type ShareGroupMetadataValue = Message<typeof ShareGroupMetadataValue>

export const ShareGroupStatePartitionMetadataKey = message({
  name: 'ShareGroupStatePartitionMetadataKey',
  kind: 'coordinator-key',
  apiKey: 15,
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: { type: 'string', versions: '0' },
  },
})
export type ShareGroupStatePartitionMetadataKey = Message<typeof ShareGroupStatePartitionMetadataKey>

const topicPartitionsInfo = {
  topicId: { type: 'uuid', versions: '0+' },
  topicName: { type: 'string', versions: '0+' },
  partitions: { type: ['int32'], versions: '0+' },
} as const

const topicInfo = {
  topicId: { type: 'uuid', versions: '0+' },
  topicName: { type: 'string', versions: '0+' },
} as const

export const ShareGroupStatePartitionMetadataValue = message({
  name: 'ShareGroupStatePartitionMetadataValue',
  kind: 'coordinator-value',
  apiKey: 15,
  versions: '0',
  flexible: '0+',
  fields: {
    initializingTopics: { type: [topicPartitionsInfo], versions: '0+' },
    initializedTopics: { type: [topicPartitionsInfo], versions: '0+' },
    deletingTopics: { type: [topicInfo], versions: '0+' },
  },
})
export type ShareGroupStatePartitionMetadataValue = Message<typeof ShareGroupStatePartitionMetadataValue>

export const ShareGroupTargetAssignmentMemberKey = message({
  name: 'ShareGroupTargetAssignmentMemberKey',
  kind: 'coordinator-key',
  apiKey: 13,
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: { type: 'string', versions: '0' },
    memberId: { type: 'string', versions: '0' },
  },
})
export type ShareGroupTargetAssignmentMemberKey = Message<typeof ShareGroupTargetAssignmentMemberKey>

export const ShareGroupTargetAssignmentMemberValue = message({
  name: 'ShareGroupTargetAssignmentMemberValue',
  kind: 'coordinator-value',
  apiKey: 13,
  versions: '0',
  flexible: '0+',
  fields: {
    topicPartitions: {
      type: [
        {
          topicId: { type: 'uuid', versions: '0+' },
          partitions: { type: ['int32'], versions: '0+' },
        },
      ],
      versions: '0+',
    },
  },
})
export type ShareGroupTargetAssignmentMemberValue = Message<typeof ShareGroupTargetAssignmentMemberValue>

export const ShareGroupTargetAssignmentMetadataKey = message({
  name: 'ShareGroupTargetAssignmentMetadataKey',
  kind: 'coordinator-key',
  apiKey: 12,
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: { type: 'string', versions: '0' },
  },
})
export type ShareGroupTargetAssignmentMetadataKey = Message<typeof ShareGroupTargetAssignmentMetadataKey>

export const ShareGroupTargetAssignmentMetadataValue = message({
  name: 'ShareGroupTargetAssignmentMetadataValue',
  kind: 'coordinator-value',
  apiKey: 12,
  versions: '0',
  flexible: '0+',
  fields: {
    assignmentEpoch: { type: 'int32', versions: '0+' },
    assignmentTimestamp: { type: 'int64', versions: '0+', tag: 0, ignorable: true },
  },
})
export type ShareGroupTargetAssignmentMetadataValue = Message<typeof ShareGroupTargetAssignmentMetadataValue>
