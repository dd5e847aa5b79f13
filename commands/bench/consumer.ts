import { loadConsumerLoad } from '../../src/bench/index.ts'
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
  topicArgs,
} from '../../src/cli/bench/index.ts'
import { Flags, parseCount, parseDurationMs, usageFault } from '../../src/cli/index.ts'

const FILL = 1_000_000
const { throughput: _throughput, ...fillFlags } = sendFlags

export default class BenchConsumer extends BenchCommand {
  static override summary = 'measure how a cluster gives records'
  static override description =
    'Reads a topic from its beginning to where it ended when the reading began, or as much as is asked for. Records are counted by the heads of their batches, checksums as check.crcs says; --decode looks at each record, as an application would. Without a topic, one is made and filled first. Settings of consumers come by -X: fetch.min.bytes, max.partition.fetch.bytes, isolation.level.'
  static override examples = [
    { description: 'A topic from its beginning to its end:', command: '<%= config.bin %> bench consumer orders' },
    {
      description: 'A million records of 100 bytes, written first, by two consumers:',
      command: '<%= config.bin %> bench consumer -n 1000000 --record-size 100 --consumers 2',
    },
    {
      description: 'As the members of a group, unpacking every record:',
      command: '<%= config.bin %> bench consumer orders -g perf --decode',
    },
  ]
  static override usage = 'bench consumer [TOPIC] [FLAGS]'
  static override args = topicArgs
  static override flags = {
    ...loadFlags,
    ...fillFlags,
    ...madeTopicFlags,
    group: Flags.string({
      char: 'g',
      summary: 'read as members of a group, from what it has committed; one that is in use only with --yes',
      helpValue: 'GROUP',
    }),
    consumers: Flags.string({ aliases: ['threads'], summary: 'consumers with connections of their own', helpValue: 'N', default: '1' }),
    decode: Flags.boolean({ summary: 'look at every record, not at batches alone' }),
    silence: Flags.string({ summary: 'end when nothing came for so long', helpValue: 'TIME', default: '10s' }),
  }

  async run(): Promise<void> {
    const { flags, args } = await this.read(BenchConsumer)
    const name = flags.topic ?? args.topic
    const isEndless = flags['num-records'] === undefined && flags.duration === undefined
    const amount = amountOf({ ...flags, warmup: flags.warmup ?? '0' })
    const consumers = parseCount(flags.consumers, '--consumers', 1, 1000)
    const rounds = parseCount(flags.rounds, '--rounds', 1, 1000)
    const intervalMs = intervalOf(flags.interval)
    const silenceMs = parseDurationMs(flags.silence, '--silence')
    if (flags.group !== undefined && rounds > 1) throw usageFault('a group reads once what it reads', 'Leave --group out, or --rounds.')
    const content = await contentOf(this.shell, { ...flags, throughput: '-1' })
    const made = newTopicOf(flags)
    const { values } = await this.settings(flags)
    const topic = await this.topicFor(flags, name, made)
    if (flags.group !== undefined && name !== undefined) await this.confirmGroup(flags, flags.group, name)
    const host = await this.shell.host()
    const stop = this.shell.stopSignal()
    if (name === undefined) {
      const countMax = flags['num-records'] === undefined ? FILL : amount.countMax
      const config = { 'batch.size': 131_072, ...values, ...producerConfigOf(flags) }
      const producers = parseCount(flags.producers, '--producers', 1, 1000)
      await this.fill(topic, countMax, producers, content, config)
    }
    const { consumeLoad } = await loadConsumerLoad()
    const config = { ...values, ...(flags.group === undefined ? { 'group.id': null } : { 'group.id': flags.group }) }
    const { throughput: _none, producers: _ours, ...shape } = loadSettings({ ...flags, throughput: '-1' })
    await this.measure({
      kind: 'consumer',
      topic,
      settings: await this.settingsOf({ ...(name === undefined ? shape : {}), consumers, decode: flags.decode }, config),
      rounds: flags.rounds,
      save: flags.save,
      saves: !flags['no-save'],
      report: flags.report,
      round: (onRow) =>
        consumeLoad(
          {
            ...{ host, config, topic, consumers, intervalMs, silenceMs, onRow, stop, decode: flags.decode, ...amount },
            ...(isEndless && flags.group === undefined ? { countMax: Number.POSITIVE_INFINITY, durationMs: Number.POSITIVE_INFINITY } : {}),
          },
          (keys) => this.warnUnknown(keys),
        ),
    })
  }
}
