import type { VitalSigns } from '../host/index.ts'
import { jvmMetrics, kafkaMetrics, type LabelledValue, type MetricRegistry, processMetrics } from '../metrics/index.ts'

/** `signs` gives what was read for the reading under way; undefined: this world has no process. */
export const showProcess = (registry: MetricRegistry, signs: () => VitalSigns | undefined): void => {
  const read = (value: (signs: VitalSigns) => number) => (): number => {
    const now = signs()
    return now === undefined ? Number.NaN : value(now)
  }
  registry.counters(processMetrics.cpuSeconds, () => [[{}, read(({ cpuSeconds }) => cpuSeconds)()]])
  registry.gauge(
    processMetrics.residentBytes,
    read(({ residentBytes }) => residentBytes),
  )
  registry.gauge(
    processMetrics.startTime,
    read(({ startedMs }) => startedMs / 1000),
  )
  registry.gauge(
    processMetrics.openFiles,
    read(({ openFiles }) => openFiles),
  )
  registry.gauge(
    processMetrics.openFilesMax,
    read(({ openFilesMax }) => openFilesMax),
  )
  registry.gauge(
    processMetrics.heapUsedBytes,
    read(({ heapUsedBytes }) => heapUsedBytes),
  )
  registry.gauge(
    processMetrics.heapTotalBytes,
    read(({ heapTotalBytes }) => heapTotalBytes),
  )
  registry.gauge(
    processMetrics.externalBytes,
    read(({ externalBytes }) => externalBytes),
  )
  registry.gauge(
    processMetrics.loopDelayMean,
    read(({ loopDelay }) => loopDelay.mean / 1000),
  )
  registry.gauge(
    processMetrics.loopDelayP99,
    read(({ loopDelay }) => loopDelay.p99 / 1000),
  )
  registry.gauge(
    processMetrics.loopDelayMax,
    read(({ loopDelay }) => loopDelay.max / 1000),
  )
  // One thread does both, so Kafka's two measures of idleness are one here.
  registry.gauge(
    kafkaMetrics.networkIdle,
    read(({ idleShare }) => idleShare),
  )
  registry.gauge(
    kafkaMetrics.requestHandlerIdle,
    read(({ idleShare }) => idleShare),
  )
  registry.counters(kafkaMetrics.requestHandlerIdleTime, () => [[{}, Math.round(read(({ idleSeconds }) => idleSeconds)() * 1e9)]])
  registry.gauge(
    kafkaMetrics.diskReadBytes,
    read(({ diskReadBytes }) => diskReadBytes),
  )
  registry.gauge(
    kafkaMetrics.diskWriteBytes,
    read(({ diskWriteBytes }) => diskWriteBytes),
  )
  registry.gauges(jvmMetrics.memoryUsed, () => [
    [{ area: 'heap' }, read(({ heapUsedBytes }) => heapUsedBytes)()],
    [{ area: 'nonheap' }, read(({ externalBytes }) => externalBytes)()],
  ])
  registry.gauge(
    jvmMetrics.threads,
    read(({ threads }) => threads),
  )
  const collections = (value: (kind: VitalSigns['collections'][number]) => number) => (): LabelledValue[] =>
    (signs()?.collections ?? []).map((each) => [{ gc: each.kind }, value(each)])
  registry.counters(
    jvmMetrics.gcCount,
    collections(({ count }) => count),
  )
  registry.counters(
    jvmMetrics.gcSeconds,
    collections(({ seconds }) => seconds),
  )
}
