import { loadEndToEndLoad } from '../../src/bench/index.ts'
import {
  amountOf,
  BenchCommand,
  contentOf,
  endToEndFlags,
  intervalOf,
  loadSettings,
  newTopicOf,
  producerConfigOf,
  sendFlags,
  throughputOf,
  topicArgs,
} from '../../src/cli/bench/index.ts'
import { parseCount } from '../../src/cli/index.ts'

export default class BenchMixed extends BenchCommand {
  static override summary = 'measure a cluster that takes and gives records at once'
  static override description =
    'Producers as in bench producer, and consumers that read what they send as it comes. Latencies are those of acknowledgements; what was read is counted beside.'
  static override examples = [
    {
      description: 'Two producers and two consumers, 20,000 records a second for a minute:',
      command: '<%= config.bin %> bench mixed --producers 2 --consumers 2 --throughput 20000 --duration 1m',
    },
    { description: 'As much as goes through, packed:', command: '<%= config.bin %> bench mixed orders -z zstd' },
  ]
  static override usage = 'bench mixed [TOPIC] [FLAGS]'
  static override args = topicArgs
  static override flags = { ...endToEndFlags, throughput: sendFlags.throughput, keys: sendFlags.keys }

  async run(): Promise<void> {
    const { flags, args } = await this.read(BenchMixed)
    const pace = { ...amountOf(flags), perSecond: throughputOf(flags.throughput) }
    const intervalMs = intervalOf(flags.interval)
    const producers = parseCount(flags.producers, '--producers', 1, 1000)
    const consumers = parseCount(flags.consumers, '--consumers', 1, 1000)
    const content = await contentOf(this.shell, flags)
    const made = newTopicOf(flags)
    const { values } = await this.settings(flags)
    const own = producerConfigOf(flags)
    const topic = await this.topicFor(flags, flags.topic ?? args.topic, made)
    const { endToEndLoad } = await loadEndToEndLoad()
    const host = await this.shell.host()
    const stop = this.shell.stopSignal()
    await this.measure({
      kind: 'mixed',
      topic,
      settings: await this.settingsOf({ ...loadSettings(flags), consumers }, { acks: 'all', ...values, ...own }),
      rounds: flags.rounds,
      save: flags.save,
      saves: !flags['no-save'],
      report: flags.report,
      round: (onRow) =>
        endToEndLoad(
          {
            ...{ host, topic, content, pace, producers, consumers, intervalMs, onRow, stop, timesReading: false },
            config: { ...this.limits(flags, values), ...values, ...own },
            consumerConfig: { ...values, 'group.id': null },
          },
          (keys) => this.warnUnknown(keys),
        ),
    })
  }
}
