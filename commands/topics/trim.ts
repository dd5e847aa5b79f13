import {
  ClusterCommand,
  confirmFlags,
  counted,
  divide,
  dryRunFlag,
  Flags,
  parsePartitions,
  readTrimFile,
  textArg,
  usageFault,
} from '../../src/cli/index.ts'
import type { RecordsBefore } from '../../src/client/index.ts'
import { loadPartitionPlaces, parseOffsetPlace, placeLanguage } from '../../src/ops/index.ts'

export default class TopicsTrim extends ClusterCommand {
  static override summary = 'delete the oldest records of partitions'
  static override description = `Records before the offset go. Offsets: ${placeLanguage}.`
  static override examples = [
    { description: 'Keep the last hour:', command: '<%= config.bin %> topics trim orders -o @-1h' },
    { description: 'One partition, up to an offset:', command: '<%= config.bin %> topics trim orders -p 0 -o 12000 --yes' },
    {
      description: 'Offsets from a file as kafka-delete-records takes it:',
      command: '<%= config.bin %> topics trim -f offsets.json --dry-run',
    },
  ]
  static override args = { topic: textArg('topic') }
  static override flags = {
    ...confirmFlags,
    offset: Flags.string({ char: 'o', summary: 'first offset that stays', helpValue: 'OFFSET' }),
    partitions: Flags.string({ char: 'p', aliases: ['partition'], summary: 'only these partitions', helpValue: '0,2-4' }),
    file: Flags.string({
      char: 'f',
      aliases: ['offset-json-file', 'from-file'],
      summary: 'offsets by partition: JSON of kafka-delete-records, or lines of topic, partition, offset',
      helpValue: 'FILE',
    }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<void> {
    const { flags, args } = await this.read(TopicsTrim)
    if ((flags.file === undefined) === (flags.offset === undefined))
      throw usageFault('up to where?', 'Give a topic with --offset, or --file.')
    const { clock } = await this.shell.host()
    const place = flags.offset === undefined ? undefined : parseOffsetPlace(flags.offset, clock.now())
    if (flags.offset !== undefined && (place === undefined || place.kind === 'stored'))
      throw usageFault(`--offset ${flags.offset} is no place`, `Places: ${placeLanguage}.`)
    if (place !== undefined && args.topic === undefined) throw usageFault('which topic?', 'Name one.')
    const chosen = flags.partitions === undefined ? undefined : parsePartitions(flags.partitions, '--partitions')
    const fromFile = flags.file === undefined ? undefined : await readTrimFile(this.shell, flags.file)
    const admin = await this.openAdmin(flags)
    const { partitionBounds, resolvePlaces, partitionsOf } = await loadPartitionPlaces()
    const partitions = fromFile ?? (await partitionsOf(admin, args.topic!, chosen))
    const { values, errors } = divide(
      place === undefined ? await partitionBounds(admin, partitions) : await resolvePlaces(admin, partitions, place),
      ({ topic, partition }) => `${topic}-${partition}`,
    )
    const plan = values.map(({ item, value }): RecordsBefore & { startOffset: number } => {
      const beforeOffset =
        'offset' in value
          ? (value as { offset: number }).offset
          : (fromFile!.find((each) => each.topic === item.topic && each.partition === item.partition)?.offset ?? -1)
      return { ...item, startOffset: value.startOffset, beforeOffset }
    })
    for (const each of plan) {
      if (place?.kind === 'offset' && place.offset !== each.beforeOffset)
        this.tell(`${each.topic}-${each.partition}: ${place.offset} is out of range, ${each.beforeOffset} is taken`)
    }
    if (!flags['dry-run'] && plan.length > 0) {
      const lines = plan.map((each) => `${each.topic}-${each.partition}: ${each.startOffset} → ${each.beforeOffset}`)
      await this.confirm(flags, lines, `Delete these records of ${counted(plan.length, 'partition')} for good?`)
    }
    const results = flags['dry-run'] ? plan.map((item) => ({ item, error: null, value: null })) : await admin.deleteRecords(plan)
    const outcome = divide<RecordsBefore, number | null>(results, ({ topic, partition }) => `${topic}-${partition}`)
    await this.render({
      kind: 'TrimmedPartitions',
      items: outcome.values.map(({ item, value }) => {
        const { topic, partition, startOffset } = plan.find((each) => each.topic === item.topic && each.partition === item.partition)!
        return { topic, partition, priorStartOffset: startOffset, newStartOffset: value ?? Math.max(startOffset, item.beforeOffset) }
      }),
      errors: [...errors, ...outcome.errors],
      columns: [
        { name: 'TOPIC', value: (each) => each.topic },
        { name: 'PARTITION', value: (each) => each.partition, right: true },
        { name: 'PRIOR-START', value: (each) => each.priorStartOffset, right: true },
        { name: 'NEW-START', value: (each) => each.newStartOffset, right: true },
      ],
    })
  }
}
