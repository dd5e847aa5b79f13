/**
 * Real processes under faults, and what their clients saw of it.
 *
 *     npm run chaos -- --minutes 10 --cluster tkafka|apache|mixed [--apart] [--seed 7] [--faults kill,pause,…] [--unsafe] [--proxies]
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { withoutApache } from '../apache/kafka-home.ts'
import type { Kind } from './chaos-node.ts'
import { type FaultKind, faultKinds } from './faults.ts'
import { reportLines } from './report.ts'
import { isBad, runChaos } from './run.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    cluster: { type: 'string', default: 'tkafka' },
    apart: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    faults: { type: 'string', default: faultKinds.join() },
    rate: { type: 'string', default: '1000' },
    hold: { type: 'string', default: '3..10' },
    timeouts: { type: 'string', default: 'short' },
    unsafe: { type: 'boolean', default: false },
    proxies: { type: 'boolean', default: false },
  },
})

const refuse = (why: string): never => {
  console.error(why)
  process.exit(2)
}

const clusters: Readonly<Record<string, readonly [Kind, Kind, Kind]>> = {
  tkafka: ['tkafka', 'tkafka', 'tkafka'],
  apache: ['apache', 'apache', 'apache'],
  mixed: ['tkafka', 'apache', 'tkafka'],
}
const kinds = clusters[values.cluster] ?? refuse(`--cluster ${values.cluster}: one of ${Object.keys(clusters).join(', ')}`)
if (kinds.includes('apache') && withoutApache !== false) refuse(withoutApache)
const wanted = values.faults.split(',') as FaultKind[]
for (const kind of wanted) if (!faultKinds.includes(kind)) refuse(`--faults ${kind}: some of ${faultKinds.join(', ')}`)
const { timeouts } = values
if (timeouts !== 'short' && timeouts !== 'kafka') throw refuse(`--timeouts ${timeouts}: short or kafka`)
const [from, to] = values.hold.split('..').map((seconds) => Number(seconds) * 1000)

const folder = mkdtempSync(join(tmpdir(), `tkafka-chaos-${values.cluster}-${values.seed}-`))
console.log(`chaos of ${values.cluster}${values.apart ? ', controllers apart' : ''}, seed ${values.seed}, in ${folder}`)
const result = await runChaos({
  ...{ seed: Number(values.seed), minutes: Number(values.minutes), rate: Number(values.rate), faults: wanted },
  ...{
    kinds,
    folder,
    apart: values.apart,
    unsafe: values.unsafe,
    proxies: values.proxies,
    timeouts,
    holdMs: [from!, to ?? from!],
    say: console.log,
  },
})
console.log(['', ...reportLines(result)].join('\n'))
if (isBad(result)) console.log(`history, logs and directories of the nodes are kept in ${folder}`)
process.exit(isBad(result) ? 1 : 0)
