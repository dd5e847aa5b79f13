import type { Admin, ItemResult, OpenTransaction, ProducerState, TopicPartition } from '../client/index.ts'
import { Errors } from '../protocol/index.ts'
import { partitionsOfAll } from './partition-places.ts'

/** Where to look; all that is left out: everywhere. */
export interface HangingScope {
  readonly topics?: readonly string[] | undefined
  readonly partition?: number | undefined
  /** Only partitions that this broker leads. */
  readonly broker?: number | undefined
  /** Transactions that have been written to since are left alone: longer ago than any producer may let one run. */
  readonly idleMs: number
  readonly nowMs: number
}

/** An open transaction that no coordinator will end: it holds up all who read committed records only. */
export interface HangingTransaction extends OpenTransaction {
  readonly startOffset: number
  readonly lastTimestamp: number
  /** The coordinator's, of whoever has the producer id; null: nobody. */
  readonly transactionalId: string | null
}

/**
 * Open transactions of which their coordinator knows nothing (KIP-664): it has never heard of the producer id, or the partition is
 * in no transaction of it that is running.
 */
export async function findHanging(
  admin: Admin,
  scope: HangingScope,
): Promise<{ hanging: HangingTransaction[]; failures: ItemResult<string, unknown>[] }> {
  const { partitions, failures } = await partitionsIn(admin, scope)
  const described = await admin.describeProducers(partitions)
  const failed = failuresOf(described)
  const open = described.flatMap(({ item, value }) =>
    (value ?? []).flatMap((producer) =>
      isIdle(producer, scope) ? [{ ...openOf(item, producer), lastTimestamp: Number(producer.lastTimestamp) }] : [],
    ),
  )
  if (open.length === 0) return { hanging: [], failures: [...failures, ...failed] }
  const { transactions, failures: silent } = await admin.listTransactions({
    producerIds: [...new Set(open.map(({ producerId }) => producerId))],
  })
  const idOf = new Map(transactions.map(({ producerId, transactionalId }) => [producerId, transactionalId]))
  const states = new Map((await admin.describeTransactions([...new Set(idOf.values())])).map((each) => [each.item, each]))
  const notDescribed = [...states.values()].flatMap(({ item, error }) =>
    error === null || error.code === Errors.TRANSACTIONAL_ID_NOT_FOUND ? [] : [{ item: `transactional id ${item}`, error, value: null }],
  )
  const notAsked = silent.map(({ item, error }) => ({ item: `broker ${item}`, error, value: null }))
  const hanging = open.flatMap((each): HangingTransaction[] => {
    const transactionalId = idOf.get(each.producerId) ?? null
    if (transactionalId === null) {
      // A coordinator that did not answer may know it: nobody is to end a transaction that runs.
      return silent.length > 0 ? [] : [{ ...each, transactionalId }]
    }
    const { error, value } = states.get(transactionalId)!
    if (error !== null) return error.code === Errors.TRANSACTIONAL_ID_NOT_FOUND ? [{ ...each, transactionalId }] : []
    return value.partitions.some((known) => keyOf(known) === keyOf(each)) ? [] : [{ ...each, transactionalId }]
  })
  // One that came to its end between the two looks was none.
  const again = await admin.describeProducers(hanging)
  const still = new Set(again.flatMap(({ item, value }) => (value ?? []).map((each) => placeOf(openOf(item, each)))))
  return {
    hanging: hanging.filter((each) => still.has(placeOf(each))),
    failures: [...failures, ...failed, ...notAsked, ...notDescribed, ...failuresOf(again)],
  }
}

const failuresOf = (described: readonly ItemResult<TopicPartition, unknown>[]): ItemResult<string, unknown>[] =>
  described.flatMap(({ item, error }) => (error === null ? [] : [{ item: keyOf(item), error, value: null }]))

async function partitionsIn(admin: Admin, { topics, partition, broker }: HangingScope) {
  const names = topics ?? (await admin.listTopics({ includeInternal: true })).map(({ name }) => name)
  const found = await partitionsOfAll(admin, names, partition === undefined ? undefined : [partition])
  if (broker === undefined) return found
  const led = new Set(
    (await admin.describeTopics(names)).flatMap(({ item, value }) =>
      (value?.partitions ?? []).filter(({ leader }) => leader === broker).map((each) => keyOf({ topic: item, partition: each.partition })),
    ),
  )
  return { ...found, partitions: found.partitions.filter((each) => led.has(keyOf(each))) }
}

const isIdle = ({ currentTransactionStartOffset, lastTimestamp }: ProducerState, { idleMs, nowMs }: HangingScope): boolean =>
  currentTransactionStartOffset >= 0 && nowMs - Number(lastTimestamp) > idleMs

/** What ends the transaction of a producer in a partition. */
export const openOf = (item: TopicPartition, producer: ProducerState): OpenTransaction & { readonly startOffset: number } => ({
  topic: item.topic,
  partition: item.partition,
  producerId: producer.producerId,
  producerEpoch: producer.producerEpoch,
  coordinatorEpoch: Math.max(0, producer.coordinatorEpoch),
  startOffset: producer.currentTransactionStartOffset,
})

const placeOf = (each: ReturnType<typeof openOf>): string => `${keyOf(each)} ${each.producerId} ${each.startOffset}`
const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`
