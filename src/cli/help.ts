import type { Command } from '@oclif/core/command'
import { Config } from '@oclif/core/config'
import { CommandHelp } from '@oclif/core/help'
import { type CommandClass, flagSetOf } from './base-command.ts'
import { exampleOf, usageOfArguments } from './command-description.ts'
import { pasteable } from './pasteable.ts'
import { flowed } from './render/fit.ts'
import type { Shell } from './shell.ts'
import { helpWidth } from './topic-help.ts'
import { version } from './version.ts'

export async function commandHelp(id: string, command: CommandClass, shell: Pick<Shell, 'stdout'>): Promise<string> {
  const flags = Object.fromEntries(Object.entries(flagSetOf(command)).map(([name, flag]) => [name, { ...flag, name }]))
  const args = Object.fromEntries(Object.entries(command.args).map(([name, arg]) => [name, { ...arg, name }]))
  const { summary, description, examples, usage } = command
  const loadable = { id, flags, args, aliases: [], description, usage: usage ?? `${id}${usageOfArguments(command.args)} [FLAGS]` }
  const options = {
    maxWidth: helpWidth(shell),
    docopts: false,
    stripAnsi: true,
    flagSortOrder: 'none',
    hideCommandSummaryInDescription: false,
  } as const
  const help = new CommandHelp(loadable as never, oclifConfig(), options as never)
  // The layout takes the indent of a section's first line away, and with it that of a flag without a letter.
  const generated = help.generate().replace(/^(.*FLAGS.*)\n {2}(?=[^ -]*--)/gm, '$1\n      ')
  const text = `${summary ?? ''}\n\n${generated}\n${examplesText(examples, options.maxWidth)}`
  return shell.stdout.isTTY === true ? text : withoutColors(text)
}

/** Each to be pasted into a shell as it stands. */
function examplesText(examples: readonly Command.Example[], width: number): string {
  const texts = examples.map((example) => {
    const { description, command: line } = exampleOf(example)
    const told = description === null ? '' : `${flowed(['', ...description.split(' ')], ' ', '  ', width).replace(/^ /, '  ')}\n`
    return `${told}${pasteable(line, width - 4)}\n`
  })
  return texts.length === 0 ? '' : `\nEXAMPLES\n${texts.join('\n')}`
}

/** What oclif's help wants to know of the program, without a search for plugins. */
function oclifConfig(): Config {
  const config = new Config({ root: import.meta.dirname })
  return Object.assign(config, { bin: 'tkafka', name: 'tkafka', version, topicSeparator: ' ', pjson: { oclif: {} }, theme: undefined })
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal control sequences begin with escape
const withoutColors = (text: string): string => text.replace(/\x1b\[[0-9;]*m/g, '').replace(/[ \t]+$/gm, '')
