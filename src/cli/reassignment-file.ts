import type { PlannedMove, Target } from '../ops/index.ts'
import { Fault, messageOf, usageFault } from './fault.ts'
import { isId, isTopicPartition, partitionEntries, readJsonFile } from './partition-file.ts'
import type { Shell } from './shell.ts'

const shape = '{"version":1,"partitions":[{"topic":…,"partition":…,"replicas":[…]}]}'

/** A file as kafka-reassign-partitions takes it. @throws Fault */
export const readTargets = async (shell: Shell, path: string): Promise<Target[]> => (await readPlan(shell, path)).targets

export interface PlanFile {
  readonly targets: Target[]
  /** What was there when tkafka planned it; undefined: another wrote the file. */
  readonly before: Target[] | undefined
}

/** @throws Fault */
export async function readPlan(shell: Shell, path: string): Promise<PlanFile> {
  const wrong = usageFault(`${path} is not ${shape}`)
  const json = await readJsonFile(shell, path, wrong)
  const read = (list: unknown): Target[] => distinct(partitionEntries(list, wrong, targetOf), path)
  const targets = read(json.partitions)
  if (targets.length === 0) throw usageFault(`${path} names no partition`)
  return { targets, before: json.before === undefined ? undefined : read(json.before) }
}

/** @throws Fault (usage) */
function distinct(targets: Target[], path: string): Target[] {
  const seen = new Set<string>()
  for (const { topic, partition, replicas } of targets) {
    const key = `${topic}-${partition}`
    if (seen.has(key)) throw usageFault(`${path} names ${key} twice`)
    if (new Set(replicas).size !== replicas.length) throw usageFault(`${path}: ${key} names a broker twice`)
    seen.add(key)
  }
  return targets
}

function targetOf(entry: Readonly<Record<string, unknown>>): Target | undefined {
  const { topic, partition, replicas, log_dirs: directories } = entry
  if (!isTopicPartition(entry) || !Array.isArray(replicas) || replicas.length === 0 || !replicas.every(isId)) return undefined
  const logDirs = directories === undefined ? replicas.map(() => 'any') : directories
  if (!Array.isArray(logDirs) || logDirs.length !== replicas.length || !logDirs.every((each) => typeof each === 'string')) return undefined
  return { topic: String(topic), partition: Number(partition), replicas, logDirs: logDirs.map((each) => (each === 'any' ? null : each)) }
}

/** The file that makes the moves, with what was there before, which Kafka's tool passes over; with `from` the one that takes them back. */
export function movesJson(moves: readonly PlannedMove[], side: 'to' | 'from'): string {
  const before = side === 'to' ? `,"before":${entriesJson(moves, 'from')}` : ''
  return `{"version":1,"partitions":${entriesJson(moves, side)}${before}}\n`
}

export const targetsJson = (targets: readonly Target[]): string => `{"version":1,"partitions":${listJson(targets)}}\n`

const entriesJson = (moves: readonly PlannedMove[], side: 'to' | 'from'): string =>
  listJson(moves.map(({ topic, partition, [side]: replicas }) => ({ topic, partition, replicas })))

function listJson(list: readonly Pick<Target, 'topic' | 'partition' | 'replicas'>[]): string {
  const entries = list.map(({ topic, partition, replicas }) => {
    return `{"topic":${JSON.stringify(topic)},"partition":${partition},"replicas":[${replicas.join(',')}],"log_dirs":[${replicas.map(() => '"any"').join(',')}]}`
  })
  return `[${entries.join(',')}]`
}

/** The topics of `{"topics":[{"topic":…}],"version":1}`, as kafka-reassign-partitions --generate takes them. @throws Fault */
export async function readTopicsToMove(shell: Shell, path: string): Promise<string[]> {
  const wrong = usageFault(`${path} is not {"version":1,"topics":[{"topic":…}]}`)
  let topics: unknown
  try {
    topics = JSON.parse(Buffer.from(await (await shell.host()).disk.readFile(path)).toString()).topics
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) throw wrong
    throw new Fault(`cannot read ${path}: ${messageOf(error)}`, { cause: error })
  }
  if (!Array.isArray(topics) || !topics.every((each) => typeof each?.topic === 'string')) throw wrong
  return [...new Set(topics.map(({ topic }) => topic as string))]
}

/** `plan.json` → `plan.rollback.json`. */
export const rollbackPath = (path: string): string => `${path.replace(/\.json$/, '')}.rollback.json`

const units: Readonly<Record<string, number>> = {
  ...{ '': 1, b: 1, k: 1000, kb: 1000, m: 1e6, mb: 1e6, g: 1e9, gb: 1e9 },
  ...{ ki: 1024, kib: 1024, mi: 1024 ** 2, mib: 1024 ** 2, gi: 1024 ** 3, gib: 1024 ** 3 },
}

/** `50MB/s`, `48MiB`, plain bytes a second. @throws Fault (usage) */
export function parseRate(text: string, what: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*?)(?:\/s|ps)?$/i.exec(text.trim())
  const rate = match === null ? Number.NaN : Math.round(Number(match[1]) * (units[match[2]!.toLowerCase()] ?? Number.NaN))
  if (!Number.isSafeInteger(rate) || rate < 1) throw usageFault(`${what}: ${text} is no rate`, 'Write 50MB/s, 48MiB/s or bytes a second.')
  return rate
}
