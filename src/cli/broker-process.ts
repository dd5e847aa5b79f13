import { join } from 'node:path'
import type { DiskError, Host } from '../host/index.ts'
import { readPropertiesText, withoutVariables } from './client-settings.ts'
import { Fault, messageOf, usageFault } from './fault.ts'
import { Flags, parsePairs } from './flags.ts'
import type { Shell } from './shell.ts'

/** Beside meta.properties of the first log directory; Apache Kafka passes over files there. */
const pidFile = 'tkafka.pid'
/** A process that is stuck in a disk may take its time. */
const KILL_LIMIT_MS = 5000

/** How commands about a broker process find it. */
export const nodeFlags = {
  'data-dir': Flags.string({
    char: 'd',
    aliases: ['data-directory'],
    summary: 'data directory of the node that nobody configured',
    helpValue: 'DIR',
  }),
  property: Flags.string({
    char: 'X',
    aliases: ['override'],
    multiple: true,
    multipleNonGreedy: true,
    summary: 'one broker setting, before the file',
    helpValue: 'KEY=VALUE',
  }),
}

export interface NodeFlags {
  readonly 'data-dir'?: string | undefined
  readonly property?: string[] | undefined
}

/** Where the node that nobody configured keeps its data: TKAFKA_DATA, or the user's data folder. */
export function defaultDataDirectory(shell: Pick<Shell, 'env'>): string {
  const { TKAFKA_DATA, XDG_DATA_HOME, HOME = '.' } = shell.env
  return TKAFKA_DATA ?? join(XDG_DATA_HOME ?? join(HOME, '.local', 'share'), 'tkafka')
}

export interface NodeProperties {
  readonly properties: Map<string, string>
  readonly isEmbedded: boolean
  /** Where a setting comes from: `FILE:LINE`, `-X KEY`, what names the data directory; the file for one that it lacks; else empty. */
  readonly placeOf: (key: string) => string
}

/** The settings of a node: a file's, or `embedded` for none, with those of -X over them. @throws Fault */
export async function nodeProperties(
  shell: Shell,
  file: string | undefined,
  flags: NodeFlags,
  embedded: (dataDirectory: string) => ReadonlyMap<string, string>,
): Promise<NodeProperties> {
  if (file !== undefined && flags['data-dir'] !== undefined)
    throw usageFault('--data-dir goes with no file', 'A file names its own log.dirs; -X log.dirs=DIR overrides it.')
  const overrides = parsePairs(flags.property ?? [], '-X')
  const { base, placeOf } =
    file === undefined
      ? { base: embedded(flags['data-dir'] ?? defaultDataDirectory(shell)), placeOf: embeddedPlaces(shell, flags) }
      : await readNodeFile(shell, file)
  const given = { ...Object.fromEntries(base), ...overrides }
  return {
    properties: new Map(Object.entries(await withoutVariables(shell, given))),
    isEmbedded: file === undefined,
    placeOf: (key) => (Object.hasOwn(overrides, key) ? `-X ${key}` : placeOf(key)),
  }
}

/** A file with the places of its settings. @throws Fault */
export async function readNodeFile(shell: Shell, file: string): Promise<{ base: Map<string, string>; placeOf: NodeProperties['placeOf'] }> {
  const { parseProperties, propertyLines } = await import('../config/index.ts')
  const text = await readPropertiesText(shell, file)
  const lines = propertyLines(text)
  return { base: parseProperties(text), placeOf: (key) => (lines.has(key) ? `${file}:${lines.get(key)}` : file) }
}

const embeddedPlaces =
  ({ env }: Pick<Shell, 'env'>, flags: NodeFlags): NodeProperties['placeOf'] =>
  (key) => {
    if (key !== 'log.dirs') return ''
    if (flags['data-dir'] !== undefined) return '--data-dir'
    return env.TKAFKA_DATA === undefined ? 'without --data-dir' : 'TKAFKA_DATA'
  }

/** log.dirs, or log.dir, of settings. */
export function firstLogDirectory(properties: ReadonlyMap<string, string>): string {
  return (properties.get('log.dirs') ?? properties.get('log.dir') ?? '/tmp/kafka-logs').split(',')[0]!.trim()
}

export interface BrokerProcess {
  readonly pid: number
  readonly dataDirectory: string
  readonly running: boolean
  /** Tells it from another process that has its id now; empty: not known. */
  readonly birth: string
}

