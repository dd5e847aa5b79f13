/** Buffers of one size for bytes on their way from files to sockets. Few are used again and again, so that they stay in the processor's cache. */
export class BufferPool {
  readonly bufferBytes: number
  #keptMax: number
  #free: Buffer[] = []

  constructor(bufferBytes: number, keptMax: number) {
    this.bufferBytes = bufferBytes
    this.#keptMax = keptMax
  }

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.bufferBytes)
  }

  give(buffer: Buffer): void {
    if (this.#free.length < this.#keptMax) this.#free.push(buffer)
  }
}
