import { ClientError, type Delivery, type OutgoingRecord } from '../../client/index.ts'
import { Fault } from '../fault.ts'
import { orStopped } from '../or-stopped.ts'
import { assertPartition, type Production, untilStopped } from './production.ts'
import type { RecordInput } from './record-json.ts'

/** How long an abort, or a commit that was asked for, may take when it all is to end. */
const graceMs = 2000

export interface TransactionalProduction extends Omit<Production, 'failed'> {
  /** A transaction is committed after so many records; infinite: with the input's end. */
  readonly recordsEach: number
}

export interface ProducedTransactions {
  /** Records, and transactions, that were committed. */
  readonly sent: number
  readonly transactions: number
  /** Records of the transaction that was aborted. */
  readonly aborted: number
  /** Records of a transaction whose commit was not heard of. */
  readonly inDoubt: number
  /** What went wrong, if anything did. */
  readonly failure: unknown
}

/**
 * Sends what the inputs hold in transactions: whatever goes wrong, be it a record that cannot be read, aborts the one that is under way and
 * ends it all, and so does a stop. Deliveries are told once they are committed.
 */
export async function produceInTransactions(production: TransactionalProduction): Promise<ProducedTransactions> {
  const { producer, countMax, recordsEach, delivered } = production
  const { transactions } = producer
  const lost = new AbortController()
  const stop = AbortSignal.any([production.stop, lost.signal])
  const committed = { records: 0, transactions: 0 }
  let [taken, open, failure]: [number, number, unknown] = [0, 0, undefined]
  let deliveries: Delivery[] = []
  const fail = (error: unknown): void => {
    failure ??= error
    lost.abort()
  }
  const callback = (error: ClientError | null, delivery: Delivery | null): void => {
    if (error === null) {
      if (delivered !== undefined) deliveries.push(delivery!)
    } else if (transactions.phase !== 'aborting') fail(error)
  }
  /** Of the open transaction, once its commit was asked for: what that came to, as far as it is heard of. */
  let outcome: 'not known' | 'committed' | 'aborted' | undefined
  const heard = (asked: Promise<void>): Promise<void> =>
    asked.then(
      () => void (outcome = 'committed'),
      (error) => {
        if (transactions.phase === 'abortable error' || transactions.phase === 'aborting') outcome = 'aborted'
        throw error
      },
    )
  const count = (): void => {
    committed.records += open
    committed.transactions++
    open = 0
    outcome = undefined
    for (const each of deliveries) delivered?.(each)
    deliveries = []
  }
  const commit = async (): Promise<void> => {
    // What is lost before it is asked for is aborted.
    if (transactions.phase === 'in transaction') outcome = 'not known'
    await orStopped(heard(transactions.commit()), production.stop)
    if ((outcome as string) === 'committed') count()
  }
  const sendOne = async (input: RecordInput | Fault): Promise<void> => {
    if (input instanceof Fault) throw input
    const record: OutgoingRecord = production.toRecord(input)
    if (open === 0) transactions.begin()
    open++
    while (!stop.aborted && !producer.send(record, callback)) {
      await orStopped(producer.ready(record.topic), stop)
      if (!stop.aborted) await assertPartition(producer, record)
    }
    if (!stop.aborted && open >= recordsEach) await commit()
  }
  try {
    await orStopped(transactions.init(), stop)
    for (const input of production.inputs) {
      for await (const records of production.read(untilStopped(input, stop))) {
        for (const record of records) {
          if (taken >= countMax || stop.aborted) break
          taken++
          await sendOne(record)
        }
        if (taken >= countMax || stop.aborted) break
      }
    }
    if (!stop.aborted && open > 0) await commit()
  } catch (error) {
    // A stop ends reading by force.
    if (!stop.aborted || error instanceof ClientError) failure ??= error
  }
  // A commit that was not waited for to its end may come to one while the producer closes.
  if (outcome === 'not known') heard(transactions.commit()).catch(() => {})
  if (open > 0 || failure !== undefined) await producer.close(graceMs)
  if (outcome === 'committed') count()
  const ended = { sent: committed.records, transactions: committed.transactions, failure }
  return outcome === 'not known' ? { ...ended, aborted: 0, inDoubt: open } : { ...ended, aborted: open, inDoubt: 0 }
}
