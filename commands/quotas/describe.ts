import {
  ClusterCommand,
  entityText,
  Flags,
  quotaColumns,
  quotaEntityFlags,
  quotaEntityOf,
  quotaTypeOf,
  usageFault,
  watchFlags,
} from '../../src/cli/index.ts'
import type { Quota, QuotaFilter } from '../../src/client/index.ts'

export default class QuotasDescribe extends ClusterCommand {
  static override summary = 'show quotas'
  static override description =
    'Those that are of all that is named, with others perhaps; with --strict of nothing else. Which of them holds for a client: quotas resolve.'
  static override examples = [
    '<%= config.bin %> quotas describe',
    {
      description: 'Of the user alone, not of single clients of it:',
      command: '<%= config.bin %> quotas describe --user billing --strict',
    },
    { description: 'For quotas import:', command: '<%= config.bin %> quotas describe --json > quotas.json' },
  ]
  static override flags = {
    ...watchFlags,
    ...quotaEntityFlags,
    any: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      summary: 'of any of this type: user, client-id or ip',
      helpValue: 'TYPE',
    }),
    strict: Flags.boolean({ summary: 'of what is named alone' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.read(QuotasDescribe)
    const entity = quotaEntityOf(flags)
    const filters: QuotaFilter[] = [
      ...Object.entries(entity).map(
        ([type, name]): QuotaFilter => ({ entityType: quotaTypeOf(type), match: name === null ? 'default' : { name } }),
      ),
      ...(flags.any ?? []).map((type): QuotaFilter => ({ entityType: quotaTypeOf(type), match: 'any' })),
    ]
    if (flags.strict && filters.length === 0)
      throw usageFault('--strict needs something that is named', 'Say --user, --client-id, --ip, --default or --any.')
    const admin = await this.openAdmin(flags)
    const quotas = await admin.describeClientQuotas(filters, { strict: flags.strict })
    if (quotas.length === 0 && flags.watch === undefined) this.tell('there are no such quotas')
    const named = quotas.map(({ entity: whose, values }) => ({ entity: whose, values: Object.fromEntries(Object.entries(values).sort()) }))
    const sorted = named.sort((a, b) => (entityText(a.entity) < entityText(b.entity) ? -1 : 1))
    if (this.wantsRows) {
      const items = sorted.flatMap(({ entity: whose, values }) =>
        Object.entries(values).map(([quota, value]) => ({ entity: whose, values: { [quota]: value } })),
      )
      return this.render<Quota>({ kind: 'QuotaList', items, columns: quotaColumns })
    }
    await this.render<Quota>({ kind: 'QuotaList', items: sorted, columns: quotaColumns })
  }
}
