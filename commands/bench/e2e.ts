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
  throughputOf,
  topicArgs,
} from '../../src/cli/bench/index.ts'
import { Flags, parseCount, usageFault } from '../../src/cli/index.ts'

export default class BenchE2e extends BenchCommand {
  static override summary = 'measure the time from sending a record to reading it'
  static override description =
    'Producers and consumers in one process: each value carries the time it was to be sent (its first 16 bytes), so that one clock measures the whole way. The loop is open, as in bench producer. linger.ms is 0 unless -X says otherwise.'
  static override examples = [
    { description: 'At a thousand records a second:', command: '<%= config.bin %> bench e2e' },
    {
      description: 'At 20,000 with acks=all and small batches, three rounds:',
      command: '<%= config.bin %> bench e2e orders --throughput 20000 --record-size 200 --acks all -X linger.ms=1 --rounds 3',
    },
  ]
  static override usage = 'bench e2e [TOPIC] [FLAGS]'
  static override args = topicArgs
  static override flags = {
    ...endToEndFlags,
    throughput: Flags.string({ summary: 'records a second; -1: as fast as possible', helpValue: 'N', default: '1000' }),
  }

  async run(): Promise<void> {
    const { flags, args } = await this.read(BenchE2e)
    const pace = { ...amountOf(flags), perSecond: throughputOf(flags.throughput) }
    const intervalMs = intervalOf(flags.interval)
    const producers = parseCount(flags.producers, '--producers', 1, 1000)
    const consumers = parseCount(flags.consumers, '--consumers', 1, 1000)
    const content = await contentOf(this.shell, flags)
    const { sizes } = content
    const least =
      sizes.kind === 'fixed' ? sizes.bytes : sizes.kind === 'uniform' ? sizes.least : Math.min(...sizes.sizes.map(({ bytes }) => bytes))
    if (least < 16 || content.values !== undefined || content.keys > 0)
      throw usageFault('values carry their time, so they have 16 bytes at least, come from no file and have no keys', 'See --record-size.')
    const made = newTopicOf(flags)
    const { values } = await this.settings(flags)
    const own = producerConfigOf(flags)
    const topic = await this.topicFor(flags, flags.topic ?? args.topic, made)
    const { endToEndLoad } = await loadEndToEndLoad()
    const host = await this.shell.host()
    const stop = this.shell.stopSignal()
    const defaults = { ...this.limits(flags, values), 'linger.ms': 0 }
    await this.measure({
      kind: 'e2e',
      topic,
      settings: await this.settingsOf({ ...loadSettings(flags), consumers }, { acks: 'all', 'linger.ms': 0, ...values, ...own }),
      rounds: flags.rounds,
      save: flags.save,
      saves: !flags['no-save'],
      report: flags.report,
      round: (onRow) =>
        endToEndLoad(
          {
            ...{ host, topic, content, pace, producers, consumers, intervalMs, onRow, stop, timesReading: true },
            config: { ...defaults, ...values, ...own },
            consumerConfig: { ...values, 'group.id': null },
          },
          (keys) => this.warnUnknown(keys),
        ),
    })
  }
}
