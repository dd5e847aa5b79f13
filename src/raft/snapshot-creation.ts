import { baseOffset } from '../records/index.ts'
import type { RaftCore } from './core/raft-core.ts'
import type { RaftParts } from './raft-parts.ts'
import type { SnapshotContent } from './snapshot-writer.ts'

/** Writes the snapshots that the state machine over the log gives. */
export class SnapshotCreation {
  readonly #parts: RaftParts
  readonly #core: RaftCore
  readonly #underWay = new Set<Promise<boolean>>()
  #closed = false

  constructor(parts: RaftParts, core: RaftCore) {
    this.#parts = parts
    this.#core = core
  }

  /** False: there is one already, the log begins later, or raft is closed. @throws Error when `id` is no place between committed batches */
  async create(content: Omit<SnapshotContent, 'quorum'>, committedOffset: number): Promise<boolean> {
    const { log, snapshots, control, host } = this.#parts
    const { id } = content
    if (id.offset < log.startOffset || snapshots.has(id)) return false
    if (id.offset > committedOffset) throw new Error(`snapshot ${id.offset} is beyond the high watermark ${committedOffset}`)
    if (this.#core.log.epochBefore(id.offset) !== id.epoch) throw new Error(`the record before ${id.offset} is not of epoch ${id.epoch}`)
    if (!(await this.#isBatchStart(id.offset))) throw new Error(`offset ${id.offset} lies within a batch`)
    if (this.#closed) return false
    const quorum = { kraftVersion: control.kraftVersionAt(id.offset - 1), voters: control.votersAt(id.offset - 1) }
    const creation = snapshots.create({ ...content, quorum })
    this.#underWay.add(creation)
    const created = await creation.finally(() => this.#underWay.delete(creation))
    if (created) {
      this.#core.log.earliestSnapshot = snapshots.earliest
      this.#core.log.latestSnapshot = snapshots.latest
      host.journal.info('a snapshot of the metadata log is written', { offset: id.offset, epoch: id.epoch })
    }
    return created
  }

  /** Begins nothing more. */
  stop(): void {
    this.#closed = true
  }

  /** Ends what is under way; the disk is left alone afterwards. */
  async close(): Promise<void> {
    this.stop()
    await Promise.allSettled(this.#underWay)
  }

  async #isBatchStart(offset: number): Promise<boolean> {
    const { log } = this.#parts
    if (offset === log.startOffset || offset === log.endOffset) return true
    const bytes = await log.read(offset, 1)
    return bytes.length > 0 && baseOffset(bytes, 0) === offset
  }
}
