import { describeCommands } from './command-description.ts'
import type { CommandTable } from './command-tree.ts'
import { flowed } from './render/fit.ts'
import type { Shell } from './shell.ts'
import { version } from './version.ts'

/** Lines longer than this are hard to read, shorter ones hard to lay out. */
export const helpWidth = ({ stdout }: Pick<Shell, 'stdout'>): number => Math.max(60, Math.min(stdout.columns ?? 80, 120))

/** What there is below a word, or at the root. */
export async function topicHelp(
  topic: string,
  commands: CommandTable,
  topics: Readonly<Record<string, string>>,
  shell: Pick<Shell, 'stdout'>,
): Promise<string> {
  const lines: [string, string][] = []
  for (const [id, load] of Object.entries(commands)) {
    if (topic === '' || id.startsWith(`${topic} `)) lines.push([id, (await load()).default.summary ?? ''])
  }
  const width = Math.max(...lines.map(([id]) => id.length))
  const indent = ' '.repeat(width + 4)
  const list = lines
    .map(([id, summary]) => flowed([`  ${id.padEnd(width)} `, ...summary.split(' ')], ' ', indent, helpWidth(shell)))
    .join('')
  const title = topic === '' ? `tkafka ${version}: an Apache Kafka compatible broker and its tools` : `tkafka ${topic}: ${topics[topic]}`
  return `${title}\n\nUSAGE\n  $ tkafka ${topic === '' ? 'COMMAND' : `${topic} VERB`} [FLAGS]\n\nCOMMANDS\n${list}\nSee tkafka COMMAND --help for flags and examples.\n`
}

/** Commands below a word, or all of them, for programs. */
export async function treeAsJson(commands: CommandTable, below: string, timeMs: number): Promise<string> {
  const items = await describeCommands(commands, below)
  const time = new Date(timeMs).toISOString()
  return `${JSON.stringify({ apiVersion: 'tkafka/v1', kind: 'CommandTree', cluster: null, time, items, errors: [] }, null, 2)}\n`
}
