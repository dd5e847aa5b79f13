import type { Host } from '../host/index.ts'
import { Latencies, type LatencySummary } from './latencies.ts'

export interface DiskLoadOptions {
  readonly host: Host
  /** Where the file is made, and removed afterwards. */
  readonly directory: string
  readonly bytes: number
  readonly blockBytes: number
  /** Appends that are synced one by one. */
  readonly syncs: number
  /** … as far as this leaves time. */
  readonly syncMsMax: number
  readonly syncBytes: number
  readonly stop: AbortSignal
}

export interface DiskFigures {
  readonly directory: string
  /** That were written: fewer than asked for where somebody stopped it. */
  readonly bytes: number
  readonly blockBytes: number
  /** Written one block after the other, with one sync in the end. */
  readonly mibPerSecond: number
  readonly writeLatency: LatencySummary
  readonly lastSyncMs: number
  readonly syncBytes: number
  /** Of an append and its sync: what acks=all costs where the log is flushed at each append. */
  readonly syncLatency: LatencySummary
}

const MIB = 1024 * 1024

/** What a directory gives a log: blocks in sequence, then small appends that are synced one by one. */
export async function diskLoad(options: DiskLoadOptions): Promise<DiskFigures> {
  const { host, directory, bytes, blockBytes, syncs, syncMsMax, syncBytes, stop } = options
  const { clock, disk } = host
  const path = `${directory}/tkafka-bench-${Buffer.from(host.random.bytes(6)).toString('hex')}.tmp`
  const file = await disk.open(path, 'create')
  const [writing, syncing] = [new Latencies(), new Latencies()]
  try {
    const block = Buffer.from(host.random.bytes(blockBytes))
    const startMs = clock.monotonic()
    let position = 0
    for (let beforeMs = startMs; position < bytes && !stop.aborted; ) {
      await file.write([block], position)
      position += blockBytes
      const nowMs = clock.monotonic()
      writing.add(nowMs - beforeMs)
      beforeMs = nowMs
    }
    const syncStartMs = clock.monotonic()
    await file.sync()
    const endMs = clock.monotonic()
    const small = block.subarray(0, Math.min(blockBytes, syncBytes))
    for (let count = 0; count < syncs && clock.monotonic() - endMs < syncMsMax && !stop.aborted; count++) {
      const beforeMs = clock.monotonic()
      await file.write([small], position)
      await file.sync()
      position += small.length
      syncing.add(clock.monotonic() - beforeMs)
    }
    const written = Math.min(bytes, writing.count * blockBytes)
    return {
      ...{ directory, bytes: written, blockBytes, syncBytes: small.length },
      mibPerSecond: Math.round((written / MIB / ((endMs - startMs) / 1000)) * 10) / 10,
      writeLatency: writing.summary(),
      lastSyncMs: Math.round((endMs - syncStartMs) * 1000) / 1000,
      syncLatency: syncing.summary(),
    }
  } finally {
    await file.close()
    await disk.remove(path)
  }
}
