import type { LogWriter } from './core/raft-core-options.ts'

/** All who decide ahead of the log. */
export class LogWriters implements LogWriter {
  readonly #writers = new Set<LogWriter>()

  add(writer: LogWriter): () => void {
    this.#writers.add(writer)
    return () => this.#writers.delete(writer)
  }

  flush(): void {
    for (const writer of this.#writers) writer.flush()
  }

  skipTo(endOffset: number): void {
    for (const writer of this.#writers) writer.skipTo(endOffset)
  }
}
