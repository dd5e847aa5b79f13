import { loadTransactionLoad } from '../../src/bench/index.ts'
import {
  amountOf,
  BenchCommand,
  contentOf,
  intervalOf,
  loadSettings,
  newTopicOf,
  producerConfigOf,
  shareOf,
  throughputOf,
  topicArgs,
  transactionFlags,
} from '../../src/cli/bench/index.ts'
import { parseCount } from '../../src/cli/index.ts'

export default class BenchTxn extends BenchCommand {
  static override summary = 'measure transactions'
  static override description =
    'Producers that begin a transaction, send its records and commit it, one after the other each. With --throughput the loop is open: each transaction has its time to begin, and its latency counts from there to the end of its commit; beside it stands what the commit alone took. --abort-share aborts some on purpose. What is neither committed nor aborted on purpose has failed, with all its records. A cluster without transactions is told at once.'
  static override examples = [
    {
      description: 'As many transactions of 100 records as one producer gets through, for 10 s, into a topic that is made for it:',
      command: '<%= config.bin %> bench txn',
    },
    {
      description: 'Latency at a rate, small ones, four at once:',
      command: '<%= config.bin %> bench txn orders --throughput 200 --transaction-records 10 --producers 4 --duration 60s',
    },
    {
      description: 'One in twenty aborted, three rounds to compare with others:',
      command: '<%= config.bin %> bench txn --abort-share 5% --rounds 3 --save before.json',
    },
  ]
  static override usage = 'bench txn [TOPIC] [FLAGS]'
  static override args = topicArgs
  static override flags = transactionFlags

  async run(): Promise<void> {
    const { flags, args } = await this.read(BenchTxn)
    const perSecond = throughputOf(flags.throughput)
    const { duration, warmup } = flags
    const pace = { ...amountOf({ 'num-records': flags['num-transactions'], duration, warmup }, '--num-transactions'), perSecond }
    const producers = parseCount(flags.producers, '--producers', 1, 1000)
    const recordsEach = parseCount(flags['transaction-records'], '--transaction-records', 1, 10_000_000)
    const partitions = flags['transaction-partitions']
    const partitionsEach =
      partitions === undefined ? Number.POSITIVE_INFINITY : parseCount(partitions, '--transaction-partitions', 1, 100_000)
    const abortShare = shareOf(flags['abort-share'], '--abort-share')
    const intervalMs = intervalOf(flags.interval)
    const made = newTopicOf(flags)
    const content = await contentOf(this.shell, flags)
    const own = producerConfigOf({ compression: flags.compression, acks: undefined })
    const { values } = await this.settings(flags)
    const config = { ...this.limits(flags, values), ...values, ...own }
    const host = await this.shell.host()
    const transactionalId =
      flags['transactional-id'] ?? values['transactional.id'] ?? `tkafka-bench-${Buffer.from(host.random.bytes(6)).toString('hex')}`
    const { assertTransactions, transactionLoad } = await loadTransactionLoad()
    const topic = await this.topicFor(flags, flags.topic ?? args.topic, made, (admin) => assertTransactions(admin, `${transactionalId}-0`))
    const stop = this.shell.stopSignal()
    const ofLoad = {
      transactionRecords: recordsEach,
      transactionPartitions: partitions === undefined ? null : Number(partitions),
      abortShare,
    }
    await this.measure({
      kind: 'txn',
      topic,
      settings: await this.settingsOf(
        { ...loadSettings(flags), ...ofLoad },
        { acks: 'all', ...values, ...own, 'transactional.id': undefined },
      ),
      rounds: flags.rounds,
      save: flags.save,
      saves: !flags['no-save'],
      report: flags.report,
      round: (onRow) =>
        transactionLoad(
          {
            ...{ host, config, topic, content, pace, producers, transactionalId, recordsEach, partitionsEach, abortShare },
            ...{ intervalMs, onRow, stop },
          },
          (keys) => this.warnUnknown(keys),
        ),
    })
  }
}
