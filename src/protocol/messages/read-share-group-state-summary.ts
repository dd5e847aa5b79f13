import { type Message, message } from '../schema.ts'

export const ReadShareGroupStateSummaryRequest = message({
  name: 'ReadShareGroupStateSummaryRequest',
  kind: 'request',
  apiKey: 87,
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
export type ReadShareGroupStateSummaryRequest = Message<typeof ReadShareGroupStateSummaryRequest>

export const ReadShareGroupStateSummaryResponse = message({
  name: 'ReadShareGroupStateSummaryResponse',
  kind: 'response',
  apiKey: 87,
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
                stateEpoch: { type: 'int32', versions: '0+' },
                leaderEpoch: { type: 'int32', versions: '0+' },
                startOffset: { type: 'int64', versions: '0+' },
                deliveryCompleteCount: { type: 'int32', versions: '1+', default: -1, ignorable: true },
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
export type ReadShareGroupStateSummaryResponse = Message<typeof ReadShareGroupStateSummaryResponse>
