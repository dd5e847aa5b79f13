import { type Message, message } from '../schema.ts'

export const ElectLeadersRequest = message({
  name: 'ElectLeadersRequest',
  kind: 'request',
  apiKey: 43,
  versions: '0-2',
  flexible: '2+',
  fields: {
    electionType: { type: 'int8', versions: '1+' },
    topicPartitions: {
      type: [
        {
          topic: { type: 'string', versions: '0+', key: true },
          partitions: { type: ['int32'], versions: '0+' },
        },
      ],
      versions: '0+',
      nullable: '0+',
    },
    timeoutMs: { type: 'int32', versions: '0+', default: 60000 },
  },
})
export type ElectLeadersRequest = Message<typeof ElectLeadersRequest>

export const ElectLeadersResponse = message({
  name: 'ElectLeadersResponse',
  kind: 'response',
  apiKey: 43,
  versions: '0-2',
  flexible: '2+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '1+' },
    replicaElectionResults: {
      type: [
        {
          topic: { type: 'string', versions: '0+' },
          partitionResult: {
            type: [
              {
                partitionId: { type: 'int32', versions: '0+' },
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
export type ElectLeadersResponse = Message<typeof ElectLeadersResponse>
