import { readdirSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'

/** Of what is made anew whenever its sources change: as many branches are worked on side by side. */
const KEPT = 3

/** Notes that `path` is in use, and takes away what `kind` matches of its folder, but for those that were used last. */
export function keepLastUsed(path: string, folder: string, kind: RegExp): void {
  const now = new Date()
  utimesSync(path, now, now)
  const usedMs = (name: string): number => statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0
  const found = readdirSync(folder)
    .filter((name) => kind.test(name))
    .map((name) => ({ name, usedMs: usedMs(name) }))
    .sort((a, b) => b.usedMs - a.usedMs)
  for (const { name } of found.slice(KEPT)) rmSync(join(folder, name), { recursive: true, force: true })
}
