import { type ChildProcess, spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { withoutApache } from './kafka-home.ts'
import { preparedJava } from './prepared-java.ts'

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly stdin?: string | Buffer
  readonly env?: Readonly<Record<string, string>>
  /** After this the program is killed and the run fails. */
  readonly limitMs?: number
  /** Java's heap; small, because many run beside each other. */
  readonly heap?: string
}

/** The arguments of `java` before the class: heap, quiet logging, all jars of Apache Kafka and our programs; what makes short lives cheap. */
export function javaArguments(heap = '256m'): string[] {
  if (preparedJava === undefined) throw new Error(String(withoutApache))
  const { libs, programs, archive } = preparedJava
  const logging = join(import.meta.dirname, 'log4j2.properties')
  return [
    `-Xmx${heap}`,
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    // An archive that does not suit this Java is left aside without a word.
    ...(archive === undefined ? [] : [`-XX:SharedArchiveFile=${archive}`, '-Xshare:auto', '-Xlog:disable']),
    `-Dlog4j2.configurationFile=${logging}`,
    '-cp',
    [join(libs, '*'), programs].join(delimiter),
  ]
}

/** Starts a class of Apache Kafka, or one of our programs under `java/`. */
export function startJava(program: string, args: readonly string[], { env, heap }: RunOptions = {}): ChildProcess {
  return spawn('java', [...javaArguments(heap), program, ...args], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
}

/** Runs it to its end and gives back what it said. */
export function runJava(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return collect(startJava(program, args, options), `${program} ${args.join(' ')}`, options)
}

/** Feeds and drains a started process; also for programs that are not Java (kcat, python3). */
export function collect(child: ChildProcess, what: string, { stdin, limitMs = 60_000 }: RunOptions = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    const said = (parts: Buffer[]): string => Buffer.concat(parts).toString()
    const limit = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`${what} did not end within ${limitMs} ms\n${said(stdout)}\n${said(stderr)}`))
    }, limitMs)
    child.stdout?.on('data', (chunk) => stdout.push(chunk))
    child.stderr?.on('data', (chunk) => stderr.push(chunk))
    child.stdin?.on('error', () => {}) // it may end without reading everything
    child.stdin?.end(stdin ?? '')
    child.on('error', (error) => {
      clearTimeout(limit)
      reject(error)
    })
    child.on('close', (code) => {
      clearTimeout(limit)
      resolve({ code, stdout: said(stdout), stderr: said(stderr) })
    })
  })
}
