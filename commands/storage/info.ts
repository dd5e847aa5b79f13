import { hostname } from 'node:os'
import { BaseCommand, Fault, Flags, messageOf, readPropertiesFile, textArg, usageFault, withoutVariables } from '../../src/cli/index.ts'
import type { DirectoryInfo } from '../../src/metadata/index.ts'

export default class StorageInfo extends BaseCommand {
  static override summary = 'show the data directories of a node, and what is wrong with them'
  static override examples = [
    '<%= config.bin %> storage info -c config/server.properties',
    '<%= config.bin %> storage info /var/lib/tkafka',
  ]
  static override args = { directory: textArg('a data directory, instead of --config') }
  static override flags = { config: Flags.string({ char: 'c', summary: 'server.properties', helpValue: 'FILE' }) }

  async run(): Promise<void> {
    const { flags, args } = await this.read(StorageInfo)
    if ((flags.config === undefined) === (args.directory === undefined))
      throw usageFault('which directories?', 'Give --config FILE, or one directory.')
    const { disk } = await this.shell.host()
    let paths = [args.directory ?? '']
    if (flags.config !== undefined) {
      const properties = new Map(Object.entries(await withoutVariables(this.shell, await readPropertiesFile(this.shell, flags.config))))
      try {
        const { readSettings } = await import('../../src/broker/index.ts')
        const { settings } = readSettings(properties, hostname())
        paths = [...new Set([...settings.logDirs, settings.metadataLogDir])]
      } catch (error) {
        throw new Fault(messageOf(error), { cause: error })
      }
    }
    const { storageInfo } = await import('../../src/metadata/index.ts')
    const { directories, problems } = await storageInfo(disk, paths)
    await this.render<StorageDirectory>({
      kind: 'StorageInfo',
      items: directories.map(directoryItem),
      errors: problems.map((message) => ({ item: '', code: null, name: null, message, retriable: false })),
      columns: [
        { name: 'DIRECTORY', value: ({ path }) => path },
        { name: 'STATE', value: ({ state }) => state },
        { name: 'CLUSTER-ID', value: ({ properties }) => properties?.clusterId ?? null },
        { name: 'NODE-ID', value: ({ properties }) => properties?.nodeId ?? null, right: true },
        { name: 'DIRECTORY-ID', value: ({ properties }) => properties?.directoryId ?? null, narrow: 'leave out' },
        { name: 'VERSION', value: ({ properties }) => properties?.version ?? null, right: true, wide: true },
      ],
    })
  }
}

export interface StorageDirectory {
  readonly path: string
  readonly state: DirectoryInfo['state']
  readonly properties: {
    readonly version: number
    readonly clusterId: string | null
    readonly nodeId: number | null
    readonly directoryId: string | null
  } | null
  readonly bootstrap: { readonly records: unknown; readonly problem: string | null } | null
}

const directoryItem = ({ path, state, properties, bootstrap }: DirectoryInfo): StorageDirectory => ({
  path,
  state,
  properties:
    properties === undefined
      ? null
      : {
          version: properties.version,
          clusterId: properties.clusterId ?? null,
          nodeId: properties.nodeId ?? null,
          directoryId: properties.directoryId ?? null,
        },
  bootstrap: bootstrap === undefined ? null : { records: bootstrap.records, problem: bootstrap.problem ?? null },
})
