import { join } from 'node:path'
import {
  ClusterCommand,
  Fault,
  Flags,
  isDirectory,
  messageOf,
  overwriteFlags,
  refuseOverwriting,
  textArgs,
  unseenMoves,
  usageFault,
} from '../src/cli/index.ts'
import { type DesiredEntry, type DesiredKind, loadDesired, type ObservedState } from '../src/ops/index.ts'

const kinds = ['topics', 'configs', 'acls', 'quotas'] as const satisfies DesiredKind[]

export default class Export extends ClusterCommand {
  static override summary = 'write a cluster down in YAML, as tkafka apply takes it'
  static override description =
    'Topics with their partitions, replication factor and what they have set for themselves; settings of brokers, groups and client metrics that were made while they run; rules; quotas. The order is always the same, so that two exports can be compared. Left out are internal topics, throttles of moves, and secrets, which brokers do not tell. When something could not be seen nothing is written, for to apply half a cluster may mean to delete the other half; with --partial it is, and the line of three dots that ends everything else is missing.'
  static override examples = [
    '<%= config.bin %> export > cluster.yaml',
    { description: 'A file for each kind:', command: '<%= config.bin %> export -o cluster/' },
    '<%= config.bin %> export topics acls -o billing.yaml',
  ]
  static override args = { kind: textArgs(`what: ${kinds.join(', ')}; default: all of it`) }
  static override flags = {
    to: Flags.string({
      char: 'o',
      aliases: ['to-file'],
      summary: 'a file; a directory, or a path with / at its end: a file for each kind',
      helpValue: 'FILE|DIR',
    }),
    ...overwriteFlags,
    partial: Flags.boolean({ summary: 'what can be seen, when not all can; without it nothing is written then' }),
    internal: Flags.boolean({ aliases: ['include-internal'], summary: 'internal topics too' }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(Export)
    const asked = argv.map((word) => {
      const kind = kinds.find((each) => each === word || each.replace(/s$/, '') === word)
      if (kind === undefined) throw usageFault(`there are no ${word} to write down`, `One or several of ${kinds.join(', ')}.`)
      return kind
    })
    const wanted = new Set<DesiredKind>(asked.length === 0 ? kinds : asked)
    const admin = await this.openAdmin(flags)
    const { desiredEntries, desiredText, observeCluster } = await loadDesired()
    const observed = await observeCluster(admin, {
      topics: wanted.has('topics') ? null : () => false,
      resources: wanted.has('configs') ? null : [],
      acls: wanted.has('acls'),
      quotas: wanted.has('quotas'),
    })
    const failures = observed.failures.filter(({ kind, error }) => {
      const isNone = asked.length === 0 && kind === 'acls' && error.name === 'SECURITY_DISABLED'
      if (isNone) this.tell('rules are left out: the cluster checks none')
      return !isNone
    })
    for (const { kind, item } of observed.failures) if (item === '') wanted.delete(kind)
    const topics = observed.topics.filter(({ internal }) => flags.internal || !internal)
    const entries = desiredEntries({ ...observed, topics } satisfies ObservedState)
    if (observed.areMovesUnseen) this.tell(unseenMoves)
    for (const name of observed.untold) this.tell(`left out, for it is a secret: ${name}`)
    const isWhole = failures.length === 0
    const textOf = (items: readonly DesiredEntry[], of: readonly DesiredKind[]): string => desiredText(items, of, isWhole)
    const isWritten = isWhole || flags.partial
    if (!isWritten)
      this.tell(
        `not written, for something is missing${flags.to === undefined ? '' : `: ${flags.to}`}; --partial writes the rest`,
        'always',
      )
    else if (flags.to !== undefined) await this.#write(flags, flags.to, entries, [...wanted], textOf)
    const isText = this.output === 'text' || this.output === 'wide'
    await this.render<DesiredEntry>({
      kind: 'ClusterExport',
      items: entries,
      errors: failures.map(({ kind, item, error }) => ({ ...error, item: item || kind })),
      columns: [
        { name: 'KIND', value: ({ kind }) => kind },
        { name: 'NAME', value: ({ name }) => name },
        { name: 'SPEC', value: ({ spec }) => JSON.stringify(spec), narrow: 'shorten' },
      ],
      ...(isText && !this.wantsRows && { text: (items) => (isWritten && flags.to === undefined ? textOf(items, [...wanted]) : '') }),
    })
  }

  async #write(
    flags: { readonly overwrite: boolean },
    to: string,
    entries: readonly DesiredEntry[],
    wanted: readonly DesiredKind[],
    textOf: (entries: readonly DesiredEntry[], kinds: readonly DesiredKind[]) => string,
  ): Promise<void> {
    const { disk } = await this.shell.host()
    const isMany = to.endsWith('/') || (await isDirectory(this.shell, to))
    const files: [string, readonly DesiredKind[]][] = isMany ? wanted.map((kind) => [join(to, `${kind}.yaml`), [kind]]) : [[to, wanted]]
    const texts = files.map(([path, of]) => [path, textOf(entries, of)] as const)
    await refuseOverwriting(this.shell, flags, texts)
    for (const [path, text] of texts) {
      try {
        if (isMany) await disk.makeDirectory(to)
        await disk.replaceFile(path, Buffer.from(text))
      } catch (error) {
        throw new Fault(`cannot write ${path}: ${messageOf(error)}`, { cause: error })
      }
      this.tell(`written: ${path}`)
    }
  }
}
