import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { zeroUuid } from '../../src/base/index.ts'
import { handlers } from '../../src/broker/apis/index.ts'
import { type Api, decode, Errors, encode, errorName, parseVersions, responseFrame, type Schema } from '../../src/protocol/index.ts'
import { type RunningBroker, runBroker } from '../broker/broker-fixture.ts'
import { RecordingJournal } from '../broker/recording-journal.ts'
import { plainBatch } from '../log/sample-batches.ts'
import { filledMessage, type Leaf } from './filled-message.ts'
import { eventually, frameBytes, readAnswer, WireClient } from './wire-client.ts'

const versionsOf = (api: Api): number[] => {
  const { lowest, highest } = parseVersions(api.versions)
  return Array.from({ length: highest - lowest + 1 }, (_, n) => lowest + n)
}

/** Every errorCode anywhere in an answer. */
const errorCodesIn = (value: unknown): number[] => {
  if (Array.isArray(value)) return value.flatMap(errorCodesIn)
  if (value === null || typeof value !== 'object' || Buffer.isBuffer(value)) return []
  return Object.entries(value).flatMap(([name, inner]) => (name === 'errorCode' ? [inner as number] : errorCodesIn(inner)))
}

const journal = new RecordingJournal()
let running: RunningBroker
let topicId: string
const portOf = (listener: string): number => running.broker.address(listener)!.port

before(async () => {
  running = await runBroker({ 'auto.create.topics.enable': 'false', 'offsets.topic.num.partitions': '4' }, { journal })
  using client = await WireClient.open(running.port)
  const created = await client.call('CreateTopics', 7, { topics: [{ name: 'wire', numPartitions: 2, replicationFactor: 1 }] })
  assert.equal(created.topics[0].errorCode, Errors.NONE)
  topicId = created.topics[0].topicId
  const produced = await client.call('Produce', 9, {
    acks: -1,
    timeoutMs: 5000,
    topicData: [{ name: 'wire', partitionData: [{ index: 0, records: plainBatch(5, 20) }] }],
  })
  assert.equal(produced.responses[0].partitionResponses[0].errorCode, Errors.NONE)
  await eventually('the group coordinator is there', async () => {
    const found = await client.call('FindCoordinator', 4, { coordinatorKeys: ['wire'] })
    return found.coordinators[0].errorCode === Errors.NONE
  })
  await eventually('the group has committed', async () => {
    const committed = await client.call('OffsetCommit', 8, {
      groupId: 'wire',
      generationIdOrMemberEpoch: -1,
      topics: [{ name: 'wire', partitions: [{ partitionIndex: 0, committedOffset: 3, committedMetadata: 'm' }] }],
    })
    return committed.topics[0].partitions[0].errorCode === Errors.NONE
  })
})

after(() => running[Symbol.asyncDispose]())

