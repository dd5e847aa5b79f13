import { usageFault } from './fault.ts'
import { parseDurationMs } from './flags.ts'

/** A flag as far as its words go. */
export interface WordFlag {
  readonly type: string
  readonly char?: string
  readonly aliases?: string[]
  readonly charAliases?: string[]
}

const everyDefault = '2s'
/** Stands in front of a column to sort by. */
const minus = '\u2212'
/** Kafka's producer-perf-test takes all values behind it. */
const manyValues = '--producer-props'

/** The column as it was asked for. */
export const sortColumn = (text: string): string => text.replace(minus, '-')

/**
 * A command line as oclif's parser understands it: `--watch` gets its value, `--sort -lag`, which it takes for letters of flags, another minus
 * sign, `--producer-props` stands before each of its values, and `--yes=false`, which it takes for yes and an argument, is gone. Values of flags and what follows `--` stay as they are.
 * @throws Fault (usage)
 */
export function parserWords(argv: readonly string[], flags: Readonly<Record<string, WordFlag>>): string[] {
  const words: string[] = []
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!
    if (word === '--') return [...words, ...argv.slice(at)]
    const { name, value } = parted(word, flags)
    const next = argv[at + 1]
    if (name === undefined) words.push(word)
    else if (flags[name]!.type === 'boolean') words.push(...(value === undefined ? [word] : plainBoolean(word, value)))
    else if (value !== undefined) words.push(name === 'sort' ? `--sort=${value.replace(/^-/, minus)}` : word)
    else if (name === 'watch') {
      const isTimed = next !== undefined && isDuration(next)
      words.push(`--watch=${isTimed ? next : everyDefault}`)
      if (isTimed) at++
    } else if (word === manyValues) {
      while (argv[at + 1]?.startsWith('-') === false) words.push(word, argv[++at]!)
    } else {
      words.push(word)
      if (next === undefined || next === '--') continue
      words.push(name === 'sort' ? next.replace(/^-(?=[a-z])/i, minus) : next)
      at++
    }
  }
  return words
}

/** The flag that a word names, under any of its names, and the value behind its `=`. */
function parted(word: string, flags: Readonly<Record<string, WordFlag>>): { name?: string; value?: string } {
  const [, long, short, value] = /^(?:--([^=]+)|-([^-=]))(?:=(.*))?$/s.exec(word) ?? []
  if (long === undefined && short === undefined) return {}
  const found = Object.entries(flags).find(([name, { char, aliases, charAliases }]) =>
    long === undefined ? char === short || charAliases?.includes(short!) : name === long || aliases?.includes(long),
  )
  return found === undefined ? {} : { name: found[0], ...(value === undefined ? {} : { value }) }
}

function plainBoolean(word: string, value: string): string[] {
  const name = word.slice(0, word.indexOf('='))
  if (/^(true|yes|1)$/i.test(value)) return [name]
  if (/^(false|no|0)$/i.test(value)) return []
  throw usageFault(`${name} is either there or not; ${value} is no value for it`)
}

function isDuration(text: string): boolean {
  try {
    parseDurationMs(text, '')
    return true
  } catch {
    return false
  }
}
