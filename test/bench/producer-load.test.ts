import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { BenchRound, BenchRow } from '../../src/bench/index.ts'
import { Pace } from '../../src/bench/pace.ts'
import { ProducerLoad, type ProducerLoadOptions, produceLoad } from '../../src/bench/producer-load.ts'
import type { PayloadKind } from '../../src/bench/record-source.ts'
import { type ErrorCode, Errors } from '../../src/protocol/index.ts'
import { SeededRandom, World } from '../../src/sim/index.ts'
import { FickleBroker, type Verdict } from '../client/fickle-broker.ts'

const never = Number.POSITIVE_INFINITY
const COUNT = 500

interface Story {
  readonly seed: number
  readonly partitionCount: number
  readonly keys: number
  readonly kind?: PayloadKind
  readonly config: Readonly<Record<string, string | number>>
  readonly verdict: () => Verdict
  readonly delayMs: () => number
}

/** Sends at a rate to a broker that answers by a script; gives what its log holds, and what the load was told. */
async function after({
  seed,
  partitionCount,
  keys,
  kind = 'letters',
  config,
  verdict,
  delayMs,
}: Story): Promise<{ logged: number; told: number; failed: number; batches: number }> {
  const world = new World({ seed })
  const [brokerHost, host] = [world.host('broker'), world.host('client')]
  return world.run(async () => {
    const broker = await FickleBroker.open(brokerHost, { topic: 't', partitionCount, verdict, delayMs })
    const load = new ProducerLoad({
      ...{ host, topic: 't', producers: 1, intervalMs: 1000, onRow: () => {}, stop: new AbortController().signal },
      config: { 'bootstrap.servers': broker.bootstrap, 'batch.size': 300, ...config },
      content: { sizes: { kind: 'uniform', least: 5, most: 60 }, kind, keys },
      pace: { perSecond: 20_000, countMax: COUNT, durationMs: never, warmUpRecords: 0, warmUpMs: 0 },
    })
    let [told, failed] = [0, 0]
    await load.open(({ count, runs }, error) => {
      assert.equal(
        runs.reduce((sum, run) => sum + run.count, 0),
        count,
      )
      if (error === null) told += count
      else failed += count
    })
    const pace = { perSecond: 20_000, countMax: COUNT, durationMs: never, warmUpRecords: 0, warmUpMs: 0 }
    await load.send(new Pace(pace, host.clock.monotonic()), () => {})
    await load.close()
    return { logged: broker.partitions.reduce((sum, { values }) => sum + values.length, 0), told, failed, batches: load.counters().batches }
  }, 100_000)
}

describe('a load of made batches', () => {
  it('delivers each record once, whatever is refused and whatever goes lost', async () => {
    const codes = [Errors.NOT_LEADER_OR_FOLLOWER, Errors.UNKNOWN_TOPIC_OR_PARTITION, Errors.KAFKA_STORAGE_ERROR] as const
    for (let seed = 1; seed <= 25; seed++) {
      const random = new SeededRandom(seed)
      const badness = random.fraction() * 0.5
      const verdict = (): Verdict => {
        if (random.fraction() >= badness) return 'judge'
        const which = random.below(5)
        return which === 3 ? 'lose the request' : which === 4 ? 'lose the answer' : codes[which]
      }
      const config = { 'linger.ms': random.below(3), 'compression.type': ['none', 'lz4'][random.below(2)]! }
      const partitionCount = 1 + random.below(3)
      const { batches: _batches, ...result } = await after({
        seed,
        partitionCount,
        keys: random.below(2) * 20,
        config,
        verdict,
        delayMs: () => random.fraction() * 3,
      })
      assert.deepEqual(result, { logged: COUNT, told: COUNT, failed: 0 }, `seed ${seed}`)
    }
  })

  it('tells what failed for good', async () => {
    const verdict = (): Verdict => Errors.TOPIC_AUTHORIZATION_FAILED
    const { batches: _batches, ...result } = await after({ seed: 1, partitionCount: 2, keys: 0, config: {}, verdict, delayMs: () => 1 })
    assert.deepEqual(result, { logged: 0, told: 0, failed: COUNT })
  })

  it('parts a batch that a broker finds too large, and tells of it once', async () => {
    let count = 0
    const verdict = (): Verdict => (count++ < 3 ? Errors.MESSAGE_TOO_LARGE : 'judge')
    const { batches: _batches, ...result } = await after({
      seed: 3,
      partitionCount: 1,
      keys: 0,
      config: { 'batch.size': 2000 },
      verdict,
      delayMs: () => 1,
    })
    assert.deepEqual(result, { logged: COUNT, told: COUNT, failed: 0 })
  })

  it('waits with a batch that packs well until it is full packed, or has lingered', async () => {
    const config = { 'batch.size': 1000, 'linger.ms': 100, 'compression.type': 'lz4' }
    const story = { seed: 1, partitionCount: 1, keys: 0, config, verdict: (): Verdict => 'judge', delayMs: () => 1 }
    const [packed, plain] = [await after({ ...story, kind: 'zeros' }), await after({ ...story, kind: 'random' })]
    assert.ok(packed.batches <= 8, `${packed.batches} batches`)
    assert.ok(plain.batches > 15, `${plain.batches} batches`)
  })
})

