import { type Message, message } from '../schema.ts'

export const StreamsGroupCurrentMemberAssignmentKey = message({
  name: 'StreamsGroupCurrentMemberAssignmentKey',
  kind: 'coordinator-key',
  apiKey: 22,
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: { type: 'string', versions: '0' },
    memberId: { type: 'string', versions: '0' },
  },
})
export type StreamsGroupCurrentMemberAssignmentKey = Message<typeof StreamsGroupCurrentMemberAssignmentKey>

const taskIds = {
  subtopologyId: { type: 'string', versions: '0+' },
  partitions: { type: ['int32'], versions: '0+' },
  assignmentEpochs: { type: ['int32'], versions: '0+', nullable: '0+', tag: 0 },
} as const

export const StreamsGroupCurrentMemberAssignmentValue = message({
  name: 'StreamsGroupCurrentMemberAssignmentValue',
  kind: 'coordinator-value',
  apiKey: 22,
  versions: '0',
  flexible: '0+',
  fields: {
    memberEpoch: { type: 'int32', versions: '0+' },
    previousMemberEpoch: { type: 'int32', versions: '0+' },
    state: { type: 'int8', versions: '0+' },
    activeTasks: { type: [taskIds], versions: '0+' },
    standbyTasks: { type: [taskIds], versions: '0+' },
    warmupTasks: { type: [taskIds], versions: '0+' },
    activeTasksPendingRevocation: { type: [taskIds], versions: '0+' },
    standbyTasksPendingRevocation: { type: [taskIds], versions: '0+' },
    warmupTasksPendingRevocation: { type: [taskIds], versions: '0+' },
  },
})
export type StreamsGroupCurrentMemberAssignmentValue = Message<typeof StreamsGroupCurrentMemberAssignmentValue>

export const StreamsGroupMemberMetadataKey = message({
  name: 'StreamsGroupMemberMetadataKey',
  kind: 'coordinator-key',
  apiKey: 19,
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: { type: 'string', versions: '0' },
    memberId: { type: 'string', versions: '0' },
  },
})
export type StreamsGroupMemberMetadataKey = Message<typeof StreamsGroupMemberMetadataKey>

const endpoint = {
  host: { type: 'string', versions: '0+' },
  port: { type: 'uint16', versions: '0+' },
} as const

const keyValue = {
  key: { type: 'string', versions: '0+' },
  value: { type: 'string', versions: '0+' },
} as const

export const StreamsGroupMemberMetadataValue = message({
  name: 'StreamsGroupMemberMetadataValue',
  kind: 'coordinator-value',
  apiKey: 19,
  versions: '0',
  flexible: '0+',
  fields: {
    instanceId: { type: 'string', versions: '0+', nullable: '0+' },
    rackId: { type: 'string', versions: '0+', nullable: '0+' },
    clientId: { type: 'string', versions: '0+' },
    clientHost: { type: 'string', versions: '0+' },
    rebalanceTimeoutMs: { type: 'int32', versions: '0+', default: -1 },
    topologyEpoch: { type: 'int32', versions: '0+' },
    processId: { type: 'string', versions: '0+' },
    userEndpoint: { type: endpoint, versions: '0+', nullable: '0+', default: null },
    clientTags: { type: [keyValue], versions: '0+' },
  },
})
export type StreamsGroupMemberMetadataValue = Message<typeof StreamsGroupMemberMetadataValue>

export const StreamsGroupMetadataKey = message({
  name: 'StreamsGroupMetadataKey',
  kind: 'coordinator-key',
  apiKey: 17,
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: { type: 'string', versions: '0' },
  },
})
export type StreamsGroupMetadataKey = Message<typeof StreamsGroupMetadataKey>

const lastAssignmentConfig = {
  key: { type: 'string', versions: '0+' },
  value: { type: 'string', versions: '0+' },
} as const

export const StreamsGroupMetadataValue = message({
  name: 'StreamsGroupMetadataValue',
  kind: 'coordinator-value',
  apiKey: 17,
  versions: '0',
  flexible: '0+',
  fields: {
    epoch: { type: 'int32', versions: '0+' },
    metadataHash: { type: 'int64', versions: '0+' },
    validatedTopologyEpoch: { type: 'int32', versions: '0+', default: -1, tag: 0 },
    lastAssignmentConfigs: { type: [lastAssignmentConfig], versions: '0+', nullable: '0+', tag: 1 },
  },
})
export type StreamsGroupMetadataValue = Message<typeof StreamsGroupMetadataValue>

