import type { ProducedTransactions } from '../src/cli/index.ts'
import {
  ClusterCommand,
  counted,
  type FailedItem,
  Fault,
  Flags,
  failureOf,
  hintOf,
  loadProduction,
  orStopped,
  parseCount,
  textArgs,
  usageFault,
} from '../src/cli/index.ts'
import type { Cluster, Delivery, TopicMetadata } from '../src/client/index.ts'
import { Errors } from '../src/protocol/index.ts'

export default class Produce extends ClusterCommand {
  static override summary = 'send records'
  static override description =
    `A record per line of standard input (or of the files), byte for byte. With --key-delimiter a line is key and value. With --input ndjson a line is a JSON object as consume -J prints it: topic, partition, timestamp, headers, key and value are kept, null is not "". With --input csv the first row names the columns: key, value, topic, partition, timestamp, header.NAME; an empty cell is null, "" is an empty text.

With --txn ID all of it is one transaction: readers of read_committed see it whole when the input has ended, and nothing of it after an error or Ctrl-C, which abort it. With --transaction-records N each N records are one. A transaction that takes longer than transaction.timeout.ms (-X, 1 minute) is ended by the cluster.

Format (-f): %k key, %v value, %t topic, %p partition, %d timestamp, each up to the text that follows it, or of the length that came before it: %K %V; %H{big16}%h{%K{big16}%k%V{big32}%v} headers; modifiers hex, base64, big64 to big8, little64 to little8.`
  static override examples = [
    { description: 'Lines of a file:', command: '<%= config.bin %> produce orders access.log' },
    { description: 'Keys and values:', command: "printf 'a=1\\nb=2\\n' | <%= config.bin %> produce orders -K =" },
    {
      description: 'Copy a topic with keys, headers and timestamps:',
      command: '<%= config.bin %> consume orders -e -J | <%= config.bin %> produce orders-copy --input ndjson',
    },
    { description: 'A table with a head:', command: "printf 'key,value\\na,1\\n' | <%= config.bin %> produce orders --input csv" },
    { description: 'A tombstone:', command: 'echo | <%= config.bin %> produce orders -k customer-7 -Z' },
    {
      description: 'All of a file or nothing:',
      command: '<%= config.bin %> produce orders orders.ndjson --input ndjson --txn nightly-import',
    },
    { description: 'A header for each, compressed:', command: '<%= config.bin %> produce orders -H source=import -z zstd < records.txt' },
  ]
  static override usage = 'produce TOPIC [FILE...] [FLAGS]'
  static override args = {
    topic: textArgs('topic, which may stand in the records with --input ndjson or csv; then files, - for standard input'),
  }
  static override flags = {
    topic: Flags.string({ char: 't', hidden: true }),
    input: Flags.option({ options: ['lines', 'ndjson', 'csv'] as const, aliases: ['input-format'] })({
      summary: 'what comes in',
      default: 'lines',
    }),
    format: Flags.string({ char: 'f', summary: 'how a record is written', helpValue: 'FORMAT' }),
    delimiter: Flags.string({ char: 'D', summary: 'what ends a record; default \\n', helpValue: 'TEXT' }),
    'key-delimiter': Flags.string({ char: 'K', summary: 'what stands between key and value', helpValue: 'TEXT' }),
    key: Flags.string({ char: 'k', summary: 'key of every record that has none of its own' }),
    header: Flags.string({
      char: 'H',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'a header of every record',
      helpValue: 'KEY=VALUE',
    }),
    partition: Flags.string({ char: 'p', summary: 'send everything to this partition', helpValue: 'N' }),
    'any-partition': Flags.boolean({ summary: 'do not keep the partitions that the input names' }),
    compression: Flags.option({ char: 'z', options: ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const, aliases: ['compression-codec'] })({
      summary: 'codec of the batches',
    }),
    tombstone: Flags.boolean({ char: 'Z', summary: 'an empty value (or key) is null' }),
    acks: Flags.string({ summary: 'who must have it: all, 1 or 0' }),
    'transactional-id': Flags.string({
      aliases: ['txn'],
      summary: 'send it all in one transaction, under this id, which fences others that have it',
      helpValue: 'ID',
    }),
    'transaction-records': Flags.string({ summary: 'in transactions of so many records each', helpValue: 'N' }),
    num: Flags.string({ char: 'n', aliases: ['count'], charAliases: ['c'], summary: 'send so many records', helpValue: 'N' }),
  }

  protected override async nextStep(failure: FailedItem): Promise<string> {
    if (failure.name !== 'REQUEST_TIMED_OUT') return super.nextStep(failure)
    const topic = this.#topic ?? 'TOPIC'
    return `It may be written all the same: tkafka consume ${topic} -o -5 -e shows the last of each partition, tkafka topics describe ${topic} who leads them.`
  }

  #topic: string | undefined

