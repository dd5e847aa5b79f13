export type JournalLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'
export type JournalFields = Readonly<Record<string, unknown>>

/** Structured log of a node. `error` in the fields is rendered with its stack. Values from outside are escaped by the implementation. */
export interface Journal {
  trace(message: string, fields?: JournalFields): void
  debug(message: string, fields?: JournalFields): void
  info(message: string, fields?: JournalFields): void
  warn(message: string, fields?: JournalFields): void
  error(message: string, fields?: JournalFields): void
  fatal(message: string, fields?: JournalFields): void
  /** A journal whose entries carry `fields` too; `room` names the part that speaks. */
  child(room: string, fields?: JournalFields): Journal
  /** Level of this journal; dynamic (broker-logger configs). */
  level: JournalLevel
}

const nothing = (): void => {}
/** Drops everything: for tests and for tools that speak through their own output. */
export const silentJournal: Journal = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
  child: () => silentJournal,
  level: 'fatal',
}
