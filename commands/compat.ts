import { BaseCommand } from '../src/cli/index.ts'
import { notOffered, tools } from '../src/compat/index.ts'

export interface Listed {
  readonly tool: string
  readonly note: string
}

export default class Compat extends BaseCommand {
  static override summary = "run one of Apache Kafka's tools, or list them"
  static override description =
    'What follows the name of a tool is in the language of that tool: its options, old and new; so are its output and its exit code.'
  static override examples = ['<%= config.bin %> compat', '<%= config.bin %> compat kafka-topics --bootstrap-server broker-1:9092 --list']

  async run(): Promise<void> {
    await this.read(Compat)
    const items: Listed[] = [
      ...Object.keys(tools).map((tool) => ({ tool, note: 'offered' })),
      ...Object.entries(notOffered).map(([tool, note]) => ({ tool, note: `not offered: ${note}` })),
    ]
    await this.render<Listed>({
      kind: 'CompatTool',
      items,
      columns: [
        { name: 'TOOL', value: ({ tool }) => tool },
        { name: 'NOTE', value: ({ note }) => note },
      ],
    })
  }
}