  async run(): Promise<void> {
    const { flags, argv } = await this.read(Produce)
    const topic = flags.topic ?? argv[0]
    if (topic === undefined && flags.input === 'lines' && flags.format === undefined) throw usageFault('which topic?', 'Name one.')
    this.#topic = topic
    const partition = flags.partition === undefined ? undefined : parseCount(flags.partition, '--partition', 0, 0x7fffffff)
    const countMax = flags.num === undefined ? never : parseCount(flags.num, '--num')
    const tools = await loadProduction()
    const read =
      flags.input === 'ndjson'
        ? tools.jsonReader()
        : flags.input === 'csv'
          ? tools.csvReader()
          : flags.format !== undefined
            ? tools.templateReader(tools.parseTemplate(flags.format))
            : tools.delimitedReader(
                tools.unescapeBytes(flags.delimiter ?? '\\n', '--delimiter'),
                flags['key-delimiter'] === undefined ? undefined : tools.unescapeBytes(flags['key-delimiter'], '--key-delimiter'),
              )
    const toRecord = tools.outgoing({
      topic,
      partition,
      keepPartition: !flags['any-partition'],
      key: flags.key,
      headers: flags.header ?? [],
      emptyIsNull: flags.tombstone,
    })
    const stop = this.shell.stopSignal()
    const { values } = await this.settings(flags)
    const host = await this.shell.host()
    const own = {
      ...(flags.compression === undefined ? {} : { 'compression.type': flags.compression }),
      ...(flags.acks === undefined ? {} : { acks: flags.acks }),
      ...(flags.acks === '0' || flags.acks === '1' ? { 'enable.idempotence': 'false' } : {}),
      ...(flags['transactional-id'] === undefined ? {} : { 'transactional.id': flags['transactional-id'] }),
    }
    const recordsEach =
      flags['transaction-records'] === undefined ? never : parseCount(flags['transaction-records'], '--transaction-records', 1)
    const isTransactional = flags['transactional-id'] !== undefined || values['transactional.id'] !== undefined
    if (recordsEach !== never && !isTransactional)
      throw usageFault('--transaction-records needs a transactional id', 'Name one with --transactional-id ID.')
    const { Producer } = await import('../src/client/index.ts')
    const timeoutMs = this.timeoutMs(flags)
    const lingerMs = 20
    // A record may take as long as a request, after it was gathered with others.
    const limits = flags.timeout === undefined ? {} : { 'delivery.timeout.ms': lingerMs + timeoutMs, 'request.timeout.ms': timeoutMs }
    const config = { 'max.block.ms': timeoutMs, 'linger.ms': lingerMs, 'batch.size': 131_072, ...limits, ...values, ...own }
    const producer = new Producer(host, config, { connectAttempts: 3 })
    this.scope.use(producer)
    this.warnUnknown(producer.unknownKeys)
    const missing = missingTopics(producer.cluster)
    const listsDeliveries = this.output === 'json' || this.output === 'ndjson'
    // Where no record asks for the cluster, whether it is there, and has the partition, is worth a question.
    const lookUp = async (): Promise<void> => {
      await producer.cluster.refresh([], timeoutMs)
      if (topic !== undefined && partition !== undefined) await tools.assertPartition(producer, { topic, partition })
    }
    let lines = ''
    const files = flags.topic === undefined ? argv.slice(1) : argv
    const production = {
      ...{ producer, read, toRecord, stop, countMax },
      inputs: (files.length === 0 ? ['-'] : files).map((path) => tools.inputStream(this.shell, path)),
      ...(listsDeliveries
        ? {
            delivered: ({ topic, partition, offset, timestamp }: Delivery) => {
              lines += `${JSON.stringify({ topic, partition, offset, timestamp })}\n`
              if (lines.length < 65_536) return
              void this.write(lines)
              lines = ''
            },
          }
        : {}),
    }
    if (isTransactional) {
      const produced = await tools.produceInTransactions({ ...production, recordsEach })
      await this.write(lines)
      await this.#tellTransactions(produced)
      return
    }
    let telling: Promise<void> | undefined
    const tellFailed = (error: unknown): void => {
      telling = this.reportFailures([failureOf(error)], hintOf(error))
    }
    const { sent, failed } = await tools.produceRecords({ ...production, failed: tellFailed })
    await this.write(lines)
    await telling
    if (sent + failed === 0 && !stop.aborted) await orStopped(lookUp(), stop)
    if (failed > 0) throw new Fault(`${counted(failed, 'record')} failed, ${counted(sent, 'was', 'were')} sent`)
    for (const { name, partitions } of missing()) {
      this.tell(
        `topic ${name} was not there at first: brokers make topics that records are sent to (auto.create.topics.enable). It has ${counted(partitions.length, 'partition')}; tkafka topics create makes one as you want it`,
      )
    }
    this.tell(`${counted(sent, 'record')} sent`)
  }

  async #tellTransactions({ sent, transactions, aborted, inDoubt, failure }: ProducedTransactions): Promise<void> {
    const before = `${counted(sent, 'record')} committed${transactions > 1 ? ` in ${counted(transactions, 'transaction')}` : ''}`
    if (inDoubt > 0) await this.#tellFailure(failure)
    if (inDoubt > 0)
      throw new Fault(`whether ${counted(inDoubt, 'record')} were committed is not known; ${before} before`, {
        hint: 'tkafka txns describe shows how the transaction ended.',
      })
    if (failure === undefined) {
      this.tell(aborted === 0 ? before : `${counted(aborted, 'record')} aborted; ${before}`)
      return
    }
    if (aborted === 0 && sent === 0) throw failure
    await this.#tellFailure(failure)
    throw new Fault(`${counted(aborted, 'record')} aborted with the transaction; ${before}`)
  }

  async #tellFailure(failure: unknown): Promise<void> {
    if (failure !== undefined) await this.reportFailures([failureOf(failure)], hintOf(failure))
  }
}

const never = Number.POSITIVE_INFINITY

/** Topics that a cluster knew nothing of when they were asked for, and knows when this is called. */
function missingTopics(cluster: Cluster): () => TopicMetadata[] {
  const missing = new Set<string>()
  cluster.onView(({ topics }) => {
    for (const { name, errorCode } of topics.values()) if (errorCode === Errors.UNKNOWN_TOPIC_OR_PARTITION) missing.add(name)
  })
  return () =>
    [...missing].flatMap((name) => {
      const topic = cluster.view.topics.get(name)
      return topic === undefined || topic.partitions.length === 0 ? [] : [topic]
    })
}
