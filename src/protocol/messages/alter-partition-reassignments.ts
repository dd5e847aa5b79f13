import { type Message, message } from '../schema.ts'

export const AlterPartitionReassignmentsRequest = message({
  name: 'AlterPartitionReassignmentsRequest',
  kind: 'request',
  apiKey: 45,
  versions: '0-1',
  flexible: '0+',
  fields: {
    timeoutMs: { type: 'int32', versions: '0+', default: 60000 },
    allowReplicationFactorChange: { type: 'bool', versions: '1+', default: true },
    topics: {
      type: [
        {
          name: { type: 'string', versions: '0+' },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+' },
                replicas: { type: ['int32'], versions: '0+', nullable: '0+', default: null },
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
export type AlterPartitionReassignmentsRequest = Message<typeof AlterPartitionReassignmentsRequest>

export const AlterPartitionReassignmentsResponse = message({
  name: 'AlterPartitionReassignmentsResponse',
  kind: 'response',
  apiKey: 45,
  versions: '0-1',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    allowReplicationFactorChange: { type: 'bool', versions: '1+', default: true, ignorable: true },
    errorCode: { type: 'int16', versions: '0+' },
    errorMessage: { type: 'string', versions: '0+', nullable: '0+' },
    responses: {
      type: [
        {
          name: { type: 'string', versions: '0+' },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+' },
                errorCode: { type: 'int16', versions: '0+' },
                errorMessage: { type: 'string', versions: '0+', nullable: '0+' },
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
export type AlterPartitionReassignmentsResponse = Message<typeof AlterPartitionReassignmentsResponse>
