import { type Message, message } from '../schema.ts'

const addPartitionsToTxnTopic = {
  name: { type: 'string', versions: '0+', key: true },
  partitions: { type: ['int32'], versions: '0+' },
} as const

export const AddPartitionsToTxnRequest = message({
  name: 'AddPartitionsToTxnRequest',
  kind: 'request',
  apiKey: 24,
  versions: '0-5',
  flexible: '3+',
  fields: {
    transactions: {
      type: [
        {
          transactionalId: { type: 'string', versions: '4+', key: true },
          producerId: { type: 'int64', versions: '4+' },
          producerEpoch: { type: 'int16', versions: '4+' },
          verifyOnly: { type: 'bool', versions: '4+' },
          topics: { type: [addPartitionsToTxnTopic], versions: '4+' },
        },
      ],
      versions: '4+',
    },
    v3AndBelowTransactionalId: { type: 'string', versions: '0-3' },
    v3AndBelowProducerId: { type: 'int64', versions: '0-3' },
    v3AndBelowProducerEpoch: { type: 'int16', versions: '0-3' },
    v3AndBelowTopics: { type: [addPartitionsToTxnTopic], versions: '0-3' },
  },
})
export type AddPartitionsToTxnRequest = Message<typeof AddPartitionsToTxnRequest>

const addPartitionsToTxnPartitionResult = {
  partitionIndex: { type: 'int32', versions: '0+', key: true },
  partitionErrorCode: { type: 'int16', versions: '0+' },
} as const

const addPartitionsToTxnTopicResult = {
  name: { type: 'string', versions: '0+', key: true },
  resultsByPartition: { type: [addPartitionsToTxnPartitionResult], versions: '0+' },
} as const

export const AddPartitionsToTxnResponse = message({
  name: 'AddPartitionsToTxnResponse',
  kind: 'response',
  apiKey: 24,
  versions: '0-5',
  flexible: '3+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '4+', ignorable: true },
    resultsByTransaction: {
      type: [
        {
          transactionalId: { type: 'string', versions: '4+', key: true },
          topicResults: { type: [addPartitionsToTxnTopicResult], versions: '4+' },
        },
      ],
      versions: '4+',
    },
    resultsByTopicV3AndBelow: { type: [addPartitionsToTxnTopicResult], versions: '0-3' },
  },
})
export type AddPartitionsToTxnResponse = Message<typeof AddPartitionsToTxnResponse>
