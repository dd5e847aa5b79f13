import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { call, openAdmin } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { Apis, type Json } from '../../src/protocol/index.ts'
import { ProduceRequest, ProduceResponse } from '../../src/protocol/messages/produce.ts'
import { BatchBuilder } from '../../src/records/index.ts'
import { type ApacheKafka, startApacheKafka } from '../apache/apache-kafka.ts'
import { withoutApache } from '../apache/kafka-home.ts'
import { StreamsMember } from '../apache/streams-member.ts'
import { eventually } from '../client/broker-at.ts'
import { specifyDesiredStates } from './desired-specification.ts'
import { type Ran, type RunOptions, run } from './run-command.ts'

type Item = Readonly<Record<string, unknown>>

describe('what only a cluster of Apache Kafka answers yet', { skip: withoutApache }, () => {
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

  it('loads run on it as on tkafka', async () => {
    const quick = ['-n', '2000', '-s', '200', '--interval', '1s', '-z', 'lz4']
    for (const load of [['producer', '--acks', '1'], ['consumer'], ['e2e', '--throughput', '5000'], ['mixed', '--keys', '9']]) {
      const [report] = await items('bench', ...load, ...quick)
      const [{ records, failed }] = report!.rounds as [{ records: number; failed: number }]
      assert.deepEqual([records, failed], [2000, 0], load[0])
    }
    assert.equal((await items('bench', 'network', '--trips', '10', '--size', '1')).length, 1)
    assert.deepEqual(await items('topics', 'list'), [])
  })

  it('the doctor finds nothing wrong', async () => {
    assert.match(await done('cluster', 'doctor', '--disk-full', '100'), /^(SOUND|1 warning)\n/)
  })

  it('a bundle has all that it tells of itself', async () => {
    const bundled = await items('debug', 'bundle', '-o', `${kafka.folder}/bundle.tar.gz`)
    assert.deepEqual(
      bundled.filter(({ state }) => state !== 'there'),
      [],
    )
    assert.ok(bundled.length > 15)
  })

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

  it('transactions are listed and described, and those that nobody ends are found and ended', async () => {
    using admin = openAdmin(nodeHost({ journal: silentJournal }), { 'bootstrap.servers': kafka.bootstrap })
    await done('topics', 'create', 'ledger', '-p', '2')
    const begin = async (transactionalId: string): Promise<{ producerId: number; producerEpoch: number }> => {
      const body = { transactionalId, transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 }
      let answer: Record<string, Json> = {}
      await eventually('the coordinator is there', async () => {
        const found = (await admin.cluster.coordinators(1, [transactionalId])).get(transactionalId)!
        if (!('id' in found)) return false
        answer = (await admin.requestJson('InitProducerId', body, { broker: found.id, version: 4 })).answer as typeof answer
        return answer.errorCode === 0
      })
      return { producerId: Number(answer.producerId), producerEpoch: Number(answer.producerEpoch) }
    }
    const write = async (
      partition: number,
      transactionalId: string,
      producer: { producerId: number; producerEpoch: number },
    ): Promise<void> => {
      const batch = new BatchBuilder({ ...producer, transactional: true, baseSequence: 0 })
      batch.append(Date.now() - 60_000, null, Buffer.from('x'))
      const topicData = [{ name: 'ledger', partitionData: [{ index: partition, records: batch.close() }] }]
      // Before version 12 whoever writes has to have added the partition to the transaction, which this broker does not look after.
      const body = { transactionalId, acks: -1, timeoutMs: 10_000, topicData }
      const answer = await admin.cluster.send(1, call(Apis.Produce, ProduceRequest, ProduceResponse), body, { maxVersion: 11 })
      assert.equal(answer.responses[0]!.partitionResponses[0]!.errorCode, 0)
    }
    const proper = await begin('proper')
    const topics = [{ name: 'ledger', partitions: [1] }]
    const body = {
      v3AndBelowTransactionalId: 'proper',
      v3AndBelowProducerId: proper.producerId,
      v3AndBelowProducerEpoch: proper.producerEpoch,
      v3AndBelowTopics: topics,
    }
    await admin.requestJson('AddPartitionsToTxn', body, { version: 3 })
    await write(1, 'proper', proper)
    const loose = await begin('loose')
    await write(0, 'loose', loose)

    assert.match(await done('txns', 'list'), /^TRANSACTIONAL-ID +STATE +PRODUCER-ID +COORDINATOR\nloose +Empty .*\nproper +Ongoing .*\n$/)
    assert.deepEqual(
      (await items('txns', 'list', '--state', 'Ongoing')).map(({ transactionalId }) => transactionalId),
      ['proper'],
    )
    assert.deepEqual(
      (await items('txns', 'list', '--pattern', 'l.*')).map(({ transactionalId }) => transactionalId),
      ['loose'],
    )
    const [described] = await items('txns', 'describe', 'proper')
    assert.deepEqual(described!.partitions, [{ topic: 'ledger', partition: 1 }])
    const unknown = await tkafka(['txns', 'describe', 'nobody'])
    assert.deepEqual([unknown.code, /nobody: .*TRANSACTIONAL_ID_NOT_FOUND/.test(unknown.stderr)], [1, true])
    const open = await items('kafka-transactions', 'describe-producers', '--topic', 'ledger', '--partition', '0')
    assert.deepEqual(
      open.map(({ producerId, currentTransactionStartOffset: at }) => [producerId, at]),
      [[loose.producerId, 0]],
    )
    assert.equal((await items('txns', 'producers', 'ledger', '--open')).length, 2)

    assert.match((await tkafka(['txns', 'find-hanging'])).stderr, /no transaction hangs/, 'it may still run')
    const idle = ['txns', 'find-hanging', '--max-transaction-timeout', '10s']
    const found = await tkafka(idle)
    assert.equal(found.code, 3)
    assert.match(found.stdout, new RegExp(`\\nledger +0 +${loose.producerId} +0 +0 +0 .* loose +HANGING\\n$`))
    assert.match(
      (await tkafka(['txns', 'find-hanging', 'ledger', '--partition', '1', '--max-transaction-timeout', '10s'])).stderr,
      /no transaction hangs/,
    )
    const asked = await tkafka([...idle, '--abort'])
    assert.deepEqual(
      [asked.code, /the records of ledger-0 of producer \d+ in epoch 0 are lost.*\n.*Abort it\?/.test(asked.stderr)],
      [2, true],
    )
    assert.match(await done(...idle, '--abort', '--yes'), / ABORTED\n$/)
    await eventually('nothing is open in it', async () => (await items('txns', 'producers', 'ledger:0', '--open')).length === 0)

    const nothing = await tkafka(['txns', 'abort', 'ledger:1', '--start-offset', '7', '-y'])
    assert.deepEqual([nothing.code, /no open transaction begins at offset 7 of ledger-1/.test(nothing.stderr)], [1, true])
    assert.match(await done('txns', 'abort', 'ledger/1', '--start-offset', '0', '--dry-run'), /ledger-1 of producer .* WOULD-ABORT/)
    assert.equal((await items('txns', 'producers', 'ledger:1', '--open')).length, 1)
    assert.match(await done('txns', 'abort', 'ledger/1', '--start-offset', '0', '--yes'), /ledger-1 of producer \d+ in epoch 0 +ABORTED/)
    await eventually('nor in the other', async () => (await items('txns', 'producers', 'ledger', '--open')).length === 0)
  })

  it('share groups are listed, described, put elsewhere and deleted as other groups are', async () => {
    await done('topics', 'create', 'jobs', '-p', '2')
    const stdin = Array.from({ length: 10 }, (_, index) => `job ${index}\n`).join('')
    await tkafka(['produce', 'jobs', '-p', '0'], { stdin })
    const settings = await kafka.tool('configs', [
      '--alter',
      '--entity-type',
      'groups',
      '--entity-name',
      'workers',
      '--add-config',
      'share.auto.offset.reset=earliest',
    ])
    assert.equal(settings.code, 0, settings.stderr)
    const work = await kafka.tool('console-share-consumer', [
      '--topic',
      'jobs',
      '--group',
      'workers',
      '--max-messages',
      '4',
      '--timeout-ms',
      '20000',
    ])
    assert.equal(work.code, 0, work.stderr)
    assert.deepEqual(
      (await items('groups', 'list', '--type', 'share')).map(({ groupId, state }) => [groupId, state]),
      [['workers', 'Empty']],
    )
    const described = await tkafka(['groups', 'describe', 'workers'])
    assert.match(described.stdout, /^GROUP workers {3}STATE Empty {3}TYPE share {3}/, described.stderr)
    const lags = async (): Promise<string[]> =>
      (await items('groups', 'describe', 'workers')).flatMap(({ partitions }) =>
        (partitions as Item[]).map(({ partition, currentOffset, lag }) => `${partition}: ${currentOffset} ${lag}`),
      )
    assert.ok((await lags()).includes('0: 4 6') || (await lags()).includes('0: 10 0'), String(await lags()))
    const again = await tkafka(['groups', 'create', 'workers', '--topic', 'jobs:0'])
    assert.deepEqual([again.code, /group workers has offsets already/.test(again.stderr)], [1, true], again.stderr)
    assert.match(await done('groups', 'reset', 'workers', '--to-earliest', '--topic', 'jobs:0'), /jobs +0 +(4|10) +0\n$/)
    await done('groups', 'reset', 'workers', '--to', '2', '--topic', 'jobs:0', '--execute')
    await eventually('it begins there', async () => (await lags()).includes('0: 2 8'))
    const theirs = await kafka.tool('share-groups', ['--describe', '--group', 'workers', '--offsets'])
    assert.match(theirs.stdout, /workers +jobs +0 +2 +8/)
    assert.match(await done('groups', 'delete', 'workers', '--dry-run'), /workers +WOULD-DELETE/)
    assert.match(await done('groups', 'delete', 'workers', '--yes'), /workers +DELETED/)
    assert.equal((await tkafka(['groups', 'describe', 'workers'])).code, 1)
  })

  it('groups of streams applications are described, with what their tasks read', async () => {
    await done('topics', 'create', 'clicks', '-p', '2')
    const member = await StreamsMember.join(kafka.bootstrap, 'counting', { sources: ['clicks'] })
    const [group] = await items('groups', 'describe', 'counting')
    assert.equal((group!.partitions as Item[]).length, 2)
    assert.deepEqual(
      (await items('groups', 'list', '--type', 'streams')).map(({ groupId }) => groupId),
      ['counting'],
    )
    const { stdout } = await tkafka(['groups', 'describe', 'counting', '--section', 'summary', '--section', 'members'])
    assert.match(stdout, /^GROUP counting {3}STATE \w+ {3}TYPE streams .* MEMBERS 1 .*\n(.*\n)*counting-member .* 2 *\n$/)
    await member.leave()
  })

  // The last: what is left of it would be in the way of the others.
  describe('files that say what it shall be', () => specifyDesiredStates(() => ({ tkafka, folder: kafka.folder, hasRules: true })))
})
