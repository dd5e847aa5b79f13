import { type Message, message } from '../schema.ts'

export const CreateTopicsRequest = message({
  name: 'CreateTopicsRequest',
  kind: 'request',
  apiKey: 19,
  versions: '2-7',
  flexible: '5+',
  fields: {
    topics: {
      type: [
        {
          name: { type: 'string', versions: '0+', key: true },
          numPartitions: { type: 'int32', versions: '0+' },
          replicationFactor: { type: 'int16', versions: '0+' },
          assignments: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+', key: true },
                brokerIds: { type: ['int32'], versions: '0+' },
              },
            ],
            versions: '0+',
          },
          configs: {
            type: [
              {
                name: { type: 'string', versions: '0+', key: true },
                value: { type: 'string', versions: '0+', nullable: '0+' },
              },
            ],
            versions: '0+',
          },
        },
      ],
      versions: '0+',
    },
    timeoutMs: { type: 'int32', versions: '0+', default: 60000 },
    validateOnly: { type: 'bool', versions: '1+' },
  },
})
export type CreateTopicsRequest = Message<typeof CreateTopicsRequest>

export const CreateTopicsResponse = message({
  name: 'CreateTopicsResponse',
  kind: 'response',
  apiKey: 19,
  versions: '2-7',
  flexible: '5+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '2+', ignorable: true },
    topics: {
      type: [
        {
          name: { type: 'string', versions: '0+', key: true },
          topicId: { type: 'uuid', versions: '7+', ignorable: true },
          errorCode: { type: 'int16', versions: '0+' },
          errorMessage: { type: 'string', versions: '1+', nullable: '0+', ignorable: true },
          topicConfigErrorCode: { type: 'int16', versions: '5+', tag: 0, ignorable: true },
          numPartitions: { type: 'int32', versions: '5+', default: -1, ignorable: true },
          replicationFactor: { type: 'int16', versions: '5+', default: -1, ignorable: true },
          configs: {
            type: [
              {
                name: { type: 'string', versions: '5+' },
                value: { type: 'string', versions: '5+', nullable: '5+' },
                readOnly: { type: 'bool', versions: '5+' },
                configSource: { type: 'int8', versions: '5+', default: -1, ignorable: true },
                isSensitive: { type: 'bool', versions: '5+' },
              },
            ],
            versions: '5+',
            nullable: '5+',
            ignorable: true,
          },
        },
      ],
      versions: '0+',
    },
  },
})
export type CreateTopicsResponse = Message<typeof CreateTopicsResponse>
