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

/**
 * What tells a process from every other that had its id before or gets it later: when it began, counted from a start of the machine that is
 * named. It depends on no clock. Empty: not known.
 */
export function birthOf(pid: number): string {
  if (process.platform !== 'linux') return askPs(pid, 'lstart')
  const [began] = statOf(pid).slice(19)
  return began === undefined ? '' : `${readOr('/proc/sys/kernel/random/boot_id').trim()} ${began}`
}

/** As `ps` shows it: Z has ended and waits for its parent, X is on its way out; empty: not known. */
const stateOf = (pid: number): string => (process.platform === 'linux' ? (statOf(pid)[0] ?? '') : askPs(pid, 'state'))

/** From the state on. The name of the program, in parentheses before it, may hold parentheses of its own. */
const statOf = (pid: number): string[] => /^.*\) (.*)/s.exec(readOr(`/proc/${pid}/stat`))?.[1]?.split(' ') ?? []

function readOr(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

const askPs = (pid: number, what: string): string =>
  spawnSync('ps', ['-o', `${what}=`, '-p', String(pid)], { encoding: 'latin1' }).stdout?.trim() ?? ''
