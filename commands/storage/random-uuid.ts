import { randomUuid } from '../../src/base/index.ts'
import { BaseCommand } from '../../src/cli/index.ts'

export default class StorageRandomUuid extends BaseCommand {
  static override summary = 'print a new id, as clusters and directories have'
  static override examples = ['<%= config.bin %> storage random-uuid']

  async run(): Promise<void> {
    await this.read(StorageRandomUuid)
    const uuid = randomUuid((await this.shell.host()).random)
    await this.render<{ uuid: string }>({
      kind: 'RandomUuid',
      items: [{ uuid }],
      columns: [{ name: 'UUID', value: (each) => each.uuid }],
      text: () => `${uuid}\n`,
    })
  }
}
