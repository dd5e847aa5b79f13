import { batchBytes } from '../records/index.ts'
import { controlRecordsOf } from './control-batches.ts'
import type { QuorumChange } from './core/messages.ts'
import type { ReplicaKey, Voter } from './types.ts'
import type { VoterSet } from './voter-set.ts'

interface At<T> {
  readonly offset: number
  readonly value: T
}

/**
 * kraft.version and voters by the offset at which they were written (KRaftControlRecordStateMachine): both count from the moment they
 * are in the log, committed or not, and a truncation takes them back.
 */
export class ControlHistory {
  readonly #staticVoters: VoterSet
  #versions: At<number>[] = []
  #voters: At<VoterSet>[] = []

  constructor(staticVoters: VoterSet) {
    this.#staticVoters = staticVoters
  }

  get kraftVersion(): number {
    return this.#versions.at(-1)?.value ?? 0
  }

  get voters(): VoterSet {
    return this.#voters.at(-1)?.value ?? this.#staticVoters
  }

  /** Offset of the latest voters record, −1 when it is in the bootstrap checkpoint; undefined: the voters are static. */
  get votersOffset(): number | undefined {
    return this.#voters.at(-1)?.offset
  }

  /** What a new leader writes: voters that are only in the bootstrap checkpoint, or itself where it listens elsewhere by now (KIP-853). */
  unwritten(leader: Voter): QuorumChange {
    const { kraftVersion, voters } = this
    const isDue = this.votersOffset === -1 || voters.differs(leader)
    return kraftVersion > 0 && voters.has(leader.id) && isDue ? { kraftVersion, voters: voters.with(leader) } : {}
  }

  /** The replica voted before the latest voters record, and nobody knows that record to be committed. */
  mayStillVote(replica: ReplicaKey, highWatermark: number | undefined): boolean {
    const isUncommitted = (this.votersOffset ?? -1) >= (highWatermark ?? 0)
    return isUncommitted && (this.#voters.at(-2)?.value.isVoter(replica) ?? false)
  }

  kraftVersionAt(offset: number): number {
    return this.#versions.findLast((entry) => entry.offset <= offset)?.value ?? 0
  }

  /** Undefined while voters are not part of the log. */
  votersAt(offset: number): VoterSet | undefined {
    return this.#voters.findLast((entry) => entry.offset <= offset)?.value
  }

  /** Takes what the batches say. Records of a snapshot all count as of the last offset that it contains. */
  read(bytes: Buffer, snapshotOffset?: number): void {
    for (let at = 0; at < bytes.length; at += batchBytes(bytes, at)) {
      for (const record of controlRecordsOf(bytes, at)) {
        const offset = snapshotOffset ?? record.offset
        if (record.type === 'kraftVersion') this.#versions.push({ offset, value: record.kraftVersion })
        else if (record.type === 'voters') this.#voters.push({ offset, value: record.voters })
      }
    }
  }

  /** A batch of the log that begins at `offset` says this. */
  add(offset: number, { kraftVersion, voters }: QuorumChange): void {
    if (kraftVersion !== undefined) this.#versions.push({ offset, value: kraftVersion })
    if (voters !== undefined) this.#voters.push({ offset, value: voters })
  }

  /** What stands behind a snapshot: it replaces all that was known. */
  restartAt(offset: number, quorum: QuorumChange): void {
    this.#versions = []
    this.#voters = []
    this.add(offset - 1, quorum)
  }

  truncateTo(endOffset: number): void {
    this.#versions = this.#versions.filter(({ offset }) => offset < endOffset)
    this.#voters = this.#voters.filter(({ offset }) => offset < endOffset)
  }

  /** Forgets what no offset from `startOffset` on asks for. */
  forgetBefore(startOffset: number): void {
    this.#versions = keepFrom(this.#versions, startOffset)
    this.#voters = keepFrom(this.#voters, startOffset)
  }
}

const keepFrom = <T>(entries: At<T>[], startOffset: number): At<T>[] => {
  const last = entries.findLastIndex(({ offset }) => offset <= startOffset)
  return last <= 0 ? entries : entries.slice(last)
}
