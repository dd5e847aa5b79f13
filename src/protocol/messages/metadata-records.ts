import { type Message, message } from '../schema.ts'

export const AbortTransactionRecord = message({
  name: 'AbortTransactionRecord',
  kind: 'metadata',
  apiKey: 25,
  versions: '0',
  flexible: '0+',
  fields: {
    reason: { type: 'string', versions: '0+', nullable: '0+', default: null, tag: 0 },
  },
})
export type AbortTransactionRecord = Message<typeof AbortTransactionRecord>

export const AccessControlEntryRecord = message({
  name: 'AccessControlEntryRecord',
  kind: 'metadata',
  apiKey: 18,
  versions: '0',
  flexible: '0+',
  fields: {
    id: { type: 'uuid', versions: '0+' },
    resourceType: { type: 'int8', versions: '0+' },
    resourceName: { type: 'string', versions: '0+' },
    patternType: { type: 'int8', versions: '0+' },
    principal: { type: 'string', versions: '0+' },
    host: { type: 'string', versions: '0+' },
    operation: { type: 'int8', versions: '0+' },
    permissionType: { type: 'int8', versions: '0+' },
  },
})
export type AccessControlEntryRecord = Message<typeof AccessControlEntryRecord>

export const BeginTransactionRecord = message({
  name: 'BeginTransactionRecord',
  kind: 'metadata',
  apiKey: 23,
  versions: '0',
  flexible: '0+',
  fields: {
    name: { type: 'string', versions: '0+', nullable: '0+', default: null, tag: 0 },
  },
})
export type BeginTransactionRecord = Message<typeof BeginTransactionRecord>

export const BrokerRegistrationChangeRecord = message({
  name: 'BrokerRegistrationChangeRecord',
  kind: 'metadata',
  apiKey: 17,
  versions: '0-3',
  flexible: '0+',
  fields: {
    brokerId: { type: 'int32', versions: '0+' },
    brokerEpoch: { type: 'int64', versions: '0+' },
    fenced: { type: 'int8', versions: '0+', tag: 0 },
    inControlledShutdown: { type: 'int8', versions: '1+', tag: 1 },
    logDirs: { type: ['uuid'], versions: '2+', tag: 2 },
    cordonedLogDirs: { type: ['uuid'], versions: '3+', nullable: '3+', default: null, tag: 3 },
  },
})
export type BrokerRegistrationChangeRecord = Message<typeof BrokerRegistrationChangeRecord>

export const ClearElrRecord = message({
  name: 'ClearElrRecord',
  kind: 'metadata',
  apiKey: 28,
  versions: '0',
  flexible: '0+',
  fields: {
    topicName: { type: 'string', versions: '0+' },
  },
})
export type ClearElrRecord = Message<typeof ClearElrRecord>

export const ClientQuotaRecord = message({
  name: 'ClientQuotaRecord',
  kind: 'metadata',
  apiKey: 14,
  versions: '0',
  flexible: '0+',
  fields: {
    entity: {
      type: [
        {
          entityType: { type: 'string', versions: '0+' },
          entityName: { type: 'string', versions: '0+', nullable: '0+' },
        },
      ],
      versions: '0+',
    },
    key: { type: 'string', versions: '0+' },
    value: { type: 'float64', versions: '0+' },
    remove: { type: 'bool', versions: '0+' },
  },
})
export type ClientQuotaRecord = Message<typeof ClientQuotaRecord>

export const ConfigRecord = message({
  name: 'ConfigRecord',
  kind: 'metadata',
  apiKey: 4,
  versions: '0',
  flexible: '0+',
  fields: {
    resourceType: { type: 'int8', versions: '0+' },
    resourceName: { type: 'string', versions: '0+' },
    name: { type: 'string', versions: '0+' },
    value: { type: 'string', versions: '0+', nullable: '0+' },
  },
})
export type ConfigRecord = Message<typeof ConfigRecord>

export const DelegationTokenRecord = message({
  name: 'DelegationTokenRecord',
  kind: 'metadata',
  apiKey: 10,
  versions: '0',
  flexible: '0+',
  fields: {
    owner: { type: 'string', versions: '0+' },
    requester: { type: 'string', versions: '0+' },
    renewers: { type: ['string'], versions: '0+' },
    issueTimestamp: { type: 'int64', versions: '0+' },
    maxTimestamp: { type: 'int64', versions: '0+' },
    expirationTimestamp: { type: 'int64', versions: '0+' },
    tokenId: { type: 'string', versions: '0+' },
  },
})
export type DelegationTokenRecord = Message<typeof DelegationTokenRecord>

export const EndTransactionRecord = message({
  name: 'EndTransactionRecord',
  kind: 'metadata',
  apiKey: 24,
  versions: '0',
  flexible: '0+',
  fields: {},
})
export type EndTransactionRecord = Message<typeof EndTransactionRecord>

export const FeatureLevelRecord = message({
  name: 'FeatureLevelRecord',
  kind: 'metadata',
  apiKey: 12,
  versions: '0',
  flexible: '0+',
  fields: {
    name: { type: 'string', versions: '0+' },
    featureLevel: { type: 'int16', versions: '0+' },
  },
})
export type FeatureLevelRecord = Message<typeof FeatureLevelRecord>

