import { type Message, message } from '../schema.ts'

export const ListPartitionReassignmentsRequest = message({
  name: 'ListPartitionReassignmentsRequest',
  kind: 'request',
  apiKey: 46,
  versions: '0',
  flexible: '0+',
  fields: {
    timeoutMs: { type: 'int32', versions: '0+', default: 60000 },
    topics: {
      type: [
        {
          name: { type: 'string', versions: '0+' },
          partitionIndexes: { type: ['int32'], versions: '0+' },
        },
      ],
      versions: '0+',
      nullable: '0+',
      default: null,
    },
  },
})
export type ListPartitionReassignmentsRequest = Message<typeof ListPartitionReassignmentsRequest>

export const ListPartitionReassignmentsResponse = message({
  name: 'ListPartitionReassignmentsResponse',
  kind: 'response',
  apiKey: 46,
  versions: '0',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
    errorMessage: { type: 'string', versions: '0+', nullable: '0+' },
    topics: {
      type: [
        {
          name: { type: 'string', versions: '0+' },
          partitions: {
            type: [
              {
                partitionIndex: { type: 'int32', versions: '0+' },
                replicas: { type: ['int32'], versions: '0+' },
                addingReplicas: { type: ['int32'], versions: '0+' },
                removingReplicas: { type: ['int32'], versions: '0+' },
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
export type ListPartitionReassignmentsResponse = Message<typeof ListPartitionReassignmentsResponse>
