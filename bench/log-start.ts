/**
 * How long log directories take to open: after a clean stop and after a crash, and what they hold in memory.
 *
 *     node bench/log-start.ts [partitions] [MiB each]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentJournal } from '../src/host/index.ts'
import { nodeHost } from '../src/host/node/index.ts'
import { appendAsLeader, defaultLogConfig, LogDirectories } from '../src/log/index.ts'
import { plainBatch } from '../test/log/sample-batches.ts'

const [partitions = 1000, mib = 1] = process.argv.slice(2).map(Number)
const directory = mkdtempSync(join(process.env.BENCH_DIRECTORY ?? tmpdir(), 'tkafka-bench-'))
const open = (): Promise<LogDirectories> =>
  LogDirectories.open(nodeHost({ journal: silentJournal }), { paths: [directory], configFor: () => defaultLogConfig })
const batch = plainBatch(16, 960)
const perPartition = Math.max(1, Math.round((mib * (1 << 20)) / batch.length))
const leader = { leaderEpoch: 0, origin: 'client' } as const
const rss = (): string => `${Math.round(process.memoryUsage().rss / (1 << 20))} MiB`
const cpu = (): number => (process.cpuUsage().user + process.cpuUsage().system) / 1e6

const timed = async <T>(what: string, action: () => Promise<T>): Promise<T> => {
  const startedMs = performance.now()
  const before = cpu()
  const result = await action()
  console.log(`${what}: ${Math.round(performance.now() - startedMs)} ms, CPU ${(cpu() - before).toFixed(2)} s, RSS ${rss()}`)
  return result
}

console.log(`${partitions} partitions of ${perPartition} batches of ${batch.length} B; RSS ${rss()}`)
const first = await timed('create', async () => {
  const all = await open()
  for (let n = 0; n < partitions; n++) await all.getOrCreate({ topic: 'bench', partition: n })
  return all
})
await timed('fill', async () => {
  for (const log of first.logs) {
    for (let n = 0; n < perPartition; n++) appendAsLeader(log, Buffer.from(batch), leader)
    await log.written()
  }
})
await first.abandon()
const second = await timed('open after a crash', open)
await timed('close', () => second.close())
const third = await timed('open after a clean stop', open)
await third.abandon()
rmSync(directory, { recursive: true })
