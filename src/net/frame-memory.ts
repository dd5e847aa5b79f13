import type { FrameMemory } from './frame-reader.ts'

/**
 * A bound on what all half frames of a node hold together. Who would exceed it waits; one at a time may go over,
 * so that there is always a frame that can become whole.
 */
export class SharedFrameMemory {
  readonly bytesMax: number
  #used = 0
  #over: FrameShare | undefined
  #waiting = new Set<FrameShare>()

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax
  }

  get usedBytes(): number {
    return this.#used
  }

  get waitingCount(): number {
    return this.#waiting.size
  }

  /** The share of one connection. `onRoom` is called when one that was refused may try again. */
  share(onRoom: () => void): FrameShare {
    return new FrameShare(this, onRoom)
  }

  /** @internal */
  take(share: FrameShare, bytes: number): boolean {
    if (this.#used + bytes > this.bytesMax && this.#over !== share) {
      if (this.#over !== undefined) {
        this.#waiting.add(share)
        return false
      }
      this.#over = share
    }
    this.#waiting.delete(share)
    this.#used += bytes
    return true
  }

  /** @internal */
  give(share: FrameShare, bytes: number): void {
    this.#used -= bytes
    if (this.#over === share) this.#over = undefined
    this.wake()
  }

  /** @internal */
  forget(share: FrameShare): void {
    this.#waiting.delete(share)
  }

  /** @internal */
  wake(): void {
    const waiting = [...this.#waiting]
    for (const share of waiting) {
      if (this.#over !== undefined && this.#used >= this.bytesMax) return
      this.#waiting.delete(share)
      share.onRoom()
    }
  }
}

export class FrameShare implements FrameMemory {
  readonly onRoom: () => void
  #all: SharedFrameMemory

  constructor(all: SharedFrameMemory, onRoom: () => void) {
    this.#all = all
    this.onRoom = onRoom
  }

  take(bytes: number): boolean {
    return this.#all.take(this, bytes)
  }

  give(bytes: number): void {
    this.#all.give(this, bytes)
  }

  /** No longer waits. */
  close(): void {
    this.#all.forget(this)
  }
}
