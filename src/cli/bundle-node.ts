import { join, resolve } from 'node:path'
import type { DirectoryEntry, Host } from '../host/index.ts'
import { loadTuning, type Part } from '../ops/index.ts'
import { type BrokerNote, readNote } from './broker-note.ts'
import { findBroker } from './broker-process.ts'

const TAIL_BYTES = 1024 * 1024
const PAGE_BYTES_MAX = 8 * 1024 * 1024
const PAGE_MS = 5000
/** Directories of partitions. */
const LISTED_AT_ONCE = 8
/** What the kernel tells of the machine, and of the process. */
// biome-ignore format: a table
const machineFiles = ['version', 'cmdline', 'meminfo', 'loadavg', 'uptime', 'stat', 'vmstat', 'diskstats', 'mounts', 'swaps', 'net/dev', 'net/sockstat', 'net/snmp', 'pressure/cpu', 'pressure/io', 'pressure/memory', 'sys/fs/file-nr']
const processFiles = ['limits', 'status', 'io', 'stat', 'cgroup', 'smaps_rollup', 'net/sockstat', 'cmdline']
/** Small files at the top of a data directory, and of the metadata log in it. */
// biome-ignore format: a table
const dataFiles = ['meta.properties', 'bootstrap.checkpoint', 'recovery-point-offset-checkpoint', 'replication-offset-checkpoint', 'log-start-offset-checkpoint', 'cleaner-offset-checkpoint', 'tkafka.node.json', 'tkafka.pid', '__cluster_metadata-0/quorum-state']

export interface LocalNode {
  readonly directory: string
  readonly pid: number | undefined
  readonly note: BrokerNote | undefined
}

/** The node of this data directory, whether it runs or not. */
export async function localNode(host: Host, directory: string): Promise<LocalNode> {
  const found = await findBroker(host, directory).catch(() => undefined)
  const pid = found?.running === true ? found.pid : undefined
  return { directory, pid, note: pid === undefined ? undefined : await readNote(host, directory, pid) }
}

/** What there is to know of a node of this machine, a file each. */
export function nodeParts(
  host: Host,
  { directory, pid, note }: LocalNode,
  files: { readonly config?: string | undefined; readonly journal?: string | undefined },
): Part[] {
  const { disk } = host
  const read = async (path: string): Promise<string | undefined> => (await loadTuning()).machineFile(disk, path)
  const beside = resolve(directory, '..')
  const first = async (paths: readonly string[]): Promise<string | undefined> => {
    for (const path of paths) {
      const text = await read(path)
      if (text !== undefined) return text
    }
    return undefined
  }
  const linux: Part[] =
    process.platform !== 'linux'
      ? []
      : [
          ...machineFiles.map((name) => ({ path: `machine/proc/${name.replaceAll('/', '-')}`, ask: () => read(`/proc/${name}`) })),
          ...(pid === undefined
            ? []
            : processFiles.map((name) => ({ path: `node/process/${name.replaceAll('/', '-')}`, ask: () => processFile(read, pid, name) }))),
        ]
  return [
    { path: 'node/node.json', ask: async () => ({ directory, pid: pid ?? null, note: note ?? null }) },
    {
      path: 'node/server.properties',
      ask: () =>
        first(files.config === undefined ? [join(directory, 'server.properties'), join(beside, 'server.properties')] : [files.config]),
    },
    {
      path: 'node/journal.log',
      ask: () => firstTail(host, files.journal === undefined ? [join(beside, 'log'), join(beside, 'broker.log')] : [files.journal]),
    },
    { path: 'node/directory.json', ask: () => listing(host, directory) },
    ...dataFiles.map((name) => ({ path: `node/data/${name.replaceAll('/', '-')}`, ask: () => read(join(directory, name)) })),
    {
      path: 'machine/tune.json',
      ask: async () =>
        (await loadTuning()).tuningChecks({
          host,
          platform: process.platform,
          nodeVersion: process.version,
          pid,
          directories: [resolve(directory)],
        }),
    },
    ...linux,
    ...(note?.status == null
      ? []
      : [
          ...pagePart(host, 'node/status.json', `http://${note.status}/status`),
          ...pagePart(host, 'node/metrics.txt', `http://${note.status}/metrics`),
        ]),
  ]
}

/** A page of a web server. */
export function pagePart(host: Host, path: string, url: string): Part[] {
  const { http } = host
  if (http === undefined) return []
  const request = {
    method: 'GET',
    url,
    headers: {},
    body: '',
    connectTimeoutMs: PAGE_MS,
    readTimeoutMs: PAGE_MS,
    bytesMax: PAGE_BYTES_MAX,
  } as const
  const ask = async (): Promise<string> => {
    const { status, body } = await http(request)
    if (status !== 200) throw new Error(`${url} answered ${status}`)
    return body
  }
  return [{ path, ask }]
}

/** What a command line says is between zeros. */
const processFile = async (read: (path: string) => Promise<string | undefined>, pid: number, name: string): Promise<string | undefined> =>
  (await read(`/proc/${pid}/${name}`))?.replaceAll('\0', ' ')

async function firstTail(host: Host, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const tail = await tailOf(host, path).catch(() => undefined)
    if (tail !== undefined) return tail
  }
  return undefined
}

/** The end of a file, from the beginning of a line on. */
async function tailOf({ disk }: Host, path: string): Promise<string> {
  const file = await disk.open(path, 'read')
  try {
    const size = await file.size()
    const into = Buffer.alloc(Math.min(size, TAIL_BYTES))
    const got = await file.read(into, size - into.length)
    const text = into.toString('utf8', 0, got)
    return size > TAIL_BYTES ? text.slice(text.indexOf('\n') + 1) : text
  } finally {
    await file.close()
  }
}

/** What lies in a data directory, with sizes of files; of directories of partitions how many files and bytes. */
async function listing({ disk }: Host, directory: string): Promise<unknown> {
  const bytesOf = async (path: string): Promise<number | null> => (await disk.stat(path).catch(() => undefined))?.bytes ?? null
  const about = async ({ name, kind }: DirectoryEntry): Promise<unknown> => {
    const path = join(directory, name)
    if (kind !== 'directory') return { name, kind, bytes: await bytesOf(path) }
    const files = await disk.list(path).catch(() => [])
    const sizes = await Promise.all(files.map((file) => bytesOf(join(path, file.name))))
    return { name, kind, files: files.length, bytes: sizes.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0) }
  }
  // A few at a time: a node may have tens of thousands, and its disk something else to do.
  const entries = await disk.list(directory)
  const found: unknown[] = []
  for (let at = 0; at < entries.length; at += LISTED_AT_ONCE)
    found.push(...(await Promise.all(entries.slice(at, at + LISTED_AT_ONCE).map(about))))
  return found
}
