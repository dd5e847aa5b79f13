import { type Message, message } from '../schema.ts'

export const ConsumerGroupHeartbeatRequest = message({
  name: 'ConsumerGroupHeartbeatRequest',
  kind: 'request',
  apiKey: 68,
  versions: '0-1',
  flexible: '0+',
  fields: {
    groupId: { type: 'string', versions: '0+' },
    memberId: { type: 'string', versions: '0+' },
    memberEpoch: { type: 'int32', versions: '0+' },
    instanceId: { type: 'string', versions: '0+', nullable: '0+', default: null },
    rackId: { type: 'string', versions: '0+', nullable: '0+', default: null },
    rebalanceTimeoutMs: { type: 'int32', versions: '0+', default: -1 },
    subscribedTopicNames: { type: ['string'], versions: '0+', nullable: '0+', default: null },
    subscribedTopicRegex: { type: 'string', versions: '1+', nullable: '1+', default: null },
    serverAssignor: { type: 'string', versions: '0+', nullable: '0+', default: null },
    topicPartitions: {
      type: [
        {
          topicId: { type: 'uuid', versions: '0+' },
          partitions: { type: ['int32'], versions: '0+' },
        },
      ],
      versions: '0+',
      nullable: '0+',
      default: null,
    },
  },
})
export type ConsumerGroupHeartbeatRequest = Message<typeof ConsumerGroupHeartbeatRequest>

const topicPartitions = {
  topicId: { type: 'uuid', versions: '0+' },
  partitions: { type: ['int32'], versions: '0+' },
} as const

export const ConsumerGroupHeartbeatResponse = message({
  name: 'ConsumerGroupHeartbeatResponse',
  kind: 'response',
  apiKey: 68,
  versions: '0-1',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
    errorMessage: { type: 'string', versions: '0+', nullable: '0+', default: null },
    memberId: { type: 'string', versions: '0+', nullable: '0+', default: null },
    memberEpoch: { type: 'int32', versions: '0+' },
    heartbeatIntervalMs: { type: 'int32', versions: '0+' },
    assignment: {
      type: {
        topicPartitions: { type: [topicPartitions], versions: '0+' },
      },
      versions: '0+',
      nullable: '0+',
      default: null,
    },
  },
})
export type ConsumerGroupHeartbeatResponse = Message<typeof ConsumerGroupHeartbeatResponse>
