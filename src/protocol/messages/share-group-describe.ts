import { type Message, message } from '../schema.ts'

export const ShareGroupDescribeRequest = message({
  name: 'ShareGroupDescribeRequest',
  kind: 'request',
  apiKey: 77,
  versions: '1',
  flexible: '0+',
  fields: {
    groupIds: { type: ['string'], versions: '0+' },
    includeAuthorizedOperations: { type: 'bool', versions: '0+' },
  },
})
export type ShareGroupDescribeRequest = Message<typeof ShareGroupDescribeRequest>

const topicPartitions = {
  topicId: { type: 'uuid', versions: '0+' },
  topicName: { type: 'string', versions: '0+' },
  partitions: { type: ['int32'], versions: '0+' },
} as const

const assignment = {
  topicPartitions: { type: [topicPartitions], versions: '0+' },
} as const

export const ShareGroupDescribeResponse = message({
  name: 'ShareGroupDescribeResponse',
  kind: 'response',
  apiKey: 77,
  versions: '1',
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
                rackId: { type: 'string', versions: '0+', nullable: '0+', default: null },
                memberEpoch: { type: 'int32', versions: '0+' },
                clientId: { type: 'string', versions: '0+' },
                clientHost: { type: 'string', versions: '0+' },
                subscribedTopicNames: { type: ['string'], versions: '0+' },
                assignment: { type: assignment, versions: '0+' },
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
export type ShareGroupDescribeResponse = Message<typeof ShareGroupDescribeResponse>
