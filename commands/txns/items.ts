import { type ItemTable, itemKind, listOf, words } from '../../src/cli/index.ts'
import type { TransactionDescription, TransactionListing } from '../../src/client/index.ts'
import type { Found } from './find-hanging.ts'
import type { ProducerItem } from './producers.ts'

interface AbortedTransaction {
  topic: string
  partition: number
  producerId: number | bigint
  producerEpoch: number
  coordinatorEpoch: number
  status: string
}

const aborted = itemKind<AbortedTransaction>('AbortedTransactions', {
  topic: 'string',
  partition: 'integer',
  producerId: 'int64',
  producerEpoch: 'integer',
  coordinatorEpoch: 'integer',
  status: 'string',
})

const description = itemKind<TransactionDescription>('TransactionDescription', {
  transactionalId: 'string',
  producerId: 'integer',
  state: 'string',
  coordinator: 'integer',
  producerEpoch: 'integer',
  timeoutMs: 'integer',
  startTimeMs: 'int64',
  partitions: listOf({ topic: 'string', partition: 'integer' }),
})

const hanging = itemKind<Found>('HangingTransactions', {
  topic: 'string',
  partition: 'integer',
  producerId: 'integer',
  producerEpoch: 'integer',
  coordinatorEpoch: 'integer',
  startOffset: 'integer',
  lastTimestamp: 'integer',
  transactionalId: 'string?',
  status: words('ABORTED', 'HANGING'),
})

const list = itemKind<TransactionListing>('TransactionList', {
  transactionalId: 'string',
  producerId: 'integer',
  state: 'string',
  coordinator: 'integer',
})

const producers = itemKind<ProducerItem>('ProducerList', {
  topic: 'string',
  partition: 'integer',
  producerId: 'integer',
  producerEpoch: 'integer',
  lastSequence: 'integer',
  lastTimestamp: 'int64',
  coordinatorEpoch: 'integer',
  currentTransactionStartOffset: 'integer',
})

export const items: ItemTable = {
  'txns abort': [aborted],
  'txns describe': [description],
  'txns find-hanging': [hanging],
  'txns list': [list],
  'txns producers': [producers],
}
