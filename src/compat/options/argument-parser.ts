import { parseDouble } from '../java/number-text.ts'
import { argumentUsage } from './argument-help.ts'

/** One argument of a tool that parses in argparse's manner. */
export interface Argument {
  readonly flags: readonly string[]
  readonly help: string
  /** `flag`: takes no value. `append`: may be given again. `list`: takes one value or more. Left out: one value. */
  readonly kind?: 'flag' | 'append' | 'list'
  readonly type?: 'Short' | 'Integer' | 'Long' | 'Double'
  readonly metavar?: string
  readonly required?: boolean
  /** Shown in the help, and taken when the argument is not given. */
  readonly default?: string
  /** Of arguments that exclude each other, by number. */
  readonly mutex?: number
  /** The title of a section of its own in the help. */
  readonly section?: string
  /** Of a flag: given, this is printed and nothing else is done. */
  readonly prints?: string
}

export interface Grammar {
  readonly prog: string
  readonly description?: string
  /** Defaults are part of the help. */
  readonly defaultHelp?: boolean
  readonly arguments: readonly Argument[]
  /** By number: whether one of those arguments must be given, and what the help says above them. */
  readonly mutexes?: readonly { readonly required: boolean; readonly note?: string }[]
  readonly commands?: readonly Command[]
  /** Instead of the names of the commands, and of "positional arguments". */
  readonly commandsMetavar?: string
  readonly commandsTitle?: string
  /** By title: what the help says of a section. */
  readonly sectionNotes?: Readonly<Record<string, string>>
}

export interface Command {
  readonly name: string
  readonly help: string
  readonly grammar: Grammar
}

/** A grammar, or a command with the grammars above it. */
export interface Place {
  readonly grammar: Grammar
  readonly command?: string
  readonly parent?: Place
}

/** A command line that does not fit the grammar. */
export class ArgumentError extends Error {
  readonly place: Place
  /** Like flags or commands, closest first. */
  readonly candidates: readonly string[]
  constructor(message: string, place: Place, candidates: readonly string[] = []) {
    super(message)
    this.place = place
    this.candidates = candidates
  }
}

/** A flag that prints and does nothing else was given: its text. */
export class TextWanted extends Error {
  readonly text: string
  constructor(text: string) {
    super('text')
    this.text = text
  }
}

/** --help was given, and `text` answers it. */
export class HelpWanted extends Error {
  readonly text: string
  constructor(text: string) {
    super('help')
    this.text = text
  }
}

