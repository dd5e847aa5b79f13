import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openAdmin } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { type ApacheKafka, startApacheKafka } from '../apache/apache-kafka.ts'
import { withoutApache } from '../apache/kafka-home.ts'
import { StreamsMember, type Topology } from '../apache/streams-member.ts'
import { run } from '../cli/run-command.ts'
import { shareProperties } from '../client/share-suite.ts'
import { delegationTokenCases } from './delegation-token-cases.ts'
import { masked } from './masked.ts'
import type { MatrixCase } from './matrix-case.ts'
import { openTransactions } from './open-transactions.ts'
import { shareConsumerCases, shareConsumerUsage } from './share-consumer-cases.ts'
import { shareGroupCases } from './share-group-cases.ts'
import { streamsGroupCases, streamsGroupUsage } from './streams-group-cases.ts'
import { runTheirs } from './their-tool.ts'
import { transactionCases } from './transaction-cases.ts'

const SERVER = 'SERVER'

describe('what needs a broker of Apache Kafka, by its tool and by ours', { skip: withoutApache }, () => {
  let kafka: ApacheKafka
  const folder = mkdtempSync(join(tmpdir(), 'tkafka-compat-'))
  const ours = (tool: string, words: readonly string[], stdin?: string) =>
    run(['compat', tool, ...words], { ...(stdin !== undefined && { stdin }) })
  const done = async (tool: string, words: string, stdin?: string): Promise<string> => {
    const { code, stdout, stderr } = await ours(tool, ['--bootstrap-server', kafka.bootstrap, ...words.split(' ')], stdin)
    assert.equal(code, 0, stdout + stderr)
    return stdout
  }
  before(async () => {
    const properties = {
      ...shareProperties,
      'transaction.partition.verification.enable': 'false',
      'group.streams.initial.rebalance.delay.ms': '0',
    }
    kafka = await startApacheKafka({ properties })
    await done('kafka-topics', '--create --topic t1 --partitions 3 --replication-factor 1')
    await done('kafka-configs', '--alter --entity-type groups --entity-name sg1 --add-config share.auto.offset.reset=earliest')
    await done('kafka-console-producer', '--topic t1', 'one\ntwo\n')
    assert.match(await done('kafka-console-share-consumer', '--topic t1 --group sg1 --max-messages 1 --timeout-ms 20000'), /^(one|two)\n$/)
    await done('kafka-topics', '--create --topic same --partitions 1 --replication-factor 1')
    await done('kafka-console-producer', '--topic same', 'the same\n'.repeat(50))
    for (const group of ['cs', 'deliveries', 'perf'])
      await done('kafka-configs', `--alter --entity-type groups --entity-name ${group} --add-config share.auto.offset.reset=earliest`)
    await openTransactions(kafka.bootstrap, [
      { id: 'tx-open', partition: 1 },
      { id: 'tx-two', partition: 2 },
      { id: 'tx-loose', partition: 0, hangs: true },
    ])
  })
  after(async () => {
    rmSync(folder, { recursive: true })
    await kafka?.kill()
  })

  const agrees = ({ tool, args, files = {}, unordered }: MatrixCase): void => {
    it(`${tool} ${args.filter((word, at) => word !== SERVER && args[at + 1] !== SERVER).join(' ')}`, async () => {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
      const words = args.map((word) => word.replace(SERVER, kafka.bootstrap).replace('FOLDER', folder))
      const plain = (text: string): string => (unordered === true ? masked(text).split('\n').sort().join('\n') : masked(text))
      const their = await runTheirs(tool, words)
      const our = await ours(tool, words)
      assert.equal(plain(our.stdout), plain(their.stdout))
      assert.equal(plain(our.stderr), plain(their.stderr))
      assert.equal(our.code, their.code)
    })
  }

  for (const each of [
    ...transactionCases(SERVER),
    ...shareGroupCases(SERVER),
    ...shareConsumerUsage(SERVER),
    ...shareConsumerCases(SERVER),
    ...delegationTokenCases(SERVER),
    ...streamsGroupUsage(SERVER),
  ])
    agrees(each)

  it('what hangs is ended by kafka-transactions abort', async () => {
    const find = 'find-hanging --topic t1 --max-transaction-timeout 0'
    const hanging = (await done('kafka-transactions', find)).split('\n')[1] ?? ''
    const [topic, partition, , , , offset] = hanging.split('\t').map((value) => value.trim())
    assert.deepEqual([topic, partition], ['t1', '0'])
    await done('kafka-transactions', `abort --topic t1 --partition 0 --start-offset ${offset}`)
    assert.equal((await done('kafka-transactions', find)).split('\n').length, 2, 'the header alone')
    assert.match(await done('kafka-transactions', 'describe-producers --topic t1 --partition 0'), /\tNone +\t\n$/)
  })

  it('kafka-console-share-consumer counts deliveries, and leaves to others what it did not print', async () => {
    const read = (more: string): Promise<string> =>
      done('kafka-console-share-consumer', `--topic same --group deliveries --max-messages 2 --timeout-ms 20000 ${more}`)
    const columns = '--formatter-property print.offset=true --formatter-property print.delivery=true'
    assert.equal(await read(`--release ${columns}`), 'Offset:0\tDelivery:1\tthe same\nOffset:1\tDelivery:1\tthe same\n')
    assert.equal(await read(columns), 'Offset:0\tDelivery:2\tthe same\nOffset:1\tDelivery:2\tthe same\n')
    assert.equal(await read(`--reject ${columns}`), 'Offset:2\tDelivery:3\tthe same\nOffset:3\tDelivery:3\tthe same\n')
  })

  it('kafka-share-consumer-perf-test tells what it measures as Kafka does', async () => {
    const time = '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d:\\d{3}'
    const four = '\\d+\\.\\d{4}'
    const head = 'start.time, end.time, data.consumed.in.MB, MB.sec, nMsg.sec, data.consumed.in.nMsg, fetch.time.ms\n'
    const figures = (count: number | string): string => `${time}, ${time}, ${four}, ${four}, ${four}, ${count}, \\d+`
    const told = async (words: string, ...parts: readonly string[]): Promise<void> => {
      const shape = new RegExp(`^${parts.join('')}$`)
      assert.match(await done('kafka-share-consumer-perf-test', `--topic same --group perf ${words}`), shape)
    }
    await told('--num-records 50', head, figures(50), '\n')
    const each = (number: number): string => `Share consumer ${number} having client id me-${number} consumption metrics- ${figures(0)}\n`
    const late =
      'WARNING: Exiting before consuming the expected number of records: timeout \\(300 ms\\) exceeded\\. You can use the --timeout option to increase the timeout\\.\n'
    const two = '--threads 2 --show-consumer-stats --hide-header --timeout 300 --command-property client.id=me --messages 1'
    await told(two, 'Warning: --messages is deprecated\\. Use --num-records instead\\.\n', each(1), each(2), late, figures(0), '\n')
    await done('kafka-console-producer', '--topic same', 'the same\n'.repeat(9))
    const line = `(?:${figures('\\d')} for share consumer 1\n)+`
    await told('--num-records 9 --show-detailed-stats --reporting-interval 1 --hide-header', line, figures(9), '\n')
    await told(
      '--num-records 1 --timeout 100 --print-metrics',
      head,
      late.replace('300', '100'),
      figures(0),
      '\n',
      '\nMetric Name +Value\n(?:consumer-share-fetch-manager-metrics:.*\n)+',
    )
  })

  it('a share group is forgotten, topic by topic and as a whole', async () => {
    assert.equal(
      await done('kafka-share-groups', '--delete-offsets --group sg1 --topic t1'),
      `\nTOPIC           STATUS\nt1              Successful\n`,
    )
    assert.equal(await done('kafka-share-groups', '--delete --group sg1'), "Deletion of requested share groups ('sg1') was successful.\n")
    assert.doesNotMatch(await done('kafka-share-groups', '--list'), /^sg1$/m)
  })

  describe('groups of streams applications', () => {
    let live: StreamsMember | undefined
    before(async () => {
      await done('kafka-topics', '--create --topic s1 --partitions 2 --replication-factor 1')
      await done('kafka-console-producer', '--topic s1', 'one\ntwo\nthree\n')
      const made = (group: string) => ({
        sources: ['s1'],
        repartitions: [`${group}-by-repartition`],
        changelogs: [`${group}-sum-changelog`],
      })
      const join = (group: string, topology: Topology = made(group)) => StreamsMember.join(kafka.bootstrap, group, topology)
      await (await join('ended')).leave()
      await (await join('plain', { sources: ['s1'] })).leave()
      using admin = openAdmin(nodeHost({ journal: silentJournal }), { 'bootstrap.servers': kafka.bootstrap })
      for (const group of ['ended', 'plain']) {
        const offsets = [0, 1].map((partition) => ({ topic: 's1', partition, offset: 0, leaderEpoch: 0 }))
        for (const { error } of await admin.alterGroupOffsets(group, offsets)) assert.equal(error, null)
      }
      live = await join('live')
    })
    after(() => live?.leave())

    for (const each of streamsGroupCases(SERVER)) agrees(each)

    it('are deleted with what they made for themselves, and forget where they stood', async () => {
      assert.match(
        await done('kafka-streams-groups', '--delete-offsets --group ended --all-input-topics'),
        /^Request succeeded for deleting offsets from group ended\.\n/,
      )
      assert.equal(
        await done('kafka-streams-groups', '--delete --group ended --group plain --delete-all-internal-topics'),
        "Deletion of requested streams groups ('plain', 'ended') was successful.\n" +
          "Deletion of associated internal topics of the streams groups ('ended') was successful.\n",
      )
      const topics = await done('kafka-topics', '--list')
      assert.doesNotMatch(topics, /ended-/)
      assert.match(topics, /live-sum-changelog/)
    })
  })
})
