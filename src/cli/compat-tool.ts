import { runTool, type ToolIo } from '../compat/index.ts'
import { type Shell, writeTo } from './shell.ts'

/** Runs one of Kafka's tools in this shell; everything after its name is its own. */
export async function runCompatTool([name = '', ...args]: readonly string[], shell: Shell): Promise<void> {
  const io: ToolIo = {
    stdin: shell.stdin,
    hasConsole: shell.stdin.isTTY === true && shell.stdout.isTTY === true,
    out: (chunk) => writeTo(shell.stdout, chunk),
    err: (text) => void writeTo(shell.stderr, text),
    host: () => shell.host(),
    stopSignal: () => shell.stopSignal(),
  }
  const code = await runTool(name, args, io)
  if (shell.exitCode === 0) shell.exitCode = code
}
