import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePorts } from './free-port.ts'
import { type Ended, type RunOptions, startJava } from './java-program.ts'
import { runTool, type Tool } from './tools.ts'

export interface BrokerOptions {
  /** The folder of `server.properties` and `data`; kept afterwards. Without it a temporary one, removed by `stop` and `kill`. */
  readonly folder?: string
  readonly properties?: Readonly<Record<string, string | number>>
  readonly clusterId?: string
  /** Further arguments of `storage format`, e.g. `--standalone` (without controller.quorum.voters in `properties`: see `dynamicVoters`). */
  readonly formatArguments?: readonly string[]
  /** KIP-853: no static voters; the folder is formatted as the only voter, or without a vote in a quorum that `properties` name. */
  readonly dynamicVoters?: boolean | 'none'
  /** Of the data listener and the controller; free ones when not given. */
  readonly ports?: readonly [number, number]
  readonly readyWithinMs?: number
}

/** A real Apache Kafka broker and controller in one process on free ports. */
export interface ApacheKafka {
  readonly bootstrap: string
  readonly controller: string
  readonly folder: string
  readonly dataFolder: string
  readonly pid: number
  readonly properties: Readonly<Record<string, string | number>>
  /** What it wrote to standard error so far. */
  log(): string
  /** Runs a tool against it: `--bootstrap-server` is added. */
  tool(name: Tool, args: readonly string[], options?: RunOptions): Promise<Ended>
  /** SIGTERM and a clean shutdown. */
  stop(): Promise<void>
  /** kill -9. */
  kill(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const toText = (properties: Readonly<Record<string, string | number>>): string =>
  Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')

/** Formats the folder when it is new, starts the broker and waits until it accepts connections and is unfenced. */
export async function startApacheKafka(options: BrokerOptions = {}): Promise<ApacheKafka> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'apache-kafka-'))
  const dataFolder = join(folder, 'data')
  const [port, controllerPort] = options.ports ?? (await freePorts(2))
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    ...(options.dynamicVoters
      ? { 'controller.quorum.bootstrap.servers': `127.0.0.1:${controllerPort}` }
      : { 'controller.quorum.voters': `1@127.0.0.1:${controllerPort}` }),
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}${options.dynamicVoters ? `,CONTROLLER://127.0.0.1:${controllerPort}` : ''}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': dataFolder,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    // Fifty logs each, and a buffer of 128 MB, are what a small cluster waits for and has no use of.
    'offsets.topic.num.partitions': 5,
    'transaction.state.log.num.partitions': 5,
    'share.coordinator.state.topic.num.partitions': 5,
    'log.cleaner.dedupe.buffer.size': 4_194_304,
    ...options.properties,
  }
  const file = join(folder, 'server.properties')
  writeFileSync(file, toText(properties))
  if (!existsSync(join(dataFolder, 'meta.properties'))) {
    const standalone = options.dynamicVoters ? [options.dynamicVoters === 'none' ? '--no-initial-controllers' : '--standalone'] : []
    const format = [
      'format',
      '-t',
      options.clusterId ?? 'MkU3OEVBNTcwNTJENDM2Qg',
      '-c',
      file,
      ...standalone,
      ...(options.formatArguments ?? []),
    ]
    const { code, stdout, stderr } = await runTool('storage', format)
    if (code !== 0) throw new Error(`storage format failed:\n${stdout}${stderr}`)
  }
  const child = startJava('kafka.Kafka', [file], { heap: '512m' })
  let log = ''
  child.stdout?.on('data', (chunk) => (log += chunk))
  child.stderr?.on('data', (chunk) => (log += chunk))
  await untilReady(child, port!, () => log, options.readyWithinMs ?? 60_000)

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    await endProcess(child, signal)
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true })
  }
  const bootstrap = `127.0.0.1:${port}`
  return {
    bootstrap,
    controller: `127.0.0.1:${controllerPort}`,
    folder,
    dataFolder,
    pid: child.pid!,
    properties,
    log: () => log,
    tool: (name, args, runOptions) => runTool(name, ['--bootstrap-server', bootstrap, ...args], runOptions),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    [Symbol.asyncDispose]: () => end('SIGKILL'),
  }
}

async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  child.kill(signal)
  const limit = setTimeout(() => child.kill('SIGKILL'), 60_000)
  await closed
  clearTimeout(limit)
}

/** The data listener opens only when the broker has caught up with the metadata and is about to be unfenced; its log says when it is. */
async function untilReady(child: ChildProcess, port: number, log: () => string, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`Apache Kafka ended with code ${child.exitCode}:\n${log()}`)
    if (log().includes('Kafka Server started') && (await accepts(port))) return
    await delay(50)
  }
  child.kill('SIGKILL')
  throw new Error(`Apache Kafka was not ready within ${withinMs} ms:\n${log()}`)
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => socket.destroy())
    socket.on('error', () => resolve(false))
    socket.on('close', (failed) => resolve(!failed))
  })
}
