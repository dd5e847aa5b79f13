import assert from 'node:assert/strict'
import { test } from 'node:test'
import { produce } from '../../src/broker/apis/produce.ts'
import { BrokerMetrics } from '../../src/broker/broker-metrics.ts'
import type { BrokerParts } from '../../src/broker/parts.ts'
import { complete, type ErrorCode, Errors } from '../../src/protocol/index.ts'
import { ProduceRequest } from '../../src/protocol/messages/produce.ts'
import { plainBatch } from '../log/sample-batches.ts'
import { idOf, openReplicas, type Replicas } from '../replica/replica-fixture.ts'
import { ask, asked } from './fake-parts.ts'

const partsOf = (replicas: Replicas): BrokerParts => ({ ...replicas, metrics: new BrokerMetrics() }) as unknown as BrokerParts

const damaged = (batch: Buffer): Buffer => {
  batch[batch.length - 1]! ^= 1
  return batch
}

const events = async (partitionCount = 1): Promise<Replicas> => {
  const replicas = await openReplicas()
  replicas.create('events', partitionCount)
  await replicas.apply()
  return replicas
}

test('of a partition that is named more than once the last records count, and it is answered once', async () => {
  await using replicas = await events(2)
  const named = (index: number, count: number) => ({ index, records: plainBatch(count) })
  const twice = [
    { topicId: idOf('events'), name: 'events', partitionData: [named(0, 1), named(1, 2), named(0, 3)] },
    { topicId: idOf('events'), name: 'events', partitionData: [named(1, 5)] },
  ]
  for (const [n, version] of [9, 13].entries()) {
    const request = complete(ProduceRequest, version, { acks: -1, timeoutMs: 10_000, topicData: twice })
    const { responses } = await ask(produce, request, partsOf(replicas), asked(version))
    const told = responses!.flatMap(({ partitionResponses }) => partitionResponses!)
    assert.deepEqual(
      told.map(({ index, errorCode, baseOffset }) => ({ index, errorCode, baseOffset })).toSorted((a, b) => a.index! - b.index!),
      [
        { index: 0, errorCode: Errors.NONE, baseOffset: 3 * n },
        { index: 1, errorCode: Errors.NONE, baseOffset: 5 * n },
      ],
      `version ${version}`,
    )
    assert.deepEqual([replicas.at('events', 0).log.logEndOffset, replicas.at('events', 1).log.logEndOffset], [3 * n + 3, 5 * n + 5])
  }
})

test('of a partition that is named more than once the last whole batch is appended, and what is none is told', async () => {
  const whole = (count: number): Buffer => plainBatch(count)
  const old = Buffer.from(plainBatch(1))
  old[16] = 1
  const cases: [string, Buffer[], ErrorCode, number][] = [
    ['the last one is none', [whole(2), Buffer.concat([whole(1), whole(1)])], Errors.INVALID_RECORD, 2],
    ['the first one is none', [old, whole(3)], Errors.INVALID_RECORD, 3],
    ['the one between is none', [whole(2), Buffer.alloc(30, 9), whole(4)], Errors.CORRUPT_MESSAGE, 4],
    ['none is one', [Buffer.alloc(30, 9), old], Errors.INVALID_RECORD, 0],
    // A batch, though its bytes were damaged: it counts, and what comes before it does not.
    ['the last one is damaged', [whole(2), damaged(whole(1))], Errors.CORRUPT_MESSAGE, 0],
  ]
  for (const [what, sets, expected, appended] of cases) {
    await using replicas = await events()
    const topicData = [{ name: 'events', partitionData: sets.map((records) => ({ index: 0, records })) }]
    const request = complete(ProduceRequest, 9, { acks: -1, timeoutMs: 10_000, topicData })
    const { responses } = await ask(produce, request, partsOf(replicas), asked(9))
    const told = responses![0]!.partitionResponses!.map(({ errorCode, baseOffset }) => [errorCode, baseOffset])
    assert.deepEqual(told, [[expected, -1]], what)
    assert.equal(replicas.at('events').log.logEndOffset, appended, what)
  }
})

test('what was appended and not acknowledged in time is told with the offset that it has', async () => {
  await using replicas = await events()
  const { log } = replicas.at('events')
  const gate = Promise.withResolvers<void>()
  // Writes follow a task of the log: as long as this one runs, none begins.
  log.queue.task(() => gate.promise)
  const topicData = [{ name: 'events', partitionData: [{ index: 0, records: plainBatch(4) }] }]
  const request = () => complete(ProduceRequest, 9, { acks: -1, timeoutMs: 1, topicData })
  const first = await ask(produce, request(), partsOf(replicas), asked(9))
  const second = await ask(produce, request(), partsOf(replicas), asked(9))
  gate.resolve()
  assert.deepEqual(
    [first, second].map(({ responses }) => {
      const { errorCode, baseOffset, logStartOffset } = responses![0]!.partitionResponses![0]!
      return { errorCode, baseOffset, logStartOffset }
    }),
    [0, 4].map((baseOffset) => ({ errorCode: Errors.REQUEST_TIMED_OUT, baseOffset, logStartOffset: 0 })),
  )
})
