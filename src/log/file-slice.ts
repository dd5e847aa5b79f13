import type { ByteSource, Lease } from '../base/index.ts'
import type { PooledFile } from './open-files.ts'

/**
 * Up to here bytes are read on the caller's turn while the disk does not stall: they mostly lie in the page cache, and the way through the
 * thread pool costs as much again as copying them (0.6 against 0.5 CPU s/GiB, and two thirds of the pace: `bench/net/stream.ts`).
 */
const READ_NOW_BYTES = 512 * 1024
/** Up to here recent data, and slices wherever they lie, are read at once even so: finding them has just read the page at their start. */
const SMALL_BYTES = 64 * 1024
/** Appends of this size on average go out as they lie; many small ones are cheaper copied together than sent one by one. */
const VIEW_BYTES = 8 * 1024

/** A stretch of a log file. It holds the file open until released, even when the segment is deleted meanwhile. */
export class FileSlice implements ByteSource {
  readonly bytes: number
  readonly #file: PooledFile
  readonly #position: number
  readonly #recent: boolean
  #released = false

  constructor(file: PooledFile, position: number, bytes: number, recent: boolean) {
    this.#file = file
    this.#position = position
    this.bytes = bytes
    this.#recent = recent || bytes <= SMALL_BYTES
    file.pin()
  }

  read(into: Buffer, position: number): Promise<number> | number {
    const wanted = into.length > this.bytes - position ? into.subarray(0, this.bytes - position) : into
    const file = this.#file.opened
    const at = this.#position + position
    if (file === undefined) return this.#file.open().then((opened) => opened.read(wanted, at))
    const now = file.readsStall === true ? this.#recent && wanted.length <= SMALL_BYTES : wanted.length <= READ_NOW_BYTES
    return now ? file.readNow(wanted, at) : file.read(wanted, at)
  }

  release(): void {
    if (this.#released) return
    this.#released = true
    this.#file.unpin()
  }
}

/** A stretch of the memory tail. It holds the memory until released, even when the disk has taken the bytes meanwhile. */
export class TailSlice implements ByteSource {
  readonly bytes: number
  readonly views: readonly Buffer[] | undefined
  readonly #parts: readonly Buffer[]
  #leases: readonly (Lease | undefined)[]

  constructor(parts: readonly Buffer[], leases: readonly (Lease | undefined)[]) {
    this.#parts = parts
    this.#leases = leases
    this.bytes = parts.reduce((sum, part) => sum + part.length, 0)
    this.views = this.bytes >= parts.length * VIEW_BYTES ? parts : undefined
    for (const lease of leases) lease?.retain()
  }

  read(into: Buffer, position: number): number {
    let skip = position
    let filled = 0
    for (const part of this.#parts) {
      if (filled === into.length) break
      if (skip < part.length) filled += part.copy(into, filled, skip)
      skip = Math.max(0, skip - part.length)
    }
    return filled
  }

  release(): void {
    const leases = this.#leases
    this.#leases = []
    for (const lease of leases) lease?.release()
  }
}
