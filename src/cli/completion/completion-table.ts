import type { CommandDescription, FlagDescription } from '../command-description.ts'
import { nounNames, verbNames } from '../command-tree.ts'

/** What a shell needs to know of a command to complete its line. */
export interface CompletionEntry {
  readonly command: string
  /** Long names that are worth showing. */
  readonly flags: readonly string[]
  /** Every word that takes the next one for its value, under every name. */
  readonly valued: readonly string[]
  /** By such a word: `topics`, `groups`, `brokers`, `profiles`, or the legal words, separated by commas. */
  readonly hints: Readonly<Record<string, string>>
  /** The same for what stands without a flag; empty: nothing is known. */
  readonly operand: string
  readonly isOfCluster: boolean
}

export interface CompletionTable {
  readonly entries: readonly CompletionEntry[]
  /** By a path of words, empty at first: what may follow. */
  readonly words: Readonly<Record<string, readonly string[]>>
  /** By `path/word`: the path that the word leads to, also under its other names. */
  readonly steps: Readonly<Record<string, string>>
  /** What all commands share, and what those share that talk to a cluster. */
  readonly output: SharedFlags
  readonly connection: SharedFlags
}

type SharedFlags = Pick<CompletionEntry, 'flags' | 'valued' | 'hints'>

const ofFlags: Readonly<Record<string, string>> = {
  ...{ topic: 'topics', like: 'topics', group: 'groups', 'to-group': 'groups', 'share-group': 'groups' },
  ...{ broker: 'brokers', brokers: 'brokers', drain: 'brokers', profile: 'profiles' },
}

const ofOperands: readonly (readonly [RegExp, RegExp, string])[] = [
  [/./, /^topics?$/, 'topics'],
  [/./, /^groups?$/, 'groups'],
  [/^broker /, /^(id|brokers?)$/, 'brokers'],
  [/^profile (show|use|delete)$/, /^name$/, 'profiles'],
]

const namesOf = ({ name, char, aliases }: FlagDescription): string[] => [
  ...[name, ...aliases].map((each) => `--${each}`),
  ...(char === null ? [] : [`-${char}`]),
]

const hintOf = ({ name, values }: FlagDescription): string => values?.join(',') ?? ofFlags[name] ?? ''

function flagsOf(flags: readonly FlagDescription[]): SharedFlags {
  const valued = flags.filter(({ takesValue }) => takesValue)
  return {
    flags: flags.filter(({ hidden }) => !hidden).map(({ name }) => `--${name}`),
    valued: valued.flatMap(namesOf),
    hints: Object.fromEntries(
      valued.filter((flag) => hintOf(flag) !== '').flatMap((flag) => namesOf(flag).map((name) => [name, hintOf(flag)])),
    ),
  }
}

const inGroup = (group: FlagDescription['group'], { flags }: CommandDescription): FlagDescription[] =>
  flags.filter((flag) => flag.group === group)

/** Letters of shared flags that some command has taken for something else are said by each command itself. */
const withoutChar = (flags: readonly FlagDescription[]): FlagDescription[] => flags.map((flag) => ({ ...flag, char: null }))

function entryOf(described: CommandDescription): CompletionEntry {
  const shared = [...inGroup('output', described), ...inGroup('connection', described)].filter(({ char }) => char !== null)
  const own = flagsOf(inGroup('own', described))
  const letters = flagsOf(shared.map((flag) => ({ ...flag, hidden: true })))
  const hints = Object.entries(letters.hints).filter(([name]) => /^-[^-]/.test(name))
  const operand = described.arguments.map(({ name, values }) => {
    const known = ofOperands.find(([command, argument]) => command.test(described.command) && argument.test(name))
    return values?.join(',') ?? known?.[2] ?? ''
  })
  return {
    command: described.command,
    flags: own.flags,
    valued: [...own.valued, ...letters.valued.filter((name) => /^-[^-]/.test(name))],
    hints: { ...own.hints, ...Object.fromEntries(hints) },
    operand: operand[0] ?? '',
    isOfCluster: inGroup('connection', described).length > 0,
  }
}

export function completionTable(described: readonly CommandDescription[]): CompletionTable {
  const words: Record<string, string[]> = {}
  const steps: Record<string, string> = {}
  for (const { command } of described) {
    const parts = command.split(' ')
    for (let length = 1; length <= parts.length; length++) {
      const path = parts.slice(0, length - 1).join(' ')
      const word = parts[length - 1]!
      const target = parts.slice(0, length).join(' ')
      const next = (words[path] ??= [])
      if (!next.includes(word)) next.push(word)
      for (const name of [word, ...(length === 1 ? nounNames(word) : verbNames(word))]) steps[`${path}/${name}`] ??= target
    }
  }
  const some = (group: 'output' | 'connection'): FlagDescription[] => {
    const all = new Map(described.flatMap((each) => inGroup(group, each)).map((flag) => [flag.name, flag]))
    return withoutChar([...all.values()])
  }
  return {
    entries: described.map(entryOf),
    words,
    steps,
    output: flagsOf(some('output')),
    connection: flagsOf(some('connection')),
  }
}
