/**
 * Mixed load for a long time, and what it does to the process: memory, descriptors, event-loop delay, failures in the journal.
 * Fails when memory in use or descriptors climb, when a record is lost, twice or out of order, or when the broker had anything to complain of.
 *
 *     npm run soak -- --minutes 60
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Consumer } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { WireClient } from '../wire/wire-client.ts'
import { BrokerChild } from './broker-child.ts'
import { SequenceLoad } from './sequence-load.ts'

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '60' } } })
const minutes = Number(values.minutes)
const TOPIC = 'soak'
const PARTITIONS = 6
const MIB = 1024 * 1024
const SAMPLES = Math.min(60, Math.max(12, Math.round(minutes * 2)))

const directory = await mkdtemp(join(tmpdir(), 'tkafka-soak-'))
// Retention keeps what is there bounded: what still grows is a leak.
const broker = await BrokerChild.start(join(directory, 'data'), {
  'log.segment.bytes': '4194304',
  'log.retention.bytes': '16777216',
  'log.retention.check.interval.ms': '10000',
  'offsets.topic.num.partitions': '4',
})
const bootstrap = `127.0.0.1:${broker.port}`
const faults: string[] = []
let isOver = false
const unlessOver = (what: string) => (error: Error) => {
  if (!isOver && faults.length < 20) faults.push(`${what}: ${error.message}`)
}

{
  using client = await WireClient.open(broker.port)
  await client.call('CreateTopics', 7, { topics: [{ name: TOPIC, numPartitions: PARTITIONS, replicationFactor: 1 }] })
}
const load = new SequenceLoad(bootstrap, TOPIC, PARTITIONS, { 'compression.type': 'lz4' })
load.start()

/** Members of one group come and go: every stay ends in a rebalance of the others. */
let consumed = 0
const member = async (stayMs: number): Promise<void> => {
  while (!isOver) {
    const consumer = new Consumer(nodeHost({ journal: silentJournal }), {
      'bootstrap.servers': bootstrap,
      'group.id': 'soak',
      'auto.offset.reset': 'earliest',
      'auto.commit.interval.ms': '1000',
    })
    consumer.subscribe([TOPIC])
    const endMs = performance.now() + stayMs
    while (!isOver && performance.now() < endMs)
      for (const { startOffset, endOffset } of await consumer.poll(200)) consumed += endOffset - startOffset
    await consumer.close()
  }
}
/** Connections, topics and questions that come once and go. */
let visits = 0
const visitor = async (): Promise<void> => {
  for (let n = 0; !isOver; n++) {
    using client = await WireClient.open(broker.port)
    const name = `passing-${n}`
    await client.call('CreateTopics', 7, { topics: [{ name, numPartitions: 2, replicationFactor: 1 }] })
    await client.call('Metadata', 12, { topics: null })
    await client.call('DescribeGroups', 5, { groups: ['soak'] })
    await client.call('DeleteTopics', 5, { topicNames: [name], timeoutMs: 5000 })
    // Half a frame, left behind.
    client.send(Buffer.from('0000ffff0001', 'hex'))
    visits++
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
const running = [member(15_000), member(23_000), member(1e9), visitor()].map((each) => each.catch(unlessOver('load')))

const residentBytes: number[] = []
/** After two thirds of the time and at its end: what is resident holds garbage too, as much as V8 cares to leave. */
const liveBytes: number[] = []
/** The least of several looks: what requests under way hold at one moment is not there at all of them. */
const leastLiveBytes = async (): Promise<number> => {
  let least = Number.POSITIVE_INFINITY
  for (let looks = 0; looks < 10; looks++) {
    least = Math.min(least, await broker.liveBytes())
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return least
}
const descriptors: number[] = []
const startedMs = performance.now()
let verified = 0
console.log('  minute   RSS MiB   fds   loop p99 ms   loop max ms     acked   consumed   visits')
for (let n = 1; n <= SAMPLES && broker.isRunning && faults.length === 0; n++) {
  await new Promise((resolve) => setTimeout(resolve, startedMs + (minutes * 60_000 * n) / SAMPLES - performance.now()))
  const { loopDelayP99Ms, loopDelayMaxMs, failures } = await broker.sample()
  faults.push(...failures)
  residentBytes.push(broker.residentBytes)
  descriptors.push(broker.descriptorCount)
  const row = [
    (performance.now() - startedMs) / 60_000,
    broker.residentBytes / MIB,
    broker.descriptorCount,
    loopDelayP99Ms,
    loopDelayMaxMs,
    load.ackedCount,
    consumed,
    visits,
  ]
  console.log(row.map((value) => value.toFixed(Number.isInteger(value) ? 0 : 1).padStart(10)).join(' '))
  if (n === Math.floor((SAMPLES * 2) / 3) || n === SAMPLES) liveBytes.push(await leastLiveBytes())
  const found = await load.verify(broker.port)
  verified += found.recordCount
  faults.push(...found.faults)
}
if (!broker.isRunning) faults.push(`the broker ended: ${await broker.exited} ${broker.stderr}`)

/** The last third against the third before it: the first one fills caches. */
const climb = (samples: readonly number[]): number => {
  const third = Math.max(1, Math.floor(samples.length / 3))
  const middle = (part: readonly number[]): number => part.toSorted((a, b) => a - b)[part.length >> 1] ?? 0
  return middle(samples.slice(-third)) - middle(samples.slice(-2 * third, -third))
}
const [liveBefore = 0, liveAtEnd = 0] = liveBytes
// A minute shows start-up, not a slope: what may still come is less the longer it ran.
if (liveAtEnd - liveBefore > Math.max(2, 10 / minutes) * MIB)
  faults.push(`memory in use climbs: from ${(liveBefore / MIB).toFixed(1)} to ${(liveAtEnd / MIB).toFixed(1)} MiB in the last third`)
// What is resident has a bound, however much of it is garbage.
const residentMost = Math.max(...residentBytes)
if (residentMost > 400 * MIB) faults.push(`${(residentMost / MIB).toFixed(0)} MiB were resident`)
if (climb(descriptors) > 20) faults.push(`descriptors climb: ${climb(descriptors)} between the last two thirds`)
await load.stop()
faults.push(...load.failures, ...(await load.verify(broker.port)).faults)
isOver = true
await Promise.all(running)
if (broker.isRunning) {
  const code = await broker.stop()
  if (code !== '0') faults.push(`the clean stop ended with ${code}`)
}
console.table({
  minutes,
  acknowledged: load.ackedCount,
  consumed,
  verified,
  visits,
  residentMostMiB: Number((residentMost / MIB).toFixed(1)),
  liveMiB: Number((liveAtEnd / MIB).toFixed(1)),
  liveClimbMiB: Number(((liveAtEnd - liveBefore) / MIB).toFixed(1)),
  faults: faults.length,
})
for (const fault of faults) console.log(fault)
await rm(directory, { recursive: true, force: true })
process.exit(faults.length > 0 ? 1 : 0)
