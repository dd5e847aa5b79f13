import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { mutants } from './catalog.ts'
import type { Mutant } from './mutant.ts'

export interface Found {
  readonly mutant: Mutant
  readonly seed: number
  /** Undefined: not found. */
  readonly profile?: string
  readonly invariant?: string
  readonly message?: string
  readonly steps: number
  readonly seconds: number
}

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** Hunts one mutant in a process of its own. */
export const hunt = (mutant: Mutant, limits: { readonly seeds: number; readonly seconds: number }): Promise<Found> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', pathOf('./load.ts'), pathOf('./hunt.ts')], {
      env: {
        ...process.env,
        SIM_MUTANT: mutant.name,
        SIM_PROFILE: mutant.profile ?? 'all',
        SIM_SEEDS: String(limits.seeds),
        SIM_SECONDS: String(limits.seconds),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const startMs = performance.now()
    const seconds = (): number => Math.round((performance.now() - startMs) / 1000)
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk) => (out += chunk))
    child.stderr.on('data', (chunk) => (err = (err + chunk).slice(-2000)))
    // One that goes round in circles without a step never looks at the time.
    const limit = setTimeout(() => child.kill('SIGKILL'), (limits.seconds + 90) * 1000)
    child.on('error', reject)
    child.on('close', (_code, signal) => {
      clearTimeout(limit)
      const line = out.trim().split('\n').at(-1) ?? ''
      if (line.startsWith('{')) resolve({ mutant, ...JSON.parse(line) })
      else if (signal === 'SIGKILL')
        resolve({ mutant, seed: 0, invariant: 'L6 steps come to an end', message: '', steps: 0, seconds: seconds() })
      else
        resolve({
          mutant,
          seed: 0,
          invariant: 'L2 the process ends',
          message: err.trim().split('\n').at(-1) ?? '',
          steps: 0,
          seconds: seconds(),
        })
    })
  })

/** Tells of each as soon as it is found. False: some were not. */
export const huntAll = async (only: string, limits: { readonly seeds: number; readonly seconds: number }): Promise<boolean> => {
  const chosen = mutants.filter(({ name, file }) => new RegExp(only).test(`${file}: ${name}`))
  let foundCount = 0
  console.log('found by                              seed profile           steps         mutant')
  for (const mutant of chosen) {
    const found = await hunt(mutant, limits)
    if (found.invariant !== undefined) foundCount++
    console.log(rowOf(found))
  }
  console.log(`${foundCount} of ${chosen.length} found`)
  return foundCount === chosen.length
}

const rowOf = ({ mutant, seed, profile, invariant, steps, seconds }: Found): string =>
  [
    (invariant ?? 'NOT FOUND').padEnd(36),
    String(seed).padStart(5),
    (profile ?? '').padEnd(12),
    String(steps).padStart(10),
    `${String(seconds).padStart(4)} s`,
    ` ${mutant.file.replace('src/', '')}: ${mutant.name}`,
  ].join(' ')
