import { type Message, message } from '../schema.ts'

export const ConsumerGroupCurrentMemberAssignmentKey = message({
  name: 'ConsumerGroupCurrentMemberAssignmentKey',
  kind: 'coordinator-key',
  apiKey: 8,
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: { type: 'string', versions: '0' },
    memberId: { type: 'string', versions: '0' },
  },
})
export type ConsumerGroupCurrentMemberAssignmentKey = Message<typeof ConsumerGroupCurrentMemberAssignmentKey>

const topicPartitions = {
  topicId: { type: 'uuid', versions: '0+' },
  partitions: { type: ['int32'], versions: '0+' },
  assignmentEpochs: { type: ['int32'], versions: '0+', nullable: '0+', tag: 0 },
} as const

export const ConsumerGroupCurrentMemberAssignmentValue = message({
  name: 'ConsumerGroupCurrentMemberAssignmentValue',
  kind: 'coordinator-value',
  apiKey: 8,
  versions: '0',
  flexible: '0+',
  fields: {
    memberEpoch: { type: 'int32', versions: '0+' },
    previousMemberEpoch: { type: 'int32', versions: '0+' },
    state: { type: 'int8', versions: '0+' },
    assignedPartitions: { type: [topicPartitions], versions: '0+' },
    partitionsPendingRevocation: { type: [topicPartitions], versions: '0+' },
  },
})
export type ConsumerGroupCurrentMemberAssignmentValue = Message<typeof ConsumerGroupCurrentMemberAssignmentValue>

export const ConsumerGroupMemberMetadataKey = message({
  name: 'ConsumerGroupMemberMetadataKey',
  kind: 'coordinator-key',
  apiKey: 5,
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: { type: 'string', versions: '0' },
    memberId: { type: 'string', versions: '0' },
  },
})
export type ConsumerGroupMemberMetadataKey = Message<typeof ConsumerGroupMemberMetadataKey>

export const ConsumerGroupMemberMetadataValue = message({
  name: 'ConsumerGroupMemberMetadataValue',
  kind: 'coordinator-value',
  apiKey: 5,
  versions: '0',
  flexible: '0+',
  fields: {
    instanceId: { type: 'string', versions: '0+', nullable: '0+' },
    rackId: { type: 'string', versions: '0+', nullable: '0+' },
    clientId: { type: 'string', versions: '0+' },
    clientHost: { type: 'string', versions: '0+' },
    subscribedTopicNames: { type: ['string'], versions: '0+' },
    subscribedTopicRegex: { type: 'string', versions: '0+', nullable: '0+' },
    rebalanceTimeoutMs: { type: 'int32', versions: '0+', default: -1 },
    serverAssignor: { type: 'string', versions: '0+', nullable: '0+' },
    classicMemberMetadata: {
      type: {
        sessionTimeoutMs: { type: 'int32', versions: '0+' },
        supportedProtocols: {
          type: [
            {
              name: { type: 'string', versions: '0+' },
              metadata: { type: 'bytes', versions: '0+' },
            },
          ],
          versions: '0+',
        },
      },
      versions: '0+',
      nullable: '0+',
      tag: 0,
    },
  },
})
export type ConsumerGroupMemberMetadataValue = Message<typeof ConsumerGroupMemberMetadataValue>

export const ConsumerGroupMetadataKey = message({
  name: 'ConsumerGroupMetadataKey',
  kind: 'coordinator-key',
  apiKey: 3,
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: { type: 'string', versions: '0' },
  },
})
export type ConsumerGroupMetadataKey = Message<typeof ConsumerGroupMetadataKey>

export const ConsumerGroupMetadataValue = message({
  name: 'ConsumerGroupMetadataValue',
  kind: 'coordinator-value',
  apiKey: 3,
  versions: '0',
  flexible: '0+',
  fields: {
    epoch: { type: 'int32', versions: '0+' },
    metadataHash: { type: 'int64', versions: '0+', tag: 0 },
  },
})
export type ConsumerGroupMetadataValue = Message<typeof ConsumerGroupMetadataValue>

