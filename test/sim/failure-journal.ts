import { type Journal, type JournalFields, silentJournal } from '../../src/host/index.ts'

/** Passes on what a node says, and tells of what it says as `error` or `fatal`. */
export class FailureJournal implements Journal {
  readonly level = 'info'
  readonly #to: Journal
  readonly #failed: (message: string) => void

  constructor(to: Journal | undefined, failed: (message: string) => void) {
    this.#to = to ?? silentJournal
    this.#failed = failed
  }

  trace(): void {}
  debug(): void {}
  info(message: string, fields?: JournalFields): void {
    this.#to.info(message, fields)
  }
  warn(message: string, fields?: JournalFields): void {
    this.#to.warn(message, fields)
  }
  error(message: string, fields: JournalFields = {}): void {
    this.#to.error(message, fields)
    this.#failed(`${message} ${(fields.error as Error | undefined)?.stack ?? JSON.stringify(fields)}`)
  }
  fatal(message: string, fields: JournalFields = {}): void {
    this.error(message, fields)
  }
  child(room: string, fields?: JournalFields): Journal {
    return new FailureJournal(this.#to.child(room, fields), this.#failed)
  }
}
