import type { ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { type Ended, startJava } from './java-program.ts'

const encoded = (word: string | Buffer): string => `=${Buffer.from(word as string).toString('base64')}`
const decoded = (word: string): string => Buffer.from(word.slice(1), 'base64').toString()

/** One Java process in which Kafka's own tools run one after the other: the first costs a start of Java, the others next to nothing. */
export class ToolHost {
  readonly #java: ChildProcess
  readonly #answers: AsyncIterator<string>
  #complaints = ''
  isBusy = false

  constructor() {
    this.#java = startJava('ToolHost', [], { heap: '384m' })
    this.#java.stderr!.on('data', (chunk) => (this.#complaints += chunk))
    this.#java.stdin!.on('error', () => {})
    this.#answers = createInterface({ input: this.#java.stdout! })[Symbol.asyncIterator]()
    this.#hold(false)
  }

  get isThere(): boolean {
    return this.#java.exitCode === null && this.#java.signalCode === null
  }

  /** Runs the class to its end; Java is killed and the run fails when that takes too long. */
  async run(main: string, args: readonly string[], stdin: string | Buffer, limitMs: number): Promise<Ended> {
    this.isBusy = true
    this.#hold(true)
    const limit = setTimeout(() => this.#java.kill('SIGKILL'), limitMs)
    try {
      this.#java.stdin!.write(`${[main, stdin, ...args].map(encoded).join(' ')}\n`)
      const answer = await this.#answers.next()
      if (answer.done === true) throw new Error(`${main} ${args.join(' ')}: Java has ended (limit: ${limitMs} ms)\n${this.#complaints}`)
      const [code, stdout, stderr] = answer.value.split(' ')
      return { code: Number(code), stdout: decoded(stdout!), stderr: decoded(stderr!) }
    } finally {
      clearTimeout(limit)
      this.#hold(false)
      this.isBusy = false
    }
  }

  /** A host that waits for the next tool does not keep this process alive; it ends with it, by the end of its input. */
  #hold(held: boolean): void {
    for (const part of [this.#java, this.#java.stdin, this.#java.stdout, this.#java.stderr] as (ChildProcess | Socket)[]) {
      if (held) part.ref()
      else part.unref()
    }
  }
}
