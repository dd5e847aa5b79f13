import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { playTrace } from '../coordinator/group-trace.ts'
import { type ApacheKafka, startApacheKafka } from './apache-kafka.ts'
import { groupStage } from './group-stage.ts'
import { withoutApache } from './kafka-home.ts'

/** Scripts that need nothing but requests and a few seconds. */
const scripts = [
  'a-group-survives-its-coordinator',
  'a-rebalance-that-nobody-ends',
  'a-static-member-comes-back-during-a-rebalance',
  'commits-of-members-and-strangers',
  'deleting-a-group',
  'protocols-are-voted-for',
  'requests-at-the-wrong-time',
  'sessions-and-leaving',
  'static-members-restart',
  'static-members-under-other-names',
]
const folder = join(import.meta.dirname, '../coordinator/traces')
const DELAY_MS = 500

/** The part that a broker can play too: up to where the log is looked into or the coordinator changed, at the delay of that broker. */
const playable = (name: string): string => {
  const lines = readFileSync(join(folder, `${name}.txt`), 'utf8').split('\n')
  const end = lines.findIndex((line) => line === 'failover' || line === 'hold')
  return lines
    .slice(0, end < 0 ? undefined : end)
    .filter((line) => line !== 'records' && !line.startsWith('  '))
    .map((line) => line.replace('initialRebalanceDelayMs=0', `initialRebalanceDelayMs=${DELAY_MS}`).replace(/^wait 10$/, 'wait 1100'))
    .join('\n')
}

/** Without what may differ: the order of members and of answers that come together, and names that are not told yet. */
const essence = (told: string): string[] => {
  const steps: string[][] = []
  for (const line of told.split('\n')) {
    if (line.startsWith('  ')) steps.at(-1)!.push(withoutOrder(line))
    else steps.push([line])
  }
  return steps.map(([command, ...answers]) => [command, ...answers.sort()].join('\n'))
}
const withoutOrder = (line: string): string => {
  const joined = /^ {2}(\S+): joined (.*) leader=(\S+)(?: members=(\S+))?(.*)$/.exec(line)
  if (joined !== null) {
    const [, name, generation, leader, members = '', rest] = joined
    const metadata = members.split(',').map((member) => member.split(':')[1])
    return `  ${name}: joined ${generation} ${leader === name ? 'leads' : 'follows'} ${metadata.sort()}${rest}`
  }
  return line.replaceAll('~', '').split(' ').sort().join(' ')
}

const ATTEMPTS = 3

describe('groups by script, played to Apache Kafka', { skip: withoutApache, concurrency: true }, () => {
  let kafka: ApacheKafka
  before(async () => {
    kafka = await startApacheKafka({ properties: { 'group.initial.rebalance.delay.ms': DELAY_MS, 'offsets.topic.num.partitions': 1 } })
    await kafka.tool('topics', ['--create', '--topic', 'orders', '--partitions', '5'])
    // The first look for a coordinator makes its topic.
    await kafka.tool('console-consumer', ['--topic', 'orders', '--group', 'first', '--timeout-ms', '3000'])
  })
  after(() => kafka?.kill())

  for (const name of scripts) {
    test(`${name.replaceAll('-', ' ')}: the same answers as ours`, async () => {
      const script = playable(name)
      const port = Number(kafka.bootstrap.split(':')[1])
      const ours = essence(await playTrace(script))
      // The script goes by the clock, and a busy machine may lose a beat of it: what differs must differ every time.
      for (let attempt = 1; ; attempt++) {
        const theirs = essence(await playTrace(script, async () => groupStage('127.0.0.1', port), `${name}-${attempt}`))
        if (attempt < ATTEMPTS && !isDeepStrictEqual(theirs, ours)) continue
        assert.deepEqual(theirs, ours)
        return
      }
    })
  }
})
