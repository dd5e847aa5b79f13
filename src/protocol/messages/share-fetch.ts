import { type Message, message } from '../schema.ts'

export const ShareFetchRequest = message({
  name: 'ShareFetchRequest',
  kind: 'request',
  apiKey: 78,
  versions: '1-2',
  flexible: '0+',
  fields: {
    groupId: { type: 'string', versions: '0+', nullable: '0+', default: null },
    memberId: { type: 'string', versions: '0+', nullable: '0+' },
    shareSessionEpoch: { type: 'int32', versions: '0+' },
    maxWaitMs: { type: 'int32', versions: '0+' },
    minBytes: { type: 'int32', versions: '0+' },
    maxBytes: { type: 'int32', versions: '0+', default: 0x7fffffff },
    maxRecords: { type: 'int32', versions: '1+' },
    batchSize: { type: 'int32', versions: '1+' },
    shareAcquireMode: { type: 'int8', versions: '2+', ignorable: true },
    isRenewAck: { type: 'bool', versions: '2+' },
    topics: {
      type: [
        {
          topicId: { type: 'uuid', versions: '0+', key: true },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+', key: true },
                partitionMaxBytes: { type: 'int32', versions: '0' },
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
    forgottenTopicsData: {
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
export type ShareFetchRequest = Message<typeof ShareFetchRequest>

export const ShareFetchResponse = message({
  name: 'ShareFetchResponse',
  kind: 'response',
  apiKey: 78,
  versions: '1-2',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
    errorMessage: { type: 'string', versions: '0+', nullable: '0+', default: null },
    acquisitionLockTimeoutMs: { type: 'int32', versions: '1+' },
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
                acknowledgeErrorCode: { type: 'int16', versions: '0+' },
                acknowledgeErrorMessage: { type: 'string', versions: '0+', nullable: '0+', default: null },
                currentLeader: {
                  type: {
                    leaderId: { type: 'int32', versions: '0+' },
                    leaderEpoch: { type: 'int32', versions: '0+' },
                  },
                  versions: '0+',
                },
                records: { type: 'records', versions: '0+', nullable: '0' },
                acquiredRecords: {
                  type: [
                    {
                      firstOffset: { type: 'int64', versions: '0+' },
                      lastOffset: { type: 'int64', versions: '0+' },
                      deliveryCount: { type: 'int16', versions: '0+' },
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
export type ShareFetchResponse = Message<typeof ShareFetchResponse>
