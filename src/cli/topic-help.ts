import { describeCommands } from './command-description.ts'
import type { CommandTable } from './command-tree.ts'
import { flowed } from './render/fit.ts'
import type { Shell } from './shell.ts'
import { version } from './version.ts'

/** Lines longer than this are hard to read, shorter ones hard to lay out. */
export const helpWidth = ({ stdout }: Pick<Shell, 'stdout'>): number => Math.max(60, Math.min(stdout.columns ?? 80, 120))

/** What there is below a word, or at the root: there the families, for all commands on one page help nobody. */
export async function topicHelp(
  topic: string,
  commands: CommandTable,
  topics: Readonly<Record<string, string>>,
  shell: Pick<Shell, 'stdout'>,
): Promise<string> {
  const lines = topic === '' ? await rootLines(commands, topics) : await linesBelow(topic, commands)
  const width = Math.max(...lines.map(([id]) => id.length))
  const indent = ' '.repeat(width + 4)
  const list = lines
    .map(([id, summary]) => flowed([`  ${id.padEnd(width)} `, ...summary.split(' ')], ' ', indent, helpWidth(shell)))
    .join('')
  const title = topic === '' ? `tkafka ${version}: an Apache Kafka compatible broker and its tools` : `tkafka ${topic}: ${topics[topic]}`
  const usage = topic === '' ? 'COMMAND' : `${topic} VERB`
  const next =
    topic === '' ? '\nSee tkafka COMMAND --help for its verbs, flags and examples.' : '\nSee tkafka COMMAND --help for flags and examples.'
  return `${title}\n\nUSAGE\n  $ tkafka ${usage} [FLAGS]\n\nCOMMANDS\n${list}${next}\n`
}

type HelpLine = readonly [id: string, summary: string]

/** Only the commands of one word are loaded. */
async function rootLines(commands: CommandTable, topics: Readonly<Record<string, string>>): Promise<HelpLine[]> {
  const words = [...new Set(Object.keys(commands).map((id) => id.split(' ')[0]!))]
  return Promise.all(words.map(async (word): Promise<HelpLine> => [word, topics[word] ?? (await summaryOf(commands, word))]))
}

const linesBelow = (topic: string, commands: CommandTable): Promise<HelpLine[]> =>
  Promise.all(
    Object.keys(commands)
      .filter((id) => id.startsWith(`${topic} `))
      .map(async (id): Promise<HelpLine> => [id, await summaryOf(commands, id)]),
  )

const summaryOf = async (commands: CommandTable, id: string): Promise<string> => (await commands[id]!()).default.summary ?? ''

/** Commands below a word, or all of them, for programs. */
export async function treeAsJson(commands: CommandTable, below: string, timeMs: number): Promise<string> {
  const items = await describeCommands(commands, below)
  const time = new Date(timeMs).toISOString()
  return `${JSON.stringify({ apiVersion: 'tkafka/v1', kind: 'CommandTree', cluster: null, time, items, errors: [] }, null, 2)}\n`
}
