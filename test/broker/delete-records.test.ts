import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deleteRecords } from '../../src/broker/apis/delete-records.ts'
import type { BrokerParts } from '../../src/broker/parts.ts'
import { complete, Errors } from '../../src/protocol/index.ts'
import { DeleteRecordsRequest } from '../../src/protocol/messages/delete-records.ts'
import { plainBatch } from '../log/sample-batches.ts'
import { appendTo, openReplicas } from '../replica/replica-fixture.ts'
import { ask } from './fake-parts.ts'

const asked = (...offsets: number[]) =>
  complete(DeleteRecordsRequest, 2, {
    topics: [{ name: 'events', partitions: offsets.map((offset, partitionIndex) => ({ partitionIndex, offset })) }],
  })

test('records of a topic that was just made can be deleted: the request waits for its logs', async () => {
  await using replicas = await openReplicas()
  replicas.create('events')
  void replicas.apply()
  const answer = await ask(deleteRecords, asked(-1), replicas as unknown as BrokerParts)
  assert.deepEqual(answer.topics![0]!.partitions, [{ partitionIndex: 0, errorCode: Errors.NONE, lowWatermark: 0 }])
})

test('-1 means the high watermark; offsets beyond it, below -1 or beyond 2^53 are out of range', async () => {
  await using replicas = await openReplicas()
  replicas.create('events', 5)
  await replicas.apply()
  for (let index = 0; index < 5; index++) {
    appendTo(replicas.at('events', index), plainBatch(3))
    await replicas.at('events', index).log.written()
  }
  const request = asked(-1, 2, 4, -2, 0)
  request.topics[0]!.partitions[4]!.offset = 2 ** 63
  const answer = await ask(deleteRecords, request, replicas as unknown as BrokerParts)
  const none = { errorCode: Errors.OFFSET_OUT_OF_RANGE, lowWatermark: -1 }
  assert.deepEqual(
    answer.topics![0]!.partitions,
    [{ errorCode: 0, lowWatermark: 3 }, { errorCode: 0, lowWatermark: 2 }, none, none, none].map((each, partitionIndex) => ({
      partitionIndex,
      ...each,
    })),
  )
})
