import { type Message, message } from '../schema.ts'

export const MetadataRequest = message({
  name: 'MetadataRequest',
  kind: 'request',
  apiKey: 3,
  versions: '0-13',
  flexible: '9+',
  fields: {
    topics: {
      type: [
        {
          topicId: { type: 'uuid', versions: '10+', ignorable: true },
          name: { type: 'string', versions: '0+', nullable: '10+' },
        },
      ],
      versions: '0+',
      nullable: '1+',
    },
    allowAutoTopicCreation: { type: 'bool', versions: '4+', default: true },
    includeClusterAuthorizedOperations: { type: 'bool', versions: '8-10' },
    includeTopicAuthorizedOperations: { type: 'bool', versions: '8+' },
  },
})
export type MetadataRequest = Message<typeof MetadataRequest>

export const MetadataResponse = message({
  name: 'MetadataResponse',
  kind: 'response',
  apiKey: 3,
  versions: '0-13',
  flexible: '9+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '3+', ignorable: true },
    brokers: {
      type: [
        {
          nodeId: { type: 'int32', versions: '0+', key: true },
          host: { type: 'string', versions: '0+' },
          port: { type: 'int32', versions: '0+' },
          rack: { type: 'string', versions: '1+', nullable: '1+', default: null, ignorable: true },
        },
      ],
      versions: '0+',
    },
    clusterId: { type: 'string', versions: '2+', nullable: '2+', default: null, ignorable: true },
    controllerId: { type: 'int32', versions: '1+', default: -1, ignorable: true },
    topics: {
      type: [
        {
          errorCode: { type: 'int16', versions: '0+' },
          name: { type: 'string', versions: '0+', nullable: '12+', key: true },
          topicId: { type: 'uuid', versions: '10+', ignorable: true },
          isInternal: { type: 'bool', versions: '1+', ignorable: true },
          partitions: {
            type: [
              {
                errorCode: { type: 'int16', versions: '0+' },
                partitionIndex: { type: 'int32', versions: '0+' },
                leaderId: { type: 'int32', versions: '0+' },
                leaderEpoch: { type: 'int32', versions: '7+', default: -1, ignorable: true },
                replicaNodes: { type: ['int32'], versions: '0+' },
                isrNodes: { type: ['int32'], versions: '0+' },
                offlineReplicas: { type: ['int32'], versions: '5+', ignorable: true },
              },
            ],
            versions: '0+',
          },
          topicAuthorizedOperations: { type: 'int32', versions: '8+', default: -2147483648 },
        },
      ],
      versions: '0+',
    },
    clusterAuthorizedOperations: { type: 'int32', versions: '8-10', default: -2147483648 },
    errorCode: { type: 'int16', versions: '13+', ignorable: true },
  },
})
export type MetadataResponse = Message<typeof MetadataResponse>
