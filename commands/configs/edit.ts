import {
  ClusterCommand,
  type ConfigOperation,
  confirmFlags,
  counted,
  divide,
  dryRunFlag,
  entityFlags,
  entityOf,
  loadEditText,
  textArg,
  usageFault,
} from '../../src/cli/index.ts'
import { entityTypes, loadConfigResources, type Setting } from '../../src/ops/index.ts'

export default class ConfigsEdit extends ClusterCommand {
  static override summary = 'change settings in an editor'
  static override description =
    'What VISUAL or EDITOR leaves of the file is set: lines that are changed or new are set, lines that are gone go back to the default. What would change is shown first. Of values that are hidden nothing changes.'
  static override examples = [
    '<%= config.bin %> configs edit topics orders',
    'EDITOR="code --wait" <%= config.bin %> configs edit brokers --default',
  ]
  static override args = { type: textArg(`whose settings: ${entityTypes.join(', ')}`), name: textArg('its name') }
  static override flags = { ...entityFlags, ...confirmFlags, 'dry-run': dryRunFlag }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(ConfigsEdit)
    const { type, name } = entityOf(argv, flags)
    if (name === undefined) throw usageFault(`which of the ${type}?`, 'Give a name, or --default.')
    const ops = await loadConfigResources()
    const resource = ops.resourceTypeOf(type)
    if (resource === undefined) throw usageFault(`the settings of ${type} are quotas`, 'See tkafka quotas alter, and tkafka users alter.')
    const admin = await this.openAdmin(flags)
    const { values, errors } = divide(
      await ops.describeSettings(admin, type, [name ?? ''], { documentation: true }),
      () => `${type} ${name ?? '--default'}`,
    )
    if (errors.length > 0) return this.reportFailures(errors)
    const settings = values[0]!.value
    const operations = await this.#edited(`${type}-${name ?? 'default'}.properties`, settings.filter(ops.isOwn), settings)
    if (operations.length === 0) this.tell('nothing was changed')
    else if (!flags['dry-run'])
      await this.confirm(
        flags,
        operations.map(operationText),
        `Change ${counted(operations.length, 'setting')} of ${type} ${name ?? '--default'}?`,
      )
    else for (const each of operations) this.tell(operationText(each))
    const changed = operations.length === 0 ? [] : [{ type: resource, name: name ?? '', operations }]
    const results = await admin.incrementalAlterConfigs(changed, { validateOnly: flags['dry-run'] })
    await this.renderChanges(
      'ConfigChanges',
      'NAME',
      results,
      (each) => each.name || `default of ${type}`,
      flags['dry-run'] ? 'VALID' : 'CHANGED',
    )
  }

  async #edited(file: string, own: readonly Setting[], all: readonly Setting[]): Promise<ConfigOperation[]> {
    const { editText, parseProperties, propertyLine } = await loadEditText()
    const shown = new Map(own.flatMap(({ name, value, sensitive }) => (sensitive || value === null ? [] : [[name, value] as const])))
    const names = new Set(own.map(({ name }) => name))
    const inherited = all.filter(({ name, readOnly }) => !names.has(name) && !readOnly)
    const text = [
      '# What is set here. A line that is taken away goes back to the default.',
      ...[...shown].map(([name, value]) => propertyLine(name, value)),
      ...own.filter(({ name }) => !shown.has(name)).map(({ name }) => `# ${name}=(hidden)`),
      '',
      '# What could be set, as it is inherited now.',
      ...inherited.map(({ name, value, sensitive }) => `#${propertyLine(name, sensitive ? '(hidden)' : (value ?? ''))}`),
      '',
    ].join('\n')
    const edited = await editText(this.shell, file.replace(/[^\w.-]/g, '_'), text)
    const after = edited === undefined ? shown : parseProperties(edited)
    return [
      ...[...after]
        .filter(([name, value]) => shown.get(name) !== value)
        .map(([name, value]) => ({ name, operation: 'set' as const, value })),
      ...[...shown.keys()].filter((name) => !after.has(name)).map((name) => ({ name, operation: 'delete' as const, value: null })),
    ]
  }
}

const operationText = ({ name, operation, value }: ConfigOperation): string =>
  operation === 'delete' ? `${name}: back to the default` : `${name}=${value}`
