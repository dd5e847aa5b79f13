import { type Disk, DiskError, type File } from '../host/index.ts'
import type { Sample } from './sample.ts'

/**
 * A recording: a line of JSON that says what it is, then one a sample, with only what differs from the sample before.
 *
 *     {"kind":"TopRecording","version":1,"everyMs":2000}
 *     {"timeMs":…,"clusterId":…,"topics":[…],"ends":{…},…}
 *     {"timeMs":…,"ends":{…}}
 */
const VERSION = 1
const CHUNK_BYTES = 256 * 1024
/** A line that is longer is no sample. */
const LINE_BYTES_MAX = 256 * 1024 * 1024
const LINE_FEED = 0x0a

export class RecordingWriter {
  readonly #file: File
  readonly #last = new Map<string, string>()
  #position = 0

  private constructor(file: File) {
    this.#file = file
  }

  /** Takes the place of what was in the file. */
  static async open(disk: Disk, path: string, everyMs: number): Promise<RecordingWriter> {
    const file = await disk.open(path, 'write')
    await file.truncate(0)
    const writer = new RecordingWriter(file)
    await writer.#append(JSON.stringify({ kind: 'TopRecording', version: VERSION, everyMs }))
    return writer
  }

  async write(sample: Sample): Promise<void> {
    const changed = Object.entries(sample)
      .map(([name, value]) => [name, JSON.stringify(value)] as const)
      .filter(([name, text]) => this.#last.get(name) !== text)
    await this.#append(`{${changed.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`)
    for (const [name, text] of changed) this.#last.set(name, text)
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #append(line: string): Promise<void> {
    const bytes = Buffer.from(`${line}\n`)
    await this.#file.write([bytes], this.#position)
    // What could not be written leaves no hole: the next line takes its place.
    this.#position += bytes.length
  }
}

export class RecordingReader {
  readonly everyMs: number
  readonly #file: File
  readonly #path: string
  #buffer: Buffer = Buffer.alloc(0)
  #position = 0
  #sample: Sample | undefined

  private constructor(file: File, path: string, everyMs: number) {
    this.#file = file
    this.#path = path
    this.everyMs = everyMs
  }

  /** @throws DiskError; SyntaxError when it is no recording */
  static async open(disk: Disk, path: string): Promise<RecordingReader> {
    const file = await disk.open(path, 'read')
    try {
      const reader = new RecordingReader(file, path, 0)
      const head = (await reader.#line()) as { kind?: string; version?: number; everyMs?: number } | undefined
      if (head?.kind !== 'TopRecording' || head.version !== VERSION) throw new SyntaxError(`${path} is no recording of tkafka top`)
      return Object.assign(reader, { everyMs: Number(head.everyMs) })
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** The next sample; undefined behind the last. A line that was cut off is the end. */
  async next(): Promise<Sample | undefined> {
    const change = (await this.#line()) as Partial<Sample> | undefined
    if (change === undefined) return undefined
    this.#sample = { ...this.#sample, ...change } as Sample
    return this.#sample
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #line(): Promise<unknown> {
    for (let searched = 0; ; ) {
      const at = this.#buffer.indexOf(LINE_FEED, searched)
      if (at >= 0) {
        const text = this.#buffer.toString('utf8', 0, at)
        this.#buffer = this.#buffer.subarray(at + 1)
        try {
          return JSON.parse(text)
        } catch (cause) {
          throw new SyntaxError(`${this.#path} is no recording of tkafka top`, { cause })
        }
      }
      searched = this.#buffer.length
      if (searched > LINE_BYTES_MAX) throw new DiskError('EINVAL', 'read', this.#path)
      const chunk = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, searched))
      const count = await this.#file.read(chunk, this.#position)
      if (count === 0) return undefined
      this.#position += count
      this.#buffer = Buffer.concat([this.#buffer, chunk.subarray(0, count)])
    }
  }
}
