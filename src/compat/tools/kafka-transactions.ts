import type { Admin, OpenTransaction, ProducerState, TopicPartition } from '../../client/index.ts'
import { loadProperties, withAdmin } from '../admin-session.ts'
import { grammar } from '../declared/kafka-transactions.ts'
import { clientException } from '../java/client-failure.ts'
import { JavaException } from '../java/exception.ts'
import { hashOrder, partitionHash } from '../java/hash-order.ts'
import type { Namespace } from '../options/argument-parser.ts'
import { withArguments } from '../options/arguments-run.ts'
import { guarded, type Tool, ToolExit, type ToolIo, uncaught } from '../tool.ts'
import { findHangingTransactions, transactionsOf } from './hanging-transactions.ts'
import { tableText } from './table-text.ts'
import { keyOf } from './topic-partitions.ts'
import { abortFailure, producersFailure, transactionFailure } from './transaction-failures.ts'

/** Tells why the tool ends: alone, or with the failure behind it. */
export type GiveUp = (message: string, failure?: JavaException) => never

export const kafkaTransactions: Tool = (args, io) => withArguments(grammar, args, io, 1, (namespace) => run(namespace, io))

async function run(namespace: Namespace, io: ToolIo): Promise<number> {
  const giveUp: GiveUp = (message, failure) => {
    io.err(failure === undefined ? `${message}\n` : `${message}: ${failure.text}. Enable debug logging for additional detail.\n`)
    throw new ToolExit(1)
  }
  const file = await loadProperties(io, namespace.text('command-config')).catch((error: unknown) => {
    if (error instanceof JavaException) giveUp('Failed to load admin client properties', error)
    throw error
  })
  return guarded(
    () =>
      withAdmin(io, { ...file, 'bootstrap.servers': namespace.text('bootstrap-server')! }, async (admin) => {
        await commands[namespace.command]!(admin, namespace, io, giveUp)
        return 0
      }),
    uncaught(io),
  )
}

type Run = (admin: Admin, namespace: Namespace, io: ToolIo, giveUp: GiveUp) => Promise<void>

const commands: Readonly<Record<string, Run>> = {
  list,
  describe,
  abort,
  'describe-producers': describeProducers,
  'find-hanging': findHangingTransactions,
  forceTerminateTransaction: forceTerminate,
}

async function list(admin: Admin, namespace: Namespace, io: ToolIo, giveUp: GiveUp): Promise<void> {
  const [runningLongerMs, pattern] = [namespace.number('duration-filter'), namespace.text('transactional-id-pattern')]
  const filter = { ...(runningLongerMs !== undefined && { runningLongerMs }), ...(pattern !== undefined && { pattern }) }
  const transactions = await transactionsOf(admin, filter).catch((error: unknown) =>
    giveUp('Failed to list transactions', clientException(error, 'listTransactions')),
  )
  const rows = transactions.map((each) => [each.transactionalId, String(each.coordinator), String(each.producerId), each.state])
  io.out(tableText(['TransactionalId', 'Coordinator', 'ProducerId', 'TransactionState'], rows))
}

async function describe(admin: Admin, namespace: Namespace, io: ToolIo, giveUp: GiveUp): Promise<void> {
  const id = namespace.text('transactional-id')!
  const fail = (failure: JavaException): never => giveUp(`Failed to describe transaction state of transactional-id \`${id}\``, failure)
  const [result] = await admin
    .describeTransactions([id])
    .catch((error: unknown) => fail(clientException(error, 'findCoordinator(api=FIND_COORDINATOR)')))
  if (result!.error !== null) return fail(transactionFailure('DescribeTransactions', id, result!.error))
  const { value } = result!
  const startTimeMs = Number(value.startTimeMs)
  const nowMs = (await io.host()).clock.now()
  const row = [
    ...[String(value.coordinator), id, String(value.producerId), String(value.producerEpoch), value.state, String(value.timeoutMs)],
    ...(startTimeMs >= 0 ? [String(startTimeMs), String(nowMs - startTimeMs)] : ['None', 'None']),
    hashOrder(value.partitions, partitionHash).map(keyOf).join(','),
  ]
  io.out(tableText(transactionHeaders, [row]))
}

const transactionHeaders = [
  ...['CoordinatorId', 'TransactionalId', 'ProducerId', 'ProducerEpoch', 'TransactionState', 'TransactionTimeoutMs'],
  ...['CurrentTransactionStartTimeMs', 'TransactionDurationMs', 'TopicPartitions'],
]

