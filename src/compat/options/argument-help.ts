import { type Argument, type ArgumentError, argumentsOf, type Grammar, nameOf, type Place } from './argument-parser.ts'
import { breakableParts } from './line-breaks.ts'

const WIDTH = 75
const HELP_INDENT = 25

/** The usage of a grammar or of one of its commands, alone or with the help below it. */
export function argumentUsage(place: Place, what: 'usage' | 'help'): string {
  return what === 'usage' ? usage(place) : usage(place) + help(place)
}

/** What is told of a command line that does not fit. */
export function argumentFault(error: ArgumentError): string {
  const { place, message, candidates } = error
  const meant = candidates.length === 0 ? '' : `\nDid you mean:\n${candidates.map((each) => `\t${each}\n`).join('')}`
  return `${usage(place)}${wrap(`${progOf(place)}: error: ${message}\n`, WIDTH, 0, '')}${meant}`
}

const progOf = (place: Place): string => (place.parent === undefined ? place.grammar.prog : progOf(place.parent))

function usage(place: Place): string {
  const start = `usage: ${progOf(place)}`
  const isLong = start.length > 30
  const indent = ' '.repeat(isLong ? 6 : start.length)
  let text = isLong ? `${start}\n${indent}` : start
  let width = indent.length
  let isFirst = true
  for (const word of usageWords(place)) {
    if (!isFirst && width + word.length + 1 > WIDTH) {
      text += `\n${indent} ${word}`
      width = indent.length + 1 + word.length
    } else {
      text += ` ${word}`
      width += 1 + word.length
      isFirst = false
    }
  }
  return `${text}\n`
}

function usageWords(place: Place): string[] {
  const { grammar, command, parent } = place
  const words = parent === undefined ? [] : upperWords(parent)
  if (command !== undefined) words.push(command)
  for (const argument of argumentsOf(grammar)) if (argument.mutex === undefined) words.push(shortSyntax(argument))
  for (const [index, { required }] of (grammar.mutexes ?? []).entries()) words.push(...mutexWords(grammar, index, required))
  if (grammar.commands !== undefined) words.push(commandsSyntax(grammar), '...')
  return words
}

/** What of the grammars above must be given. */
function upperWords({ grammar, command, parent }: Place): string[] {
  const words = parent === undefined ? [] : upperWords(parent)
  if (command !== undefined) words.push(command)
  for (const argument of grammar.arguments)
    if (argument.required === true && argument.mutex === undefined) words.push(shortSyntax(argument))
  for (const [index, { required }] of (grammar.mutexes ?? []).entries()) if (required) words.push(...mutexWords(grammar, index, true))
  return words
}

function mutexWords(grammar: Grammar, index: number, required: boolean): string[] {
  const members = grammar.arguments.filter(({ mutex }) => mutex === index).map(bareSyntax)
  const [open, close] = required ? ['(', ')'] : ['[', ']']
  return members.flatMap((syntax, at) => {
    const word = `${at === 0 ? open : ''}${syntax}${at === members.length - 1 ? close : ''}`
    return at === 0 ? [word] : ['|', word]
  })
}

const commandsSyntax = ({ commands = [], commandsMetavar }: Grammar): string =>
  commandsMetavar ?? `{${commands.map(({ name }) => name).join(',')}}`

function metavarOf(argument: Argument): string {
  if (argument.kind === 'flag') return ''
  const metavar = argument.metavar ?? nameOf(argument).replaceAll('-', '_').toUpperCase()
  return argument.kind === 'list' ? ` ${metavar} [${metavar} ...]` : ` ${metavar}`
}

const bareSyntax = (argument: Argument): string => `${argument.flags[0]}${metavarOf(argument)}`
const shortSyntax = (argument: Argument): string => (argument.required === true ? bareSyntax(argument) : `[${bareSyntax(argument)}]`)

