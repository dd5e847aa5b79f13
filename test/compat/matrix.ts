/**
 * Runs command lines through Kafka's own tools and through ours, against the same cluster, and shows where they differ.
 *   node test/compat/matrix.ts [--against HOST:PORT] [--only TEXT] [--show]
 * Without --against: a broker of this process. --show prints the outputs that agree as well.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Ended } from '../apache/java-program.ts'
import { withoutApache } from '../apache/kafka-home.ts'
import { runBroker } from '../broker/broker-fixture.ts'
import { run } from '../cli/run-command.ts'
import { type LiveMember, startMember } from './live-member.ts'
import { masked } from './masked.ts'
import { cases } from './matrix-cases.ts'
import { runAlone, runTheirs } from './their-tool.ts'

const { values } = parseArgs({ options: { against: { type: 'string' }, only: { type: 'string' }, show: { type: 'boolean' } } })

if (withoutApache !== false) {
  process.stdout.write(`skipped: ${withoutApache}\n`)
  process.exit(0)
}

const broker = values.against === undefined ? await runBroker() : undefined
const server = values.against ?? broker!.bootstrap
const quoted = (text: string): string => text.replace(/^/gm, '    ')
let differing = 0
let compared = 0

/** The lines that only one of them has, with what stands around them. */
function lineDifferences(theirs: string, ours: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tkafka-matrix-'))
  writeFileSync(join(folder, 'theirs'), theirs)
  writeFileSync(join(folder, 'ours'), ours)
  const { stdout } = spawnSync('diff', ['-U1', 'theirs', 'ours'], { cwd: folder, encoding: 'utf8' })
  rmSync(folder, { recursive: true })
  return quoted(stdout.split('\n').slice(2).join('\n'))
}

function differences(theirs: Ended, ours: Ended): string[] {
  const parts: string[] = []
  if (theirs.code !== ours.code) parts.push(`  exit code: theirs ${theirs.code}, ours ${ours.code}\n`)
  for (const stream of ['stdout', 'stderr'] as const) {
    const [their, our] = [masked(theirs[stream]), masked(ours[stream])]
    if (their !== our) parts.push(`  ${stream}: - theirs, + ours\n${lineDifferences(their, our)}`)
  }
  return parts
}

const folder = mkdtempSync(join(tmpdir(), 'tkafka-matrix-'))
let member: LiveMember | undefined

for (const { tool, args: words, stdin, prepare, unordered, before, live, alone, fresh = [], files = {} } of cases(server)) {
  // Files of another cluster are not at hand.
  if (broker === undefined && words.some((word) => word.includes('DATA'))) continue
  const args = words.map((word) => word.replaceAll('FOLDER', folder).replaceAll('DATA', join(broker?.directory ?? '', 'data')))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text.replaceAll('FOLDER', folder))
  if (live === true) member ??= await startMember(server)
  const line = `${tool} ${args.join(' ')}`
  if (values.only !== undefined && !new RegExp(values.only).test(line) && prepare === undefined) continue
  if (prepare !== undefined) {
    const made = await run(['compat', tool, ...args], stdin === undefined ? {} : { stdin })
    if (made.code !== 0) process.stdout.write(`PREPARE ${line}: ${made.code}\n${quoted(made.stdout + made.stderr)}\n`)
    continue
  }
  const ready = async (): Promise<void> => {
    for (const name of fresh) rmSync(join(folder, name), { recursive: true, force: true })
    if (before !== undefined) await run(['compat', ...before])
  }
  await ready()
  const theirs = await (alone === true ? runAlone(tool, args) : runTheirs(tool, args, stdin))
  await ready()
  const ran = await run(['compat', tool, ...args], stdin === undefined ? {} : { stdin })
  const inOrder = (text: string): string => text.replace(/^ \t/gm, '\t').split('\n').sort().join('\n')
  const sorted = (outcome: Ended): Ended =>
    unordered === true ? { ...outcome, stdout: inOrder(masked(outcome.stdout)), stderr: inOrder(masked(outcome.stderr)) } : outcome
  const parts = differences(sorted(theirs), sorted(ran))
  compared++
  if (parts.length > 0) differing++
  process.stdout.write(`${parts.length === 0 ? 'same  ' : 'DIFFER'} ${line}\n${parts.join('')}`)
  if (values.show === true && parts.length === 0) process.stdout.write(`${quoted(theirs.stdout + theirs.stderr)}\n`)
}
process.stdout.write(`${compared} compared, ${differing} differ\n`)
await member?.close()
rmSync(folder, { recursive: true })
await broker?.[Symbol.asyncDispose]()
process.exitCode = differing === 0 ? 0 : 1
