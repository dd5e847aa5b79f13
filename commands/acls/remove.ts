import {
  aclBindings,
  aclFilters,
  aclResourceFlags,
  aclRuleFlags,
  ClusterCommand,
  confirmFlags,
  counted,
  dryRunFlag,
  type FailedItem,
  Flags,
  loadAclText,
  parsePatternType,
  principalOf,
  usageFault,
} from '../../src/cli/index.ts'
import type { AclBinding } from '../../src/client/index.ts'

export default class AclsRemove extends ClusterCommand {
  static override summary = 'take rules away'
  static override description =
    'Those that fit all that is said; what is not said may be anything. They are shown first. The flags are those of kafka-acls.'
  static override examples = [
    "<%= config.bin %> acls remove --deny-principal guest --topic '*'",
    { description: 'Whatever concerns a topic, prefixes and * left alone:', command: '<%= config.bin %> acls remove --topic orders' },
    { description: 'All of somebody who has left:', command: '<%= config.bin %> acls remove --principal carol --dry-run' },
  ]
  static override flags = {
    ...confirmFlags,
    ...aclResourceFlags,
    ...aclRuleFlags,
    principal: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      summary: 'rules for these, whether they allow or deny',
      helpValue: 'PRINCIPAL',
    }),
    'resource-pattern-type': Flags.string({
      summary: 'of the resources named: literal (default), prefixed, match, any',
      helpValue: 'TYPE',
    }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<void> {
    const { flags } = await this.read(AclsRemove)
    const pattern = parsePatternType(flags['resource-pattern-type'] ?? 'literal', ['LITERAL', 'PREFIXED', 'MATCH', 'ANY'])
    const isRole = flags.producer || flags.consumer
    const chosen = isRole
      ? aclBindings(flags, pattern)
      : aclFilters(flags, flags['resource-pattern-type'] === undefined ? undefined : pattern)
    const filters = (flags.principal ?? [undefined]).flatMap((principal) =>
      chosen.map((filter) => (principal === undefined ? filter : { ...filter, principal: principalOf(principal) })),
    )
    if (filters.some((filter) => Object.keys(filter).length === 0))
      throw usageFault('which rules?', 'Say --topic, --principal or the like.')
    const admin = await this.openAdmin(flags)
    const found = (await Promise.all(filters.map((filter) => admin.describeAcls(filter)))).flat()
    const { ruleText } = await loadAclText()
    const rules = [...new Map(found.map((rule) => [ruleText(rule), rule])).values()]
    if (rules.length === 0) this.tell('there are no such rules')
    if (rules.length > 0 && !flags['dry-run']) await this.confirm(flags, rules.map(ruleText), `Remove ${counted(rules.length, 'rule')}?`)
    // By what was shown, not by the filters: what came meanwhile was not agreed to.
    const results = flags['dry-run'] || rules.length === 0 ? [] : await admin.deleteAcls(rules)
    const errors: FailedItem[] = results.flatMap(({ item, error, value }) => {
      const failed = error ?? value?.find((each) => each.error !== null)?.error ?? null
      return failed === null ? [] : [{ ...failed, item: ruleText(item as AclBinding) }]
    })
    const status = flags['dry-run'] ? 'WOULD-REMOVE' : 'REMOVED'
    const failed = new Set(errors.map(({ item }) => item))
    await this.render({
      kind: 'AclChanges',
      items: rules
        .map(ruleText)
        .filter((name) => !failed.has(name))
        .map((name) => ({ name, status })),
      errors,
      columns: [
        { name: 'RULE', value: (each) => each.name },
        { name: 'STATUS', value: (each) => each.status },
      ],
    })
  }
}
