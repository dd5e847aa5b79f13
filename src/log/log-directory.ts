import { parentOf } from '../base/index.ts'
import { DiskError, type DiskErrorCode, type FileLock, type Host, isDiskError } from '../host/index.ts'
import { formatCleanShutdown, formatOffsetCheckpoint, parseCleanShutdown, parseOffsetCheckpoint } from './checkpoints.ts'
import {
  CLEAN_SHUTDOWN_FILE,
  CLEANER_FILE,
  HIGH_WATERMARK_FILE,
  LOCK_FILE,
  LOG_START_FILE,
  partitionName,
  RECOVERY_POINT_FILE,
} from './file-names.ts'
import type { PartitionLog } from './partition-log.ts'

/** What the checkpoint files of a directory said when it was opened, by `topic-partition`. */
export interface DirectoryCheckpoints {
  readonly recoveryPoints: Map<string, number>
  readonly logStartOffsets: Map<string, number>
  readonly highWatermarks: Map<string, number>
  readonly cleanerOffsets: Map<string, number>
}

/** The broker's epoch of the last run, when that ended in order. */
export interface CleanShutdown {
  readonly brokerEpoch: number
}

/** One of log.dirs: its lock, its checkpoints, its partitions. After a disk error it is offline for good. */
export class LogDirectory {
  readonly path: string
  readonly host: Host
  readonly logs = new Set<PartitionLog>()
  cleanShutdown: CleanShutdown | undefined
  checkpoints: DirectoryCheckpoints = {
    recoveryPoints: new Map(),
    logStartOffsets: new Map(),
    highWatermarks: new Map(),
    cleanerOffsets: new Map(),
  }
  /** Why it is offline. */
  failure: Error | undefined
  #lock: FileLock | undefined
  #writing = new Map<string, Promise<void>>()
  /** Partitions that each checkpoint on disk speaks of, or will when what is under way is written. */
  readonly #spokenOf = new Map<string, ReadonlySet<string>>()

  constructor(host: Host, path: string) {
    this.host = host
    this.path = path
  }

  get online(): boolean {
    return this.failure === undefined
  }

  /** Logs that are being made: they count already when the next one looks for the emptiest directory. */
  creating = 0

  get partitionCount(): number {
    return this.logs.size + this.creating
  }

  /** Makes the directory when it is missing, locks it and reads what the last run left. The clean-shutdown file goes away here (KAFKA-10471). */
  async open(): Promise<void> {
    const { disk } = this.host
    if ((await disk.stat(this.path)) === undefined) {
      await disk.makeDirectory(this.path)
      await disk.syncDirectory(parentOf(this.path))
    }
    this.#lock = await disk.lock(this.#file(LOCK_FILE))
    const clean = await this.#text(CLEAN_SHUTDOWN_FILE)
    if (clean !== undefined) {
      this.cleanShutdown = { brokerEpoch: parseCleanShutdown(clean) }
      await disk.remove(this.#file(CLEAN_SHUTDOWN_FILE))
      await disk.syncDirectory(this.path)
    }
    this.checkpoints = {
      recoveryPoints: await this.#offsets(RECOVERY_POINT_FILE),
      logStartOffsets: await this.#offsets(LOG_START_FILE),
      highWatermarks: await this.#offsets(HIGH_WATERMARK_FILE),
      cleanerOffsets: await this.#offsets(CLEANER_FILE),
    }
  }

  /** Gives a partition's directory another name. */
  async rename(log: PartitionLog, name: string): Promise<void> {
    const path = this.#file(name)
    await this.host.disk.rename(log.home.path, path)
    log.home.path = path
    await this.host.disk.syncDirectory(this.path)
  }

  #file(name: string): string {
    return `${this.path}/${name}`
  }

