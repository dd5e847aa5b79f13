import { parseArgs } from 'node:util'
import { huntAll } from './mutants/run.ts'
import { type LifeOptions, live, type Outcome } from './life.ts'
import { type ProfileName, profiles } from './nemesis/profiles.ts'
import { narrator } from './narrator.ts'

/**
 * Many lives of clusters, each from a seed:
 *
 *     npm run sim -- --seeds 1..1000 --profile all
 *     npm run sim -- --seeds 1..100 --verify          each twice: the same seed must give the same
 *     npm run sim -- --seeds 7..7 --log --trace       one, told by its nodes and event by event
 *     npm run sim -- --mutants [--only TEXT] [--seconds 60]    planted bugs, each until it is found
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1..20' },
    profile: { type: 'string', default: 'all' },
    verify: { type: 'boolean', default: false },
    log: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
    'fail-fast': { type: 'boolean', default: false },
    mutants: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    seconds: { type: 'string', default: '60' },
  },
})

if (values.mutants) process.exit((await huntAll(values.only, { seeds: 2000, seconds: Number(values.seconds) })) ? 0 : 1)
if (!(values.profile in profiles)) throw new Error(`--profile is one of ${Object.keys(profiles).join(', ')}`)
const profile = values.profile as ProfileName
const [first, last = first] = values.seeds.split('..').map(Number) as [number, number?]

const failures = new Map<number, string>()
const faults = new Map<string, number>()
let steps = 0
let acknowledged = 0
let virtualMs = 0
let cpuMs = 0
const startMs = performance.now()

const count = (outcome: Outcome): void => {
  steps += outcome.steps
  acknowledged += outcome.acknowledgedCount
  virtualMs += outcome.virtualMs
  for (const [kind, each] of outcome.faults) faults.set(kind, (faults.get(kind) ?? 0) + each)
}

const optionsOf = (seed: number): LifeOptions => ({
  ...{ seed, profile },
  ...(values.log && { journal: narrator }),
  ...(values.trace && { trace: (line) => console.log(line) }),
})

const tellProgress = (seed: number): void => {
  const rate = Math.round(steps / (cpuMs / 1000))
  const text = `seed ${seed} of ${first}..${last}: ${steps} steps, ${rate} a second, ${acknowledged} records, ${failures.size} failed`
  if (process.stderr.isTTY) process.stderr.write(`\r${text}\x1b[K`)
  else if ((seed - first) % 50 === 49) console.error(text)
}

for (let seed = first; seed <= last; seed++) {
  const before = process.cpuUsage()
  const outcome = await live(optionsOf(seed))
  const again = values.verify ? await live(optionsOf(seed)) : undefined
  const used = process.cpuUsage(before)
  cpuMs += (used.user + used.system) / 1000
  count(outcome)
  if (again !== undefined) count(again)
  const problem =
    outcome.violation?.message ?? (again !== undefined && again.hash !== outcome.hash ? `${outcome.hash} and ${again.hash}: two lives` : undefined)
  if (problem !== undefined) {
    failures.set(seed, problem)
    console.log(`\nseed ${seed}: ${problem.split('\n').slice(0, 12).join('\n')}`)
    console.log(`  again: npm run sim -- --profile ${profile} --seeds ${seed}..${seed} --log`)
    if (values['fail-fast']) break
  }
  tellProgress(seed)
}

console.log(`\nfaults: ${[...faults].sort((a, b) => b[1] - a[1]).map(([kind, each]) => `${kind} ${each}`).join(', ')}`)
console.log(
  `${last - first + 1} lives of ${Math.round(virtualMs / 60_000)} virtual minutes in ${Math.round((performance.now() - startMs) / 1000)} s, ` +
    `${steps} steps, ${Math.round(steps / (cpuMs / 1000))} a second, ${acknowledged} records acknowledged, ${failures.size} failed: ${[...failures.keys()].join(' ')}`,
)
process.exitCode = failures.size > 0 ? 1 : 0
