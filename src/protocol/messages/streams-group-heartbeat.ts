import { type Message, message } from '../schema.ts'

const keyValue = {
  key: { type: 'string', versions: '0+' },
  value: { type: 'string', versions: '0+' },
} as const

const topicInfo = {
  name: { type: 'string', versions: '0+' },
  partitions: { type: 'int32', versions: '0+' },
  replicationFactor: { type: 'int16', versions: '0+' },
  topicConfigs: { type: [keyValue], versions: '0+' },
} as const

const taskIds = {
  subtopologyId: { type: 'string', versions: '0+' },
  partitions: { type: ['int32'], versions: '0+' },
} as const

const endpoint = {
  host: { type: 'string', versions: '0+' },
  port: { type: 'uint16', versions: '0+' },
} as const

const taskOffset = {
  subtopologyId: { type: 'string', versions: '0+' },
  partition: { type: 'int32', versions: '0+' },
  offset: { type: 'int64', versions: '0+' },
} as const

export const StreamsGroupHeartbeatRequest = message({
  name: 'StreamsGroupHeartbeatRequest',
  kind: 'request',
  apiKey: 88,
  versions: '0',
  flexible: '0+',
  fields: {
    groupId: { type: 'string', versions: '0+' },
    memberId: { type: 'string', versions: '0+' },
    memberEpoch: { type: 'int32', versions: '0+' },
    endpointInformationEpoch: { type: 'int32', versions: '0+' },
    instanceId: { type: 'string', versions: '0+', nullable: '0+', default: null },
    rackId: { type: 'string', versions: '0+', nullable: '0+', default: null },
    rebalanceTimeoutMs: { type: 'int32', versions: '0+', default: -1 },
    topology: {
      type: {
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
      versions: '0+',
      nullable: '0+',
      default: null,
    },
    activeTasks: { type: [taskIds], versions: '0+', nullable: '0+', default: null },
    standbyTasks: { type: [taskIds], versions: '0+', nullable: '0+', default: null },
    warmupTasks: { type: [taskIds], versions: '0+', nullable: '0+', default: null },
    processId: { type: 'string', versions: '0+', nullable: '0+', default: null },
    userEndpoint: { type: endpoint, versions: '0+', nullable: '0+', default: null },
    clientTags: { type: [keyValue], versions: '0+', nullable: '0+', default: null },
    taskOffsets: { type: [taskOffset], versions: '0+', nullable: '0+', default: null },
    taskEndOffsets: { type: [taskOffset], versions: '0+', nullable: '0+', default: null },
    shutdownApplication: { type: 'bool', versions: '0+' },
  },
})
export type StreamsGroupHeartbeatRequest = Message<typeof StreamsGroupHeartbeatRequest>

const status = {
  statusCode: { type: 'int8', versions: '0+' },
  statusDetail: { type: 'string', versions: '0+' },
} as const

const topicPartition = {
  topic: { type: 'string', versions: '0+' },
  partitions: { type: ['int32'], versions: '0+' },
} as const

export const StreamsGroupHeartbeatResponse = message({
  name: 'StreamsGroupHeartbeatResponse',
  kind: 'response',
  apiKey: 88,
  versions: '0',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
    errorMessage: { type: 'string', versions: '0+', nullable: '0+', default: null },
    memberId: { type: 'string', versions: '0+' },
    memberEpoch: { type: 'int32', versions: '0+' },
    heartbeatIntervalMs: { type: 'int32', versions: '0+' },
    acceptableRecoveryLag: { type: 'int32', versions: '0+' },
    taskOffsetIntervalMs: { type: 'int32', versions: '0+' },
    status: { type: [status], versions: '0+', nullable: '0+' },
    activeTasks: { type: [taskIds], versions: '0+', nullable: '0+', default: null },
    standbyTasks: { type: [taskIds], versions: '0+', nullable: '0+', default: null },
    warmupTasks: { type: [taskIds], versions: '0+', nullable: '0+', default: null },
    endpointInformationEpoch: { type: 'int32', versions: '0+' },
    partitionsByUserEndpoint: {
      type: [
        {
          userEndpoint: { type: endpoint, versions: '0+' },
          activePartitions: { type: [topicPartition], versions: '0+' },
          standbyPartitions: { type: [topicPartition], versions: '0+' },
        },
      ],
      versions: '0+',
      nullable: '0+',
      default: null,
    },
  },
})
export type StreamsGroupHeartbeatResponse = Message<typeof StreamsGroupHeartbeatResponse>
