import type { Host, Timer } from '../host/index.ts'
import { deleteDirectoryName, uniquePart } from './file-names.ts'
import type { LogDirectory } from './log-directory.ts'
import type { PartitionLog } from './partition-log.ts'

/** Partition directories on their way out: renamed at once, removed after file.delete.delay.ms, or at the next start. */
export class LogRemovals {
  readonly #host: Host
  readonly #failed: (directory: LogDirectory, error: unknown) => void
  readonly #waiting = new Set<Timer>()
  readonly #renaming = new Set<Promise<void>>()
  #stopped = false

  constructor(host: Host, failed: (directory: LogDirectory, error: unknown) => void) {
    this.#host = host
    this.#failed = failed
  }

  /** Resolves when the directory has its new name: the log is gone then. */
  async remove(directory: LogDirectory, log: PartitionLog): Promise<void> {
    const renaming = this.#rename(directory, log)
    this.#renaming.add(renaming)
    try {
      await renaming
    } catch (error) {
      this.#failed(directory, error)
      throw error
    } finally {
      this.#renaming.delete(renaming)
    }
    if (!this.#stopped) this.removeLater(directory, log.home.path, log.config.fileDeleteDelayMs)
  }

  async #rename(directory: LogDirectory, log: PartitionLog): Promise<void> {
    await log.abandon()
    await directory.rename(log, deleteDirectoryName(log.topic, log.partition, uniquePart(this.#host.random)))
  }

  /** Resolves when nothing is half gone: a log that was given up must not be found under its name. */
  async settled(): Promise<void> {
    while (this.#renaming.size > 0) await Promise.allSettled(this.#renaming)
  }

  removeLater(directory: LogDirectory, path: string, delayMs = 0): void {
    const remove = async (): Promise<void> => {
      if (!directory.online || this.#stopped) return
      await this.#host.disk.removeTree(path)
    }
    const timer = this.#host.clock.after(delayMs, () => {
      this.#waiting.delete(timer)
      remove().catch((error) => this.#failed(directory, error))
    })
    this.#waiting.add(timer)
  }

  /** What is renamed and not removed yet goes at the next start. */
  stop(): void {
    this.#stopped = true
    for (const timer of this.#waiting) timer.cancel()
    this.#waiting.clear()
  }
}
