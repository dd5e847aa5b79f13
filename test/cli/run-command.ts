import { PassThrough, Readable, Writable } from 'node:stream'
import type { Shell } from '../../src/cli/index.ts'
import { main } from '../../src/cli/main.ts'
import type { Host } from '../../src/host/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { assertPublished } from './schema-fixture.ts'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly bytes: Buffer
  readonly stderr: string
}

export interface RunOptions {
  readonly stdin?: string | Buffer | Readable
  readonly env?: Readonly<Record<string, string>>
  readonly host?: Host
  /** Someone sits in front of it. */
  readonly terminal?: boolean
  /** Its width. */
  readonly columns?: number
  readonly stop?: AbortSignal
  /** Told of standard output as it comes. */
  readonly onOutput?: (text: string) => void
}

class Sink extends Writable {
  readonly chunks: Buffer[] = []
  isTTY = false
  columns: number | undefined
  onOutput: ((text: string) => void) | undefined
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(Buffer.from(chunk))
    this.onOutput?.(chunk.toString())
    done()
  }
}

/** A shell whose streams are captured. */
export function capturedShell(options: RunOptions = {}): { shell: Shell; ran: () => Ran } {
  const { stdin = '', env = {}, terminal = false } = options
  const stdout = new Sink()
  const stderr = new Sink()
  stdout.isTTY = stderr.isTTY = terminal
  stdout.columns = options.columns
  stdout.onOutput = options.onOutput
  const input = stdin instanceof Readable ? stdin : new PassThrough().end(stdin)
  const host = options.host ?? nodeHost({ journal: silentJournal })
  const shell: Shell = {
    env,
    stdin: Object.assign(input, { isTTY: terminal }),
    stdout: stdout as Shell['stdout'],
    stderr,
    exitCode: 0,
    secrets: new Set(),
    host: async () => host,
    stopSignal: () => options.stop ?? new AbortController().signal,
  }
  const ran = (): Ran => {
    const bytes = Buffer.concat(stdout.chunks)
    return { code: shell.exitCode, bytes, stdout: bytes.toString(), stderr: Buffer.concat(stderr.chunks).toString() }
  }
  return { shell, ran }
}

/** Runs a command line in this process, with its streams captured. What it prints as JSON must be what it publishes. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { shell, ran } = capturedShell(options)
  await main(argv, shell)
  const result = ran()
  if (options.stop?.aborted !== true) await assertPublished(argv, result)
  return result
}
