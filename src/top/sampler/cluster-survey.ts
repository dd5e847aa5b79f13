import { call } from '../../client/index.ts'
import { Apis, Errors, KafkaError } from '../../protocol/index.ts'
import { DescribeClusterRequest, DescribeClusterResponse } from '../../protocol/messages/describe-cluster.ts'
import { DescribeLogDirsRequest, DescribeLogDirsResponse } from '../../protocol/messages/describe-log-dirs.ts'
import { DescribeTransactionsRequest, DescribeTransactionsResponse } from '../../protocol/messages/describe-transactions.ts'
import { ListTransactionsRequest, ListTransactionsResponse } from '../../protocol/messages/list-transactions.ts'
import type { DirectorySample, StorageSample, TransactionSample } from '../sample.ts'
import { answerBound, type BrokerRounds } from './broker-rounds.ts'

const describeCluster = call(Apis.DescribeCluster, DescribeClusterRequest, DescribeClusterResponse)
const describeLogDirs = call(Apis.DescribeLogDirs, DescribeLogDirsRequest, DescribeLogDirsResponse)
const listTransactions = call(Apis.ListTransactions, ListTransactionsRequest, ListTransactionsResponse)
const describeTransactions = call(Apis.DescribeTransactions, DescribeTransactionsRequest, DescribeTransactionsResponse)

const FENCED_BROKERS_VERSION_MIN = 2
const ENDPOINTS_OF_BROKERS = 1
/** States in which a transaction holds nobody up. */
const restful: ReadonlySet<string> = new Set(['Empty', 'CompleteCommit', 'CompleteAbort', 'Dead'])

/** All registered brokers, fenced ones among them (KIP-1073). Null: the cluster is too old to say; undefined: nobody answers. */
export async function surveyFenced(
  rounds: BrokerRounds,
  controllerId: number,
): Promise<readonly { id: number; host: string; port: number; rack: string | null; fenced: boolean }[] | null | undefined> {
  return rounds.askOne('DescribeCluster', controllerId, async (link) => {
    if (!link.connected) await link.open()
    if (!link.supports(Apis.DescribeCluster, FENCED_BROKERS_VERSION_MIN)) return null
    const body = { endpointType: ENDPOINTS_OF_BROKERS, includeFencedBrokers: true }
    const answer = await link.request(describeCluster, body, { ...answerBound, minVersion: FENCED_BROKERS_VERSION_MIN })
    if (answer.errorCode !== Errors.NONE) throw new KafkaError(answer.errorCode)
    return answer.brokers.map((each) => ({ id: each.brokerId, host: each.host, port: each.port, rack: each.rack, fenced: each.isFenced }))
  })
}

/** Log directories and the size of every replica. */
export async function surveyStorage(rounds: BrokerRounds, brokers: Iterable<number>): Promise<Omit<StorageSample, 'timeMs'> | undefined> {
  const directories: DirectorySample[] = []
  const replicaBytes: Record<string, Record<string, number[]>> = {}
  const answers = await rounds.askAll('DescribeLogDirs', brokers, (link) => link.request(describeLogDirs, { topics: null }, answerBound))
  for (const [broker, { errorCode, results }] of answers) {
    if (errorCode !== Errors.NONE) {
      rounds.fail('DescribeLogDirs', broker, new KafkaError(errorCode))
      continue
    }
    const bytes: Record<string, number[]> = (replicaBytes[broker] = {})
    for (const dir of results) {
      directories.push({
        broker,
        path: dir.logDir,
        online: dir.errorCode === Errors.NONE,
        totalBytes: dir.totalBytes < 0 ? null : dir.totalBytes,
        usableBytes: dir.usableBytes < 0 ? null : dir.usableBytes,
      })
      for (const { name, partitions } of dir.topics) {
        const list = (bytes[name] ??= [])
        for (const each of partitions) if (!each.isFutureKey) list.push(each.partitionIndex, each.partitionSize)
      }
    }
  }
  if (directories.length === 0) return undefined
  return { directories: directories.sort((a, b) => a.broker - b.broker || (a.path < b.path ? -1 : 1)), replicaBytes }
}

/** Transactional ids of every coordinator; details of those that have a transaction open. Null: no broker lists them. */
export async function surveyTransactions(rounds: BrokerRounds, brokers: Iterable<number>): Promise<TransactionSample[] | null> {
  const answers = await rounds.askAll('ListTransactions', brokers, async (link, coordinator) => {
    if (!link.connected) await link.open()
    if (!link.supports(Apis.ListTransactions, 0)) return null
    const listed = await link.request(listTransactions, {}, answerBound)
    if (listed.errorCode === Errors.COORDINATOR_LOAD_IN_PROGRESS || listed.errorCode === Errors.COORDINATOR_NOT_AVAILABLE) return []
    if (listed.errorCode !== Errors.NONE) throw new KafkaError(listed.errorCode)
    const open = listed.transactionStates.filter((each) => !restful.has(each.transactionState)).map((each) => each.transactionalId)
    const described =
      open.length === 0 ? [] : (await link.request(describeTransactions, { transactionalIds: open }, answerBound)).transactionStates
    const details = new Map(described.filter(({ errorCode }) => errorCode === Errors.NONE).map((each) => [each.transactionalId, each]))
    return listed.transactionStates.map((each): TransactionSample => {
      const detail = details.get(each.transactionalId)
      return {
        id: each.transactionalId,
        producerId: each.producerId,
        state: each.transactionState,
        coordinator,
        startedMs: detail === undefined || detail.transactionStartTimeMs < 0 ? null : detail.transactionStartTimeMs,
        timeoutMs: detail?.transactionTimeoutMs ?? null,
        partitionCount: detail === undefined ? null : detail.topics.reduce((sum, { partitions }) => sum + partitions.length, 0),
      }
    })
  })
  const lists = [...answers.values()].filter((each) => each !== null)
  return lists.length === 0 ? null : lists.flat().sort((a, b) => (a.id < b.id ? -1 : 1))
}
