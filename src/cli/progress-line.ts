import { type Shell, writeTo } from './shell.ts'

/** Lines that nobody sees change come at most that often. */
const TELL_MS = 10_000

/** How far a long job is: on a terminal a line that changes in its place, else a line now and then, both on standard error. */
export class ProgressLine {
  readonly #stderr: Shell['stderr']
  readonly #quiet: boolean
  #shown = ''
  #toldAtMs: number

  constructor({ stderr }: Pick<Shell, 'stderr'>, nowMs: number, quiet: boolean) {
    this.#stderr = stderr
    this.#quiet = quiet
    this.#toldAtMs = nowMs
  }

  show(text: string, nowMs: number): void {
    if (this.#quiet || text === this.#shown) return
    if (this.#stderr.isTTY === true) {
      void writeTo(this.#stderr, `\r${text}\x1b[K`)
      this.#shown = text
    } else if (nowMs - this.#toldAtMs >= TELL_MS) {
      void writeTo(this.#stderr, `${text}\n`)
      this.#toldAtMs = nowMs
    }
  }

  /** Whatever is told next begins a line of its own. */
  end(): void {
    if (this.#stderr.isTTY === true && this.#shown !== '') void writeTo(this.#stderr, '\n')
    this.#shown = ''
  }
}
