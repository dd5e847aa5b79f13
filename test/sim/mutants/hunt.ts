import { live } from '../life.ts'
import { type ProfileName, profiles } from '../nemesis/profiles.ts'

/** In a process with a planted bug: lives from seed to seed until one fails, or the time is over. Tells the end as one line of JSON. */
const { SIM_PROFILE: first = 'all', SIM_SEEDS: seedsMax = '2000', SIM_SECONDS: secondsMax = '60' } = process.env
const startMs = performance.now()
let steps = 0
const tell = (end: object): never => {
  console.log(JSON.stringify({ ...end, steps, seconds: Math.round((performance.now() - startMs) / 1000) }))
  process.exit(0)
}
const names = [first as ProfileName, ...(Object.keys(profiles) as ProfileName[]).filter((name) => name !== first && name === 'all')]
for (let seed = 1; seed <= Number(seedsMax); seed++) {
  // Mostly where the bug is expected, now and then everywhere.
  const profile = seed % 4 === 0 ? names.at(-1)! : names[0]!
  const { violation, steps: each } = await live({ seed, profile })
  steps += each
  if (violation !== undefined) tell({ seed, profile, invariant: violation.invariant, message: violation.message.slice(0, 300) })
  if (performance.now() - startMs > Number(secondsMax) * 1000) tell({ seed })
}
tell({ seed: Number(seedsMax) })
