// Handing over to the pinned runtime. Runs on Node 18 and later; loaded only when a hand-over is due.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The first major version of Node that tkafka runs on. Any that the launchers run on (`engines` in package.json) hands over to the pinned one. */
export const oldestMajor = 24

/** Set for a program whose parent is a launcher that stayed. */
const launched = 'TKAFKA_LAUNCHED'

/** The executable that npm's `node` package brought, or undefined when it is not installed. */
export function pinnedNode() {
  try {
    const home = dirname(createRequire(import.meta.url).resolve('node/package.json'))
    const executable = join(home, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    return existsSync(executable) ? executable : undefined
  } catch {
    return undefined
  }
}

/**
 * Runs `executable` with `args` in place of this process: same standard streams, environment, signals and exit. Replaces the
 * process image where Node can (22.15 and later), else stays as a parent that only passes signals on, and whose end the program
 * notices (`endWithLauncher`). Does not return before the end.
 */
export function handOver(executable, args) {
  if (typeof process.execve === 'function') {
    process.removeAllListeners('warning')
    process.on('warning', () => {}) // execve is announced as experimental; the user did not ask
    try {
      process.execve(executable, [executable, ...args], process.env)
    } catch {
      // not on this platform: stay as the parent
    }
  }
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc']
  const child = spawn(executable, args, { stdio, env: { ...process.env, [launched]: '1' } })
  const forwarded = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGCONT']
  // A terminal sends Ctrl-C to the whole foreground group, so the child has it already; a second one would mean "at once".
  const fromTerminal = new Set(process.stdin.isTTY ? ['SIGINT', 'SIGQUIT'] : [])
  for (const signal of forwarded) process.on(signal, () => fromTerminal.has(signal) || child.kill(signal))
  return new Promise((resolve) => {
    child.on('error', (error) => {
      process.stderr.write(`tkafka: ${executable} did not start: ${error.message}\n`)
      process.exitCode = 1
      resolve()
    })
    child.on('exit', (code, signal) => {
      for (const name of forwarded) process.removeAllListeners(name)
      if (signal) process.kill(process.pid, signal)
      process.exitCode = code ?? 1
      resolve()
    })
  })
}

/** A program that was handed over to by a parent stops, as on SIGTERM, when that parent is gone: who killed it meant the program. */
export function endWithLauncher() {
  if (process.env[launched] === undefined) return
  delete process.env[launched]
  const end = () => process.kill(process.pid, 'SIGTERM')
  process.on('disconnect', end)
  process.channel?.unref()
  if (!process.connected) end()
}

/** Hands this very program, with its arguments, over to the pinned runtime, or says what to do. */
export async function handOverProgram(program) {
  const executable = pinnedNode()
  if (executable === undefined) {
    process.stderr.write(
      `tkafka needs Node ${oldestMajor} or later; this is ${process.version}. Run "npm ci" in its folder: it brings one.\n`,
    )
    process.exitCode = 1
    return
  }
  await handOver(executable, [...process.execArgv, program, ...process.argv.slice(2)])
}
