import { Apis } from '../../../src/protocol/index.ts'
import type { Faults, MessageFate } from '../../../src/sim/index.ts'

/**
 * What an administrator asks for twice is done twice: it would undo what was done between. Brokers pass it on in envelopes. A commit of
 * offsets that comes again takes its group back: nothing in the protocol tells it from a new one.
 */
const undoing: ReadonlySet<number> = new Set(
  [
    Apis.CreateTopics,
    Apis.DeleteTopics,
    Apis.IncrementalAlterConfigs,
    Apis.AlterPartitionReassignments,
    Apis.Envelope,
    Apis.OffsetCommit,
  ].map(({ key }) => key),
)

/** Undefined: does not concern this link. */
export interface LinkFault {
  down?(from: string, to: string): boolean
  delayMs?(from: string, to: string): number
}

/** What is wrong with links at the moment; faults add themselves up. */
export class NetworkFaults {
  readonly links = new Set<LinkFault>()
  readonly repeats = new Set<(apiKey: number, from: string) => number | undefined>()
  /** What befalls a message by its API; the first that says something has its way. */
  readonly fates = new Set<(apiKey: number, from: string, to: string) => MessageFate | undefined>()
  readonly slowReaders = new Map<string, number>()
  readonly #jitter: () => number

  /** `jitter`: milliseconds that a message takes when nothing is wrong. */
  constructor(jitter: () => number) {
    this.#jitter = jitter
  }

  get isCut(): boolean {
    for (const { down } of this.links) if (down !== undefined) return true
    return false
  }

  link: NonNullable<Faults['link']> = (from, to) => {
    let delayMs = this.#jitter()
    let down = false
    for (const fault of this.links) {
      if (fault.down?.(from, to)) down = true
      delayMs += fault.delayMs?.(from, to) ?? 0
    }
    return { delayMs, down }
  }

  repeat: NonNullable<Faults['repeat']> = (from, _to, message) => {
    if (message.length < 6) return undefined
    const apiKey = message.readInt16BE(4)
    if (undoing.has(apiKey)) return undefined
    for (const fault of this.repeats) {
      const delayMs = fault(apiKey, from)
      if (delayMs !== undefined) return delayMs
    }
    return undefined
  }

  message: NonNullable<Faults['message']> = (from, to, message) => {
    if (message.length < 6) return undefined
    const apiKey = message.readInt16BE(4)
    for (const fault of this.fates) {
      const fate = fault(apiKey, from, to)
      if (fate !== undefined) return fate
    }
    return undefined
  }

  /** As the world asks for it; nothing is looked at while nothing is wrong. */
  get faults(): Pick<Faults, 'link' | 'repeat' | 'message' | 'slowReader'> {
    const network = this
    return {
      link: this.link,
      slowReader: this.slowReader,
      get repeat() {
        return network.repeats.size > 0 ? network.repeat : undefined
      },
      get message() {
        return network.fates.size > 0 ? network.message : undefined
      },
    }
  }

  slowReader: NonNullable<Faults['slowReader']> = (host) => this.slowReaders.get(host)

  heal(): void {
    this.links.clear()
    this.repeats.clear()
    this.fates.clear()
    this.slowReaders.clear()
  }
}
