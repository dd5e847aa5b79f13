import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../client/broker-at.ts'
import type { Anomaly, AnomalyName } from './anomaly.ts'
import { ChaosCluster, type ChaosTopic } from './chaos-cluster.ts'
import type { ChaosNode, Kind } from './chaos-node.ts'
import { checkHistory } from './checker.ts'
import type { FromClients, ToClients } from './client-process.ts'
import { Dice } from './dice.ts'
import { type FaultKind, faults, missingFaults } from './faults.ts'
import { type History, readHistory } from './history.ts'
import { type FaultRecord, Nemesis } from './nemesis.ts'
import { readReplicas } from './replica-files.ts'
import { keyCount, keyOf, type WorkloadCounts, type WorkloadOptions } from './workload.ts'

export interface RunOptions {
  readonly seed: number
  readonly minutes: number
  readonly kinds: readonly [Kind, Kind, Kind]
  readonly apart: boolean
  readonly unsafe: boolean
  readonly proxies: boolean
  readonly timeouts: 'kafka' | 'short'
  readonly faults: readonly FaultKind[]
  readonly rate: number
  readonly holdMs: readonly [number, number]
  /** New; kept when the run fails. */
  readonly folder: string
  readonly say: (line: string) => void
}

export interface RunResult {
  readonly network: string
  readonly seconds: number
  readonly history: History
  readonly faults: readonly FaultRecord[]
  readonly skippedFaults: ReadonlyMap<FaultKind, string>
  readonly anomalies: ReadonlyMap<AnomalyName, number>
  readonly witnesses: readonly Anomaly[]
  /** What else went wrong: nodes that ended, a cluster or readers that did not recover. */
  readonly failures: readonly string[]
}

export const topics: readonly ChaosTopic[] = [
  { name: 'orders', partitionCount: 6 },
  { name: 'payments', partitionCount: 3 },
]
const HEAL_LIMIT_MS = 120_000
const PRODUCED_LIMIT_MS = 90_000
const GROUP_LIMIT_MS = 60_000
const READ_LIMIT_MS = 200_000
const SAY_EVERY_MS = 5000
/** A deposed coordinator learns of it within this time after its connections work again. */
const ZOMBIE_GRACE_MS = 15_000

/** The process of the clients, and what it says. */
class Clients {
  counts: WorkloadCounts = { acknowledged: 0, unknown: 0, polls: 0, reads: 0, commits: 0, rebalances: 0 }
  readonly #child: ChildProcess
  readonly #heard: FromClients[] = []
  #exit: string | undefined

  constructor(options: WorkloadOptions) {
    this.#child = fork(join(import.meta.dirname, 'client-process.ts'), [JSON.stringify(options)])
    this.#child.on('message', (message: FromClients) => {
      if (message.kind === 'counts') this.counts = message.counts
      else this.#heard.push(message)
    })
    this.#child.on('exit', (code, signal) => (this.#exit = String(signal ?? code)))
  }

  async ask<K extends FromClients['kind']>(question: ToClients, answer: K, limitMs: number): Promise<Extract<FromClients, { kind: K }>> {
    this.#child.send(question)
    let found: FromClients | undefined
    await eventually(
      `the clients answer ${question.kind}`,
      () => {
        found = this.#heard.find(({ kind }) => kind === answer)
        if (found === undefined && this.#exit !== undefined) throw new Error(`the clients' process ended: ${this.#exit}`)
        return found !== undefined
      },
      limitMs,
    )
    return found as Extract<FromClients, { kind: K }>
  }

  async close(): Promise<void> {
    if (this.#exit !== undefined) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }
}

/** One run: a cluster, clients, faults; then everything is mended, read to the end, stopped and checked. */
export const runChaos = async (options: RunOptions): Promise<RunResult> => {
  const { folder, seed } = options
  mkdirSync(folder, { recursive: true })
  const { say: _, ...said } = options
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ ...said, topics }, null, 2))
  const cluster = await ChaosCluster.start({ ...options, topics })
  const interrupted = (): void => void cluster[Symbol.asyncDispose]().finally(() => process.exit(130))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupted)
  let result: RunResult | undefined
  try {
    return (result = await runOn(cluster, options, new Dice(seed)))
  } finally {
    if (result === undefined || isBad(result)) await keepVolumes(cluster.nodes, folder)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupted)
    await cluster[Symbol.asyncDispose]()
    if (result !== undefined && !isBad(result)) rmSync(folder, { recursive: true, force: true })
  }
}

export const isBad = ({ anomalies, failures }: RunResult): boolean => anomalies.size > 0 || failures.length > 0

const keepVolumes = async (nodes: readonly ChaosNode[], folder: string): Promise<void> => {
  for (const node of nodes) {
    await node.kill()
    node.options.volume.copyTo(join(folder, `node-${node.id}`))
  }
}