export class Namespace {
  readonly #values: ReadonlyMap<string, readonly string[]>
  readonly command: string
  constructor(values: ReadonlyMap<string, readonly string[]>, command: string) {
    this.#values = values
    this.command = command
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  /** The last value given, else the default. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1)
  }

  number(name: string): number | undefined {
    const text = this.text(name)
    return text === undefined ? undefined : Number(text)
  }

  all(name: string): readonly string[] | undefined {
    return this.#values.get(name)
  }
}

export const helpArgument: Argument = { flags: ['-h', '--help'], help: 'show this help message and exit', kind: 'flag' }
export const argumentsOf = (grammar: Grammar): readonly Argument[] => [helpArgument, ...grammar.arguments]
export const nameOf = (argument: Argument): string =>
  (argument.flags.find((flag) => flag.startsWith('--')) ?? argument.flags[0]!).replace(/^-+/, '')
const shown = (argument: Argument): string => argument.flags.join('/')

/** @throws ArgumentError, HelpWanted, TextWanted */
export function parseArguments(grammar: Grammar, args: readonly string[]): Namespace {
  const values = new Map<string, string[]>()
  const command = new Parsing(values, args).run({ grammar }, 0)
  return new Namespace(values, command)
}

const looksLikeFlag = (word: string): boolean => word.length > 1 && word.startsWith('-') && !/^-\d+$/.test(word)

class Parsing {
  readonly #values: Map<string, string[]>
  readonly #args: readonly string[]
  #at = 0
  /** A missing argument is told when all has been read. */
  #missing: ArgumentError | undefined
  #separated = false

  constructor(values: Map<string, string[]>, args: readonly string[]) {
    this.#values = values
    this.#args = args
  }

  run(place: Place, from: number): string {
    this.#at = from
    const { grammar } = place
    const used = new Set<Argument>()
    while (this.#at < this.#args.length) {
      const word = this.#args[this.#at]!
      if (word === '--' && !this.#separated) {
        this.#separated = true
        this.#at++
      } else if (this.#isFlag(word)) this.#flag(place, word, used)
      else if (grammar.commands !== undefined && !this.#separated) {
        this.#require(place, used)
        const command = this.#commandOf(place, grammar.commands, word)
        this.run({ grammar: command.grammar, command: command.name, parent: place }, this.#at + 1)
        return command.name
      } else throw new ArgumentError(`unrecognized arguments: '${this.#args.slice(this.#at).join(' ')}'`, place)
    }
    if (grammar.commands !== undefined) throw new ArgumentError('too few arguments', place)
    this.#require(place, used)
    if (this.#missing !== undefined) throw this.#missing
    return ''
  }

  #isFlag(word: string): boolean {
    return !this.#separated && looksLikeFlag(word)
  }

  #flag(place: Place, word: string, used: Set<Argument>): void {
    const equals = word.indexOf('=')
    const flag = equals < 0 ? word : word.slice(0, equals)
    let inline = equals < 0 ? undefined : word.slice(equals + 1)
    let argument = this.#resolve(place, flag)
    if (argument === undefined && /^-[^-]/.test(word)) {
      // Letters may stand together, the last one with its value.
      argument = argumentsOf(place.grammar).find(({ flags }) => flags.includes(word.slice(0, 2)))
      if (argument !== undefined && argument.kind !== 'flag') inline = word.slice(2)
    }
    if (argument === undefined) throw this.#unrecognized(place, word)
    this.#at++
    if (argument === helpArgument) throw new HelpWanted(argumentUsage(place, 'help'))
    if (argument.prints !== undefined) throw new TextWanted(argument.prints)
    const rival = [...used].find((other) => other !== argument && argument.mutex !== undefined && other.mutex === argument.mutex)
    if (rival !== undefined) throw new ArgumentError(`argument ${shown(argument)}: not allowed with argument ${shown(rival)}`, place)
    used.add(argument)
    this.#take(place, argument, inline)
  }

  #take(place: Place, argument: Argument, inline: string | undefined): void {
    const name = nameOf(argument)
    if (argument.kind === 'flag') {
      if (inline !== undefined) throw new ArgumentError(`argument ${shown(argument)}: ignore implicit argument '${inline}'`, place)
      this.#values.set(name, ['true'])
      return
    }
    const taken = inline === undefined ? this.#following(argument.kind === 'list' ? Number.POSITIVE_INFINITY : 1) : [inline]
    if (taken.length === 0) {
      const expected = argument.kind === 'list' ? 'expected 1 argument(s)' : 'expected one argument'
      throw new ArgumentError(`argument ${shown(argument)}: ${expected}`, place)
    }
    for (const value of taken) checkType(place, argument, value)
    this.#values.set(name, argument.kind === 'append' ? [...(this.#values.get(name) ?? []), ...taken] : taken)
  }

  #following(most: number): string[] {
    const taken: string[] = []
    while (taken.length < most && this.#at < this.#args.length && !this.#isFlag(this.#args[this.#at]!)) taken.push(this.#args[this.#at++]!)
    return taken
  }

  /** The argument of a flag, or of its beginning. */
  #resolve(place: Place, flag: string): Argument | undefined {
    const all = argumentsOf(place.grammar)
    const exact = all.find(({ flags }) => flags.includes(flag))
    if (exact !== undefined) return exact
    const candidates = all.flatMap(({ flags }) => flags).filter((each) => each.startsWith(flag))
    if (candidates.length > 1) throw new ArgumentError(`ambiguous option: ${flag} could match ${candidates.sort().join(', ')}`, place)
    return all.find(({ flags }) => flags.includes(candidates[0] ?? ''))
  }

  #unrecognized(place: Place, word: string): ArgumentError {
    const body = word.replace(/^-+/, '')
    const flags = argumentsOf(place.grammar)
      .flatMap((each) => each.flags)
      .filter((flag) => flag.replace(/^-+/, '').length > 1)
    const close = body.length < 2 ? [] : closest(body, flags, (flag) => flag.replace(/^-+/, ''))
    return new ArgumentError(`unrecognized arguments: '${word}'`, place, close)
  }

