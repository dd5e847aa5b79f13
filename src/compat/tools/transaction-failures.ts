import type { ItemError, TopicPartition } from '../../client/index.ts'
import { Errors } from '../../protocol/index.ts'
import { exceptionOf, resultException, timeoutException } from '../java/client-failure.ts'
import { javaErrorOf } from '../java/errors.ts'
import type { JavaException } from '../java/exception.ts'
import { keyOf } from './topic-partitions.ts'

const authorizations: Readonly<Record<number, string>> = {
  [Errors.CLUSTER_AUTHORIZATION_FAILED]: 'cluster authorization failure',
  [Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED]: 'transactional ID authorization failure',
}

const isUnreached = ({ code }: ItemError): boolean => code === Errors.NETWORK_EXCEPTION || code === Errors.BROKER_NOT_AVAILABLE

/** Of what was asked about a transactional id. */
export function transactionFailure(request: string, id: string, error: ItemError): JavaException {
  if (isUnreached(error)) return resultException(error, 'findCoordinator(api=FIND_COORDINATOR)')
  const start = `${request} request for transactionalId \`${id}\` failed`
  if (error.code === Errors.TRANSACTIONAL_ID_NOT_FOUND && request === 'DescribeTransactions')
    return exceptionOf(error.code, `${start} because the ID could not be found`)
  const authorization = authorizations[error.code]
  const reason = request === 'DescribeTransactions' && authorization !== undefined ? 'authorization failure' : authorization
  return exceptionOf(error.code, `${start} due to ${reason ?? 'unexpected error'}`)
}

/** Java's client waits for the leader of a partition that is not there until its time is over. */
export function producersFailure(item: TopicPartition, broker: number | undefined, error: ItemError): JavaException {
  const partition = keyOf(item)
  switch (error.code) {
    case Errors.UNKNOWN_TOPIC_OR_PARTITION:
    case Errors.LEADER_NOT_AVAILABLE:
      return timeoutException(
        `Timed out waiting for a node assignment. Call: describeProducers(api=${broker === undefined ? 'METADATA' : 'DESCRIBE_PRODUCERS'})`,
      )
    case Errors.NETWORK_EXCEPTION:
    case Errors.BROKER_NOT_AVAILABLE:
      return resultException(error, `describeProducers(api=${broker === undefined ? 'METADATA' : 'DESCRIBE_PRODUCERS'})`)
    case Errors.NOT_LEADER_OR_FOLLOWER:
      return exceptionOf(error.code, `Failed to describe active producers for partition ${partition} on brokerId ${broker}`)
    case Errors.INVALID_TOPIC_EXCEPTION:
      return exceptionOf(
        error.code,
        `Failed to fetch metadata for partition ${partition} due to invalid topic error: ${exceptionOf(error.code, error.message).text}`,
      )
    case Errors.TOPIC_AUTHORIZATION_FAILED:
      return exceptionOf(
        error.code,
        `Failed to describe active producers for partition ${partition} due to authorization failure on topic \`${item.topic}\``,
      )
    default:
      return exceptionOf(error.code, `Failed to describe active producers for partition ${partition} due to unexpected error`)
  }
}

/** Of a marker that was not written. */
export function abortFailure(spec: string, coordinatorEpoch: number, error: ItemError): JavaException {
  const start = `WriteTxnMarkers request with ${spec} failed`
  switch (error.code) {
    case Errors.UNKNOWN_TOPIC_OR_PARTITION:
    case Errors.NETWORK_EXCEPTION:
    case Errors.BROKER_NOT_AVAILABLE:
      return timeoutException('Timed out waiting for a node assignment. Call: abortTransaction(api=METADATA)')
    case Errors.CLUSTER_AUTHORIZATION_FAILED:
      return exceptionOf(error.code, `${start} due to cluster authorization error`)
    case Errors.INVALID_PRODUCER_EPOCH:
      return exceptionOf(error.code, `${start} due an invalid producer epoch`)
    case Errors.TRANSACTION_COORDINATOR_FENCED:
      return exceptionOf(
        error.code,
        `${start} since the provided coordinator epoch ${coordinatorEpoch} has been fenced by the active coordinator`,
      )
    default:
      return exceptionOf(error.code, `${start} due to unexpected error: ${javaErrorOf(error.code).message}`)
  }
}