const runOn = async (cluster: ChaosCluster, options: RunOptions, dice: Dice): Promise<RunResult> => {
  const { folder, say, minutes } = options
  const originMs = performance.timeOrigin + performance.now()
  const nowMs = (): number => Math.trunc(performance.timeOrigin + performance.now() - originMs)
  const failures: string[] = []
  const historyFile = join(folder, 'history.bin')
  const clients = new Clients({
    ...{ bootstrap: cluster.bootstrap, historyFile, topics, originMs, rate: options.rate, seed: options.seed },
    ...{ producers: 2, readers: 2, groups: [3, 3], acks: options.unsafe ? '1' : 'all', lifeMs: 30_000 },
  })
  const skippedFaults = missingFaults(cluster)
  const kinds = options.faults.filter((kind) => !skippedFaults.has(kind))
  const isOver = (): boolean => nowMs() > minutes * 60_000
  const time = (): string => `${(nowMs() / 1000).toFixed(0).padStart(4)} s`
  const nemesis = new Nemesis({
    ...{ cluster, dice, kinds, nowMs, isOver, holdMs: options.holdMs },
    say: (line) => say(`${time()}  ${line}`),
  })
  const progress = (): void => {
    const { acknowledged, unknown, reads, commits } = clients.counts
    say(`${time()}  ${acknowledged} acknowledged, ${unknown} unknown, ${reads} read, ${commits} commits, ${nemesis.records.length} faults`)
  }
  const ticker = setInterval(progress, SAY_EVERY_MS)
  try {
    await nemesis.run()
    say(`${time()}  healing`)
    await heal(cluster)
    const healed = nowMs()
    await eventually('all replicas in sync after everything was mended', () => cluster.inSync(), HEAL_LIMIT_MS).catch((error: Error) =>
      failures.push(error.message),
    )
    say(`${time()}  in sync after ${nowMs() - healed} ms`)
    await clients.ask({ kind: 'stop-producing' }, 'produced', PRODUCED_LIMIT_MS)
    const { readAll, complaints } = await clients.ask(
      { kind: 'finish', groupLimitMs: GROUP_LIMIT_MS, readLimitMs: READ_LIMIT_MS },
      'finished',
      GROUP_LIMIT_MS + READ_LIMIT_MS + HEAL_LIMIT_MS,
    )
    if (!readAll) failures.push(`not everything was read within ${READ_LIMIT_MS} ms`)
    failures.push(...complaints.map((complaint) => `a client failed: ${complaint}`))
    progress()
    const highWatermarks = await endOffsets(cluster)
    // What is quiet lies on disk as it will be read: a clean stop would only add to it.
    for (const node of cluster.nodes) node.mayEnd = true
    await Promise.all(cluster.nodes.map((node) => node.kill()))
    writeFileSync(join(folder, 'faults.json'), JSON.stringify(nemesis.records, null, 1))
    writeFileSync(join(folder, 'high-watermarks.json'), JSON.stringify([...highWatermarks]))
    failures.push(...cluster.ended)
    say(`${time()}  checking`)
    const history = readHistory(historyFile)
    const directories = logDirectories(cluster)
    const zombies = zombieTimes(nemesis.records)
    const { counts, witnesses } = checkHistory(
      history,
      { replicasOf: (key) => readReplicas(topics, key, directories), highWatermarks },
      zombies,
    )
    return {
      ...{ network: cluster.network.description, seconds: nowMs() / 1000, history, faults: nemesis.records, skippedFaults },
      ...{ anomalies: counts, witnesses, failures },
    }
  } finally {
    clearInterval(ticker)
    await clients.close()
  }
}

const logDirectories = (cluster: ChaosCluster): Map<number, string> =>
  new Map(cluster.brokers.map(({ id, options }) => [id, join(options.volume.path, 'log')]))

/** Times at which a deposed coordinator may still answer from what it knew. */
export const zombieTimes = (records: readonly FaultRecord[]): { fromMs: number; toMs: number }[] =>
  records
    .filter(({ kind }) => faults[kind].leavesZombies)
    .map(({ beginMs, endMs }) => ({ fromMs: beginMs, toMs: (endMs < 0 ? beginMs : endMs) + ZOMBIE_GRACE_MS }))

const heal = async (cluster: ChaosCluster): Promise<void> => {
  cluster.network.heal()
  for (const node of cluster.nodes) {
    node.resume()
    node.start()
  }
}

/** Everything the leaders say is committed. */
const endOffsets = async (cluster: ChaosCluster): Promise<Map<number, number>> => {
  const wanted = topics.flatMap(({ name, partitionCount }) =>
    Array.from({ length: partitionCount }, (_, partition) => ({ topic: name, partition, at: 'latest' as const })),
  )
  const ends = await cluster.admin.listOffsets(wanted, { timeoutMs: 20_000 })
  const known = ends.flatMap(({ item, value }) =>
    value === null ? [] : [[keyOf(topics, item.topic, item.partition), value.offset] as const],
  )
  if (known.length !== keyCount(topics)) throw new Error('the leaders do not tell the end of every partition')
  return new Map(known)
}
