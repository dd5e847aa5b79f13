import {
  aclFilters,
  aclResourceFlags,
  aclRuleFlags,
  ClusterCommand,
  Flags,
  loadAclText,
  parsePatternType,
  principalOf,
  watchFlags,
} from '../../src/cli/index.ts'
import { type AccessGrant, loadAccess } from '../../src/ops/index.ts'

export default class AclsList extends ClusterCommand {
  static override summary = 'show who may do what'
  static override description =
    'Rules that differ in the operation alone stand in one line. A rule that denies wins over all that allow. Whoever is in super.users of the brokers may do everything, which no rule tells.'
  static override examples = [
    '<%= config.bin %> acls list',
    {
      description: 'Who may do something with a topic, by its own name, a prefix, or *:',
      command: '<%= config.bin %> acls list --topic orders --resource-pattern-type match',
    },
    '<%= config.bin %> acls list --by resource --principal billing',
  ]
  static override flags = {
    ...watchFlags,
    ...aclResourceFlags,
    principal: Flags.string({ multiple: true, multipleNonGreedy: true, summary: 'only rules for these, by name', helpValue: 'PRINCIPAL' }),
    operation: aclRuleFlags.operation,
    'resource-pattern-type': Flags.string({
      summary: 'of the resources named: literal (default), prefixed, match, any',
      helpValue: 'TYPE',
    }),
    by: Flags.option({ options: ['principal', 'resource'] as const })({ summary: 'what comes first', default: 'principal' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.read(AclsList)
    const type = flags['resource-pattern-type']
    const pattern = type === undefined ? undefined : parsePatternType(type, ['LITERAL', 'PREFIXED', 'MATCH', 'ANY'])
    const filters = aclFilters({ ...flags, operation: flags.operation }, pattern)
    const wanted = (flags.principal ?? [undefined]).flatMap((principal) =>
      filters.map((filter) => (principal === undefined ? filter : { ...filter, principal: principalOf(principal) })),
    )
    const admin = await this.openAdmin(flags)
    const rules = (await Promise.all(wanted.map((filter) => admin.describeAcls(filter)))).flat()
    const { accessGrants } = await loadAccess()
    const items = accessGrants([...new Map(rules.map((rule) => [JSON.stringify(rule), rule])).values()], flags.by)
    if (items.length === 0 && flags.watch === undefined) this.tell('there are no such rules')
    const { grantColumns } = await loadAclText()
    await this.render<AccessGrant>({ kind: 'AccessGrants', items, columns: grantColumns(flags.by) })
  }
}
