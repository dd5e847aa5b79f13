import { type Message, message } from '../schema.ts'

export const WriteShareGroupStateRequest = message({
  name: 'WriteShareGroupStateRequest',
  kind: 'request',
  apiKey: 85,
  versions: '0-1',
  flexible: '0+',
  fields: {
    groupId: { type: 'string', versions: '0+' },
    topics: {
      type: [
        {
          topicId: { type: 'uuid', versions: '0+' },
          partitions: {
            type: [
              {
                partition: { type: 'int32', versions: '0+' },
                stateEpoch: { type: 'int32', versions: '0+' },
                leaderEpoch: { type: 'int32', versions: '0+' },
                startOffset: { type: 'int64', versions: '0+' },
                deliveryCompleteCount: { type: 'int32', versions: '1+', default: -1, ignorable: true },
                stateBatches: {
                  type: [
                    {
                      firstOffset: { type: 'int64', versions: '0+' },
                      lastOffset: { type: 'int64', versions: '0+' },
                      deliveryState: { type: 'int8', versions: '0+' },
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
  },
})
export type WriteShareGroupStateRequest = Message<typeof WriteShareGroupStateRequest>

export const WriteShareGroupStateResponse = message({
  name: 'WriteShareGroupStateResponse',
  kind: 'response',
  apiKey: 85,
  versions: '0-1',
  flexible: '0+',
  fields: {
    results: {
      type: [
        {
          topicId: { type: 'uuid', versions: '0+' },
          partitions: {
            type: [
              {
                partition: { type: 'int32', versions: '0+' },
                errorCode: { type: 'int16', versions: '0+' },
                errorMessage: { type: 'string', versions: '0+', nullable: '0+', default: null },
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
export type WriteShareGroupStateResponse = Message<typeof WriteShareGroupStateResponse>
