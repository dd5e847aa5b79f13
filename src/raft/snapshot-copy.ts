import type { File } from '../host/index.ts'
import { isControl } from '../records/index.ts'
import { ControlHistory } from './control-history.ts'
import type { QuorumChange } from './core/messages.ts'
import { partialSnapshotFileName, snapshotFileName } from './snapshot-files.ts'
import { readSnapshotBatches } from './snapshot-reader.ts'
import type { SnapshotHost } from './snapshot-writer.ts'
import type { OffsetAndEpoch } from './types.ts'
import { VoterSet } from './voter-set.ts'

/** A snapshot that is copied from another replica, piece by piece; its name appears once it is whole, checked and durable. */
export class SnapshotCopy {
  readonly #host: SnapshotHost
  readonly #directory: string
  readonly #id: OffsetAndEpoch
  readonly #partial: string
  readonly #file: File
  #position = 0
  #size: number | undefined
  #published = false

  static async begin(host: SnapshotHost, directory: string, id: OffsetAndEpoch): Promise<SnapshotCopy> {
    const unique = Buffer.from(host.random.bytes(8)).toString('hex')
    const partial = `${directory}/${partialSnapshotFileName(id, unique)}`
    return new SnapshotCopy(host, directory, id, partial, await host.disk.open(partial, 'create'))
  }

  private constructor(host: SnapshotHost, directory: string, id: OffsetAndEpoch, partial: string, file: File) {
    this.#host = host
    this.#directory = directory
    this.#id = id
    this.#partial = partial
    this.#file = file
  }

  get position(): number {
    return this.#position
  }
  get isWhole(): boolean {
    return this.#position === this.#size
  }

  /** False: the piece does not fit the ones before. */
  async add({ bytes, size }: { readonly bytes: Buffer; readonly size: number }): Promise<boolean> {
    this.#size ??= size
    const end = this.#position + bytes.length
    if (size !== this.#size || bytes.length === 0 || end > size) return false
    await this.#file.write([bytes], this.#position)
    this.#position = end
    return true
  }

  /**
   * Makes it durable and reads all of it, telling of each step by `progressed`. Gives what it says of the quorum.
   * @throws SnapshotCorruptError, DiskError
   */
  async check(progressed: () => void): Promise<QuorumChange> {
    await this.#file.sync()
    const control = new ControlHistory(VoterSet.none)
    const lastOffset = this.#id.offset - 1
    for await (const batch of readSnapshotBatches(this.#host.disk, this.#partial)) {
      if (isControl(batch, 0)) control.read(batch, lastOffset)
      progressed()
    }
    const { kraftVersion } = control
    return kraftVersion > 0 ? { kraftVersion, voters: control.votersAt(lastOffset) } : {}
  }

  /** Gives the copy, once checked, its name. */
  async publish(): Promise<void> {
    const { disk } = this.#host
    await disk.rename(this.#partial, `${this.#directory}/${snapshotFileName(this.#id)}`)
    await disk.syncDirectory(this.#directory)
    this.#published = true
  }

  /** Removes what is unfinished. */
  async close(): Promise<void> {
    await this.#file.close()
    if (!this.#published) await this.#host.disk.remove(this.#partial).catch(() => {})
  }
}
