/**
 * How long commands take from nothing to their end, as an operator feels it: wall and CPU, of the built program, over several runs with warm
 * caches. Goals: topics list 300 ms, --help 200 ms, --version 120 ms.
 *
 *   node bench/start-up.ts [--runs N] [-b HOST:PORT]        without -b a broker is started for it
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runBroker } from '../test/broker/broker-fixture.ts'

const program = join(import.meta.dirname, '../bin/run.js')
const { values } = parseArgs({ options: { runs: { type: 'string', default: '20' }, bootstrap: { type: 'string', short: 'b' } } })
if (!existsSync(join(import.meta.dirname, '../dist/src/cli/main.js'))) throw new Error('there is no build: npm run build')

const home = mkdtempSync(join(tmpdir(), 'tkafka-start-up-'))
const broker = values.bootstrap === undefined ? await runBroker() : undefined
const server = values.bootstrap ?? broker!.bootstrap
const env = { PATH: process.env.PATH, HOME: home, TKAFKA_BOOTSTRAP_SERVER: server }

const rows: readonly (readonly [line: string, goalMs: number | undefined])[] = [
  ['--version', 120],
  ['--help', 200],
  ['topics create --help', 200],
  ['topics list', 300],
  ['topics list --output json', 300],
  ['cluster describe', undefined],
  ['profile prompt', undefined],
]

const shareOf = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)]!

/** By the clock of bash, which waits for the command alone. */
async function measured(line: string): Promise<{ wallMs: number; cpuMs: number }> {
  const timing = `TIMEFORMAT='%R %U %S'; time "$0" "$@" > /dev/null`
  const child = spawn('bash', ['-c', timing, process.execPath, program, ...line.split(' ')], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const [status] = await once(child, 'close')
  if (status !== 0) throw new Error(`tkafka ${line}: ${stderr}`)
  const [wall, user, system] = stderr.trim().split('\n').at(-1)!.split(' ').map(Number)
  return { wallMs: wall! * 1000, cpuMs: (user! + system!) * 1000 }
}

try {
  console.log(`${'tkafka'.padEnd(30)} wall p50  p95   CPU p50  p95   goal   (ms, ${values.runs} runs)`)
  for (const [line, goalMs] of rows) {
    await measured(line)
    const runs = []
    for (let run = 0; run < Number(values.runs); run++) runs.push(await measured(line))
    const wall = runs.map(({ wallMs }) => wallMs).sort((one, other) => one - other)
    const cpu = runs.map(({ cpuMs }) => cpuMs).sort((one, other) => one - other)
    const figures = [shareOf(wall, 0.5), shareOf(wall, 0.95), shareOf(cpu, 0.5), shareOf(cpu, 0.95)].map((ms) => ms.toFixed(0).padStart(6))
    console.log(`${line.padEnd(30)} ${figures.join(' ')} ${goalMs === undefined ? '' : String(goalMs).padStart(8)}`)
  }
} finally {
  await broker?.[Symbol.asyncDispose]()
  rmSync(home, { recursive: true, force: true })
}
