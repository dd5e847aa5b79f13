import { ClusterCommand, Flags, loadAclText, parseAclOperation, parseAclResource, principalOf, requiredArg } from '../../src/cli/index.ts'
import type { AclBinding } from '../../src/client/index.ts'
import { type Access, type AccessVerdict, loadAccess } from '../../src/ops/index.ts'

export type Checked = Access & AccessVerdict

export default class AclsCheck extends ClusterCommand {
  static override summary = 'tell whether somebody may do something, and which rule says so'
  static override description =
    'As StandardAuthorizer of the brokers decides, from the rules that are there. Of super.users, and of allow.everyone.if.no.acl.found, brokers do not tell. The exit code is 3 when it is denied.'
  static override examples = [
    '<%= config.bin %> acls check User:guest write topic:orders',
    '<%= config.bin %> acls check billing read group:billing --host 10.0.3.17',
    '<%= config.bin %> acls check etl create cluster',
  ]
  static override args = {
    principal: requiredArg('who; a name without a type is a User'),
    operation: requiredArg('what: read, write, describe-configs, …'),
    resource: requiredArg('on what: topic:NAME, group:NAME, cluster, …'),
  }
  static override flags = { host: Flags.string({ summary: 'from where; default: only rules for any host count', helpValue: 'IP' }) }

  async run(): Promise<void> {
    const { flags, args } = await this.read(AclsCheck)
    const resource = parseAclResource(args.resource)
    const operation = parseAclOperation(args.operation, resource.resourceType)
    const access: Access = { principal: principalOf(args.principal), host: flags.host ?? '', operation, ...resource }
    const admin = await this.openAdmin(flags)
    const rules = await admin.describeAcls({ ...resource, patternType: 'MATCH' })
    const { judgeAccess } = await loadAccess()
    const { ruleText } = await loadAclText()
    const verdict = judgeAccess(rules, access)
    const byText = (by: AclBinding | null): string => (by === null ? 'no rule' : ruleText(by))
    await this.render<Checked>({
      kind: 'AccessCheck',
      items: [{ ...access, ...verdict }],
      columns: [
        { name: 'ANSWER', value: ({ allowed }) => (allowed ? 'ALLOWED' : 'DENIED') },
        { name: 'BY', value: ({ by }) => byText(by) },
      ],
      text: ([checked]) =>
        `${checked!.allowed ? 'ALLOWED' : 'DENIED'} by ${byText(checked!.by)}${checked!.by === null ? ' that allows it' : ''}\n`,
    })
    if (!verdict.allowed) this.answerNo()
  }
}
