import type { Host } from '../host/index.ts'
import { JavaException, stackTrace } from './java/exception.ts'

/** Apache Kafka whose tools these are: what `--version` says. */
export const kafkaVersion = '4.3.1'
/** As tools say it that name the commit as well. */
export const kafkaVersionAndCommit = `${kafkaVersion} (Commit:26b251a451ce941d)\n`

/** What surrounds a tool. Waits returned by `out` are over when the reader has caught up. */
export interface ToolIo {
  readonly stdin: AsyncIterable<Uint8Array>
  /** Somebody can answer questions at stdin. */
  readonly hasConsole: boolean
  out(chunk: string | Uint8Array): Promise<void> | undefined
  err(text: string): void
  host(): Promise<Host>
  /** Aborted when the tool is to end soon; who asks for it promises to. */
  stopSignal(): AbortSignal
}

/** One of Kafka's tools: the code that its process ends with, by return or as a ToolExit. */
export type Tool = (args: readonly string[], io: ToolIo) => Promise<number>

/** The end of the process, from wherever it is decided. */
export class ToolExit extends Error {
  readonly code: number
  constructor(code: number) {
    super(`exit ${code}`)
    this.code = code
  }
}

/** What log4j writes of an event with Kafka's pattern `[%d] %p %m (%c)%n`, in local time. */
export function logLine(nowMs: number, level: 'ERROR' | 'WARN', message: string, logger: string): string {
  const at = new Date(nowMs)
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())},${String(at.getMilliseconds()).padStart(3, '0')}`
  return `[${day} ${time}] ${level} ${message} (${logger})\n`
}

export async function log(io: ToolIo, level: 'ERROR' | 'WARN', message: string, logger: string): Promise<void> {
  const { clock } = await io.host()
  io.err(logLine(clock.now(), level, message, logger))
}

/** A log line with the trace of what is its reason. */
export async function logException(io: ToolIo, message: string, exception: JavaException, logger: string): Promise<void> {
  const { clock } = await io.host()
  io.err(`${logLine(clock.now(), 'ERROR', message, logger)}${stackTrace(exception)}`)
}

/** Runs what may throw exceptions of Java; `onException` says them and gives the code to end with. */
export async function guarded(
  work: () => Promise<number>,
  onException: (exception: JavaException) => number | Promise<number>,
): Promise<number> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof JavaException) return onException(error)
    throw error
  }
}

/** How the tools of groups say what went wrong: on standard output, with a trace beside it. */
export function printError(io: ToolIo, text: string, exception?: JavaException): void {
  io.out(`\nError: ${text}\n`)
  if (exception !== undefined) io.err(stackTrace(exception))
}

/** How Java ends when nobody catches an exception. */
export const uncaught =
  (io: ToolIo) =>
  (exception: JavaException): number => {
    io.err(`Exception in thread "main" ${stackTrace(exception)}`)
    return 1
  }

/** How most tools end on an exception: its message, its trace and an empty line on standard error. */
export const messageAndTrace =
  (io: ToolIo) =>
  (exception: JavaException): number => {
    io.err(`${exception.text}\n${stackTrace(exception)}\n`)
    return 1
  }

/** Tools that say what failed on standard output and log its trace; the cause of an ExecutionException stands for it. */
export function executing(io: ToolIo, prefix: string, logger: string, work: () => Promise<unknown>): Promise<number> {
  return guarded(
    async () => {
      await work()
      return 0
    },
    async (exception) => {
      const cause = exception.is('ExecutionException') ? (exception.causedBy ?? exception) : exception
      io.out(`${prefix}${cause.text}\n`)
      await log(io, 'ERROR', stackTrace(cause), logger)
      return 1
    },
  )
}
