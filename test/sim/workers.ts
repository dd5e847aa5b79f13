import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Tally } from './tally.ts'

/** Seeds that one process lives through before the next begins. */
const seedsEach = 50
export const tallyMark = 'tally '

export interface Share {
  readonly first: number
  readonly last: number
  /** Until so many steps are done, whatever the last seed is. */
  readonly steps: number | undefined
  readonly workers: number
  /** No range is begun after the first failure. */
  readonly isFailFast: boolean
  /** Of the campaign, but for seeds, steps and workers. */
  readonly options: readonly string[]
}

/**
 * A campaign in several processes at once. What they find is told as they tell it; `told` is called after each range of seeds. A range whose
 * process broke counts as failed: the others go on.
 */
export const shareOut = async (share: Share, tally: Tally, told: () => void): Promise<void> => {
  const { first, last, steps, workers, isFailFast, options } = share
  let next = first
  const isOver = (): boolean => (isFailFast && tally.failed.length > 0) || (steps === undefined ? next > last : tally.steps >= steps)
  const worker = async (): Promise<void> => {
    while (!isOver()) {
      const from = next
      const to = steps === undefined ? Math.min(last, from + seedsEach - 1) : from + seedsEach - 1
      next = to + 1
      await runRange(from, to, options, tally)
      told()
    }
  }
  await Promise.all(Array.from({ length: workers }, worker))
}

const runRange = async (from: number, to: number, options: readonly string[], tally: Tally): Promise<void> => {
  const path = fileURLToPath(new URL('./campaign.ts', import.meta.url))
  const child = spawn(process.execPath, [path, '--seeds', `${from}..${to}`, '--tally', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => resolve())
  })
  let hasTold = false
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith(tallyMark)) {
      tally.add(line.slice(tallyMark.length))
      hasTold = true
    } else console.log(line)
  }
  await ended
  if (hasTold) return
  console.log(`\nseeds ${from}..${to}: the process that lived them ended without a result`)
  tally.failed.push(from)
}
