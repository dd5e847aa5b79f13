import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { embeddedProperties } from '../../src/broker/index.ts'
import type { BrokerReport } from './broker-process.ts'

/** The broker said why it does not start. */
export class StartRefused extends Error {
  override name = 'StartRefused'
}

const START_LIMIT_MS = 30_000
/** Of Linux, on every machine that Node.js runs on. */
const TICK_MS = 10

/** A broker in a process of its own. What ends it is `kill`, `stop`, or a bug. */
export class BrokerChild implements AsyncDisposable {
  readonly process: ChildProcess
  readonly port: number
  readonly controllerPort: number
  /** Resolves with `signal or exit code` however it ended. */
  readonly exited: Promise<string>
  fatal: string | undefined
  isRunning = true
  stderr = ''

  /** @throws StartRefused */
  static async start(
    dataDirectory: string,
    settings: Record<string, string> = {},
    port = 0,
    launcher: string[] = [],
  ): Promise<BrokerChild> {
    const properties = {
      ...Object.fromEntries(embeddedProperties(dataDirectory)),
      listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:0`,
      ...settings,
    }
    const child = fork(join(import.meta.dirname, 'broker-process.ts'), [JSON.stringify(properties)], {
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      ...(launcher.length > 0 && { execPath: launcher[0]!, execArgv: [...launcher.slice(1), process.execPath] }),
    })
    let stderr = ''
    child.stderr!.on('data', (chunk: Buffer) => (stderr = (stderr + chunk).slice(-8000)))
    const limit = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS)
    const report = await Promise.race([
      once(child, 'message').then(([message]) => message as BrokerReport),
      once(child, 'exit').then(([code, signal]): BrokerReport => ({ kind: 'refused', message: `${signal ?? code}: ${stderr}` })),
    ])
    clearTimeout(limit)
    if (report.kind !== 'ready') {
      child.kill('SIGKILL')
      throw new StartRefused('message' in report ? report.message : report.kind)
    }
    const broker = new BrokerChild(child, report.port, report.controllerPort)
    child.stderr!.on('data', () => (broker.stderr = stderr))
    return broker
  }

  private constructor(child: ChildProcess, port: number, controllerPort: number) {
    this.process = child
    this.port = port
    this.controllerPort = controllerPort
    this.exited = once(child, 'exit').then(([code, signal]) => {
      this.isRunning = false
      return String(signal ?? code)
    })
    child.on('message', (report: BrokerReport) => {
      if (report.kind === 'fatal') this.fatal = report.message
    })
  }

  get pid(): number {
    return this.process.pid!
  }

  /** kill -9. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL')
    await this.exited
  }

  /** Clean shutdown. Resolves with the exit code. */
  async stop(): Promise<string> {
    this.process.kill('SIGTERM')
    const limit = setTimeout(() => this.process.kill('SIGKILL'), START_LIMIT_MS)
    const code = await this.exited
    clearTimeout(limit)
    return code
  }

  /** What the event loop and the journal of the process say since the last sample. */
  async sample(): Promise<Extract<BrokerReport, { kind: 'sample' }>> {
    return (await this.ask('sample')) as Extract<BrokerReport, { kind: 'sample' }>
  }

  /** Bytes in use once all garbage is collected, which this does. */
  async liveBytes(): Promise<number> {
    return ((await this.ask('live')) as Extract<BrokerReport, { kind: 'live' }>).bytes
  }

  private async ask(kind: 'sample' | 'live'): Promise<BrokerReport> {
    this.process.send(kind)
    for (;;) {
      const [report] = (await once(this.process, 'message')) as [BrokerReport]
      if (report.kind === kind) return report
    }
  }

  get residentBytes(): number {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))![1]) * 1024
  }

  /** Time that processors have worked for it: other than the clock's, it does not grow while others work. */
  get processorMs(): number {
    const stat = readFileSync(`/proc/${this.pid}/stat`, 'utf8')
    const [user, system] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
    return (Number(user) + Number(system)) * TICK_MS
  }

  get descriptorCount(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isRunning) await this.kill()
  }
}

/** A port that was free a moment ago: for a broker that must come back where it was. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
