import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'

/** Starts a program that outlives this one; what it writes goes to the end of `logFile`. Gives its process id. @throws NodeJS.ErrnoException */
export function launchDetached(program: string, args: readonly string[], logFile: string): number {
  const log = openSync(logFile, 'a')
  try {
    const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log] })
    child.unref()
    if (child.pid === undefined) throw new Error(`${program} could not be started`)
    return child.pid
  } finally {
    closeSync(log)
  }
}
