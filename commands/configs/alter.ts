import {
  ClusterCommand,
  configChangeFlags,
  configOperations,
  deletingChanges,
  dryRunFlag,
  entityFlags,
  entityOf,
  type FailedItem,
  Flags,
  readPropertiesFile,
  scramChange,
  textArg,
  unknownBrokerSettings,
  usageFault,
} from '../../src/cli/index.ts'
import { entityTypes, loadConfigResources } from '../../src/ops/index.ts'

export default class ConfigsAlter extends ClusterCommand {
  static override summary = 'change settings of topics, brokers, clients, users, groups and the like'
  static override examples = [
    '<%= config.bin %> configs alter topics orders --set retention.ms=86400000',
    {
      description: 'For all brokers, at once and without a restart:',
      command: '<%= config.bin %> configs alter brokers --default --set log.cleaner.threads=2',
    },
    { description: 'A quota:', command: '<%= config.bin %> configs alter clients etl --set producer_byte_rate=1048576' },
    {
      description: 'Only look whether the cluster would take it:',
      command: '<%= config.bin %> configs alter topics orders --set retention.ms=x --dry-run',
    },
  ]
  static override args = { type: textArg(`whose settings: ${entityTypes.join(', ')}`), name: textArg('its name') }
  static override flags = {
    ...entityFlags,
    ...configChangeFlags,
    'add-config-file': Flags.string({ aliases: ['set-file'], summary: 'set what a .properties file says', helpValue: 'FILE' }),
    'dry-run': dryRunFlag,
  }

  /** As words of a command line. */
  #whose = ''

  protected override nextStep(failure: FailedItem): Promise<string> {
    const isSetting = failure.name === 'INVALID_CONFIG' && failure.item !== ''
    return isSetting ? Promise.resolve(`See tkafka configs describe ${this.#whose} --all.`) : super.nextStep(failure)
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(ConfigsAlter)
    const { type, name } = entityOf(argv, flags)
    if (name === undefined) throw usageFault(`which of the ${type}?`, 'Give a name, or --default.')
    this.#whose = `${type} ${name ?? '--default'}`
    const fromFile = flags['add-config-file'] === undefined ? {} : await readPropertiesFile(this.shell, flags['add-config-file'])
    const operations = [
      ...Object.entries(fromFile).map(([key, value]) => ({ name: key, operation: 'set' as const, value })),
      ...configOperations(flags),
    ]
    if (operations.length === 0) throw usageFault('what shall change?', 'Say --set, --delete, --append or --subtract.')
    const admin = await this.openAdmin(flags)
    const ops = await loadConfigResources()
    const deleting = flags['dry-run'] || (type !== 'topics' && type !== 'brokers') ? [] : deletingChanges(operations)
    if (deleting.length > 0) await this.confirmNamed([...deleting, 'records may be deleted by it'], `Change ${this.#whose}?`)
    const options = { validateOnly: flags['dry-run'] }
    const status = flags['dry-run'] ? 'VALID' : 'CHANGED'
    const label = (each: string): string => (each === '' ? `default of ${type}` : each)
    const resource = ops.resourceTypeOf(type)
    if (resource !== undefined) {
      const keys = type === 'brokers' ? operations.filter(({ operation }) => operation !== 'delete').map((each) => each.name) : []
      for (const remark of (await unknownBrokerSettings(admin, keys)).values()) this.tell(remark)
      const results = await admin.incrementalAlterConfigs([{ type: resource, name: name ?? '', operations }], options)
      return this.renderChanges('ConfigChanges', 'NAME', results, (each) => label(each.name), status)
    }
    const scram = type === 'users' ? operations.filter((each) => /^SCRAM-SHA-(256|512)$/i.test(each.name)) : []
    const results = []
    if (scram.length > 0) {
      if (name === null) throw usageFault('credentials belong to one user', 'Name it.')
      if (flags['dry-run']) throw usageFault('credentials cannot be tried with --dry-run')
      results.push(...(await admin.alterScramUsers(scram.map((each) => scramChange(name, each)))))
    }
    const quotas = operations.filter((each) => !scram.includes(each))
    if (quotas.length > 0) {
      const values = Object.fromEntries(
        quotas.map((each) => {
          const value = each.value === null ? null : Number(each.value)
          if (each.operation === 'append' || each.operation === 'subtract') throw usageFault(`${each.name} is a number: use --set`)
          if (value !== null && (each.value === '' || Number.isNaN(value))) throw usageFault(`${each.name}=${each.value} is not a number`)
          return [each.name, value]
        }),
      )
      results.push(await ops.alterQuotas(admin, type, name, values, options))
    }
    await this.renderChanges('ConfigChanges', 'NAME', results, label, status)
  }
}
