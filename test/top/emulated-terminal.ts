import { PassThrough, Writable } from 'node:stream'
import xterm from '@xterm/headless'

/** A terminal that can be read: what is written to it, as bytes and as the screen that comes of them. */
export class EmulatedTerminal extends Writable {
  readonly isTTY = true
  columns: number
  rows: number
  bytes = 0
  text = ''
  readonly stdin = new Keyboard()
  readonly #terminal: InstanceType<typeof xterm.Terminal>

  constructor(columns: number, rows: number) {
    super({ decodeStrings: false })
    this.columns = columns
    this.rows = rows
    // As a tty does it: a line feed begins a new line.
    this.#terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true })
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.text += String(chunk)
    this.bytes += Buffer.byteLength(chunk)
    this.#terminal.write(chunk, done)
  }

  resize(columns: number, rows: number): void {
    this.columns = columns
    this.rows = rows
    this.#terminal.resize(columns, rows)
    this.emit('resize')
  }

  get screen(): string[] {
    const { active } = this.#terminal.buffer
    return Array.from(
      { length: this.rows },
      (_, row) =>
        active
          .getLine(active.viewportY + row)
          ?.translateToString(true)
          .trimEnd() ?? '',
    )
  }

  /** `alternate` while a program has the whole screen. */
  get buffer(): 'normal' | 'alternate' {
    return this.#terminal.buffer.active.type
  }

  count(sequence: string): number {
    return this.text.split(sequence).length - 1
  }
}

/** What ink takes for a keyboard. */
class Keyboard extends PassThrough {
  readonly isTTY = true
  isRaw = false
  setRawMode(isRaw: boolean): this {
    this.isRaw = isRaw
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
}
