import type { ItemError, ItemResult } from '../../client/index.ts'
import { Errors } from '../../protocol/index.ts'
import { type Change, isDestructive } from './changes.ts'

/** How to end before all is made. */
export interface Ending {
  /** Nothing more is asked for. */
  readonly stop: AbortSignal
  /** No answer is waited for any more. */
  readonly giveUp: AbortSignal
}

export const GAVE_UP = Symbol('gave up')

/** What is known while changes are made. */
export class ChangeRun {
  readonly left: Change[] = []
  readonly unknown: Change[] = []
  failure: unknown
  readonly #ending: Ending | undefined
  #hasFailed = false
  #isOver = false

  constructor(ending?: Ending) {
    this.#ending = ending
  }

  /** Those of a part that may go ahead. */
  allowed<C extends Change>(part: readonly C[]): C[] {
    const isOver = this.#isOver || this.#ending?.stop.aborted === true
    return part.filter((change) => {
      const isLeft = isOver || (this.#hasFailed && isDestructive(change))
      if (isLeft) this.left.push(change)
      return !isLeft
    })
  }

  /** The answer; GAVE_UP when it does not come. */
  async answer<T>(asked: Promise<T>): Promise<T | typeof GAVE_UP> {
    const giveUp = this.#ending?.giveUp
    if (giveUp === undefined) return asked
    const late = Promise.withResolvers<typeof GAVE_UP>()
    const onGiveUp = (): void => late.resolve(GAVE_UP)
    giveUp.addEventListener('abort', onGiveUp, { once: true })
    if (giveUp.aborted) onGiveUp()
    try {
      // What is lost is handled in either case.
      return await Promise.race([asked, late.promise])
    } finally {
      giveUp.removeEventListener('abort', onGiveUp)
    }
  }

  /** What came of a part that was asked for. */
  note(outcomes: readonly ItemResult<Change>[]): void {
    for (const { item, error } of outcomes) {
      if (error === null) continue
      this.#hasFailed = true
      if (isUnanswered(error)) this.unknown.push(item)
    }
  }

  /** It came to an end in the middle of a part. */
  end(part: readonly Change[], failure?: unknown): void {
    this.#isOver = true
    this.failure = failure
    this.unknown.push(...part)
  }
}

/** The request may have been carried out all the same. */
const isUnanswered = ({ code }: ItemError): boolean => code === Errors.REQUEST_TIMED_OUT || code === Errors.NETWORK_EXCEPTION
