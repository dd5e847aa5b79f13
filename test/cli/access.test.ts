import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aclBindings, aclFilters, parseAclOperation, parseAclResource } from '../../src/cli/index.ts'
import { type AclBinding, openAdmin } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { accessGrants, judgeAccess } from '../../src/ops/access.ts'
import { runBroker } from '../broker/broker-fixture.ts'
import { run } from './run-command.ts'

const rule = (text: string, more: Partial<AclBinding> = {}): AclBinding => {
  const [permission, principal, operation, name] = text.split(' ') as [AclBinding['permission'], string, AclBinding['operation'], string]
  const isPrefix = name.endsWith('…')
  return {
    ...{ permission, principal: `User:${principal}`, operation, name: isPrefix ? name.slice(0, -1) : name, host: '*' },
    ...{ resourceType: 'TOPIC', patternType: isPrefix ? 'PREFIXED' : 'LITERAL' },
    ...more,
  }
}

describe('whether somebody may do something', () => {
  const ask = (rules: readonly AclBinding[], text: string, host = ''): string => {
    const [who, operation, name] = text.split(' ') as [string, AclBinding['operation'], string]
    const { allowed, by } = judgeAccess(rules, { principal: `User:${who}`, operation, name, host, resourceType: 'TOPIC' })
    return `${allowed ? 'yes' : 'no'} ${by === null ? '-' : rules.indexOf(by)}`
  }

  it('is no without a rule', () => {
    assert.equal(ask([], 'a READ t'), 'no -')
    assert.equal(
      ask([rule('ALLOW b READ t'), rule('ALLOW a READ u'), rule('ALLOW a READ t', { resourceType: 'GROUP' })], 'a READ t'),
      'no -',
    )
  })

  it('follows from a name, a prefix, and from what everybody may', () => {
    for (const name of ['orders', 'ord…', '*', 'orders…']) assert.equal(ask([rule(`ALLOW a READ ${name}`)], 'a READ orders'), 'yes 0')
    assert.equal(ask([rule('ALLOW * ALL *')], 'a READ orders'), 'yes 0')
    assert.equal(ask([rule('ALLOW a READ order')], 'a READ orders'), 'no -')
  })

  it('is no where one rule denies, whatever the others say', () => {
    const rules = [rule('ALLOW a ALL orders'), rule('DENY * WRITE ord…')]
    assert.deepEqual([ask(rules, 'a WRITE orders'), ask(rules, 'a READ orders')], ['no 1', 'yes 0'])
  })

  it('includes to describe for whom may read, write, delete or alter, but to be denied one of them does not take that away', () => {
    for (const operation of ['READ', 'WRITE', 'DELETE', 'ALTER'])
      assert.equal(ask([rule(`ALLOW a ${operation} t`)], 'a DESCRIBE t'), 'yes 0')
    assert.equal(ask([rule('ALLOW a CREATE t')], 'a DESCRIBE t'), 'no -')
    assert.equal(ask([rule('ALLOW a ALTER_CONFIGS t')], 'a DESCRIBE_CONFIGS t'), 'yes 0')
    assert.equal(ask([rule('ALLOW a DESCRIBE t'), rule('DENY a READ t')], 'a DESCRIBE t'), 'yes 0')
  })

  it('follows from what everybody may, of whom there is one kind only', () => {
    const access = { principal: 'Group:ops', operation: 'READ', name: 't', host: '', resourceType: 'TOPIC' } as const
    assert.equal(judgeAccess([rule('ALLOW * READ t')], access).allowed, true)
    assert.equal(judgeAccess([rule('ALLOW * READ t', { principal: 'Group:*' })], access).allowed, false)
    const grants = accessGrants([rule('DENY * READ t'), rule('ALLOW a READ t', { principal: 'Group:ops' })], 'principal')
    assert.deepEqual(
      grants.map(({ overrules }) => overrules),
      [0, 1],
    )
  })

  it('depends on the host where a rule names one', () => {
    const rules = [rule('ALLOW a READ t', { host: '10.0.0.1' })]
    assert.deepEqual(
      [ask(rules, 'a READ t', '10.0.0.1'), ask(rules, 'a READ t', '10.0.0.2'), ask(rules, 'a READ t')],
      ['yes 0', 'no -', 'no -'],
    )
  })
})

describe('rules as people read them', () => {
  it('stand together but for the operation, and denials tell what they win over', () => {
    const rules = [
      'ALLOW etl WRITE *',
      'ALLOW etl CREATE *',
      'DENY guest WRITE *',
      'ALLOW guest ALL ord…',
      'ALLOW guest READ t',
      'ALLOW * WRITE t',
    ]
    assert.deepEqual(
      accessGrants(
        rules.map((text) => rule(text)),
        'principal',
      ).map(({ principal, operations, overrules }) => [principal, operations.join(), overrules]),
      [
        ['User:*', 'WRITE', 0],
        ['User:etl', 'CREATE,WRITE', 0],
        ['User:guest', 'WRITE', 2],
        ['User:guest', 'ALL', 0],
        ['User:guest', 'READ', 0],
      ],
    )
  })
})

