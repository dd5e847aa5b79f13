import { ClusterCommand, divide, entityFlags, entityOf, Flags, textArg, watchFlags } from '../../src/cli/index.ts'
import { entityTypes, loadConfigResources, type Setting } from '../../src/ops/index.ts'

export default class ConfigsDescribe extends ClusterCommand {
  static override summary = 'show settings of topics, brokers, clients, users, groups and the like'
  static override description = 'Shows what was set for the resource itself; with --all also what it inherits, and from where.'
  static override examples = [
    '<%= config.bin %> configs describe topics orders',
    { description: 'All settings of a broker, with their sources:', command: '<%= config.bin %> configs describe brokers 1 --all' },
    { description: 'What was set for all brokers:', command: '<%= config.bin %> configs describe brokers --default' },
    '<%= config.bin %> configs describe users alice',
  ]
  static override args = { type: textArg(`whose settings: ${entityTypes.join(', ')}`), name: textArg('its name; default: all of the type') }
  static override flags = {
    ...watchFlags,
    ...entityFlags,
    all: Flags.boolean({ summary: 'also what is inherited or default' }),
    'with-docs': Flags.boolean({ summary: 'with what the broker says of each setting' }),
    key: Flags.string({ char: 'k', multiple: true, multipleNonGreedy: true, summary: 'only this setting', helpValue: 'KEY' }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(ConfigsDescribe)
    const { type, name } = entityOf(argv, flags)
    const admin = await this.openAdmin(flags)
    const ops = await loadConfigResources()
    let settings: Setting[]
    let errors: ReturnType<typeof divide>['errors'] = []
    if (ops.resourceTypeOf(type) === undefined) settings = await ops.describeQuotaSettings(admin, type, name)
    else {
      const names = name === null ? [''] : name === undefined ? await ops.entityNames(admin, type) : [name]
      const answer = divide(await ops.describeSettings(admin, type, names, { documentation: flags['with-docs'] }), (each) =>
        each === '' ? `default of ${type}` : `${type} ${each}`,
      )
      errors = answer.errors
      settings = answer.values.flatMap(({ value }) => value).filter((setting) => flags.all || flags.key !== undefined || ops.isOwn(setting))
    }
    const keys = flags.key
    const items = keys === undefined ? settings : settings.filter((setting) => keys.includes(setting.name))
    await this.render<Setting>({
      kind: 'ConfigList',
      items,
      errors,
      columns: [
        {
          name: 'NAME',
          value: (each) => (each.entityName === '' ? '<default>' : each.entityName),
          ...(name === undefined ? {} : { narrow: 'leave out' as const }),
        },
        { name: 'KEY', value: (each) => each.name },
        {
          name: 'SOURCE',
          value: (each) => each.source,
          text: (each) => sources[each.source],
          wide: !flags.all && flags.key === undefined,
        },
        { name: 'VALUE', value: (each) => each.value, text: (each) => (each.sensitive ? '(hidden)' : (each.value ?? '-')) },
        { name: 'TYPE', value: (each) => each.type, wide: true },
        { name: 'READ-ONLY', value: (each) => each.readOnly, wide: true },
        { name: 'DOCUMENTATION', value: (each) => each.documentation, wide: !flags['with-docs'] },
      ],
    })
    if (items.length > 0 || errors.length > 0) return
    const whose = name === undefined ? `any of the ${type}` : name === null ? `the default of ${type}` : `${type} ${name}`
    const isInheriting = ops.resourceTypeOf(type) !== undefined && !flags.all
    if (keys !== undefined) this.tell(`${whose}: there is no setting ${keys.join(', ')}`)
    else this.tell(`nothing is set for ${whose}${isInheriting ? '; --all shows what is inherited' : ''}`)
  }
}

/** Who said so, in short; `default` is Kafka's own. */
const sources: Readonly<Record<Setting['source'], string>> = {
  UNKNOWN: '-',
  DYNAMIC_TOPIC_CONFIG: 'topic',
  DYNAMIC_BROKER_CONFIG: 'broker',
  DYNAMIC_DEFAULT_BROKER_CONFIG: 'all brokers',
  STATIC_BROKER_CONFIG: 'broker file',
  DEFAULT_CONFIG: 'default',
  DYNAMIC_BROKER_LOGGER_CONFIG: 'logger',
  DYNAMIC_CLIENT_METRICS_CONFIG: 'client metrics',
  DYNAMIC_GROUP_CONFIG: 'group',
}
