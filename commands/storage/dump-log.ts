import { resolve } from 'node:path'
import { BaseCommand, type DumpDecoder, Flags, loadLogDump, messageOf, parseCount, textArgs, usageFault } from '../../src/cli/index.ts'

export default class StorageDumpLog extends BaseCommand {
  static override summary = 'show what is in files of a data directory: segments, snapshots, indexes'
  static override examples = [
    '<%= config.bin %> storage dump-log data/orders-0/00000000000000000000.log',
    { description: 'Whether the indexes fit:', command: '<%= config.bin %> storage dump-log data/orders-0/*index --verify' },
    {
      description: 'With the records, internal topics decoded, as JSON lines:',
      command: '<%= config.bin %> storage dump-log data/__cluster_metadata-0/*.log --records --json',
    },
  ]
  static override args = { file: textArgs('files') }
  static override flags = {
    files: Flags.string({ hidden: true }),
    records: Flags.boolean({ char: 'r', aliases: ['print-data-log', 'deep-iteration'], summary: 'each record, not only each batch' }),
    decoder: Flags.option({ options: ['auto', 'none', 'offsets', 'txn', 'metadata', 'share', 'remote'] as const })({
      summary: 'what the records are; auto: by the folder',
      default: 'auto',
    }),
    'offsets-decoder': Flags.boolean({ hidden: true }),
    'transaction-log-decoder': Flags.boolean({ hidden: true }),
    'cluster-metadata-decoder': Flags.boolean({ hidden: true }),
    'share-group-state-decoder': Flags.boolean({ hidden: true }),
    'remote-log-metadata-decoder': Flags.boolean({ hidden: true }),
    'content-only': Flags.boolean({ aliases: ['skip-record-metadata'], summary: 'of records only key, value and headers' }),
    verify: Flags.boolean({
      aliases: ['verify-index-only', 'index-sanity-check'],
      summary: 'do not show indexes, but what in them does not fit their segment',
    }),
    'max-bytes': Flags.string({ summary: 'so many bytes of each segment', helpValue: 'BYTES' }),
    'max-message-size': Flags.string({ summary: 'largest batch to read', default: '268435456', helpValue: 'BYTES' }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(StorageDumpLog)
    const files = [...argv, ...(flags.files?.split(',') ?? [])]
    if (files.length === 0) throw usageFault('which files?', 'Name at least one.')
    const asked: DumpDecoder = flags['offsets-decoder']
      ? 'offsets'
      : flags['transaction-log-decoder']
        ? 'txn'
        : flags['cluster-metadata-decoder']
          ? 'metadata'
          : flags['share-group-state-decoder']
            ? 'share'
            : flags['remote-log-metadata-decoder']
              ? 'remote'
              : flags.decoder
    const { disk } = await this.shell.host()
    const { checkIndex, decoderOfFile, dumpFile, entryLine, recordDecoder, stringify } = await loadLogDump()
    const json = this.output === 'json' || this.output === 'ndjson'
    for (const path of files) {
      const decoder = await recordDecoder(asked === 'auto' ? decoderOfFile(resolve(path)) : asked)
      const options = {
        records: flags.records || asked !== 'auto',
        batchBytesMax: parseCount(flags['max-message-size'], '--max-message-size', 1),
        decoder,
        contentOnly: flags['content-only'],
        ...(flags['max-bytes'] !== undefined && { bytesMax: parseCount(flags['max-bytes'], '--max-bytes', 1) }),
      }
      if (!json) await this.write(`Dumping ${path}\n`)
      try {
        const isChecked = flags.verify && /\.(time)?index$/.test(path)
        for await (const entry of isChecked ? checkIndex(disk, path, options.batchBytesMax) : dumpFile(disk, path, options)) {
          if (entry.kind === 'fault') this.shell.exitCode = 1
          await this.write(json ? `${stringify({ file: path, ...entry })}\n` : entryLine(entry))
        }
      } catch (error) {
        await this.reportFailures([{ item: path, code: null, name: null, message: messageOf(error), retriable: false }])
      }
    }
  }
}
