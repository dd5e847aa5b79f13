import { type Message, message } from '../schema.ts'

export const ShareAcknowledgeRequest = message({
  name: 'ShareAcknowledgeRequest',
  kind: 'request',
  apiKey: 79,
  versions: '1-2',
  flexible: '0+',
  fields: {
    groupId: { type: 'string', versions: '0+', nullable: '0+', default: null },
    memberId: { type: 'string', versions: '0+', nullable: '0+' },
    shareSessionEpoch: { type: 'int32', versions: '0+' },
    isRenewAck: { type: 'bool', versions: '2+' },
    topics: {
      type: [
        {
          topicId: { type: 'uuid', versions: '0+', key: true },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+', key: true },
                acknowledgementBatches: {
                  type: [
                    {
                      firstOffset: { type: 'int64', versions: '0+' },
                      lastOffset: { type: 'int64', versions: '0+' },
                      acknowledgeTypes: { type: ['int8'], versions: '0+' },
                    },
                  ],
                  versions: '0+',
                },
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
export type ShareAcknowledgeRequest = Message<typeof ShareAcknowledgeRequest>

export const ShareAcknowledgeResponse = message({
  name: 'ShareAcknowledgeResponse',
  kind: 'response',
  apiKey: 79,
  versions: '1-2',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
    errorMessage: { type: 'string', versions: '0+', nullable: '0+', default: null },
    acquisitionLockTimeoutMs: { type: 'int32', versions: '2+', ignorable: true },
    responses: {
      type: [
        {
          topicId: { type: 'uuid', versions: '0+', key: true },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+' },
                errorCode: { type: 'int16', versions: '0+' },
                errorMessage: { type: 'string', versions: '0+', nullable: '0+', default: null },
                currentLeader: {
                  type: {
                    leaderId: { type: 'int32', versions: '0+' },
                    leaderEpoch: { type: 'int32', versions: '0+' },
                  },
                  versions: '0+',
                },
              },
            ],
            versions: '0+',
          },
        },
      ],
      versions: '0+',
    },
    nodeEndpoints: {
      type: [
        {
          nodeId: { type: 'int32', versions: '0+', key: true },
          host: { type: 'string', versions: '0+' },
          port: { type: 'int32', versions: '0+' },
          rack: { type: 'string', versions: '0+', nullable: '0+', default: null },
        },
      ],
      versions: '0+',
    },
  },
})
export type ShareAcknowledgeResponse = Message<typeof ShareAcknowledgeResponse>