/** What a client means when it fills a field of this name; the broker's topic, group and ids, and no node but one that is not there. */
const known: Leaf = (name, path) => {
  switch (name) {
    case 'topic':
    case 'topicName':
    case 'topicNames[]':
      return 'wire'
    case 'name':
      return /^(topics|topicData)/.test(path) && !path.includes('configs') ? 'wire' : undefined
    case 'topicId':
      return topicId
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
      return running.broker.clusterId
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
const meant: Partial<Record<string, (version: number) => Leaf>> = {
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
  AllocateProducerIds: () => (name, path) => allocation(name) ?? known(name, path),
  AlterPartition: () => (name, path) => allocation(name) ?? known(name, path),
  ElectLeaders: () => (name, path) => (name === 'electionType' ? 0 : known(name, path)),
  AlterPartitionReassignments: () => (name, path) => (name === 'replicas' ? [1] : known(name, path)),
  ListOffsets: () => (name, path) => (name === 'currentLeaderEpoch' ? -1 : known(name, path)),
  CreatePartitions: () => (name, path) => (name === 'count' ? 3 : name === 'assignments' ? null : known(name, path)),
}
const quota: Record<string, unknown> = { entityType: 'user', entityName: 'alice', key: 'producer_byte_rate', remove: false }
const allocation = (name: string): unknown =>
  name === 'brokerId' ? 1 : name === 'brokerEpoch' ? running.broker.lifecycle.epoch : undefined

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

const requestsOf = (api: Api, schema: Schema, version: number): Record<string, object> => ({
  // Acks 0 has no answer.
  minimal: api.name === 'Produce' ? { acks: 1 } : {},
  filled: filledMessage(schema, version, meant[api.name]?.(version) ?? known),
  'of things that are not there': filledMessage(schema, version, strangers),
})

const listenersOf = (api: Api): string[] => api.listeners.map((kind) => (kind === 'broker' ? 'PLAINTEXT' : 'CONTROLLER'))

/** Where filled requests are meant to succeed, and do in every version. */
const succeeds = new Set([
  ...['Produce', 'Fetch', 'ListOffsets', 'Metadata', 'OffsetCommit', 'OffsetFetch', 'FindCoordinator', 'ListGroups', 'DescribeGroups'],
  ...[
    'CreateTopics',
    'DeleteRecords',
    'InitProducerId',
    'OffsetForLeaderEpoch',
    'DescribeLogDirs',
    'DescribeProducers',
    'CreatePartitions',
  ],
  ...['AlterClientQuotas', 'ListPartitionReassignments', 'DescribeTopicPartitions'],
])

describe('every version of every API', () => {
  for (const { api, request, response } of handlers) {
    for (const listener of listenersOf(api)) {
      it(`${api.name} ${api.versions} is answered on ${listener}, in the version it was asked in`, async () => {
        using client = await WireClient.open(portOf(listener))
        for (const version of versionsOf(api)) {
          for (const [kind, body] of Object.entries(requestsOf(api, request, version))) {
            const what = `${api.name} version ${version}, ${kind}`
            const failuresBefore = journal.failures.length
            let answer: object
            try {
              answer = await client.ask(api, version, request, response, body)
            } catch (error) {
              assert.fail(`${what}: ${error}\n${journal.failures.slice(failuresBefore).join('\n')}`)
            }
            assert.deepEqual(journal.failures.slice(failuresBefore), [], what)
            const codes = errorCodesIn(answer)
            for (const code of codes) {
              assert.notEqual(code, Errors.UNKNOWN_SERVER_ERROR, what)
              assert.doesNotMatch(errorName(code), /^\d|unknown error/i, what)
            }
            if (kind === 'filled' && listener === 'PLAINTEXT' && succeeds.has(api.name)) {
              assert.deepEqual(codes.filter(Boolean).map(errorName), [], `${what}: ${JSON.stringify(answer)}`)
            }
          }
        }
      })
    }
  }

  it('is refused as a whole in a shape that the version can say', () => {
    for (const handler of handlers) {
      for (const version of versionsOf(handler.api)) {
        for (const [kind, body] of Object.entries(requestsOf(handler.api, handler.request, version))) {
          const context = {
            ...{ api: handler.api, version, clientId: null, listenerName: 'PLAINTEXT', securityProtocol: 'PLAINTEXT' },
            ...{ isController: false, clientAddress: '127.0.0.1', principal: 'User:ANONYMOUS', connectionId: '1' },
          }
          const request = decode(handler.request, version, encode(handler.request, version, body))
          const reply = handler.refuse(Errors.UNKNOWN_SERVER_ERROR, 'why', request, context)
          if (typeof reply === 'symbol') continue
          const what = `${handler.api.name} version ${version}, ${kind}`
          const frame = frameBytes(responseFrame(handler.api, version, 7, handler.response, reply)).subarray(4)
          const answer = readAnswer(frame, handler.api, version, handler.response, 7)
          // Older versions of it have no error of the whole, and Kafka drops what they cannot say.
          if (handler.api.name === 'DescribeLogDirs' && version < 3) continue
          const items = Object.values(answer).filter((value) => Array.isArray(value) && value.length > 0)
          if (kind === 'filled' || items.length > 0) assert.ok(errorCodesIn(answer).includes(Errors.UNKNOWN_SERVER_ERROR), what)
        }
      }
    }
  })
})
