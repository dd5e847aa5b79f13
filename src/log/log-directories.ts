import { Turns } from '../base/index.ts'
import type { Host, Journal } from '../host/index.ts'
import type { Histogram } from '../metrics/index.ts'
import { defaultLogRoomConfig, type LogConfig, type LogRoomConfig } from './config.ts'
import { chooseDirectory, NoLogDirectory } from './directory-choice.ts'
import { loadDirectory } from './directory-loading.ts'
import {
  futureDirectoryName,
  type PartitionDirectoryName,
  parsePartitionDirectory,
  partitionName,
  strayDirectoryName,
  uniquePart,
} from './file-names.ts'
import { LogDirectory } from './log-directory.ts'
import { openLog } from './log-loading.ts'
import { LogRemovals } from './log-removals.ts'
import { OpenFiles } from './open-files.ts'
import type { LogContext, PartitionLog } from './partition-log.ts'
import { UnfinishedSwaps } from './unfinished-swaps.ts'

export interface OpenDirectories {
  /** log.dirs: absolute, without a slash at the end. */
  readonly paths: readonly string[]
  /** The config of a topic's logs. */
  readonly configFor: (topic: string) => LogConfig
  readonly room?: Partial<LogRoomConfig>
  /** Path of the directory that the metadata places a log in (KIP-858), where it says so. */
  readonly assigned?: (log: PartitionLog) => string | undefined
  /** Takes how long each segment took to sync. */
  readonly flushMs?: Histogram
  /** A directory went offline, at once or later. The logs in it refuse everything from now on. */
  readonly directoryFailed?: (directory: LogDirectory, error: unknown) => void
}

export interface CreateLog {
  readonly topic: string
  readonly partition: number
  readonly topicId?: string | undefined
  /** Path of the directory to use; default: the one with the fewest partitions. */
  readonly directory?: string | undefined
  /** A copy that will replace the current one (AlterReplicaLogDirs). */
  readonly future?: boolean
}

/** All partitions of a broker over its log.dirs (JBOD). A directory that fails takes its partitions along and nothing else. */
export class LogDirectories {
  readonly host: Host
  /** May be replaced while running: dynamic broker configs. */
  room: LogRoomConfig
  readonly directories: LogDirectory[]
  /** Paths of directories that take no new logs unless they are asked for by name (cordoned.log.dirs, KIP-1066). May be replaced. */
  cordoned: ReadonlySet<string> = new Set()
  readonly files: OpenFiles
  readonly flushMs: Histogram | undefined
  readonly #options: OpenDirectories
  readonly #journal: Journal
  readonly #current = new Map<string, PartitionLog>()
  readonly #future = new Map<string, PartitionLog>()
  readonly #strays = new Map<string, PartitionLog>()
  readonly #directoryOf = new Map<PartitionLog, LogDirectory>()
  /** What partitions lost with a directory. It has its place there, until it is deleted. */
  readonly #lost = new Map<string, PartitionLog>()
  /** By log that has just taken another's place, and may yet be lost: has the other take its place again. */
  readonly #takeBack = new Map<PartitionLog, () => void>()
  readonly #creating = new Map<string, Promise<PartitionLog>>()
  /** What deletes a partition's logs, or has one take another's place, goes one after the other. */
  readonly #turns = new Turns<string>()
  readonly #swaps: UnfinishedSwaps
  readonly #removals: LogRemovals
  #closed = false

