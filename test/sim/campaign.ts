import { parseArgs } from 'node:util'
import { Drawing } from './drawing.ts'
import { type LifeOptions, live, type Outcome } from './life.ts'
import { huntAll } from './mutants/run.ts'
import { narrator } from './narrator.ts'
import { describe } from './nemesis/nemesis.ts'
import { type ProfileName, profiles } from './nemesis/profiles.ts'
import { shrink } from './shrink.ts'
import { Tally } from './tally.ts'
import { shareOut, tallyMark } from './workers.ts'

/**
 * Many lives of clusters, each from a seed:
 *
 *     npm run sim -- --seeds 1..1000 --profile all
 *     npm run sim -- --steps 100000000 --workers 2    from the first seed on, until so many steps are done, in two processes
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
    steps: { type: 'string' },
    workers: { type: 'string', default: '1' },
    /** For whoever started this process: the result as one line, and nothing of progress. */
    tally: { type: 'boolean', default: false },
  },
})

if (values.mutants) process.exit((await huntAll(values.only, { seeds: 2000, seconds: Number(values.seconds) })) ? 0 : 1)
if (!(values.profile in profiles)) throw new Error(`--profile is one of ${Object.keys(profiles).join(', ')}`)
const profile = values.profile as ProfileName
const [first, last = first] = values.seeds.split('..').map(Number) as [number, number?]

const tally = new Tally()
const stepsWanted = values.steps === undefined ? undefined : Number(values.steps)
const startMs = performance.now()
const secondsSoFar = (): number => (performance.now() - startMs) / 1000

const chosen = values.faults?.split(',').filter(Boolean).map(Number)
const optionsOf = (seed: number): LifeOptions => ({
  ...{ seed, profile },
  ...(chosen && { faults: chosen }),
  ...(values.log && { journal: narrator }),
  ...(values.trace && { trace: (line) => console.log(line) }),
})

const tellProgress = (text: string): void => {
  const all = `${text}: ${tally.steps} steps, ${tally.stepsPerSecond} a second of a core, ${tally.acknowledged} records, ${tally.failed.length} failed`
  if (process.stderr.isTTY) process.stderr.write(`\r${all}\x1b[K`)
  else console.error(all)
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

const liveAll = async (): Promise<void> => {
  for (let seed = first; stepsWanted === undefined ? seed <= last : tally.steps < stepsWanted; seed++) {
    const before = process.cpuUsage()
    const outcome = await live(optionsOf(seed))
    const again = values.verify ? await live(optionsOf(seed)) : undefined
    const used = process.cpuUsage(before)
    tally.cpuMs += (used.user + used.system) / 1000
    tally.count(outcome)
    if (again !== undefined) tally.count(again)
    const problem =
      outcome.violation?.message ??
      (again !== undefined && again.hash !== outcome.hash ? `${outcome.hash} and ${again.hash}: two lives` : undefined)
    if (problem !== undefined) {
      tally.failed.push(seed)
      console.log(`\nseed ${seed}: ${problem.split('\n').slice(0, 12).join('\n')}`)
      console.log(`  again: ${commandOf(seed)}`)
      if (outcome.violation !== undefined && !values['no-shrink'] && tally.failed.length <= shrunkMax) await tellShrunk(seed, outcome)
      if (values['fail-fast']) break
    }
    if (!values.tally && (process.stderr.isTTY || (seed - first) % 50 === 49)) tellProgress(`seed ${seed} of ${first}..${last}`)
  }
}

if (values.workers === '1') await liveAll()
else {
  const switches = (['verify', 'log', 'trace', 'fail-fast', 'no-shrink'] as const).filter((name) => values[name])
  const options = [
    '--profile',
    profile,
    ...switches.map((name) => `--${name}`),
    ...(values.faults === undefined ? [] : ['--faults', values.faults]),
  ]
  const share = { first, last, steps: stepsWanted, workers: Number(values.workers), isFailFast: values['fail-fast'], options }
  await shareOut(share, tally, () => tellProgress(`${tally.lives} lives`))
}

console.log(values.tally ? tallyMark + tally.line : `\n${tally.summary(secondsSoFar())}`)
process.exitCode = tally.failed.length > 0 ? 1 : 0
