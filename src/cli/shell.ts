import type { Readable, Writable } from 'node:stream'
import type { Host } from '../host/index.ts'

/** Why a command should come to an end early. */
export type StopReason = 'interrupt' | 'terminate' | 'output closed'

/** What surrounds a command: the terminal or the pipes, the environment, the machine. Tests give one of their own. */
export interface Shell {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: Writable & { readonly isTTY?: boolean }
  /** What the process answers with. A command raises it and never lowers it; each round of --watch begins at 0, so that the last one counts. */
  exitCode: number
  /** Texts that nothing prints as they are. */
  readonly secrets?: Set<string>
  /** The machine. Loaded late: commands that only compute do not pay for it. */
  host(): Promise<Host>
  /**
   * Aborted with a StopReason on SIGINT, SIGTERM and when standard output was closed. Whoever asks for it promises to end soon
   * afterwards; commands that never ask are ended at once.
   */
  stopSignal(): AbortSignal
}

/** Writes and waits while the reader is slower; resolves at once when there is no reader any more. */
export function writeTo(stream: Writable, chunk: string | Uint8Array): Promise<void> | undefined {
  if (stream.destroyed || !stream.writable) return undefined
  if (stream.write(chunk)) return undefined
  return new Promise((resolve) => {
    const settle = (): void => {
      stream.off('drain', settle).off('close', settle).off('error', settle)
      resolve()
    }
    stream.on('drain', settle).on('close', settle).on('error', settle)
  })
}

/** A text that others wrote, e.g. of an error, without the secrets that were read. Short ones would take words apart. */
export function withoutSecrets({ secrets }: Pick<Shell, 'secrets'>, text: string): string {
  let shown = text
  for (const secret of secrets ?? []) if (secret.length > 2) shown = shown.replaceAll(secret, '(hidden)')
  return shown
}

const codes: Readonly<Record<StopReason, number>> = { interrupt: 130, terminate: 143, 'output closed': 0 }

/** Signals that arrive within this time of each other are one. */
const SAME_SIGNAL_SECONDS = 0.5

/** The shell of this process. */
export function processShell(): Shell {
  const { stdin, stdout, stderr, env } = process
  const stop = new AbortController()
  let graceful = false
  let stoppedAt = 0
  const onStop = (reason: StopReason): void => {
    // A launcher, a terminal and a service manager may each pass on one and the same signal: only a later one means "at once".
    const again = stop.signal.aborted && process.uptime() - stoppedAt > SAME_SIGNAL_SECONDS
    if (!stop.signal.aborted) stoppedAt = process.uptime()
    stop.abort(reason)
    if (shell.exitCode === 0) shell.exitCode = codes[reason]
    if (again || !graceful) process.exit(shell.exitCode)
  }
  process.on('SIGINT', () => onStop('interrupt'))
  process.on('SIGTERM', () => onStop('terminate'))
  // `| head -1` closes the pipe: that is no failure.
  const onError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error
    if (!stop.signal.aborted) onStop('output closed')
  }
  stdout.prependListener('error', onError)
  stderr.on('error', () => {})
  let host: Promise<Host> | undefined
  const shell: Shell = {
    env,
    stdin,
    stdout,
    stderr,
    exitCode: 0,
    secrets: new Set(),
    host: () => (host ??= openHost(stderr)),
    stopSignal: () => {
      graceful = true
      return stop.signal
    },
  }
  return shell
}

async function openHost(stderr: Writable): Promise<Host> {
  const { nodeHost } = await import('../host/node/index.ts')
  // Standard output belongs to data.
  return nodeHost({ journal: { level: 'error', readable: true, write: (line) => stderr.write(line) } })
}
