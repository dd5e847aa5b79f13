import { assert } from '../base/index.ts'
import { isDiskError } from '../host/index.ts'
import { isControl } from '../records/index.ts'
import type { ControlHistory } from './control-history.ts'
import type { SnapshotSize } from './log-cleaning.ts'
import { SnapshotCopy } from './snapshot-copy.ts'
import { compareSnapshots, damagedSuffix, isBootstrapSnapshot, recoverSnapshots, sameSnapshot, snapshotFileName } from './snapshot-files.ts'
import { openSnapshot, readSnapshotBatches } from './snapshot-reader.ts'
import { type SnapshotContent, type SnapshotHost, writeSnapshot } from './snapshot-writer.ts'
import type { OffsetAndEpoch, SnapshotReader } from './types.ts'

/** The most that one FetchSnapshot answer carries, whatever is asked. */
const sliceBytesMax = 8 * 1024 * 1024

/** The snapshots of the metadata log, oldest first. */
export class SnapshotStore {
  readonly #host: SnapshotHost
  readonly directory: string
  #ids: OffsetAndEpoch[]
  readonly #writing = new Set<string>()

  constructor(host: SnapshotHost, directory: string, ids: OffsetAndEpoch[]) {
    this.#host = host
    this.directory = directory
    this.#ids = ids
  }

  static async open(host: SnapshotHost, directory: string, logStartOffset: number): Promise<SnapshotStore> {
    return new SnapshotStore(host, directory, await recoverSnapshots(host.disk, directory, logStartOffset))
  }

  get ids(): readonly OffsetAndEpoch[] {
    return this.#ids
  }
  get earliest(): OffsetAndEpoch | undefined {
    return this.#ids[0]
  }
  get latest(): OffsetAndEpoch | undefined {
    return this.#ids.at(-1)
  }

  has(id: OffsetAndEpoch): boolean {
    return this.#ids.some((known) => sameSnapshot(known, id))
  }

  /** False when it exists, or is being written, already. */
  async create(content: SnapshotContent): Promise<boolean> {
    const name = snapshotFileName(content.id)
    if (this.has(content.id) || this.#writing.has(name)) return false
    this.#writing.add(name)
    try {
      await writeSnapshot(this.#host, this.directory, content)
    } finally {
      this.#writing.delete(name)
    }
    this.#ids.push(content.id)
    this.#ids.sort(compareSnapshots)
    return true
  }

  read(id: OffsetAndEpoch): Promise<SnapshotReader> {
    return openSnapshot(this.#host.disk, this.directory, id)
  }

  /** Begins a copy of a snapshot of another replica. */
  receive(id: OffsetAndEpoch): Promise<SnapshotCopy> {
    return SnapshotCopy.begin(this.#host, this.directory, id)
  }

  /** Removes a copy that is wanted no more. */
  async discard(id: OffsetAndEpoch): Promise<void> {
    if (!this.has(id)) await this.#host.disk.remove(this.#path(id))
  }

  /** Reads all of it. @throws SnapshotCorruptError, DiskError */
  async check(id: OffsetAndEpoch): Promise<void> {
    for await (const _ of readSnapshotBatches(this.#host.disk, this.#path(id)));
  }

  /** It counts no more; the file stays, under a name that nobody takes for a snapshot. Gives that name. */
  async setAside(id: OffsetAndEpoch): Promise<string> {
    this.#ids = this.#ids.filter((known) => !sameSnapshot(known, id))
    const aside = `${this.#path(id)}${damagedSuffix}`
    await this.#host.disk.rename(this.#path(id), aside)
    await this.#host.disk.syncDirectory(this.directory)
    return aside
  }

  /** A snapshot that came from elsewhere is one of ours now. */
  adopt(id: OffsetAndEpoch): void {
    if (!this.has(id)) this.#ids = [...this.#ids, id].sort(compareSnapshots)
  }

  /** Takes kraft.version and voters from the head of a snapshot. */
  async readControl(id: OffsetAndEpoch, control: ControlHistory): Promise<void> {
    for await (const batch of readSnapshotBatches(this.#host.disk, this.#path(id))) {
      if (!isControl(batch, 0)) break
      control.read(batch, id.offset - 1)
    }
  }

  /** A stretch of the file for a replica that copies it; undefined: there is no such snapshot. */
  async slice(id: OffsetAndEpoch, position: number, maxBytes: number): Promise<{ bytes: Buffer; size: number } | undefined> {
    if (!this.has(id) || isBootstrapSnapshot(id)) return undefined
    try {
      const file = await this.#host.disk.open(this.#path(id), 'read')
      try {
        const size = await file.size()
        const length = Math.max(0, Math.min(maxBytes, sliceBytesMax, size - position))
        const bytes = Buffer.alloc(length)
        return { bytes: bytes.subarray(0, position < 0 ? 0 : await file.read(bytes, position)), size }
      } finally {
        await file.close()
      }
    } catch (error) {
      if (isDiskError(error, 'ENOENT')) return undefined
      throw error
    }
  }

  async sizes(): Promise<SnapshotSize[]> {
    const sizes: SnapshotSize[] = []
    for (const id of this.#ids) {
      const { bytes, lastContainedLogTimestamp } = await this.read(id)
      sizes.push({ ...id, bytes, lastContainedLogTimestamp })
    }
    return sizes
  }

  /** Removes those that lie before the log's start: nothing can follow them. */
  async dropOlderThan(logStartOffset: number): Promise<void> {
    const dropped = this.#ids.filter(({ offset }) => offset < logStartOffset)
    this.#ids = this.#ids.filter(({ offset }) => offset >= logStartOffset)
    for (const old of dropped) await this.#host.disk.remove(this.#path(old))
  }

  /** Removes all older than `id`. */
  async dropBefore(id: OffsetAndEpoch): Promise<void> {
    assert(this.has(id), 'a snapshot stays for the log that is removed')
    const dropped = this.#ids.filter((known) => compareSnapshots(known, id) < 0)
    this.#ids = this.#ids.filter((known) => compareSnapshots(known, id) >= 0)
    for (const old of dropped) await this.#host.disk.remove(this.#path(old))
  }

  #path(id: OffsetAndEpoch): string {
    return `${this.directory}/${snapshotFileName(id)}`
  }
}
