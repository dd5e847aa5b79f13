/**
 * What an append to a partition log costs: batches of one size, in turns of many appends, on a real directory.
 *
 *     node bench/log-append.ts [batch bytes] [appends per turn] [GiB] [partitions] [1: idempotent]
 *
 * CPU is the process's, user and system; the write system calls are in it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32c } from '../src/base/index.ts'
import { silentJournal } from '../src/host/index.ts'
import { nodeHost } from '../src/host/node/index.ts'
import { appendAsLeader, defaultLogConfig, LogDirectories, type PartitionLog, readLog } from '../src/log/index.ts'
import { plainBatch } from '../test/log/sample-batches.ts'

const [batchBytes = 16384, perTurn = 16, gib = 1, partitions = 1, idempotent = 0] = process.argv.slice(2).map(Number)
const GIB = 1 << 30
const directory = mkdtempSync(join(process.env.BENCH_DIRECTORY ?? tmpdir(), 'tkafka-bench-'))
const host = nodeHost({ journal: silentJournal })
const all = await LogDirectories.open(host, { paths: [directory], configFor: () => defaultLogConfig })
const logs: PartitionLog[] = []
for (let n = 0; n < partitions; n++) logs.push(await all.getOrCreate({ topic: 'bench', partition: n }))

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const sample = plainBatch(1, Math.max(1, batchBytes - 75))
const rounds = Math.ceil((gib * GIB) / (sample.length * perTurn))
const leader = { leaderEpoch: 0, origin: 'client' } as const
let appendNs = 0n
let sequence = 0

/** Frames as they come from a socket: a fresh buffer per turn, each append a view of it. */
const oneTurn = (): void => {
  const frame = Buffer.allocUnsafeSlow(sample.length * perTurn)
  for (let n = 0; n < perTurn; n++) sample.copy(frame, n * sample.length)
  if (idempotent)
    for (let n = 0; n < perTurn; n++) {
      frame.writeBigInt64BE(7n, n * sample.length + 43)
      frame.writeInt16BE(0, n * sample.length + 51)
      frame.writeInt32BE(Math.floor(sequence++ / partitions), n * sample.length + 53)
      frame.writeUInt32BE(crc32c(frame, n * sample.length + 21, (n + 1) * sample.length), n * sample.length + 17)
    }
  const began = process.hrtime.bigint()
  for (let n = 0; n < perTurn; n++) {
    const result = appendAsLeader(logs[n % partitions]!, frame.subarray(n * sample.length, (n + 1) * sample.length), leader)
    if (result.error !== undefined) throw new Error(result.error)
  }
  appendNs += process.hrtime.bigint() - began
}

const run = async (count: number): Promise<void> => {
  for (let n = 0; n < count; n++) {
    oneTurn()
    while (logs[0]!.unwrittenBytes > 64 * 1024 * 1024) await turn()
    await turn()
  }
  for (const log of logs) await log.written()
}

await run(Math.min(rounds, 200))
appendNs = 0n
const cpuBefore = cpuSeconds()
const startedMs = performance.now()
await run(rounds)
const seconds = (performance.now() - startedMs) / 1000
const cpu = cpuSeconds() - cpuBefore
const appends = rounds * perTurn
const written = (appends * sample.length) / GIB
console.log(
  `append ${sample.length} B × ${perTurn} per turn, ${partitions} partitions: ${(Number(appendNs) / appends / 1000).toFixed(2)} µs in append, ` +
    `${((cpu * 1e6) / appends).toFixed(2)} µs CPU all in, ${(written / seconds).toFixed(2)} GiB/s, ${(cpu / written).toFixed(2)} s CPU per GiB`,
)

const into = Buffer.allocUnsafeSlow(128 * 1024)
const readThrough = async (what: string, log: PartitionLog, maxBytes: number, limitBytes: number): Promise<void> => {
  const cpuStart = cpuSeconds()
  const startMs = performance.now()
  let reads = 0
  let bytes = 0
  for (let offset = 0; offset < log.logEndOffset && bytes < limitBytes; reads++) {
    const result = await readLog(log, offset, maxBytes, { upTo: 'log-end', minOneMessage: true })
    const source = result.records!
    for (let at = 0; at < source.bytes; ) at += await source.read(into, at)
    source.release?.()
    bytes += source.bytes
    offset += Math.max(1, Math.floor(source.bytes / sample.length))
  }
  const used = cpuSeconds() - cpuStart
  const speed = bytes / GIB / ((performance.now() - startMs) / 1000)
  console.log(
    `${what}: ${((used * 1e6) / reads).toFixed(1)} µs CPU per read, ${speed.toFixed(2)} GiB/s, ${(used / (bytes / GIB)).toFixed(2)} s CPU per GiB`,
  )
}

const [log] = logs
await readThrough('read 1 MiB each', log!, 1 << 20, Number.POSITIVE_INFINITY)
await readThrough('read one batch each', log!, 1, 64 << 20)
await all.close()
const again = await LogDirectories.open(host, { paths: [directory], configFor: () => defaultLogConfig })
await readThrough('read 1 MiB each after a restart, checksums verified', again.get('bench', 0)!, 1 << 20, Number.POSITIVE_INFINITY)
await readThrough('the same once more', again.get('bench', 0)!, 1 << 20, Number.POSITIVE_INFINITY)
await again.abandon()
rmSync(directory, { recursive: true })
