import { createRequire } from 'node:module'
import type { Logger, LoggerOptions } from 'pino'
import type { Journal, JournalFields, JournalLevel } from '../journal.ts'
import { escapeControls, renderEntry } from './journal-line.ts'

export interface JournalOptions {
  readonly level?: JournalLevel
  /** One readable line per entry instead of JSON. Default: when standard output is a terminal. */
  readonly readable?: boolean
  readonly color?: boolean
  /** Where lines go, newline included. Default: standard output. */
  readonly write?: (line: string) => void
}

const require = createRequire(import.meta.url)
/** Loaded with the first line that is written: short programs write none. */
let loaded: typeof import('pino') | undefined
const pino = (): typeof import('pino') => {
  loaded ??= require('pino') as typeof import('pino')
  return loaded
}

const ranks: Record<JournalLevel, number> = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 }

export function nodeJournal(options: JournalOptions = {}): Journal {
  const readable = options.readable ?? process.stdout.isTTY === true
  const color = options.color ?? (readable && process.env.NO_COLOR === undefined)
  let logger: Logger | undefined
  const open = (): Logger => {
    const { stdTimeFunctions, stdSerializers } = pino()
    const write = options.write ?? standardOutput()
    const settings: LoggerOptions = {
      level: 'trace',
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      messageKey: 'message',
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: stdSerializers.err },
    }
    return pino()(settings, { write: (line: string) => write(readable ? renderEntry(line, color) : escapeControls(line)) })
  }
  return new NodeJournal(() => (logger ??= open()), {}, undefined, options.level ?? 'info')
}

/** Lines leave in order and behind the caller's back; what waits is written when the process ends. */
function standardOutput(): (line: string) => void {
  const destination = pino().destination({ fd: 1, sync: false })
  // A closed pipe must not end a broker.
  destination.on('error', () => {})
  return (line) => destination.write(line)
}

/** Levels are resolved here and not in pino, whose children keep the level their parent had when they were made. */
class NodeJournal implements Journal {
  readonly #logger: () => Logger
  #fields: JournalFields
  #parent: NodeJournal | undefined
  #own: JournalLevel | undefined

  constructor(logger: () => Logger, fields: JournalFields, parent: NodeJournal | undefined, own: JournalLevel | undefined) {
    this.#logger = logger
    this.#fields = fields
    this.#parent = parent
    this.#own = own
  }

  get level(): JournalLevel {
    return this.#own ?? this.#parent?.level ?? 'info'
  }

  set level(level: JournalLevel) {
    this.#own = level
  }

  trace(message: string, fields?: JournalFields): void {
    this.#entry('trace', message, fields)
  }

  debug(message: string, fields?: JournalFields): void {
    this.#entry('debug', message, fields)
  }

  info(message: string, fields?: JournalFields): void {
    this.#entry('info', message, fields)
  }

  warn(message: string, fields?: JournalFields): void {
    this.#entry('warn', message, fields)
  }

  error(message: string, fields?: JournalFields): void {
    this.#entry('error', message, fields)
  }

  fatal(message: string, fields?: JournalFields): void {
    this.#entry('fatal', message, fields)
  }

  child(room: string, fields?: JournalFields): Journal {
    return new NodeJournal(this.#logger, { ...this.#fields, ...fields, room }, this, undefined)
  }

  #entry(level: JournalLevel, message: string, fields: JournalFields | undefined): void {
    if (ranks[level] < ranks[this.level]) return
    this.#logger()[level]({ ...this.#fields, ...fields }, message)
  }
}
