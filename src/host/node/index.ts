/**
 * host/node: the real machine. The only place that imports node:fs, node:net, node:tls, timers and node:crypto randomness.
 */
import type { Host } from '../index.ts'
import type { Journal } from '../journal.ts'
import { nodeClock } from './clock.ts'
import { nodeDisk } from './disk.ts'
import { type JournalOptions, nodeJournal } from './journal.ts'
import { nodeNetwork } from './network.ts'
import { nodeRandom } from './random.ts'
import { nodeVitals } from './vitals.ts'

export { type JournalOptions, nodeJournal } from './journal.ts'
export { launchDetached } from './launch.ts'
export { birthOf, isAlive } from './processes.ts'
export { type ProgramEnd, runOnTerminal, runProgram, writePrivateFile } from './programs.ts'

export interface NodeHostOptions {
  /** A journal of one's own, or how to make one. Default: to standard output, readable on a terminal, else JSON lines. */
  readonly journal?: Journal | JournalOptions
  /** Writes up to this many bytes are made on the caller's turn, larger ones through the thread pool. */
  readonly writeNowBytes?: number
}

export function nodeHost(options: NodeHostOptions = {}): Host {
  const { journal = {}, writeNowBytes } = options
  return {
    clock: nodeClock,
    random: nodeRandom,
    disk: nodeDisk(writeNowBytes === undefined ? {} : { writeNowBytes }),
    network: nodeNetwork,
    journal: 'child' in journal ? journal : nodeJournal(journal),
    tls: async () => (await import('./tls.ts')).nodeTls,
    http: async (request) => (await import('./http.ts')).nodeHttp(request),
    vitals: nodeVitals,
  }
}
