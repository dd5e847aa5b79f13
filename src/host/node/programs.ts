import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

export interface ProgramEnd {
  /** Null: it could not be started, took too long, or was killed. */
  readonly code: number | null
  readonly stdout: string
}

/** Runs a program to its end and reads what it prints; it may ask on the terminal that this process has. */
export function runProgram(program: string, args: readonly string[], options: { readonly timeoutMs: number }): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['inherit', 'pipe', 'inherit'], timeout: options.timeoutMs })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', () => resolve({ code: null, stdout: '' }))
    child.on('close', (code) => resolve({ code, stdout: Buffer.concat(chunks).toString() }))
  })
}

/** Runs a program that has the terminal to itself, as an editor. Gives its exit code, null as above. */
export function runOnTerminal(program: string, args: readonly string[]): Promise<number | null> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'inherit' })
    child.on('error', () => resolve(null))
    child.on('close', resolve)
  })
}

/** Writes a file that only its owner may read. @throws NodeJS.ErrnoException when it is there already */
export function writePrivateFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileSync(path, text, { mode: 0o600, flag: 'wx' })
}
