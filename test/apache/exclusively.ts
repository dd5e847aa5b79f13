import { closeSync, openSync, rmSync, statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** Test files run in parallel processes: one of them fills the cache, the others wait for it (for ten minutes at most). */
export async function exclusively<T>(lock: string, done: () => boolean, work: () => T | Promise<T>): Promise<T | undefined> {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (done()) return undefined
    try {
      closeSync(openSync(lock, 'wx'))
    } catch {
      const heldMs = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
      if (heldMs > 600_000) rmSync(lock, { force: true })
      await delay(1000)
      continue
    }
    try {
      return await work()
    } finally {
      rmSync(lock, { force: true })
    }
  }
  throw new Error(`${lock} is held by another process`)
}
