/**
 * What partitions cost a cluster of three nodes, each broker and controller and a process of its own:
 * `node bench/many-partitions.ts [--kind tkafka|apache] [--partitions 10000]`. Three replicas each, in ten topics, nothing in them.
 * Wants a quiet machine; tkafka runs from the sources. Figures of all three nodes together where nothing else is said.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { activeController } from '../test/apache/interruption.ts'
import { type Kind, MixedCluster } from '../test/apache/mixed-cluster.ts'

const TOPICS = 10
const LIMIT_MS = 600_000
const SETTLE_MS = 20_000
const IDLE_MS = 30_000

const { values } = parseArgs({ options: { kind: { type: 'string', default: 'tkafka' }, partitions: { type: 'string', default: '10000' } } })
const kind = values.kind as Kind
const count = Number(values.partitions)
if (kind !== 'tkafka' && kind !== 'apache') throw new Error(`--kind ${kind} is neither tkafka nor apache`)

const settings = { 'broker.session.timeout.ms': 9000, 'broker.heartbeat.interval.ms': 2000 }
await using cluster = await MixedCluster.start([kind, kind, kind], settings)
cluster.readyWithinMs = LIMIT_MS
const { admin } = cluster
const topics = Array.from({ length: TOPICS }, (_, number) => `many-${number}`)

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const tell = (what: string, value: string): void => console.log(`${what.padEnd(58)} ${value}`)
const secondsSince = (startMs: number): string => `${((performance.now() - startMs) / 1000).toFixed(1)} s`

/** User and system time of all nodes, in seconds. */
const cpuSeconds = (): number =>
  cluster.pids.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    return sum + (Number(fields[11]) + Number(fields[12])) / 100
  }, 0)

const residentMiB = (): number[] =>
  cluster.pids.map((pid) => Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024))

interface Health {
  readonly known: number
  readonly ledBy: ReadonlyMap<number, number>
  readonly short: number
}

const look = async (): Promise<Health> => {
  const ledBy = new Map<number, number>()
  let known = 0
  let short = 0
  for (const { value } of await admin.describeTopics(topics)) {
    for (const { leader, isr, replicas } of value?.partitions ?? []) {
      known++
      const id = leader ?? -1
      ledBy.set(id, (ledBy.get(id) ?? 0) + 1)
      if (isr.length < replicas.length) short++
    }
  }
  return { known, ledBy, short }
}

const until = async (isSo: (health: Health) => boolean): Promise<void> => {
  const limitMs = performance.now() + LIMIT_MS
  for (;;) {
    const health = await look().catch(() => undefined)
    if (health !== undefined && health.known === count && isSo(health)) return
    if (performance.now() > limitMs) throw new Error(`not within ${LIMIT_MS / 1000} s`)
    await pause(200)
  }
}
const whole = (): Promise<void> => until(({ short, ledBy }) => short === 0 && !ledBy.has(-1))

/** Milliseconds, the middle one of many. */
const metadataOfOne = async (): Promise<number> => {
  const taken: number[] = []
  for (let round = 0; round < 300; round++) {
    const startMs = performance.now()
    await admin.describeTopics(['one'])
    taken.push(performance.now() - startMs)
  }
  return taken.sort((a, b) => a - b)[150]!
}

console.log(`${kind}, ${count} partitions`)
await admin.createTopics([{ name: 'one', partitionCount: 1, replicationFactor: 3 }])
await pause(2000)
const metadataMs = await metadataOfOne()
let startMs = performance.now()
let cpu = cpuSeconds()
for (const name of topics)
  await admin.createTopics([{ name, partitionCount: count / TOPICS, replicationFactor: 3 }], { timeoutMs: LIMIT_MS })
await whole()
tell('created and in sync', `${secondsSince(startMs)}, CPU ${(cpuSeconds() - cpu).toFixed(1)} s`)
await pause(SETTLE_MS)
cpu = cpuSeconds()
await pause(IDLE_MS)
tell('idle CPU', `${(((cpuSeconds() - cpu) * 100_000) / IDLE_MS).toFixed(1)} % of a core`)
tell('resident, each', `${residentMiB().join(', ')} MiB`)
tell('metadata of one topic, before and with them', `${metadataMs.toFixed(2)} ms, ${(await metadataOfOne()).toFixed(2)} ms`)

const active = await activeController(cluster)
const victim = cluster.ids.find((id) => id !== active)!
startMs = performance.now()
await cluster.kill(victim)
await until(({ ledBy }) => !ledBy.has(victim) && !ledBy.has(-1))
tell('broker killed, until all are led by others', secondsSince(startMs))
startMs = performance.now()
await cluster.run(victim, kind)
tell('started again after kill -9, until it serves', secondsSince(startMs))
await whole()
tell('  until all replicas are in sync', secondsSince(startMs))
startMs = performance.now()
await cluster.stop(victim)
tell('stopped', secondsSince(startMs))
startMs = performance.now()
await cluster.run(victim, kind)
tell('started after a clean stop, until it serves', secondsSince(startMs))
await whole()
tell('  until all replicas are in sync', secondsSince(startMs))