function help(place: Place): string {
  const { grammar } = place
  const defaultHelp = rootOf(place).defaultHelp === true && place.parent === undefined
  const lines = (list: readonly Argument[]): string => list.map((argument) => argumentHelp(argument, defaultHelp)).join('')
  const description = grammar.description === undefined ? '' : `\n${wrap(grammar.description, WIDTH, 0, '')}\n`
  const commands =
    grammar.commands === undefined
      ? ''
      : `${entry(commandsSyntax(grammar), '')}${grammar.commands.map(({ name, help: text }) => entry(`  ${name}`, text)).join('')}`
  const positional = grammar.commands !== undefined && grammar.commandsTitle === undefined ? `\npositional arguments:\n${commands}` : ''
  const separate = (argument: Argument): boolean =>
    argument.section !== undefined || (argument.mutex !== undefined && grammar.mutexes?.[argument.mutex]?.note !== undefined)
  const optional = `\noptional arguments:\n${lines(argumentsOf(grammar).filter((argument) => !separate(argument)))}`
  const titled = grammar.commandsTitle === undefined ? '' : `\n${grammar.commandsTitle}:\n${commands}`
  const sections = [...new Set(grammar.arguments.map(({ section }) => section).filter((section) => section !== undefined))].map(
    (section) => `\n${section}:\n${noteOf(grammar, section)}${lines(grammar.arguments.filter((argument) => argument.section === section))}`,
  )
  const notes = (grammar.mutexes ?? []).map(({ note }, index) =>
    note === undefined ? '' : `\n  ${wrap(note, WIDTH, 2, '  ')}\n\n${lines(grammar.arguments.filter(({ mutex }) => mutex === index))}`,
  )
  return `${description}${positional}${optional}${titled}${sections.join('')}${notes.join('')}`
}

function noteOf({ sectionNotes }: Grammar, section: string): string {
  const note = sectionNotes?.[section]
  return note === undefined ? '' : `  ${wrap(note, WIDTH, 2, '  ')}\n\n`
}

const rootOf = (place: Place): Grammar => (place.parent === undefined ? place.grammar : rootOf(place.parent))

function argumentHelp(argument: Argument, defaultHelp: boolean): string {
  const title = argument.flags.map((flag) => `${flag}${metavarOf(argument)}`).join(', ')
  const ending = defaultHelp && argument.default !== undefined ? `${argument.help === '' ? '' : ' '}(default: ${argument.default})` : ''
  return entry(title, argument.help + ending)
}

function entry(title: string, text: string): string {
  if (text === '') return `  ${title}\n`
  const gap = title.length <= 21 ? ' '.repeat(HELP_INDENT - title.length - 2) : `\n${' '.repeat(HELP_INDENT)}`
  return `  ${title}${gap}${wrap(text, WIDTH, HELP_INDENT, ' '.repeat(HELP_INDENT))}\n`
}

/** Lines of full width: their blanks are stretched, but for the last. */
function wrap(text: string, width: number, initialOffset: number, indent: string): string {
  let result = ''
  let line = ''
  let currentWidth = initialOffset
  for (const word of breakableParts(text)) {
    currentWidth += word.length
    if (currentWidth > width) {
      result += `${stretched(line, width, currentWidth - word.length)}\n${indent}`
      line = ''
      currentWidth = indent.length + word.length
    }
    line += word
    if (word.endsWith('\n')) {
      result += line + indent
      line = ''
      currentWidth = indent.length
    }
  }
  return result + line
}

function stretched(raw: string, width: number, rawWidth: number): string {
  const line = raw.replace(/^ +| +$/g, '')
  const blocks = line.match(/ +/g)?.length ?? 0
  if (blocks === 0) return line
  const needed = width - (rawWidth - (raw.length - line.length))
  const each = Math.trunc(needed / blocks)
  const rest = needed % blocks
  const first = Math.trunc((blocks - rest + 1) / 2)
  let block = 0
  return line.replace(/ +/g, (blanks) => {
    const more = each + (first <= block && block < first + rest ? 1 : 0)
    block++
    return blanks + ' '.repeat(Math.max(0, more))
  })
}
