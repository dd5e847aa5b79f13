import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { zeroUuid } from '../../src/base/index.ts'
import type { AclBinding, Admin, Quota } from '../../src/client/index.ts'
import { operationsOf } from '../../src/ops/acl-terms.ts'
import {
  type ClusterState,
  changedFacts,
  changesBetween,
  type DesiredState,
  desiredEntries,
  desiredKinds,
  desiredText,
  hasEndMark,
  isMade,
  isSameValue,
  keepAll,
  type ObservedState,
  observeCluster,
  type Pruning,
  planText,
  quotaEntityKey,
  readDesired,
  readPlan,
  ruleKey,
} from '../../src/ops/desired/index.ts'
import { KafkaError } from '../../src/protocol/index.ts'

const read = (text: string): ReturnType<typeof readDesired> => readDesired([{ path: 'f.yaml', text }])
const state = (text: string): DesiredState => {
  const { state: read, faults } = readDesired([{ path: 'f.yaml', text }])
  assert.deepEqual(faults, [])
  return read
}
const faults = (text: string): string[] => read(text).faults.map(({ place, what, next }) => `${place} ${what}. ${next}`)

describe('files that say what a cluster shall be', () => {
  it('have topics, settings, rules and quotas', () => {
    const { topics, configs, acls, quotas } = state(`
topics:
  orders: { partitions: 6, replicationFactor: 3, configs: { retention.ms: 604800000, cleanup.policy: [compact, delete] } }
  payments:
configs:
  brokers:
    default: { log.cleaner.threads: 2 }
    1: { log.cleaner.threads: 3 }
acls:
  - { principal: 'User:billing', allow: [read, DescribeConfigs], topic: orders, pattern: prefixed }
  - { principal: 'User:*', deny: all, cluster: true, host: 10.0.0.1 }
quotas:
  - { user: billing, client-id: etl, values: { producer_byte_rate: 1048576 } }
  - { default: client-id, values: { request_percentage: 50.5 } }
`)
    assert.deepEqual(topics, [
      { name: 'orders', partitions: 6, replicationFactor: 3, configs: { 'retention.ms': '604800000', 'cleanup.policy': 'compact,delete' } },
      { name: 'payments', partitions: null, replicationFactor: null, configs: {} },
    ])
    assert.deepEqual(configs, [
      { type: 'brokers', name: '', configs: { 'log.cleaner.threads': '2' } },
      { type: 'brokers', name: '1', configs: { 'log.cleaner.threads': '3' } },
    ])
    assert.deepEqual(
      acls.map(({ operation, resourceType, name, patternType, host, permission }) =>
        [permission, operation, resourceType, name, patternType, host].join(' '),
      ),
      [
        'ALLOW READ TOPIC orders PREFIXED *',
        'ALLOW DESCRIBE_CONFIGS TOPIC orders PREFIXED *',
        'DENY ALL CLUSTER kafka-cluster LITERAL 10.0.0.1',
      ],
    )
    assert.deepEqual(quotas, [
      { entity: { user: 'billing', 'client-id': 'etl' }, values: { producer_byte_rate: 1048576 } },
      { entity: { 'client-id': null }, values: { request_percentage: 50.5 } },
    ])
  })

  it('keep values as they are written: no digit is lost, and a switch is a text', () => {
    const [topic] = state('topics: {t: {configs: {a: 9223372036854775807, b: 0.50, c: true, d: "", e: 1e3}}}').topics
    assert.deepEqual(topic!.configs, { a: '9223372036854775807', b: '0.50', c: 'true', d: '', e: '1e3' })
  })

  it('tell what they speak of: a list that is empty, too', () => {
    assert.deepEqual([...state('topics: {}\nacls: []').kinds], ['topics', 'acls'])
    assert.deepEqual([...state('# nothing\n').kinds], [])
  })

  for (const [text, said] of [
    ['topics:\n  a:\n    partition: 3', /^f\.yaml:3 topic a has no partition\. Did you mean partitions\?$/],
    ['topics:\n  a: {partitions: 0}', /^f\.yaml:2 partitions of topic a is no number from 1 to 2147483647\./],
    ['topics:\n  a: {partitions: six}', /^f\.yaml:2 partitions of topic a is no number/],
    ['topics:\n  a/b: {}', /^f\.yaml:2 a\/b is no name of a topic\. Letters/],
    ['topics:\n  a:\n    configs:\n      retention.ms:', /^f\.yaml:4 retention\.ms of topic a has no value\. Write ''/],
    ['topics:\n  a: {}\n  a: {}', /^f\.yaml:3 it is no YAML: Map keys must be unique/],
    ['topics:\n  a: {}\n---\ntopics:\n  a: {}', /^f\.yaml:5 topic a stands in f\.yaml:2 already\. Leave one of them\.$/],
    ['topics: [a]', /^f\.yaml:1 topics: KEY: VALUE is expected here/],
    ['topic: {}', /^f\.yaml:1 a file has no topic\. Did you mean topics\?$/],
    ['apiVersion: v2', /^f\.yaml:1 apiVersion v2 is not known\. It is tkafka\/v1/],
    ['configs: {topics: {a: {b: 1}}}', /settings of topics do not stand below configs\. Write topics: NAME/],
    ['configs: {brokers: {one: {b: 1}}}', /one is no broker\. Write the id of one, or default/],
    [
      'configs:\n  brokers:\n    1: {ssl.keystore.password: x}',
      /^f\.yaml:3 ssl\.keystore\.password of brokers 1 is a secret\. .*configs alter/,
    ],
    ['acls:\n- {allow: read, topic: a}', /^f\.yaml:2 a rule needs a principal with its type/],
    ["acls:\n- {principal: 'User:a', topic: a}", /needs either allow or deny/],
    ["acls:\n- {principal: 'User:a', allow: read}", /is about one thing\. Write one of topic, group/],
    ["acls:\n- {principal: 'User:a', allow: [read, fly], topic: a}", /^f\.yaml:2 fly is no operation of a topic\. One of all, read, write/],
    ["acls:\n- {principal: 'User:a', allow: read, topic: a, pattern: match}", /pattern match is not known\. Write literal or prefixed/],
    ['quotas:\n- {values: {request_percentage: 1}}', /a quota of nobody/],
    ['quotas:\n- {user: a, values: {producer_rate: 1}}', /values has no producer_rate\. Did you mean producer_byte_rate\?/],
    ['quotas:\n- {user: a, values: {request_percentage: much}}', /request_percentage is no number/],
    ['quotas:\n- {user: , values: {request_percentage: 1}}', /user has no name\. Write default: user/],
    ['a: b: c', /^f\.yaml:1 it is no YAML: /],
    ['- 1', /^f\.yaml:1 a file: KEY: VALUE is expected here/],
  ] as const) {
    it(`are refused with file, line, what and what next: ${text.replaceAll('\n', '⏎')}`, () =>
      assert.match(faults(text)[0] ?? 'no fault', said))
  }

  it('tell all their mistakes at once', () => {
    assert.equal(faults('topics:\n  a: {partitions: 0, x: 1}\n  b/c:\nquotas: 1').length, 4)
  })
})

