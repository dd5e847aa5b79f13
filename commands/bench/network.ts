import { type BrokerTrip, loadNetworkLoad } from '../../src/bench/index.ts'
import { latencyText } from '../../src/cli/bench/index.ts'
import { ClusterCommand, divide, Flags, parseCount } from '../../src/cli/index.ts'

const KIB = 1024
const MIB = 1024 * 1024

export default class BenchNetwork extends ClusterCommand {
  static override summary = 'measure the way to each broker'
  static override description =
    'Round trips of the smallest question that there is, one at a time; then bandwidth towards the broker, by records for a topic that does not exist: they cross the network, and no disk sees them.'
  static override examples = [
    '<%= config.bin %> bench network -b prod:9092',
    { description: 'Round trips alone, more of them:', command: '<%= config.bin %> bench network --trips 10000 --size 0' },
  ]
  static override flags = {
    trips: Flags.string({ summary: 'round trips with each broker', helpValue: 'N', default: '1000' }),
    size: Flags.string({ summary: 'MiB to send to each broker; 0: none', helpValue: 'N', default: '64' }),
    'piece-size': Flags.string({ summary: 'KiB of a request; at most what brokers take', helpValue: 'N', default: '512' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.read(BenchNetwork)
    const trips = parseCount(flags.trips, '--trips', 1, 100_000_000)
    const bytes = parseCount(flags.size, '--size', 0, 10_000_000) * MIB
    const pieceBytes = parseCount(flags['piece-size'], '--piece-size', 1, 1_000_000) * KIB
    const stop = this.shell.stopSignal()
    const admin = await this.openAdmin(flags)
    const { networkLoad } = await loadNetworkLoad()
    const found = await networkLoad({ ...{ admin, trips, bytes, pieceBytes, stop }, host: await this.shell.host() })
    const { values, errors } = divide(found, (broker) => `broker ${broker}`)
    await this.render<BrokerTrip>({
      kind: 'BenchNetwork',
      items: values.map(({ value }) => value),
      errors,
      columns: [
        { name: 'BROKER', value: ({ broker }) => broker, right: true },
        { name: 'ADDRESS', value: ({ address }) => address },
        ...(['p50Ms', 'p95Ms', 'p99Ms', 'maxMs'] as const).map((key) => ({
          name: `TRIP-${key.replace('Ms', '').toUpperCase()}`,
          value: ({ roundTrip }: BrokerTrip) => roundTrip[key],
          text: ({ roundTrip }: BrokerTrip) => latencyText(roundTrip[key]),
          right: true,
        })),
        { name: 'MIB/S', value: ({ mibPerSecond }) => mibPerSecond, right: true },
      ],
    })
  }
}
