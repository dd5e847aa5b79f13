import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Apis, Errors } from '../../src/protocol/index.ts'
import { type RunningBroker, runBroker } from '../broker/broker-fixture.ts'
import { plainBatch, sampleBatch } from '../log/sample-batches.ts'
import { ConnectionLost, eventually, type LooseMessage, WireClient } from './wire-client.ts'

let running: RunningBroker
before(async () => {
  running = await runBroker({ 'offsets.topic.num.partitions': '1', 'auto.create.topics.enable': 'false' })
  using client = await WireClient.open(running.port)
  await client.call('CreateTopics', 7, {
    topics: [
      { name: 't', numPartitions: 1, replicationFactor: 1 },
      { name: 'compacted', numPartitions: 1, replicationFactor: 1, configs: [{ name: 'cleanup.policy', value: 'compact' }] },
    ],
  })
})
after(() => running[Symbol.asyncDispose]())

const UNKNOWN_ID = 'AAAAAAAAAAAAAAAAAAAD6Q'
const NOT_HOSTED = 'This server does not host this topic-partition.'
const MALFORMED = /^This most likely occurs because of a request being malformed by the client library .* for more details\.$/

const ask = async (name: keyof typeof Apis, version: number, body: object): Promise<LooseMessage> => {
  using client = await WireClient.open(running.port)
  return await client.call(name, version, body)
}
const told = ({ errorCode, errorMessage }: LooseMessage): [number, string | null] => [errorCode, errorMessage]

/** What Apache Kafka 4.3.1 answered to the same requests. */
describe('a refusal says what Apache Kafka says', () => {
  it('of topics that are not there', async () => {
    const byName = await ask('DeleteTopics', 5, { timeoutMs: 1000, topicNames: ['none'] })
    assert.deepEqual(byName.responses.map(told), [[Errors.UNKNOWN_TOPIC_OR_PARTITION, NOT_HOSTED]])
    const byId = await ask('DeleteTopics', 6, { timeoutMs: 1000, topics: [{ name: null, topicId: UNKNOWN_ID }] })
    assert.deepEqual(byId.responses.map(told), [[Errors.UNKNOWN_TOPIC_ID, 'This server does not host this topic ID.']])
    const producers = await ask('DescribeProducers', 0, { topics: [{ name: 'none', partitionIndexes: [0] }] })
    assert.deepEqual(producers.topics[0].partitions.map(told), [[Errors.UNKNOWN_TOPIC_OR_PARTITION, NOT_HOSTED]])
    const quorum = await ask('DescribeQuorum', 2, { topics: [{ topicName: 'none', partitions: [{ partitionIndex: 0 }] }] })
    assert.deepEqual(quorum.topics[0].partitions.map(told), [[Errors.UNKNOWN_TOPIC_OR_PARTITION, NOT_HOSTED]])
    const configs = await ask('DescribeConfigs', 4, { resources: [{ resourceType: 2, resourceName: 'none', configurationKeys: null }] })
    assert.deepEqual(configs.results.map(told), [[Errors.UNKNOWN_TOPIC_OR_PARTITION, '']])
    const grown = await ask('CreatePartitions', 3, { timeoutMs: 1000, topics: [{ name: 'none', count: 3, assignments: null }] })
    assert.deepEqual(grown.results.map(told), [[Errors.UNKNOWN_TOPIC_OR_PARTITION, null]])
  })

  it('of elections that nobody needs', async () => {
    for (const electionType of [0, 1]) {
      const { replicaElectionResults } = await ask('ElectLeaders', 2, {
        ...{ timeoutMs: 1000, electionType, topicPartitions: [{ topic: 't', partitions: [0] }] },
      })
      const expected = [[Errors.ELECTION_NOT_NEEDED, 'Leader election not needed for topic partition.']]
      assert.deepEqual(replicaElectionResults[0].partitionResult.map(told), expected)
    }
  })

  it('of types that there are not', async () => {
    const configs = await ask('DescribeConfigs', 4, { resources: [{ resourceType: 7, resourceName: 'x', configurationKeys: null }] })
    assert.equal(configs.results[0].errorCode, Errors.INVALID_REQUEST)
    assert.match(configs.results[0].errorMessage, MALFORMED)
    for (const [endpointType, version, code, message] of [
      [
        2,
        2,
        Errors.MISMATCHED_ENDPOINT_TYPE,
        'The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER',
      ],
      [5, 1, Errors.UNSUPPORTED_ENDPOINT_TYPE, 'Unsupported endpoint type 5'],
    ] as const) {
      const cluster = await ask('DescribeCluster', version, { endpointType })
      assert.deepEqual([...told(cluster), cluster.endpointType], [code, message, 1])
    }
  })

  it('of records', async () => {
    const produce = async (topic: string, timestamp: number): Promise<LooseMessage> => {
      const answer = await ask('Produce', 9, {
        ...{
          acks: -1,
          timeoutMs: 1000,
          topicData: [{ name: topic, partitionData: [{ index: 0, records: plainBatch(2, 10, { timestamp }) }] }],
        },
      })
      return answer.responses[0].partitionResponses[0]
    }
    const keyless = 'Compacted topic cannot accept message without key in topic partition compacted-0'
    const compacted = await produce('compacted', Date.now())
    assert.deepEqual(told(compacted), [
      Errors.INVALID_RECORD,
      'One or more records have been rejected due to 2 record errors in total, and only showing the first three errors at most: ' +
        `[RecordError(batchIndex=0, message='${keyless}'), RecordError(batchIndex=1, message='${keyless}')]`,
    ])
    assert.deepEqual(compacted.recordErrors, [
      { batchIndex: 0, batchIndexErrorMessage: keyless },
      { batchIndex: 1, batchIndexErrorMessage: keyless },
    ])
    const tomorrow = Date.now() + 86_400_000
    const late = await produce('t', tomorrow)
    assert.deepEqual(told(late), [Errors.INVALID_TIMESTAMP, 'One or more records have been rejected due to invalid timestamp'])
    const [, offset, from] =
      /^Timestamp \d+ of message with offset (\d) is out of range\. The timestamp should be within \[(-\d+), \d+\]$/.exec(
        late.recordErrors[1].batchIndexErrorMessage,
      )!
    assert.equal(offset, '1')
    // The smallest time there is, and now.
    assert.ok(BigInt(from!) < -(2n ** 63n) + 3_000_000_000_000n)
  })

  it('of coordinators: a text in old versions, an empty one from version 4 on', async () => {
    const keyed = (version: number, keyType: number, key: string): object =>
      version < 4 ? { key, keyType } : { keyType, coordinatorKeys: [key] }
    const find = async (version: number, keyType: number, key = 'k'): Promise<[number, string | null]> => {
      const answer = await ask('FindCoordinator', version, keyed(version, keyType, key))
      return told(version < 4 ? answer : answer.coordinators[0])
    }
    assert.deepEqual(await find(2, 0), [Errors.COORDINATOR_NOT_AVAILABLE, 'The coordinator is not available.'])
    assert.deepEqual((await find(4, 0))[1], '')
    await eventually('the topic of offsets is there', async () => (await find(4, 0))[0] === Errors.NONE)
    assert.deepEqual(await find(2, 0), [Errors.NONE, 'NONE'])
    assert.deepEqual(await find(6, 0), [Errors.NONE, ''])
    for (const version of [2, 4, 6]) {
      const [code, message] = await find(version, 9)
      assert.equal(code, Errors.INVALID_REQUEST)
      assert.match(message!, MALFORMED)
    }
    assert.match((await find(2, 2))[1]!, MALFORMED)
    assert.deepEqual(await find(5, 2), [Errors.INVALID_REQUEST, ''])
  })
})