  async #text(name: string): Promise<string | undefined> {
    try {
      return Buffer.from(await this.host.disk.readFile(this.#file(name))).toString('utf8')
    } catch (error) {
      if (isDiskError(error, 'ENOENT')) return undefined
      throw error
    }
  }

  /** A checkpoint of nonsense counts as empty: recovery then starts further back, which is slow and safe. */
  async #offsets(name: string): Promise<Map<string, number>> {
    const text = await this.#text(name)
    if (text === undefined) return new Map()
    const offsets = parseOffsetCheckpoint(text)
    if (offsets !== undefined) this.#spokenOf.set(name, new Set(offsets.keys()))
    if (offsets === undefined)
      this.host.journal.warn('a checkpoint does not parse: it is ignored and written anew', { file: this.#file(name) })
    return offsets ?? new Map()
  }

  /** A new log begins: what the checkpoints still say of a deleted one of its name would pass for its own after a crash. */
  async forget(name: string): Promise<void> {
    this.checkpoints.cleanerOffsets.delete(name)
    const stale = (file: string): boolean => this.#spokenOf.get(file)?.has(name) ?? false
    if (stale(RECOVERY_POINT_FILE)) await this.checkpointRecoveryPoints()
    if (stale(LOG_START_FILE)) await this.checkpointLogStartOffsets()
    if (stale(HIGH_WATERMARK_FILE)) await this.checkpointHighWatermarks()
    if (stale(CLEANER_FILE)) await this.checkpointCleanerOffsets()
    await Promise.all(this.#writing.values())
  }

  /** After loading: what a recovery cut off is not to pass for flushed once there is something else in its place. */
  async takeBackRecoveryPoints(): Promise<void> {
    const { recoveryPoints } = this.checkpoints
    const isShort = (log: PartitionLog): boolean => log.recoveryPoint < (recoveryPoints.get(partitionName(log.topic, log.partition)) ?? 0)
    if ([...this.logs].some((log) => !log.isFuture && isShort(log))) await this.checkpointRecoveryPoints()
  }

  checkpointRecoveryPoints(): Promise<void> {
    return this.#checkpoint(RECOVERY_POINT_FILE, (log) => log.recoveryPoint)
  }

  /** Only what the first segment's name does not say already. */
  checkpointLogStartOffsets(): Promise<void> {
    return this.#checkpoint(LOG_START_FILE, (log) => (log.logStartOffset > log.segments[0]!.baseOffset ? log.logStartOffset : undefined))
  }

  checkpointHighWatermarks(): Promise<void> {
    return this.#checkpoint(HIGH_WATERMARK_FILE, (log) => log.highWatermark)
  }

  checkpointCleanerOffsets(): Promise<void> {
    return this.#checkpoint(CLEANER_FILE, (log) => this.checkpoints.cleanerOffsets.get(partitionName(log.topic, log.partition)))
  }

  /** Replaces a checkpoint in one step. Calls for one file follow each other. */
  #checkpoint(name: string, value: (log: PartitionLog) => number | undefined): Promise<void> {
    const entries = [...this.logs].flatMap((log) => {
      const offset = log.isFuture ? undefined : value(log)
      return offset === undefined ? [] : [{ topic: log.topic, partition: log.partition, offset }]
    })
    const text = formatOffsetCheckpoint(entries)
    this.#spokenOf.set(name, new Set(entries.map(({ topic, partition }) => partitionName(topic, partition))))
    const before = this.#writing.get(name) ?? Promise.resolve()
    const writing = before.catch(() => {}).then(() => this.#replace(name, text))
    this.#writing.set(name, writing)
    return writing
  }

  async #replace(name: string, text: string): Promise<void> {
    if (this.failure !== undefined) throw new DiskError('EIO' satisfies DiskErrorCode, 'checkpoint', this.#file(name), this.failure)
    await this.host.disk.replaceFile(this.#file(name), Buffer.from(text))
  }

  async markCleanShutdown(brokerEpoch: number): Promise<void> {
    await this.host.disk.replaceFile(this.#file(CLEAN_SHUTDOWN_FILE), Buffer.from(formatCleanShutdown(brokerEpoch)))
  }

  async unlock(): Promise<void> {
    const lock = this.#lock
    this.#lock = undefined
    await lock?.release()
  }
}
