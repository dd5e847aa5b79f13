import { JavaException } from '../java/exception.ts'
import { kafkaVersion, ToolExit, type ToolIo } from '../tool.ts'
import { optionHelp } from './option-help.ts'
import { type Declaration, OptionSet, parseOptions } from './option-parser.ts'

const inBrackets = (name: string): string => `[${name}]`

/** A parsed command line with the checks that Kafka's tools make of theirs, in Kafka's words. What fails ends the tool. */
export class CommandLine extends OptionSet {
  readonly args: readonly string[]
  readonly io: ToolIo

  private constructor(parsed: OptionSet, args: readonly string[], io: ToolIo) {
    super(parsed.declarations, parsed.values, parsed.order)
    this.args = args
    this.io = io
  }

  /** @throws JavaException of joptsimple */
  static parse(declarations: readonly Declaration[], args: readonly string[], io: ToolIo): CommandLine {
    return new CommandLine(parseOptions(declarations, args), args, io)
  }

  /** As `parse`; what it refuses is told with the whole help. @throws ToolExit 1 */
  static parseOrUsage(declarations: readonly Declaration[], args: readonly string[], io: ToolIo): CommandLine {
    try {
      return CommandLine.parse(declarations, args, io)
    } catch (error) {
      if (!(error instanceof JavaException)) throw error
      return new CommandLine(new OptionSet(declarations, new Map(), []), args, io).usage(`${error.text}`)
    }
  }

  /** The message and the whole help, on standard error. @throws ToolExit 1 */
  usage(message: string): never {
    this.io.err(`${message}\n${optionHelp(this.declarations)}`)
    throw new ToolExit(1)
  }

  helpOrVersion(message: string): void {
    if (this.args.length === 0 || this.has('help')) this.usage(message)
    if (this.has('version')) {
      this.io.out(`${kafkaVersion}\n`)
      throw new ToolExit(0)
    }
  }

  /** How many of these were given. */
  count(...names: readonly string[]): number {
    return names.filter((name) => this.has(name)).length
  }

  checkRequired(...names: readonly string[]): void {
    for (const name of names) if (!this.has(name)) this.usage(`Missing required argument "${inBrackets(name)}"`)
  }

  checkInvalid(used: string, ...invalid: readonly string[]): void {
    if (!this.has(used)) return
    for (const name of invalid) {
      if (this.has(name)) this.usage(`Option "${inBrackets(used)}" can't be used with option "${inBrackets(name)}"`)
    }
  }

  /** `usedText`: the used options as the message shows them. */
  checkInvalidTogether(used: readonly string[], usedText: string, invalid: readonly string[], trailing: string): void {
    if (!used.every((name) => this.has(name))) return
    for (const name of invalid) {
      if (this.has(name)) this.usage(`Option combination "${usedText}" can't be used with option "${inBrackets(name)}"${trailing}`)
    }
  }

  checkOneOf(...names: readonly string[]): void {
    if (this.count(...names) !== 1) this.usage(`Exactly one of the following arguments is required: ${names.map(inBrackets).join(', ')}`)
  }
}
