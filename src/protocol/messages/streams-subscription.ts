import { type Message, message } from '../schema.ts'

const taskId = {
  topicGroupId: { type: 'int32', versions: '1-6' },
  partition: { type: 'int32', versions: '1-6' },
} as const

const partitionToOffsetSum = {
  partition: { type: 'int32', versions: '7-9' },
  offsetSum: { type: 'int64', versions: '7-9' },
} as const

const taskOffsetSum = {
  topicGroupId: { type: 'int32', versions: '7+' },
  partition: { type: 'int32', versions: '10+' },
  offsetSum: { type: 'int64', versions: '10+' },
  namedTopology: { type: 'string', versions: '10+', nullable: '10+', ignorable: true },
  partitionToOffsetSum: { type: [partitionToOffsetSum], versions: '7-9' },
} as const

const clientTag = {
  key: { type: 'bytes', versions: '11+' },
  value: { type: 'bytes', versions: '11+' },
} as const

export const SubscriptionInfoData = message({
  name: 'SubscriptionInfoData',
  kind: 'data',
  versions: '1-11',
  flexible: 'none',
  fields: {
    version: { type: 'int32', versions: '1+' },
    latestSupportedVersion: { type: 'int32', versions: '3+', default: -1 },
    processId: { type: 'uuid', versions: '1+' },
    prevTasks: { type: [taskId], versions: '1-6' },
    standbyTasks: { type: [taskId], versions: '1-6' },
    userEndPoint: { type: 'bytes', versions: '2+' },
    taskOffsetSums: { type: [taskOffsetSum], versions: '7+' },
    uniqueField: { type: 'int8', versions: '8+' },
    errorCode: { type: 'int32', versions: '9+' },
    clientTags: { type: [clientTag], versions: '11+' },
  },
})
export type SubscriptionInfoData = Message<typeof SubscriptionInfoData>
