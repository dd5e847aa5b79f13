import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** A node of tkafka as a process of its own on an existing configuration file and formatted directory. */
export interface TkafkaNode extends AsyncDisposable {
  readonly pid: number
  log(): string
  stop(): Promise<void>
  kill(): Promise<void>
}

const end = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  child.kill(signal)
  const limit = setTimeout(() => child.kill('SIGKILL'), 30_000)
  await closed
  clearTimeout(limit)
}

export const startTkafka = async (configFile: string, readyWithinMs = 30_000): Promise<TkafkaNode> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'run-node.ts'), configFile], { stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>()
  const hear = (chunk: Buffer): void => {
    log += chunk
    if (log.includes('tkafka serves')) resolve()
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  child.on('close', (code, signal) => reject(new Error(`tkafka ended (${signal ?? code}):\n${log}`)))
  const limit = setTimeout(() => {
    reject(new Error(`tkafka was not ready within ${readyWithinMs} ms:\n${log}`))
    child.kill('SIGKILL')
  }, readyWithinMs)
  await ready.finally(() => clearTimeout(limit))
  return {
    pid: child.pid!,
    log: () => log,
    async stop() {
      await end(child, 'SIGTERM')
      if (child.exitCode !== 0) throw new Error(`tkafka did not stop cleanly (${child.signalCode ?? child.exitCode}):\n${log}`)
    },
    kill: () => end(child, 'SIGKILL'),
    [Symbol.asyncDispose]: () => end(child, 'SIGKILL'),
  }
}