const name = fc.stringMatching(/^[a-z][a-z0-9._-]{0,6}$/)
const text = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom('on', 'null', '12:30', '0x1f', '1e3', '007', '-1', '~', 'true', ' a', '#a', '9223372036854775807', ''),
)
const key = fc.stringMatching(/^[a-z]+(\.[a-z]+){0,2}$/).filter((each) => !/(password|secret|credentials?)$/.test(each))
const settings = fc.dictionary(key, text, { maxKeys: 4, noNullPrototype: true })
const count = fc.integer({ min: 1, max: 9 })
const rule: fc.Arbitrary<AclBinding> = fc
  .tuple(fc.constantFrom('TOPIC' as const, 'GROUP' as const, 'CLUSTER' as const), fc.nat(), name, fc.boolean(), fc.boolean(), name)
  .map(([resourceType, at, what, isPrefix, isAllowed, who]) => ({
    resourceType,
    name: resourceType === 'CLUSTER' ? 'kafka-cluster' : what,
    patternType: isPrefix && resourceType !== 'CLUSTER' ? 'PREFIXED' : 'LITERAL',
    principal: `User:${who}`,
    host: '*',
    operation: operationsOf[resourceType][at % operationsOf[resourceType].length]!,
    permission: isAllowed ? 'ALLOW' : 'DENY',
  }))
const quota: fc.Arbitrary<Quota> = fc.record({
  entity: fc.oneof(
    fc.record({ user: fc.option(name) }),
    fc.record({ 'client-id': fc.option(name) }),
    fc.record({ user: fc.option(name), 'client-id': fc.option(name) }),
  ),
  values: fc.record({ producer_byte_rate: count }),
})
const clusterState: fc.Arbitrary<ClusterState> = fc.record({
  topics: fc.uniqueArray(fc.record({ name, partitions: count, replicationFactor: count, configs: settings }), {
    selector: (each) => each.name,
    maxLength: 4,
  }),
  configs: fc.uniqueArray(
    fc.record({ type: fc.constant('brokers' as const), name: fc.constantFrom('', '1', '10', '2'), configs: settings }),
    {
      selector: (each) => each.name,
    },
  ),
  acls: fc.uniqueArray(rule, { selector: ruleKey, maxLength: 5 }),
  quotas: fc.uniqueArray(quota, { selector: (each) => quotaEntityKey(each.entity), maxLength: 4 }),
})
const desiredOf = (cluster: ClusterState): DesiredState => ({ ...cluster, kinds: new Set(desiredKinds), places: new Map() })
const observedOf = (cluster: ClusterState): ObservedState => ({
  ...cluster,
  topics: cluster.topics.map((topic) => ({
    ...topic,
    partitions: topic.partitions!,
    replicationFactor: topic.replicationFactor!,
    id: null,
    internal: false,
  })),
  untold: [],
  areMovesUnseen: false,
  failures: [],
})
const keepNothing: Pruning = { configs: true, kinds: new Set(['topics', 'acls', 'quotas']), prefix: '' }

