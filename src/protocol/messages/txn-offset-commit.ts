import { type Message, message } from '../schema.ts'

export const TxnOffsetCommitRequest = message({
  name: 'TxnOffsetCommitRequest',
  kind: 'request',
  apiKey: 28,
  versions: '0-5',
  flexible: '3+',
  fields: {
    transactionalId: { type: 'string', versions: '0+' },
    groupId: { type: 'string', versions: '0+' },
    producerId: { type: 'int64', versions: '0+' },
    producerEpoch: { type: 'int16', versions: '0+' },
    generationId: { type: 'int32', versions: '3+', default: -1 },
    memberId: { type: 'string', versions: '3+' },
    groupInstanceId: { type: 'string', versions: '3+', nullable: '3+', default: null },
    topics: {
      type: [
        {
          name: { type: 'string', versions: '0+' },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+' },
                committedOffset: { type: 'int64', versions: '0+', wide: true },
                committedLeaderEpoch: { type: 'int32', versions: '2+', default: -1, ignorable: true },
                committedMetadata: { type: 'string', versions: '0+', nullable: '0+' },
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
export type TxnOffsetCommitRequest = Message<typeof TxnOffsetCommitRequest>

export const TxnOffsetCommitResponse = message({
  name: 'TxnOffsetCommitResponse',
  kind: 'response',
  apiKey: 28,
  versions: '0-5',
  flexible: '3+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    topics: {
      type: [
        {
          name: { type: 'string', versions: '0+' },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+' },
                errorCode: { type: 'int16', versions: '0+' },
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
export type TxnOffsetCommitResponse = Message<typeof TxnOffsetCommitResponse>
