import { leaderBatch } from './control-batches.ts'
import type { Entry } from './core/messages.ts'
import type { Election, StorageStep } from './core/ready.ts'
import { writeQuorumState } from './quorum-state.ts'
import type { RaftParts } from './raft-parts.ts'
import type { RecentBatches } from './recent-batches.ts'
import type { OffsetAndEpoch } from './types.ts'

/** Makes durable what the core asks for: first the quorum state, then the log, step by step. */
export class Storage {
  readonly #parts: Pick<RaftParts, 'host' | 'directory' | 'control' | 'log' | 'snapshots'>
  readonly #recent: RecentBatches

  constructor(parts: RaftParts, recent: RecentBatches) {
    this.#parts = parts
    this.#recent = recent
  }

  async writeElection(election: Election): Promise<void> {
    const { host, directory, control } = this.#parts
    await writeQuorumState(host.disk, directory, election, control.kraftVersion, control.voters.ids)
  }

  /** Gives the end of the log up to which it is durable. */
  async write(steps: readonly StorageStep[]): Promise<number> {
    const { log } = this.#parts
    for (const step of steps) {
      if (step.type === 'truncate') {
        await log.truncateTo(step.offset)
        this.#recent.clear()
      } else if (step.type === 'restart') {
        await this.#restartBehind(step.behind)
      } else {
        log.append(this.#bytesOf(step.entry), step.entry.epoch)
      }
    }
    const end = log.endOffset
    await log.flush()
    return end
  }

  #bytesOf({ content, quorum, baseOffset: base, epoch }: Entry): Buffer {
    if (Buffer.isBuffer(content)) return content
    this.#recent.clear()
    return leaderBatch({ baseOffset: base, epoch, timestamp: this.#parts.host.clock.now() }, content, quorum)
  }

  /** The snapshot counts before the log goes, and the older ones go last: nobody finds a log without what stands for its beginning. */
  async #restartBehind(id: OffsetAndEpoch): Promise<void> {
    const { log, snapshots } = this.#parts
    snapshots.adopt(id)
    await log.restartAt(id.offset)
    await snapshots.dropBefore(id)
    this.#recent.clear()
  }
}
