import { type Message, message } from '../schema.ts'

export const ReadShareGroupStateRequest = message({
  name: 'ReadShareGroupStateRequest',
  kind: 'request',
  apiKey: 84,
  versions: '0',
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
                leaderEpoch: { type: 'int32', versions: '0+' },
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
export type ReadShareGroupStateRequest = Message<typeof ReadShareGroupStateRequest>

export const ReadShareGroupStateResponse = message({
  name: 'ReadShareGroupStateResponse',
  kind: 'response',
  apiKey: 84,
  versions: '0',
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
                stateEpoch: { type: 'int32', versions: '0+' },
                startOffset: { type: 'int64', versions: '0+' },
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
export type ReadShareGroupStateResponse = Message<typeof ReadShareGroupStateResponse>
