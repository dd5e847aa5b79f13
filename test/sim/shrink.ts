import { type LifeOptions, live, type Outcome } from './life.ts'
import type { Fault } from './nemesis/schedule.ts'

export interface Shrunk {
  readonly outcome: Outcome
  /** Which faults of the schedule that was given are left, by their place. */
  readonly kept: readonly number[]
  readonly livesCount: number
}

/**
 * The fewest faults with which the same invariant still fails (ddmin): halves, quarters, … are left out as long as that leaves the failure.
 * A schedule with fewer faults is another life from the first fault on that is missing, so that what is left out may come back as luck.
 */
export const shrink = async (options: LifeOptions, failed: Outcome, livesMax = 60, run: typeof live = live): Promise<Shrunk> => {
  const { faults, durationMs } = failed.schedule
  let outcome = failed
  let kept = faults.map((_, index) => index)
  let livesCount = 0
  const failsWith = async (indexes: readonly number[]): Promise<Outcome | undefined> => {
    livesCount++
    const chosen: Fault[] = indexes.map((index) => faults[index]!)
    const again = await run({ ...options, schedule: { durationMs, faults: chosen } })
    return again.violation?.invariant === failed.violation?.invariant ? again : undefined
  }
  for (let parts = 2; kept.length > 0 && livesCount < livesMax; ) {
    const size = Math.ceil(kept.length / parts)
    let isSmaller = false
    for (let from = 0; from < kept.length && livesCount < livesMax; ) {
      const rest = [...kept.slice(0, from), ...kept.slice(from + size)]
      const again = await failsWith(rest)
      if (again === undefined) from += size
      else {
        kept = rest
        outcome = again
        isSmaller = true
      }
    }
    if (size === 1 && !isSmaller) break
    parts = isSmaller ? Math.max(2, Math.min(parts, kept.length)) : Math.min(kept.length, parts * 2)
  }
  return { outcome, kept, livesCount }
}
