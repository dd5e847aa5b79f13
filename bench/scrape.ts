/**
 * What a scrape of /metrics costs a broker with many partitions, and for how long at a time it keeps others waiting.
 *
 *     node bench/scrape.ts [PARTITIONS] [GROUPS]
 *
 * Groups have offsets on a thousand partitions each. Showed for 10,000 partitions and 20 groups (211,000 series, 19 MB), on two cores that were
 * busy with much else: half a second of CPU, pieces of 10 to 15 ms, now and then a collection of garbage of 20 to 80 ms; for 1,000 partitions
 * (58,000 series) a fifth of a second, pieces of 5 ms.
 */
import { spawn } from 'node:child_process'
import { PerformanceObserver } from 'node:perf_hooks'
import { openAdmin } from '../src/client/index.ts'
import { silentJournal } from '../src/host/index.ts'
import { nodeHost } from '../src/host/node/index.ts'
import { runBroker } from '../test/broker/broker-fixture.ts'

const [partitions = 10_000, groups = 20] = process.argv.slice(2).map(Number)
const A_TOPIC = 1000
const ROUNDS = 10

await using running = await runBroker({ 'tkafka.status.listener': '127.0.0.1:0' })
const host = nodeHost({ journal: silentJournal })
using admin = openAdmin(host, {
  'bootstrap.servers': running.bootstrap,
  'default.api.timeout.ms': '600000',
  'request.timeout.ms': '600000',
})
for (let made = 0; made < partitions; made += A_TOPIC) {
  const name = `topic-of-a-usual-length-${made / A_TOPIC}`
  await admin.createTopics([{ name, partitionCount: Math.min(A_TOPIC, partitions - made), replicationFactor: 1 }])
  while ([...running.broker.partitions.all()].length < Math.min(partitions, made + A_TOPIC))
    await new Promise((resolve) => setTimeout(resolve, 100))
}
const count = Math.min(A_TOPIC, partitions)
const offsets = Array.from({ length: count }, (_, partition) => ({ topic: 'topic-of-a-usual-length-0', partition, offset: 0 }))
for (let group = 0; group < groups; group++)
  while ((await admin.alterGroupOffsets(`group-${group}`, offsets)).some(({ error }) => error !== null));

/** CPU of this thread, in milliseconds: the machine may have other things to do. */
const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
/** The longest piece in which nothing else had its turn. */
let longestMs = 0
let lastMs = cpuMs()
let isWatching = true
const watch = (): void => {
  const nowMs = cpuMs()
  longestMs = Math.max(longestMs, nowMs - lastMs)
  lastMs = nowMs
  if (isWatching) setImmediate(watch)
}
let collectionMs = 0
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) collectionMs = Math.max(collectionMs, duration)
}).observe({ entryTypes: ['gc'] })
watch()
const url = `http://127.0.0.1:${running.broker.status!.address.port}/metrics`
const program = `const text = await (await fetch('${url}')).text(); console.log(text.split('\\n').filter((line) => /^[a-z]/.test(line)).length, text.length)`
for (let round = 0; round < ROUNDS; round++) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const before = cpuMs()
  lastMs = before
  longestMs = collectionMs = 0
  const [series, bytes] = String((await child.stdout.toArray()).join(''))
    .split(' ')
    .map(Number)
  const [cpu, longest, collection] = [cpuMs() - before, longestMs, collectionMs].map((ms) => ms.toFixed(1))
  console.log(
    `${partitions} partitions, ${series} series, ${(bytes! / 1e6).toFixed(1)} MB: ${cpu} ms of CPU, at most ${longest} ms in one piece; longest collection of garbage ${collection} ms`,
  )
}
isWatching = false
