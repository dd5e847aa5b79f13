import type { Command } from '@oclif/core/command'
import type * as Interfaces from '@oclif/core/interfaces'
import * as Parser from '@oclif/core/parser'
import { nearest } from '../base/index.ts'
import { type FailedItem, Fault, failureLine, failureOf, hintOf, usageFault } from './fault.ts'
import { Flags, type OutputFormat, outputFlags, outputFormats } from './flags.ts'
import { orStopped } from './or-stopped.ts'
import { parserWords, sortColumn } from './parser-words.ts'
import { printable, printableLines } from './render/printable.ts'
import type { EnvelopeCluster, RenderOptions } from './render/render.ts'
import type { View } from './render/view.ts'
import { type Shell, withoutSecrets, writeTo } from './shell.ts'
import { pause, Watch } from './watch.ts'

type FlagSet = Record<string, Interfaces.Flag<unknown> & { char?: string; aliases?: string[]; charAliases?: string[] }>

/** The class of a command as the table of commands holds it. */
export type CommandClass = (new (
  argv: string[],
  id: string,
  shell: Shell,
) => BaseCommand) &
  Pick<typeof BaseCommand, 'flags' | 'familyFlags' | 'args' | 'summary' | 'description' | 'examples' | 'usage'>

/**
 * What all commands share, in the shape of oclif's commands, whose parser and help they use: they parse, call whoever does the work, and hand data to a renderer.
 *
 * Invariants: data goes to standard output, everything else to standard error; an item that failed makes the exit code 1.
 */
export abstract class BaseCommand {
  static summary: string
  static description?: string
  static examples: Command.Example[] = []
  static usage?: string
  static args: Interfaces.ArgInput = {}
  static flags: Interfaces.FlagInput = {}
  /** Flags of the family, e.g. of all commands that talk to a cluster. */
  static familyFlags: object = {}

  protected readonly argv: readonly string[]
  protected readonly id: string
  protected readonly shell: Shell
  /** Closed in reverse order when the command ends, however it ends. */
  protected readonly scope = new AsyncDisposableStack()
  protected output: OutputFormat = 'text'
  protected quiet = false
  protected verbose = false
  #view: Pick<RenderOptions, 'columns' | 'sort' | 'filter' | 'headers' | 'color'> = { headers: true, color: false }

  constructor(argv: readonly string[], id: string, shell: Shell) {
    this.argv = argv
    this.id = id
    this.shell = shell
  }

  abstract run(): Promise<void>

  get outputFormat(): OutputFormat {
    return this.output
  }

  get isVerbose(): boolean {
    return this.verbose
  }

  /** Which cluster the items are of, as the envelope names it. */
  protected get cluster(): EnvelopeCluster | null {
    return null
  }

  /** Something went to standard output already. */
  get hasRendered(): boolean {
    return this.#rendered
  }

  #rendered = false

  /** The envelope of a command that failed as a whole. */
  async renderFailure(error: unknown, format: OutputFormat = this.output): Promise<void> {
    await this.write(await failureEnvelope(this.shell, error, format, this.cluster))
  }

  async execute(): Promise<void> {
    try {
      await this.run()
      if (this.#watch !== undefined) await this.#runAgain(this.#watch)
    } catch (error) {
      if (!(error instanceof Error) || error instanceof Fault) throw error
      const better = await this.betterStep(failureOf(error))
      if (better === '' && hintOf(error) !== '') throw error
      throw Object.assign(error, { hint: better || (await this.nextStep(failureOf(error))) })
    } finally {
      await this.scope.disposeAsync()
    }
  }

  #watch: Watch | undefined

  /** Until it is told to stop. A round that fails is told, and the next one may succeed. */
  async #runAgain({ everyMs }: Watch): Promise<void> {
    const stop = this.shell.stopSignal()
    const { clock } = await this.shell.host()
    while (await pause(clock, everyMs, stop)) {
      this.shell.exitCode = 0
      const round = this.run().catch(async (error: unknown) => {
        if (!stop.aborted) await this.reportFailures([failureOf(error)], hintOf(error))
      })
      await orStopped(round, stop)
    }
  }

