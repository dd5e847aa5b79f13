import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { brokerHandlers, controllerHandlers } from '../../src/broker/apis/index.ts'
import { decode, Errors, encode, errorName, responseFrame } from '../../src/protocol/index.ts'
import { type RunningBroker, runBroker } from '../broker/broker-fixture.ts'
import { RecordingJournal } from '../broker/recording-journal.ts'
import { plainBatch } from '../log/sample-batches.ts'
import { sampleRequests, versionsOf } from './sample-requests.ts'
import { eventually, frameBytes, readAnswer, WireClient } from './wire-client.ts'

/** Every errorCode anywhere in an answer. */
const errorCodesIn = (value: unknown): number[] => {
  if (Array.isArray(value)) return value.flatMap(errorCodesIn)
  if (value === null || typeof value !== 'object' || Buffer.isBuffer(value)) return []
  return Object.entries(value).flatMap(([name, inner]) => (name === 'errorCode' ? [inner as number] : errorCodesIn(inner)))
}

const journal = new RecordingJournal()
let running: RunningBroker
let requestsOf: ReturnType<typeof sampleRequests>
const portOf = (listener: string): number => running.broker.address(listener)!.port

before(async () => {
  running = await runBroker({ 'auto.create.topics.enable': 'false', 'offsets.topic.num.partitions': '4' }, { journal })
  using client = await WireClient.open(running.port)
  const created = await client.call('CreateTopics', 7, { topics: [{ name: 'wire', numPartitions: 2, replicationFactor: 1 }] })
  assert.equal(created.topics[0].errorCode, Errors.NONE)
  const { clusterId, lifecycle } = running.broker
  requestsOf = sampleRequests({ clusterId, topicId: created.topics[0].topicId, brokerEpoch: lifecycle.epoch })
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

const served = [
  ['PLAINTEXT', brokerHandlers],
  ['CONTROLLER', controllerHandlers],
] as const

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
  for (const [listener, handlers] of served) {
    for (const { api, request, response } of handlers) {
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
    for (const handler of [...brokerHandlers, ...controllerHandlers]) {
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
