import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Admin, ItemError, ProducerState, TopicPartition } from '../../src/client/index.ts'
import { findHanging } from '../../src/ops/hanging-transactions.ts'
import { Errors } from '../../src/protocol/index.ts'

const producer: ProducerState = {
  producerId: 7,
  producerEpoch: 0,
  lastSequence: 0,
  lastTimestamp: 0,
  coordinatorEpoch: 0,
  currentTransactionStartOffset: 3,
}
const errorOf = (name: 'COORDINATOR_NOT_AVAILABLE' | 'NOT_LEADER_OR_FOLLOWER' | 'TRANSACTIONAL_ID_NOT_FOUND'): ItemError => ({
  ...{ code: Errors[name], name, message: name, retriable: false },
})

/** A cluster with one open transaction, in which the second look at producers, or that at the transaction, fails. */
const clusterWhere = (failing: { readonly transaction?: ItemError; readonly secondLook?: ItemError }): Admin => {
  let looks = 0
  const admin: Partial<Record<keyof Admin, unknown>> = {
    describeTopics: async (names: string[]) =>
      names.map((item) => ({ item, error: null, value: { partitions: [{ partition: 0, leader: 1 }] } })),
    describeProducers: async (partitions: TopicPartition[]) =>
      partitions.map(({ topic, partition }) => {
        const error = ++looks > 1 ? (failing.secondLook ?? null) : null
        return { item: { topic, partition }, error, value: error === null ? [producer] : null }
      }),
    listTransactions: async () => ({ transactions: [{ transactionalId: 'loose', producerId: 7, state: 'Ongoing' }], failures: [] }),
    describeTransactions: async (ids: string[]) =>
      ids.map((item) => ({
        item,
        error: failing.transaction ?? null,
        value: failing.transaction === undefined ? { partitions: [] } : null,
      })),
  }
  return admin as unknown as Admin
}
const find = async (failing: Parameters<typeof clusterWhere>[0]) => {
  const { hanging, failures } = await findHanging(clusterWhere(failing), { topics: ['ledger'], idleMs: 1, nowMs: 1000 })
  return [hanging.length, failures.map(({ item, error }) => `${item}: ${error?.name}`)]
}

it('a transaction that its coordinator does not know of, or not there, hangs', async () => {
  assert.deepEqual(await find({}), [1, []])
  assert.deepEqual(await find({ transaction: errorOf('TRANSACTIONAL_ID_NOT_FOUND') }), [1, []])
})

it('one that could not be looked at is told of: nobody can say that it does not hang', async () => {
  assert.deepEqual(await find({ transaction: errorOf('COORDINATOR_NOT_AVAILABLE') }), [
    0,
    ['transactional id loose: COORDINATOR_NOT_AVAILABLE'],
  ])
  assert.deepEqual(await find({ secondLook: errorOf('NOT_LEADER_OR_FOLLOWER') }), [0, ['ledger-0: NOT_LEADER_OR_FOLLOWER']])
})
