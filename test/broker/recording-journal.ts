import type { Journal, JournalFields, JournalLevel } from '../../src/host/index.ts'

export interface JournalEntry {
  readonly level: JournalLevel
  readonly message: string
  readonly fields: JournalFields
}

/** A journal that is kept: a test can ask what a node said, and above all that it had no reason to say `error`. */
export class RecordingJournal implements Journal {
  readonly entries: JournalEntry[]
  level: JournalLevel = 'info'

  constructor(entries: JournalEntry[] = []) {
    this.entries = entries
  }

  trace(): void {}
  debug(): void {}
  info(message: string, fields: JournalFields = {}): void {
    this.keep({ level: 'info', message, fields })
  }
  warn(message: string, fields: JournalFields = {}): void {
    this.keep({ level: 'warn', message, fields })
  }
  error(message: string, fields: JournalFields = {}): void {
    this.keep({ level: 'error', message, fields })
  }
  fatal(message: string, fields: JournalFields = {}): void {
    this.keep({ level: 'fatal', message, fields })
  }
  child(): Journal {
    return new RecordingJournal(this.entries)
  }

  /** Texts of what a node says only when it has a bug or a broken machine, stacks included. */
  get failures(): string[] {
    return this.entries
      .filter(({ level }) => level === 'error' || level === 'fatal')
      .map(({ message, fields }) => `${message} ${String((fields.error as Error | undefined)?.stack ?? JSON.stringify(fields))}`)
  }

  private keep(entry: JournalEntry): void {
    if (this.entries.length < 10_000) this.entries.push(entry)
  }
}