describe('a load whose cluster goes away', () => {
  const open = { perSecond: 1000, countMax: 5000, durationMs: never, warmUpRecords: 0, warmUpMs: 0 }
  const small = { 'batch.size': 1000, 'buffer.memory': 20_000, 'max.block.ms': 500, 'linger.ms': 0 }
  /** A second of a thousand records is 30 KB: a broker that answers nothing has the memory full at once. */
  const limits = { 'request.timeout.ms': 1000, 'delivery.timeout.ms': 3000 }

  /** One round against a broker that is away between two moments; what it gave, and the rows until long after its end. */
  async function roundOf(away: readonly [number, number], options: Partial<ProducerLoadOptions> = {}, idVerdict?: () => ErrorCode) {
    const world = new World({ seed: 7 })
    const [brokerHost, host] = [world.host('broker'), world.host('client')]
    return world.run(async () => {
      let startMs = never
      const isAway = (): boolean => host.clock.monotonic() - startMs >= away[0] && host.clock.monotonic() - startMs < away[1]
      const verdict = (): Verdict => (isAway() ? 'lose the request' : 'judge')
      const rows: BenchRow[] = []
      const broker = await FickleBroker.open(brokerHost, {
        ...{ topic: 't', partitionCount: 1, verdict, delayMs: () => 1 },
        ...(idVerdict === undefined ? {} : { idVerdict }),
      })
      startMs = host.clock.monotonic()
      const load: ProducerLoadOptions = {
        ...{ host, topic: 't', producers: 1, intervalMs: 1000, onRow: (row) => rows.push(row), stop: new AbortController().signal },
        content: { sizes: { kind: 'fixed', bytes: 100 }, kind: 'letters', keys: 0 },
        pace: open,
        ...options,
        config: { ...small, ...limits, ...options.config, 'bootstrap.servers': broker.bootstrap },
      }
      const round = await produceLoad(load, () => {}).catch((error: Error): Error => error)
      const told = rows.length
      await new Promise<void>((resolve) => void host.clock.after(10_000, resolve))
      return { round: round as BenchRound, told, later: rows.length - told }
    }, 1_000_000)
  }

  it('keeps the plan of an open loop while there is no room, and charges for it', async () => {
    const config = { 'delivery.timeout.ms': 60_000, 'request.timeout.ms': 60_000 }
    const { round } = await roundOf([1000, 3000], { config })
    assert.deepEqual([round.records, round.failed, round.failure], [5000, 0, null])
    assert.ok(round.latency!.maxMs > 1900, `${round.latency!.maxMs} ms`)
    assert.ok(round.latency!.p50Ms < 1500 && round.latency!.p95Ms! > 1000)
  })

  it('gives a round with its failures when the cluster never comes back, and ends', async () => {
    const { round, later } = await roundOf([1000, never])
    assert.equal(round.records + round.failed, 5000)
    assert.ok(round.records > 500 && round.failed > 3000, `${round.records} and ${round.failed}`)
    assert.ok(round.failure !== null && round.latency !== null)
    assert.equal(later, 0)
  })

  it('gives up what a closed loop has left when nothing is acknowledged any more', async () => {
    const { round } = await roundOf([0, never], { pace: { ...open, perSecond: never } })
    assert.deepEqual([round.records, round.failed], [0, 5000])
  })

  it('ends early when it is told to, room or none', async () => {
    const stop = new AbortController()
    const onRow = (row: BenchRow): void => {
      if (row.atMs >= 2000) stop.abort()
    }
    const { round } = await roundOf([1000, never], { stop: stop.signal, onRow, config: { 'max.block.ms': 600_000 } })
    assert.ok(round.records + round.failed < 3000, `${round.records} and ${round.failed}`)
  })

  it('keeps the round when a producer can send nothing any more, and tells no more rows', async () => {
    const idVerdict = (): ErrorCode => Errors.CLUSTER_AUTHORIZATION_FAILED
    const { round, later } = await roundOf([0, 0], {}, idVerdict)
    assert.deepEqual([round.records, round.failed], [0, 5000])
    assert.match(round.failure!, /\[CLUSTER_AUTHORIZATION_FAILED 31\]/)
    assert.equal(later, 0)
  })
})
