import {
  ClusterCommand,
  type ClusterFlags,
  counted,
  Flags,
  leftOutText,
  loadConsumption,
  parseCount,
  parsePartitions,
  shareSettings,
  textArgs,
  usageFault,
} from '../src/cli/index.ts'
import type { AcknowledgeType, Admin } from '../src/client/index.ts'
import { loadTopicReading, loadTopicSelection, offsetLanguage, parseOffsetRange } from '../src/ops/index.ts'

type Consumption = Parameters<Awaited<ReturnType<typeof loadConsumption>>['printRecords']>[0]
type Printing = Omit<Consumption, 'source' | 'printed'>
type Printer = Consumption['print']

/** Partitions that are named in a remark. */
const ENDS_MAX = 3
/** A look at where a group is may not hold up the reading. */
const PLACES_MS = 5000

export default class Consume extends ClusterCommand {
  static override summary = 'read records'
  static override description =
    `Without a group: all partitions from the start, for as long as it runs; --offset says otherwise. With a group: from where the group is, else from the start, and what was printed is committed. With a share group: what it has to give, which others of the group then do not get; what is printed or left out by --grep is acknowledged as --ack says. A share group that is new begins at the end, unless its share.auto.offset.reset is earliest; -e ends when nothing came for two seconds.

Offsets (-o): ${offsetLanguage}. A range ends before its second place.

Format (-f): %t topic, %p partition, %o offset, %d timestamp, %k key, %v value, %K %V lengths, %h{%k=%v } headers, %e leader epoch, %i number; modifiers %v{hex} %v{base64} %o{big64} %v{unpack[>I]} %d{strftime[%F %T]}; \\n \\t \\xHH.`
  static override examples = [
    { description: 'Everything there is, and out:', command: '<%= config.bin %> consume orders -e' },
    {
      description: 'The last ten of each partition, with their places:',
      command: "<%= config.bin %> consume orders -o -10 -e -f '%p %o %k=%v\\n'",
    },
    { description: 'Yesterday, as JSON lines that produce reads back:', command: '<%= config.bin %> consume orders -o @-48h:-24h -J' },
    { description: 'As a member of a group:', command: '<%= config.bin %> consume orders -g billing -n 100' },
    {
      description: 'A look at what a share group has to do, which leaves it to others:',
      command: '<%= config.bin %> consume jobs --share-group workers --ack release -n 5',
    },
    { description: 'Only what matches:', command: "<%= config.bin %> consume orders --grep 'k:^customer-7$' --grep 'h:trace=.+'" },
  ]
  static override args = { topic: textArgs('topics') }
  static override flags = {
    topic: Flags.string({ char: 't', multiple: true, multipleNonGreedy: true, hidden: true }),
    regex: Flags.boolean({ char: 'r', summary: 'the topics are regular expressions for whole names' }),
    offset: Flags.string({ char: 'o', summary: 'where to begin, and to end', helpValue: 'OFFSETS' }),
    'from-beginning': Flags.boolean({ hidden: true, exclusive: ['offset'] }),
    partitions: Flags.string({ char: 'p', aliases: ['partition'], summary: 'only these partitions', helpValue: '0,2-4' }),
    num: Flags.string({
      char: 'n',
      aliases: ['max-messages', 'count'],
      charAliases: ['c'],
      summary: 'print so many records',
      helpValue: 'N',
    }),
    'exit-at-end': Flags.boolean({ char: 'e', summary: 'end where the partitions end now' }),
    group: Flags.string({ char: 'g', summary: 'read as a member of this group' }),
    'share-group': Flags.string({ summary: 'read as a member of this share group', helpValue: 'GROUP', exclusive: ['group'] }),
    ack: Flags.option({ options: ['accept', 'release', 'reject'] as const, aliases: ['share-ack-type'] })({
      summary: 'what becomes of records of a share group: done with, for others again, or for nobody [default: accept]',
    }),
    grep: Flags.string({
      char: 'G',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'only records that match: RE, k:RE, v:RE, h:NAME=RE, ! before it: not',
      helpValue: 'RE',
    }),
    format: Flags.string({ char: 'f', summary: 'how to print a record; default %v\\n', helpValue: 'FORMAT' }),
    'kcat-format': Flags.string({ summary: 'the same in kcat’s letters', exclusive: ['format'], helpValue: 'FORMAT' }),
    'json-lines': Flags.boolean({ char: 'J', summary: 'a JSON object a record' }),
    'isolation-level': Flags.option({ options: ['read_uncommitted', 'read_committed'] as const })({
      summary: 'whether to wait for transactions',
    }),
    'read-committed': Flags.boolean({ hidden: true }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(Consume)
    const host = await this.shell.host()
    const names = [...argv, ...(flags.topic ?? [])]
    if (names.length === 0) throw usageFault('which topics?', 'Name at least one.')
    const text = flags.offset ?? (flags['exit-at-end'] ? 'start:end' : 'start')
    const range = parseOffsetRange(text, host.clock.now())
    if (range === undefined) throw usageFault(`--offset ${text} is no range`, `Offsets: ${offsetLanguage}.`)
    const { from, until: last } = range
    if (from.kind === 'offset' && last?.kind === 'offset' && last.offset < from.offset)
      throw usageFault(`--offset ${text} ends before it begins`, `Write ${last.offset}:${from.offset}.`)
    const { group } = flags
    if (group === undefined && range.from.kind === 'stored') throw usageFault('--offset stored needs a group', 'Add --group.')
    if (group !== undefined && flags.offset !== undefined && !['start', 'end', 'stored'].includes(range.from.kind)) {
      throw usageFault('a group begins where it is', 'Move it with tkafka groups reset, or leave --group out.')
    }
    if (group !== undefined && flags.partitions !== undefined)
      throw usageFault('a group shares out partitions by itself', 'Leave --partitions or --group out.')
    const shareGroup = flags['share-group']
    if (shareGroup === undefined && flags.ack !== undefined) throw usageFault('--ack is for share groups', 'Add --share-group.')
    if (shareGroup !== undefined && (flags.offset !== undefined || flags.partitions !== undefined || flags['from-beginning']))
      throw usageFault('a share group decides itself what it gives', 'Leave --offset and --partitions out.')
    if (shareGroup !== undefined && (flags['isolation-level'] !== undefined || flags['read-committed']))
      throw usageFault('a share group has an isolation level of its own', 'See share.isolation.level with tkafka configs describe groups.')
    const tools = await loadConsumption()
    const json = flags['json-lines'] || ['json', 'ndjson'].includes(this.output)
    const format = flags['kcat-format'] === undefined ? (flags.format ?? '%v\\n') : tools.fromKcatFormat(flags['kcat-format'])
    const printTemplate = tools.recordPrinter(tools.parseTemplate(format))
    const filter = flags.grep === undefined ? undefined : tools.recordFilter(flags.grep)
    const countMax = flags.num === undefined ? Number.POSITIVE_INFINITY : parseCount(flags.num, '--num')
    const partitions = flags.partitions === undefined ? undefined : parsePartitions(flags.partitions, '--partitions')

    const { values } = await this.settings(flags)
    const committed = flags['read-committed'] || (flags['isolation-level'] ?? values['isolation.level']) === 'read_committed'
    const isolationLevel = committed ? 'read_committed' : 'read_uncommitted'
    const admin = await this.openAdmin(flags)
    const { selectTopics } = await loadTopicSelection()
    const topics = await selectTopics(admin, names, { regex: flags.regex, internal: false })
    if (topics.length === 0) throw usageFault(`no topic matches ${names.join(', ')}`)
    // Only from here on there is something to leave behind in order: a cluster that does not answer is left at once.
    const stop = this.shell.stopSignal()
    const print: Printer = json ? (out, record) => out.text(`${tools.recordLine(record)}\n`) : printTemplate
    const printing = { filter, countMax, stop, print, write: (bytes: Buffer) => this.write(bytes) }
    if (shareGroup !== undefined) return this.#consumeShared(flags, shareGroup, topics, printing, tools)
    const { Consumer } = await import('../src/client/index.ts')
    const fixed = { 'isolation.level': isolationLevel, 'allow.auto.create.topics': 'false', 'enable.auto.commit': 'false' }
    const reset = range.from.kind === 'end' ? 'latest' : 'earliest'
    const member =
      group === undefined ? { 'group.id': null } : { 'group.id': group, 'auto.offset.reset': values['auto.offset.reset'] ?? reset }
    const consumer = new Consumer(host, { ...values, ...fixed, ...member })
    this.scope.adopt(consumer, (each) => (stop.aborted ? each.close(tools.stoppedGraceMs) : each.close()))
    this.warnUnknown(consumer.unknownKeys)
    stop.addEventListener('abort', () => consumer.wakeup(), { once: true })

    // A group would look for its coordinator for as long as it takes; a cluster that is not there is told at once.
    if (group !== undefined) await admin.describeCluster()
    const asked = flags.offset ?? (flags['from-beginning'] ? 'start' : undefined)
    if (group !== undefined && asked !== undefined && range.from.kind !== 'stored') await this.#warnPlaced(admin, group, topics, asked)
    const until = range.until ?? (flags['exit-at-end'] ? ({ kind: 'end' } as const) : undefined)
    const { RangeReading } = await loadTopicReading()
    const source =
      group === undefined
        ? await RangeReading.open(admin, consumer, { topics, partitions, range: { from: range.from, until }, isolationLevel })
        : new tools.GroupReading(consumer, host.clock, topics, flags['exit-at-end'], stop)
    if (source instanceof RangeReading && source.tooShort.size > 0) {
      const ends = [...source.tooShort].slice(0, ENDS_MAX).map(([partition, end]) => `${partition} ends at ${end}`)
      const more = source.tooShort.size > ENDS_MAX ? ', …' : ''
      this.tell(`nothing is there from offset ${text.split(':')[0]} on: ${ends.join(', ')}${more}`)
    }
    tools.tellOutages(consumer.cluster, (line) => this.tell(line, 'always'))
    const count = await tools.printRecords({
      source,
      ...printing,
      ...(source instanceof tools.GroupReading ? { printed: (item, offset) => source.printed(item, offset) } : {}),
    })
    if (source instanceof tools.GroupReading) await source.commit(stop.aborted ? tools.stoppedGraceMs : this.timeoutMs(flags))
    if (this.verbose) this.tell(counted(count, 'record'))
  }

  async #consumeShared(
    flags: ClusterFlags & { readonly ack?: AcknowledgeType | undefined; readonly 'exit-at-end': boolean },
    group: string,
    topics: readonly string[],
    printing: Printing,
    tools: Awaited<ReturnType<typeof loadConsumption>>,
  ): Promise<void> {
    const host = await this.shell.host()
    const { stop } = printing
    const { values, leftOut } = await shareSettings((await this.settings(flags)).values)
    if (leftOut.length > 0) this.tell(leftOutText(leftOut), 'always')
    const { ShareConsumer } = await import('../src/client/index.ts')
    const fixed = { 'allow.auto.create.topics': 'false', 'share.acknowledgement.mode': 'explicit', 'group.id': group }
    const consumer = new ShareConsumer(host, { ...values, ...fixed })
    this.scope.adopt(consumer, (each) => (stop.aborted ? each.close(tools.stoppedGraceMs) : each.close()))
    this.warnUnknown(consumer.unknownKeys)
    stop.addEventListener('abort', () => consumer.wakeup(), { once: true })
    const source = new tools.ShareReading(consumer, host.clock, topics, flags.ack ?? 'accept', flags['exit-at-end'])
    tools.tellOutages(consumer.cluster, (line) => this.tell(line, 'always'))
    const count = await tools.printRecords({ source, ...printing, printed: (item, offset) => source.printed(item, offset) })
    await source.commit(stop.aborted ? tools.stoppedGraceMs : this.timeoutMs(flags))
    if (this.verbose) this.tell(counted(count, 'record'))
  }

  /** Where a group has committed something, it goes on from there whatever -o says. */
  async #warnPlaced(admin: Admin, group: string, topics: readonly string[], asked: string): Promise<void> {
    const [found] = await admin.listGroupOffsets([group], { timeoutMs: PLACES_MS }).catch(() => [])
    const placed = [...new Set((found?.value ?? []).filter(({ value }) => value !== null).map(({ item }) => item.topic))].filter((topic) =>
      topics.includes(topic),
    )
    if (placed.length === 0) return
    const place = asked.split(':')[0]
    this.tell(
      `group ${group} goes on from where it is in ${placed.join(', ')}: -o ${asked} counts only where it has committed nothing`,
      'always',
    )
    this.tell(
      `  To begin elsewhere: tkafka groups reset ${group} --to ${place} ${placed.map((topic) => `--topic ${topic}`).join(' ')} --execute`,
      'always',
    )
  }
}
