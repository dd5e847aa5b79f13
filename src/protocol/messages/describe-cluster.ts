import { type Message, message } from '../schema.ts'

export const DescribeClusterRequest = message({
  name: 'DescribeClusterRequest',
  kind: 'request',
  apiKey: 60,
  versions: '0-2',
  flexible: '0+',
  fields: {
    includeClusterAuthorizedOperations: { type: 'bool', versions: '0+' },
    endpointType: { type: 'int8', versions: '1+', default: 1 },
    includeFencedBrokers: { type: 'bool', versions: '2+' },
  },
})
export type DescribeClusterRequest = Message<typeof DescribeClusterRequest>

export const DescribeClusterResponse = message({
  name: 'DescribeClusterResponse',
  kind: 'response',
  apiKey: 60,
  versions: '0-2',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
    errorMessage: { type: 'string', versions: '0+', nullable: '0+', default: null },
    endpointType: { type: 'int8', versions: '1+', default: 1 },
    clusterId: { type: 'string', versions: '0+' },
    controllerId: { type: 'int32', versions: '0+', default: -1 },
    brokers: {
      type: [
        {
          brokerId: { type: 'int32', versions: '0+', key: true },
          host: { type: 'string', versions: '0+' },
          port: { type: 'int32', versions: '0+' },
          rack: { type: 'string', versions: '0+', nullable: '0+', default: null },
          isFenced: { type: 'bool', versions: '2+' },
        },
      ],
      versions: '0+',
    },
    clusterAuthorizedOperations: { type: 'int32', versions: '0+', default: -2147483648 },
  },
})
export type DescribeClusterResponse = Message<typeof DescribeClusterResponse>