export const ConsumerGroupPartitionMetadataKey = message({
  name: 'ConsumerGroupPartitionMetadataKey',
  kind: 'coordinator-key',
  apiKey: 4,
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: { type: 'string', versions: '0' },
  },
})
export type ConsumerGroupPartitionMetadataKey = Message<typeof ConsumerGroupPartitionMetadataKey>

export const ConsumerGroupPartitionMetadataValue = message({
  name: 'ConsumerGroupPartitionMetadataValue',
  kind: 'coordinator-value',
  apiKey: 4,
  versions: '0',
  flexible: '0+',
  fields: {
    topics: {
      type: [
        {
          topicId: { type: 'uuid', versions: '0+' },
          topicName: { type: 'string', versions: '0+' },
          numPartitions: { type: 'int32', versions: '0+' },
          partitionMetadata: {
            type: [
              {
                partition: { type: 'int32', versions: '0+' },
                racks: { type: ['string'], versions: '0+' },
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
export type ConsumerGroupPartitionMetadataValue = Message<typeof ConsumerGroupPartitionMetadataValue>

export const ConsumerGroupRegularExpressionKey = message({
  name: 'ConsumerGroupRegularExpressionKey',
  kind: 'coordinator-key',
  apiKey: 16,
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: { type: 'string', versions: '0' },
    regularExpression: { type: 'string', versions: '0' },
  },
})
export type ConsumerGroupRegularExpressionKey = Message<typeof ConsumerGroupRegularExpressionKey>

export const ConsumerGroupRegularExpressionValue = message({
  name: 'ConsumerGroupRegularExpressionValue',
  kind: 'coordinator-value',
  apiKey: 16,
  versions: '0',
  flexible: '0+',
  fields: {
    topics: { type: ['string'], versions: '0+' },
    version: { type: 'int64', versions: '0+' },
    timestamp: { type: 'int64', versions: '0+' },
  },
})
export type ConsumerGroupRegularExpressionValue = Message<typeof ConsumerGroupRegularExpressionValue>

export const ConsumerGroupTargetAssignmentMemberKey = message({
  name: 'ConsumerGroupTargetAssignmentMemberKey',
  kind: 'coordinator-key',
  apiKey: 7,
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: { type: 'string', versions: '0' },
    memberId: { type: 'string', versions: '0' },
  },
})
export type ConsumerGroupTargetAssignmentMemberKey = Message<typeof ConsumerGroupTargetAssignmentMemberKey>

export const ConsumerGroupTargetAssignmentMemberValue = message({
  name: 'ConsumerGroupTargetAssignmentMemberValue',
  kind: 'coordinator-value',
  apiKey: 7,
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
export type ConsumerGroupTargetAssignmentMemberValue = Message<typeof ConsumerGroupTargetAssignmentMemberValue>

export const ConsumerGroupTargetAssignmentMetadataKey = message({
  name: 'ConsumerGroupTargetAssignmentMetadataKey',
  kind: 'coordinator-key',
  apiKey: 6,
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: { type: 'string', versions: '0' },
  },
})
export type ConsumerGroupTargetAssignmentMetadataKey = Message<typeof ConsumerGroupTargetAssignmentMetadataKey>

export const ConsumerGroupTargetAssignmentMetadataValue = message({
  name: 'ConsumerGroupTargetAssignmentMetadataValue',
  kind: 'coordinator-value',
  apiKey: 6,
  versions: '0',
  flexible: '0+',
  fields: {
    assignmentEpoch: { type: 'int32', versions: '0+' },
    assignmentTimestamp: { type: 'int64', versions: '0+', tag: 0, ignorable: true },
  },
})
export type ConsumerGroupTargetAssignmentMetadataValue = Message<typeof ConsumerGroupTargetAssignmentMetadataValue>
