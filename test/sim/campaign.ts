import { parseArgs } from 'node:util'
import type { Journal, JournalFields } from '../../src/host/index.ts'
import { survive } from './survival.ts'

/** Many lives of clusters: `npm run sim -- --seeds 1..100 [--apart]`, with controllers that are no brokers. One seed, with `--log`, tells what happened. */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1..20' },
    log: { type: 'boolean', default: false },
    apart: { type: 'boolean', default: false },
  },
})
const shape = { brokers: [1, 2, 3], controllers: values.apart ? [11, 12, 13] : [1, 2, 3] }
const [first, last] = values.seeds.split('..').map(Number)

const told = (host: string, room = ''): Journal => {
  const say =
    (level: string) =>
    (message: string, fields?: JournalFields): void => {
      const text = JSON.stringify(fields, (_key, value) => (value instanceof Error ? value.message : value))
      console.log(host, room, level, message, text)
    }
  return {
    ...{ level: 'info', trace: () => {}, debug: () => {}, info: say('info'), warn: say('warn'), error: say('error'), fatal: say('fatal') },
    child: (name) => told(host, name),
  }
}

let records = 0
const failed: number[] = []
for (let seed = first!; seed <= (last ?? first!); seed++) {
  try {
    records += await survive(seed, shape, values.log ? told : undefined)
  } catch (error) {
    failed.push(seed)
    console.log(`seed ${seed}: ${(error as Error).message.split('\n').slice(0, 12).join('\n')}`)
    console.log(`  again: npm run sim -- --seeds ${seed}..${seed} --log${values.apart ? ' --apart' : ''}`)
  }
}
console.log(`${(last ?? first!) - first! + 1} lives, ${records} records acknowledged, ${failed.length} failed: ${failed.join(' ')}`)
process.exitCode = failed.length > 0 ? 1 : 0
