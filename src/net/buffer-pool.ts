/** Size of a buffer while there is plenty: smaller ones cost more calls, larger ones tie up too much per slow reader. */
const plentyBytes = 512 * 1024
const scarceBytes = 64 * 1024
/** Buffers of either size kept for use again: few, so that they stay in the processor's cache. */
const keptMax = 8
/** So many large buffers out at once, and slow readers get small ones: a thousand of them must not cost half a gigabyte. */
const plentyOutMax = 32

/** Buffers for bytes on their way from files to sockets. */
export class BufferPool {
  #plenty: Buffer[] = []
  #scarce: Buffer[] = []
  #plentyOut = 0
  #out = 0

  /** Buffers that are out. */
  get outCount(): number {
    return this.#out
  }

  /** Size of the buffer that `take` would give: also what one connection should have on its way. */
  get nextBytes(): number {
    return this.#plentyOut < plentyOutMax ? plentyBytes : scarceBytes
  }

  take(): Buffer {
    this.#out++
    if (this.nextBytes === scarceBytes) return this.#scarce.pop() ?? Buffer.allocUnsafeSlow(scarceBytes)
    this.#plentyOut++
    return this.#plenty.pop() ?? Buffer.allocUnsafeSlow(plentyBytes)
  }

  give(buffer: Buffer): void {
    this.#out--
    if (buffer.length === plentyBytes) this.#plentyOut--
    const kept = buffer.length === plentyBytes ? this.#plenty : this.#scarce
    if (kept.length < keptMax) kept.push(buffer)
  }
}
