import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { brokerHandlers, controllerHandlers } from '../../src/broker/apis/index.ts'
import { countErrors, type ErrorCounts, errorPlaces } from '../../src/broker/error-counts.ts'
import { errorName, type MessageInput, type Schema } from '../../src/protocol/index.ts'
import { ApiVersionsResponse } from '../../src/protocol/messages/api-versions.ts'
import { FetchResponse } from '../../src/protocol/messages/fetch.ts'
import { FindCoordinatorResponse } from '../../src/protocol/messages/find-coordinator.ts'
import { MetadataResponse } from '../../src/protocol/messages/metadata.ts'
import { ProduceResponse } from '../../src/protocol/messages/produce.ts'

const errorsOf = <S extends Schema>(schema: S, version: number, answer: MessageInput<S>): Record<string, number> => {
  const counts: ErrorCounts = []
  countErrors(errorPlaces(schema)!, version, answer, counts)
  return Object.fromEntries([...counts.entries()].flatMap(([at, count]) => (count === undefined ? [] : [[errorName(at - 1), count]])))
}

describe('the errors of an answer', () => {
  test('are those of its parts and of itself, and a success is one', () => {
    assert.deepEqual(errorsOf(ApiVersionsResponse, 4, { errorCode: 35 }), { UNSUPPORTED_VERSION: 1 })
    assert.deepEqual(errorsOf(ApiVersionsResponse, 4, { errorCode: -1 }), { UNKNOWN_SERVER_ERROR: 1 })
    const partitionResponses = [{ index: 0 }, { index: 1, errorCode: 6 }, { index: 2, errorCode: 0 }]
    assert.deepEqual(errorsOf(ProduceResponse, 12, { responses: [{ name: 'a', partitionResponses }] }), {
      NONE: 2,
      NOT_LEADER_OR_FOLLOWER: 1,
    })
    assert.deepEqual(errorsOf(FetchResponse, 17, { responses: [{ partitions: [{ errorCode: 1 }] }] }), { NONE: 1, OFFSET_OUT_OF_RANGE: 1 })
  })

  test('are only those of its version', () => {
    assert.deepEqual(errorsOf(FindCoordinatorResponse, 3, { errorCode: 15 }), { COORDINATOR_NOT_AVAILABLE: 1 })
    assert.deepEqual(errorsOf(FindCoordinatorResponse, 6, { coordinators: [{ errorCode: 15 }, {}] }), {
      NONE: 1,
      COORDINATOR_NOT_AVAILABLE: 1,
    })
  })

  test('of Metadata are those of topics and partitions, as in Kafka', () => {
    const topics = [
      { name: 'a', errorCode: 3, partitions: [] },
      { name: 'b', partitions: [{}, { errorCode: 5 }] },
    ]
    assert.deepEqual(errorsOf(MetadataResponse, 13, { topics }), { NONE: 2, UNKNOWN_TOPIC_OR_PARTITION: 1, LEADER_NOT_AVAILABLE: 1 })
  })

  test('are found for every API', () => {
    for (const { api, response } of [...brokerHandlers, ...controllerHandlers]) assert.ok(errorPlaces(response) !== undefined, api.name)
  })
})
