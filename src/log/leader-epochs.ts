import type { EpochEntry } from './checkpoints.ts'

export const UNDEFINED_EPOCH = -1
export const UNDEFINED_EPOCH_OFFSET = -1

export interface EpochEnd {
  readonly epoch: number
  readonly endOffset: number
}

/**
 * At which offset each leader epoch began in this log (KIP-101, LeaderEpochFileCache). Epochs rise strictly, start offsets
 * never fall. Mutators tell whether anything changed: the owner then writes the checkpoint.
 */
export class LeaderEpochs {
  #entries: EpochEntry[]

  constructor(entries: readonly EpochEntry[] = []) {
    this.#entries = [...entries]
  }

  get entries(): readonly EpochEntry[] {
    return this.#entries
  }

  get latest(): EpochEntry | undefined {
    return this.#entries.at(-1)
  }

  get earliest(): EpochEntry | undefined {
    return this.#entries[0]
  }

  /** A new epoch begins; entries that contradict it are removed (KAFKA-7415). */
  assign(epoch: number, startOffset: number): boolean {
    const latest = this.latest
    if (latest !== undefined && epoch === latest.epoch && startOffset >= latest.startOffset) return false
    let kept = this.#entries.length
    while (kept > 0 && (this.#entries[kept - 1]!.epoch >= epoch || this.#entries[kept - 1]!.startOffset >= startOffset)) kept--
    this.#entries.length = kept
    this.#entries.push({ epoch, startOffset })
    return true
  }

  /** OffsetForLeaderEpoch: the largest epoch at or below the wanted one, and where it ends. */
  endOffsetFor(epoch: number, logEndOffset: number): EpochEnd {
    const undefinedEnd = { epoch: UNDEFINED_EPOCH, endOffset: UNDEFINED_EPOCH_OFFSET }
    if (epoch === UNDEFINED_EPOCH) return undefinedEnd
    if (this.latest?.epoch === epoch) return { epoch, endOffset: logEndOffset }
    const higher = this.#entries.findIndex((entry) => entry.epoch > epoch)
    if (higher < 0) return undefinedEnd
    const endOffset = this.#entries[higher]!.startOffset
    return { epoch: higher === 0 ? epoch : this.#entries[higher - 1]!.epoch, endOffset }
  }

  /** Epoch of the record at `offset`; undefined before the first entry. */
  epochAt(offset: number): number | undefined {
    let found: number | undefined
    for (const entry of this.#entries) {
      if (entry.startOffset > offset) break
      found = entry.epoch
    }
    return found
  }

  /** Removes the epochs that begin at or after `endOffset`. */
  truncateFromEnd(endOffset: number): boolean {
    let kept = this.#entries.length
    while (kept > 0 && this.#entries[kept - 1]!.startOffset >= endOffset) kept--
    const changed = kept < this.#entries.length
    this.#entries.length = kept
    return changed
  }

  /** Forgets what lies before `startOffset`: the epoch that covers it now begins there. */
  truncateFromStart(startOffset: number): boolean {
    let removed = 0
    while (removed < this.#entries.length && this.#entries[removed]!.startOffset <= startOffset) removed++
    if (removed === 0 || (removed === 1 && this.#entries[0]!.startOffset === startOffset)) return false
    const covering = { epoch: this.#entries[removed - 1]!.epoch, startOffset }
    this.#entries = [covering, ...this.#entries.slice(removed)]
    return true
  }

  clear(): boolean {
    const changed = this.#entries.length > 0
    this.#entries = []
    return changed
  }
}
