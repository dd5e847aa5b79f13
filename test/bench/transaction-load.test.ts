import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { BenchRound, BenchRow } from '../../src/bench/index.ts'
import { type TransactionLoadOptions, transactionLoad } from '../../src/bench/transaction-load.ts'
import { Errors } from '../../src/protocol/index.ts'
import { World } from '../../src/sim/index.ts'
import { type OfferedApi, TransactionBroker, type TransactionVerdict } from '../client/transaction-broker.ts'

const never = Number.POSITIVE_INFINITY

interface Story extends Partial<Omit<TransactionLoadOptions, 'pace'>> {
  readonly perSecond?: number
  readonly count?: number
  /** Judged unless it says something else, `atMs` after the load began. */
  readonly verdict?: (api: OfferedApi, atMs: number) => TransactionVerdict
}

/** One round against a scripted broker, what its partitions hold, and the rows until long after its end. */
function roundOf({ perSecond = 100, count = 200, verdict = () => 'judge', ...options }: Story = {}) {
  const world = new World({ seed: 5 })
  const [brokerHost, host] = [world.host('broker'), world.host('client')]
  return world.run(async () => {
    const startMs = host.clock.monotonic()
    const broker = await TransactionBroker.open(brokerHost, {
      ...{ partitionCount: 4, version: () => 2, delayMs: () => 1 },
      verdict: (api) => verdict(api, host.clock.monotonic() - startMs),
    })
    const rows: BenchRow[] = []
    const round = await transactionLoad(
      {
        ...{ host, topic: 't', producers: 2, transactionalId: 'load', recordsEach: 10, partitionsEach: never, abortShare: 0 },
        content: { sizes: { kind: 'fixed', bytes: 20 }, kind: 'letters', keys: 0 },
        pace: { perSecond, countMax: count, durationMs: never, warmUpRecords: 0, warmUpMs: 0 },
        ...{ intervalMs: 500, onRow: (row: BenchRow) => rows.push(row), stop: new AbortController().signal },
        ...options,
        config: {
          'bootstrap.servers': broker.bootstrap,
          ...{ 'max.block.ms': 500, 'request.timeout.ms': 500, 'delivery.timeout.ms': 3000, 'linger.ms': 0, ...options.config },
        },
      },
      () => {},
    )
    const told = rows.length
    await new Promise<void>((resolve) => void host.clock.after(10_000, resolve))
    const written = (outcome: 'open' | 'committed' | 'aborted') =>
      broker.partitions.reduce((sum, partition) => sum + partition.valuesOf(outcome).length, 0)
    return { round: round as BenchRound, rows, later: rows.length - told, written, broker }
  }, 1_000_000)
}

describe('a load of transactions', () => {
  it('begins each when it is due, and measures from there to the end of its commit', async () => {
    // One producer: the scripted broker knows of one transactional id.
    const { round, rows, written } = await roundOf({ producers: 1, recordsEach: 12 })
    const { transactions } = round
    assert.deepEqual([round.records, round.failed, written('committed'), written('open')], [2400, 0, 2400, 0])
    assert.deepEqual([transactions?.committed, transactions?.aborted, transactions?.failed, transactions?.recordsEach], [200, 0, 0, 12])
    assert.deepEqual([round.latency?.count, round.ackLatency?.count, transactions?.commitLatency?.count], [200, 200, 200])
    assert.ok(Math.abs(transactions!.perSecond - 100) < 2, `${transactions!.perSecond} a second`)
    assert.equal(round.bytes, 2400 * 20)
    assert.equal(
      rows.reduce((sum, row) => sum + row.transactions!.committed, 0),
      200,
    )
  })

  it('charges for a commit that took long all that were due meanwhile', async () => {
    const verdict = (api: OfferedApi, atMs: number): TransactionVerdict =>
      api === 'EndTxn' && atMs > 500 && atMs < 1500 ? Errors.COORDINATOR_LOAD_IN_PROGRESS : 'judge'
    const { round } = await roundOf({ producers: 1, verdict })
    assert.deepEqual([round.failed, round.transactions!.committed], [0, 200])
    assert.ok(round.latency!.maxMs > 900 && round.latency!.p50Ms > round.ackLatency!.p50Ms, `${round.latency!.maxMs} ms`)
    // The one that was under way, and no other.
    assert.ok(round.transactions!.commitLatency!.p50Ms < 50)
  })

  it('aborts a part of them on purpose, which is no failure', async () => {
    const { round, written } = await roundOf({ producers: 1, abortShare: 0.25 })
    const { committed, aborted, failed, abortShare } = round.transactions!
    assert.deepEqual([committed, aborted, failed, round.failed, abortShare], [150, 50, 0, 0, 0.25])
    assert.deepEqual([round.records, written('committed'), written('aborted')], [1500, 1500, 500])
  })

  it('uses no more partitions for each than it is told, and all of them in turn', async () => {
    const { broker } = await roundOf({ producers: 1, partitionsEach: 1 })
    assert.deepEqual(
      broker.partitions.map((partition) => partition.valuesOf('committed').length),
      [500, 500, 500, 500],
    )
  })

  it('goes on after transactions that failed, and counts their records', async () => {
    let count = 0
    const verdict = (api: OfferedApi): TransactionVerdict => (api === 'Produce' && ++count % 50 === 0 ? Errors.INVALID_RECORD : 'judge')
    const { round, written } = await roundOf({ producers: 1, verdict })
    const { committed, failed } = round.transactions!
    assert.ok(failed >= 3 && committed + failed === 200, `${committed} and ${failed}`)
    assert.deepEqual([round.records, round.failed, written('committed')], [committed * 10, failed * 10, committed * 10])
    assert.match(round.failure!, /INVALID_RECORD/)
  })

  it('gives a round with its failures when producers can do nothing any more', async () => {
    // Both have one epoch, as the broker knows of one id: the second fences the first, and then is alone.
    const fenced = await roundOf({ producers: 2 })
    assert.equal(fenced.round.transactions!.committed + fenced.round.transactions!.failed, 200)
    const verdict = (api: OfferedApi, atMs: number): TransactionVerdict =>
      api === 'EndTxn' && atMs > 1000 ? Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED : 'judge'
    const { round, later } = await roundOf({ producers: 1, verdict })
    const { committed, failed } = round.transactions!
    assert.ok(committed > 50 && committed + failed === 200, `${committed} and ${failed}`)
    assert.deepEqual([round.records + round.failed, later], [2000, 0])
  })

  it('gives a round with its failures when the cluster never comes back, and ends', async () => {
    const verdict = (_: OfferedApi, atMs: number): TransactionVerdict => (atMs > 1000 ? 'lose the request' : 'judge')
    const { round, later } = await roundOf({ producers: 1, verdict })
    const { committed, failed } = round.transactions!
    assert.ok(committed > 50 && committed + failed === 200, `${committed} and ${failed}`)
    assert.deepEqual([round.records + round.failed, later], [2000, 0])
  })

  it('ends early when it is told to, whatever the cluster does', async () => {
    for (const verdict of [() => 'judge' as const, (_: OfferedApi, atMs: number) => (atMs > 500 ? 'lose the request' : 'judge')] as const) {
      const stop = new AbortController()
      const onRow = (row: BenchRow): void => {
        if (row.atMs >= 1000) stop.abort()
      }
      const { round } = await roundOf({ producers: 1, verdict, stop: stop.signal, onRow, config: { 'max.block.ms': 600_000 } })
      assert.ok(round.transactions!.committed < 150 && round.failed === 0, `${round.transactions!.committed} and ${round.failed}`)
    }
  })
})
