import { type Message, message } from '../schema.ts'

export const ShareGroupHeartbeatRequest = message({
  name: 'ShareGroupHeartbeatRequest',
  kind: 'request',
  apiKey: 76,
  versions: '1',
  flexible: '0+',
  fields: {
    groupId: { type: 'string', versions: '0+' },
    memberId: { type: 'string', versions: '0+' },
    memberEpoch: { type: 'int32', versions: '0+' },
    rackId: { type: 'string', versions: '0+', nullable: '0+', default: null },
    subscribedTopicNames: { type: ['string'], versions: '0+', nullable: '0+', default: null },
  },
})
export type ShareGroupHeartbeatRequest = Message<typeof ShareGroupHeartbeatRequest>

const topicPartitions = {
  topicId: { type: 'uuid', versions: '0+' },
  partitions: { type: ['int32'], versions: '0+' },
} as const

export const ShareGroupHeartbeatResponse = message({
  name: 'ShareGroupHeartbeatResponse',
  kind: 'response',
  apiKey: 76,
  versions: '1',
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
export type ShareGroupHeartbeatResponse = Message<typeof ShareGroupHeartbeatResponse>
