import { hash } from 'node:crypto'

const HASH_BYTES = 16
const SLOT_BYTES = HASH_BYTES + 8

/**
 * Newest offset per key, in a bounded block of memory: keys are remembered by their MD5 alone, as in Kafka's SkimpyOffsetMap
 * (two keys of one log share one with a chance of about 2^-80). Open addressing; a slot holds the hash and offset + 1, 0 for empty.
 */
export class OffsetMap {
  readonly slots: number
  readonly #bytes: Buffer
  size = 0
  /** Everything up to this offset has been looked at. */
  latestOffset = -1

  constructor(memoryBytes: number) {
    this.slots = Math.max(2, Math.floor(memoryBytes / SLOT_BYTES))
    this.#bytes = Buffer.alloc(this.slots * SLOT_BYTES)
  }

  /** Memory for `keys` keys at a load that keeps probes short, but at most `memoryBytesMaximum`. */
  static forKeys(keys: number, memoryBytesMaximum: number): OffsetMap {
    return new OffsetMap(Math.min(memoryBytesMaximum, Math.max(1024, Math.ceil(keys * 1.5)) * SLOT_BYTES))
  }

  put(key: Buffer, offset: number): void {
    const digest = hash('md5', key, 'buffer')
    const at = this.#find(digest)
    if (this.#bytes.readDoubleBE(at + HASH_BYTES) === 0) {
      digest.copy(this.#bytes, at)
      this.size++
    }
    this.#bytes.writeDoubleBE(offset + 1, at + HASH_BYTES)
  }

  /** −1: not there. */
  get(key: Buffer): number {
    return this.#bytes.readDoubleBE(this.#find(hash('md5', key, 'buffer')) + HASH_BYTES) - 1
  }

  /** The slot of a hash, or the empty one where it belongs. The load factor keeps one free. */
  #find(digest: Buffer): number {
    let slot = digest.readUInt32BE(0) % this.slots
    for (let probes = 0; probes <= this.slots; probes++) {
      const at = slot * SLOT_BYTES
      if (this.#bytes.readDoubleBE(at + HASH_BYTES) === 0 || digest.equals(this.#bytes.subarray(at, at + HASH_BYTES))) return at
      slot = slot + 1 === this.slots ? 0 : slot + 1
    }
    throw new RangeError('the offset map is full')
  }
}
