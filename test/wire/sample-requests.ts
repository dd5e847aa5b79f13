import { zeroUuid } from '../../src/base/index.ts'
import { type Api, parseVersions, type Schema } from '../../src/protocol/index.ts'
import { plainBatch } from '../log/sample-batches.ts'
import { filledMessage, type Leaf } from './filled-message.ts'

/** What requests name: the broker under test, and a topic `wire` and a group `wire` on it. */
export interface Place {
  readonly clusterId: string
  readonly topicId: string
  readonly brokerEpoch: number
}

/** What a client means when it fills a field of this name; the broker's topic, group and ids, and no node but one that is not there. */
const knownAt =
  (place: Place): Leaf =>
  (name, path) => {
    switch (name) {
      case 'topic':
      case 'topicName':
      case 'topicNames[]':
        return 'wire'
      case 'name':
        return /^(topics|topicData)/.test(path) && !path.includes('configs') ? 'wire' : undefined
      case 'topicId':
        return place.topicId
      case 'partition':
      case 'index':
      case 'partitionIndex':
      case 'partitions[]':
      case 'partitionIndexes[]':
        return /partitions\[\]/.test(path) && !/(forgotten|topicPartitions|topics)/.test(path) ? undefined : 0
      case 'groupId':
      case 'group':
      case 'groups[]':
      case 'coordinatorKeys[]':
        return 'wire'
      case 'key':
        return path === 'key' ? 'wire' : undefined
      case 'keyType':
      case 'coordinatorType':
        return 0
      case 'clusterId':
        return place.clusterId
      case 'brokerId':
        return 77
      case 'resourceType':
        return 2
      case 'resourceName':
        return 'wire'
      case 'records':
        return plainBatch(1, 20)
      case 'acks':
        return -1
      case 'timeoutMs':
        return 5000
      case 'maxWaitMs':
      case 'sessionId':
        return 0
      case 'minBytes':
        return 0
      case 'maxBytes':
      case 'partitionMaxBytes':
        return 1 << 20
      case 'timestamp':
        return -2
      case 'generationId':
      case 'generationIdOrMemberEpoch':
      case 'memberEpoch':
      case 'replicaId':
        return -1
      case 'memberId':
        return ''
      case 'groupInstanceId':
      case 'transactionalId':
      case 'cursor':
        return null
      case 'validateOnly':
        return true
      default:
        return undefined
    }
  }

/** Where the general meaning would take the ground from under the other requests, or be refused before it says anything. */
const meantAt = (place: Place, known: Leaf): Partial<Record<string, (version: number) => Leaf>> => ({
  CreateTopics: (version) => (name, path) =>
    path === 'topics.name' ? `created-${version}` : /assignments$|configs$/.test(path) ? [] : known(name, path),
  DeleteTopics: (version) => (name, path) =>
    name === 'topicId' ? zeroUuid : /name/i.test(name) ? `created-${version + 1}` : known(name, path),
  DeleteGroups: () => (name, path) => (name === 'groupsNames[]' ? 'no-such-group' : known(name, path)),
  DescribeCluster: () => (name, path) => (name === 'endpointType' ? 1 : known(name, path)),
  AlterClientQuotas: () => (name, path) => quota[name] ?? known(name, path),
  Metadata: (version) => (name, path) => (name === 'topicId' && version < 12 ? zeroUuid : known(name, path)),
  JoinGroup: (version) => (name, path) => {
    const values: Record<string, unknown> = { groupId: `join-${version}`, sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 1000 }
    return values[name] ?? (name === 'name' ? 'range' : name === 'protocolType' ? 'consumer' : known(name, path))
  },
  OffsetDelete: () => (name, path) => (name === 'groupId' ? 'no-such-group' : known(name, path)),
  DeleteRecords: () => (name, path) => (name === 'offset' ? 1 : known(name, path)),
  OffsetForLeaderEpoch: () => (name, path) => (name === 'currentLeaderEpoch' ? 0 : name === 'leaderEpoch' ? 0 : known(name, path)),
  Fetch: () => (name, path) => {
    const values: Record<string, unknown> = {
      currentLeaderEpoch: -1,
      lastFetchedEpoch: -1,
      fetchOffset: 1,
      sessionEpoch: -1,
      replicaState: {},
    }
    return path === 'forgottenTopicsData' ? [] : (values[name] ?? known(name, path))
  },
  InitProducerId: () => (name, path) =>
    name === 'producerId' || name === 'producerEpoch'
      ? -1
      : name.startsWith('enable') || name.startsWith('keep')
        ? false
        : known(name, path),
  UnregisterBroker: () => (name, path) => (name === 'brokerId' ? 78 : known(name, path)),
  AllocateProducerIds: () => (name, path) => allocation(place, name) ?? known(name, path),
  AlterPartition: () => (name, path) => allocation(place, name) ?? known(name, path),
  ElectLeaders: () => (name, path) => (name === 'electionType' ? 0 : known(name, path)),
  AlterPartitionReassignments: () => (name, path) => (name === 'replicas' ? [1] : known(name, path)),
  ListOffsets: () => (name, path) => (name === 'currentLeaderEpoch' ? -1 : known(name, path)),
  CreatePartitions: () => (name, path) => (name === 'count' ? 3 : name === 'assignments' ? null : known(name, path)),
})
const quota: Record<string, unknown> = { entityType: 'user', entityName: 'alice', key: 'producer_byte_rate', remove: false }
const allocation = (place: Place, name: string): unknown =>
  name === 'brokerId' ? 1 : name === 'brokerEpoch' ? place.brokerEpoch : undefined

/** Nothing it names is there: every field for errors is used. */
const strangers: Leaf = (name, path) => {
  switch (name) {
    case 'topic':
    case 'topicName':
    case 'topicNames[]':
      return 'no-such-topic'
    case 'name':
      return 'no-such-thing'
    case 'timeoutMs':
    case 'maxWaitMs':
    case 'minBytes':
      return 0
    case 'acks':
      return 1
    case 'brokerId':
      return 79
    case 'records':
      return plainBatch(1, 20)
    case 'sessionId':
      return 0
    case 'sessionEpoch':
      return -1
    case 'replicaId':
      return -1
    case 'replicaState':
      return {}
    default:
      return path.endsWith('[]') && /artition/.test(name) ? 9 : undefined
  }
}

/** The requests of an API and version that a client could well send. */
export const sampleRequests = (place: Place) => {
  const known = knownAt(place)
  const meant = meantAt(place, known)
  return (api: Api, schema: Schema, version: number): Record<string, object> => ({
    // Acks 0 has no answer.
    minimal: api.name === 'Produce' ? { acks: 1 } : {},
    filled: filledMessage(schema, version, meant[api.name]?.(version) ?? known),
    'of things that are not there': filledMessage(schema, version, strangers),
  })
}

export const versionsOf = (api: Api): number[] => {
  const { lowest } = parseVersions(api.versions)
  return Array.from({ length: api.stableMax - lowest + 1 }, (_, n) => lowest + n)
}
