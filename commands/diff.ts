import { DesiredCommand, desiredFlags, loadDesiredChange } from '../src/cli/index.ts'
import { loadDesired } from '../src/ops/index.ts'

export default class Diff extends DesiredCommand {
  static override summary = 'show where a cluster is not as files say'
  static override description =
    'Of topics, settings, rules and quotas that files name, as tkafka export writes them and tkafka apply brings them about; with --allow-delete and --prune-configs also what the cluster has besides. Nothing is changed. The exit code is 3 when there is a difference.'
  static override examples = [
    '<%= config.bin %> diff -f cluster.yaml',
    {
      description: 'What is there besides, of one team:',
      command: '<%= config.bin %> diff -f topics/ --allow-delete topics --prune-prefix billing.',
    },
    { description: 'Two clusters:', command: '<%= config.bin %> export --profile staging | <%= config.bin %> diff -f - --profile prod' },
  ]
  static override flags = desiredFlags

  async run(): Promise<void> {
    const { flags } = await this.read(Diff)
    const desired = await this.desired(flags.file, false)
    const pruning = this.pruning(flags, desired)
    const admin = await this.openAdmin(flags)
    const { changes } = await this.compare(admin, desired, pruning)
    const { obstacleTo } = await loadDesired()
    const { changeColumns, changeItem } = await loadDesiredChange()
    if (changes.length === 0) this.tell('the cluster is as the files say')
    await this.render({
      kind: 'ClusterChanges',
      items: changes.map((change) => changeItem(change, obstacleTo(change) === undefined ? 'DIFFERENT' : 'IMPOSSIBLE')),
      columns: changeColumns,
      ...(changes.length === 0 && { text: () => '' }),
    })
    if (changes.length > 0) this.answerNo()
  }
}
