import { type Message, message } from '../schema.ts'

export const StreamsGroupDescribeRequest = message({
  name: 'StreamsGroupDescribeRequest',
  kind: 'request',
  apiKey: 89,
  versions: '0',
  flexible: '0+',
  fields: {
    groupIds: { type: ['string'], versions: '0+' },
    includeAuthorizedOperations: { type: 'bool', versions: '0+' },
  },
})
export type StreamsGroupDescribeRequest = Message<typeof StreamsGroupDescribeRequest>

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

const endpoint = {
  host: { type: 'string', versions: '0+' },
  port: { type: 'uint16', versions: '0+' },
} as const

const taskOffset = {
  subtopologyId: { type: 'string', versions: '0+' },
  partition: { type: 'int32', versions: '0+' },
  offset: { type: 'int64', versions: '0+' },
} as const

const taskIds = {
  subtopologyId: { type: 'string', versions: '0+' },
  partitions: { type: ['int32'], versions: '0+' },
} as const

const assignment = {
  activeTasks: { type: [taskIds], versions: '0+' },
  standbyTasks: { type: [taskIds], versions: '0+' },
  warmupTasks: { type: [taskIds], versions: '0+' },
} as const

export const StreamsGroupDescribeResponse = message({
  name: 'StreamsGroupDescribeResponse',
  kind: 'response',
  apiKey: 89,
  versions: '0',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    groups: {
      type: [
        {
          errorCode: { type: 'int16', versions: '0+' },
          errorMessage: { type: 'string', versions: '0+', nullable: '0+', default: null },
          groupId: { type: 'string', versions: '0+' },
          groupState: { type: 'string', versions: '0+' },
          groupEpoch: { type: 'int32', versions: '0+' },
          assignmentEpoch: { type: 'int32', versions: '0+' },
          topology: {
            type: {
              epoch: { type: 'int32', versions: '0+' },
              subtopologies: {
                type: [
                  {
                    subtopologyId: { type: 'string', versions: '0+' },
                    sourceTopics: { type: ['string'], versions: '0+' },
                    repartitionSinkTopics: { type: ['string'], versions: '0+' },
                    stateChangelogTopics: { type: [topicInfo], versions: '0+' },
                    repartitionSourceTopics: { type: [topicInfo], versions: '0+' },
                  },
                ],
                versions: '0+',
                nullable: '0+',
                default: null,
              },
            },
            versions: '0+',
            nullable: '0+',
            default: null,
          },
          members: {
            type: [
              {
                memberId: { type: 'string', versions: '0+' },
                memberEpoch: { type: 'int32', versions: '0+' },
                instanceId: { type: 'string', versions: '0+', nullable: '0+', default: null },
                rackId: { type: 'string', versions: '0+', nullable: '0+', default: null },
                clientId: { type: 'string', versions: '0+' },
                clientHost: { type: 'string', versions: '0+' },
                topologyEpoch: { type: 'int32', versions: '0+' },
                processId: { type: 'string', versions: '0+' },
                userEndpoint: { type: endpoint, versions: '0+', nullable: '0+', default: null },
                clientTags: { type: [keyValue], versions: '0+' },
                taskOffsets: { type: [taskOffset], versions: '0+' },
                taskEndOffsets: { type: [taskOffset], versions: '0+' },
                assignment: { type: assignment, versions: '0+' },
                targetAssignment: { type: assignment, versions: '0+' },
                isClassic: { type: 'bool', versions: '0+' },
              },
            ],
            versions: '0+',
          },
          authorizedOperations: { type: 'int32', versions: '0+', default: -2147483648 },
        },
      ],
      versions: '0+',
    },
  },
})
export type StreamsGroupDescribeResponse = Message<typeof StreamsGroupDescribeResponse>
