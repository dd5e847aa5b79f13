import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type RunningBroker, runBroker } from '../broker/broker-fixture.ts'
import { run } from '../cli/run-command.ts'
import { masked } from './masked.ts'
import { readCase } from './recorded.ts'

/** In the order in which they were recorded: later ones see what earlier ones made. */
const topics = [
  ...['no-arguments', 'no-action', 'no-bootstrap', 'two-actions', 'unknown-option', 'version', 'list-empty', 'describe-empty', 'create'],
  ...[
    'create-exists',
    'create-if-not-exists',
    'create-too-many-replicas',
    'create-bad-name',
    'create-name-too-long',
    'create-zero-partitions',
  ],
  ...['create-dot', 'create-collision', 'create-config', 'create-unknown-config', 'create-bad-config-value', 'create-bad-config-range'],
  ...['create-assignment', 'create-assignment-unknown-broker', 'create-assignment-and-partitions', 'create-defaults', 'list', 'list-regex'],
  ...['list-exclude-internal', 'describe', 'describe-topic', 'describe-config', 'describe-missing', 'describe-missing-if-exists'],
  ...['describe-under-replicated-partitions', 'describe-unavailable-partitions', 'describe-under-min-isr-partitions'],
  ...['describe-at-min-isr-partitions', 'describe-topics-with-overrides', 'describe-topic-id-missing', 'alter-partitions'],
  ...[
    'alter-same-partitions',
    'alter-fewer-partitions',
    'alter-missing',
    'alter-config',
    'delete',
    'delete-missing',
    'delete-missing-if-exists',
  ],
].map((name) => `kafka-topics-${name}`)

const offsets = ['bad-time', 'missing'].map((name) => `kafka-get-offsets-${name}`)

const configs = [
  ...['no-action', 'no-bootstrap', 'no-entity-type', 'bad-entity-type', 'topics-alter', 'topics-alter-list', 'topics-describe-short'],
  ...['topics-alter-bad-value', 'topics-alter-bad-syntax', 'topics-alter-unknown', 'topics-alter-missing', 'topics-delete-config'],
  ...['topics-delete-config-not-set', 'topics-describe-missing', 'brokers-alter', 'brokers-alter-bad-value', 'brokers-alter-read-only'],
  ...['brokers-alter-not-a-number', 'brokers-alter-default', 'users-alter-quota'],
  ...['users-alter-default', 'users-alter-bad-value', 'users-alter-unknown', 'users-alter-scram-few-iterations'],
  ...['users-clients-alter', 'users-clients-describe-one', 'clients-alter', 'clients-alter-default', 'clients-describe', 'ips-alter'],
  ...['ips-describe-one', 'ips-alter-bad', 'groups-alter', 'groups-alter-unknown', 'client-metrics-alter', 'client-metrics-describe'],
].map((name) => `kafka-configs-${name}`)

const groups = [
  ...['kafka-consumer-groups-no-action', 'kafka-consumer-groups-describe-no-group', 'kafka-consumer-groups-describe-missing'],
  ...['kafka-consumer-groups-delete-missing', 'kafka-groups-no-action', 'kafka-groups-list-streams'],
]

const streams = ['no-action', 'list', 'delete-missing'].map((name) => `kafka-streams-groups-${name}`)

const cluster = [
  ...['feature-dependencies', 'no-command', 'version-mapping', 'version-mapping-latest', 'upgrade-dry-run', 'upgrade-too-high'],
  ...['upgrade-unknown', 'upgrade-metadata', 'upgrade-release', 'downgrade-dry-run', 'downgrade-metadata', 'disable', 'disable-metadata'],
].map((name) => `kafka-features-${name}`)

const transactions = [...['no-command', 'find-hanging-none', 'force-terminate-wrong-name', 'describe-producers-missing']].map(
  (name) => `kafka-transactions-${name}`,
)

const others = [
  ...[
    'kafka-cluster-no-command',
    'kafka-cluster-unregister-missing',
    'kafka-metadata-quorum-nothing',
    'kafka-metadata-quorum-add-controller',
  ],
  ...[
    'kafka-leader-election-no-type',
    'kafka-leader-election-missing',
    'kafka-leader-election-preferred-one',
    'kafka-leader-election-unclean',
  ],
  ...['alter', 'alter-nothing', 'describe-missing', 'delete-missing'].map((name) => `kafka-client-metrics-${name}`),
  ...['kafka-acls-no-action', 'kafka-acls-add-no-resource', 'kafka-acls-add-bad-principal'],
  ...['kafka-log-dirs-describe-missing-broker', 'kafka-broker-api-versions-controller', 'kafka-console-consumer-no-topic'],
  ...['kafka-console-consumer-bad-offset', 'kafka-console-consumer-offset-without-partition', 'kafka-console-producer-no-topic'],
  'kafka-producer-perf-test-no-server',
]

describe("what Kafka's tools printed", () => {
  let broker: RunningBroker
  before(async () => {
    broker = await runBroker()
  })
  after(() => broker[Symbol.asyncDispose]())

  for (const name of [
    ...topics,
    ...offsets,
    ...configs,
    ...groups,
    ...streams,
    ...cluster,
    ...transactions,
    'kafka-share-groups-delete-missing',
    ...others,
  ]) {
    it(name, async () => {
      const { tool, args, code, stdout, stderr } = readCase(name)
      const ran = await run(['compat', tool, ...args.map((word) => word.replace('localhost:9092', broker.bootstrap))])
      const plain = (text: string): string => shape(text.replaceAll(broker.bootstrap, 'localhost:9092'))
      assert.equal(plain(ran.stdout), shape(stdout))
      assert.equal(plain(ran.stderr), shape(stderr))
      assert.equal(ran.code, code)
    })
  }
})

/** Help is compared elsewhere; ids are new in each cluster. */
function shape(text: string): string {
  // What was recorded always ends its last line.
  return masked(text.replace(/(.)$/s, (last) => (last === '\n' ? last : `${last}\n`)))
    .replace(/^Option( \(\* = required\))? +Description[\s\S]*$/m, '[option table]\n')
    .replace(/TopicId: \S+/g, 'TopicId: ID')
}
