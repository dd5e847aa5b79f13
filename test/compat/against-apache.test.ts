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
import { delegationTokenCases } from './delegation-token-cases.ts'
import { masked } from './masked.ts'
import type { MatrixCase } from './matrix-case.ts'
import { openTransactions } from './open-transactions.ts'
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
    const properties = { 'transaction.partition.verification.enable': 'false', 'group.streams.initial.rebalance.delay.ms': '0' }
    kafka = await startApacheKafka({ properties })
    await done('kafka-topics', '--create --topic t1 --partitions 3 --replication-factor 1')
    await done('kafka-configs', '--alter --entity-type groups --entity-name sg1 --add-config share.auto.offset.reset=earliest')
    await done('kafka-console-producer', '--topic t1', 'one\ntwo\n')
    const read = '--topic t1 --group sg1 --max-messages 1 --timeout-ms 20000'
    const shared = await runTheirs('kafka-console-share-consumer', ['--bootstrap-server', kafka.bootstrap, ...read.split(' ')])
    assert.equal(shared.code, 0, shared.stderr)
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

  it('a share group is forgotten, topic by topic and as a whole', async () => {
    assert.equal(
      await done('kafka-share-groups', '--delete-offsets --group sg1 --topic t1'),
      `\nTOPIC           STATUS\nt1              Successful\n`,
    )
    assert.equal(await done('kafka-share-groups', '--delete --group sg1'), "Deletion of requested share groups ('sg1') was successful.\n")
    assert.equal(await done('kafka-share-groups', '--list'), '')
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
