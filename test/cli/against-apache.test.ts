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
})
