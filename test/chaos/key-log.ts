import type { KeyStream } from './history.ts'

/**
 * The log of one key as its clients know it: what every offset holds by all acknowledgements and all reads. Offsets may be sparse, so
 * neighbours are found by rank among those that were read by somebody.
 */
export class KeyLog {
  /** By offset: the first value seen there, or -1. */
  readonly valueAt: Int32Array
  /** By offset: 1 when somebody read it. */
  readonly isRead: Uint8Array
  /** By offset: how many offsets before it were read. */
  readonly rank: Int32Array
  /** By value: the lowest and the highest offset where it was seen, or -1. */
  readonly firstOffset: Int32Array
  readonly lastOffset: Int32Array
  /** By value: 1 when somebody read it. */
  readonly isValueRead: Uint8Array
  /** The highest offset that was read, or -1. */
  readonly readTo: number
  readonly conflicts: { readonly offset: number; readonly values: readonly [number, number] }[] = []

  constructor(stream: KeyStream) {
    const { ackedOffset, readOffset, readValue, status } = stream
    let offsetMax = -1
    let valueMax = status.length - 1
    for (let n = 0; n < ackedOffset.length; n++) offsetMax = Math.max(offsetMax, ackedOffset.values[n]!)
    for (let n = 0; n < readOffset.length; n++) {
      offsetMax = Math.max(offsetMax, readOffset.values[n]!)
      valueMax = Math.max(valueMax, readValue.values[n]!)
    }
    this.valueAt = new Int32Array(offsetMax + 1).fill(-1)
    this.isRead = new Uint8Array(offsetMax + 1)
    this.rank = new Int32Array(offsetMax + 2)
    this.firstOffset = new Int32Array(valueMax + 1).fill(-1)
    this.lastOffset = new Int32Array(valueMax + 1).fill(-1)
    this.isValueRead = new Uint8Array(valueMax + 1)
    const conflicting = new Set<string>()
    const see = (offset: number, value: number): void => {
      const known = this.valueAt[offset]!
      if (known < 0) this.valueAt[offset] = value
      else if (known !== value && !conflicting.has(`${offset} ${value}`)) {
        conflicting.add(`${offset} ${value}`)
        this.conflicts.push({ offset, values: [known, value] })
      }
      if (this.firstOffset[value]! < 0 || offset < this.firstOffset[value]!) this.firstOffset[value] = offset
      if (offset > this.lastOffset[value]!) this.lastOffset[value] = offset
    }
    for (let value = 0; value < ackedOffset.length; value++) if (ackedOffset.values[value]! >= 0) see(ackedOffset.values[value]!, value)
    let readTo = -1
    for (let n = 0; n < readOffset.length; n++) {
      const [offset, value] = [readOffset.values[n]!, readValue.values[n]!]
      if (offset < 0) continue
      this.isRead[offset] = 1
      readTo = Math.max(readTo, offset)
      if (value < 0) continue
      this.isValueRead[value] = 1
      see(offset, value)
    }
    this.readTo = readTo
    for (let offset = 0; offset <= offsetMax; offset++) this.rank[offset + 1] = this.rank[offset]! + this.isRead[offset]!
  }

  /** The first offset from here on that was read; where a reader begins that seeks here. */
  nextRead(offset: number): number {
    for (let at = Math.max(0, offset); at < this.isRead.length; at++) if (this.isRead[at] === 1) return at
    return -1
  }
}
