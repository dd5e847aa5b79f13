import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Whether a process runs. One that has ended and that nobody has reaped yet still has its id, and is not alive. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // It is there, and another user's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return !/^[ZX]/.test(stateOf(pid))
}

/** As `ps` shows it: Z has ended and waits for its parent, X is on its way out; empty: not known. */
function stateOf(pid: number): string {
  try {
    // The name of the program, in parentheses before it, may hold parentheses of its own.
    return /^.*\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1] ?? ''
  } catch {
    if (process.platform === 'linux') return ''
    return spawnSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'latin1' }).stdout?.trim() ?? ''
  }
}