describe('what is not served is refused for good', () => {
  const REFUSED = Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED

  it('a coordinator of transactions: librdkafka goes on asking after every other error', async () => {
    for (const version of [1, 2]) {
      assert.deepEqual(told(await ask('FindCoordinator', version, { key: 'x', keyType: 1 })), [
        REFUSED,
        'this broker does not serve transactions',
      ])
    }
    const { coordinators } = await ask('FindCoordinator', 6, { keyType: 1, coordinatorKeys: ['x', 'y'] })
    assert.deepEqual(coordinators.map(told), Array(2).fill([REFUSED, 'this broker does not serve transactions']))
  })

  it('a producer id for transactions, and one that is asked for in half', async () => {
    const init = async (version: number, body: object) =>
      (await ask('InitProducerId', version, { transactionTimeoutMs: 60_000, transactionalId: null, ...body })).errorCode
    for (const version of [0, 3, 5]) {
      assert.equal(await init(version, { transactionalId: 'x' }), REFUSED)
      assert.equal(await init(version, { transactionalId: '' }), Errors.INVALID_REQUEST)
      assert.equal(await init(version, {}), Errors.NONE)
    }
    assert.equal(await init(5, { producerId: 5n }), Errors.INVALID_REQUEST)
    assert.equal(await init(5, { producerEpoch: 1 }), Errors.INVALID_REQUEST)
    assert.equal(await init(5, { producerId: 5n, producerEpoch: 1 }), Errors.NONE)
  })

  it('records of a transaction from a producer without a transactional id', async () => {
    const batch = { producerId: 79, producerEpoch: 0, baseSequence: 0, transactional: true, timestamp: Date.now() }
    const records = sampleBatch({ ...batch, records: [{ key: 'k', value: 'v' }] })
    const answer = await ask('Produce', 9, {
      ...{ acks: -1, timeoutMs: 1000, topicData: [{ name: 't', partitionData: [{ index: 0, records }] }] },
    })
    assert.equal(answer.responses[0].partitionResponses[0].errorCode, REFUSED)
  })

  it('a version that ApiVersions does not name, though its shape is known', async () => {
    await assert.rejects(ask('InitProducerId', 6, { transactionalId: null, transactionTimeoutMs: 60_000 }), ConnectionLost)
  })
})
