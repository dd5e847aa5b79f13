import type { Journal, JournalFields, JournalLevel } from '../host/index.ts'

/** What Kafka calls the logger that all others follow. */
export const ROOT_LOGGER = 'root'

const ranks: Readonly<Record<JournalLevel, number>> = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 }
const isLevel = (level: string): level is JournalLevel => Object.hasOwn(ranks, level)

/**
 * The rooms of a node's journal as Kafka's broker loggers (KIP-412): a logger is named as the room is in the journal's lines, and the root
 * logger decides for the rooms that have no level of their own. Levels last as long as the process.
 */
export class Loggers {
  /** To be used by the whole node instead of the journal that it was made of: only its rooms are known here. */
  readonly journal: Journal
  private readonly own = new Map<string, JournalLevel | undefined>()
  private root: JournalLevel
  private readonly initialRoot: JournalLevel

  constructor(journal: Journal) {
    this.root = this.initialRoot = journal.level
    this.journal = new RoomJournal(this, ROOT_LOGGER, journal.child('tkafka'))
  }

  /** Kafka's name of each logger's level, loggers in alphabetical order. */
  levels(): Map<string, string> {
    const names = [ROOT_LOGGER, ...this.own.keys()].sort()
    return new Map(names.map((name) => [name, this.levelOf(name).toUpperCase()]))
  }

  has(name: string): boolean {
    return name === ROOT_LOGGER || this.own.has(name)
  }

  /** @param level a level by Kafka's name @throws Error when there is no such logger or level: check before */
  set(name: string, level: string): void {
    const lower = level.toLowerCase()
    if (!this.has(name) || !isLevel(lower)) throw new Error(`no logger ${name} with level ${level}`)
    if (name === ROOT_LOGGER) this.root = lower
    else this.own.set(name, lower)
  }

  /** The logger follows the root logger again; the root logger itself is back at the level that the process started with. */
  unset(name: string): void {
    if (name === ROOT_LOGGER) this.root = this.initialRoot
    else if (this.own.has(name)) this.own.set(name, undefined)
  }

  levelOf(name: string): JournalLevel {
    return this.own.get(name) ?? this.root
  }

  isEnabled(name: string, level: JournalLevel): boolean {
    return ranks[level] >= ranks[this.levelOf(name)]
  }

  /** A room that speaks for the first time becomes a logger. */
  register(name: string): void {
    if (!this.has(name)) this.own.set(name, undefined)
  }
}

/** Asks for the level at each entry, so that a change reaches journals that were handed out long ago. */
class RoomJournal implements Journal {
  private readonly loggers: Loggers
  private readonly room: string
  private readonly inner: Journal

  constructor(loggers: Loggers, room: string, inner: Journal) {
    this.loggers = loggers
    this.room = room
    this.inner = inner
    inner.level = 'trace'
  }

  get level(): JournalLevel {
    return this.loggers.levelOf(this.room)
  }
  set level(level: JournalLevel) {
    this.loggers.set(this.room, level)
  }

  trace(message: string, fields?: JournalFields): void {
    if (this.loggers.isEnabled(this.room, 'trace')) this.inner.trace(message, fields)
  }
  debug(message: string, fields?: JournalFields): void {
    if (this.loggers.isEnabled(this.room, 'debug')) this.inner.debug(message, fields)
  }
  info(message: string, fields?: JournalFields): void {
    if (this.loggers.isEnabled(this.room, 'info')) this.inner.info(message, fields)
  }
  warn(message: string, fields?: JournalFields): void {
    if (this.loggers.isEnabled(this.room, 'warn')) this.inner.warn(message, fields)
  }
  error(message: string, fields?: JournalFields): void {
    if (this.loggers.isEnabled(this.room, 'error')) this.inner.error(message, fields)
  }
  fatal(message: string, fields?: JournalFields): void {
    if (this.loggers.isEnabled(this.room, 'fatal')) this.inner.fatal(message, fields)
  }

  child(room: string, fields?: JournalFields): Journal {
    this.loggers.register(room)
    return new RoomJournal(this.loggers, room, this.inner.child(room, fields))
  }
}
