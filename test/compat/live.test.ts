import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { withoutApache } from '../apache/kafka-home.ts'
import { type RunningBroker, runBroker } from '../broker/broker-fixture.ts'
import { run } from '../cli/run-command.ts'
import { masked } from './masked.ts'
import { runTheirs } from './their-tool.ts'

/** One of each tool; `npm run compat:matrix` has all. */
const lines = [
  'kafka-topics --describe',
  'kafka-topics --describe --topic nope',
  'kafka-topics --list --frobnicate',
  'kafka-configs --describe --entity-type brokers --entity-name 1 --all',
  'kafka-configs --alter --topic orders --add-config retention.ms=abc',
  'kafka-get-offsets --topic orders',
  'kafka-consumer-groups --describe --group nope',
  'kafka-consumer-groups --reset-offsets --group readers --topic orders --to-earliest --dry-run',
  'kafka-groups --list',
  'kafka-log-dirs --describe --topic-list orders',
  'kafka-leader-election --election-type preferred --topic orders --partition 0',
  'kafka-broker-api-versions',
]

describe("the same line by Kafka's tool and by ours", { skip: withoutApache }, () => {
  let broker: RunningBroker
  before(async () => {
    broker = await runBroker()
    const made = await run([
      'compat',
      'kafka-topics',
      '--bootstrap-server',
      broker.bootstrap,
      '--create',
      '--topic',
      'orders',
      '--partitions',
      '3',
    ])
    assert.equal(made.code, 0, made.stdout)
  })
  after(async () => {
    await broker[Symbol.asyncDispose]()
  })

  for (const line of lines) {
    it(line, async () => {
      const [tool = '', ...words] = line.split(' ')
      const args = ['--bootstrap-server', broker.bootstrap, ...words]
      const theirs = await runTheirs(tool, args)
      const ours = await run(['compat', tool, ...args])
      assert.equal(masked(ours.stdout), masked(theirs.stdout))
      assert.equal(masked(ours.stderr), masked(theirs.stderr))
      assert.equal(ours.code, theirs.code)
    })
  }
})
