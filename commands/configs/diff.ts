import { ClusterCommand, divide, entityOf, Flags, requiredArg } from '../../src/cli/index.ts'
import { entityTypes, loadConfigResources, type Setting } from '../../src/ops/index.ts'

export interface Difference {
  readonly key: string
  /** Null: not set, or hidden. */
  readonly values: readonly [string | null, string | null]
}

export default class ConfigsDiff extends ClusterCommand {
  static override summary = 'show what two topics, brokers, groups or the like have set differently'
  static override description =
    'By what holds, wherever it comes from; with --own by what is set for them themselves. The exit code is 3 when there is a difference.'
  static override examples = ['<%= config.bin %> configs diff topics orders payments', '<%= config.bin %> configs diff brokers 1 2']
  static override args = {
    type: requiredArg(`whose settings: ${entityTypes.join(', ')}`),
    one: requiredArg('its name'),
    other: requiredArg('the name of the other'),
  }
  static override flags = { own: Flags.boolean({ summary: 'only what is set for them themselves' }) }

  async run(): Promise<void> {
    const { flags, args } = await this.read(ConfigsDiff)
    const { type } = entityOf([args.type, args.one], {})
    const names = [args.one, args.other] as const
    const admin = await this.openAdmin(flags)
    const ops = await loadConfigResources()
    const [one, other] = await Promise.all(
      names.map(async (name): Promise<Map<string, string | null>> => {
        if (ops.resourceTypeOf(type) === undefined) return valuesOf(await ops.describeQuotaSettings(admin, type, name))
        const { values, errors } = divide(
          await ops.describeSettings(admin, type, [name], { documentation: false }),
          () => `${type} ${name}`,
        )
        await this.reportFailures(errors)
        return valuesOf((values[0]?.value ?? []).filter((each) => !flags.own || ops.isOwn(each)))
      }),
    )
    if (this.shell.exitCode !== 0) return
    const keys = [...new Set([...one!.keys(), ...other!.keys()])].sort()
    const items = keys
      .map((key): Difference => ({ key, values: [one!.get(key) ?? null, other!.get(key) ?? null] }))
      .filter(({ values: [a, b] }) => a !== b)
    if (items.length === 0) this.tell(`${type} ${names.join(' and ')} are set alike`)
    await this.render<Difference>({
      kind: 'ConfigDifferences',
      items,
      columns: [
        { name: 'KEY', value: ({ key }) => key },
        { name: 'ONE', value: ({ values }) => values[0] },
        { name: 'OTHER', value: ({ values }) => values[1] },
      ],
    })
    if (items.length > 0) this.answerNo()
  }
}

const valuesOf = (settings: readonly Setting[]): Map<string, string | null> => new Map(settings.map(({ name, value }) => [name, value]))
