import {
  aclBindings,
  aclResourceFlags,
  aclRuleFlags,
  ClusterCommand,
  dryRunFlag,
  Flags,
  loadAclText,
  parsePatternType,
} from '../../src/cli/index.ts'

export default class AclsAdd extends ClusterCommand {
  static override summary = 'allow, or deny, somebody something'
  static override description =
    'Every principal named gets every operation on every resource named, from every host named. A rule that is there already stays as it is. The flags are those of kafka-acls.'
  static override examples = [
    '<%= config.bin %> acls add --allow-principal billing --operation read --operation describe --topic orders --resource-pattern-type prefixed',
    {
      description: 'All that a consumer needs:',
      command: '<%= config.bin %> acls add --allow-principal billing --consumer --topic orders --group billing',
    },
    { description: 'What is denied wins:', command: "<%= config.bin %> acls add --deny-principal guest --operation write --topic '*'" },
  ]
  static override flags = {
    ...aclResourceFlags,
    ...aclRuleFlags,
    'resource-pattern-type': Flags.string({ summary: 'literal (default), or prefixed: every name that begins so', helpValue: 'TYPE' }),
    'dry-run': dryRunFlag,
    force: Flags.boolean({ hidden: true }),
  }

  async run(): Promise<void> {
    const { flags } = await this.read(AclsAdd)
    const rules = aclBindings(flags, parsePatternType(flags['resource-pattern-type'] ?? 'literal', ['LITERAL', 'PREFIXED']))
    const { ruleText } = await loadAclText()
    const admin = await this.openAdmin(flags)
    const results = flags['dry-run'] ? rules.map((item) => ({ item, error: null, value: null })) : await admin.createAcls(rules)
    await this.renderChanges('AclChanges', 'RULE', results, ruleText, flags['dry-run'] ? 'WOULD-ADD' : 'ADDED')
  }
}