  /** Parses the command line; the shared flags take effect. @throws Fault (usage) */
  protected async read<C extends CommandFlags>(command: C): Promise<{ flags: FlagValues<C>; args: ArgValues<C>; argv: string[] }> {
    const set = flagSetOf(this.constructor as typeof BaseCommand)
    const argv = parserWords(this.argv, set)
    let parsed: Awaited<ReturnType<typeof Parser.parse>>
    try {
      parsed = await Parser.parse(argv, { flags: set, args: command.args ?? {}, strict: command.strict !== false, context: {} } as never)
    } catch (error) {
      throw asUsageFault(error, set, this.id)
    }
    const flags = parsed.flags as Record<string, unknown>
    const isGiven = (name: string): boolean => flags[name] !== undefined && parsed.metadata.flags[name]?.setFromDefault !== true
    const outputOf = (): OutputFormat => (flags.json === true ? 'json' : ((flags.output as OutputFormat | undefined) ?? 'text'))
    this.output = outputOf()
    await this.prepare(flags, isGiven)
    this.output = outputOf()
    if (flags.watch !== undefined) this.#watch ??= new Watch(flags.watch as string, this.output)
    this.quiet = flags.quiet === true
    this.verbose = flags.verbose === true
    const { env, stdout } = this.shell
    const color = flags['no-color'] !== true && (env.NO_COLOR ?? '') === '' && ((env.FORCE_COLOR ?? '') !== '' || stdout.isTTY === true)
    this.#view = {
      headers: flags['no-headers'] !== true && this.#watch?.isTableUnderWay !== true,
      color,
      ...(flags.columns === undefined ? {} : { columns: flags.columns as string }),
      ...(flags.sort === undefined ? {} : { sort: sortColumn(flags.sort as string) }),
      ...(flags.filter === undefined ? {} : { filter: flags.filter as string[] }),
    }
    return { flags: flags as FlagValues<C>, args: parsed.args as ArgValues<C>, argv: parsed.argv as string[] }
  }

  /** Before anything is done: what surrounds the command may have defaults for flags that were not given, or forbid it. @throws Fault */
  protected async prepare(_flags: Record<string, unknown>, _isGiven: (name: string) => boolean): Promise<void> {}

  /** Rows of a table were asked for, by format or by column, where the command would tell more freely. */
  protected get wantsRows(): boolean {
    const { columns, sort, filter } = this.#view
    return this.output === 'csv' || this.output === 'awk' || (columns ?? sort ?? filter) !== undefined
  }

  /** Prints items in the format asked for. Items that failed go to standard error, and into the envelope. */
  protected async render<T>(view: View<T>): Promise<void> {
    const { renderView } = await import('./render/render.ts')
    const failures = view.errors ?? []
    const errors = failures.length === 0 ? failures : await toldFailures(this.shell, failures)
    const text = await renderView(view.errors === undefined ? view : { ...view, errors }, {
      ...this.#view,
      format: this.output,
      cluster: this.cluster,
      time: (await this.shell.host()).clock.now(),
      width: this.shell.stdout.columns,
    })
    if (this.#watch !== undefined) await this.write(this.#watch.frame(text, this.shell.stdout))
    else if (text !== '') await this.write(text)
    await this.reportFailures(failures)
  }

  readonly #toldNext = new Set<string>()

  /** A line each; what to do next (`hint`, where the failure brought one) once for all failures of a kind. */
  protected async reportFailures(failures: readonly FailedItem[], hint = ''): Promise<void> {
    if (failures.length === 0) return
    const { inWords } = await import('./error-words.ts')
    for (const failure of failures) {
      this.tell(`tkafka ${this.id}: ${failureLine(inWords(failure))}`, 'always')
      const next = hint || (await this.nextStep(failure))
      if (next !== '' && !this.#toldNext.has(next)) this.tell(`  ${next}`, 'always')
      this.#toldNext.add(next)
    }
    if (this.shell.exitCode === 0) this.shell.exitCode = 1
  }

  /** What to do about a failure; commands know more than the error says. */
  protected async nextStep(failure: FailedItem): Promise<string> {
    return (await import('./error-words.ts')).nextStep(failure)
  }

  /** What to do about a failure that the command knows better than the failure itself; empty: it does not. */
  protected async betterStep(_failure: FailedItem): Promise<string> {
    return ''
  }

  protected async write(chunk: string | Uint8Array): Promise<void> {
    if (chunk.length === 0) return
    this.#rendered = true
    await writeTo(this.shell.stdout, chunk)
  }

  /** A remark for people, on standard error; silent with --quiet unless it must be said. */
  protected tell(line: string, when: 'unless quiet' | 'always' = 'unless quiet'): void {
    if (when === 'always' || !this.quiet) void writeTo(this.shell.stderr, `${withoutSecrets(this.shell, printableLines(line))}\n`)
  }

  protected async pause(ms: number): Promise<void> {
    const { clock } = await this.shell.host()
    await new Promise<void>((resolve) => void clock.after(ms, resolve))
  }

  /** What was asked is so: no, or not yet. A failure told before counts more. */
  protected answerNo(): void {
    if (this.shell.exitCode === 0) this.shell.exitCode = 3
  }

  /** For verbs that are told by a flag of their own to go ahead: asks only where a name has to be typed, and somebody can. */
  protected async confirmNamed(plan: readonly string[], question: string): Promise<void> {
    if (this.nameToConfirm === undefined || this.shell.stdin.isTTY !== true || this.shell.stderr.isTTY !== true) return
    await this.confirm({ yes: false }, plan, question)
  }

  /** What has to be typed where y is not enough. */
  protected get nameToConfirm(): string | undefined {
    return undefined
  }

  /** Shows what will be destroyed and asks. @throws Fault (usage) when nobody can be asked, Fault when the answer is no */
  protected async confirm(flags: { yes: boolean }, plan: readonly string[], question: string): Promise<void> {
    if (flags.yes) return
    for (const line of plan) this.tell(printable(line), 'always')
    if (this.shell.stdin.isTTY !== true || this.shell.stderr.isTTY !== true) {
      throw usageFault(`${question} Nobody can be asked here.`, 'Add --yes to go ahead, or --dry-run to look first.')
    }
    const { ask, askForName } = await import('./ask.ts')
    const name = this.nameToConfirm
    const agreed = name === undefined ? ask(this.shell, printable(question)) : askForName(this.shell, printable(question), name)
    if (!(await agreed)) throw usageFault('nothing was changed')
  }
}

/** All flags of a command as the parser and the help see them: letters and aliases that it uses itself are taken from the shared ones. */
export function flagSetOf(command: { flags?: object; familyFlags?: object }): FlagSet {
  const shared = { ...outputFlags, ...command.familyFlags } as unknown as FlagSet
  const own = (command.flags ?? {}) as unknown as FlagSet
  const names = new Set(Object.entries(own).flatMap(([name, flag]) => [name, flag.char ?? '', ...(flag.aliases ?? [])]))
  const letters = new Set(Object.values(own).flatMap((flag) => [flag.char ?? '', ...(flag.charAliases ?? [])]))
  const set: FlagSet = {}
  for (const [name, flag] of Object.entries(shared)) {
    if (names.has(name)) continue
    const copy = { ...flag, aliases: (flag.aliases ?? []).filter((alias) => !names.has(alias)) }
    if (copy.char !== undefined && letters.has(copy.char)) delete copy.char
    if (name === 'output' && !letters.has('o')) copy.char = 'o'
    set[name] = copy
  }
  return { ...own, ...set, help: Flags.boolean({ char: 'h', summary: 'explain this command' }) as unknown as FlagSet[string] }
}

/** As they may be printed. */
async function toldFailures(shell: Shell, failures: readonly FailedItem[]): Promise<FailedItem[]> {
  const { inWords } = await import('./error-words.ts')
  return failures.map(inWords).map((each) => ({ ...each, message: withoutSecrets(shell, each.message) }))
}

/** What programs read where nothing came of a command line, or of a command that there is not. */
export async function failureEnvelope(
  shell: Shell,
  error: unknown,
  format: OutputFormat,
  cluster: EnvelopeCluster | null,
): Promise<string> {
  const { renderView } = await import('./render/render.ts')
  const view = { kind: 'Failure', items: [], columns: [], errors: await toldFailures(shell, [failureOf(error)]) }
  const time = (await shell.host()).clock.now()
  return renderView(view, { headers: true, color: false, format, cluster, time, width: undefined })
}

/** The format that a command line asks for, under any name of that flag, whether or not the rest of the line can be understood. */
export function askedFormat(argv: readonly string[], command: { flags?: object; familyFlags?: object }): OutputFormat | undefined {
  const { output } = flagSetOf(command)
  const names = [...(output?.aliases ?? []), 'output'].map((name) => `--${name}`)
  const letter = output?.char === undefined ? undefined : `-${output.char}`
  const end = argv.indexOf('--')
  const words = end < 0 ? argv : argv.slice(0, end)
  const asked = words.flatMap((word, index) => {
    if (word === '--json') return ['json']
    if (names.includes(word) || word === letter) return [words[index + 1] ?? '']
    const name = names.find((each) => word.startsWith(`${each}=`))
    if (name !== undefined) return [word.slice(name.length + 1)]
    return letter !== undefined && word.startsWith(letter) ? [word.slice(letter.length)] : []
  })
  return asked.includes('schema') ? 'schema' : outputFormats.find((format) => format === asked.at(-1))
}

/** The static side of a command, as far as parsing needs it. */
interface CommandFlags {
  flags?: object
  familyFlags?: object
  args?: object
  strict?: boolean
}

type FlagValues<C extends CommandFlags> = Interfaces.InferredFlags<
  typeof outputFlags & NonNullable<C['flags']> & NonNullable<C['familyFlags']>
>
type ArgValues<C extends CommandFlags> = Interfaces.InferredArgs<NonNullable<C['args']>>

function asUsageFault(error: unknown, set: FlagSet, id: string): Error {
  const help = `See tkafka ${id} --help.`
  const { message, flags } = error as { message: string; flags?: string[] }
  if (Array.isArray(flags) && flags.every((flag) => typeof flag === 'string') && message.startsWith('Nonexistent')) {
    const known = Object.entries(set).flatMap(([name, flag]) => [name, ...(flag.aliases ?? [])])
    const unknown = flags[0]!
    const close = nearest(unknown.replace(/^-+/, '').split('=')[0]!, known)
    return usageFault(`there is no flag ${flags.join(', ')}`, close === undefined ? help : `Did you mean --${close}? ${help}`)
  }
  const missing = [...message.matchAll(/Missing required flag (\S+)/g)].map(([, name]) => `--${name}`)
  if (missing.length > 0) return usageFault(`${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing`, help)
  const [, one, other] = /(--\S+?)(?:=.*)? cannot also be provided when using (--\S+)/s.exec(message) ?? []
  if (other !== undefined) return usageFault(`${one} and ${other} exclude each other`, help)
  const clean = message
    .replace(/\n?See more help with --help/g, '')
    .replace(/\nNote: .*/s, '')
    .replace(/^Parsing (--\S+) \n\t/, '$1: ')
  return usageFault(`${clean.charAt(0).toLowerCase()}${clean.slice(1)}`.trim(), help)
}
