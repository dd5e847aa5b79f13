/**
 * kill -9 at random moments under an acks=all idempotent load, and after every restart: nothing acknowledged is lost, nothing is there
 * twice, the order of every partition is kept.
 *
 *     npm run campaign:kill -- --cycles 200 --seed 7
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { WireClient } from '../wire/wire-client.ts'
import { BrokerChild, freePort } from './broker-child.ts'
import { SequenceLoad } from './sequence-load.ts'

const TOPIC = 'campaign'
const PARTITIONS = 6

/** Small segments, so that kills meet rolls, snapshots and index files too. */
const settings = { 'log.segment.bytes': '1048576', 'log.index.interval.bytes': '2048', 'num.partitions': String(PARTITIONS) }

export interface CampaignResult {
  readonly cycles: number
  readonly acknowledged: number
  readonly verified: number
  readonly faults: readonly string[]
  readonly slowestStartMs: number
  readonly medianStartMs: number
}

/** A generator of numbers in [0, 1) that the same seed repeats. */
const randomFrom = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

export const runCampaign = async (options: {
  cycles: number
  seed: number
  directory: string
  say?: (line: string) => void
}): Promise<CampaignResult> => {
  const { cycles, seed, directory, say = () => {} } = options
  const random = randomFrom(seed)
  const port = await freePort()
  const start = () => BrokerChild.start(join(directory, 'data'), settings, port)
  let broker = await start()
  {
    using client = await WireClient.open(port)
    await client.call('CreateTopics', 7, { topics: [{ name: TOPIC, numPartitions: PARTITIONS, replicationFactor: 1 }] })
  }
  const load = new SequenceLoad(`127.0.0.1:${port}`, TOPIC, PARTITIONS)
  load.start()
  const faults: string[] = []
  const startsMs: number[] = []
  let verified = 0
  try {
    for (let cycle = 1; cycle <= cycles && faults.length === 0; cycle++) {
      await new Promise((resolve) => setTimeout(resolve, 20 + random() * random() * 1500))
      if (!broker.isRunning) faults.push(`cycle ${cycle}: the broker ended by itself: ${await broker.exited} ${broker.stderr}`)
      await broker.kill()
      const startedMs = performance.now()
      broker = await start()
      startsMs.push(performance.now() - startedMs)
      const found = await load.verify(port)
      verified += found.recordCount
      faults.push(...found.faults.map((fault) => `cycle ${cycle}: ${fault}`))
      if (cycle % 10 === 0 || cycle === cycles)
        say(`cycle ${cycle}: ${load.ackedCount} acknowledged, start ${startsMs.at(-1)!.toFixed(0)} ms`)
    }
    await load.stop()
    const all = await load.verify(port, { fromStart: true })
    verified += all.recordCount
    faults.push(...all.faults.map((fault) => `at the end: ${fault}`), ...load.failures.map((failure) => `not delivered: ${failure}`))
  } finally {
    await broker[Symbol.asyncDispose]()
  }
  startsMs.sort((a, b) => a - b)
  return {
    cycles,
    acknowledged: load.ackedCount,
    verified,
    faults,
    slowestStartMs: startsMs.at(-1)!,
    medianStartMs: startsMs[startsMs.length >> 1]!,
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      cycles: { type: 'string', default: '200' },
      seed: { type: 'string', default: '1' },
      keep: { type: 'boolean', default: false },
    },
  })
  const directory = await mkdtemp(join(tmpdir(), 'tkafka-campaign-'))
  const startedMs = performance.now()
  const result = await runCampaign({ cycles: Number(values.cycles), seed: Number(values.seed), directory, say: console.log })
  const { faults, ...figures } = result
  console.table({ ...figures, seconds: Math.round((performance.now() - startedMs) / 1000), faults: faults.length })
  for (const fault of faults) console.log(fault)
  if (faults.length > 0) console.log(`data kept in ${directory}`)
  else if (!values.keep) await rm(directory, { recursive: true, force: true })
  process.exit(faults.length > 0 ? 1 : 0)
}