export const StreamsGroupTargetAssignmentMemberKey = message({
  name: 'StreamsGroupTargetAssignmentMemberKey',
  kind: 'coordinator-key',
  apiKey: 21,
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: { type: 'string', versions: '0' },
    memberId: { type: 'string', versions: '0' },
  },
})
export type StreamsGroupTargetAssignmentMemberKey = Message<typeof StreamsGroupTargetAssignmentMemberKey>

const taskIdsStreamsGroupTargetAssignmentMemberValue = {
  subtopologyId: { type: 'string', versions: '0+' },
  partitions: { type: ['int32'], versions: '0+' },
} as const

export const StreamsGroupTargetAssignmentMemberValue = message({
  name: 'StreamsGroupTargetAssignmentMemberValue',
  kind: 'coordinator-value',
  apiKey: 21,
  versions: '0',
  flexible: '0+',
  fields: {
    activeTasks: { type: [taskIdsStreamsGroupTargetAssignmentMemberValue], versions: '0+' },
    standbyTasks: { type: [taskIdsStreamsGroupTargetAssignmentMemberValue], versions: '0+' },
    warmupTasks: { type: [taskIdsStreamsGroupTargetAssignmentMemberValue], versions: '0+' },
  },
})
export type StreamsGroupTargetAssignmentMemberValue = Message<typeof StreamsGroupTargetAssignmentMemberValue>

export const StreamsGroupTargetAssignmentMetadataKey = message({
  name: 'StreamsGroupTargetAssignmentMetadataKey',
  kind: 'coordinator-key',
  apiKey: 20,
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: { type: 'string', versions: '0' },
  },
})
export type StreamsGroupTargetAssignmentMetadataKey = Message<typeof StreamsGroupTargetAssignmentMetadataKey>

export const StreamsGroupTargetAssignmentMetadataValue = message({
  name: 'StreamsGroupTargetAssignmentMetadataValue',
  kind: 'coordinator-value',
  apiKey: 20,
  versions: '0',
  flexible: '0+',
  fields: {
    assignmentEpoch: { type: 'int32', versions: '0+' },
    assignmentTimestamp: { type: 'int64', versions: '0+', tag: 0, ignorable: true },
  },
})
export type StreamsGroupTargetAssignmentMetadataValue = Message<typeof StreamsGroupTargetAssignmentMetadataValue>

export const StreamsGroupTopologyKey = message({
  name: 'StreamsGroupTopologyKey',
  kind: 'coordinator-key',
  apiKey: 23,
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: { type: 'string', versions: '0' },
  },
})
export type StreamsGroupTopologyKey = Message<typeof StreamsGroupTopologyKey>

const topicConfig = {
  key: { type: 'string', versions: '0+' },
  value: { type: 'string', versions: '0+' },
} as const

const topicInfo = {
  name: { type: 'string', versions: '0+' },
  partitions: { type: 'int32', versions: '0+' },
  replicationFactor: { type: 'int16', versions: '0+' },
  topicConfigs: { type: [topicConfig], versions: '0+' },
} as const

export const StreamsGroupTopologyValue = message({
  name: 'StreamsGroupTopologyValue',
  kind: 'coordinator-value',
  apiKey: 23,
  versions: '0',
  flexible: '0+',
  fields: {
    epoch: { type: 'int32', versions: '0+' },
    subtopologies: {
      type: [
        {
          subtopologyId: { type: 'string', versions: '0+' },
          sourceTopics: { type: ['string'], versions: '0+' },
          sourceTopicRegex: { type: ['string'], versions: '0+' },
          stateChangelogTopics: { type: [topicInfo], versions: '0+' },
          repartitionSinkTopics: { type: ['string'], versions: '0+' },
          repartitionSourceTopics: { type: [topicInfo], versions: '0+' },
          copartitionGroups: {
            type: [
              {
                sourceTopics: { type: ['int16'], versions: '0+' },
                sourceTopicRegex: { type: ['int16'], versions: '0+' },
                repartitionSourceTopics: { type: ['int16'], versions: '0+' },
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
export type StreamsGroupTopologyValue = Message<typeof StreamsGroupTopologyValue>
