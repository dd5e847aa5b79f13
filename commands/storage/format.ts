import { hostname } from 'node:os'
import {
  BaseCommand,
  directoryFault,
  dryRunFlag,
  Fault,
  Flags,
  loadScramRecord,
  messageOf,
  parseCount,
  parsePairs,
  readNodeFile,
  usageFault,
  withoutVariables,
} from '../../src/cli/index.ts'
import type { FormattedDirectory, QuorumKind } from '../../src/metadata/index.ts'

/** With --dry-run it has no id yet. */
export type FormattedOrNot = Omit<FormattedDirectory, 'directoryId'> & { readonly directoryId: FormattedDirectory['directoryId'] | null }

export default class StorageFormat extends BaseCommand {
  static override summary = 'prepare the data directories of a node'
  static override examples = [
    '<%= config.bin %> storage format -t "$ID" -c config/server.properties --standalone',
    {
      description: 'Leave alone what is formatted already:',
      command: '<%= config.bin %> storage format -t ID -c config/server.properties -g',
    },
    {
      description: 'With a user who can log in to the first broker:',
      command: "<%= config.bin %> storage format -t ID -c FILE -S 'SCRAM-SHA-512=[name=alice,password=…]'",
    },
  ]
  static override flags = {
    'cluster-id': Flags.string({ char: 't', summary: 'id of the cluster', helpValue: 'ID', required: true }),
    config: Flags.string({ char: 'c', summary: 'server.properties', helpValue: 'FILE', required: true }),
    'ignore-formatted': Flags.boolean({ char: 'g', summary: 'directories that are formatted already are no failure' }),
    'release-version': Flags.string({ char: 'r', summary: 'metadata version of this release, e.g. 4.3', helpValue: 'VERSION' }),
    feature: Flags.string({ char: 'f', multiple: true, multipleNonGreedy: true, summary: 'level of a feature', helpValue: 'NAME=LEVEL' }),
    'add-scram': Flags.string({
      char: 'S',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'a user whom a new cluster knows from the start',
      helpValue: 'MECHANISM=[…]',
    }),
    standalone: Flags.boolean({
      char: 's',
      summary: 'a quorum of this controller alone',
      exclusive: ['no-initial-controllers', 'initial-controllers'],
    }),
    'no-initial-controllers': Flags.boolean({ char: 'N', summary: 'join a quorum that exists', exclusive: ['initial-controllers'] }),
    'initial-controllers': Flags.string({
      char: 'I',
      summary: 'the controllers of a new quorum, ID@HOST:PORT:DIRECTORY-ID,…',
      helpValue: 'LIST',
    }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<void> {
    const { flags } = await this.read(StorageFormat)
    const host = await this.shell.host()
    const { base, placeOf } = await readNodeFile(this.shell, flags.config)
    const properties = new Map(Object.entries(await withoutVariables(this.shell, Object.fromEntries(base))))
    const features = Object.entries(parsePairs(flags.feature ?? [], '--feature')).map(
      ([name, level]) => [name, parseCount(level, name, 0, 32767)] as const,
    )
    const { scramRecord } = await loadScramRecord()
    const { DirectoryError, namingDirectories, readSettings } = await import('../../src/broker/index.ts')
    const { FormatError, formatStorage, parseInitialControllers, parseReleaseVersion, unknownReleaseVersion } = await import(
      '../../src/metadata/index.ts'
    )
    const release = flags['release-version']
    const scramRecords = (flags['add-scram'] ?? []).map((text) => scramRecord(text, host.random))
    try {
      const { config, settings } = readSettings(properties, hostname(), placeOf)
      const unstableFeatures = config.get('unstable.feature.versions.enable')
      const metadataVersion = release === undefined ? undefined : parseReleaseVersion(release, unstableFeatures)
      if (release !== undefined && metadataVersion === undefined) throw usageFault(unknownReleaseVersion(release, unstableFeatures))
      const controller = settings.listeners.find(({ isController }) => isController)
      if (settings.voters.length > 0 && (flags.standalone || flags['initial-controllers'] !== undefined)) {
        throw usageFault(
          'controller.quorum.voters is set, so the quorum is static: --standalone and --initial-controllers are for dynamic ones',
          'Leave the flag out, or take controller.quorum.voters out of the file.',
        )
      }
      const quorum = ((): QuorumKind => {
        if (flags.standalone) {
          if (controller === undefined) throw usageFault('--standalone is for controllers', 'process.roles of this node has no controller.')
          return { kind: 'standalone', host: controller.advertised.host, port: controller.advertised.port }
        }
        if (flags['initial-controllers'] !== undefined) {
          const controllers = parseInitialControllers(flags['initial-controllers'])
          if (typeof controllers === 'string') throw usageFault(controllers)
          return { kind: 'initial-controllers', controllers }
        }
        if (settings.voters.length > 0) return { kind: 'static' }
        if (flags['no-initial-controllers'] || controller === undefined) return { kind: 'no-initial-controllers' }
        throw usageFault(
          'how is the quorum made?',
          'controller.quorum.voters is not set: give --standalone, --initial-controllers or --no-initial-controllers.',
        )
      })()
      const format = formatStorage(host, {
        clusterId: flags['cluster-id'],
        nodeId: settings.nodeId,
        directories: [...new Set([...settings.logDirs, settings.metadataLogDir])],
        metadataLogDir: settings.metadataLogDir,
        quorum,
        controllerListenerName: controller?.name ?? (properties.get('controller.listener.names') ?? 'CONTROLLER').split(',')[0]!,
        unstableFeatures,
        metadataVersion,
        features: new Map(features),
        ignoreFormatted: flags['ignore-formatted'],
        scramRecords,
        dryRun: flags['dry-run'],
      })
      const result = await namingDirectories(config, settings, format)
      await this.render<FormattedOrNot>({
        kind: 'FormattedDirectories',
        items: flags['dry-run'] ? result.formatted.map((each) => ({ ...each, directoryId: null })) : result.formatted,
        errors: result.failed.map((path) => ({
          item: path,
          code: null,
          name: null,
          message: 'cannot be read; it was left alone',
          retriable: false,
        })),
        columns: [
          { name: 'DIRECTORY', value: ({ path }) => path },
          { name: 'KIND', value: ({ kind }) => kind },
          { name: 'DIRECTORY-ID', value: ({ directoryId }) => directoryId },
        ],
      })
      if (flags['dry-run'] && result.formatted.length > 0) this.tell('nothing was written')
      if (result.formatted.length === 0) this.tell('all of the log directories are already formatted')
    } catch (error) {
      if (error instanceof Fault) throw error
      if (error instanceof DirectoryError) throw directoryFault(error, { placeOf, isEmbedded: false })
      if (error instanceof FormatError || (error as Error).name === 'NodeSettingsError') throw new Fault(messageOf(error), { cause: error })
      throw error
    }
  }
}
