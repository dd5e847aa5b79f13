import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type ApacheKafka, startApacheKafka } from '../apache/apache-kafka.ts'
import { withoutApache } from '../apache/kafka-home.ts'
import { run } from '../cli/run-command.ts'
import { delegationTokenCases } from './delegation-token-cases.ts'
import { masked } from './masked.ts'
import { openTransactions } from './open-transactions.ts'
import { shareGroupCases } from './share-group-cases.ts'
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
    kafka = await startApacheKafka({ properties: { 'transaction.partition.verification.enable': 'false' } })
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

  for (const { tool, args, files = {} } of [...transactionCases(SERVER), ...shareGroupCases(SERVER), ...delegationTokenCases(SERVER)]) {
    it(`${tool} ${args.filter((word, at) => word !== SERVER && args[at + 1] !== SERVER).join(' ')}`, async () => {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
      const words = args.map((word) => word.replace(SERVER, kafka.bootstrap).replace('FOLDER', folder))
      const their = await runTheirs(tool, words)
      const our = await ours(tool, words)
      assert.equal(masked(our.stdout), masked(their.stdout))
      assert.equal(masked(our.stderr), masked(their.stderr))
      assert.equal(our.code, their.code)
    })
  }

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
})