  private constructor(host: Host, options: OpenDirectories) {
    this.host = host
    this.room = { ...defaultLogRoomConfig, ...options.room }
    this.#options = options
    this.#journal = host.journal.child('log')
    this.flushMs = options.flushMs
    this.files = new OpenFiles(host.disk, this.room.openFilesMaximum)
    this.directories = options.paths.map((path) => new LogDirectory(host, path))
    this.#removals = new LogRemovals(host, (directory, error) => this.#offline(directory, error))
    this.#swaps = new UnfinishedSwaps(this, {
      assigned: (log) => options.assigned?.(log),
      delete: (log) => this.#deleteLog(log),
      setAside: (log) => this.#setAside(log, 'another copy of it is further'),
      failed: (directory, error) => this.#offline(directory, error),
    })
  }

  /** Opens, locks and recovers all directories. Rejects only when none is usable; the failed ones are reported. */
  static async open(host: Host, options: OpenDirectories): Promise<LogDirectories> {
    const all = new LogDirectories(host, options)
    await Promise.all(all.directories.map((directory) => all.#openDirectory(directory)))
    await all.#swaps.finish()
    if (all.directories.every((directory) => !directory.online)) {
      await all.abandon()
      throw new NoLogDirectory(
        `none of the log directories can be used: ${all.directories.map((each) => `${each.path} (${each.failure?.message})`).join(', ')}`,
      )
    }
    return all
  }

  async #openDirectory(directory: LogDirectory): Promise<void> {
    try {
      const sideBySide = this.room.recoveriesPerDirectory
      await loadDirectory(directory, { sideBySide, load: (name, parsed) => this.#load(directory, name, parsed) })
      await directory.takeBackRecoveryPoints()
    } catch (error) {
      this.#offline(directory, error)
    }
  }

  async #load(directory: LogDirectory, name: string, parsed: PartitionDirectoryName): Promise<void> {
    const path = `${directory.path}/${name}`
    if (parsed.kind === 'delete') return this.#removals.removeLater(directory, path)
    const key = partitionName(parsed.topic, parsed.partition)
    const { checkpoints } = directory
    const log = await openLog(parsed, { path }, this.#options.configFor(parsed.topic), this.#context(directory), {
      clean: directory.cleanShutdown !== undefined,
      recoveryPoint: checkpoints.recoveryPoints.get(key) ?? 0,
      logStartOffset: checkpoints.logStartOffsets.get(key) ?? 0,
    })
    log.config = this.#options.configFor(parsed.topic)
    log.setHighWatermark(checkpoints.highWatermarks.get(key) ?? 0)
    log.isFuture = parsed.kind === 'future'
    this.#directoryOf.set(log, directory)
    if (parsed.kind === 'stray') return void this.#strays.set(key, log)
    directory.logs.add(log)
    const logs = log.isFuture ? this.#future : this.#current
    const other = logs.get(key)
    logs.set(key, other === undefined ? log : this.#swaps.furtherOf(log, other))
  }

  /**
   * Sets aside, under `-stray`, the partitions found on disk that are not this broker's any more (KAFKA-15359). To be called once it is known
   * which are, and before any is used.
   */
  async setAsideStrays(isStray: (log: PartitionLog) => boolean): Promise<void> {
    for (const log of [...this.#current.values(), ...this.#future.values()])
      if (isStray(log)) await this.#setAside(log, 'it is not assigned to this broker')
  }

  async #setAside(log: PartitionLog, reason: string): Promise<void> {
    const key = partitionName(log.topic, log.partition)
    const directory = this.#directoryOf.get(log)
    if (directory === undefined || !directory.online) return
    const name = strayDirectoryName(log.topic, log.partition, uniquePart(this.host.random))
    try {
      await directory.rename(log, name)
    } catch (error) {
      this.#offline(directory, error)
      return
    }
    directory.logs.delete(log)
    for (const logs of [this.#current, this.#future]) if (logs.get(key) === log) logs.delete(key)
    this.#strays.set(key, log)
    this.#journal.warn('a partition is set aside', { directory: log.home.path, reason })
  }

  #context(directory: LogDirectory): LogContext {
    const room = (): LogRoomConfig => this.room
    return {
      disk: this.host.disk,
      clock: this.host.clock,
      random: this.host.random,
      journal: this.host.journal,
      files: this.files,
      rules: {
        get transactionVerification() {
          return room().transactionPartitionVerificationEnable
        },
        get producerIdExpirationMs() {
          return room().producerIdExpirationMs
        },
      },
      checkpointRecoveryPoints: () => directory.checkpointRecoveryPoints(),
      failed: (error) => this.#offline(directory, error),
      ...(this.flushMs && { flushMs: this.flushMs }),
    }
  }

  #offline(directory: LogDirectory, error: unknown): void {
    if (!directory.online) return
    directory.failure = error instanceof Error ? error : new Error(String(error))
    this.#journal.error('log directory goes offline', { directory: directory.path, error, partitions: directory.logs.size })
    for (const log of directory.logs) {
      const logs = log.isFuture ? this.#future : this.#current
      const key = partitionName(log.topic, log.partition)
      // Its copy elsewhere may have taken its place.
      if (logs.get(key) === log) logs.delete(key)
      if (!log.isFuture) this.#lost.set(key, log)
      void log.abandon()
      this.#takeBack.get(log)?.()
    }
    directory.logs.clear()
    void directory.unlock().catch(() => {})
    this.#options.directoryFailed?.(directory, error)
  }

  get(topic: string, partition: number): PartitionLog | undefined {
    return this.#current.get(partitionName(topic, partition))
  }

  getFuture(topic: string, partition: number): PartitionLog | undefined {
    return this.#future.get(partitionName(topic, partition))
  }

  get logs(): IterableIterator<PartitionLog> {
    return this.#current.values()
  }

  get futureLogs(): IterableIterator<PartitionLog> {
    return this.#future.values()
  }

  get strays(): IterableIterator<PartitionLog> {
    return this.#strays.values()
  }

  directoryOf(log: PartitionLog): LogDirectory | undefined {
    return this.#directoryOf.get(log)
  }

  get online(): LogDirectory[] {
    return this.directories.filter((directory) => directory.online)
  }

  /**
   * Epoch of the broker's last run, when that ended in order in every directory, and all of them are here; else -1. One that failed, was
   * replaced, or was not flushed to its end may lack what was acknowledged, whatever the others say (KIP-966).
   */
  get previousBrokerEpoch(): number {
    const [first = -1, ...others] = this.directories.map(
      ({ online, cleanShutdown }) => (online ? cleanShutdown?.brokerEpoch : undefined) ?? -1,
    )
    return others.every((epoch) => epoch === first) ? first : -1
  }

  /** The log of a partition; made when there is none. Rejects with `NoLogDirectory` when no directory takes it. */
  async getOrCreate(wanted: CreateLog): Promise<PartitionLog> {
    const key = partitionName(wanted.topic, wanted.partition) + (wanted.future ? '!' : '')
    const existing = wanted.future ? this.getFuture(wanted.topic, wanted.partition) : this.get(wanted.topic, wanted.partition)
    if (existing !== undefined) return existing
    let creating = this.#creating.get(key)
    if (creating === undefined) {
      creating = this.#create(wanted).finally(() => this.#creating.delete(key))
      this.#creating.set(key, creating)
    }
    return creating
  }

  async #create(wanted: CreateLog): Promise<PartitionLog> {
    const directory = chooseDirectory(this.online, this.cordoned, wanted.directory)
    const { topic, partition } = wanted
    const name = wanted.future ? futureDirectoryName(topic, partition, uniquePart(this.host.random)) : partitionName(topic, partition)
    if (parsePartitionDirectory(name)?.topic !== topic) throw new Error(`${JSON.stringify(topic)} is no legal topic name`)
    const path = `${directory.path}/${name}`
    directory.creating++
    try {
      await directory.forget(partitionName(topic, partition))
      await this.host.disk.makeDirectory(path)
      await this.host.disk.syncDirectory(directory.path)
      const fresh = { clean: true, recoveryPoint: 0, logStartOffset: 0 }
      const log = await openLog({ topic, partition }, { path }, this.#options.configFor(topic), this.#context(directory), fresh)
      // They may have changed meanwhile, and nobody could tell this log.
      log.config = this.#options.configFor(topic)
      if (wanted.topicId !== undefined) log.assignTopicId(wanted.topicId)
      log.isFuture = wanted.future ?? false
      this.#directoryOf.set(log, directory)
      directory.logs.add(log)
      const logs = log.isFuture ? this.#future : this.#current
      logs.set(partitionName(topic, partition), log)
      return log
    } catch (error) {
      this.#offline(directory, error)
      throw error
    } finally {
      directory.creating--
    }
  }

  /**
   * Takes a partition away, after what is under way with its logs, and never in the caller's turn: `get` finds it until then. Its directories are
   * renamed, and removed after file.delete.delay.ms. Rejects when one could not be: that one's log directory is offline, the others are gone.
   */
  delete(topic: string, partition: number): Promise<boolean> {
    const key = partitionName(topic, partition)
    return this.#turns.take(key, () => this.#delete(key))
  }

  async #delete(key: string): Promise<boolean> {
    const found: PartitionLog[] = []
    for (const logs of [this.#current, this.#future, this.#strays]) {
      const log = logs.get(key)
      if (log !== undefined) found.push(log)
      logs.delete(key)
    }
    const lost = this.#lost.get(key)
    if (lost !== undefined) this.#directoryOf.delete(lost)
    this.#lost.delete(key)
    const failures: unknown[] = []
    for (const log of found) await this.#deleteLog(log).catch((error) => failures.push(error))
    if (failures.length > 0) throw failures[0]
    return found.length > 0
  }

  async #deleteLog(log: PartitionLog): Promise<void> {
    const directory = this.#directoryOf.get(log)!
    directory.logs.delete(log)
    this.#directoryOf.delete(log)
    await this.#removals.remove(directory, log)
  }

  /** Gives up a copy that was to replace the current one. */
  deleteFuture(topic: string, partition: number): Promise<void> {
    const key = partitionName(topic, partition)
    return this.#turns.take(key, () => this.#deleteFuture(key))
  }

  async #deleteFuture(key: string): Promise<void> {
    const future = this.#future.get(key)
    this.#future.delete(key)
    if (future !== undefined) await this.#deleteLog(future)
  }

  /**
   * The future copy of a partition has caught up: it takes the current one's place (AlterReplicaLogDirs). `replaced` is called in the turn
   * in which it does, before the old log closes; and once more, with the old log, when the copy is lost while that is there. Nothing is
   * appended meanwhile. Undefined: the copy is gone. Rejects when the copy's directory fails: the old log is, or is again, the current one.
   */
  replaceCurrentWithFuture(topic: string, partition: number, replaced?: (log: PartitionLog) => void): Promise<PartitionLog | undefined> {
    const key = partitionName(topic, partition)
    return this.#turns.take(key, () => this.#replaceCurrentWithFuture(key, replaced))
  }

  async #replaceCurrentWithFuture(key: string, replaced?: (log: PartitionLog) => void): Promise<PartitionLog | undefined> {
    const future = this.#future.get(key)
    const current = this.#current.get(key)
    if (future === undefined) return undefined
    const directory = this.#directoryOf.get(future)!
    const mustBeOnline = (): void => {
      if (!directory.online) throw new NoLogDirectory(`log directory ${directory.path} failed`)
    }
    // Behind what the copy still has to write under its old name.
    future.queue.task(() => directory.rename(future, key))
    await future.queue.drained()
    mustBeOnline()
    future.isFuture = false
    this.#future.delete(key)
    const put = (log: PartitionLog): void => {
      this.#current.set(key, log)
      replaced?.(log)
    }
    this.#takeBack.set(future, () => {
      if (current !== undefined && !current.isClosed) put(current)
    })
    put(future)
    // What DeleteRecords took away, and how far its records are flushed, is known to the old directory alone until here.
    await this.checkpointLogStartOffsets()
    await this.checkpointRecoveryPoints()
    this.#takeBack.delete(future)
    mustBeOnline()
    // When the old directory fails here, it is offline, and the partition goes on without it.
    if (current !== undefined) await this.#deleteLog(current).catch(() => {})
    return future
  }

  /** New values for all logs of a topic. */
  updateConfig(topic: string, config: LogConfig): void {
    for (const logs of [this.#current, this.#future]) for (const log of logs.values()) if (log.topic === topic) log.config = config
  }

  async checkpointRecoveryPoints(): Promise<void> {
    await this.#inEach((directory) => directory.checkpointRecoveryPoints())
  }

  async checkpointLogStartOffsets(): Promise<void> {
    await this.#inEach((directory) => directory.checkpointLogStartOffsets())
  }

  async checkpointHighWatermarks(): Promise<void> {
    await this.#inEach((directory) => directory.checkpointHighWatermarks())
  }

  async #inEach(checkpoint: (directory: LogDirectory) => Promise<void>): Promise<void> {
    for (const directory of this.online) await checkpoint(directory).catch((error) => this.#offline(directory, error))
  }

  /** Flushes and closes everything. Only a directory whose logs all closed in order is marked as cleanly shut down (KAFKA-15375). */
  async close(brokerEpoch = -1): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#removals.stop()
    for (const directory of this.online) await this.#closeDirectory(directory, brokerEpoch)
  }

  async #closeDirectory(directory: LogDirectory, brokerEpoch: number): Promise<void> {
    try {
      const strays = [...this.#strays.values()].filter((log) => this.#directoryOf.get(log) === directory)
      const waiting = [...directory.logs, ...strays]
      const worker = async (): Promise<void> => {
        for (let log = waiting.pop(); log !== undefined; log = waiting.pop()) await log.close()
      }
      await Promise.all(Array.from({ length: Math.max(1, this.room.recoveriesPerDirectory) }, worker))
      await this.checkpointRecoveryPoints()
      await this.checkpointLogStartOffsets()
      await this.checkpointHighWatermarks()
      await this.#removals.settled()
      if (directory.online) await directory.markCleanShutdown(brokerEpoch)
    } catch (error) {
      this.#offline(directory, error)
    }
    await directory.unlock()
  }

  /** Lets go of everything at once, as a crash would. */
  async abandon(): Promise<void> {
    this.#closed = true
    this.#removals.stop()
    for (const stray of this.#strays.values()) await stray.abandon()
    for (const directory of this.directories) {
      for (const log of directory.logs) await log.abandon()
      await directory.unlock().catch(() => {})
    }
  }
}
