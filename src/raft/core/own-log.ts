import type { ControlHistory } from '../control-history.ts'
import type { OffsetAndEpoch } from '../types.ts'
import type { LogView } from './log-view.ts'
import type { Entry, LeaderChange, QuorumChange } from './messages.ts'
import type { PendingWork } from './pending-work.ts'

/** The log of this replica and what it says of the quorum, in step with each other and ahead of the disk. */
export class OwnLog {
  readonly view: LogView
  readonly control: ControlHistory
  readonly #work: PendingWork

  constructor(view: LogView, control: ControlHistory, work: PendingWork) {
    this.view = view
    this.control = control
    this.#work = work
  }

  append(entry: Entry): void {
    this.view.append(entry.baseOffset, entry.lastOffset, entry.epoch)
    if (entry.quorum !== undefined) this.control.add(entry.baseOffset, entry.quorum)
    this.#work.store({ type: 'append', entry })
  }

  /** What the leader of `epoch` itself says, as one batch. Gives the offset of the last record. */
  appendControl(epoch: number, content: LeaderChange | undefined, quorum: QuorumChange): number {
    const baseOffset = this.view.endOffset
    const count = [content, quorum.kraftVersion, quorum.voters].filter((record) => record !== undefined).length
    this.append({ baseOffset, lastOffset: baseOffset + count - 1, epoch, content, quorum })
    return baseOffset + count - 1
  }

  /** Takes what a leader of an epoch up to `epoch` sent. False: something does not continue the log. */
  take(entries: readonly Entry[], epoch: number): boolean {
    for (const entry of entries) {
      const continues = entry.baseOffset === this.view.endOffset && entry.lastOffset >= entry.baseOffset
      if (!continues || entry.epoch < this.view.lastEpoch || entry.epoch > epoch) return false
      this.append(entry)
    }
    return true
  }

  /** False: the leader asks for what would undo a commit (R7). */
  truncateTo(offset: number, highWatermark: number): boolean {
    if (offset < highWatermark || offset < this.view.startOffset || offset > this.view.endOffset) return false
    if (offset < this.view.endOffset) {
      this.view.truncateTo(offset)
      this.control.truncateTo(offset)
      this.#work.store({ type: 'truncate', offset })
    }
    return true
  }

  restartBehind(id: OffsetAndEpoch, quorum: QuorumChange): void {
    this.view.restartAt(id)
    this.control.restartAt(id.offset, quorum)
    this.#work.store({ type: 'restart', behind: id })
  }
}