/** The process that noted itself in the directory, if any. A stranger that has its id since is not it. */
export async function findBroker(host: Host, dataDirectory: string): Promise<BrokerProcess | undefined> {
  const path = join(dataDirectory, pidFile)
  if ((await host.disk.stat(path).catch(() => undefined)) === undefined) return undefined
  const [first = '', birth = ''] = Buffer.from(await host.disk.readFile(path, 1024))
    .toString()
    .split('\n')
  const pid = /^\d{1,9}$/.test(first.trim()) ? Number(first) : 0
  const found = { pid, dataDirectory, birth }
  return { ...found, running: pid > 0 && (await isThere(found)) }
}

/** The id, and on a line of its own what tells this process from others that had it. */
export async function notePid(host: Host, dataDirectory: string, pid: number): Promise<void> {
  const { birthOf } = await import('../host/node/index.ts')
  await host.disk.replaceFile(join(dataDirectory, pidFile), Buffer.from(`${pid}\n${birthOf(pid)}\n`))
}

export async function forgetPid(host: Host, dataDirectory: string): Promise<void> {
  await host.disk.remove(join(dataDirectory, pidFile))
}

/** Whether a process of this machine runs. */
export async function isAlive(pid: number): Promise<boolean> {
  return (await import('../host/node/index.ts')).isAlive(pid)
}

/** What tells a process of this machine from others that had its id, or will; empty: not known. */
export async function birthOf(pid: number): Promise<string> {
  return (await import('../host/node/index.ts')).birthOf(pid)
}

/** Whether the very process runs. */
export async function isThere({ pid, birth }: Pick<BrokerProcess, 'pid' | 'birth'>): Promise<boolean> {
  const { birthOf, isAlive } = await import('../host/node/index.ts')
  return isAlive(pid) && (birth === '' || birthOf(pid) === birth)
}

/** SIGTERM, and waits until the process is gone; when it does not go in time it is killed, or `late` is the hint. @throws Fault */
export async function stopBroker(
  host: Host,
  broker: BrokerProcess,
  timeoutMs: number,
  late: 'kill' | { readonly hint: string },
): Promise<void> {
  if (!(await send(broker, 'SIGTERM')) || (await untilGone(host, broker, timeoutMs, 50))) return
  if (late === 'kill') return killBroker(host, broker)
  throw new Fault(`process ${broker.pid} is still there after ${timeoutMs} ms`, late)
}

/** kill -9, and waits until the process is gone. @throws Fault when it does not go */
export async function killBroker(host: Host, broker: BrokerProcess): Promise<void> {
  if ((await send(broker, 'SIGKILL')) && !(await untilGone(host, broker, KILL_LIMIT_MS, 20)))
    throw new Fault(`process ${broker.pid} is killed, but still there after ${KILL_LIMIT_MS} ms`, {
      hint: 'The system has not let it go: it may wait for a disk. Nothing of its directory should be touched before it is gone.',
    })
  await forgetPid(host, broker.dataDirectory)
}

/** False: it is gone already. @throws Fault */
async function send(broker: BrokerProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<boolean> {
  if (!(await isThere(broker))) return false
  try {
    process.kill(broker.pid, signal)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ESRCH') return false
    if (code !== 'EPERM') throw error
    throw new Fault(`process ${broker.pid} is another user's`, { cause: error, hint: 'Run this as the user who has started it.' })
  }
}

async function untilGone(host: Host, broker: BrokerProcess, timeoutMs: number, lookMs: number): Promise<boolean> {
  const deadlineMs = host.clock.monotonic() + timeoutMs
  while (await isThere(broker)) {
    if (host.clock.monotonic() >= deadlineMs) return false
    await new Promise<void>((resolve) => host.clock.after(lookMs, resolve))
  }
  return true
}

/** A directory of a node that cannot be made or used: which setting or flag names it, why, and what to do. */
export function directoryFault(
  { key, path, cause }: { readonly key: string; readonly path: string; readonly cause: DiskError },
  { placeOf, isEmbedded }: Pick<NodeProperties, 'placeOf' | 'isEmbedded'>,
): Fault {
  const place = placeOf(key)
  const unmade = cause.operation === 'makeDirectory'
  const reason = unmade && cause.code === 'ENOENT' ? 'nothing can be made there' : messageOf(cause)
  const told = `the directory ${path} of ${key} cannot be ${unmade ? 'made' : 'used'}: ${reason}`
  const another = isEmbedded && !place.startsWith('-X') ? '--data-dir' : key
  return new Fault(place === '' ? told : `${place}: ${told}`, {
    cause,
    hint: `The user who runs this must be able to make it and write to it: change that, or name another one with ${another}.`,
  })
}
