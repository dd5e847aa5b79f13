import { join } from 'node:path'
import type { Host } from '../host/index.ts'

/** Beside tkafka.pid: what a broker is, for those who want to ask it more. */
const noteFile = 'tkafka.node.json'
const NOTE_BYTES_MAX = 64 * 1024

export interface NotedListener {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly isController: boolean
}

export interface BrokerNote {
  readonly pid: number
  readonly version: string
  /** Milliseconds since 1970. */
  readonly startedMs: number
  readonly nodeId: number
  readonly clusterId: string
  readonly roles: readonly string[]
  /** As they are bound; none while it starts. */
  readonly listeners: readonly NotedListener[]
  /** Of its status pages, host:port; null: it has none. */
  readonly status: string | null
}

export async function writeNote(host: Host, dataDirectory: string, note: BrokerNote): Promise<void> {
  await host.disk.replaceFile(join(dataDirectory, noteFile), Buffer.from(`${JSON.stringify(note)}\n`))
}

/** The note of this process; undefined when there is none, or it is another's. */
export async function readNote(host: Host, dataDirectory: string, pid: number): Promise<BrokerNote | undefined> {
  try {
    const note = JSON.parse(Buffer.from(await host.disk.readFile(join(dataDirectory, noteFile), NOTE_BYTES_MAX)).toString()) as BrokerNote
    return note.pid === pid && Array.isArray(note.listeners) && Array.isArray(note.roles) ? note : undefined
  } catch {
    return undefined
  }
}

export async function removeNote(host: Host, dataDirectory: string): Promise<void> {
  await host.disk.remove(join(dataDirectory, noteFile))
}

/** Where a listener of this machine is reached. */
export function addressText({ host, port }: { readonly host: string; readonly port: number }): string {
  const reached = host === '' || host === '::' || host === '0.0.0.0' ? 'localhost' : host
  return `${reached.includes(':') ? `[${reached}]` : reached}:${port}`
}
