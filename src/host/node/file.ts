import { assert } from '../../base/index.ts'
import { DiskError, type File } from '../disk.ts'
import { type FileCalls, fileCalls } from './calls.ts'
import { diskError } from './disk-errors.ts'

/** Buffers one writev takes on Linux and macOS. */
const partsMax = 1024
/** Bytes one read or write call moves at most (Linux stops at 2^31 − 4096). */
const callBytesMax = 1 << 30
/**
 * Up to here a write is made on the caller's turn. Measured on ext4, one at a time: 1 KiB 2 µs at once, 80 µs through the pool;
 * 64 KiB 11 and 79; 256 KiB 38 and 94, by which time handing over costs the loop as much as copying does.
 */
const writeNowBytesDefault = 256 * 1024
/** A write on the caller's turn that took this long met a throttled or failing device … */
const stalledMs = 5
/** … and for this long all writes of the file go through the pool, so that the loop never waits for a device twice in a row. */
const poolAfterStallMs = 1000
/** A read at once that took this long may have waited for the device, or for the processor … */
const readStalledMs = 1
/** … and when it was the device, the whole disk says so for this long: a loop that waits for it once a second loses little. */
const readsStallMs = 1000
/** EINTR and EAGAIN in a row before giving up. */
const againMax = 100

/** What the files of one disk learn from each other about their device. */
export class ReadStalls {
  #untilMs = 0
  #deviceReads = 0

  get lately(): boolean {
    return performance.now() < this.#untilMs
  }

  took(startMs: number): void {
    const nowMs = performance.now()
    if (nowMs - startMs <= readStalledMs) return
    // On a busy machine most slow reads waited for the processor: only those that reached a device count.
    const deviceReads = process.resourceUsage().fsRead
    if (deviceReads !== this.#deviceReads) this.#untilMs = nowMs + readsStallMs
    this.#deviceReads = deviceReads
  }
}

export interface FileOptions {
  readonly calls?: FileCalls
  /** Writes up to this many bytes are made synchronously. */
  readonly writeNowBytes?: number
  readonly stalls?: ReadStalls
}

/** A file over a raw descriptor. Calls that are under way hold the descriptor open: a close waits, so a number is never reused under them. */
export class NodeFile implements File {
  readonly path: string
  #fd: number
  #calls: FileCalls
  #writeNowBytes: number
  #stalls: ReadStalls
  #poolUntilMs = 0
  #underWay = 0
  #closing: Promise<void> | undefined
  #idle: (() => void) | undefined

  constructor(path: string, fd: number, options: FileOptions = {}) {
    this.path = path
    this.#fd = fd
    this.#calls = options.calls ?? fileCalls
    this.#writeNowBytes = options.writeNowBytes ?? writeNowBytesDefault
    this.#stalls = options.stalls ?? new ReadStalls()
  }

  get descriptor(): number {
    return this.#fd
  }

  async write(parts: readonly Uint8Array[], position: number): Promise<void> {
    this.#begin('write', position)
    try {
      let bytes = 0
      for (const part of parts) bytes += part.length
      const startMs = performance.now()
      if (bytes > this.#writeNowBytes || startMs < this.#poolUntilMs) return await this.#writeInPool(parts, position)
      this.#writeAtOnce(parts, position)
      const nowMs = performance.now()
      if (nowMs - startMs > stalledMs) this.#poolUntilMs = nowMs + poolAfterStallMs
    } catch (error) {
      throw diskError(error, 'write', this.path)
    } finally {
      this.#end()
    }
  }

  async #writeInPool(parts: readonly Uint8Array[], position: number): Promise<void> {
    let rest = withoutEmpty(parts)
    let again = 0
    while (rest.length > 0) {
      const some = oneCall(rest)
      try {
        const written =
          some.length === 1 ? await this.#calls.write(this.#fd, some[0], position) : await this.#calls.writev(this.#fd, some, position)
        again = written > 0 ? 0 : again + 1
        rest = after(rest, written)
        position += written
      } catch (error) {
        if (!isAgain(error)) throw error
        again++
      }
      if (again > againMax) throw new DiskError('EIO', 'write', this.path)
    }
  }

