/**
 * host: the five faculties a node lives on, and what comes with a network (TLS, questions to web servers). Everything that is not a pure
 * function of its arguments (time, randomness, disk, network, journal) reaches a room through one of these interfaces, so that
 * the same code runs on a machine (`host/node`) and in a simulated world (`sim`).
 *
 * Invariant: only `host/node` imports node:fs, node:net, node:tls, node:http, node:crypto randomness or timers.
 */
export type { Clock, Timer } from './clock.ts'
export type { DirectoryEntry, Disk, DiskErrorCode, File, FileLock, OpenMode } from './disk.ts'
export { DiskError, isDiskError } from './disk.ts'
export type { Http, HttpAnswer, HttpRequest } from './http.ts'
export type { Journal, JournalFields, JournalLevel } from './journal.ts'
export { silentJournal } from './journal.ts'
export type { Address, Connection, ConnectOptions, Listener, ListenOptions, Network, NetworkErrorCode } from './network.ts'
export { NetworkError } from './network.ts'
export type { Random } from './random.ts'
export type { Tls, TlsClient, TlsClientOptions, TlsFault, TlsVersion } from './tls.ts'
export { TlsError } from './tls.ts'
export type { VitalSigns, Vitals } from './vitals.ts'

import type { Clock } from './clock.ts'
import type { Disk } from './disk.ts'
import type { Http } from './http.ts'
import type { Journal } from './journal.ts'
import type { Network } from './network.ts'
import type { Random } from './random.ts'
import type { Tls } from './tls.ts'
import type { Vitals } from './vitals.ts'

export interface Host {
  readonly clock: Clock
  readonly random: Random
  readonly disk: Disk
  readonly network: Network
  readonly journal: Journal
  /** Loaded late: most connections need none. A world without it refuses those that do. */
  readonly tls?: () => Promise<Tls>
  readonly http?: Http
  /** Begins to watch the process; a world without one has none. */
  readonly vitals?: () => Vitals
}
