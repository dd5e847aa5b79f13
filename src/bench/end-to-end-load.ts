import type { RecordChunk, SettingsInput } from '../client/index.ts'
import type { BenchRound } from './bench-report.ts'
import { ConsumerLoad } from './consumer-load.ts'
import type { SettledBatch } from './made-batches.ts'
import { Meter } from './meter.ts'
import { Pace } from './pace.ts'
import { ProducerLoad, type ProducerLoadOptions, settle } from './producer-load.ts'
import { Stamps } from './stamps.ts'

export interface EndToEndOptions extends ProducerLoadOptions {
  readonly consumerConfig: SettingsInput
  readonly consumers: number
  /** Latencies are those of reading; otherwise those of acknowledgements, and what is read is counted beside. */
  readonly timesReading: boolean
}

/** How long what was acknowledged may take to be read. */
const DRAIN_MS = 10_000
/** Times that differ by less are the same. */
const CLOSE_MS = 1e-6
const MIB = 1024 * 1024

/** One round of `bench e2e`, where each value carries when it was to be sent, or of `bench mixed`. */
export async function endToEndLoad(options: EndToEndOptions, onUnknown: (keys: readonly string[]) => void): Promise<BenchRound> {
  const { host, intervalMs, onRow, stop, consumers, consumerConfig, topic, timesReading } = options
  const { clock } = host
  const stamps = new Stamps(Buffer.from(host.random.bytes(4)).readUInt32BE())
  const meter = new Meter({ host, intervalMs, onRow })
  const producers = new ProducerLoad(options)
  const readers = new ConsumerLoad({
    host,
    topic,
    consumers,
    config: { ...(timesReading ? { 'fetch.max.wait.ms': 100 } : {}), ...consumerConfig },
  })
  // Each knows keys that the other does not.
  onUnknown(producers.unknownKeys.filter((key) => readers.unknownKeys.includes(key)))
  let acknowledged = 0
  let [readRecords, readBytes, readLastMs] = [0, 0, 0]
  let measuredFromMs = Number.POSITIVE_INFINITY
  let reading: Promise<void> | undefined
  let failure: unknown
  try {
    await producers.open(
      (batch: SettledBatch, error) => {
        if (error === null) acknowledged += batch.count
        if (!timesReading || error !== null) settle(meter, clock, batch, error)
      },
      timesReading ? stamps : undefined,
    )
    await readers.open('latest')
    const onChunk = (chunk: RecordChunk, nowMs: number): void => {
      if (timesReading) {
        readRecords += stamps.read(chunk, (sentMs, bytes) => {
          const isWarmUp = sentMs < measuredFromMs - CLOSE_MS
          meter.read(1, bytes, nowMs, isWarmUp, Math.max(0, nowMs - sentMs))
        })
        return
      }
      readRecords += chunk.countMax
      for (const batch of chunk.batches) readBytes += batch.bytes
      readLastMs = nowMs
    }
    reading = readers.read(onChunk).catch((error: unknown) => {
      failure = error
      producers.end()
    })
    const startMs = clock.monotonic()
    meter.start(startMs)
    let readBefore = 0
    await producers.send(new Pace(options.pace, startMs), (fromMs) => {
      measuredFromMs = fromMs
      readBefore = readRecords
      meter.measureFrom(fromMs)
    })
    await producers.close()
    const deadlineMs = clock.monotonic() + DRAIN_MS
    while (readRecords < acknowledged && clock.monotonic() < deadlineMs && !stop.aborted && failure === undefined)
      await new Promise<void>((resolve) => void clock.after(5, resolve))
    if (failure !== undefined) throw failure
    if (timesReading && readRecords < acknowledged && !stop.aborted)
      meter.lost(acknowledged - readRecords, 'acknowledged, and not read within 10 s')
    const seconds = Math.max(1e-6, (readLastMs - Math.min(measuredFromMs, readLastMs)) / 1000)
    const records = readRecords - readBefore
    const read = {
      records,
      recordsPerSecond: Math.round(records / seconds),
      mibPerSecond: Math.round((readBytes / MIB / seconds) * 100) / 100,
    }
    return await meter.finish({ ...producers.counters(), read: timesReading ? null : read })
  } finally {
    meter.close()
    await producers.close()
    await readers.close()
    await reading
  }
}
