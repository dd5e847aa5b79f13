import type { Admin, ProducerState, TopicPartition, TransactionFilter, TransactionListing } from '../../client/index.ts'
import { Errors } from '../../protocol/index.ts'
import { allAnswered, clientException, exceptionOf, resultException } from '../java/client-failure.ts'
import type { JavaException } from '../java/exception.ts'
import { hashOrder, partitionHash, textOrder } from '../java/hash-order.ts'
import type { Namespace } from '../options/argument-parser.ts'
import type { ToolIo } from '../tool.ts'
import type { GiveUp } from './kafka-transactions.ts'
import { tableText } from './table-text.ts'
import { keyOf } from './topic-partitions.ts'
import { producersFailure } from './transaction-failures.ts'

/** How many topics or partitions are asked about at a time. */
const BATCH_MAX = 500

interface Open {
  readonly item: TopicPartition
  readonly producer: ProducerState
}

/** As the coordinators answered. @throws JavaException */
export async function transactionsOf(admin: Admin, filter: TransactionFilter): Promise<TransactionListing[]> {
  const { transactions, failures } = await admin.listTransactions(filter, { inAnswerOrder: true })
  const [failure] = failures
  if (failure === undefined) return transactions
  const { item: broker, error } = failure
  if (error!.code === Errors.NETWORK_EXCEPTION || error!.code === Errors.BROKER_NOT_AVAILABLE)
    throw resultException(error!, 'listTransactions(api=LIST_TRANSACTIONS)')
  const reason =
    error!.code === Errors.COORDINATOR_NOT_AVAILABLE ? 'because the coordinator is shutting down' : 'with an unexpected exception'
  throw exceptionOf(error!.code, `ListTransactions request sent to broker ${broker} failed ${reason}`)
}

/** Transactions that are open in a partition while their coordinator does not have that partition in one that runs (KIP-664). */
export async function findHangingTransactions(admin: Admin, namespace: Namespace, io: ToolIo, giveUp: GiveUp): Promise<void> {
  const [topic, partition, broker] = [namespace.text('topic'), namespace.number('partition'), namespace.number('broker-id')]
  if (topic === undefined && broker === undefined)
    giveUp('The `find-hanging` command requires either --topic or --broker-id to limit the scope of the search')
  if (partition !== undefined && topic === undefined) giveUp('The --partition argument requires --topic to be provided')
  const partitions =
    topic !== undefined && partition !== undefined ? [{ topic, partition }] : await partitionsOn(admin, topic, broker, giveUp)
  const { clock } = await io.host()
  const idleMs = namespace.number('max-transaction-timeout')! * 60_000
  const open = await openTransactions(admin, partitions, broker, giveUp)
  const candidates = open.filter(({ producer }) => clock.now() - Number(producer.lastTimestamp) > idleMs)
  const hanging = candidates.length === 0 ? [] : await unknownToCoordinators(admin, candidates, giveUp)
  const rows = hanging.map(({ item, producer }) => [
    ...[item.topic, item.partition, producer.producerId, producer.producerEpoch, Math.max(-1, producer.coordinatorEpoch)].map(String),
    ...[producer.currentTransactionStartOffset, producer.lastTimestamp].map(String),
    String(Math.trunc((clock.now() - Number(producer.lastTimestamp)) / 60_000)),
  ])
  io.out(
    tableText(
      ['Topic', 'Partition', 'ProducerId', 'ProducerEpoch', 'CoordinatorEpoch', 'StartOffset', 'LastTimestamp', 'Duration(min)'],
      rows,
    ),
  )
}

async function partitionsOn(
  admin: Admin,
  topic: string | undefined,
  broker: number | undefined,
  giveUp: GiveUp,
): Promise<TopicPartition[]> {
  const names = topic === undefined ? await namesOf(admin, giveUp) : [topic]
  const found: TopicPartition[] = []
  for (const batch of batches(names)) {
    const topics = await allAnswered('describeTopicPartitions', admin.describeTopics(batch)).catch((error: unknown) =>
      giveUp(`Failed to describe ${batch.length} topics`, causeOf(error, 'describeTopicPartitions')),
    )
    for (const { name, partitions } of topics)
      for (const each of partitions)
        if (broker === undefined || each.replicas.includes(broker)) found.push({ topic: name, partition: each.partition })
  }
  return found
}

async function namesOf(admin: Admin, giveUp: GiveUp): Promise<string[]> {
  const listed = await admin
    .listTopics({ includeInternal: true })
    .catch((error: unknown) => giveUp('Failed to list topics', causeOf(error, 'listTopics')))
  return textOrder(listed.map(({ name }) => name))
}

async function openTransactions(
  admin: Admin,
  partitions: readonly TopicPartition[],
  broker: number | undefined,
  giveUp: GiveUp,
): Promise<Open[]> {
  const open: Open[] = []
  for (const batch of batches(partitions)) {
    const where = broker === undefined ? 'Optional.empty' : `Optional[${broker}]`
    const fail = (failure: JavaException): never =>
      giveUp(`Failed to describe producers for ${batch.length} partitions on broker ${where}`, failure)
    const results = await admin
      .describeProducers(batch, broker === undefined ? {} : { broker })
      .catch((error: unknown) => fail(clientException(error, 'describeProducers(api=METADATA)')))
    const failed = results.find(({ error }) => error !== null)
    if (failed !== undefined) fail(producersFailure(failed.item, broker, failed.error!))
    for (const { item, value } of hashOrder(results, ({ item: each }) => partitionHash(each)))
      for (const producer of value ?? []) if (producer.currentTransactionStartOffset >= 0) open.push({ item, producer })
  }
  return open
}

async function unknownToCoordinators(admin: Admin, candidates: readonly Open[], giveUp: GiveUp): Promise<Open[]> {
  const producerIds = hashOrder([...new Set(candidates.map(({ producer }) => producer.producerId))], longHash)
  const listed = await transactionsOf(admin, { producerIds }).catch((error: unknown) =>
    giveUp(`Failed to list transactions for ${producerIds.length} producers`, causeOf(error, 'listTransactions')),
  )
  const idOf = new Map(listed.map(({ producerId, transactionalId }) => [producerId, transactionalId]))
  const ids = [...new Set(idOf.values())]
  const fail = (failure: JavaException): never => giveUp(`Failed to describe ${ids.length} transactions`, failure)
  const described = await admin
    .describeTransactions(ids)
    .catch((error: unknown) => fail(causeOf(error, 'findCoordinator(api=FIND_COORDINATOR)')))
  const running = new Map<string, ReadonlySet<string>>()
  for (const { item, error, value } of described) {
    if (error === null) running.set(item, new Set(value.partitions.map(keyOf)))
    else if (error.code !== Errors.TRANSACTIONAL_ID_NOT_FOUND) fail(resultException(error, 'findCoordinator(api=FIND_COORDINATOR)'))
  }
  return producerIds.flatMap((id) =>
    candidates.filter(({ item, producer }) => producer.producerId === id && running.get(idOf.get(id) ?? '')?.has(keyOf(item)) !== true),
  )
}

/** Long.hashCode(). */
const longHash = (value: number): number => Math.trunc(value / 2 ** 32) ^ (value | 0)

function* batches<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < items.length; from += BATCH_MAX) yield items.slice(from, from + BATCH_MAX)
}

function causeOf(error: unknown, callName: string): JavaException {
  const exception = clientException(error, callName)
  return exception.is('ExecutionException') ? (exception.causedBy ?? exception) : exception
}
