import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { defaultGroupConfig } from '../../src/coordinator/index.ts'
import { Errors } from '../../src/protocol/index.ts'
import { playTrace } from '../coordinator/group-trace.ts'
import { eventually, WireClient } from '../wire/wire-client.ts'
import { type ApacheKafka, startApacheKafka } from './apache-kafka.ts'
import { type Awaited, groupStage } from './group-stage.ts'
import { withoutApache } from './kafka-home.ts'

/** Scripts that need nothing but requests and a few seconds. */
const scripts = [
  'a-group-survives-its-coordinator',
  'a-leader-is-lost-while-others-sync',
  'a-rebalance-that-nobody-ends',
  'a-static-member-comes-back-during-a-rebalance',
  'commits-of-members-and-strangers',
  'deleting-a-group',
  'protocols-are-voted-for',
  'protocols-that-do-not-go-together',
  'requests-in-each-state',
  'requests-at-the-wrong-time',
  'sessions-and-leaving',
  'static-members-restart',
  'static-members-under-other-names',
  'the-initial-delay',
  'two-members-join-a-new-group',
]
const folder = join(import.meta.dirname, '../coordinator/traces')

/** The part that a broker can play too: up to where the log is looked into or the coordinator changed. */
const playable = (name: string): string => {
  const lines = readFileSync(join(folder, `${name}.txt`), 'utf8').split('\n')
  const end = lines.findIndex((line) => line === 'failover' || line === 'hold')
  return lines
    .slice(0, end < 0 ? undefined : end)
    .filter((line) => line !== 'records' && !line.startsWith('  '))
    .join('\n')
}

/** A line of a script and what was told below it. */
type Step = readonly [command: string, ...answers: string[]]
const stepsOf = (told: string): Step[] => {
  const steps: [string, ...string[]][] = []
  for (const line of told.split('\n')) {
    if (line.startsWith('  ')) steps.at(-1)!.push(line)
    else steps.push([line])
  }
  return steps
}
const waitsOf = (steps: readonly Step[]): Awaited[] =>
  steps.flatMap(([command, ...answers], at) => {
    if (!command.startsWith('wait')) return []
    const [next, described] = steps[at + 1] ?? []
    return [{ answers: answers.length, state: next === 'describe' ? described!.trim().split(' ')[0] : undefined }]
  })

/** Without what may differ: the order of members and of answers that come together, and names that are not told yet. */
const essence = (steps: readonly Step[]): string[] =>
  steps.map(([command, ...answers]) => [command, ...answers.map(withoutOrder).sort()].join('\n'))
const withoutOrder = (line: string): string => {
  const joined = /^ {2}(\S+): joined (.*) leader=(\S+)(?: members=(\S+))?(.*)$/.exec(line)
  if (joined !== null) {
    const [, name, generation, leader, members = '', rest] = joined
    const metadata = members.split(',').map((member) => member.split(':')[1])
    return `  ${name}: joined ${generation} ${leader === name ? 'leads' : 'follows'} ${metadata.sort()}${rest}`
  }
  return line.replaceAll('~', '').split(' ').sort().join(' ')
}

describe('groups by script, played to Apache Kafka', { skip: withoutApache, concurrency: true }, () => {
  let kafka: ApacheKafka
  before(async () => {
    kafka = await startApacheKafka({
      properties: {
        'group.initial.rebalance.delay.ms': defaultGroupConfig.initialRebalanceDelayMs,
        'offsets.topic.num.partitions': 1,
        'num.network.threads': 1,
        'num.io.threads': 1,
      },
    })
    using client = await WireClient.open(portOf(kafka))
    await client.call('CreateTopics', 7, { topics: [{ name: 'orders', numPartitions: 5, replicationFactor: 1 }], timeoutMs: 30_000 })
    // The first look for a coordinator makes its topic.
    await eventually(
      'a group can commit',
      async () => {
        const { coordinators } = await client.call('FindCoordinator', 4, { coordinatorKeys: ['first'] })
        if (coordinators[0].errorCode !== Errors.NONE) return false
        const topics = [{ name: 'orders', partitions: [{ partitionIndex: 0, committedOffset: 0 }] }]
        const committed = await client.call('OffsetCommit', 8, { groupId: 'first', topics })
        return committed.topics[0].partitions[0].errorCode === Errors.NONE
      },
      60_000,
    )
  })
  after(() => kafka?.kill())

  for (const name of scripts) {
    test(`${name.replaceAll('-', ' ')}: the same answers as ours`, async () => {
      const script = playable(name)
      const ours = stepsOf(await playTrace(script))
      using stage = groupStage(portOf(kafka), name, waitsOf(ours))
      const theirs = stepsOf(await playTrace(script, async () => stage, name))
      assert.deepEqual(essence(theirs), essence(ours))
    })
  }
})

const portOf = ({ bootstrap }: ApacheKafka): number => Number(bootstrap.split(':')[1])
