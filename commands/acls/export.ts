import { ClusterCommand, loadAclText } from '../../src/cli/index.ts'
import type { AclBinding } from '../../src/client/index.ts'
import { loadAccess } from '../../src/ops/index.ts'

export default class AclsExport extends ClusterCommand {
  static override summary = 'write all rules down: as command lines that add them, or each for itself'
  static override examples = [
    { description: 'To be run against another cluster:', command: '<%= config.bin %> acls export > acls.sh' },
    { description: 'For a program:', command: '<%= config.bin %> acls export --output csv' },
  ]

  async run(): Promise<void> {
    const { flags } = await this.read(AclsExport)
    const admin = await this.openAdmin(flags)
    const items = await admin.describeAcls()
    const { accessGrants } = await loadAccess()
    const { addLine, bindingColumns } = await loadAclText()
    await this.render<AclBinding>({
      kind: 'Acls',
      items,
      columns: bindingColumns,
      text: (rules) =>
        accessGrants(rules, 'principal')
          .map((grant) => `${addLine(grant)}\n`)
          .join(''),
    })
  }
}
