import { type Message, message } from '../schema.ts'

export const ConsumerGroupDescribeRequest = message({
  name: 'ConsumerGroupDescribeRequest',
  kind: 'request',
  apiKey: 69,
  versions: '0-1',
  flexible: '0+',
  fields: {
    groupIds: { type: ['string'], versions: '0+' },
    includeAuthorizedOperations: { type: 'bool', versions: '0+' },
  },
})
export type ConsumerGroupDescribeRequest = Message<typeof ConsumerGroupDescribeRequest>

const topicPartitions = {
  topicId: { type: 'uuid', versions: '0+' },
  topicName: { type: 'string', versions: '0+' },
  partitions: { type: ['int32'], versions: '0+' },
} as const

const assignment = {
  topicPartitions: { type: [topicPartitions], versions: '0+' },
} as const

export const ConsumerGroupDescribeResponse = message({
  name: 'ConsumerGroupDescribeResponse',
  kind: 'response',
  apiKey: 69,
  versions: '0-1',
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
          assignorName: { type: 'string', versions: '0+' },
          members: {
            type: [
              {
                memberId: { type: 'string', versions: '0+' },
                instanceId: { type: 'string', versions: '0+', nullable: '0+', default: null },
                rackId: { type: 'string', versions: '0+', nullable: '0+', default: null },
                memberEpoch: { type: 'int32', versions: '0+' },
                clientId: { type: 'string', versions: '0+' },
                clientHost: { type: 'string', versions: '0+' },
                subscribedTopicNames: { type: ['string'], versions: '0+' },
                subscribedTopicRegex: { type: 'string', versions: '0+', nullable: '0+', default: null },
                assignment: { type: assignment, versions: '0+' },
                targetAssignment: { type: assignment, versions: '0+' },
                memberType: { type: 'int8', versions: '1+', default: -1, ignorable: true },
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
export type ConsumerGroupDescribeResponse = Message<typeof ConsumerGroupDescribeResponse>
