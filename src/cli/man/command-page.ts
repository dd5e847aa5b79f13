import type { CommandDescription, FlagDescription } from '../command-description.ts'
import { pasteable } from '../pasteable.ts'
import { version } from '../version.ts'
import { bold, entry, italic, line, literal, paragraph, section, subsection, title } from './roff.ts'

/** Lines of examples are broken beyond this. */
const EXAMPLE_WIDTH = 76

export const pageName = (command: string): string => (command === '' ? 'tkafka' : `tkafka-${command.replaceAll(' ', '-')}`)
const source = `tkafka ${version}`

/** The page of one command, in section 1. */
export function commandPage(described: CommandDescription, others: readonly string[]): string {
  const { command, summary, description, usage } = described
  const shown = described.flags.filter(({ hidden }) => !hidden)
  const own = shown.filter(({ group }) => group === 'own')
  const shared = [
    ...(shown.some(({ group }) => group === 'connection') ? ['connection'] : []),
    ...(shown.some(({ group }) => group === 'output') ? ['output'] : []),
  ]
  const also = shared.length === 0 ? '' : paragraph(`Besides, it understands the ${shared.join(' and ')} options of tkafka(1).`)
  return [
    title(pageName(command), 1, source),
    section('name', `${pageName(command).replaceAll('-', '\\-')} \\- ${line(summary)}`),
    section('synopsis', `${bold(usage.replace(' [FLAGS]', ''))} [${italic('options')}]\n`),
    section('description', description === null ? '' : line(description)),
    section('arguments', described.arguments.map((each) => entry(italic(each.name.toUpperCase()), argumentText(each))).join('')),
    section('options', own.map(flagEntry).join('') + also),
    section('examples', examplesText(described)),
    section('see also', `${['tkafka', ...others.map(pageName)].map((name) => `${bold(name)}(1)`).join(',\n')}\n`),
  ].join('')
}

const argumentText = ({ description, required, values }: CommandDescription['arguments'][number]): string =>
  [description, ...(values === null ? [] : [`one of ${values.join(', ')}`]), ...(required ? ['required'] : [])].join('; ')

function flagEntry({ name, char, aliases, summary, valueName, values, default: byDefault, required, multiple }: FlagDescription): string {
  const names = [...(char === null ? [] : [`-${char}`]), `--${name}`].map(bold).join(', ')
  const remarks = [
    ...(values === null ? [] : [`one of ${values.join(', ')}`]),
    ...(typeof byDefault === 'string' && byDefault !== '' ? [`default: ${byDefault}`] : []),
    ...(multiple ? ['may come several times'] : []),
    ...(required ? ['required'] : []),
    ...(aliases.length === 0 ? [] : [`also --${aliases.join(', --')}`]),
  ]
  const value = valueName === null ? '' : ` ${italic(values === null ? valueName : 'WORD')}`
  return entry(`${names}${value}`, [summary, ...remarks].join('; '))
}

const examplesText = ({ examples }: CommandDescription): string =>
  examples
    .map(
      ({ description, command }) =>
        `${description === null ? '' : paragraph(description)}${literal(pasteable(command, EXAMPLE_WIDTH, ''))}`,
    )
    .join('')

/** tkafka(1): all commands, and what they share. */
export function mainPage(all: readonly CommandDescription[], topics: Readonly<Record<string, string>>): string {
  const shared = new Map(all.flatMap(({ flags }) => flags.filter(({ group }) => group !== 'own').map((flag) => [flag.name, flag] as const)))
  const of = (group: FlagDescription['group']): string =>
    [...shared.values()]
      .filter((flag) => flag.group === group)
      .map(flagEntry)
      .join('')
  const nouns = [...new Set(all.map(({ command }) => command.split(' ')[0]!))]
  const commands = nouns.map((noun) => {
    const below = all.filter(({ command }) => command === noun || command.startsWith(`${noun} `))
    return subsection(
      `${noun}${topics[noun] === undefined ? '' : `: ${topics[noun]}`}`,
      below.map(({ command, summary }) => entry(bold(`tkafka ${command}`), summary)).join(''),
    )
  })
  return [
    title('tkafka', 1, source),
    section('name', `tkafka \\- ${line('an Apache Kafka compatible broker and its tools')}`),
    section('synopsis', `${bold('tkafka')} ${italic('command')} [${italic('options')}]\n`),
    section(
      'description',
      line(
        'Every command works with the clusters of tkafka and of Apache Kafka. Each has a page of its own, tkafka-COMMAND(1), and --help.',
      ) +
        paragraph(
          'The words of a command come first; options may stand before, between and behind them. Names of nouns may be singular, and those of Apache Kafka\u2019s own tools are understood, as kafka-topics --create.',
        ),
    ),
    section('commands', commands.join('')),
    section('connection options', of('connection')),
    section('output options', of('output')),
    section('exit status', exits.map(([code, meaning]) => entry(bold(code), meaning)).join('')),
    section('environment', environment.map(([name, meaning]) => entry(bold(name), meaning)).join('')),
    section('files', files.map(([name, meaning]) => entry(italic(name), meaning)).join('')),
    section('see also', `${bold('tkafka-config')}(5)\n`),
  ].join('')
}

const exits = [
  ['0', 'It is done.'],
  ['1', 'Something failed, be it one item of many.'],
  ['2', 'The command line is wrong, or what it asks for is refused; nothing was changed.'],
  ['3', 'The answer is no, or not yet: an unhealthy cluster, moves that are under way.'],
  ['130, 143', 'It was interrupted, or told to end.'],
] as const

const environment = [
  ['TKAFKA_BOOTSTRAP_SERVER', 'As --bootstrap-server.'],
  ['TKAFKA_PROFILE', 'As --profile.'],
  ['TKAFKA_CONFIG', 'As --command-config.'],
  ['TKAFKA_X_KEY', 'As --command-property, e.g. TKAFKA_X_REQUEST_TIMEOUT_MS.'],
  ['NO_COLOR, FORCE_COLOR', 'Whether output has colors; otherwise it has them on a terminal.'],
] as const

const files = [
  ['~/.config/tkafka/profiles.yaml', 'The profiles; below XDG_CONFIG_HOME where that is set.'],
  ['.tkafka.yaml', 'Profiles of the working directory.'],
  ['~/.cache/tkafka', 'What completion offers, and compiled code; may be deleted at any time.'],
] as const
