import fs from 'node:fs'
import {
  constants,
  type EventLoopUtilization,
  monitorEventLoopDelay,
  type PerformanceEntry,
  PerformanceObserver,
  performance,
} from 'node:perf_hooks'
import type { VitalSigns, Vitals } from '../vitals.ts'
import { called } from './calls.ts'

const MS = 1e-6
/** The monitor wakes up this often; a delay it reports includes the interval itself. */
const RESOLUTION_MS = 20

export const nodeVitals = (): Vitals => {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  const garbage = new GarbageCount()
  let utilization: EventLoopUtilization = performance.eventLoopUtilization()
  const late = (nanoseconds: number): number => (delay.count === 0 ? 0 : Math.max(0, nanoseconds * MS - RESOLUTION_MS))
  return {
    async read(): Promise<VitalSigns> {
      const openFiles = await countOpenFiles()
      const { diskReadBytes, diskWriteBytes } = await diskTraffic()
      const { rss, heapUsed, heapTotal, external } = process.memoryUsage()
      const { user, system } = process.cpuUsage()
      const now = performance.eventLoopUtilization()
      const { utilization: busyShare } = performance.eventLoopUtilization(now, utilization)
      utilization = now
      const loopDelay = { mean: late(delay.mean), p99: late(delay.percentile(99)), max: late(delay.max) }
      delay.reset()
      return {
        cpuSeconds: (user + system) / 1e6,
        residentBytes: rss,
        heapUsedBytes: heapUsed,
        heapTotalBytes: heapTotal,
        externalBytes: external,
        openFiles,
        openFilesMax: openFilesMax(),
        startedMs: performance.timeOrigin,
        loopDelay,
        idleShare: 1 - busyShare,
        idleSeconds: now.idle / 1000,
        diskReadBytes,
        diskWriteBytes,
        threads: await countThreads(),
        collections: garbage.read(),
      }
    },
    close: () => {
      delay.disable()
      garbage.close()
    },
  }
}

const kinds: ReadonlyMap<number | undefined, string> = new Map([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
])

/** What the engine tells of its collections of garbage. */
class GarbageCount {
  readonly #kinds = new Map([...kinds.values()].map((kind) => [kind, { kind, count: 0, seconds: 0 }]))
  readonly #observer: PerformanceObserver

  constructor() {
    this.#observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { readonly detail?: { readonly kind?: number } })[]) {
        const counted = this.#kinds.get(kinds.get(entry.detail?.kind) ?? '')
        if (counted === undefined) continue
        counted.count++
        counted.seconds += entry.duration / 1000
      }
    })
    this.#observer.observe({ entryTypes: ['gc'] })
  }

  read(): VitalSigns['collections'] {
    return [...this.#kinds.values()].map((each) => ({ ...each }))
  }

  close(): void {
    this.#observer.disconnect()
  }
}

/** Linux says it in /proc; elsewhere it is not known. */
const countThreads = async (): Promise<number> => {
  const text = await called<Buffer>((done) => fs.readFile('/proc/self/status', done)).then(String, () => '')
  return Number(/^Threads:\s+(\d+)$/m.exec(text)?.[1] ?? Number.NaN)
}

/** As above. */
const countOpenFiles = (): Promise<number> =>
  called<string[]>((done) => fs.readdir('/proc/self/fd', done)).then(
    (names) => names.length,
    () => Number.NaN,
  )

const diskTraffic = async (): Promise<{ diskReadBytes: number; diskWriteBytes: number }> => {
  const text = await called<Buffer>((done) => fs.readFile('/proc/self/io', done)).then(String, () => '')
  const bytes = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1] ?? Number.NaN)
  return { diskReadBytes: bytes('read_bytes'), diskWriteBytes: bytes('write_bytes') }
}

const openFilesMax = (): number => {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(fs.readFileSync('/proc/self/limits', 'latin1'))?.[1]
    return limit === undefined ? Number.NaN : Number(limit)
  } catch {
    return Number.NaN
  }
}
