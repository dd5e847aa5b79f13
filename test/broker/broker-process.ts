/** One broker as a process of its own: to be killed, to run out of things, to be watched. Takes its properties as JSON. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { startNode } from '../../src/broker/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { RecordingJournal } from './recording-journal.ts'

export type BrokerReport =
  | { readonly kind: 'ready'; readonly port: number; readonly controllerPort: number }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'fatal'; readonly message: string }
  | { readonly kind: 'sample'; readonly loopDelayP99Ms: number; readonly loopDelayMaxMs: number; readonly failures: readonly string[] }
  /** Bytes that are in use once all garbage is collected. */
  | { readonly kind: 'live'; readonly bytes: number }

const tell = (report: BrokerReport): void => void process.send?.(report)
const journal = new RecordingJournal()
const properties = new Map(Object.entries(JSON.parse(process.argv[2]!) as Record<string, string>))
const delays = monitorEventLoopDelay({ resolution: 10 })
delays.enable()

const liveBytes = (): number => {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

try {
  const { running } = await startNode({
    host: nodeHost({ journal }),
    properties,
    hostName: 'localhost',
    formatWhenNew: true,
    onFatal: (error) => tell({ kind: 'fatal', message: error.message }),
  })
  process.on('SIGTERM', () => {
    void running.close().then(() => process.exit(0))
  })
  process.on('message', (question: 'sample' | 'live') => {
    if (question === 'live') return tell({ kind: 'live', bytes: liveBytes() })
    const failures = journal.failures
    tell({ kind: 'sample', loopDelayP99Ms: delays.percentile(99) / 1e6, loopDelayMaxMs: delays.max / 1e6, failures })
    delays.reset()
  })
  process.on('disconnect', () => process.exit(1))
  tell({ kind: 'ready', port: running.address('PLAINTEXT')!.port, controllerPort: running.address('CONTROLLER')!.port })
} catch (error) {
  tell({ kind: 'refused', message: `${(error as Error).name}: ${(error as Error).message}` })
  process.disconnect?.()
  process.exitCode = 1
}
