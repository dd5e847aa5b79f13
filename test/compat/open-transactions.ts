import { call, openAdmin } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { Apis, type Json } from '../../src/protocol/index.ts'
import { ProduceRequest, ProduceResponse } from '../../src/protocol/messages/produce.ts'
import { BatchBuilder } from '../../src/records/index.ts'
import { eventually } from '../client/broker-at.ts'

interface OpenTransactionSpec {
  readonly id: string
  readonly partition: number
  /** The coordinator does not know of the partition: the transaction hangs there. */
  readonly hangs?: true
}

/** Leaves transactions open in `t1`, a record in each, on a broker without transaction.partition.verification.enable. */
export async function openTransactions(server: string, transactions: readonly OpenTransactionSpec[]): Promise<void> {
  using admin = openAdmin(nodeHost({ journal: silentJournal }), { 'bootstrap.servers': server })
  for (const { id, partition, hangs } of transactions) {
    let answer: Record<string, Json> = {}
    await eventually('the coordinator is there', async () => {
      const found = (await admin.cluster.coordinators(1, [id])).get(id)!
      if (!('id' in found)) return false
      const body = { transactionalId: id, transactionTimeoutMs: 600_000, producerId: -1, producerEpoch: -1 }
      answer = (await admin.requestJson('InitProducerId', body, { broker: found.id, version: 4 })).answer as typeof answer
      return answer.errorCode === 0
    })
    const producer = { producerId: Number(answer.producerId), producerEpoch: Number(answer.producerEpoch) }
    const topics = [{ name: 't1', partitions: [partition] }]
    const added = { v3AndBelowProducerId: producer.producerId, v3AndBelowProducerEpoch: producer.producerEpoch, v3AndBelowTopics: topics }
    if (hangs === undefined) await admin.requestJson('AddPartitionsToTxn', { v3AndBelowTransactionalId: id, ...added }, { version: 3 })
    const batch = new BatchBuilder({ ...producer, transactional: true, baseSequence: 0 })
    batch.append(Date.now() - 60_000, null, Buffer.from('x'))
    const topicData = [{ name: 't1', partitionData: [{ index: partition, records: batch.close() }] }]
    // Later versions add the partition to the transaction by themselves.
    const body = { transactionalId: id, acks: -1, timeoutMs: 10_000, topicData }
    const written = await admin.cluster.send(1, call(Apis.Produce, ProduceRequest, ProduceResponse), body, { maxVersion: 11 })
    if (written.responses[0]!.partitionResponses[0]!.errorCode !== 0) throw new Error(`${id} was not written`)
  }
}
