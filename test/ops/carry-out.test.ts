import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AclBinding, Admin } from '../../src/client/index.ts'
import { type Carried, type Change, makeChanges } from '../../src/ops/desired/index.ts'
import { KafkaError } from '../../src/protocol/index.ts'

const aRule: AclBinding = {
  resourceType: 'TOPIC',
  name: 't',
  patternType: 'LITERAL',
  principal: 'User:a',
  host: '*',
  operation: 'READ',
  permission: 'ALLOW',
}

describe('making changes', () => {
  it('tells what failed by name, and does the rest', async () => {
    const asked: string[] = []
    const admin = {
      createTopics: async (topics: { name: string }[]) =>
        topics.map((item) => ({
          item,
          value: null,
          error: item.name === 'bad' ? { code: 44, name: 'POLICY_VIOLATION', message: 'not here', retriable: false } : null,
        })),
      createPartitions: () => Promise.reject(new KafkaError(41, 'moved')),
      createAcls: async (rules: unknown[]) => rules.map((item) => ({ item, error: null, value: asked.push('rule') })),
    } as unknown as Admin
    const topic = (of: string) => ({ name: of, partitions: 1, replicationFactor: 1, configs: {} })
    const changes: Change[] = [
      { what: 'create-topic', topic: topic('bad') },
      { what: 'create-topic', topic: topic('good') },
      { what: 'partitions', topic: 'old', from: 1, to: 2 },
      { what: 'add-rule', rule: aRule },
    ]
    const { outcomes } = await makeChanges(admin, changes)
    assert.deepEqual(
      outcomes.map(({ item, error }) => [item.what, error?.name ?? 'done']),
      [
        ['create-topic', 'POLICY_VIOLATION'],
        ['create-topic', 'done'],
        ['partitions', 'NOT_CONTROLLER'],
        ['add-rule', 'done'],
      ],
    )
    assert.deepEqual(asked, ['rule'])
  })

  const takingAway: Change[] = [
    { what: 'replication', topic: 'old', from: 3, to: 2 },
    { what: 'remove-rule', rule: aRule },
    { what: 'delete-topic', topic: 'old', id: null, partitions: 1 },
  ]
  const refusing = (asked: string[]): Admin => {
    const timedOut = { code: 7, name: 'REQUEST_TIMED_OUT', message: 'late', retriable: true }
    const answer = (what: string) => async (items: readonly unknown[]) => {
      asked.push(what)
      return items.map((item) => ({ item, value: null, error: timedOut }))
    }
    return {
      createTopics: answer('create'),
      createAcls: answer('allow'),
      deleteAcls: answer('deny'),
      deleteTopics: answer('delete'),
    } as unknown as Admin
  }

  it('takes nothing away when something failed before, and tells what it left', async () => {
    for (const first of [
      { what: 'create-topic', topic: { name: 'new', partitions: 1, replicationFactor: 1, configs: {} } },
      { what: 'add-rule', rule: aRule },
    ] satisfies Change[]) {
      const asked: string[] = []
      const after = takingAway.slice(first.what === 'add-rule' ? 1 : 0)
      const { outcomes, left } = await makeChanges(refusing(asked), [first, ...after])
      assert.deepEqual(
        outcomes.map(({ item, error }) => `${item.what} ${error?.name}`),
        [`${first.what} REQUEST_TIMED_OUT`],
      )
      assert.deepEqual(left, after)
      assert.equal(asked.length, 1)
    }
  })

  it('keeps topics when a rule could not be taken away', async () => {
    const asked: string[] = []
    const { left } = await makeChanges(refusing(asked), takingAway.slice(1))
    assert.deepEqual([asked, left], [['deny'], takingAway.slice(2)])
  })

  const topicOf = (of: string): Change => ({
    what: 'create-topic',
    topic: { name: of, partitions: 1, replicationFactor: 1, configs: {} },
  })
  const told = ({ outcomes, left, unknown }: Carried) => ({
    made: outcomes.filter(({ error }) => error === null).map(({ item }) => changeKey(item)),
    left: left.map(changeKey),
    unknown: unknown.map(changeKey),
  })
  const changeKey = (change: Change): string =>
    `${change.what} ${'topic' in change && typeof change.topic === 'string' ? change.topic : ''}`.trim()
  /** Topics are made; what is done to partitions ends as the test says. */
  const endingAt = (createPartitions: () => Promise<unknown>): Admin =>
    ({
      createTopics: async (topics: unknown[]) => topics.map((item) => ({ item, error: null, value: null })),
      createPartitions,
      createAcls: () => assert.fail('nothing more is asked for'),
    }) as unknown as Admin
  const inTheMiddle: Change[] = [
    topicOf('new'),
    { what: 'partitions', topic: 'old', from: 1, to: 2 },
    { what: 'add-rule', rule: aRule },
    { what: 'delete-topic', topic: 'old', id: null, partitions: 1 },
  ]
  const cut = { made: ['create-topic'], left: ['add-rule', 'delete-topic old'], unknown: ['partitions old'] }

  it('asks for nothing more when told to stop, and tells what it left', async () => {
    const stop = new AbortController()
    const admin = endingAt(async () => {
      stop.abort()
      return [{ item: { topic: 'old' }, error: null, value: null }]
    })
    const carried = await makeChanges(admin, inTheMiddle, { stop: stop.signal, giveUp: new AbortController().signal })
    assert.deepEqual(told(carried), { ...cut, made: ['create-topic', 'partitions old'], unknown: [] })
  })

  it('tells of what is not known when told to stop while an answer does not come', async () => {
    const stop = new AbortController()
    const admin = endingAt(() => {
      stop.abort()
      return new Promise(() => {})
    })
    assert.deepEqual(told(await makeChanges(admin, inTheMiddle, { stop: stop.signal, giveUp: stop.signal })), cut)
  })

  it('tells the same when something breaks that is no answer of a cluster, and what broke', async () => {
    const failure = new TypeError('a bug')
    const carried = await makeChanges(
      endingAt(() => Promise.reject(failure)),
      inTheMiddle,
    )
    assert.deepEqual(told(carried), cut)
    assert.equal(carried.failure, failure)
  })

  it('tells that it is not known what came of a request without an answer', async () => {
    const admin = endingAt(() => Promise.reject(new KafkaError(7, 'late')))
    const { outcomes, unknown } = await makeChanges(admin, inTheMiddle.slice(0, 2))
    assert.equal(outcomes[1]?.error?.name, 'REQUEST_TIMED_OUT')
    assert.deepEqual(unknown.map(changeKey), ['partitions old'])
  })

  it('parts no settings of one resource, and no quotas of one entity', async () => {
    const requests: string[][] = []
    const answer = (nameOf: (item: never) => string) => async (items: never[]) => {
      requests.push(items.map(nameOf))
      return items.map((item) => ({ item, error: null, value: null }))
    }
    const admin = {
      incrementalAlterConfigs: answer(({ name, operations }: { name: string; operations: unknown[] }) => `${name}: ${operations.length}`),
      alterClientQuotas: answer(
        ({ entity, values }: { entity: { user: string }; values: object }) => `${entity.user}: ${Object.keys(values).length}`,
      ),
    } as unknown as Admin
    const settings = (of: string, count: number): Change[] =>
      Array.from({ length: count }, (_, at) => ({ what: 'setting', type: 'topics', name: of, key: `k${at}`, from: null, to: '1' }))
    const quotas = (user: string, count: number): Change[] =>
      Array.from({ length: count }, (_, at) => ({ what: 'quota', entity: { user }, quota: `q${at}`, from: null, to: 1 }))
    const { outcomes } = await makeChanges(admin, [
      ...settings('a', 150),
      ...settings('b', 51),
      ...settings('c', 205),
      ...quotas('u', 199),
      ...quotas('v', 2),
    ])
    assert.deepEqual(requests, [['a: 150'], ['b: 51'], ['c: 205'], ['u: 199'], ['v: 2']])
    assert.equal(outcomes.length, 607)
  })

  it('deletes the topic that was seen, by its id, and none that has its name now', async () => {
    const asked: string[] = []
    const gone = { code: 100, name: 'UNKNOWN_TOPIC_ID', message: 'gone', retriable: false }
    const admin = {
      deleteTopicsById: async (ids: string[]) => ids.map((item) => ({ item, value: null, error: asked.push(item) === 1 ? null : gone })),
      deleteTopics: async (names: string[]) => names.map((item) => ({ item, value: null, error: asked.push(item) > 0 ? null : gone })),
    } as unknown as Admin
    const { outcomes } = await makeChanges(
      admin,
      ['a', 'b', null].map((id): Change => ({ what: 'delete-topic', topic: `topic of ${id}`, id, partitions: 1 })),
    )
    assert.deepEqual(asked, ['a', 'b', 'topic of null'])
    assert.deepEqual(
      outcomes.map(({ error }) => error?.name ?? 'done'),
      ['done', 'UNKNOWN_TOPIC_ID', 'done'],
    )
  })
})
