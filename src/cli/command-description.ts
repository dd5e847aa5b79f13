import type { Command } from '@oclif/core/command'
import { type CommandClass, flagSetOf } from './base-command.ts'
import type { CommandTable } from './command-tree.ts'

/** Everything that is said about a command, for programs, manual pages and completion alike. */
export interface CommandDescription {
  readonly command: string
  readonly summary: string
  readonly description: string | null
  readonly usage: string
  readonly arguments: readonly ArgumentDescription[]
  readonly flags: readonly FlagDescription[]
  readonly examples: readonly ExampleDescription[]
}

export interface ArgumentDescription {
  readonly name: string
  readonly description: string
  readonly required: boolean
  readonly multiple: boolean
  readonly values: readonly string[] | null
}

export interface FlagDescription {
  readonly name: string
  readonly char: string | null
  readonly aliases: readonly string[]
  readonly summary: string
  readonly takesValue: boolean
  /** What stands for the value in help, e.g. HOST:PORT. */
  readonly valueName: string | null
  readonly values: readonly string[] | null
  readonly default: string | boolean | null
  readonly required: boolean
  readonly multiple: boolean
  /** Understood, and not shown: a name that other tools use. */
  readonly hidden: boolean
  /** `own`, or what all commands, or all that talk to a cluster, share. */
  readonly group: 'own' | 'output' | 'connection'
}

export interface ExampleDescription {
  readonly description: string | null
  readonly command: string
}

export function describeCommand(id: string, command: CommandClass): CommandDescription {
  return {
    command: id,
    summary: command.summary,
    description: command.description ?? null,
    usage: `tkafka ${command.usage ?? `${id}${usageOfArguments(command.args)} [FLAGS]`}`,
    arguments: Object.entries(command.args).map(([name, { description, required, multiple, options }]) => ({
      name,
      description: description ?? '',
      required: required === true,
      multiple: multiple === true,
      values: options ?? null,
    })),
    flags: flagsOf(command),
    examples: command.examples.map(exampleOf),
  }
}

/** Commands below a word, all of them for an empty one, in the order of the table. */
export async function describeCommands(commands: CommandTable, below = ''): Promise<CommandDescription[]> {
  const described: CommandDescription[] = []
  for (const [id, load] of Object.entries(commands)) {
    if (below !== '' && id !== below && !id.startsWith(`${below} `)) continue
    described.push(describeCommand(id, (await load()).default))
  }
  return described
}

export const usageOfArguments = (args: CommandClass['args']): string =>
  Object.entries(args)
    .map(([name, { required, multiple }]) => {
      const word = `${name.toUpperCase()}${multiple === true ? '...' : ''}`
      return required === true ? ` ${word}` : ` [${word}]`
    })
    .join('')

export const exampleOf = (example: Command.Example): ExampleDescription => {
  const { description, command } = typeof example === 'string' ? { description: undefined, command: example } : example
  return { description: description ?? null, command: command.replaceAll('<%= config.bin %>', 'tkafka') }
}

interface DeclaredFlag {
  readonly type: string
  readonly char?: string
  readonly aliases?: readonly string[]
  readonly summary?: string
  readonly helpValue?: string
  readonly helpGroup?: string
  readonly options?: readonly string[]
  readonly default?: unknown
  readonly required?: boolean
  readonly multiple?: boolean
  readonly hidden?: boolean
}

function flagsOf(command: CommandClass): FlagDescription[] {
  return (Object.entries(flagSetOf(command)) as [string, DeclaredFlag][]).map(([name, flag]) => ({
    name,
    char: flag.char ?? null,
    aliases: flag.aliases ?? [],
    summary: flag.summary ?? '',
    takesValue: flag.type === 'option',
    valueName: flag.type === 'option' ? (flag.helpValue ?? flag.options?.join('|') ?? 'VALUE') : null,
    values: flag.options ?? null,
    default: typeof flag.default === 'string' || typeof flag.default === 'boolean' ? flag.default : null,
    required: flag.required === true,
    multiple: flag.multiple === true,
    hidden: flag.hidden === true,
    group: groupOf(name, flag.helpGroup),
  }))
}

/** Not every command has --watch, for all that it is about output. */
function groupOf(name: string, helpGroup: string | undefined): FlagDescription['group'] {
  if (name === 'help' || (helpGroup === 'OUTPUT' && name !== 'watch')) return 'output'
  return helpGroup === 'CONNECTION' ? 'connection' : 'own'
}
