import type { Faults, PageFate, SeededRandom, Survives } from '../../../src/sim/index.ts'

interface DiskFault {
  readonly host: string
  readonly operation: string | undefined
  readonly delayMs?: number
  readonly isError?: boolean
  readonly lies?: boolean
}

/** What is wrong with disks at the moment. */
export class DiskFaults {
  readonly active = new Set<DiskFault>()

  hasErrors(host: string): boolean {
    for (const fault of this.active) if (fault.host === host && fault.isError) return true
    return false
  }

  disk: NonNullable<Faults['disk']> = ({ host, operation }) => {
    if (this.active.size === 0) return undefined
    let delayMs: number | undefined
    let lies = false
    for (const fault of this.active) {
      if (fault.host !== host || (fault.operation !== undefined && fault.operation !== operation)) continue
      if (fault.isError) return { error: 'EIO' }
      if (fault.lies) lies = true
      else delayMs = Math.max(delayMs ?? 0, fault.delayMs ?? 0)
    }
    if (delayMs === undefined) return lies ? { lies } : undefined
    return { delayMs, lies }
  }
}

/** Of what was not synced, a power loss leaves anything: in each file nothing, all, or page by page. */
export const afterPowerLoss = (random: SeededRandom): Survives => {
  const habits = new Map<string, number>()
  return ({ path, page }) => {
    if (page === undefined) return random.below(2) === 0
    let habit = habits.get(path)
    if (habit === undefined) habits.set(path, (habit = random.below(5)))
    if (habit === 0) return false
    if (habit === 1) return true
    return pageFate(random)
  }
}

const pageFate = (random: SeededRandom): PageFate => {
  switch (random.below(6)) {
    case 0:
    case 1:
      return false
    case 2:
      return random.below(256)
    case 3:
      return 'garbled'
    case 4:
      return 'misplaced'
    default:
      return true
  }
}
