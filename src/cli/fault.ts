import type { DiskError, DiskErrorCode } from '../host/index.ts'
import { KafkaError } from '../protocol/index.ts'
import { printable } from './render/printable.ts'

/** 1: something failed. 2: the command line is wrong. 3: the answer is no, or not yet. 130: interrupted. */
export type FaultCode = 1 | 2 | 3 | 130

/** A failure that is told to the user as it is, without a stack trace. */
export class Fault extends Error {
  override name = 'Fault'
  readonly exitCode: FaultCode
  /** What to do next; a sentence, or empty. */
  readonly hint: string

  constructor(message: string, options: { exitCode?: FaultCode; hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.exitCode = options.exitCode ?? 1
    this.hint = options.hint ?? ''
  }
}

export function usageFault(message: string, hint = ''): Fault {
  return new Fault(message, { exitCode: 2, hint })
}

/** Ctrl-C where a question was asked. */
export const interruptedFault = (): Fault => new Fault('interrupted: nothing was changed', { exitCode: 130 })

/** What went wrong with one item of many, as `errors` of the JSON envelope lists it. */
export interface FailedItem {
  readonly item: string
  /** Kafka's code; null when it is not Kafka's. */
  readonly code: number | null
  readonly name: string | null
  readonly message: string
  readonly retriable: boolean
}

/** One item's failure in one line: what, why, Kafka's name and code. */
export function failureLine({ item, code, name, message }: FailedItem): string {
  const said = message === name ? '' : `${message} `
  return `${item === '' ? '' : `${printable(item)}: `}${said}${code === null ? '' : `[${name} ${code}]`}`.trimEnd()
}

/** A failure of the whole command as an item without a name. */
export function failureOf(error: unknown): FailedItem {
  if (error instanceof KafkaError) {
    return { item: '', code: error.code, name: error.errorName, message: error.message, retriable: error.retriable }
  }
  const item = (error as Partial<DiskError>)?.name === 'DiskError' ? `${(error as DiskError).operation} ${(error as DiskError).path}` : ''
  return { item, code: null, name: null, message: messageOf(error), retriable: false }
}

export function hintOf(error: unknown): string {
  const hint = (error as { hint?: unknown })?.hint
  return typeof hint === 'string' ? hint : ''
}

/** What went wrong; of a disk's error only the reason: whoever calls names the file. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.name === 'DiskError' ? (diskReasons[(error as DiskError).code] ?? (error as DiskError).code) : error.message
}

const diskReasons: Readonly<Partial<Record<DiskErrorCode, string>>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is no directory',
  ENOSPC: 'no space is left on the disk',
  EEXIST: 'a file is in its place',
  EROFS: 'the file system is read-only',
  EMFILE: 'too many open files (ulimit -n)',
}
