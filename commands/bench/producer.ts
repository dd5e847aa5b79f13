import { loadProducerLoad } from '../../src/bench/index.ts'
import {
  amountOf,
  BenchCommand,
  contentOf,
  intervalOf,
  loadFlags,
  loadSettings,
  madeTopicFlags,
  newTopicOf,
  producerConfigOf,
  sendFlags,
  throughputOf,
  topicArgs,
} from '../../src/cli/bench/index.ts'
import { parseCount } from '../../src/cli/index.ts'

export default class BenchProducer extends BenchCommand {
  static override summary = 'measure how a cluster takes records'
  static override description =
    'With --throughput the loop is open: each record has its time, and its latency counts from there, whether or not the cluster was ready for it. Batches lie made before the clock starts, so that the client costs little; its processor time is told apart. Settings of producers come by -X, as for Kafka: batch.size, linger.ms, compression.type.'
  static override examples = [
    {
      description: 'As much as the cluster takes, for 10 s, into a topic that is made for it:',
      command: '<%= config.bin %> bench producer',
    },
    {
      description: 'Latency at a rate, with a page of plots:',
      command: '<%= config.bin %> bench producer orders --throughput 50000 --duration 60s --report latency.html',
    },
    {
      description: "The classic line of Kafka's tool:",
      command:
        '<%= config.bin %> bench producer --topic bench --num-records 5000000 --record-size 1024 --throughput 100000 --warmup-records 200000',
    },
    {
      description: 'Three rounds, kept to compare with others:',
      command: '<%= config.bin %> bench producer -z lz4 --acks 1 -X batch.size=131072 --rounds 3 --save before.json',
    },
  ]
  static override usage = 'bench producer [TOPIC] [FLAGS]'
  static override args = topicArgs
  static override flags = { ...loadFlags, ...sendFlags, ...madeTopicFlags }

  async run(): Promise<void> {
    const { flags, args } = await this.read(BenchProducer)
    const perSecond = throughputOf(flags.throughput)
    const pace = { ...amountOf(flags), perSecond }
    const producers = parseCount(flags.producers, '--producers', 1, 1000)
    const intervalMs = intervalOf(flags.interval)
    const made = newTopicOf(flags)
    const content = await contentOf(this.shell, flags)
    const own = producerConfigOf(flags)
    const { values } = await this.settings(flags)
    const config = { ...this.limits(flags, values), ...values, ...own }
    const topic = await this.topicFor(flags, flags.topic ?? args.topic, made)
    const { produceLoad } = await loadProducerLoad()
    const host = await this.shell.host()
    const stop = this.shell.stopSignal()
    await this.measure({
      kind: 'producer',
      topic,
      settings: await this.settingsOf(loadSettings(flags), { acks: 'all', ...values, ...own }),
      rounds: flags.rounds,
      save: flags.save,
      saves: !flags['no-save'],
      report: flags.report,
      round: (onRow) =>
        produceLoad({ host, config, topic, content, pace, producers, intervalMs, onRow, stop }, (keys) => this.warnUnknown(keys)),
    })
  }
}
