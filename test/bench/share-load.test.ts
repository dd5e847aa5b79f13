import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { BenchRound, BenchRow } from '../../src/bench/index.ts'
import { type ShareLoadOptions, shareLoad } from '../../src/bench/share-load.ts'
import { World } from '../../src/sim/index.ts'
import { ShareBroker, type ShareVerdict } from '../client/share-broker.ts'

/** A load on a broker with 40 records that answers by a script, in a simulated world. */
function loaded(
  options: Partial<ShareLoadOptions>,
  verdict: (what: string, nowMs: number) => ShareVerdict = () => 'do',
): Promise<{ round: BenchRound; rows: BenchRow[]; tookMs: number; broker: ShareBroker }> {
  const world = new World({ seed: 1 })
  const brokerHost = world.host('broker')
  const host = world.host('client')
  return world.run(async () => {
    const { clock } = host
    const broker = await ShareBroker.open(brokerHost, {
      recordCount: 40,
      verdict: (what) => verdict(what, clock.monotonic()),
      delayMs: () => 100,
    })
    const rows: BenchRow[] = []
    const infinite = { countMax: Number.POSITIVE_INFINITY, durationMs: Number.POSITIVE_INFINITY }
    const load: ShareLoadOptions = {
      ...{ host, topic: 't', consumers: 1, warmUpRecords: 0, warmUpMs: 0, decode: false, silenceMs: 5000, intervalMs: 200, ...infinite },
      config: { 'bootstrap.servers': broker.bootstrap, 'group.id': 'g' },
      onRow: (row) => void rows.push(row),
      stop: new AbortController().signal,
      ...options,
    }
    const startMs = clock.monotonic()
    const round = await shareLoad(load, () => {})
    return { round, rows, tookMs: clock.monotonic() - startMs, broker }
  }, 1_000_000)
}

describe('a load of a share group', () => {
  it('ends with what it was to read, all of it acknowledged, and leaves the meeting of the group out', async () => {
    const { round, broker } = await loaded({ countMax: 40 })
    assert.deepEqual(round.deliveries, { acknowledged: 40, refused: 0, redelivered: 0, countMax: 1 })
    assert.deepEqual([round.records, round.failed, broker.done, round.ackLatency?.count], [40, 0, 40, 40])
    assert.ok(round.joinMs! >= 300 && round.elapsedMs < 1200, `met after ${round.joinMs} ms, read in ${round.elapsedMs} ms`)
  })

  it('counts what was given before', async () => {
    let fetches = 0
    const { round, broker } = await loaded({ silenceMs: 3000 }, (what) => (what === 'fetch' && ++fetches === 2 ? 'lose the answer' : 'do'))
    assert.ok(round.deliveries!.redelivered >= 7 && round.deliveries!.countMax === 2, JSON.stringify(round.deliveries))
    assert.equal(broker.done, 40)
  })

  it('ends when the broker has gone for as long as silence may last, and tells what it knows', async () => {
    const { round, rows, tookMs } = await loaded({}, (_, nowMs) => (nowMs > 1200 ? 'lose the request' : 'do'))
    assert.ok(round.records > 0 && tookMs < 40_000, `${round.records} records, ${tookMs} ms`)
    assert.ok(round.failed === round.deliveries!.refused && round.failed > 0)
    assert.match(String(round.failure), /^acknowledgement refused: .* closed the connection \[NETWORK_EXCEPTION 13\]$/)
    assert.ok(rows.length > 5)
    assert.ok(round.elapsedMs < 2000, 'the time in which nothing came is not that of the load')
  })
})