export const FenceBrokerRecord = message({
  name: 'FenceBrokerRecord',
  kind: 'metadata',
  apiKey: 7,
  versions: '0',
  flexible: '0+',
  fields: {
    id: { type: 'int32', versions: '0+' },
    epoch: { type: 'int64', versions: '0+' },
  },
})
export type FenceBrokerRecord = Message<typeof FenceBrokerRecord>

export const NoOpRecord = message({
  name: 'NoOpRecord',
  kind: 'metadata',
  apiKey: 20,
  versions: '0',
  flexible: '0+',
  fields: {},
})
export type NoOpRecord = Message<typeof NoOpRecord>

export const PartitionChangeRecord = message({
  name: 'PartitionChangeRecord',
  kind: 'metadata',
  apiKey: 5,
  versions: '0-2',
  flexible: '0+',
  fields: {
    partitionId: { type: 'int32', versions: '0+', default: -1 },
    topicId: { type: 'uuid', versions: '0+' },
    isr: { type: ['int32'], versions: '0+', nullable: '0+', default: null, tag: 0 },
    leader: { type: 'int32', versions: '0+', default: -2, tag: 1 },
    replicas: { type: ['int32'], versions: '0+', nullable: '0+', default: null, tag: 2 },
    removingReplicas: { type: ['int32'], versions: '0+', nullable: '0+', default: null, tag: 3 },
    addingReplicas: { type: ['int32'], versions: '0+', nullable: '0+', default: null, tag: 4 },
    leaderRecoveryState: { type: 'int8', versions: '0+', default: -1, tag: 5 },
    directories: { type: ['uuid'], versions: '1+', nullable: '1+', default: null, tag: 8 },
    eligibleLeaderReplicas: { type: ['int32'], versions: '2+', nullable: '2+', default: null, tag: 6 },
    lastKnownElr: { type: ['int32'], versions: '2+', nullable: '2+', default: null, tag: 7 },
  },
})
export type PartitionChangeRecord = Message<typeof PartitionChangeRecord>

export const PartitionRecord = message({
  name: 'PartitionRecord',
  kind: 'metadata',
  apiKey: 3,
  versions: '0-2',
  flexible: '0+',
  fields: {
    partitionId: { type: 'int32', versions: '0+', default: -1 },
    topicId: { type: 'uuid', versions: '0+' },
    replicas: { type: ['int32'], versions: '0+' },
    isr: { type: ['int32'], versions: '0+' },
    removingReplicas: { type: ['int32'], versions: '0+' },
    addingReplicas: { type: ['int32'], versions: '0+' },
    leader: { type: 'int32', versions: '0+', default: -1 },
    leaderRecoveryState: { type: 'int8', versions: '0+', tag: 0 },
    leaderEpoch: { type: 'int32', versions: '0+', default: -1 },
    partitionEpoch: { type: 'int32', versions: '0+', default: -1 },
    directories: { type: ['uuid'], versions: '1+' },
    eligibleLeaderReplicas: { type: ['int32'], versions: '2+', nullable: '2+', default: null, tag: 1 },
    lastKnownElr: { type: ['int32'], versions: '2+', nullable: '2+', default: null, tag: 2 },
  },
})
export type PartitionRecord = Message<typeof PartitionRecord>

export const ProducerIdsRecord = message({
  name: 'ProducerIdsRecord',
  kind: 'metadata',
  apiKey: 15,
  versions: '0',
  flexible: '0+',
  fields: {
    brokerId: { type: 'int32', versions: '0+' },
    brokerEpoch: { type: 'int64', versions: '0+', default: -1 },
    nextProducerId: { type: 'int64', versions: '0+' },
  },
})
export type ProducerIdsRecord = Message<typeof ProducerIdsRecord>

export const RegisterBrokerRecord = message({
  name: 'RegisterBrokerRecord',
  kind: 'metadata',
  apiKey: 0,
  versions: '0-4',
  flexible: '0+',
  fields: {
    brokerId: { type: 'int32', versions: '0+' },
    isMigratingZkBroker: { type: 'bool', versions: '2+' },
    incarnationId: { type: 'uuid', versions: '0+' },
    brokerEpoch: { type: 'int64', versions: '0+' },
    endPoints: {
      type: [
        {
          name: { type: 'string', versions: '0+', key: true },
          host: { type: 'string', versions: '0+' },
          port: { type: 'uint16', versions: '0+' },
          securityProtocol: { type: 'int16', versions: '0+' },
        },
      ],
      versions: '0+',
    },
    features: {
      type: [
        {
          name: { type: 'string', versions: '0+', key: true },
          minSupportedVersion: { type: 'int16', versions: '0+' },
          maxSupportedVersion: { type: 'int16', versions: '0+' },
        },
      ],
      versions: '0+',
    },
    rack: { type: 'string', versions: '0+', nullable: '0+' },
    fenced: { type: 'bool', versions: '0+', default: true },
    inControlledShutdown: { type: 'bool', versions: '1+' },
    logDirs: { type: ['uuid'], versions: '3+', tag: 0 },
    cordonedLogDirs: { type: ['uuid'], versions: '4+', nullable: '4+', default: null, tag: 1 },
  },
})
export type RegisterBrokerRecord = Message<typeof RegisterBrokerRecord>

