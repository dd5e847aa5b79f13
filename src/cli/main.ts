import type { CommandClass } from './base-command.ts'
import { type CommandTable, resolveCommand } from './command-tree.ts'
import { Fault, failureLine, failureOf, hintOf } from './fault.ts'
import type { OutputFormat } from './flags.ts'
import type { ItemTable } from './render/item-shape.ts'
import { printableLines } from './render/printable.ts'
import { processShell, type Shell, withoutSecrets, writeTo } from './shell.ts'
import { version } from './version.ts'

interface CommandTables {
  readonly commands: CommandTable
  readonly topics: Readonly<Record<string, string>>
}

/**
 * Runs one command line; `bin/run.js` and `bin/dev.js` call it. Only the module of the command asked for is loaded.
 * oclif parses flags and words help; finding commands through it would load all of them.
 */
export async function main(argv: readonly string[], shell: Shell = processShell()): Promise<void> {
  const { commands, topics } = await besideCommands<CommandTables>('index')
  await runCommandLine(argv, shell, commands, topics)
  if (shell.exitCode !== 0 && shell.env === process.env) process.exitCode = shell.exitCode
}

/** A table that lives beside the commands; its path is computed because no room knows a command. */
function besideCommands<T>(name: string): Promise<T> {
  const extension = import.meta.filename.endsWith('.ts') ? 'ts' : 'js'
  return import(new URL(`../../commands/${name}.${extension}`, import.meta.url).href)
}

async function runCommandLine(
  argv: readonly string[],
  shell: Shell,
  commands: CommandTable,
  topics: Readonly<Record<string, string>>,
): Promise<void> {
  // What follows the name of one of Kafka's tools is in the language of that tool.
  if (argv[0] === 'compat' && /^(kafka|connect)-/.test(argv[1] ?? ''))
    return (await import('./compat-tool.ts')).runCompatTool(argv.slice(1), shell)
  const beforeDashes = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv
  const asksHelp = argv[0] === 'help' || beforeDashes.includes('--help') || beforeDashes.includes('-h')
  const words = asksHelp ? argv.filter((word, index) => word !== '--help' && word !== '-h' && !(index === 0 && word === 'help')) : argv
  const found = resolveCommand(words, Object.keys(commands))
  if (found.kind === 'unknown') {
    const help = `See tkafka ${found.family === undefined ? '' : `${found.family} `}--help.`
    const hint = found.close === undefined ? help : `Did you mean tkafka ${found.close}? ${help}`
    return noCommand(shell, 'tkafka', argv, new Fault(`there is no command ${found.words}`, { exitCode: 2, hint }))
  }
  const isAsked = asksHelp || ['--version', '-V', '--help-json'].some((word) => words.includes(word))
  if (found.kind === 'topic' && !isAsked && found.rest.length > 0) {
    const noun = found.id === '' ? '' : `${found.id} `
    const fault = new Fault('which command?', { exitCode: 2, hint: `See tkafka ${noun}--help.` })
    return noCommand(shell, `tkafka ${noun}`.trim(), argv, fault)
  }
  const asksTree = beforeDashes.includes('--help-json')
  if (found.kind === 'topic' || asksHelp || asksTree) {
    if (words[0] === '--version' || words[0] === '-V') return void shell.stdout.write(`tkafka ${version}\n`)
    const { topicHelp, treeAsJson } = await import('./topic-help.ts')
    if (asksTree) shell.stdout.write(await treeAsJson(commands, found.id, (await shell.host()).clock.now()))
    else if (found.kind === 'topic') shell.stdout.write(await topicHelp(found.id, commands, topics, shell))
    else shell.stdout.write(await (await import('./help.ts')).commandHelp(found.id, (await commands[found.id]!()).default, shell))
    return
  }
  const { default: command } = await commands[found.id]!()
  const { askedFormat } = await import('./base-command.ts')
  if (askedFormat(found.rest, command) === 'schema') return void shell.stdout.write(await schemaText(found.id))
  await runCommand(command, found.id, found.rest, shell)
}

async function schemaText(id: string): Promise<string> {
  const { itemsOf } = await besideCommands<{ itemsOf(id: string): Promise<ItemTable[string]> }>('items')
  const { envelopeSchema } = await import('./render/item-shape.ts')
  return `${JSON.stringify(envelopeSchema(`tkafka ${id}`, await itemsOf(id)), null, 2)}\n`
}

/** One command that was found, with what follows its words. */
export async function runCommand(Command: CommandClass, id: string, argv: string[], shell: Shell): Promise<void> {
  const command = new Command(argv, id, shell)
  try {
    await command.execute()
  } catch (error) {
    const { askedFormat } = await import('./base-command.ts')
    // A line that cannot be understood has set none.
    const format = command.outputFormat === 'text' ? askedFormat(argv, Command) : command.outputFormat
    // Standard output stays readable for programs, also when nothing came of it.
    if (isDocument(format) && !command.hasRendered) await command.renderFailure(error, format)
    await fail(shell, `tkafka ${id}`, error, command.isVerbose)
  }
}

const isDocument = (format: OutputFormat | undefined): format is 'json' | 'yaml' => format === 'json' || format === 'yaml'

/** Which command was meant nobody knows; how its output was to look the words may say all the same. */
async function noCommand(shell: Shell, who: string, argv: readonly string[], fault: Fault): Promise<void> {
  const { askedFormat, failureEnvelope } = await import('./base-command.ts')
  const format = askedFormat(argv, {})
  if (isDocument(format)) await writeTo(shell.stdout, await failureEnvelope(shell, fault, format, null))
  await fail(shell, who, fault, false)
}

/** Says what failed and what to do next. Only a bug, or --verbose, shows a trace. */
async function fail(shell: Shell, who: string, error: unknown, verbose: boolean): Promise<void> {
  const { inWords, nextStep } = await import('./error-words.ts')
  const failure = inWords(failureOf(error))
  const hint = hintOf(error) || nextStep(failure)
  const bug =
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof ReferenceError ||
    (error as Error)?.name === 'AssertionError'
  const trace = (verbose || bug) && error instanceof Error ? `${error.stack}\n` : ''
  shell.stderr.write(withoutSecrets(shell, printableLines(`${who}: ${failureLine(failure)}\n${hint === '' ? '' : `  ${hint}\n`}${trace}`)))
  if (shell.exitCode === 0) shell.exitCode = error instanceof Fault ? error.exitCode : 1
}
