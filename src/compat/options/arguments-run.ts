import { JavaException } from '../java/exception.ts'
import type { ToolIo } from '../tool.ts'
import { argumentFault } from './argument-help.ts'
import { ArgumentError, type Grammar, HelpWanted, type Namespace, parseArguments, TextWanted } from './argument-parser.ts'

/** An exception of which tools tell the message alone. */
export const terse = (text: string): JavaException => new JavaException('org.apache.kafka.tools.TerseException', text)

/** Parses and runs. Tells the help with `helpCode`, and what does not fit the grammar with 1. */
export async function withArguments(
  grammar: Grammar,
  args: readonly string[],
  io: ToolIo,
  helpCode: number,
  work: (namespace: Namespace) => Promise<number>,
  tellFault: (error: ArgumentError) => string = argumentFault,
): Promise<number> {
  try {
    return await work(parseArguments(grammar, args))
  } catch (error) {
    if (error instanceof HelpWanted) {
      io.out(error.text)
      return helpCode
    }
    if (error instanceof TextWanted) {
      io.out(error.text)
      return 0
    }
    if (!(error instanceof ArgumentError)) throw error
    io.err(tellFault(error))
    return 1
  }
}