export const RegisterControllerRecord = message({
  name: 'RegisterControllerRecord',
  kind: 'metadata',
  apiKey: 27,
  versions: '0',
  flexible: '0+',
  fields: {
    controllerId: { type: 'int32', versions: '0+' },
    incarnationId: { type: 'uuid', versions: '0+' },
    zkMigrationReady: { type: 'bool', versions: '0+' },
    endPoints: {
      type: [
        {
          name: { type: 'string', versions: '0+', key: true },
          host: { type: 'string', versions: '0+' },
          port: { type: 'uint16', versions: '0+' },
          securityProtocol: { type: 'int16', versions: '0+' },
        },
      ],
      versions: '0+',
    },
    features: {
      type: [
        {
          name: { type: 'string', versions: '0+', key: true },
          minSupportedVersion: { type: 'int16', versions: '0+' },
          maxSupportedVersion: { type: 'int16', versions: '0+' },
        },
      ],
      versions: '0+',
    },
  },
})
export type RegisterControllerRecord = Message<typeof RegisterControllerRecord>

export const RemoveAccessControlEntryRecord = message({
  name: 'RemoveAccessControlEntryRecord',
  kind: 'metadata',
  apiKey: 19,
  versions: '0',
  flexible: '0+',
  fields: {
    id: { type: 'uuid', versions: '0+' },
  },
})
export type RemoveAccessControlEntryRecord = Message<typeof RemoveAccessControlEntryRecord>

export const RemoveDelegationTokenRecord = message({
  name: 'RemoveDelegationTokenRecord',
  kind: 'metadata',
  apiKey: 26,
  versions: '0',
  flexible: '0+',
  fields: {
    tokenId: { type: 'string', versions: '0+' },
  },
})
export type RemoveDelegationTokenRecord = Message<typeof RemoveDelegationTokenRecord>

export const RemoveTopicRecord = message({
  name: 'RemoveTopicRecord',
  kind: 'metadata',
  apiKey: 9,
  versions: '0',
  flexible: '0+',
  fields: {
    topicId: { type: 'uuid', versions: '0+' },
  },
})
export type RemoveTopicRecord = Message<typeof RemoveTopicRecord>

export const RemoveUserScramCredentialRecord = message({
  name: 'RemoveUserScramCredentialRecord',
  kind: 'metadata',
  apiKey: 22,
  versions: '0',
  flexible: '0+',
  fields: {
    name: { type: 'string', versions: '0+' },
    mechanism: { type: 'int8', versions: '0+' },
  },
})
export type RemoveUserScramCredentialRecord = Message<typeof RemoveUserScramCredentialRecord>

export const TopicRecord = message({
  name: 'TopicRecord',
  kind: 'metadata',
  apiKey: 2,
  versions: '0',
  flexible: '0+',
  fields: {
    name: { type: 'string', versions: '0+' },
    topicId: { type: 'uuid', versions: '0+' },
  },
})
export type TopicRecord = Message<typeof TopicRecord>

export const UnfenceBrokerRecord = message({
  name: 'UnfenceBrokerRecord',
  kind: 'metadata',
  apiKey: 8,
  versions: '0',
  flexible: '0+',
  fields: {
    id: { type: 'int32', versions: '0+' },
    epoch: { type: 'int64', versions: '0+' },
  },
})
export type UnfenceBrokerRecord = Message<typeof UnfenceBrokerRecord>

export const UnregisterBrokerRecord = message({
  name: 'UnregisterBrokerRecord',
  kind: 'metadata',
  apiKey: 1,
  versions: '0',
  flexible: '0+',
  fields: {
    brokerId: { type: 'int32', versions: '0+' },
    brokerEpoch: { type: 'int64', versions: '0+' },
  },
})
export type UnregisterBrokerRecord = Message<typeof UnregisterBrokerRecord>

export const UserScramCredentialRecord = message({
  name: 'UserScramCredentialRecord',
  kind: 'metadata',
  apiKey: 11,
  versions: '0',
  flexible: '0+',
  fields: {
    name: { type: 'string', versions: '0+' },
    mechanism: { type: 'int8', versions: '0+' },
    salt: { type: 'bytes', versions: '0+' },
    storedKey: { type: 'bytes', versions: '0+' },
    serverKey: { type: 'bytes', versions: '0+' },
    iterations: { type: 'int32', versions: '0+' },
  },
})
export type UserScramCredentialRecord = Message<typeof UserScramCredentialRecord>

export const ZkMigrationStateRecord = message({
  name: 'ZkMigrationStateRecord',
  kind: 'metadata',
  apiKey: 21,
  versions: '0',
  flexible: '0+',
  fields: {
    zkMigrationState: { type: 'int8', versions: '0+' },
  },
})
export type ZkMigrationStateRecord = Message<typeof ZkMigrationStateRecord>