  #writeAtOnce(parts: readonly Uint8Array[], position: number): void {
    let rest = withoutEmpty(parts)
    let again = 0
    while (rest.length > 0) {
      const some = oneCall(rest)
      try {
        const written =
          some.length === 1 ? this.#calls.writeNow(this.#fd, some[0], position) : this.#calls.writevNow(this.#fd, some, position)
        again = written > 0 ? 0 : again + 1
        rest = after(rest, written)
        position += written
      } catch (error) {
        if (!isAgain(error)) throw error
        again++
      }
      if (again > againMax) throw new DiskError('EIO', 'write', this.path)
    }
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    this.#begin('read', position)
    try {
      let at = 0
      let again = 0
      while (at < into.length) {
        const count = Math.min(into.length - at, callBytesMax)
        try {
          const got = await this.#calls.read(this.#fd, into, at, count, position + at)
          if (got === 0) break
          at += got
          again = 0
        } catch (error) {
          if (!isAgain(error) || ++again > againMax) throw error
        }
      }
      return at
    } catch (error) {
      throw diskError(error, 'read', this.path)
    } finally {
      this.#end()
    }
  }

  get readsStall(): boolean {
    return this.#stalls.lately
  }

  readNow(into: Uint8Array, position: number): number {
    this.#open('read', position)
    const startMs = performance.now()
    let at = 0
    let again = 0
    while (at < into.length) {
      try {
        const got = this.#calls.readNow(this.#fd, into, at, Math.min(into.length - at, callBytesMax), position + at)
        if (got === 0) break
        at += got
        again = 0
      } catch (error) {
        if (!isAgain(error) || ++again > againMax) throw diskError(error, 'read', this.path)
      }
    }
    this.#stalls.took(startMs)
    return at
  }

  sync(): Promise<void> {
    return this.#run('sync', () => this.#calls.sync(this.#fd))
  }

  truncate(bytes: number): Promise<void> {
    return this.#run('truncate', () => this.#calls.truncate(this.#fd, bytes))
  }

  size(): Promise<number> {
    return this.#run('size', () => this.#calls.size(this.#fd))
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    if (this.#underWay > 0) await new Promise<void>((resolve) => (this.#idle = resolve))
    try {
      await this.#calls.close(this.#fd)
    } catch (error) {
      throw diskError(error, 'close', this.path)
    }
  }

  async #run<T>(operation: string, call: () => Promise<T>): Promise<T> {
    this.#begin(operation, 0)
    try {
      return await call()
    } catch (error) {
      throw diskError(error, operation, this.path)
    } finally {
      this.#end()
    }
  }

  #open(operation: string, position: number): void {
    assert(Number.isSafeInteger(position) && position >= 0, 'a file position is a whole number from 0')
    if (this.#closing !== undefined) throw new DiskError('ECLOSED', operation, this.path)
  }

  #begin(operation: string, position: number): void {
    this.#open(operation, position)
    this.#underWay++
  }

  #end(): void {
    if (--this.#underWay === 0) this.#idle?.()
  }
}

function isAgain(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'EINTR' || code === 'EAGAIN'
}

function withoutEmpty(parts: readonly Uint8Array[]): readonly Uint8Array[] {
  for (const part of parts) if (part.length === 0) return parts.filter((each) => each.length > 0)
  return parts
}

/** As many of the parts as one call takes. */
function oneCall(parts: readonly Uint8Array[]): readonly Uint8Array[] {
  if (parts.length === 1) return parts[0].length <= callBytesMax ? parts : [parts[0].subarray(0, callBytesMax)]
  let count = 0
  let bytes = 0
  while (count < parts.length && count < partsMax && bytes + parts[count].length <= callBytesMax) bytes += parts[count++].length
  if (count === 0) return [parts[0].subarray(0, callBytesMax)]
  return count === parts.length ? parts : parts.slice(0, count)
}

/** What is left of the parts once their first `written` bytes are gone. */
function after(parts: readonly Uint8Array[], written: number): readonly Uint8Array[] {
  let index = 0
  while (index < parts.length && written >= parts[index].length) written -= parts[index++].length
  if (index === parts.length) return []
  const rest = parts.slice(index)
  if (written > 0) rest[0] = rest[0].subarray(written)
  return rest
}