describe('what a file says', () => {
  it('comes back as it was written, whatever the values', () => {
    fc.assert(
      fc.property(clusterState, (cluster) => {
        const written = desiredText(desiredEntries(cluster), desiredKinds)
        assert.ok(hasEndMark(written) && !hasEndMark(written.slice(0, -2)))
        const back = state(written)
        assert.equal(desiredText(desiredEntries(back), desiredKinds), written)
        assert.deepEqual(changesBetween(back, observedOf(cluster), keepNothing), [])
      }),
      { seed: 7 },
    )
  })

  it('leads from any cluster to the one it says, when all else may go', () => {
    fc.assert(
      fc.property(clusterState, clusterState, (wanted, now) => {
        const changes = changesBetween(desiredOf(wanted), observedOf(now), keepNothing)
        const after = observedOf(wanted)
        for (const change of changes) assert.ok(isMade(change, after), JSON.stringify(change))
        assert.deepEqual(changesBetween(desiredOf(wanted), after, keepNothing), [])
      }),
      { seed: 7 },
    )
  })

  it('never takes away what it does not name, unless it may', () => {
    fc.assert(
      fc.property(clusterState, clusterState, (wanted, now) => {
        const changes = changesBetween(desiredOf(wanted), observedOf(now), keepAll)
        assert.ok(
          changes.every((each) => each.what !== 'delete-topic' && each.what !== 'remove-rule' && !('to' in each && each.to === null)),
        )
      }),
      { seed: 7 },
    )
  })
})

describe('what goes', () => {
  const now = observedOf({
    topics: ['a.1', 'a.2', 'b.1', '__internal'].map((each) => ({ name: each, partitions: 1, replicationFactor: 1, configs: {} })),
    configs: [],
    acls: [],
    quotas: [],
  })
  const gone = (file: string, pruning: Partial<Pruning>): string[] =>
    changesBetween(state(file), now, { ...keepAll, ...pruning }).flatMap((each) => (each.what === 'delete-topic' ? [each.topic] : []))

  it('has to be asked for by kind, begins with the prefix, and is of a kind that the files speak of', () => {
    assert.deepEqual(gone('topics: {a.1: }', {}), [])
    assert.deepEqual(gone('topics: {a.1: }', { kinds: new Set(['acls']), prefix: 'a.' }), [])
    assert.deepEqual(gone('topics: {a.1: }', { kinds: new Set(['topics']), prefix: 'a.' }), ['a.2'])
    assert.deepEqual(gone('acls: []', { kinds: new Set(['topics']), prefix: 'a.' }), [])
  })

  it('is no topic in which another program keeps its state, unless the prefix says so', () => {
    const names = ['_schemas', '__remote_log_metadata', 'connect-configs', 'connected']
    const observed = { ...now, topics: names.map((each) => ({ ...now.topics[0]!, name: each })) }
    const goneBy = (prefix: string): string[] =>
      changesBetween(state('topics: {}'), observed, { ...keepNothing, prefix }).flatMap((each) =>
        each.what === 'delete-topic' ? [each.topic] : [],
      )
    assert.deepEqual(goneBy(''), ['connected'])
    assert.deepEqual(goneBy('con'), ['connected'])
    assert.deepEqual(goneBy('_s'), ['_schemas'])
    assert.deepEqual(goneBy('connect-'), ['connect-configs'])
  })

  it('is never a topic of the cluster itself', () => {
    const observed = { ...now, topics: now.topics.map((topic) => ({ ...topic, internal: topic.name.startsWith('__') })) }
    const changes = changesBetween(state('topics: {}'), observed, keepNothing)
    assert.deepEqual(
      changes.map((each) => each.what === 'delete-topic' && each.topic),
      ['a.1', 'a.2', 'b.1'],
    )
  })
})

describe('values of settings', () => {
  it('are the same when a broker would read the same', () => {
    for (const [one, other] of [
      ['compact, delete', 'compact,delete'],
      ['0.50', '0.5'],
      ['TRUE', 'true'],
      ['+7', '7'],
    ] as const)
      assert.ok(isSameValue(one, other), one)
    assert.ok(!isSameValue('9223372036854775807', '9223372036854775806'))
    assert.ok(!isSameValue('a', 'A'))
  })
})

