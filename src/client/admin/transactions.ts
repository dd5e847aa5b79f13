import { Apis } from '../../protocol/index.ts'
import { DescribeTransactionsRequest, DescribeTransactionsResponse } from '../../protocol/messages/describe-transactions.ts'
import { InitProducerIdRequest, InitProducerIdResponse } from '../../protocol/messages/init-producer-id.ts'
import { ListTransactionsRequest, ListTransactionsResponse } from '../../protocol/messages/list-transactions.ts'
import { WriteTxnMarkersRequest, WriteTxnMarkersResponse } from '../../protocol/messages/write-txn-markers.ts'
import { call } from '../call.ts'
import { type ItemResult, itemResult, throwIfError } from '../client-error.ts'
import { CoordinatorType } from '../cluster.ts'
import {
  type AdminContext,
  type AdminOptions,
  matchResults,
  partitionKey,
  type TopicPartition,
  toBrokers,
  toCoordinators,
  toLeaders,
} from './routes.ts'

const listTransactionsCall = call(Apis.ListTransactions, ListTransactionsRequest, ListTransactionsResponse)
const describeTransactionsCall = call(Apis.DescribeTransactions, DescribeTransactionsRequest, DescribeTransactionsResponse)
const initProducerIdCall = call(Apis.InitProducerId, InitProducerIdRequest, InitProducerIdResponse)
const writeMarkersCall = call(Apis.WriteTxnMarkers, WriteTxnMarkersRequest, WriteTxnMarkersResponse)

export interface TransactionListing {
  readonly transactionalId: string
  readonly producerId: number
  /** `Empty`, `Ongoing`, `PrepareCommit`, `CompleteAbort`, … */
  readonly state: string
  readonly coordinator: number
}

export interface TransactionFilter {
  readonly states?: readonly string[]
  readonly producerIds?: readonly number[]
  /** Only those that have been running for longer (KIP-994). */
  readonly runningLongerMs?: number
  /** A regular expression of RE2 (KIP-1152). */
  readonly pattern?: string
}

/** The transactional ids of every coordinator, by name or in the order of the answers, and which brokers could not be asked. */
export async function listTransactions(
  admin: AdminContext,
  filter: TransactionFilter = {},
  options: AdminOptions & { inAnswerOrder?: boolean } = {},
): Promise<{ transactions: TransactionListing[]; failures: ItemResult<number, never>[] }> {
  const { states = [], producerIds = [], runningLongerMs, pattern } = filter
  const minVersion = pattern !== undefined ? 2 : runningLongerMs !== undefined ? 1 : 0
  const results = await toBrokers(admin, 'ListTransactions', undefined, options, async (nodeId) => {
    const answer = await admin.cluster.send(
      nodeId,
      listTransactionsCall,
      (version) => ({
        stateFilters: states,
        producerIdFilters: producerIds,
        ...(version >= 1 && { durationFilter: runningLongerMs ?? -1 }),
        ...(version >= 2 && { transactionalIdPattern: pattern ?? null }),
      }),
      { minVersion },
    )
    throwIfError(answer.errorCode, null, `ListTransactions of broker ${nodeId}`)
    return answer.transactionStates
  })
  const transactions: TransactionListing[] = []
  const failures: ItemResult<number, never>[] = []
  for (const { item: coordinator, error, value } of results) {
    if (error !== null) failures.push({ item: coordinator, error, value: null })
    else
      for (const { transactionalId, producerId, transactionState: state } of value)
        transactions.push({ transactionalId, producerId, state, coordinator })
  }
  if (options.inAnswerOrder !== true) transactions.sort((a, b) => (a.transactionalId < b.transactionalId ? -1 : 1))
  return { transactions, failures }
}

export interface TransactionDescription extends TransactionListing {
  readonly producerEpoch: number
  readonly timeoutMs: number
  /** Milliseconds since 1970; -1: none is running. */
  readonly startTimeMs: number | bigint
  readonly partitions: readonly TopicPartition[]
}

export function describeTransactions(
  admin: AdminContext,
  transactionalIds: readonly string[],
  options: AdminOptions = {},
): Promise<ItemResult<string, TransactionDescription>[]> {
  const ask = async (nodeId: number, wanted: readonly string[]): Promise<ItemResult<string, TransactionDescription>[]> => {
    const answer = await admin.cluster.send(nodeId, describeTransactionsCall, { transactionalIds: wanted })
    return matchResults(
      wanted,
      (id) => id,
      answer.transactionStates,
      (entry) => entry.transactionalId,
      (id, entry) =>
        itemResult(id, entry.errorCode, null, {
          transactionalId: id,
          producerId: entry.producerId,
          state: entry.transactionState,
          coordinator: nodeId,
          producerEpoch: entry.producerEpoch,
          timeoutMs: entry.transactionTimeoutMs,
          startTimeMs: entry.transactionStartTimeMs,
          partitions: entry.topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition }))),
        }),
    )
  }
  return toCoordinators(admin, 'DescribeTransactions', transactionalIds, (id) => id, options, ask, CoordinatorType.transaction)
}

/** An open transaction of a producer in one partition. */
export interface OpenTransaction extends TopicPartition {
  readonly producerId: number
  readonly producerEpoch: number
  /** Not below what the partition has seen of this producer. */
  readonly coordinatorEpoch: number
}

/** Ends transactions in single partitions, past the coordinator, which may know nothing of them: records in them are lost (KIP-664). */
export function abortTransactions(
  admin: AdminContext,
  transactions: readonly OpenTransaction[],
  options: AdminOptions = {},
): Promise<ItemResult<OpenTransaction>[]> {
  return toLeaders(admin, 'WriteTxnMarkers', transactions, options, async (nodeId, wanted) => {
    const markers = wanted.map(({ topic, partition, ...marker }) => ({
      producerId: marker.producerId,
      producerEpoch: marker.producerEpoch,
      coordinatorEpoch: marker.coordinatorEpoch,
      transactionResult: false,
      topics: [{ name: topic, partitionIndexes: [partition] }],
    }))
    const answer = await admin.cluster.send(nodeId, writeMarkersCall, { markers })
    const entries = answer.markers.flatMap(({ producerId, topics }) =>
      topics.flatMap((topic) =>
        topic.partitions.map((each) => ({ producerId, topic: topic.name, partition: each.partitionIndex, errorCode: each.errorCode })),
      ),
    )
    const keyOf = (each: TopicPartition & { readonly producerId: number }): string => `${each.producerId} ${partitionKey(each)}`
    return matchResults(wanted, keyOf, entries, keyOf, (item, entry) => itemResult(item, entry.errorCode, null, null))
  })
}

/** Takes the transactional id away from its producer, whose transaction the coordinator then aborts (KIP-939). */
export function terminateTransactions(
  admin: AdminContext,
  transactionalIds: readonly string[],
  options: AdminOptions = {},
): Promise<ItemResult<string>[]> {
  const transactionTimeoutMs = options.timeoutMs ?? admin.settings['request.timeout.ms']
  const ask = async (nodeId: number, wanted: readonly string[]): Promise<ItemResult<string>[]> =>
    Promise.all(
      wanted.map(async (transactionalId) => {
        const answer = await admin.cluster.send(nodeId, initProducerIdCall, { transactionalId, transactionTimeoutMs })
        return itemResult(transactionalId, answer.errorCode, null, null)
      }),
    )
  return toCoordinators(admin, 'InitProducerId', transactionalIds, (id) => id, options, ask, CoordinatorType.transaction)
}
