import { bytesText, ClusterCommand, type Column, divide, Flags, parsePartitions, textArgs, watchFlags } from '../../../src/cli/index.ts'
import { type DirectoryReport, loadLogDirs, type ReplicaPlace } from '../../../src/ops/index.ts'

const sizeText = (bytes: number | null): string => (bytes === null ? '-' : bytesText(bytes))

const directoryColumns: readonly Column<DirectoryReport>[] = [
  { name: 'BROKER', value: ({ broker }) => broker, right: true },
  { name: 'DIRECTORY', value: ({ path }) => path, narrow: 'shorten' },
  { name: 'STATE', value: ({ state }) => state.toUpperCase() },
  { name: 'REPLICAS', value: ({ replicas }) => replicas, right: true },
  { name: 'SIZE', value: ({ bytes }) => bytes, text: ({ bytes }) => sizeText(bytes), right: true },
  { name: 'USABLE', value: ({ usableBytes }) => usableBytes, text: ({ usableBytes }) => sizeText(usableBytes), right: true },
  { name: 'TOTAL', value: ({ totalBytes }) => totalBytes, text: ({ totalBytes }) => sizeText(totalBytes), right: true },
]

const replicaColumns: readonly Column<ReplicaPlace>[] = [
  { name: 'BROKER', value: ({ broker }) => broker, right: true },
  { name: 'TOPIC', value: ({ topic }) => topic, narrow: 'shorten' },
  { name: 'PARTITION', value: ({ partition }) => partition, right: true },
  { name: 'SIZE', value: ({ bytes }) => bytes, text: ({ bytes }) => sizeText(bytes), right: true },
  { name: 'OFFSET-LAG', value: ({ offsetLag }) => offsetLag, right: true },
  { name: 'FUTURE', value: ({ future }) => future, text: ({ future }) => (future ? '*' : '') },
  { name: 'DIRECTORY', value: ({ path }) => path, narrow: 'shorten' },
]

export default class ClusterLogdirsList extends ClusterCommand {
  static override summary = 'show the log directories of brokers, and what is in them'
  static override examples = [
    '<%= config.bin %> cluster logdirs list',
    {
      description: 'The largest replicas of a broker:',
      command: '<%= config.bin %> cluster logdirs list --replicas --broker 2 --sort -size',
    },
    { description: 'Where the replicas of a topic lie:', command: '<%= config.bin %> cluster logdirs list orders --replicas' },
  ]
  static override args = { topic: textArgs('topics') }
  static override flags = {
    ...watchFlags,
    broker: Flags.string({ aliases: ['broker-list', 'brokers'], summary: 'only these brokers', helpValue: '1,2' }),
    replicas: Flags.boolean({ summary: 'each replica' }),
    'topic-list': Flags.string({ hidden: true }),
    'sort-by-size': Flags.boolean({ hidden: true }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(ClusterLogdirsList)
    const brokers = flags.broker === undefined ? undefined : parsePartitions(flags.broker, '--broker')
    const topics = new Set([...argv, ...(flags['topic-list']?.split(',') ?? [])])
    const admin = await this.openAdmin(flags)
    const { values, errors } = divide(await admin.describeLogDirs(brokers === undefined ? {} : { brokers }), (id) => `broker ${id}`)
    const chosen = values.map(({ item, value }) => ({
      item,
      value: value.map((dir) => ({ ...dir, replicas: dir.replicas.filter(({ topic }) => topics.size === 0 || topics.has(topic)) })),
    }))
    const { directoryReports, replicaPlaces } = await loadLogDirs()
    const ordered = <T extends { bytes: number }>(items: T[]): T[] =>
      flags['sort-by-size'] ? items.sort((one, other) => other.bytes - one.bytes) : items
    if (flags.replicas) await this.render({ kind: 'ReplicaPlaces', items: ordered(replicaPlaces(chosen)), errors, columns: replicaColumns })
    else await this.render({ kind: 'LogDirectories', items: ordered(directoryReports(chosen)), errors, columns: directoryColumns })
  }
}