async function describeProducers(admin: Admin, namespace: Namespace, io: ToolIo, giveUp: GiveUp): Promise<void> {
  const broker = namespace.number('broker-id')
  const item = partitionOf(namespace)
  const where = broker === undefined ? 'leader' : `broker ${broker}`
  const producers = await producersOf(admin, item, broker, `Failed to describe producers for partition ${keyOf(item)} on ${where}`, giveUp)
  const rows = producers.map((each) => [
    ...[each.producerId, each.producerEpoch, Math.max(-1, each.coordinatorEpoch), each.lastSequence, each.lastTimestamp].map(String),
    each.currentTransactionStartOffset < 0 ? 'None' : String(each.currentTransactionStartOffset),
  ])
  io.out(tableText(producerHeaders, rows))
}

const producerHeaders = [
  ...['ProducerId', 'ProducerEpoch', 'LatestCoordinatorEpoch', 'LastSequence', 'LastTimestamp', 'CurrentTransactionStartOffset'],
]

async function producersOf(
  admin: Admin,
  item: TopicPartition,
  broker: number | undefined,
  message: string,
  giveUp: GiveUp,
): Promise<readonly ProducerState[]> {
  const [result] = await admin
    .describeProducers([item], broker === undefined ? {} : { broker })
    .catch((error: unknown) => giveUp(message, clientException(error, 'describeProducers(api=METADATA)')))
  return result!.error === null ? result!.value : giveUp(message, producersFailure(item, broker, result!.error))
}

async function abort(admin: Admin, namespace: Namespace, _io: ToolIo, giveUp: GiveUp): Promise<void> {
  const item = partitionOf(namespace)
  const [startOffset, producerId] = [namespace.number('start-offset'), namespace.number('producer-id')]
  if (startOffset === undefined && producerId === undefined)
    giveUp(
      'The transaction to abort must be identified either with --start-offset (for brokers on 3.0 or above) or with --producer-id, --producer-epoch, and --coordinator-epoch (for older brokers)',
    )
  const transaction =
    startOffset === undefined ? named(namespace, item, producerId!, giveUp) : await openAt(admin, item, startOffset, giveUp)
  const fail = (failure: JavaException): never => giveUp(`Failed to abort transaction ${specText(transaction)}`, failure)
  const [result] = await admin
    .abortTransactions([transaction])
    .catch((error: unknown) => fail(clientException(error, 'abortTransaction(api=METADATA)')))
  if (result!.error !== null) fail(abortFailure(specText(transaction), transaction.coordinatorEpoch, result!.error))
}

function named(namespace: Namespace, item: TopicPartition, producerId: number, giveUp: GiveUp): OpenTransaction {
  const producerEpoch = namespace.number('producer-epoch') ?? giveUp('Missing required argument --producer-epoch')
  const coordinatorEpoch = namespace.number('coordinator-epoch') ?? giveUp('Missing required argument --coordinator-epoch')
  // -1 is what describe-producers shows before the first marker: no coordinator has an epoch below 0.
  return { ...item, producerId, producerEpoch, coordinatorEpoch: Math.max(0, coordinatorEpoch) }
}

async function openAt(admin: Admin, item: TopicPartition, startOffset: number, giveUp: GiveUp): Promise<OpenTransaction> {
  const message = `Failed to validate producer state for partition ${keyOf(item)}`
  const producers = await producersOf(admin, item, undefined, message, giveUp)
  const open = producers.find((each) => each.currentTransactionStartOffset >= 0 && each.currentTransactionStartOffset === startOffset)
  if (open === undefined)
    return giveUp(`Could not find any open transactions starting at offset ${startOffset} on partition ${keyOf(item)}`)
  const { producerId, producerEpoch, coordinatorEpoch } = open
  return { ...item, producerId, producerEpoch, coordinatorEpoch: Math.max(0, coordinatorEpoch) }
}

const specText = (each: OpenTransaction): string =>
  `AbortTransactionSpec(topicPartition=${keyOf(each)}, producerId=${each.producerId}, producerEpoch=${each.producerEpoch}, coordinatorEpoch=${each.coordinatorEpoch})`

async function forceTerminate(admin: Admin, namespace: Namespace, _io: ToolIo, giveUp: GiveUp): Promise<void> {
  const id = namespace.text('transactionalId')!
  const fail = (failure: JavaException): never => giveUp(`Failed to force terminate transactionalId \`${id}\``, failure)
  const [result] = await admin
    .terminateTransactions([id])
    .catch((error: unknown) => fail(clientException(error, 'findCoordinator(api=FIND_COORDINATOR)')))
  if (result!.error !== null) fail(transactionFailure('InitProducerId', id, result!.error))
}

const partitionOf = (namespace: Namespace): TopicPartition => ({
  topic: namespace.text('topic')!,
  partition: namespace.number('partition')!,
})
