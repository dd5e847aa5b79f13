import { parseArgs } from 'node:util'
import { Drawing } from './drawing.ts'
import { type LifeOptions, live, type Outcome } from './life.ts'
import { huntAll } from './mutants/run.ts'
import { narrator } from './narrator.ts'
import { describe } from './nemesis/nemesis.ts'
import { type ProfileName, profiles } from './nemesis/profiles.ts'
import { shrink } from './shrink.ts'

/**
 * Many lives of clusters, each from a seed:
 *
 *     npm run sim -- --seeds 1..1000 --profile all
 *     npm run sim -- --seeds 1..100 --verify          each twice: the same seed must give the same
 *     npm run sim -- --seeds 7..7 --log --trace       one, told by its nodes and event by event
 *     npm run sim -- --seeds 7..7 --faults 0,3,4      one, with these faults of its schedule only
 *     npm run sim -- --mutants [--only REGEXP] [--seconds 60]    planted bugs, each until it is found
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1..20' },
    profile: { type: 'string', default: 'all' },
    verify: { type: 'boolean', default: false },
    log: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
    faults: { type: 'string' },
    'fail-fast': { type: 'boolean', default: false },
    'no-shrink': { type: 'boolean', default: false },
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

const chosen = values.faults?.split(',').filter(Boolean).map(Number)
const optionsOf = (seed: number): LifeOptions => ({
  ...{ seed, profile },
  ...(chosen && { faults: chosen }),
  ...(values.log && { journal: narrator }),
  ...(values.trace && { trace: (line) => console.log(line) }),
})

const tellProgress = (seed: number): void => {
  const rate = Math.round(steps / (cpuMs / 1000))
  const text = `seed ${seed} of ${first}..${last}: ${steps} steps, ${rate} a second, ${acknowledged} records, ${failures.size} failed`
  if (process.stderr.isTTY) process.stderr.write(`\r${text}\x1b[K`)
  else if ((seed - first) % 50 === 49) console.error(text)
}

/** Of the first failures of a campaign; the others are likely the same. */
const shrunkMax = 3

const commandOf = (seed: number, faults: readonly number[] | undefined = chosen): string =>
  `npm run sim -- --profile ${profile} --seeds ${seed}..${seed}${faults === undefined ? '' : ` --faults '${faults}'`}`

const tellShrunk = async (seed: number, failed: Outcome): Promise<void> => {
  const { outcome, kept, livesCount } = await shrink(optionsOf(seed), failed)
  const places = chosen === undefined ? kept : kept.map((index) => chosen[index]!)
  const drawing = new Drawing()
  await live({ ...optionsOf(seed), faults: places, remarks: drawing.take })
  console.log(`  with ${kept.length} of ${failed.schedule.faults.length} faults (${livesCount} lives): ${commandOf(seed, places)}`)
  for (const fault of outcome.schedule.faults) console.log(`    ${describe(fault)}`)
  console.log(drawing.draw(outcome.violation!))
  console.log(outcome.violation?.message.split('\n').slice(0, 3).join('\n'))
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
    outcome.violation?.message ??
    (again !== undefined && again.hash !== outcome.hash ? `${outcome.hash} and ${again.hash}: two lives` : undefined)
  if (problem !== undefined) {
    failures.set(seed, problem)
    console.log(`\nseed ${seed}: ${problem.split('\n').slice(0, 12).join('\n')}`)
    console.log(`  again: ${commandOf(seed)}`)
    if (outcome.violation !== undefined && !values['no-shrink'] && failures.size <= shrunkMax) await tellShrunk(seed, outcome)
    if (values['fail-fast']) break
  }
  tellProgress(seed)
}

console.log(
  `\nfaults: ${[...faults]
    .sort((a, b) => b[1] - a[1])
    .map(([kind, each]) => `${kind} ${each}`)
    .join(', ')}`,
)
console.log(
  `${last - first + 1} lives of ${Math.round(virtualMs / 60_000)} virtual minutes in ${Math.round((performance.now() - startMs) / 1000)} s, ` +
    `${steps} steps, ${Math.round(steps / (cpuMs / 1000))} a second, ${acknowledged} records acknowledged, ${failures.size} failed: ${[...failures.keys()].join(' ')}`,
)
process.exitCode = failures.size > 0 ? 1 : 0
