import type { Clock } from '../host/index.ts'
import { usageFault } from './fault.ts'
import { type OutputFormat, parseDurationMs } from './flags.ts'
import type { Shell } from './shell.ts'

const everyMsMin = 100

/** Output that comes again and again: on a terminal in the same place, else one after the other. */
export class Watch {
  readonly everyMs: number
  readonly #format: OutputFormat
  #frames = 0

  /** @throws Fault (usage) */
  constructor(every: string, format: OutputFormat) {
    this.everyMs = parseDurationMs(every, '--watch')
    if (this.everyMs < everyMsMin) throw usageFault(`--watch: ${every} is too often`, `At most every ${everyMsMin} ms.`)
    if (format === 'json' || format === 'yaml') throw usageFault(`--watch has no end, ${format} has one`, 'Use --output ndjson.')
    this.#format = format
  }

  /** Rows follow rows whose head was printed. */
  get isTableUnderWay(): boolean {
    return this.#frames > 0 && this.#format === 'csv'
  }

  frame(text: string, stdout: Shell['stdout'] & { readonly rows?: number }): string {
    const isFirst = this.#frames++ === 0
    if (this.#format !== 'text' && this.#format !== 'wide') return text
    if (stdout.isTTY !== true) return isFirst || text === '' ? text : `\n${text}`
    // Written over what is there, line by line, so that nothing flickers; what does not fit is counted.
    const lines = text.split('\n').slice(0, -1)
    const room = (stdout.rows ?? 24) - 2
    const shown = lines.length <= room ? lines : [...lines.slice(0, room - 1), `…${lines.length - room + 1} more lines`]
    return `${isFirst ? '\x1b[2J' : ''}\x1b[H${shown.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J`
  }
}

/** False when it is time to stop. */
export function pause(clock: Clock, ms: number, stop: AbortSignal): Promise<boolean> {
  if (stop.aborted) return Promise.resolve(false)
  return new Promise((resolve) => {
    const timer = clock.after(ms, () => {
      stop.removeEventListener('abort', onStop)
      resolve(true)
    })
    const onStop = (): void => {
      timer.cancel()
      resolve(false)
    }
    stop.addEventListener('abort', onStop, { once: true })
  })
}
