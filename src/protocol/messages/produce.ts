import { type Message, message } from '../schema.ts'

export const ProduceRequest = message({
  name: 'ProduceRequest',
  kind: 'request',
  apiKey: 0,
  versions: '3-13',
  flexible: '9+',
  fields: {
    transactionalId: { type: 'string', versions: '3+', nullable: '3+', default: null },
    acks: { type: 'int16', versions: '0+' },
    timeoutMs: { type: 'int32', versions: '0+' },
    topicData: {
      type: [
        {
          name: { type: 'string', versions: '0-12', ignorable: true, key: true },
          topicId: { type: 'uuid', versions: '13+', ignorable: true, key: true },
          partitionData: {
            type: [
              {
                index: { type: 'int32', versions: '0+' },
                records: { type: 'records', versions: '0+', nullable: '0+' },
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
export type ProduceRequest = Message<typeof ProduceRequest>

export const ProduceResponse = message({
  name: 'ProduceResponse',
  kind: 'response',
  apiKey: 0,
  versions: '3-13',
  flexible: '9+',
  fields: {
    responses: {
      type: [
        {
          name: { type: 'string', versions: '0-12', ignorable: true, key: true },
          topicId: { type: 'uuid', versions: '13+', ignorable: true, key: true },
          partitionResponses: {
            type: [
              {
                index: { type: 'int32', versions: '0+' },
                errorCode: { type: 'int16', versions: '0+' },
                baseOffset: { type: 'int64', versions: '0+' },
                logAppendTimeMs: { type: 'int64', versions: '2+', default: -1, ignorable: true },
                logStartOffset: { type: 'int64', versions: '5+', default: -1, ignorable: true },
                recordErrors: {
                  type: [
                    {
                      batchIndex: { type: 'int32', versions: '8+' },
                      batchIndexErrorMessage: { type: 'string', versions: '8+', nullable: '8+', default: null },
                    },
                  ],
                  versions: '8+',
                  ignorable: true,
                },
                errorMessage: { type: 'string', versions: '8+', nullable: '8+', default: null, ignorable: true },
                currentLeader: {
                  type: {
                    leaderId: { type: 'int32', versions: '10+', default: -1 },
                    leaderEpoch: { type: 'int32', versions: '10+', default: -1 },
                  },
                  versions: '10+',
                  tag: 0,
                },
              },
            ],
            versions: '0+',
          },
        },
      ],
      versions: '0+',
    },
    throttleTimeMs: { type: 'int32', versions: '1+', ignorable: true },
    nodeEndpoints: {
      type: [
        {
          nodeId: { type: 'int32', versions: '10+', key: true },
          host: { type: 'string', versions: '10+' },
          port: { type: 'int32', versions: '10+' },
          rack: { type: 'string', versions: '10+', nullable: '10+', default: null },
        },
      ],
      versions: '10+',
      tag: 0,
    },
  },
})
export type ProduceResponse = Message<typeof ProduceResponse>
