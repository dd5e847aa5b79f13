/** Bytes gathered for one write. */
export class ByteOut {
  #bytes: Buffer
  length = 0

  constructor(initialBytes = 64 * 1024) {
    this.#bytes = Buffer.allocUnsafe(initialBytes)
  }

  bytes(part: Uint8Array): void {
    this.#reserve(part.length)
    this.#bytes.set(part, this.length)
    this.length += part.length
  }

  text(part: string): void {
    this.#reserve(part.length * 3)
    this.length += this.#bytes.write(part, this.length)
  }

  /** What was gathered; the next part begins anew. A copy when the room will be used again. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.length))
    this.length = 0
    return taken
  }

  #reserve(bytes: number): void {
    if (this.length + bytes <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.length + bytes))
    larger.set(this.#bytes.subarray(0, this.length))
    this.#bytes = larger
  }
}
