import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import type { BenchReport, BenchRound } from '../../src/bench/index.ts'
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
import { shareProperties } from '../client/share-suite.ts'
import { specifyDesiredStates } from './desired-specification.ts'
import { type Ran, type RunOptions, run } from './run-command.ts'

type Item = Readonly<Record<string, unknown>>

describe('what only a cluster of Apache Kafka answers yet', { skip: withoutApache }, () => {
  let kafka: ApacheKafka
  before(async () => {
    kafka = await startApacheKafka({
      properties: {
        ...shareProperties,
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

  it('a share group is put under load, and told what became of its records', async () => {
    const quick = ['-n', '3000', '-s', '100', '--interval', '1s']
    const [report] = await items('bench', 'share', ...quick, '--consumers', '2', '--explicit', '-X', 'max.poll.records=200')
    const { rounds, settings, kind } = report as unknown as BenchReport
    assert.deepEqual([kind, settings['max.poll.records'], settings['share.acknowledgement.mode']], ['share', '200', 'explicit'])
    for (const { records, failed, deliveries, ackLatency, joinMs, bytes } of rounds) {
      assert.ok(records >= 3000 && failed === 0 && joinMs! > 0 && bytes === records * 100)
      assert.deepEqual(deliveries, { acknowledged: records, refused: 0, redelivered: 0, countMax: 1 })
      assert.equal(ackLatency?.count, records)
    }
    const text = await done('bench', 'share', '-n', '1000', '-s', '10', '--no-save')
    assert.match(text, /\nacknowledged after p99 .* · [\d,]+ acknowledged, 0 refused, none given before · .* · group met after /)
    const left = (await items('topics', 'list')).filter(({ internal }) => internal === false)
    assert.deepEqual([left, await items('groups', 'list')], [[], []], 'what was made is gone')
  })

  it('a share group is read, and what is released comes again', async () => {
    await done('topics', 'create', 'jobs', '-p', '1')
    const piped = await tkafka(['produce', 'jobs'], { stdin: 'one\ntwo\nthree\nfour\n' })
    assert.equal(piped.code, 0, piped.stderr)
    await done('configs', 'alter', 'groups', 'workers', '--set', 'share.auto.offset.reset=earliest')
    const read = (...more: string[]): Promise<string> => done('consume', 'jobs', '--share-group', 'workers', '-f', '%o %v\\n', ...more)
    assert.equal(await read('-n', '3', '--ack', 'release'), '0 one\n1 two\n2 three\n')
    assert.equal(await read('-n', '1', '--grep', 't'), '1 two\n', 'the first one is left out, and done with')
    const other = await tkafka(['consume', 'jobs', '--share-group', 'workers', '-e', '-X', 'isolation.level=read_committed', '-J'])
    assert.deepEqual(
      other.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).value),
      ['three', 'four'],
    )
    assert.match(other.stderr, /isolation\.level: the share group decides this/)
    const refused = await tkafka(['bench', 'share', 'jobs', '-g', 'workers', '-d', '1s'])
    assert.equal(refused.code, 2)
    assert.match(refused.stderr, /share group workers reads jobs, and will not get again what the load gets\n.*--yes/s)
    for (const [argv, why] of [
      [['--share-group', 'workers', '-o', '5'], /a share group decides itself what it gives/],
      [['--ack', 'release'], /--ack is for share groups/],
    ] as const)
      assert.match((await tkafka(['consume', 'jobs', ...argv])).stderr, why)
    await done('groups', 'delete', 'workers', '--yes')
    await done('topics', 'delete', 'jobs', '--yes')
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
    assert.match(
      typed.stderr,
      /^Password of billing: \nAgain: \nno listener of the brokers asks for a login .*\n$/,
      'nothing of it is shown',
    )
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

  it('transactions are measured, and end as they are told to', async () => {
    // What tests of quotas left would be measured too.
    await tkafka(['quotas', 'alter', '--default', 'client-id', '--delete', 'consumer_byte_rate'])
    await done('topics', 'create', 'measured', '-p', '2')
    const load = ['-n', '30', '--transaction-records', '20', '-s', '50', '--producers', '2', '--abort-share', '0.3', '-z', 'lz4']
    const [report] = await items('bench', 'txn', 'measured', ...load, '--interval', '1s')
    const [round] = report!.rounds as BenchRound[]
    const { committed, aborted, failed } = round!.transactions!
    assert.deepEqual([committed, aborted, failed, round!.failed, round!.records], [21, 9, 0, 0, 420])
    const read = await done('consume', 'measured', '-o', ':end', '-X', 'isolation.level=read_committed', '-f', '%V\\n')
    assert.deepEqual(read.split('\n').filter((line) => line === '50').length, committed * 20)
    const perf = 'kafka-producer-perf-test --topic measured --num-records 300 --record-size 10 --throughput 2000'
    const { stdout, stderr } = await tkafka([
      'compat',
      ...perf.split(' '),
      '--transaction-duration-ms',
      '20',
      '--bootstrap-server',
      kafka.bootstrap,
    ])
    assert.match(stdout, /^300 records sent, /, stderr)
    const after = await done('consume', 'measured', '-o', ':end', '-X', 'isolation.level=read_committed', '-f', '%V\\n')
    assert.equal(after.split('\n').filter((line) => line === '10').length, 300)
    await done('topics', 'delete', 'measured', '--yes')
  })

  it('what is produced in a transaction is there as a whole, or not at all', async () => {
    await done('topics', 'create', 'whole', '-p', '2')
    const produce = (stdin: string, ...flags: string[]): Promise<Ran> =>
      tkafka(['produce', 'whole', '--txn', 'whole-id', ...flags], { stdin })
    const read = async (): Promise<string[]> =>
      (await done('consume', 'whole', '-o', ':end', '-X', 'isolation.level=read_committed')).split('\n').slice(0, -1).sort()
    assert.match((await produce('a\nb\nc\n')).stderr, /^3 records committed\n/)
    const each = await produce('d\ne\nf\n', '--transaction-records', '2', '--output', 'ndjson')
    assert.match(each.stderr, /^3 records committed in 2 transactions\n/)
    assert.equal(each.stdout.split('\n').length, 4)
    const broken = await produce('{"value":"lost"}\n{nothing\n', '--input', 'ndjson', '--output', 'ndjson')
    assert.deepEqual([broken.code, broken.stdout], [1, ''])
    assert.match(broken.stderr, /line 2: not JSON: .*\n.*: 1 record aborted with the transaction; 0 records committed\n/)
    const large = await produce(`g\n${'x'.repeat(2_000_000)}\nh\n`, '--transaction-records', '1')
    assert.match(large.stderr, /\[MESSAGE_TOO_LARGE 10\]\n.*\n.*: 1 record aborted with the transaction; 1 record committed\n/)
    const stop = AbortSignal.timeout(1500)
    const endless = Readable.from(
      (async function* () {
        yield Buffer.from('i\nj\n')
        await new Promise((resolve) => stop.addEventListener('abort', resolve))
      })(),
    )
    const stopped = await tkafka(['produce', 'whole', '-X', 'transactional.id=whole-id'], { stdin: endless, stop })
    assert.match(stopped.stderr, /^2 records aborted; 0 records committed\n/)
    assert.deepEqual(await read(), ['a', 'b', 'c', 'd', 'e', 'f', 'g'])
    assert.equal((await tkafka(['produce', 'whole', '--transaction-records', '2'])).code, 2)
    await done('topics', 'delete', 'whole', '--yes')
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