  #commandOf(place: Place, commands: readonly Command[], word: string): Command {
    const exact = commands.find(({ name }) => name === word)
    const begun = commands.filter(({ name }) => word !== '' && name.startsWith(word))
    const found = exact ?? (begun.length === 1 ? begun[0] : undefined)
    if (found !== undefined) return found
    const names = commands.map(({ name }) => name)
    if (begun.length > 1) {
      const could = begun.map(({ name }) => name).sort()
      throw new ArgumentError(`ambiguous command: ${word} could match ${could.join(', ')}`, place)
    }
    const choices = names.map((name) => `'${name}'`).join(', ')
    throw new ArgumentError(
      `invalid choice: '${word}' (choose from ${choices})`,
      place,
      closest(word, names, (name) => name),
    )
  }

  #require(place: Place, used: ReadonlySet<Argument>): void {
    const { grammar } = place
    for (const argument of grammar.arguments) {
      if (argument.default !== undefined && !used.has(argument) && !this.#values.has(nameOf(argument)))
        this.#values.set(nameOf(argument), [argument.default])
    }
    if (this.#missing !== undefined) return
    for (const argument of grammar.arguments) {
      if (argument.required === true && !used.has(argument))
        this.#missing = new ArgumentError(`argument ${shown(argument)} is required`, place)
    }
    for (const [index, mutex] of (grammar.mutexes ?? []).entries()) {
      const members = grammar.arguments.filter((argument) => argument.mutex === index)
      if (this.#missing === undefined && mutex.required && !members.some((argument) => used.has(argument)))
        this.#missing = new ArgumentError(`one of the arguments ${members.map((each) => `${shown(each)} `).join('')}is required`, place)
    }
  }
}

const ranges = {
  Short: [-(2n ** 15n), 2n ** 15n - 1n, '16 bit integer'],
  Integer: [-(2n ** 31n), 2n ** 31n - 1n, '32 bit integer'],
  Long: [-(2n ** 63n), 2n ** 63n - 1n, '64 bit integer'],
} as const

const isWithin = (value: bigint, [least, most]: readonly [bigint, bigint, string]): boolean => value >= least && value <= most

function checkType(place: Place, argument: Argument, value: string): void {
  if (argument.type === undefined) return
  if (argument.type === 'Double') {
    if (parseDouble(value) !== undefined) return
    const reason = value.trim() === '' ? 'empty String' : `For input string: "${value}"`
    throw new ArgumentError(`argument ${shown(argument)}: could not convert '${value}' to Double (${reason})`, place)
  }
  if (/^[+-]?\d+$/.test(value) && isWithin(BigInt(value), ranges[argument.type])) return
  const isTooWide = argument.type === 'Short' && /^[+-]?\d+$/.test(value) && isWithin(BigInt(value), ranges.Integer)
  const reason = isTooWide ? `Value out of range. Value:"${value}" Radix:10` : `For input string: "${value}"`
  throw new ArgumentError(`argument ${shown(argument)}: could not convert '${value}' to ${argument.type} (${reason})`, place)
}

/** Those that are as near as the nearest, unless all are far. */
function closest(word: string, subjects: readonly string[], bodyOf: (subject: string) => string): string[] {
  const rated = subjects.map((subject) => {
    const body = bodyOf(subject)
    return { subject, distance: body.startsWith(word) ? 0 : editCost(word, body) }
  })
  const least = Math.min(...rated.map(({ distance }) => distance))
  return least >= 7 ? [] : rated.filter(({ distance }) => distance === least).map(({ subject }) => subject)
}

/** Edit distance where exchanging neighbours costs nothing, another sign 2, one more 1, one less 4. */
function editCost(from: string, to: string): number {
  let before: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      let cost = last[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 2)
      const isExchange = i >= 2 && j >= 2 && from[i - 1] !== to[j - 1] && from[i - 2] === to[j - 1] && from[i - 1] === to[j - 2]
      if (isExchange) cost = Math.min(cost, before[j - 2]!)
      row.push(Math.min(cost, last[j]! + 4, row[j - 1]! + 1))
    }
    before = last
    last = row
  }
  return last[to.length]!
}