describe('a kept plan', () => {
  const whole = planText({
    clusterId: 'c',
    facts: [{ of: ['topic', 't'], is: null }],
    changes: [{ what: 'create-topic', topic: { name: 't', partitions: null, replicationFactor: null, configs: {} } }],
  })

  it('comes back as it was written', () => assert.equal(planText(readPlan(whole)!), whole))

  it('is refused when it is not whole, or was changed since', () => {
    for (const bad of ['', '{', '[]', '{"kind":"ApplyPlan"}', whole.slice(0, -5), whole.replace('"t"', '"u"'), whole.replace('"c"', '"d"')])
      assert.equal(readPlan(bad), undefined)
  })

  it('tells in words what has changed since', () => {
    const rule: AclBinding = {
      resourceType: 'TOPIC',
      name: 't',
      patternType: 'LITERAL',
      principal: 'User:a',
      host: '*',
      operation: 'READ',
      permission: 'DENY',
    }
    const before = [
      { of: ['topic', 't'], is: null },
      { of: ['setting', 'brokers', '', 'log.cleaner.threads'], is: '1' },
      { of: ['rule', ruleKey(rule)], is: 'there' },
      { of: ['quota', quotaEntityKey({ user: 'a', 'client-id': null }), 'request_percentage'], is: '1' },
      { of: ['setting', 'topics', 't', 'retention.ms'], is: '5' },
    ]
    const now = [
      { ...before[0]!, is: '1 partitions of 1 replicas' },
      { ...before[1]!, is: null },
      { ...before[2]!, is: null },
      { ...before[3]!, is: '2' },
      before[4]!,
    ]
    assert.deepEqual(changedFacts(before, now), [
      'topic t was not there, and is 1 partitions of 1 replicas',
      'brokers default log.cleaner.threads was 1, and is not there',
      'the rule DENY User:a READ TOPIC t was there, and is not there',
      'request_percentage of client-id=<default>, user=a was 1, and is 2',
    ])
  })
})

describe('what is seen of a cluster', () => {
  it('is seen without the right to see moves of replicas as well', async () => {
    const admin = {
      listTopics: async () => [{ name: 'a', topicId: zeroUuid, partitionCount: 2, replicationFactor: 3, internal: false }],
      listReassignments: () => Promise.reject(new KafkaError(31, 'no')),
      describeConfigs: async (queries: object[]) => queries.map((item) => ({ item, error: null, value: [] })),
    } as unknown as Admin
    const seen = await observeCluster(admin, { topics: null, resources: [], acls: false, quotas: false })
    assert.deepEqual([seen.failures, seen.areMovesUnseen, seen.topics[0]?.replicationFactor], [[], true, 3])
  })

  it('has no secrets and no throttles, replicas as many as there will be, and tells what could not be seen', async () => {
    const denied = { code: 29, name: 'TOPIC_AUTHORIZATION_FAILED', message: 'no', retriable: false }
    const own = (name: string, value: string | null, sensitive = false) => ({ name, value, sensitive, source: 'DYNAMIC_TOPIC_CONFIG' })
    const admin = {
      listTopics: async () =>
        ['a', 'b', 'c'].map((each) => ({
          name: each,
          topicId: each === 'a' ? 'id-of-a' : zeroUuid,
          partitionCount: 2,
          replicationFactor: 4,
          internal: false,
        })),
      listReassignments: async () => [{ topic: 'a', partition: 0, replicas: [1, 2, 3, 4], adding: [3, 4], removing: [1] }],
      describeConfigs: async (queries: { name: string }[]) =>
        queries.map((item) => {
          if (item.name === 'b') return { item, error: denied, value: null }
          if (item.name === 'c') return { item, error: { ...denied, code: 3 }, value: null }
          const value = [
            own('x', '1'),
            own('y.password', null, true),
            own('leader.replication.throttled.replicas', '*'),
            { ...own('z', '1'), source: 'DEFAULT_CONFIG' },
          ]
          return { item: { ...item, type: 'topic' }, error: null, value }
        }),
      describeAcls: () => Promise.reject(new KafkaError(54, 'no authorizer')),
    } as unknown as Admin
    const seen = await observeCluster(admin, { topics: null, resources: [], acls: true, quotas: false })
    assert.deepEqual(seen.topics, [{ name: 'a', id: 'id-of-a', partitions: 2, replicationFactor: 3, configs: { x: '1' }, internal: false }])
    assert.deepEqual(seen.untold, ['topics a y.password'])
    assert.deepEqual(
      seen.failures.map(({ kind, item, error }) => `${kind} ${item} ${error.name}`),
      ['acls  SECURITY_DISABLED', 'topics topics b TOPIC_AUTHORIZATION_FAILED'],
    )
  })
})
