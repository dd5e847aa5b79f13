import type { Role } from './chaos-node.ts'

/** The clients' place in the network, beside the nodes' by their ids. */
export const CLIENTS = 0

export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** What joins nodes and clients, and can be made to fail. Changes take effect at once and last until `heal`. */
export interface Network extends AsyncDisposable {
  /** In a sentence, for the report. */
  readonly description: string
  /** Where a node listens, and where others find it. */
  endpointOf(id: number, role: Role): { readonly listen: Endpoint; readonly advertised: Endpoint }
  /** What a node's process is started with. */
  launcherOf(id: number): readonly string[]
  /** Told whenever a node's process begins. */
  started(id: number, pid: number): void
  /** Packets from one to the other vanish. */
  cut(from: number, to: number): void
  /** That share of the packets of a node vanishes, in and out. */
  lose(id: number, percent: number): void
  /** A node sends no faster than this. */
  slow(id: number, kbitPerSecond: number): void
  /** Connections of a node end with a reset, now. */
  reset(id: number): void
  heal(): void
}
