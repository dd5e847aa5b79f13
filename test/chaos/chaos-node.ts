import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { javaArguments } from '../apache/java-program.ts'
import type { Volume } from './volumes.ts'

export type Kind = 'tkafka' | 'apache'
export type Role = 'broker' | 'controller'

export interface ChaosNodeOptions {
  readonly id: number
  readonly roles: readonly Role[]
  readonly kind: Kind
  readonly volume: Volume
  /** For its configuration and its output. */
  readonly folder: string
  readonly launcher: readonly string[]
  readonly properties: Readonly<Record<string, string | number>>
}

export interface NodeWatch {
  started(node: ChaosNode): void
  /** It ended by itself though nothing allowed that. */
  ended(node: ChaosNode, how: string): void
}

const STOP_LIMIT_MS = 30_000
const served: Readonly<Record<Kind, string>> = { tkafka: 'tkafka serves', apache: 'Kafka Server started' }
const HEAP = '384m'
const dyingWithParent = spawnSync('setpriv', ['--version']).status === 0 ? ['setpriv', '--pdeathsig', 'KILL'] : []

/** A node as a process of its own that may be ended, frozen and started again. */
export class ChaosNode {
  readonly options: ChaosNodeOptions
  /** Its end is no surprise. */
  mayEnd = false
  readonly #logFile: string
  readonly #watch: NodeWatch
  #child: ChildProcess | undefined
  #isEnding = false
  /** Of the log file, where what this process says begins. */
  #logFrom = 0
  #hasServed = false

  constructor(options: ChaosNodeOptions, watch: NodeWatch) {
    this.options = options
    this.#watch = watch
    this.#logFile = join(options.folder, `node-${options.id}.log`)
    const text = Object.entries(options.properties).map(([key, value]) => `${key}=${value}\n`)
    writeFileSync(this.#propertiesFile, text.join(''))
  }

  get id(): number {
    return this.options.id
  }

  get #propertiesFile(): string {
    return join(this.options.folder, `node-${this.options.id}.properties`)
  }

  get isRunning(): boolean {
    return this.#child !== undefined
  }

  /** It has come up: registered, so that the cluster knows what its last end was. */
  get isServing(): boolean {
    if (this.#child === undefined) return false
    this.#hasServed ||= readFileSync(this.#logFile).subarray(this.#logFrom).includes(served[this.options.kind])
    return this.#hasServed
  }

  get pid(): number {
    return this.#child?.pid ?? -1
  }

  start(): void {
    if (this.#child !== undefined) return
    const program =
      this.options.kind === 'tkafka'
        ? [process.execPath, join(import.meta.dirname, '../apache/run-node.ts'), this.#propertiesFile, 'info']
        : ['java', ...javaArguments(HEAP), 'kafka.Kafka', this.#propertiesFile]
    // Who ends this process by force ends the nodes too.
    const [command, ...args] = [...dyingWithParent, ...this.options.launcher, ...program]
    const output = openSync(this.#logFile, 'a')
    this.#logFrom = fstatSync(output).size
    this.#hasServed = false
    const child = spawn(command!, args, { stdio: ['ignore', output, output] })
    closeSync(output)
    this.#child = child
    this.#isEnding = false
    this.#watch.started(this)
    child.once('exit', (code, signal) => {
      this.#child = undefined
      if (!this.#isEnding && !this.mayEnd) this.#watch.ended(this, String(signal ?? code))
    })
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** A clean stop, or what comes of it in time. Gives the exit code or signal. */
  async stop(): Promise<string> {
    return this.#end('SIGTERM')
  }

  async #end(signal: NodeJS.Signals): Promise<string> {
    const child = this.#child
    if (child === undefined) return 'not running'
    this.#isEnding = true
    const exited = once(child, 'exit')
    child.kill('SIGCONT')
    child.kill(signal)
    const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
    const [code, by] = await exited
    clearTimeout(limit)
    return String(by ?? code)
  }

  pause(): void {
    this.#child?.kill('SIGSTOP')
  }

  resume(): void {
    this.#child?.kill('SIGCONT')
  }

  /** The end of what it wrote. */
  lastWords(): string {
    return readFileSync(this.#logFile, 'utf8').slice(-2000)
  }
}