describe('flags of kafka-acls', () => {
  const none = { cluster: false, producer: false, consumer: false, idempotent: false }
  const added = (flags: object) =>
    aclBindings({ ...none, ...flags }, 'LITERAL').map(
      (each) => `${each.permission} ${each.principal}@${each.host} ${each.operation} ${each.resourceType}:${each.name}`,
    )

  it('mean every principal with every resource, operation and host', () => {
    assert.deepEqual(
      added({ 'allow-principal': ['a', 'Group:b'], topic: ['t'], operation: ['read', 'DescribeConfigs'], 'allow-host': ['1.1.1.1'] }),
      [
        'ALLOW User:a@1.1.1.1 READ TOPIC:t',
        'ALLOW User:a@1.1.1.1 DESCRIBE_CONFIGS TOPIC:t',
        'ALLOW Group:b@1.1.1.1 READ TOPIC:t',
        'ALLOW Group:b@1.1.1.1 DESCRIBE_CONFIGS TOPIC:t',
      ],
    )
    assert.deepEqual(added({ 'deny-principal': ['a'], cluster: true }), ['DENY User:a@* ALL CLUSTER:kafka-cluster'])
  })

  it('--producer and --consumer mean what those need', () => {
    assert.deepEqual(added({ 'allow-principal': ['a'], producer: true, idempotent: true, topic: ['t'], 'transactional-id': ['x'] }), [
      ...['WRITE', 'DESCRIBE', 'CREATE'].map((operation) => `ALLOW User:a@* ${operation} TOPIC:t`),
      ...['WRITE', 'DESCRIBE'].map((operation) => `ALLOW User:a@* ${operation} TRANSACTIONAL_ID:x`),
      'ALLOW User:a@* IDEMPOTENT_WRITE CLUSTER:kafka-cluster',
    ])
    assert.deepEqual(added({ 'allow-principal': ['a'], consumer: true, topic: ['t'], group: ['g'] }), [
      'ALLOW User:a@* READ TOPIC:t',
      'ALLOW User:a@* DESCRIBE TOPIC:t',
      'ALLOW User:a@* READ GROUP:g',
    ])
  })

  it('that make no sense together are refused', () => {
    assert.throws(() => added({ topic: ['t'] }), /who may, or may not/)
    assert.throws(() => added({ 'allow-principal': ['a'] }), /about what/)
    assert.throws(() => added({ 'allow-principal': ['a'], consumer: true, topic: ['t'] }), /which groups/)
    assert.throws(() => added({ 'allow-principal': ['a'], producer: true, topic: ['t'], group: ['g'] }), /--group is nothing that/)
    assert.throws(() => added({ 'allow-principal': ['a'], operation: ['read'], cluster: true }), /read is no operation of a cluster/)
    assert.throws(() => added({ 'deny-host': ['1.1.1.1'], 'allow-principal': ['a'], topic: ['t'] }), /--deny-host whom/)
  })

  it('choose among rules', () => {
    assert.deepEqual(aclFilters({ ...none }, undefined), [{}])
    assert.deepEqual(aclFilters({ ...none, topic: ['t'], 'deny-principal': ['a'], operation: ['read'] }, 'MATCH'), [
      { resourceType: 'TOPIC', name: 't', patternType: 'MATCH', permission: 'DENY', principal: 'User:a', operation: 'READ' },
    ])
  })

  it('have words for resources and operations', () => {
    assert.deepEqual(parseAclResource('transactional-id:a:b'), { resourceType: 'TRANSACTIONAL_ID', name: 'a:b' })
    assert.deepEqual(parseAclResource('cluster'), { resourceType: 'CLUSTER', name: 'kafka-cluster' })
    assert.throws(() => parseAclResource('orders'), /orders is no resource/)
    assert.equal(parseAclOperation('two-phase-commit'), 'TWO_PHASE_COMMIT')
  })
})

describe('a cluster without an authorizer', () => {
  it('says so whenever it is asked about rules, as Apache Kafka does, and what else is kept without effect', async () => {
    await using node = await runBroker()
    const env = { TKAFKA_BOOTSTRAP_SERVER: node.bootstrap }
    const rule = ['--allow-principal', 'a', '--topic', 't']
    for (const argv of [['list'], ['add', ...rule], ['remove', ...rule, '-y'], ['check', 'a', 'read', 'topic:t'], ['export']]) {
      const { code, stderr } = await run(['acls', ...argv], { env })
      assert.equal(code, 1, argv.join(' '))
      assert.match(
        stderr,
        /No Authorizer is configured.*\[SECURITY_DISABLED 54\]\n {2}.*authorizer\.class\.name is set; those of tkafka have no ACLs yet\.\n$/,
      )
    }
    const limited = await run(['quotas', 'alter', '--user', 'a', '--set', 'producer_byte_rate=1MB/s'], { env })
    assert.deepEqual([limited.code, /do not hold anybody to them yet/.test(limited.stderr)], [0, true], limited.stderr)
    const user = await run(['users', 'create', 'a', '--password-stdin'], { env, stdin: 'secret\n' })
    assert.deepEqual([user.code, /no listener of the brokers asks for a login/.test(user.stderr)], [0, true], user.stderr)
    const transactions = await run(['txns', 'list'], { env })
    if (transactions.code !== 0) assert.match(transactions.stderr, /does not offer it.*\n {2}.*brokers of tkafka do not have all/)
    using admin = openAdmin(nodeHost({ journal: silentJournal }), { 'bootstrap.servers': node.bootstrap })
    const [deleted] = await admin.deleteAcls([{ resourceType: 'TOPIC', name: 't' }])
    assert.deepEqual([deleted!.error?.name, deleted!.error?.message], ['SECURITY_DISABLED', 'No Authorizer is configured.'])
  })
})
