import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type ApacheKafka, startApacheKafka } from '../apache/apache-kafka.ts'
import { withoutApache } from '../apache/kafka-home.ts'
import { eventually } from '../client/broker-at.ts'
import { type Ran, type RunOptions, run } from './run-command.ts'

type Item = Readonly<Record<string, unknown>>

describe('access and transactions in a cluster of Apache Kafka', { skip: withoutApache }, () => {
  let kafka: ApacheKafka
  before(async () => {
    kafka = await startApacheKafka({
      properties: {
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': 'User:ANONYMOUS',
        'transaction.partition.verification.enable': 'false',
      },
    })
  })
  after(() => kafka?.kill())
  const tkafka = (argv: readonly string[], options: RunOptions = {}): Promise<Ran> =>
    run(argv, { ...options, env: { TKAFKA_BOOTSTRAP_SERVER: kafka.bootstrap, ...options.env } })
  const done = async (...argv: string[]): Promise<string> => {
    const { code, stdout, stderr } = await tkafka(argv)
    assert.equal(code, 0, `${argv.join(' ')}: ${stdout}${stderr}`)
    return stdout
  }
  const items = async (...argv: string[]): Promise<Item[]> => JSON.parse((await tkafka([...argv, '--json'])).stdout).items

  it('rules are added, listed, judged by, and removed', async () => {
    assert.match((await tkafka(['acls', 'list'])).stderr, /there are no such rules/)
    await done(
      'acls',
      'add',
      '--allow-principal',
      'billing',
      '--consumer',
      '--topic',
      'orders',
      '--group',
      'billing',
      '--resource-pattern-type',
      'prefixed',
    )
    await done(
      'kafka-acls',
      '--add',
      '--allow-principal',
      'User:guest',
      '--operation',
      'Write',
      '--operation',
      'Read',
      '--topic',
      '*',
      '--force',
    )
    assert.match(
      await done('acls', 'add', '--deny-principal', 'guest', '--operation', 'write', '--topic', 'orders', '--deny-host', '10.0.0.1'),
      /ADDED/,
    )
    const listed = (): Promise<string> => done('acls', 'list')
    await eventually('all rules are there', async () => (await listed()).split('\n').length === 6)
    assert.deepEqual(
      (await listed()).replace(/ {2,}/g, '  '),
      [
        'PRINCIPAL  MAY  ON  FROM  VIA',
        'User:billing  read  group billing* (prefixed)  any host  allow',
        'User:billing  describe, read  topic orders* (prefixed)  any host  allow',
        'User:guest  read, write  topic *  any host  allow',
        'User:guest  NOT write  topic orders  10.0.0.1  deny (wins over 1 allow)',
        '',
      ].join('\n'),
    )
    assert.match(
      await done('acls', 'list', '--topic', 'orders.eu', '--resource-pattern-type', 'match', '--by', 'resource'),
      /^ON .*\n.*topic \*.*\n.*topic orders\*.*\n$/,
    )

    assert.equal(await done('acls', 'check', 'User:guest', 'write', 'topic:orders'), 'ALLOWED by allow User:guest write topic:*\n')
    const denied = await tkafka(['acls', 'check', 'guest', 'write', 'topic:orders', '--host', '10.0.0.1'])
    assert.deepEqual([denied.code, denied.stdout], [3, 'DENIED by deny User:guest write topic:orders from 10.0.0.1\n'])
    const unknown = await tkafka(['acls', 'check', 'nobody', 'read', 'group:billing'])
    assert.deepEqual([unknown.code, unknown.stdout], [3, 'DENIED by no rule that allows it\n'])
    const theirs = await kafka.tool('acls', ['--list', '--topic', 'orders'])
    assert.match(theirs.stdout, /principal=User:guest, host=10\.0\.0\.1, operation=WRITE, permissionType=DENY/)
    assert.match(
      await done('acls', 'export'),
      /^tkafka acls add --allow-principal User:billing --operation read --group billing --resource-pattern-type prefixed\n/,
    )

    const asked = await tkafka(['acls', 'remove', '--principal', 'guest'])
    assert.equal(asked.code, 2)
    assert.match(asked.stderr, /allow User:guest read topic:\*\n(.*\n)*.*Remove 3 rules\?/)
    assert.equal((await tkafka(['acls', 'remove', '-y'])).code, 2)
    assert.equal((await done('acls', 'remove', '--principal', 'guest', '-y')).match(/REMOVED/g)?.length, 3)
    await eventually('only billing is left', async () => !(await listed()).includes('guest'))
    for (const line of (await done('acls', 'export')).trim().split('\n')) await done(...line.split(' ').slice(1))
    assert.equal((await items('acls', 'list')).length, 2, 'what is there already stays as it is')
  })

  it('users get passwords, other ones, and lose them', async () => {
    const stdin = 'secret\n'
    assert.match((await tkafka(['users', 'create', 'billing', '--password-stdin'], { stdin })).stdout, /billing +CREATED/)
    await eventually('the user is there', async () => (await items('users', 'list')).length === 1)
    const again = await tkafka(['users', 'create', 'billing', '--password-stdin'], { stdin })
    assert.deepEqual([again.code, /has SCRAM-SHA-256 already\n.*users alter billing/.test(again.stderr)], [1, true])
    const other = ['users', 'create', 'billing', '-m', 'scram-sha-512', '-i', '8192', '--password', 'env:SECRET']
    assert.equal((await tkafka(other, { env: { SECRET: 'secret' } })).code, 0)
    await eventually('it has two', async () => (await items('users', 'list')).length === 2)
    assert.deepEqual(await items('users', 'list', 'billing'), [
      { user: 'billing', mechanism: 'SCRAM-SHA-256', iterations: 4096 },
      { user: 'billing', mechanism: 'SCRAM-SHA-512', iterations: 8192 },
    ])
    const said = await tkafka(['users', 'alter', 'billing', '--password', 'secret'])
    assert.deepEqual([said.code, /can be read by others/.test(said.stderr)], [2, true])
    assert.equal((await tkafka(['users', 'alter', 'nobody', '--password-stdin'], { stdin })).code, 1)
    assert.equal((await tkafka(['users', 'alter', 'billing', '--password-stdin'], { stdin: '\n' })).code, 2)
    const typed = await tkafka(['users', 'alter', 'billing'], { terminal: true, stdin: 'new\nnew\n' })
    assert.equal(typed.code, 0, typed.stderr)
    assert.match(typed.stderr, /^Password of billing: \nAgain: \n$/, 'nothing of it is shown')
    const wrong = await tkafka(['users', 'alter', 'billing'], { terminal: true, stdin: 'new\nnwe\n' })
    assert.deepEqual([wrong.code, /not the same/.test(wrong.stderr)], [2, true])
    assert.match(await done('users', 'delete', 'billing', '--mechanism', '256', '--yes'), /DELETED/)
    await eventually('one is left', async () => (await items('users', 'list')).length === 1)
    await done('users', 'delete', 'billing', '--yes')
    await eventually('none is left', async () => (await tkafka(['users', 'delete', 'billing', '--yes'])).code === 1)
  })

  it('quotas are set, found out, written down and set again', async () => {
    await done('quotas', 'alter', '--user', 'billing', '--set', 'producer_byte_rate=10MB/s', '--set', 'request_percentage=50')
    await done('quotas', 'alter', '--name', 'user=billing', '--name', 'client-id=etl', '--add', 'producer_byte_rate=1024')
    await done('quotas', 'alter', '--default', 'client-id', '--set', 'consumer_byte_rate=2048')
    await done('quotas', 'alter', '--ip', '10.0.0.1', '--set', 'connection_creation_rate=5')
    assert.equal((await tkafka(['quotas', 'alter', '--user', 'a', '--set', 'no_such_rate=1'])).code, 1)
    await eventually('all are there', async () => (await items('quotas', 'describe')).length === 4)
    assert.equal(
      await done('quotas', 'describe', '--user', 'billing', '--strict', '-o', 'awk'),
      'billing\t-\t-\tproducer_byte_rate=10000000\nbilling\t-\t-\trequest_percentage=50\n',
    )
    assert.equal((await items('quotas', 'describe', '--user', 'billing')).length, 2)
    const resolved = await done('quotas', 'resolve', '--user', 'billing', '--client-id', 'etl', '-o', 'awk')
    assert.equal(
      resolved,
      [
        'producer_byte_rate\t1024\tuser=billing, client-id=etl\tuser=billing',
        'consumer_byte_rate\t2048\tclient-id=<default>\t-',
        'request_percentage\t50\tuser=billing\t-',
        'controller_mutation_rate\t-\t-\t-\n',
      ].join('\n'),
    )
    assert.match(await done('quotas', 'resolve', '--ip', '10.0.0.2'), /connection_creation_rate +unlimited/)
    const kept = (await tkafka(['quotas', 'describe', '--json'])).stdout
    await done('quotas', 'alter', '--user', 'billing', '--delete', 'producer_byte_rate', '--set', 'request_percentage=70')
    await eventually('it has changed', async () => (await done('quotas', 'describe', '--user', 'billing', '--strict')).includes('=70'))
    const asked = await tkafka(['quotas', 'import', '-'], { stdin: kept })
    assert.match(asked.stderr, /user=billing: producer_byte_rate unlimited → 10000000\nuser=billing: request_percentage 70 → 50\n/)
    assert.equal((await tkafka(['quotas', 'import', '-', '--yes'], { stdin: kept })).code, 0)
    const theirs = async (): Promise<string> =>
      (await kafka.tool('configs', ['--describe', '--entity-type', 'users', '--entity-name', 'billing'])).stdout
    assert.match(await theirs(), /producer_byte_rate=1\.0E7/)
    assert.match((await tkafka(['quotas', 'import', '-', '--yes'], { stdin: kept })).stderr, /all quotas are as the file says/)
    assert.equal((await tkafka(['quotas', 'import', '-'], { stdin: '{"items":[{"entity":{"users":"a"},"values":{}}]}' })).code, 2)
  })
})
