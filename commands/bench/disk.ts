import { type DiskFigures, loadDiskLoad } from '../../src/bench/index.ts'
import { latencyText } from '../../src/cli/bench/index.ts'
import { BaseCommand, bytesText, Flags, parseCount, parseDurationMs, textArg } from '../../src/cli/index.ts'

const KIB = 1024
const MIB = 1024 * 1024
/** As many as a p99 needs. */
const SYNCS = 1000
/** A disk that takes longer is known by then. */
const SYNC_TIME = '10s'

export default class BenchDisk extends BaseCommand {
  static override summary = 'measure what a directory gives a log'
  static override description =
    'Writes a file in blocks, one after the other, as brokers write segments, and syncs it; then appends a little and syncs, again and again, which is what each acknowledgement waits for where logs are flushed at once. The file is removed. What is written goes through the page cache, as that of brokers does.'
  static override examples = [
    { description: 'The current directory:', command: '<%= config.bin %> bench disk' },
    {
      description: 'A log directory, with more than its memory holds:',
      command: '<%= config.bin %> bench disk /var/lib/kafka --size 32768 --syncs 10000',
    },
  ]
  static override args = { directory: textArg('directory to write in; without, the current one') }
  static override flags = {
    size: Flags.string({ summary: 'MiB to write', helpValue: 'N', default: '256' }),
    'block-size': Flags.string({ summary: 'KiB of a block', helpValue: 'N', default: '256' }),
    syncs: Flags.string({
      summary: `[default: ${SYNCS}, or fewer within ${SYNC_TIME}] appends that are synced one by one`,
      helpValue: 'N',
    }),
    'sync-time': Flags.string({ summary: 'for no longer than this', helpValue: 'TIME' }),
    'sync-size': Flags.string({ summary: 'bytes of such an append', helpValue: 'N', default: '4096' }),
  }

  async run(): Promise<void> {
    const { flags, args } = await this.read(BenchDisk)
    const bytes = parseCount(flags.size, '--size', 1, 10_000_000) * MIB
    const blockBytes = parseCount(flags['block-size'], '--block-size', 1, 1_000_000) * KIB
    const syncs = parseCount(flags.syncs ?? String(SYNCS), '--syncs', 0, 10_000_000)
    // Who names a number wants as many.
    const syncTime = flags['sync-time'] ?? (flags.syncs === undefined ? SYNC_TIME : undefined)
    const syncMsMax = syncTime === undefined ? Number.POSITIVE_INFINITY : parseDurationMs(syncTime, '--sync-time')
    const syncBytes = parseCount(flags['sync-size'], '--sync-size', 1, 1 << 30)
    const stop = this.shell.stopSignal()
    const { diskLoad } = await loadDiskLoad()
    const host = await this.shell.host()
    const figures = await diskLoad({ ...{ host, bytes, blockBytes, syncs, syncMsMax, syncBytes, stop }, directory: args.directory ?? '.' })
    await this.render<DiskFigures>({
      kind: 'BenchDisk',
      items: [figures],
      columns: [
        { name: 'DIRECTORY', value: ({ directory }) => directory },
        { name: 'WRITTEN', value: (each) => each.bytes, text: (each) => bytesText(each.bytes), right: true },
        { name: 'MIB/S', value: ({ mibPerSecond }) => mibPerSecond, right: true },
        {
          name: 'BLOCK-P99',
          value: ({ writeLatency }) => writeLatency.p99Ms,
          text: ({ writeLatency }) => latencyText(writeLatency.p99Ms),
          right: true,
        },
        {
          name: 'BLOCK-MAX',
          value: ({ writeLatency }) => writeLatency.maxMs,
          text: ({ writeLatency }) => latencyText(writeLatency.maxMs),
          right: true,
          wide: true,
        },
        { name: 'LAST-SYNC', value: ({ lastSyncMs }) => lastSyncMs, text: ({ lastSyncMs }) => latencyText(lastSyncMs), right: true },
        ...(['p50Ms', 'p99Ms', 'maxMs'] as const).map((key) => ({
          name: `SYNC-${key.replace('Ms', '').toUpperCase()}`,
          value: ({ syncLatency }: DiskFigures) => syncLatency[key],
          text: ({ syncLatency }: DiskFigures) => (syncLatency.count === 0 ? '-' : latencyText(syncLatency[key])),
          right: true,
        })),
      ],
    })
  }
}
